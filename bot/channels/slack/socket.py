"""Socket Mode: the same listeners over a connection that the program opens itself."""

import logging

from slack_bolt.adapter.socket_mode import SocketModeHandler

from bot.channels.slack import build, guard
from bot.parts import Parts

LOG = logging.getLogger(__name__)


class Socket:
    """The channel over Socket Mode."""

    def __init__(self, parts: Parts) -> None:
        self._slack = build(parts)
        self._handler = SocketModeHandler(
            self._slack.app,
            parts.settings.slack_app_token,
            logger=guard.quiet_logger("bot.slack.socket"),
        )

    def start(self) -> None:
        """Connect, and begin to work; the library connects again whenever it has to."""
        self._slack.inbox.start()
        self._handler.connect()  # type: ignore[no-untyped-call]

    def stop(self) -> None:
        """Disconnect, after what is worked on."""
        self._handler.close()  # type: ignore[no-untyped-call]
        self._slack.inbox.stop()
