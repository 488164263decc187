"""Sends mail by SMTP. No address, text or server's answer reaches a log or an exception."""

import logging
import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from urllib.parse import unquote, urlsplit

TIMEOUT_SECONDS = 8
"""How long a mail server may take for each answer: a person is waiting."""

FAILURES = (OSError, smtplib.SMTPException, ValueError, MessageError, IndexError)
"""What the standard library raises; the last two for an address that is none."""

LOG = logging.getLogger(__name__)


class MailError(Exception):
    """A mail did not go out; the text names the kind of failure and nothing else."""


@dataclass(frozen=True)
class Mail:
    """A mail to one person."""

    to: str = field(repr=False)
    subject: str
    text: str = field(repr=False)
    language: str
    at: datetime


@dataclass(frozen=True)
class Mailer:
    """A mail server and the address that sends through it."""

    host: str
    port: int
    encrypted: bool
    """Whether the connection is encrypted from its start (smtps://)."""
    sender: str
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, url: str, sender: str) -> "Mailer | None":
        """Read a URL such as ``smtps://USER:PASSWORD@HOST:465``; give None for an empty one."""
        if not url:
            return None
        parts = urlsplit(url)
        encrypted = parts.scheme == "smtps"
        return cls(
            host=parts.hostname or "localhost",
            port=parts.port or (smtplib.SMTP_SSL_PORT if encrypted else smtplib.SMTP_PORT),
            encrypted=encrypted,
            sender=sender,
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )

    def send(self, mail: Mail) -> None:
        """Hand a mail to the server.

        Raises:
            MailError: when the server did not take it.
        """
        try:
            with self._connected() as server:
                server.send_message(self._message(mail))
        except FAILURES as error:
            # the server's words and the error's own name the address
            LOG.warning("a mail could not be sent (%s)", type(error).__name__)
            raise MailError(type(error).__name__) from None

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.encrypted:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=TIMEOUT_SECONDS, context=context
            )
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS)
        try:
            self._secured(server, context)
        except BaseException:
            server.close()
            raise
        return server

    def _secured(self, server: smtplib.SMTP, context: ssl.SSLContext) -> None:
        """Encrypt the connection where the server offers it, and log in."""
        server.ehlo()
        encrypted = self.encrypted
        if not encrypted and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
            encrypted = True
        if self.user is None:
            return
        if not encrypted:
            # a password is not sent in the clear
            raise smtplib.SMTPNotSupportedError
        server.login(self.user, self.password or "")

    def _message(self, mail: Mail) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = mail.to
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(mail.at)
        # our own domain, as the default one tells the name of the machine
        message["Message-ID"] = make_msgid(domain=self.sender.rpartition("@")[2].rstrip(">"))
        message["Content-Language"] = mail.language
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        return message
