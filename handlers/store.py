"""The port to whatever keeps tickets and open conversations; each backend is one module."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from handlers.contract import Dialogue, Reply
from handlers.tickets import Status, Ticket


@dataclass(frozen=True)
class Conversation:
    """What is kept of a conversation: its latest reply, which holds what is open."""

    version: int
    """Counts the replies, so that of two writers at once one is told to try again."""
    message_id: str | None
    """The client's id of the message that the reply answers."""
    fingerprint: str
    """Keyed hash of that message, to tell a repeated call from a reused id."""
    reply: Reply = field(repr=False)

    @property
    def dialogue(self) -> Dialogue:
        """What is open in the conversation."""
        return self.reply.dialogue


class StoreError(Exception):
    """The store cannot be used; the text says why in one line."""


class Store(Protocol):
    """Keeps tickets and open conversations. Safe to use from any thread and process."""

    def conversation(self, token: str) -> Conversation | None:
        """Give what is kept of the conversation with this token."""

    def save(self, token: str, conversation: Conversation, now: datetime) -> None:
        """Write a conversation's next reply, and its ticket where the reply says so, or neither.

        Raises:
            Conflict: when the version kept is not the one just before this one.
            StoreError: when it could not be written.
        """

    def forget(self, token: str) -> None:
        """Delete what is kept of a conversation; its tickets stay."""

    def forget_idle(self, before: datetime) -> int:
        """Delete the conversations whose last message is older, and give their number."""

    def ticket(self, reference: str) -> Ticket | None:
        """Give the ticket with this reference, if there is one."""

    def tickets(self, *, status: Status | None = None, limit: int = 100) -> Iterable[Ticket]:
        """List tickets, the one due soonest first."""
