"""The port to whatever keeps tickets and open conversations; each backend is one module."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from handlers.casework import Step
from handlers.contract import Dialogue, Reply
from handlers.deliveries import Backlog, Delivery
from handlers.feedback import Feedback
from handlers.register import Entry, Event
from handlers.tickets import Contact, Status, Ticket


@dataclass(frozen=True)
class Conversation:
    """What is kept of a conversation: its latest reply, which holds what is open."""

    version: int
    """Counts the replies, so that of two writers at once one is told to try again."""
    message_id: str | None
    """Keyed hash of the client's id of the message that the reply answers."""
    fingerprint: str
    """Keyed hash of that message, to tell a repeated call from a reused id."""
    reply: Reply = field(repr=False)

    @property
    def dialogue(self) -> Dialogue:
        """What is open in the conversation."""
        return self.reply.dialogue


@dataclass(frozen=True)
class Suppression:
    """A marketing stop, as the suppression list keeps it: no address, only its keyed hash."""

    hash: str
    since: date
    reference: str


@dataclass(frozen=True)
class Health:
    """How a store is, for those who look after it."""

    free_bytes: int | None = None
    """Room that is left for it; None where it needs none."""
    waiting: Mapping[str, datetime] = field(default_factory=dict)
    """Queue -> since when its oldest row waits to be worked on."""


@dataclass(frozen=True)
class Pending:
    """How many tickets of one request type are open."""

    open: int
    overdue: int
    """Of those: the day by which they had to be answered is past."""


class StoreError(Exception):
    """The store cannot be used; the text says why in one line."""


