"""One-time codes by e-mail, through a real SMTP server; without one, staff check who asks."""

import logging
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.codes import CODE_TRIES
from bot.limits import MAILS, MAILS_PER_TICKET
from bot.mail import Mail, Mailer, MailError
from bot.parts import Parts
from handlers.register import What
from handlers.tickets import Check, Status, Ticket
from knowledge.model import Language
from tests.conftest import NOW, Person

SENDER = "privacy@jetstax.example"
LANGUAGES = ["en", "fr", "nl", "ro"]
COPY = {
    "en": ("send me a copy of my data, ana@example.com", "yes"),
    "fr": ("je veux une copie de mes données, ana@example.com", "oui"),
    "nl": ("ik wil een kopie van mijn gegevens, ana@example.com", "ja"),
    "ro": ("vreau o copie a datelor mele, ana@example.com", "da"),
}


@dataclass
class Post:
    """What a mail server took in, and whether it takes anything."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    code: str = ""
    """The code in the latest mail."""
    refuses: bool = False

    async def handle_RCPT(  # noqa: N802 - the library's name and arguments
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient, or quote the address in the refusal as real servers do."""
        if self.refuses:
            return f"550 no such mailbox {address}"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep a mail."""
        content = message_from_bytes(envelope.content or b"", policy=policy.default)  # type: ignore[arg-type]
        assert isinstance(content, EmailMessage)
        self.mails.append(content)
        self.code = (re.findall(r"\b\d{6}\b", content.get_content()) or [""])[0]
        self.encrypted.append(server.transport.get_extra_info("ssl_object") is not None)
        return "250 OK"


def free_port() -> int:
    """Give a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def post() -> Iterator[Post]:
    """Run a mail server that speaks plain SMTP."""
    post = Post(free_port())
    controller = Controller(post, hostname="127.0.0.1", port=post.port)
    controller.start()
    yield post
    controller.stop()


@pytest.fixture
def mailing(make_parts: Callable[..., Parts], post: Post) -> Callable[..., Parts]:
    """Give a maker of programs that send through the mail server."""

    def make(now: datetime = NOW, url: str | None = None) -> Parts:
        smtp = {
            "PRIVACY_ASSISTANT_SMTP_URL": url or f"smtp://127.0.0.1:{post.port}",
            "PRIVACY_ASSISTANT_MAIL_FROM": SENDER,
        }
        return make_parts(now=now, **smtp)

    return make


class Requester(Person):
    """Somebody with one ticket."""

    @property
    def ticket(self) -> Ticket:
        """The only ticket."""
        [ticket] = self.parts.store.tickets()
        return ticket

    def events(self) -> list[What]:
        """Give what was done to the only ticket."""
        return [entry.event.what for entry in self.parts.store.register(self.ticket.reference)]

    @property
    def words(self) -> Language:
        """The language's wording."""
        return self.parts.knowledge.languages[self.language]


def ours(caplog: pytest.LogCaptureFixture) -> str:
    """Give what was logged, but for the test's own mail server."""
    records = [record for record in caplog.records if record.name != "mail.log"]
    return "\n".join(record.getMessage() for record in records)


def start(sentence: str) -> str:
    """Give what stands before a sentence's first value."""
    return sentence.partition("{")[0]


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_mailed_code_shows_who_asks(code: str, mailing: Callable[..., Parts], post: Post) -> None:
    ana = Requester(mailing(), code)
    filed = ana.says(*COPY[code])
    assert start(ana.words.phrases.code_sent) in filed.text
    [mail] = post.mails
    assert (mail["To"], mail["From"]) == ("ana@example.com", SENDER)
    company = ana.parts.knowledge.company
    assert mail["Subject"] == ana.words.phrases.mail_subject.format(company=company)
    expected = ana.words.phrases.mail_text.format(code=post.code, minutes=10, company=company)
    assert mail.get_content().split() == expected.split()
    assert ana.ticket.contacts[0].verified_at is None
    reply = ana.says(post.code)
    assert reply.language == code
    assert reply.text == ana.words.phrases.code_right.format(address="ana@example.com")
    assert ana.ticket.contacts[0].verified_at == NOW
    assert ana.ticket.contacts[0].check is Check.EMAIL_CODE
    assert ana.events() == [What.FILED, What.CODE_SENT, What.IDENTITY_CHECKED]


@pytest.mark.parametrize(
    ("wish", "mails"),
    [
        ("send me a copy of my data", 1),
        ("delete all my data", 1),
        ("send my data to another provider in a machine-readable file", 1),
        ("my street is wrong in your records, it is Kerkstraat 5 now", 1),
        ("stop marketing", 0),
        ("freeze my data until you have checked it, do not delete anything", 0),
        ("I want to talk to a person", 0),
    ],
)
def test_only_the_four_rights_that_give_or_change_data_get_a_code(
    wish: str, mails: int, mailing: Callable[..., Parts], post: Post
) -> None:
    ana = Requester(mailing())
    ana.says(wish)
    while not any(ana.parts.store.tickets()):
        reply = ana.says("ana@example.com")
        if reply.dialogue.draft and not reply.dialogue.draft.contacts:
            ana.says("skip")
        ana.says("yes")
    assert len(post.mails) == mails


