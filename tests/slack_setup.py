"""Fixtures for the tests of Slack: a program that talks to the stand-in, and what Slack sends."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from apiflask import APIFlask

from bot.app import create_app
from bot.channels.slack import EXTENSION, Slack
from bot.parts import Parts
from handlers.deliveries import Outcome
from handlers.store import Store
from tests.slack_api import SlackApi
from tests.slack_side import SECRET, SlackSide

STAFF_TOKEN = "t" * 32
TOKEN = "xoxb-one"  # noqa: S105 - of a test
SETTINGS = {
    "SLACK_BOT_TOKEN": TOKEN,
    "SLACK_SIGNING_SECRET": SECRET,
    "PRIVACY_ASSISTANT_STAFF_TOKEN": STAFF_TOKEN,
}


@dataclass
class Office:
    """A workspace, the stand-in, and the program between them."""

    parts: Parts
    app: APIFlask
    api: SlackApi
    side: SlackSide

    @property
    def store(self) -> Store:
        """The program's store."""
        return self.parts.store

    @property
    def slack(self) -> Slack:
        """The channel."""
        found: Slack = self.app.extensions[EXTENSION]
        return found

    def settled(self) -> None:
        """Wait until everything that came in is worked on."""
        self.api.wait_for(lambda: not self.store.backlog().counts.get(Outcome.WAITING))

    def reply(self, channel: str = "DU1") -> dict[str, Any]:
        """Give the latest message in a channel, once everything is worked on."""
        self.settled()
        return self.api.messages(channel)[-1]

    def whisper(self) -> dict[str, Any]:
        """Give what was last shown to one person only, once everything is worked on."""
        self.settled()
        return self.api.whispers()[-1]


@pytest.fixture
def api() -> Iterator[SlackApi]:
    """Give the stand-in; whatever it got must have been within Slack's limits."""
    found = SlackApi()
    yield found
    found.close()
    assert found.problems == []


@pytest.fixture
def open_office(make_parts: Callable[..., Parts], api: SlackApi) -> Iterator[Callable[..., Office]]:
    """Give a maker of programs on the same SQLite file; each is stopped at the end."""
    opened: list[Office] = []

    def make(**changes: str) -> Office:
        settings = {**SETTINGS, "SLACK_API_URL": api.url, **changes}
        parts = make_parts(**settings)
        app = create_app(parts)
        client = app.test_client()

        def send(body: bytes, headers: dict[str, str]) -> int:
            return client.post("/slack/events", data=body, headers=headers).status_code

        side = SlackSide(send, lambda: parts.assistant.now().timestamp(), api.hook)
        opened.append(Office(parts, app, api, side))
        return opened[-1]

    yield make
    for office in opened:
        office.slack.inbox.stop()


@pytest.fixture
def office(open_office: Callable[..., Office]) -> Office:
    """Give a program that talks to the stand-in."""
    return open_office()
