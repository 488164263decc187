"""One-time codes: drawn, kept as a keyed hash, mailed, and compared with what is typed."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from bot.limits import MAILS, MAILS_PER_TICKET, Limiter
from bot.mail import Mail, Mailer, MailError
from handlers.casework import ASSISTANT
from handlers.identity import CODE_MINUTES, Sending
from handlers.register import Event, What
from handlers.store import Store
from handlers.tickets import Contact, Ticket
from knowledge.model import Knowledge

DIGITS = 6
"""A million codes; with five tries a guess succeeds once in 200 000 tickets."""
CODE_TRIES = 5
"""Codes that may be typed before a new one is needed."""
SENDINGS = frozenset({What.CODE_SENT, What.CODE_FAILED})


@dataclass(frozen=True)
class Codes:
    """What sends and checks one-time codes."""

    store: Store
    knowledge: Knowledge
    mailer: Mailer

    def send(self, ticket: Ticket, contact: Contact, language: str, now: datetime) -> Sending:
        """Mail a new code, after which an earlier one of the ticket is void.

        Raises:
            StoreError: when the code or its sending could not be written down.
        """
        before = sum(e.event.what in SENDINGS for e in self.store.register(ticket.reference))
        if before >= MAILS_PER_TICKET:
            return Sending.ENOUGH
        if not Limiter(self.store).allows(MAILS, contact.value, now):
            return Sending.ENOUGH
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        expires = now + timedelta(minutes=CODE_MINUTES)
        self.store.keep_code(ticket.reference, contact, code, now, expires)
        try:
            self.mailer.send(self._mail(contact, code, language, now))
        except MailError:
            self._record(What.CODE_FAILED, ticket, contact, now)
            return Sending.FAILED
        self._record(What.CODE_SENT, ticket, contact, now)
        return Sending.SENT

    def proved(self, reference: str, code: str, now: datetime) -> Contact | None:
        """Give the address that a typed code proves, once; a wrong one counts as a try."""
        if len(code) != DIGITS:
            return None  # a slip of the keyboard, which no code can be
        return self.store.try_code(reference, code, now, CODE_TRIES)

    def _mail(self, contact: Contact, code: str, language: str, now: datetime) -> Mail:
        phrases, company = self.knowledge.languages[language].phrases, self.knowledge.company
        return Mail(
            to=contact.value,
            subject=phrases.mail_subject.format(company=company),
            text=phrases.mail_text.format(code=code, minutes=CODE_MINUTES, company=company),
            language=language,
            at=now,
        )

    def _record(self, what: What, ticket: Ticket, contact: Contact, now: datetime) -> None:
        codes = MappingProxyType({"identifier": ticket.contacts.index(contact) + 1})
        self.store.record(Event(what, ticket.reference, ASSISTANT, now, codes))