def test_a_marketing_objection_asks_for_the_address_and_for_no_identity(
    mailing: Callable[..., Parts], post: Post
) -> None:
    ana = Requester(mailing())
    texts = [ana.says(text).text for text in ("stop marketing", "why?", "ana@example.com", "yes")]
    assert post.mails == []
    assert ana.ticket.request == "marketing_opt_out"
    phrases = ana.words.phrases
    for sentence in (phrases.code_sent, phrases.code_by_team, phrases.code_failed):
        assert not [text for text in texts if start(sentence) in text]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        *[("en", "{}"), ("en", "code {}"), ("en", "The code is {}."), ("en", "it's {}")],
        *[("nl", "de code is {}"), ("fr", "le code est le {}"), ("ro", "codul este {}")],
    ],
)
@pytest.mark.parametrize("spaced", [False, True])
def test_a_code_is_read_as_people_type_it(
    code: str, text: str, spaced: bool, mailing: Callable[..., Parts], post: Post
) -> None:
    ana = Requester(mailing(), code)
    ana.says(*COPY[code])
    digits = f"{post.code[:3]} {post.code[3:]}" if spaced else post.code
    ana.says(text.format(digits))
    assert ana.ticket.contacts[0].verified_at is not None


def wrong(code: str) -> str:
    """Give another code."""
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_a_wrong_code_shows_nothing_and_the_fifth_one_ends_it(
    mailing: Callable[..., Parts], post: Post
) -> None:
    ana = Requester(mailing())
    ana.says(*COPY["en"])
    for _ in range(CODE_TRIES):
        assert ana.says(wrong(post.code)).text == ana.words.phrases.code_wrong
    assert ana.says(post.code).text == ana.words.phrases.code_wrong
    assert ana.ticket.contacts[0].verified_at is None
    assert start(ana.words.phrases.code_sent) in ana.says("new code").text
    assert ana.says(post.code).text.startswith(start(ana.words.phrases.code_right))
    assert CODE_TRIES == 5


@pytest.mark.parametrize(("minutes", "works"), [(9.9, True), (10, False), (11, False)])
def test_a_code_works_for_ten_minutes(
    minutes: float, works: bool, mailing: Callable[..., Parts], post: Post
) -> None:
    ana = Requester(mailing())
    ana.says(*COPY["en"])
    ana.parts = mailing(now=NOW + timedelta(minutes=minutes))
    ana.says(post.code)
    assert (ana.ticket.contacts[0].verified_at is not None) == works


def test_a_code_works_once(mailing: Callable[..., Parts], post: Post) -> None:
    ana = Requester(mailing())
    ana.says(*COPY["en"])
    ana.says(post.code)
    assert ana.says(post.code).kind != "status"
    assert ana.events().count(What.IDENTITY_CHECKED) == 1


def test_a_code_of_somebody_else_proves_nothing(mailing: Callable[..., Parts], post: Post) -> None:
    ana, eve = Requester(mailing()), Requester(mailing())
    ana.says(*COPY["en"])
    code = post.code
    eve.says("send me a copy of my data, eve@example.org", "yes")
    if post.code == code:  # one in a million
        return
    assert eve.says(code).text == eve.words.phrases.code_wrong
    assert not [c for t in eve.parts.store.tickets() for c in t.contacts if c.verified_at]


def test_a_new_code_makes_the_first_one_void_and_the_fourth_is_not_sent(
    mailing: Callable[..., Parts], post: Post
) -> None:
    ana = Requester(mailing())
    ana.says(*COPY["en"])
    first = post.code
    ana.says("I didn't get the code")
    assert len(post.mails) == 2
    if first != post.code:
        assert ana.says(first).text == ana.words.phrases.code_wrong
    ana.says("send it again")
    assert start(ana.words.phrases.code_enough) in ana.says("new code").text
    assert len(post.mails) == MAILS_PER_TICKET == 3
    assert ana.ticket.status is Status.RECEIVED


def test_who_is_asking_can_be_left_to_the_team(mailing: Callable[..., Parts], post: Post) -> None:
    for code, word in (("en", "skip"), ("nl", "overslaan"), ("fr", "passer"), ("ro", "sari peste")):
        ana = Requester(mailing(), code)
        ana.says(COPY[code][0].replace("ana@", f"ana.{code}@"), COPY[code][1])
        assert ana.says(word).text == ana.words.phrases.code_skipped
        assert ana.says(post.code).kind != "status"


