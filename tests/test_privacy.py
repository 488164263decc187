"""What people write does not reach a log, an exception's text or a representation."""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from bot.parts import Parts
from handlers.contract import Dialogue

SECRETS = ("ana.secret@example.com", "+32470123456", "0470 12 34 56", "zebra", "Kerkstraat")
MESSAGES = (
    "stop marketing to ana.secret@example.com, my zebra hates it",
    "correct my data",
    "I live in Kerkstraat 5 now with my zebra",
    "0470 12 34 56",
    "yes",
    "what about my zebra?",
)


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Log all that any library has to say."""
    with caplog.at_level(logging.DEBUG):
        yield caplog


def test_no_log_line_holds_what_a_person_wrote(
    client: FlaskClient, everything_logged: pytest.LogCaptureFixture
) -> None:
    token = None
    for text in MESSAGES:
        body = {"text": text, "conversation": token}
        answer = client.post("/api/v1/messages", json=body).get_json()
        token = answer["conversation"]
        client.post("/chat", data={"text": text})
        client.post("/api/v1/messages", json={**body, "extra": text})
        client.post("/api/v1/messages", data=text, content_type="application/json")
    logged = everything_logged.text + repr([r.args for r in everything_logged.records])
    assert not [secret for secret in SECRETS if secret in logged]


def test_no_representation_holds_what_a_person_wrote(parts: Parts) -> None:
    assistant, token = parts.assistant, None
    for text in MESSAGES:
        message = assistant.message(text, "test")
        before = assistant.store.conversation(token) if token else None
        turn = assistant.read(message, before.dialogue if before else Dialogue())
        answered = assistant.answer(message, token)
        token = answered.token
        shown = f"{message!r} {turn!r} {answered!r} {assistant.store.conversation(token)!r}"
        assert not [secret for secret in SECRETS if secret in shown]
    for ticket in parts.store.tickets():
        assert not [secret for secret in SECRETS if secret in repr(ticket)]


def test_an_exception_of_a_handler_is_logged_without_its_text(
    client: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    everything_logged: pytest.LogCaptureFixture,
) -> None:
    def fail(text: str, *_: object) -> None:
        raise ValueError(text)

    monkeypatch.setattr("bot.contacts.find", fail)
    answer = client.post("/api/v1/messages", json={"text": MESSAGES[0]})
    assert answer.status_code == 500
    assert not [secret for secret in SECRETS if secret in everything_logged.text + answer.text]


def test_a_conversation_keeps_no_transcript(parts: Parts) -> None:
    assistant, token = parts.assistant, None
    for text in ("do you know my zebra?", "what does personal data mean?", "hello"):
        token = assistant.answer(assistant.message(text, "test", "en"), token).token
    kept = parts.store.conversation(str(token))
    assert kept is not None
    assert "zebra" not in f"{kept.reply.text} {kept.reply.dialogue.question}"
    assert kept.dialogue.draft is None


def test_a_conversation_is_forgotten_after_a_day(
    make_parts: Callable[..., Parts], parts: Parts
) -> None:
    token = parts.assistant.answer(parts.assistant.message("hello", "test")).token
    later = make_parts(now=parts.assistant.now() + timedelta(hours=25)).assistant
    later.answer(later.message("hello", "test"))
    assert later.store.conversation(token) is None
