"""Installing: the manifests, Socket Mode, one workspace or many."""

import base64
import hashlib
import json
import socket
import stat
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner
from slack_sdk.oauth.installation_store.models.installation import Installation

from bot.app import create_app
from bot.channels.slack import listeners, modals
from bot.channels.slack.manifest import BOT_SCOPES
from bot.channels.slack.socket import Socket
from bot.cli import main
from bot.parts import Parts
from tests.slack_api import SlackApi
from tests.slack_setup import SETTINGS, Office
from tests.slack_side import SlackSide

SCOPES = {
    "chat.postMessage": "chat:write",
    "chat.postEphemeral": "chat:write",
    "assistant.threads.setStatus": "chat:write",
    "assistant.threads.setSuggestedPrompts": "chat:write",
    "conversations.open": "im:write",
    "users.info": "users:read",
}
"""Which scope each method needs that the assistant calls."""
EVENT_SCOPES = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
}
MANY = {
    "SLACK_BOT_TOKEN": "",
    "SLACK_CLIENT_ID": "1.2",
    "SLACK_CLIENT_SECRET": "secret",
}


def printed(*options: str) -> dict[str, Any]:
    environment = {"PRIVACY_ASSISTANT_PUBLIC_URL": "https://bot.example.org/"}
    result = CliRunner().invoke(main, ["slack", "manifest", *options], env=environment)
    assert result.exit_code == 0
    found: dict[str, Any] = json.loads(result.output)
    return found


class TestManifest:
    """The manifests are what the code needs."""

    def test_every_event_has_a_listener_and_every_listener_its_event(self) -> None:
        for options in ((), ("--socket",)):
            events = printed(*options)["settings"]["event_subscriptions"]["bot_events"]
            names = {name.partition(".")[0] for name in events}
            assert names == {*listeners.EVENTS, *listeners.REMOVALS}

    def test_every_scope_is_needed_by_a_call_an_event_or_the_command(self, office: Office) -> None:
        office.side.says("delete my data")
        office.side.mentions("delete my data, ana@example.com")
        event = {"type": "app_home_opened", "user": "U1", "channel": "DU1", "tab": "messages"}
        office.side.event(event)
        office.settled()
        called = {c.method for c in office.api.calls} - {"posted", "whispered"}
        assert called == set(SCOPES)
        events = printed()["settings"]["event_subscriptions"]["bot_events"]
        needed = {SCOPES[method] for method in called} | {"commands"}
        needed |= {EVENT_SCOPES[name] for name in events if name in EVENT_SCOPES}
        assert set(BOT_SCOPES) == needed

    def test_both_are_alike_but_for_the_addresses(self) -> None:
        http, over_socket = printed(), printed("--socket")
        assert http["oauth_config"]["scopes"] == over_socket["oauth_config"]["scopes"]
        assert over_socket["settings"]["socket_mode_enabled"]
        assert "example" not in json.dumps(over_socket)
        events = "https://bot.example.org/slack/events"
        assert http["settings"]["event_subscriptions"]["request_url"] == events
        assert http["settings"]["interactivity"]["request_url"] == events
        (command,) = http["features"]["slash_commands"]
        assert (command["command"], command["url"]) == (listeners.COMMAND, events)
        assert "agent_view" in http["features"]
        for found in (http, over_socket):
            (shortcut,) = found["features"]["shortcuts"]
            assert (shortcut["type"], shortcut["callback_id"]) == ("message", modals.SHORTCUT)


class TestWorkspaces:
    """Many workspaces, each installed by its administrator."""

    @pytest.fixture
    def many(self, open_office: Callable[..., Office]) -> Office:
        """Give a program in which two workspaces are installed."""
        office = open_office(**MANY)
        for team in ("T1", "T2"):
            self.install(office, team)
        return office

    def install(self, office: Office, team: str) -> None:
        assert office.slack.workspaces is not None
        office.slack.workspaces.store.save(
            Installation(
                app_id="A1",
                team_id=team,
                user_id="UADMIN",
                bot_token=f"xoxb-{team}",
                bot_id=f"B{team}",
                bot_user_id="UBOT",
                bot_scopes=list(BOT_SCOPES),
            )
        )

    def test_each_is_answered_with_its_own_token_and_sees_its_own_dialogue(
        self, many: Office
    ) -> None:
        second = SlackSide(many.side.send, many.side.now, team="T2")
        many.side.says("delete my data, ana@example.com")
        many.settled()
        second.says("yes")
        many.settled()
        posts = [c for c in many.api.calls if c.method == "chat.postMessage"]
        assert [c.token for c in posts] == ["xoxb-T1", "xoxb-T2"]
        assert "ana@example.com" not in json.dumps(posts[1].body)
        assert list(many.store.tickets()) == []

    def test_the_tokens_go_when_the_app_is_removed(self, many: Office, tmp_path: Path) -> None:
        many.side.event({"type": "app_uninstalled"})
        assert many.slack.workspaces is not None
        assert many.slack.workspaces.token("T1") is None
        assert many.slack.workspaces.token("T2") == "xoxb-T2"
        assert b"xoxb-T1" not in (tmp_path / "tickets.db.slack").read_bytes()
        many.side.says("hello")
        many.settled()
        assert many.api.called_with("chat.postMessage") == []

    def test_the_file_is_the_owner_s_alone(self, many: Office, tmp_path: Path) -> None:
        path = tmp_path / "tickets.db.slack"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert b"xoxb-T1" in path.read_bytes()
        assert b"xoxb-" not in (tmp_path / "tickets.db").read_bytes()

    def test_an_administrator_is_sent_to_slack_and_back(self, many: Office) -> None:
        client = many.app.test_client()
        page = client.get("/slack/install")
        assert page.status_code == 200
        address = page.text.partition('href="https://slack.com/oauth')[2].partition('"')[0]
        asked = parse_qs(urlsplit(address.replace("&amp;", "&")).query)
        assert set(asked["scope"][0].split(",")) == set(BOT_SCOPES)
        assert asked["redirect_uri"] == ["https://privacy.example.com/slack/oauth_redirect"]
        assert client.get("/slack/oauth_redirect?code=x&state=guessed").status_code >= 400


