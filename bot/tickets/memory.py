"""A store in memory, for trying things out: it forgets everything when the program ends."""

from datetime import datetime
from threading import Lock
from typing import Self

from handlers.store import Conversation
from handlers.tickets import Conflict, Status, Ticket


class MemoryStore:
    """Keeps tickets and conversations in this process only."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._conversations: dict[str, tuple[Conversation, datetime]] = {}
        self._tickets: dict[str, Ticket] = {}

    @classmethod
    def open(cls, url: str) -> Self:
        """Open an empty store; the URL says no more than ``memory:``."""
        del url
        return cls()

    def conversation(self, token: str) -> Conversation | None:
        """Give what is kept of the conversation with this token."""
        kept = self._conversations.get(token)
        return kept[0] if kept else None

    def save(self, token: str, conversation: Conversation, now: datetime) -> None:
        """Write a conversation's next reply and, where the reply says so, its ticket."""
        with self._lock:
            kept = self._conversations.get(token)
            if (kept[0].version if kept else 0) != conversation.version - 1:
                raise Conflict
            self._conversations[token] = (conversation, now)
            ticket = conversation.reply.ticket
            if conversation.reply.write and ticket is not None:
                self._tickets[ticket.reference] = ticket

    def forget(self, token: str) -> None:
        """Delete what is kept of a conversation; its tickets stay."""
        with self._lock:
            self._conversations.pop(token, None)

    def forget_idle(self, before: datetime) -> int:
        """Delete the conversations whose last message is older."""
        with self._lock:
            idle = [token for token, (_, at) in self._conversations.items() if at < before]
            for token in idle:
                del self._conversations[token]
            return len(idle)

    def ticket(self, reference: str) -> Ticket | None:
        """Give the ticket with this reference, if there is one."""
        return self._tickets.get(reference)

    def tickets(self, *, status: Status | None = None, limit: int = 100) -> list[Ticket]:
        """List tickets, the one due soonest first."""
        found = [t for t in self._tickets.values() if status in {None, t.status}]
        return sorted(found, key=lambda t: (t.due_on, t.reference))[:limit]
