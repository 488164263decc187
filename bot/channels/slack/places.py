"""Where a conversation in Slack lives, and by which token it goes on.

A thread in a channel is one conversation, whoever writes in it. What one person says to the
assistant alone is another one: by direct message, wherever in it they type, and by the command.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.secret import Secret


class Where(StrEnum):
    """What kind of place it is."""

    DIRECT = "direct"
    THREAD = "thread"
    """A thread in a channel, which others read."""
    ASIDE = "aside"
    """The command's: seen by one person only, in whichever channel it is typed."""


@dataclass(frozen=True)
class Place:
    """A place in one workspace."""

    where: Where
    team: str
    channel: str
    user: str
    """Who writes."""
    thread: str | None = None
    """Moment of the message under which replies go; of a thread in a channel, its first one."""

    @property
    def key(self) -> tuple[str, ...]:
        """What tells its conversation from others; workspaces never share one."""
        match self.where:
            case Where.THREAD:
                return (self.where, self.team, self.channel, self.thread or "")
            case Where.DIRECT:
                return (self.where, self.team, self.user, self.channel)
            case _:
                return (self.where, self.team, self.user)

    @property
    def lane(self) -> str:
        """What is worked on in order."""
        return "/".join(self.key)

    def token(self, secret: Secret) -> str:
        """Give the token of its conversation."""
        return secret.place_token("slack", *self.key)


def workspace(enterprise: str | None, team: str) -> str:
    """Name a workspace, with the organisation that it may belong to: tokens are kept by both."""
    return f"{enterprise}.{team}" if enterprise else team


def source(team: str, channel: str, moment: str, secret: Secret) -> str:
    """Name a message as the source of a ticket, so that nobody can read where it stands."""
    return "slack-" + secret.place_token("slack message", team, channel, moment)[:32]
