"""What the assistant listens to in Slack: one table, the same for HTTP and Socket Mode.

Each listener writes down what is to be done and does nothing else: the library gives the receipt
only after that, and not at all where it could not be written.
"""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from slack_bolt import Ack, App
from slack_sdk.errors import SlackClientError

from bot.channels.errors import explain
from bot.channels.slack import incoming, modals
from bot.channels.slack.blocks import plain_post
from bot.channels.slack.clients import Clients
from bot.channels.slack.inbox import Inbox
from bot.channels.slack.jobs import Job
from bot.channels.slack.people import Locales
from bot.channels.slack.places import Place
from bot.parts import Parts

LOG = logging.getLogger(__name__)

EVENTS = ("app_home_opened", "app_mention", "message")
"""Events that may ask for something; each comes with any subtype."""
REMOVALS = ("app_uninstalled", "tokens_revoked")
"""Events after which a workspace's tokens are forgotten, where there are many workspaces."""
COMMAND = "/privacy"
BUTTONS: Mapping[str, Callable[[incoming.Body, incoming.Body], Job]] = MappingProxyType(
    {
        r"say-\d+": incoming.from_button,
        r"rate": incoming.from_thumb,
    }
)
"""Pattern of an action's id -> what reads it."""

UNREADABLE = (LookupError, TypeError, ValueError, AttributeError)
"""What reading something raises that is not shaped as Slack describes it."""


@dataclass(frozen=True)
class Listeners:
    """Registers the listeners."""

    inbox: Inbox
    parts: Parts
    clients: Clients
    locales: Locales
    remove: Callable[[str], None]
    """Forgets a workspace's tokens."""

    def register(self, app: App) -> None:
        """Add every listener to the library's application."""
        for name in EVENTS:
            app.event(name, middleware=[self._event])(acknowledged)
        for name in REMOVALS:
            app.event(name, middleware=[self._removal])(acknowledged)
        app.command(COMMAND, matchers=[modals.wants_form])(self._open)
        app.shortcut({"callback_id": modals.SHORTCUT, "type": "message_action"})(self._open)
        app.view(modals.VIEW)(self._submitted)
        app.command(COMMAND, middleware=[self._command])(acknowledged)
        for pattern, read in BUTTONS.items():
            whole = re.compile(rf"^{pattern}$")
            app.action(whole, middleware=[self._button(read)])(acknowledged)

    def _event(self, body: dict[str, Any], next: Callable[[], None]) -> None:
        self._keep(lambda: incoming.from_event(body, self._engaged))
        next()

    def _removal(self, body: dict[str, Any], next: Callable[[], None]) -> None:
        event = body["event"]
        if event["type"] == "app_uninstalled" or (event.get("tokens") or {}).get("bot"):
            self.remove(incoming.team_of(body))
        next()

    def _command(self, body: dict[str, Any], next: Callable[[], None]) -> None:
        self._keep(lambda: incoming.from_command(body))
        next()

    def _button(self, read: Callable[[incoming.Body, incoming.Body], Job]) -> Callable[..., None]:
        def pressed(body: dict[str, Any], next: Callable[[], None]) -> None:
            for action in body["actions"]:
                self._keep(lambda action=action: read(body, action))  # type: ignore[misc]
            next()

        return pressed

    def _open(self, ack: Ack, body: dict[str, Any]) -> None:
        """Open the form; the library has given the receipt by then."""
        ack()
        team = incoming.team_of(body)
        client = self.clients.of(team)
        user = body.get("user_id") or body["user"]["id"]
        language = self.parts.knowledge.languages[self.locales.of(client, team, user)]
        try:
            view = modals.form(body, language, self.parts)
            client.views_open(trigger_id=body["trigger_id"], view=view)
        except (SlackClientError, OSError) as error:
            sentence = explain(error, self.parts, language).text
            self.clients.respond(body["response_url"], plain_post(sentence).content)

    def _submitted(self, ack: Ack, body: dict[str, Any]) -> None:
        """Say what is wrong with the form, or write it down to be filed."""
        sent = modals.read(body, self.parts)
        if sent.errors:
            ack(response_action="errors", errors=dict(sent.errors))
            return
        self.inbox.keep(sent.job, self.parts.assistant.now())
        ack()

    def _keep(self, read: Callable[[], Job | None]) -> None:
        try:
            job = read()
        except UNREADABLE as error:
            # sent again it would be no better
            LOG.warning("Slack sent what cannot be read: %s", type(error).__name__)
            return
        if job is not None:
            self.inbox.keep(job, self.parts.assistant.now())

    def _engaged(self, place: Place) -> bool:
        """Tell whether the assistant was called into a thread before, or just now."""
        token = place.token(self.parts.secret)
        known = self.parts.store.conversation(token) is not None
        return known or self.inbox.waits(place.lane)


def acknowledged(ack: Ack) -> None:
    """Give the receipt; all the rest was done before."""
    ack()
