"""Whole conversations, over the core and over HTTP: the same tables, the same replies."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from bot.channels.payload import to_payload
from bot.parts import Parts
from knowledge.model import Language

FOLDER = Path(__file__).parent / "dialogues"
DIALOGUES = [
    pytest.param(dialogue, id=f"{path.stem}: {dialogue['name']}")
    for path in sorted(FOLDER.glob("*.toml"))
    for dialogue in tomllib.loads(path.read_text(encoding="utf-8"))["dialogue"]
]

Say = Callable[[str], dict[str, Any]]


def pattern(sentence: str) -> str:
    """Make a sentence with {values} a pattern that any values fit."""
    return ".+?".join(re.escape(part) for part in re.split(r"\{\w+\}", sentence))


def hold(dialogue: dict[str, Any], say: Say, parts: Parts) -> None:
    """Say each line and compare what comes back with the table."""
    for turn in dialogue["turns"]:
        reply = say(turn["says"])
        where = f"{turn['says']!r} -> {reply['kind']} {reply['request']}: {reply['text']}"
        assert reply["kind"] == turn["kind"], where
        assert reply["language"] == turn.get("language", dialogue["language"]), where
        if "request" in turn:
            assert reply["request"] == turn["request"], where
        language = parts.knowledge.languages[reply["language"]]
        sentences = [pattern(getattr(language.phrases, name)) for name in turn.get("replies", [])]
        assert re.search(".*?".join(sentences), reply["text"], re.DOTALL), where
        compare(turn, reply, language, where)
        if "ticket" in turn:
            assert reply["ticket"]["request"] == turn["ticket"], where
            kept = parts.store.ticket(reply["ticket"]["reference"])
            assert kept is not None, where
            assert kept.request == turn["ticket"]
    filed = [turn["ticket"] for turn in dialogue["turns"] if "ticket" in turn]
    assert sorted(t.request for t in parts.store.tickets()) == sorted(filed)


def compare(turn: dict[str, Any], reply: dict[str, Any], language: Language, where: str) -> None:
    """Look for what the reply must hold and must not."""
    for field in turn.get("wording", []):
        assert getattr(language.requests[reply["request"]], field) in reply["text"], where
    if "cites" in turn:
        assert reply["sections"][0]["id"] == turn["cites"], where
    for words in turn.get("holds", []):
        assert words in reply["text"], where
    for words in turn.get("lacks", []):
        assert words not in reply["text"], where


@pytest.mark.parametrize("dialogue", DIALOGUES)
def test_over_the_core(dialogue: dict[str, Any], parts: Parts) -> None:
    token = None

    def say(text: str) -> dict[str, Any]:
        nonlocal token
        message = parts.assistant.message(text, "test", dialogue["language"])
        answered = parts.assistant.answer(message, token)
        token = answered.token
        return to_payload(answered.reply, parts).model_dump(mode="json")

    hold(dialogue, say, parts)


@pytest.mark.parametrize("dialogue", DIALOGUES)
def test_over_http(dialogue: dict[str, Any], parts: Parts, client: FlaskClient) -> None:
    token = None

    def say(text: str) -> dict[str, Any]:
        nonlocal token
        body = {"text": text, "conversation": token, "language": dialogue["language"]}
        answer = client.post("/api/v1/messages", json=body).get_json()
        token = answer["conversation"]
        reply: dict[str, Any] = answer["reply"]
        return reply

    hold(dialogue, say, parts)


def test_a_restart_between_any_two_messages_loses_nothing(
    make_parts: Callable[..., Parts],
) -> None:
    token = None
    for text in ("stop marketing", "ana@example.com", "yes"):
        assistant = make_parts().assistant
        answered = assistant.answer(assistant.message(text, "test", "en"), token)
        token = answered.token
    assert [ticket.request for ticket in make_parts().store.tickets()] == ["marketing_opt_out"]
