"""What Slack sends, for tests: signed calls, shaped as its documentation has them."""

import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from slack_sdk.signature import SignatureVerifier

SECRET = "signing-secret-of-a-test"  # noqa: S105
BOT = "UBOT"
FORM = "application/x-www-form-urlencoded"

Send = Callable[[bytes, dict[str, str]], int]
"""Posts a body with headers to /slack/events and gives the status."""


def signed(body: str, now: float, content_type: str, secret: str = SECRET) -> dict[str, str]:
    """Give the headers that Slack puts on a body."""
    stamp = str(int(now))
    made = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body)
    return {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": str(made),
        "Content-Type": content_type,
    }


@dataclass
class SlackSide:
    """One workspace, as it calls the assistant."""

    send: Send
    now: Callable[[], float]
    hook: str = ""
    team: str = "T1"
    app: str = "A1"
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def moment(self) -> str:
        """Give the next moment, Slack's id of a message."""
        return f"{int(self.now()) - 1}.{next(self.numbers):06d}"

    # what people do

    def says(
        self,
        text: str,
        user: str = "U1",
        channel: str | None = None,
        channel_type: str = "im",
        **more: Any,
    ) -> dict[str, Any]:
        """Write a message, a direct one unless a channel is given."""
        return self.event(self.message(text, user, channel or f"D{user}", channel_type, **more))

    def mentions(
        self, text: str, user: str = "U1", channel: str = "C1", **more: Any
    ) -> dict[str, Any]:
        """Call the assistant in a channel, which comes as two events."""
        message = self.message(f"<@{BOT}> {text}", user, channel, "channel", **more)
        mention = {**message, "type": "app_mention"}
        mention.pop("channel_type")
        self.event(message)
        return self.event(mention)

    def message(
        self, text: str, user: str, channel: str, channel_type: str, **more: Any
    ) -> dict[str, Any]:
        """Make the event of a message."""
        return {
            "type": "message",
            "user": user,
            "text": text,
            "ts": self.moment(),
            "channel": channel,
            "channel_type": channel_type,
            **more,
        }

    def event(self, event: Mapping[str, Any], event_id: str | None = None) -> dict[str, Any]:
        """Send an event, and give what was sent, so that it can be sent again."""
        body = self.body(event, event_id)
        self.again(body)
        return body

    def body(self, event: Mapping[str, Any], event_id: str | None = None) -> dict[str, Any]:
        """Make the body of an event."""
        return {
            "token": "deprecated",
            "team_id": self.team,
            "api_app_id": self.app,
            "event": dict(event),
            "type": "event_callback",
            "event_id": event_id or f"Ev{self.team}{next(self.numbers)}",
            "event_time": int(self.now()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": self.team,
                    "user_id": BOT,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
        }

    def again(self, body: Mapping[str, Any], **headers: str) -> None:
        """Send an event's body."""
        assert self.post(json.dumps(body), "application/json", **headers) == 200

    def command(self, text: str, user: str = "U1", channel: str = "C1") -> None:
        """Type the command."""
        body = {
            "command": "/privacy",
            "text": text,
            "team_id": self.team,
            "channel_id": channel,
            "user_id": user,
            "response_url": self.hook,
            "trigger_id": f"trigger{next(self.numbers)}",
            "api_app_id": self.app,
        }
        assert self.post(urlencode(body), FORM) == 200

    def press(
        self, message: Mapping[str, Any], action: Mapping[str, Any], user: str = "U1", **more: Any
    ) -> dict[str, Any]:
        """Press a button of a message, and give what was sent."""
        channel = message.get("channel") or "C1"
        ephemeral = "channel" not in message
        body = {
            "type": "block_actions",
            "team": {"id": self.team},
            "user": {"id": user, "team_id": self.team},
            "api_app_id": self.app,
            "trigger_id": f"trigger{next(self.numbers)}",
            "response_url": self.hook,
            "container": {
                "type": "message",
                "message_ts": message["ts"],
                "channel_id": channel,
                "is_ephemeral": ephemeral,
                **({"thread_ts": message["thread_ts"]} if message.get("thread_ts") else {}),
            },
            "channel": {"id": channel},
            "message": {"ts": message["ts"]},
            "actions": [{**action, "action_ts": self.moment()}],
            **more,
        }
        self.interact(body)
        return body

    def interact(self, body: Mapping[str, Any]) -> None:
        """Send an interaction's body."""
        assert self.post(urlencode({"payload": json.dumps(body)}), FORM) == 200

    def post(self, body: str, content_type: str, **headers: str) -> int:
        """Post a body as Slack does, and give the status."""
        return self.send(body.encode(), {**signed(body, self.now(), content_type), **headers})