class Store(Protocol):
    """Keeps tickets and open conversations. Safe to use from any thread and process."""

    # conversations

    def conversation(self, token: str) -> Conversation | None:
        """Give what is kept of the conversation with this token."""

    def save(self, token: str, conversation: Conversation, now: datetime) -> None:
        """Write a conversation's next reply, and the steps that the reply holds, or neither.

        A step of :attr:`~handlers.register.What.FILED` inserts its ticket; any other one replaces
        the ticket whose version is the one just before. Each step's event is chained to the
        register in the same transaction, and the contacts of a marketing stop that is filed go
        onto the suppression list. They leave it when the stop is withdrawn or found to be no
        request before it was ever fulfilled, unless another ticket keeps them there; each of
        both is an event of its own.

        Raises:
            Conflict: when a version kept is not the one just before.
            StoreError: when it could not be written.
        """

    def forget(self, token: str) -> None:
        """Delete what is kept of a conversation; its tickets stay."""

    def forget_idle(self, before: datetime) -> int:
        """Delete the conversations whose last message is older, and give their number."""

    def idle(self, before: datetime) -> int:
        """Give the number of conversations that :meth:`forget_idle` would delete."""

    def abandoned(self, before: datetime) -> list[tuple[str, Conversation]]:
        """Give the conversations, by their hashed token, that hold a draft with a contact and
        whose last message is older."""

    def adopt(self, hashed_token: str, conversation: Conversation) -> None:
        """Write an abandoned conversation's next reply as :meth:`save` does.

        Raises:
            Conflict: when the person came back in between.
        """

    # tickets

    def apply(self, steps: Sequence[Step]) -> None:
        """Write steps and their events, all or none; see :meth:`save`.

        A step of :attr:`~handlers.register.What.ERASED` leaves no personal value of its ticket in
        any file: tables, indexes, write-ahead log, free pages, open conversations.

        Raises:
            Conflict: when a ticket's version is not the one just before, or a new ticket's
                ``source`` is known already.
            StoreError: when it could not be written.
        """

    def ticket(self, reference: str) -> Ticket | None:
        """Give the ticket with this reference, if there is one."""

    def tickets(
        self, *, status: Status | None = None, open_only: bool = False, limit: int = 100
    ) -> Iterable[Ticket]:
        """List tickets, the one due soonest first."""

    def references(self) -> Iterator[str]:
        """Give every ticket's reference in the order of filing, those of erased ones too."""

    def by_contact(self, contact: Contact, limit: int = 100) -> list[Ticket]:
        """Give the tickets with exactly this identifier, the latest first; never a likeness."""

    def by_source(self, source: str) -> list[Ticket]:
        """Give the tickets that were filed of this message; see :func:`handlers.requests.file`."""

    def stale(self, calendar: str, limit: int = 1000) -> list[Ticket]:
        """Give open tickets whose dates were worked out by another calendar."""

    def erasable(self, today: date, limit: int = 1000) -> list[Ticket]:
        """Give final tickets past their date, neither held nor erased."""

    def kept(self) -> Iterator[tuple[str, datetime, date]]:
        """Give each closed ticket that is not erased: its reference, when it was closed, and
        the last day on which it is kept."""

    def pending(self, today: date) -> Mapping[str, Pending]:
        """Count the open tickets by request type."""

    def filed(self, after: int) -> tuple[int, Mapping[tuple[str, str], int]]:
        """Count by request type and channel the tickets filed after the one with this number.

        Gives the number of the last one too, so that a program that asks again and again counts
        each ticket once.
        """

    # the register

    def record(self, event: Event) -> None:
        """Add an event that changes no ticket, such as an export."""

    def register(self, reference: str | None = None) -> Iterator[Entry]:
        """Give the register's entries in order, of one ticket where its reference is given."""

    def head(self) -> tuple[int, str]:
        """Give the number of entries and the last one's hash."""

    # one-time codes

    def keep_code(
        self, reference: str, contact: Contact, code: str, now: datetime, expires: datetime
    ) -> None:
        """Keep a code's keyed hash for one identifier of a ticket; an earlier one is void."""

    def try_code(self, reference: str, code: str, now: datetime, tries: int) -> Contact | None:
        """Give the identifier that a code proves, once; a wrong one counts as a try."""

    # suppression list

    def suppressed(self, contact: Contact) -> Suppression | None:
        """Tell whether this address or number is on the suppression list."""

    # feedback

    def rate(self, feedback: Feedback) -> None:
        """Keep what somebody thinks of an answer."""

    def ratings(self) -> list[Feedback]:
        """Give what people thought of answers, the latest first."""

    def old_questions(self, before: datetime) -> int:
        """Give the number of questions that :meth:`forget_questions` would drop."""

    def forget_questions(self, before: datetime) -> int:
        """Drop the questions of older ratings, and give their number; the ratings stay."""

    # floods

    def count(self, key: str, now: datetime, window: int) -> int:
        """Count one more use under a keyed name within its window of seconds, and give the sum."""

    # deliveries

    def take_in(self, delivery: Delivery) -> bool:
        """Write a delivery down, durably; False where one of its ids is known already."""

    def take_out(self, now: datetime, until: datetime) -> Delivery | None:
        """Lend the delivery that waits longest and whose lane is free, until that moment.

        Nobody else gets it before; whoever does not come back by then has died.
        """

    def hold_on(self, number: int, until: datetime) -> None:
        """Lend it longer."""

    def put_back(self, number: int, at: datetime, problem: str) -> None:
        """Let a delivery wait until that moment for another try; its lane waits with it."""

    def finish(self, number: int, now: datetime, problem: str | None = None) -> None:
        """Note that it is done, or given up for a problem, and leave nothing of its payload."""

    def under_way(self, lane: str) -> bool:
        """Tell whether something in this lane is still to be done."""

    def backlog(self) -> Backlog:
        """Tell how many deliveries stand how."""

    def forget_deliveries(self, before: datetime) -> int:
        """Drop what was finished before that moment, and give how many."""

    # operations

    def health(self) -> Health:
        """Tell how the store is, after making sure that it can be written.

        Raises:
            StoreError: when it cannot be used.
        """
