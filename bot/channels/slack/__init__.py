"""Slack: direct messages, threads in channels, the command ``/privacy``.

``call -> guard -> library -> listener -> inbox -> receipt``, and afterwards
``inbox -> work -> assistant -> reply``. The library knows Slack's protocols, for HTTP and Socket
Mode; everything else is the same for both.
"""

import logging
from dataclasses import dataclass
from http import HTTPStatus

from apiflask import APIFlask
from flask import Response, request
from slack_bolt import App, BoltRequest
from slack_bolt.adapter.flask import SlackRequestHandler

from bot.channels.slack import guard
from bot.channels.slack.clients import Clients, TokenOfTeam
from bot.channels.slack.inbox import Inbox
from bot.channels.slack.listeners import Listeners
from bot.channels.slack.people import Locales
from bot.channels.slack.talk import Talk
from bot.channels.slack.work import WORK
from bot.channels.slack.workspaces import INSTALL, REDIRECT, Workspaces
from bot.parts import Parts

LOG = logging.getLogger(__name__)

EXTENSION = "slack"
"""Name under which the application keeps it."""
MAX_CALL = 512 * 1024
"""Bytes of a call: with a pressed button comes the whole message that it stands in."""


@dataclass(frozen=True)
class Slack:
    """The channel, put together."""

    app: App
    inbox: Inbox
    clients: Clients
    workspaces: Workspaces | None


def build(parts: Parts) -> Slack:
    """Put the channel together; nothing is called yet."""
    settings, logger = parts.settings, guard.quiet_logger("bot.slack.library")
    workspaces: Workspaces | None = None
    token = settings.slack_bot_token

    def token_of(team: str) -> str | None:
        return workspaces.token(team) if workspaces else token

    clients = Clients(token_of, settings.slack_api_url, logger)
    if settings.slack_client_id:
        workspaces = Workspaces(settings, clients.bare(), logger)
    locales = Locales(parts.knowledge.languages)
    talk = Talk(parts, clients, locales)
    inbox = Inbox(parts.store, lambda job, last: WORK[job.work](talk, job, last))
    app = App(
        name="privacy-assistant",
        logger=logger,
        client=clients.bare(),
        # the guard in front of it has done that, and answers what the library answers with 500
        request_verification_enabled=False,
        signing_secret=settings.slack_signing_secret,
        authorize=TokenOfTeam(token_of),  # type: ignore[arg-type]  # it takes these too
        oauth_flow=workspaces.flow if workspaces else None,
        attaching_conversation_kwargs_enabled=False,
    )
    remove = workspaces.remove if workspaces else no_tokens
    Listeners(inbox, parts, clients, locales, remove).register(app)
    return Slack(app, inbox, clients, workspaces)


def no_tokens(team: str) -> None:
    """Forget nothing: the one token is a setting."""
    del team


def attach(app: APIFlask, parts: Parts) -> None:
    """Add Slack's addresses to the application, where there are settings for them."""
    settings = parts.settings
    if not settings.slack_signing_secret.strip():
        return
    if not (settings.slack_bot_token or settings.slack_client_id):
        return
    slack = app.extensions[EXTENSION] = build(parts)

    @app.post("/slack/events")
    @app.doc(hide=True)
    def events() -> Response:
        request.max_content_length = MAX_CALL
        body = request.get_data()
        try:
            guard.checked(
                body,
                dict(request.headers),
                settings.slack_signing_secret,
                parts.assistant.now().timestamp(),
            )
        except guard.RefusedCallError as error:
            return Response(status=error.status)
        return answered(slack.app, body.decode(), dict(request.headers))

    if slack.workspaces:
        handler = SlackRequestHandler(slack.app)
        for path in (INSTALL, REDIRECT):
            view = app.doc(hide=True)(lambda: handler.handle(request))
            app.add_url_rule(path, endpoint=path, view_func=view)

    # what takes deliveries in also works on them, and on what was left before a restart
    slack.inbox.start()


def answered(app: App, body: str, headers: dict[str, str]) -> Response:
    """Let the library answer a call that the guard let through."""
    try:
        found = app.dispatch(BoltRequest(body=body, headers=dict(headers)))
    except Exception as error:  # noqa: BLE001 - signed by Slack, and shaped as nobody foresaw
        LOG.warning("a call from Slack cannot be read: %s", type(error).__name__)
        return Response(status=HTTPStatus.BAD_REQUEST)
    content_type = found.first_headers().get("content-type")
    return Response(found.body, status=found.status, content_type=content_type)