class TestSocketMode:
    """The same over a connection that the program opens."""

    def test_what_comes_over_the_socket_is_acknowledged_and_answered(
        self, make_parts: Callable[..., Parts], api: SlackApi, slack_socket: "SlackSocket"
    ) -> None:
        api.socket_url = slack_socket.url
        parts = make_parts(
            **SETTINGS,
            SLACK_API_URL=api.url,
            SLACK_APP_TOKEN="xapp-1",  # noqa: S106 - of a test
        )
        program = Socket(parts)
        program.start()
        side = SlackSide(lambda *_: 200, lambda: parts.assistant.now().timestamp())
        body = side.says("what does personal data mean?")
        for number in range(3):
            envelope = {"type": "events_api", "envelope_id": f"e{number}", "payload": body}
            slack_socket.send(envelope)
        api.wait_for(lambda: api.called_with("posted"))
        api.wait_for(lambda: len(slack_socket.received) == 3)
        program.stop()
        assert {found["envelope_id"] for found in slack_socket.received} == {"e0", "e1", "e2"}
        assert len(api.called_with("posted")) == 1

    def test_without_its_token_the_command_does_not_start(self) -> None:
        result = CliRunner().invoke(main, ["slack"], env=SETTINGS)
        assert result.exit_code == 1
        assert "SLACK_APP_TOKEN" in result.output

    def test_a_server_without_a_signing_secret_serves_the_web_and_not_slack(
        self, make_parts: Callable[..., Parts]
    ) -> None:
        settings = {**SETTINGS, "SLACK_SIGNING_SECRET": ""}
        parts = make_parts(**settings, SLACK_APP_TOKEN="xapp-1")  # noqa: S106
        assert "slack" not in create_app(parts).extensions


class SlackSocket:
    """A local server for one Socket Mode connection (RFC 6455), enough for the tests."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._connection: socket.socket | None = None
        self._connected = threading.Event()
        self.received: list[dict[str, Any]] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"ws://127.0.0.1:{self._server.getsockname()[1]}/"

    def send(self, content: dict[str, Any]) -> None:
        """Send a message, in one frame."""
        assert self._connected.wait(10)
        data = json.dumps(content).encode()
        assert self._connection is not None
        self._connection.sendall(b"\x81\x7e" + struct.pack(">H", len(data)) + data)

    def close(self) -> None:
        """Stop listening."""
        self._server.close()
        if self._connection:
            self._connection.close()
        self._thread.join(5)

    def _serve(self) -> None:
        try:
            self._connection, _ = self._server.accept()
            head = b""
            while b"\r\n\r\n" not in head:
                head += self._connection.recv(4096)
            key = head.partition(b"Sec-WebSocket-Key: ")[2].partition(b"\r\n")[0]
            magic = key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
            accept = base64.b64encode(hashlib.sha1(magic, usedforsecurity=False).digest())
            self._connection.sendall(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                b"Connection: Upgrade\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n"
            )
            self._connected.set()
            while self._frame():
                pass
        except OSError:
            return

    def _frame(self) -> bool:
        head = self._exactly(2)
        if not head:
            return False
        length = head[1] & 0x7F
        if length == 126:
            (length,) = struct.unpack(">H", self._exactly(2))
        mask, data = self._exactly(4), self._exactly(length)
        text = bytes(byte ^ mask[i % 4] for i, byte in enumerate(data))
        if head[0] & 0x0F == 1:
            self.received.append(json.loads(text))
        return head[0] & 0x0F != 8

    def _exactly(self, length: int) -> bytes:
        found = b""
        assert self._connection is not None
        while len(found) < length:
            part = self._connection.recv(length - len(found))
            if not part:
                return b""
            found += part
        return found


@pytest.fixture
def slack_socket() -> Iterator[SlackSocket]:
    """Give a server for Socket Mode."""
    found = SlackSocket()
    yield found
    found.close()
