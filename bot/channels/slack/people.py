"""In which language to speak to a Slack user whose message does not tell it."""

import time
from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot.channels.speech import FALLBACK

KNOWN = 2000
"""Users whose language is remembered."""
SECONDS = 3600
"""How long; people change it seldom."""


class Locales:
    """Asks Slack for a user's language and remembers it for a while, in this process only."""

    def __init__(self, languages: Iterable[str]) -> None:
        self._languages = frozenset(languages)
        self._fallback = FALLBACK if FALLBACK in self._languages else min(self._languages)
        self._known: OrderedDict[tuple[str, str], tuple[str, float]] = OrderedDict()
        self._lock = Lock()

    def of(self, client: WebClient, team: str, user: str) -> str:
        """Give the code of the language that a user chose in Slack, where we have it."""
        with self._lock:
            code, until = self._known.get((team, user), ("", 0.0))
        if time.monotonic() < until:
            return code
        code = self._asked(client, user)
        with self._lock:
            self._known[team, user] = (code, time.monotonic() + SECONDS)
            while len(self._known) > KNOWN:
                self._known.popitem(last=False)
        return code

    def _asked(self, client: WebClient, user: str) -> str:
        try:
            found = client.users_info(user=user, include_locale=True)["user"]
        except (SlackClientError, OSError):
            return self._fallback  # a greeting in another language is better than none
        code = str(found.get("locale") or "").partition("-")[0].casefold()
        return code if code in self._languages else self._fallback