@pytest.mark.parametrize(
    ("code", "why", "no"),
    [
        ("en", "why?", "no"),
        ("nl", "waarom?", "neen"),
        ("fr", "pourquoi ?", "non merci"),
        ("ro", "de ce?", "nu"),
    ],
)
def test_why_a_code_is_asked_for_is_told_and_a_no_leaves_it_to_the_team(
    code: str, why: str, no: str, mailing: Callable[..., Parts], post: Post
) -> None:
    ana = Requester(mailing(), code)
    ana.says(*COPY[code])
    assert ana.says(why).text == ana.words.requests["access"].needed
    assert ana.says(no).text == ana.words.phrases.code_skipped
    assert ana.ticket.status is Status.RECEIVED


def test_a_side_question_and_another_language_leave_the_code_open(
    mailing: Callable[..., Parts], post: Post
) -> None:
    ana = Requester(mailing())
    ana.says(*COPY["en"], "what does personal data mean?", "in het nederlands aub")
    assert ana.says(post.code).language == "nl"
    assert ana.ticket.contacts[0].verified_at is not None


def test_every_address_of_a_request_is_proved_by_itself(
    mailing: Callable[..., Parts], post: Post
) -> None:
    ana = Requester(mailing())
    ana.says("delete all my data, ana@example.com and ana@example.org", "yes")
    reply = ana.says(post.code)
    assert [mail["To"] for mail in post.mails] == ["ana@example.com", "ana@example.org"]
    assert "ana@example.org" in reply.text
    assert [bool(c.verified_at) for c in ana.ticket.contacts] == [True, False]
    ana.says(post.code)
    assert [bool(c.verified_at) for c in ana.ticket.contacts] == [True, True]


def test_a_code_typed_amid_the_next_request_is_taken_and_the_request_goes_on(
    mailing: Callable[..., Parts], post: Post
) -> None:
    ana = Requester(mailing())
    ana.says(*COPY["en"], "correct my data", "my street is Kerkstraat 5 now")
    reply = ana.says(f"code {post.code}")
    assert start(ana.words.phrases.code_right) in reply.text
    assert ana.words.phrases.read_back_ask in reply.text
    assert reply.dialogue.draft is not None


def test_of_two_wishes_the_second_is_read_back_beside_the_code(
    mailing: Callable[..., Parts], post: Post
) -> None:
    person, parts = Person(mailing()), mailing()
    phrases = parts.knowledge.languages["en"].phrases
    reply = person.says(
        "send me a copy of my data and stop the marketing, ana@example.com", phrases.yes_file
    )
    assert phrases.read_back_ask in reply.text
    labels = [button.label for button in reply.buttons]
    assert labels == [phrases.yes_file, phrases.no_change, phrases.cancel, phrases.new_code]
    reply = person.says(post.code)
    assert reply.text.startswith(phrases.code_right.format(address="ana@example.com"))
    assert phrases.read_back_ask in reply.text
    assert person.says("yes").ticket is not None
    assert {t.request for t in parts.store.tickets()} == {"access", "marketing_opt_out"}


def test_the_same_message_again_mails_nothing_more(
    mailing: Callable[..., Parts], post: Post
) -> None:
    assistant = mailing().assistant
    wish, yes = (assistant.message(text, "test", "en") for text in COPY["en"])
    token = assistant.answer(wish, None, "1").token
    first = assistant.answer(yes, token, "2").reply.text
    assert assistant.answer(yes, token, "2").reply.text == first
    assert len(post.mails) == 1
    assert "six-digit code" in first


