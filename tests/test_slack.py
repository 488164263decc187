"""The assistant in Slack: direct messages, threads, the command, what is private stays so."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.channels.payload import to_payload
from bot.channels.slack.places import Place, Where
from tests.slack_api import buttons, shown, texts
from tests.slack_setup import TOKEN, Office
from tests.slack_side import BOT
from tests.test_dialogues import DIALOGUES, hold

POLICY_QUESTION = "what does personal data mean?"
OFFERING = "how can I unsubscribe?"


def section_title(office: Office, section: str, language: str = "en") -> str:
    return office.parts.knowledge.languages[language].sections[section].title


class TestAsking:
    """Questions."""

    def test_a_direct_message_is_answered_with_its_section(self, office: Office) -> None:
        office.side.says(POLICY_QUESTION)
        reply = office.reply()
        assert len(office.api.called_with("chat.postMessage")) == 1
        assert [c.token for c in office.api.calls if c.method == "chat.postMessage"] == [TOKEN]
        link = next(
            element
            for block in reply["blocks"]
            if block["type"] == "rich_text"
            for part in block["elements"]
            for element in part["elements"]
            if element["type"] == "link"
        )
        assert link["url"].startswith("https://privacy.example.com/policy/en#")
        answer = office.parts.knowledge.languages["en"].sections[link["url"].partition("#")[2]]
        assert answer.answer[:60] in reply["text"]
        assert answer.title in link["text"]
        assert "Talk to a person" in buttons(reply)
        assert reply["blocks"][-1]["type"] == "context_actions"

    def test_a_mention_is_answered_once_in_its_thread(self, office: Office) -> None:
        sent = office.side.mentions(POLICY_QUESTION)
        reply = office.reply("C1")
        assert len(office.api.messages("C1")) == 1
        assert reply["thread_ts"] == sent["event"]["ts"]

    def test_a_thread_goes_on_without_a_mention_also_after_a_restart(
        self,
        open_office: Callable[..., Office],
    ) -> None:
        office = open_office()
        thread = office.side.mentions(OFFERING)["event"]["ts"]
        office.side.says("and how long?", channel="C1", channel_type="channel", thread_ts=thread)
        office.settled()
        assert len(office.api.messages("C1")) == 2
        later = open_office()
        later.side.numbers = office.side.numbers
        later.side.says(POLICY_QUESTION, channel="C1", channel_type="channel", thread_ts=thread)
        assert later.reply("C1")["thread_ts"] == thread
        assert len(office.api.messages("C1")) == 3

    def test_what_is_not_for_the_assistant_is_neither_kept_nor_answered(
        self, office: Office
    ) -> None:
        side = office.side
        thread = side.mentions(POLICY_QUESTION)["event"]["ts"]
        in_channel = {"channel": "C1", "channel_type": "channel"}
        side.says("lunch?", **in_channel)
        side.says("in a thread of others", thread_ts="1700000000.000001", **in_channel)
        side.says("<@U7> what do you think?", thread_ts=thread, **in_channel)
        side.says("I am a bot", bot_id="B2", thread_ts=thread, **in_channel)
        side.says("it is me", user=BOT)
        side.says("joined", subtype="channel_join", thread_ts=thread, **in_channel)
        office.settled()
        assert len(office.api.called_with("chat.postMessage")) == 1
        assert sum(office.store.backlog().counts.values()) == 1

    def test_the_command_is_answered_to_one_person_with_the_question(self, office: Office) -> None:
        office.side.command(POLICY_QUESTION)
        whisper = office.whisper()
        assert office.api.called_with("chat.postMessage") == []
        assert whisper["response_type"] == "ephemeral"
        assert POLICY_QUESTION in shown(whisper)

    def test_the_command_alone_says_what_the_assistant_is(self, office: Office) -> None:
        office.side.command("")
        assert "I am an automated assistant" in office.whisper()["text"]
        assert len(buttons(office.whisper())) == 5

    def test_the_language_is_the_message_s_else_the_user_s_else_english(
        self, office: Office
    ) -> None:
        office.api.locales.update(U1="nl-BE", U2="ro-RO", U3="ja-JP")
        for user, text, words in (
            ("U1", "hm", "niet begrepen"),
            ("U1", "quelles données avez-vous sur vos clients ?", "Je veux être sûr"),
            ("U2", "hm", "Îmi pare rău"),
            ("U3", "hm", "I'm sorry"),
        ):
            office.side.says(text, user=user)
            assert words in office.reply(f"D{user}")["text"], (user, text)
        assert len(office.api.called_with("users.info")) == 3

    def test_opening_the_messages_tab_suggests_what_to_ask(self, office: Office) -> None:
        office.api.locales["U1"] = "fr-FR"
        event = {"type": "app_home_opened", "user": "U1", "channel": "DU1", "tab": "messages"}
        office.side.event(event)
        office.settled()
        (prompts,) = office.api.called_with("assistant.threads.setSuggestedPrompts")
        assert 0 < len(prompts["prompts"]) <= 4
        assert "thread_ts" not in prompts
        french = office.parts.knowledge.languages["fr"].phrases
        assert prompts["prompts"][0]["message"] == french.page_suggestion_1

    def test_a_status_is_shown_while_working(self, office: Office) -> None:
        sent = office.side.says(POLICY_QUESTION)
        office.settled()
        (status,) = office.api.called_with("assistant.threads.setStatus")
        assert status["thread_ts"] == sent["event"]["ts"]
        assert status["status"]
        methods = [call.method for call in office.api.calls]
        assert methods.index("assistant.threads.setStatus") < methods.index("chat.postMessage")

    def test_a_thumb_is_kept_and_a_thumb_down_leads_to_a_person(self, office: Office) -> None:
        office.side.says(POLICY_QUESTION)
        reply = office.reply()
        element = reply["blocks"][-1]["elements"][0]
        for thumb in ("positive_button", "negative_button"):
            action = {"action_id": "rate", "type": "feedback_buttons"}
            office.side.press(reply, {**action, "value": element[thumb]["value"]})
            office.settled()
        assert [rating.helpful for rating in office.store.ratings()] == [False, True]
        assert office.store.ratings()[0].section
        assert "Talk to a person" in buttons(office.whisper())


class TestRequests:
    """Requests."""

    def test_a_request_is_filed_by_buttons_and_words(self, office: Office) -> None:
        office.side.says(OFFERING)
        reply = office.reply()
        office.side.press(reply, buttons(reply)["Yes, do it for me"])
        assert "address" in office.reply()["text"]
        assert "Yes, do it for me" in shown(office.reply())
        sent = office.side.says("<mailto:ana@example.com|ana@example.com>")
        reply = office.reply()
        office.side.press(reply, buttons(reply)["Yes, file it"])
        card = office.reply()
        (ticket,) = office.store.tickets()
        assert ticket.request == "marketing_opt_out"
        assert ticket.channel == "slack"
        assert [c.value for c in ticket.contacts] == ["ana@example.com"]
        fields = next(b["fields"] for b in card["blocks"] if b["type"] == "section")
        assert ticket.reference in fields[0]["text"]
        link = office.parts.assistant.desk.follow_url(ticket.reference)
        assert link in [e.get("url") for e in _elements(card)]
        assert sent

    def test_the_period_runs_from_the_moment_of_the_wish_in_slack(self, office: Office) -> None:
        wish = office.side.says("delete my data")
        office.settled()
        office.side.says("ana@example.com")
        office.settled()
        office.side.says("yes")
        office.settled()
        (ticket,) = office.store.tickets()
        assert ticket.received_at.timestamp() == pytest.approx(float(wish["event"]["ts"]))

    def test_what_is_personal_leaves_the_channel(self, office: Office) -> None:
        office.side.mentions("delete my data, ana@example.com")
        reply = office.reply()
        assert "ana@example.com" in reply["text"]
        assert office.api.messages("C1") == []
        pointer = office.whisper()
        assert (pointer["channel"], pointer["user"]) == ("C1", "U1")
        assert "ana" not in shown(pointer)
        office.side.says("yes")
        office.settled()
        assert [ticket.request for ticket in office.store.tickets()] == ["erasure"]
        assert office.api.messages("C1") == []

    def test_a_yes_in_a_thread_goes_on_in_private_with_what_was_offered(
        self, office: Office
    ) -> None:
        thread = office.side.mentions(OFFERING)["event"]["ts"]
        office.settled()
        office.side.says("yes", channel="C1", channel_type="channel", thread_ts=thread)
        assert "Stop" in office.reply()["text"] or "marketing" in office.reply()["text"]
        assert len(office.api.messages("C1")) == 1
        office.side.says("ana@example.com")
        office.settled()
        office.side.says("yes")
        office.settled()
        assert [ticket.request for ticket in office.store.tickets()] == ["marketing_opt_out"]

    def test_a_yes_in_a_thread_files_nothing_that_is_under_way_in_private(
        self, office: Office
    ) -> None:
        office.side.says("delete my data, ana@example.com")
        office.settled()
        thread = office.side.mentions(OFFERING)["event"]["ts"]
        office.settled()
        office.side.says("yes", channel="C1", channel_type="channel", thread_ts=thread)
        office.settled()
        assert list(office.store.tickets()) == []

    def test_a_personal_command_goes_on_by_direct_message(self, office: Office) -> None:
        office.side.command("send me a copy of my data")
        assert "copy" in office.reply()["text"]
        assert "direct message" in office.whisper()["text"]

    def test_an_edited_or_deleted_source_is_noted_on_its_ticket(self, office: Office) -> None:
        wish = office.side.says("delete my data, ana@example.com")["event"]
        office.settled()
        office.side.says("yes")
        office.settled()
        (ticket,) = office.store.tickets()
        changed = {"type": "message", "channel": "DU1", "channel_type": "im", "ts": "1.1"}
        office.side.event(
            {
                **changed,
                "subtype": "message_changed",
                "message": {**wish, "text": "delete only my address"},
                "previous_message": wish,
            }
        )
        preview = {"message": {**wish, "attachments": []}, "previous_message": wish}
        office.side.event({**changed, "subtype": "message_changed", **preview})
        office.side.event(
            {
                **changed,
                "subtype": "message_deleted",
                "deleted_ts": wish["ts"],
                "previous_message": wish,
            }
        )
        office.settled()
        events = [e.event.what for e in office.store.register(ticket.reference)]
        assert events == ["filed", "source_edited", "source_deleted"]

    def test_workspaces_and_people_are_strictly_apart(self, office: Office) -> None:
        places = [
            Place(Where.DIRECT, "T1", "D1", "U1"),
            Place(Where.DIRECT, "T2", "D1", "U1"),
            Place(Where.DIRECT, "T1", "D1", "U2"),
            Place(Where.THREAD, "T1", "D1", "U1", "1.0"),
            Place(Where.THREAD, "T1", "D1", "U1", "2.0"),
            Place(Where.ASIDE, "T1", "D1", "U1"),
        ]
        assert len({place.token(office.parts.secret) for place in places}) == len(places)


@pytest.mark.parametrize("dialogue", DIALOGUES)
def test_the_same_dialogues_as_everywhere(dialogue: dict[str, Any], office: Office) -> None:
    office.api.locales["U1"] = dialogue["language"]
    token = Place(Where.DIRECT, "T1", "DU1", "U1").token(office.parts.secret)

    def say(text: str) -> dict[str, Any]:
        office.side.says(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
        message = office.reply()
        kept = office.store.conversation(token)
        assert kept is not None
        reply = to_payload(kept.reply, office.parts).model_dump(mode="json")
        words = " ".join("".join(texts(message["blocks"])).split())
        for sentence in reply["text"].split("\n\n"):
            if not sentence.startswith("- "):
                plain = " ".join(sentence.split())
                assert plain in words or "https://" in plain or "\n- " in sentence, plain
        return reply

    hold(dialogue, say, office.parts)
    said = len(dialogue["turns"])
    assert len(office.api.called_with("chat.postMessage")) == said


def _elements(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        element
        for block in message["blocks"]
        if block["type"] == "rich_text"
        for part in block["elements"]
        for element in part["elements"]
    ]


def test_every_dialogue_file_is_used() -> None:
    folder = Path(__file__).parent / "dialogues"
    count = sum(len(tomllib.loads(p.read_text())["dialogue"]) for p in folder.glob("*.toml"))
    assert len(DIALOGUES) == count
