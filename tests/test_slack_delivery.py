"""Nothing that Slack was given a receipt for is lost, and nothing is answered twice."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.channels.slack import inbox
from handlers.deliveries import Outcome
from handlers.store import StoreError
from tests.slack_api import SlackApi, buttons, refused, too_many
from tests.slack_setup import SETTINGS, STAFF_TOKEN, Office
from tests.slack_side import SlackSide

ROOT = Path(__file__).parents[1]
QUESTION = "what does personal data mean?"


def posts(api: SlackApi) -> int:
    return len(api.called_with("posted"))


class TestOnce:
    """However often something comes, it is answered once."""

    def test_the_same_event_again_at_once_and_after_a_restart(
        self, open_office: Callable[..., Office]
    ) -> None:
        office = open_office()
        office.side.says("delete my data, ana@example.com")
        office.settled()
        sent = office.side.says("yes")
        again = {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}
        with ThreadPoolExecutor(3) as pool:
            for _ in range(3):
                pool.submit(office.side.again, sent, **again)
        office.settled()
        office.side.again(sent, **again)
        later = open_office()
        later.side.again(sent, **again)
        later.settled()
        assert posts(office.api) == 2
        assert len(list(later.store.tickets())) == 1

    def test_the_same_event_three_times_at_once_before_any_is_known(self, office: Office) -> None:
        office.slack.inbox.stop()
        body = office.side.says(QUESTION)
        event = {**body["event"], "ts": "1772701100.000009"}
        fresh = {**body, "event": event, "event_id": "EvFresh"}
        before = sum(office.store.backlog().counts.values())
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(office.side.again, [fresh] * 3))
        assert sum(office.store.backlog().counts.values()) == before + 1

    def test_a_mention_comes_as_two_events_in_either_order(self, office: Office) -> None:
        message = office.side.message("<@UBOT|bot> " + QUESTION, "U1", "C1", "channel")
        for events in (
            (message, {**message, "type": "app_mention"}),
            ({**message, "type": "app_mention", "ts": "1772701101.000001"},),
            ({**message, "ts": "1772701101.000001"},),
        ):
            for event in events:
                office.side.event(event)
        office.settled()
        assert len(office.api.messages("C1")) == 2

    def test_a_button_pressed_once_and_sent_again_files_one_ticket(self, office: Office) -> None:
        office.side.says("delete my data, ana@example.com")
        reply = office.reply()
        sent = office.side.press(reply, buttons(reply)["Yes, file it"])
        office.side.interact(sent)
        office.settled()
        office.side.interact(sent)
        office.side.press(reply, buttons(reply)["Yes, file it"])
        office.settled()
        assert len(list(office.store.tickets())) == 1
        assert posts(office.api) == 3

    def test_messages_of_a_conversation_are_answered_in_their_order(self, office: Office) -> None:
        for text in ("delete my data", "ana@example.com", "yes"):
            office.side.says(text)
        office.settled()
        assert [ticket.request for ticket in office.store.tickets()] == ["erasure"]


class TestCrash:
    """What happens when the program ends between the receipt and the reply."""

    def test_what_was_not_begun_is_done_after_a_restart(
        self, open_office: Callable[..., Office]
    ) -> None:
        office = open_office()
        office.slack.inbox.stop()
        office.side.says(QUESTION)
        assert posts(office.api) == 0
        later = open_office()
        later.settled()
        assert posts(office.api) == 1

    def test_a_process_that_is_killed_at_work_is_followed_by_one_that_replies_once(
        self, api: SlackApi, environment: dict[str, str], tmp_path: Path
    ) -> None:
        settings = {
            **environment,
            **SETTINGS,
            "PRIVACY_ASSISTANT_DATABASE": f"sqlite:///{tmp_path}/tickets.db",
            "SLACK_API_URL": api.url,
        }
        with api.held("users.info"), program(settings) as (process, side):
            side.says("send me a copy of my data, ana@example.com")
            api.wait_for(lambda: api.called_with("users.info"))
            process.kill()
            process.wait()
        assert posts(api) == 0
        with program(settings) as (_, later):
            api.wait_for(lambda: posts(api) == 1, 20)
            later.numbers = side.numbers
            later.says("yes")
            api.wait_for(lambda: posts(api) == 2)
            assert "It is filed" in api.messages("DU1")[-1]["text"]
        assert posts(api) == 2

    def test_without_a_place_on_disk_there_is_no_receipt(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object) -> bool:
            raise StoreError("the disk is full")

        monkeypatch.setattr(office.slack.inbox, "keep", fail)
        body = office.side.body(office.side.message(QUESTION, "U1", "DU1", "im"))
        assert office.side.post(json.dumps(body), "application/json") == 500

    def test_a_long_work_is_not_given_to_another(
        self, open_office: Callable[..., Office], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(inbox, "LEASE", timedelta(seconds=1))
        monkeypatch.setattr(inbox, "RENEW", 0.2)
        monkeypatch.setattr(inbox, "LOOK", 0.1)
        first, second = open_office(), open_office()
        with first.api.held("users.info"):
            first.side.says(QUESTION)
            time.sleep(2.5)
        second.settled()
        assert posts(first.api) == 1


class TestReceipt:
    """Everything to which the manifests subscribe gets a receipt."""

    @pytest.mark.parametrize(
        "event",
        [
            {"type": "message", "subtype": name, "channel": "C1", "ts": "1.1", "user": "U1"}
            for name in (
                *("bot_message", "channel_join", "channel_leave", "channel_topic", "me_message"),
                *("message_changed", "message_deleted", "message_replied", "file_share"),
                *("thread_broadcast", "assistant_app_thread", "channel_archive", "pinned_item"),
            )
        ]
        + [
            {"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home"},
            {"type": "app_uninstalled"},
            {"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": ["UBOT"]}},
            {"type": "message"},
            {"type": "message", "channel": "D1", "ts": None, "user": "U1", "text": ["x"]},
        ],
        ids=lambda event: f"{event['type']} {event.get('subtype', len(event))}",
    )
    def test_each_event_is_acknowledged(self, office: Office, event: dict[str, Any]) -> None:
        office.slack.inbox.stop()
        office.side.event(event)

    def test_a_receipt_does_not_wait_for_the_work(self, office: Office) -> None:
        with office.api.held("users.info"):
            begun = time.monotonic()
            office.side.says(QUESTION)
            office.side.command(QUESTION)
            assert time.monotonic() - begun < 3


class TestSlackFails:
    """Slack says no, or not now."""

    def test_too_many_calls_are_made_again_later(self, office: Office) -> None:
        office.api.script("chat.postMessage", too_many(1))
        office.side.says(QUESTION)
        office.settled()
        assert posts(office.api) == 1
        assert len(office.api.called_with("chat.postMessage")) == 2

    def test_a_fault_of_slack_is_tried_again_and_no_status_stays(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(inbox, "WAITS", (0.1, 0.1))
        office.api.script("chat.postMessage", refused("internal_error"))
        office.side.says("delete my data, ana@example.com")
        office.settled()
        assert posts(office.api) == 1
        statuses = [s["status"] for s in office.api.called_with("assistant.threads.setStatus")]
        assert statuses[1] == ""
        assert office.store.backlog().latest_problem is None

    def test_what_will_not_work_is_given_up_and_stands_on_the_health_page(
        self, office: Office
    ) -> None:
        office.api.script("chat.postMessage", refused("channel_not_found"))
        office.side.says(QUESTION)
        office.settled()
        staff = {"Authorization": f"Bearer {STAFF_TOKEN}"}
        health = office.app.test_client().get("/healthz", headers=staff).get_json()
        assert health["deliveries"] == {
            "waiting": 0,
            "done": 0,
            "failed": 1,
            "latest_problem": "channel_not_found",
        }
        statuses = [s["status"] for s in office.api.called_with("assistant.threads.setStatus")]
        assert statuses[-1] == ""

    def test_blocks_that_slack_does_not_take_are_followed_by_the_text_alone(
        self, office: Office
    ) -> None:
        office.api.script("chat.postMessage", refused("invalid_blocks"))
        office.side.says(QUESTION)
        assert office.reply()["blocks"] == []
        assert "Personal data" in office.reply()["text"]

    def test_an_unforeseen_error_is_told_to_the_person_in_the_end(
        self, office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(inbox, "WAITS", (0.1,))

        def fail(text: str, *_: object) -> None:
            raise ValueError(text)

        monkeypatch.setattr("bot.contacts.find", fail)
        office.side.says("delete my data, ana.zebra@example.com")
        assert "it has been noted under" in office.reply()["text"]
        assert posts(office.api) == 1
        assert "zebra" not in caplog.text

    def test_a_button_that_is_gone_after_half_an_hour_is_no_endless_work(
        self, office: Office
    ) -> None:
        office.side.hook = office.api.origin + "/api/gone"
        office.api.script("gone", type(refused("x"))({"ok": False}, 404))
        office.side.command(QUESTION)
        office.settled()
        assert office.store.backlog().counts[Outcome.FAILED] == 1


@contextmanager
def program(settings: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], SlackSide]]:
    """Run the server as a process of its own, and give what sends to it."""
    path = {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, str(ROOT / "tests" / "slack_program.py")],
        env={**os.environ, **settings, **path},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())

        def send(body: bytes, headers: dict[str, str]) -> int:
            url = f"http://127.0.0.1:{port}/slack/events"
            with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as answer:
                return int(answer.status)

        try:
            yield process, SlackSide(send, time.time)
        finally:
            process.kill()