def test_a_refused_mail_is_told_and_the_ticket_stays(
    mailing: Callable[..., Parts], post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    post.refuses = True
    ana = Requester(mailing())
    with caplog.at_level(logging.DEBUG):
        reply = ana.says(*COPY["en"])
    assert ana.words.phrases.code_failed.format(address="ana@example.com") in reply.text
    assert start(ana.words.phrases.code_sent) not in reply.text
    assert ana.events() == [What.FILED, What.CODE_FAILED]
    assert "ana@example.com" not in ours(caplog)
    post.refuses = False
    assert start(ana.words.phrases.code_sent) in ana.says("new code").text


def test_an_unreachable_mail_server_is_told_and_the_ticket_stays(
    mailing: Callable[..., Parts],
) -> None:
    ana = Requester(mailing(url=f"smtp://127.0.0.1:{free_port()}"))
    assert start(ana.words.phrases.code_failed) in ana.says(*COPY["en"]).text
    assert ana.ticket.status is Status.RECEIVED


@pytest.mark.parametrize("code", LANGUAGES)
def test_without_a_mail_server_the_reply_says_that_the_team_checks(code: str, parts: Parts) -> None:
    ana = Requester(parts, code)
    reply = ana.says(*COPY[code])
    assert ana.words.phrases.code_by_team in reply.text
    assert start(ana.words.phrases.code_sent) not in reply.text
    assert ana.events() == [What.FILED]


def test_a_request_with_a_number_only_is_left_to_the_team(
    mailing: Callable[..., Parts], post: Post
) -> None:
    ana = Requester(mailing())
    reply = ana.says("send me a copy of my data", "0470 12 34 56", "yes")
    assert ana.words.phrases.code_by_team in reply.text
    assert post.mails == []


def test_nobody_s_mailbox_can_be_filled(mailing: Callable[..., Parts], post: Post) -> None:
    for _ in range(MAILS.most + 2):
        ana = Requester(mailing())
        ana.says(*COPY["en"], "new code")
    assert len(post.mails) == MAILS.most


# the mailer by itself

MAIL = Mail("ana.secret@example.com", "Subject", "Text with é\n", "en", datetime.now(UTC))


def mailer(port: int, **changes: object) -> Mailer:
    """Give a mailer for a server on this machine."""
    return replace(Mailer("localhost", port, encrypted=False, sender=SENDER), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example.com", ("mail.example.com", 25, False, None, None)),
        ("smtps://mail.example.com", ("mail.example.com", 465, True, None, None)),
        ("smtp://a%40b:p%2Fw@mail.example.com:587", ("mail.example.com", 587, False, "a@b", "p/w")),
    ],
)
def test_a_mail_server_is_named_by_its_url(url: str, expected: tuple[object, ...]) -> None:
    found = Mailer.of(url, SENDER)
    assert found is not None
    assert (found.host, found.port, found.encrypted, found.user, found.password) == expected
    assert "p/w" not in repr(found)
    assert Mailer.of("", "") is None


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Make a certificate for localhost that this process trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def logs_in(
    server: SMTP, session: Session, envelope: Envelope, how: str, data: object
) -> AuthResult:
    """Let one user in."""
    login, password = getattr(data, "login", b""), getattr(data, "password", b"")
    return AuthResult(success=(login, password) == (b"us", b"pw"), handled=False)


class Wrapped(Controller):
    """A server whose connections are encrypted from their start."""

    def _trigger_server(self) -> None:
        with socket.create_connection((self.hostname, self.port), 5) as plain_socket:
            context = ssl.create_default_context()
            with context.wrap_socket(plain_socket, server_hostname="localhost") as secure:
                secure.recv(100)


def test_starttls_is_used_where_it_is_offered(certificate: ssl.SSLContext) -> None:
    post = Post(free_port())
    controller = Controller(
        post, "127.0.0.1", post.port, tls_context=certificate, authenticator=logs_in
    )
    controller.start()
    try:
        mailer(post.port).send(MAIL)
        mailer(post.port, user="us", password="pw").send(MAIL)  # noqa: S106 - of this test
        with pytest.raises(MailError):
            mailer(post.port, user="us", password="no").send(MAIL)  # noqa: S106
    finally:
        controller.stop()
    assert post.encrypted == [True, True]
    assert post.mails[0].get_content().strip() == MAIL.text.strip()


def test_smtps_is_encrypted_from_the_start(certificate: ssl.SSLContext) -> None:
    post = Post(free_port())
    controller = Wrapped(post, "127.0.0.1", post.port, ssl_context=certificate)
    controller.start()
    try:
        mailer(post.port, encrypted=True).send(MAIL)
    finally:
        controller.stop()
    assert post.encrypted == [True]


def test_a_server_that_nobody_vouches_for_gets_no_mail(
    certificate: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    post = Post(free_port())
    controller = Controller(post, "127.0.0.1", post.port, tls_context=certificate)
    controller.start()
    try:
        with pytest.raises(MailError):
            mailer(post.port).send(MAIL)
    finally:
        controller.stop()
    assert post.mails == []


def test_a_password_is_not_sent_in_the_clear(post: Post) -> None:
    with pytest.raises(MailError):
        mailer(post.port, user="us", password="pw").send(MAIL)  # noqa: S106


@pytest.mark.parametrize("to", ["ana.secret@example.com\nBcc: eve@example.org", "", "ana secret@"])
def test_an_address_cannot_smuggle_a_header_in(to: str, post: Post) -> None:
    with pytest.raises(MailError):
        mailer(post.port).send(replace(MAIL, to=to))
    assert post.mails == []


def test_a_failure_names_no_address(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    post.refuses = True
    with caplog.at_level(logging.DEBUG), pytest.raises(MailError) as caught:
        mailer(post.port).send(MAIL)
    told = f"{caught.value!r} {caught.value.__cause__!r} {caught.value.__suppress_context__}"
    assert "secret" not in told + ours(caplog) + repr(MAIL)
    assert caught.value.__suppress_context__
