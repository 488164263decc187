"""Which token belongs to which workspace, and clients of Slack's Web API with it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.authorize import Authorize
from slack_sdk import WebClient
from slack_sdk.http_retry.builtin_handlers import (
    ConnectionErrorRetryHandler,
    RateLimitErrorRetryHandler,
    ServerErrorRetryHandler,
)
from slack_sdk.http_retry.handler import RetryHandler
from slack_sdk.webhook import WebhookClient

from bot.channels.slack.places import workspace

Token = Callable[[str], str | None]
"""Gives the bot token of a workspace, None where the assistant is not installed."""

RETRIES = 2
SECONDS = 10
"""How long one call may take."""


class NotInstalledError(Exception):
    """There is no token for a workspace: the assistant was removed from it."""


def retry_handlers() -> list[RetryHandler]:
    """Give the library's own retries: too many calls, Slack's faults, lost connections."""
    return [
        RateLimitErrorRetryHandler(max_retry_count=RETRIES),
        ServerErrorRetryHandler(max_retry_count=RETRIES),
        ConnectionErrorRetryHandler(max_retry_count=RETRIES),
    ]


@dataclass(frozen=True)
class Clients:
    """Makes clients."""

    token: Token
    url: str
    logger: logging.Logger

    def bare(self) -> WebClient:
        """Give a client without a token."""
        return WebClient(
            base_url=self.url, logger=self.logger, retry_handlers=retry_handlers(), timeout=SECONDS
        )

    def of(self, team: str) -> WebClient:
        """Give the client of a workspace.

        Raises:
            NotInstalledError: where the assistant is not installed there.
        """
        client = self.bare()
        client.token = self.token(team)
        if not client.token:
            raise NotInstalledError(team)
        return client

    def respond(self, url: str, content: dict[str, Any]) -> int:
        """Send what only the person sees who pressed or typed; give the status of that."""
        hook = WebhookClient(
            url, logger=self.logger, retry_handlers=retry_handlers(), timeout=SECONDS
        )
        body = {"response_type": "ephemeral", "replace_original": False, **content}
        return hook.send_dict(body).status_code


class TokenOfTeam(Authorize):
    """Tells the library the token of a workspace, without asking Slack: it waits for a receipt."""

    def __init__(self, token: Token) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._token = token

    def __call__(
        self, *, context: Any, enterprise_id: str | None, team_id: str | None, **_: Any
    ) -> AuthorizeResult | None:
        """Give what the library needs to know of a call."""
        token = self._token(workspace(enterprise_id, team_id or ""))
        if token is None:
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_token=token,
            user_id=context.user_id,
        )
