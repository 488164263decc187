"""A store in memory, for trying things out: it forgets everything when the program ends."""

import hmac
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from threading import Lock
from typing import Self

from bot.tickets.steps import (
    drafts,
    event_of,
    lifted,
    mentioned,
    put_on,
    stopped,
    stopped_since,
    taken_off,
    without_steps,
)
from bot.vault import Vault
from handlers.casework import Step
from handlers.deliveries import Backlog, Delivery, Outcome
from handlers.feedback import Feedback
from handlers.register import GENESIS, Entry, Event, What, chained
from handlers.store import Conversation, Health, Pending, Suppression
from handlers.tickets import Conflict, Contact, Status, Ticket, TicketError


@dataclass(frozen=True)
class Talk:
    """An open conversation."""

    conversation: Conversation
    updated_at: datetime
    mentioned: frozenset[str]


@dataclass(frozen=True)
class Code:
    """A one-time code that was sent."""

    contact: Contact
    mark: str
    expires: datetime
    tries: int = 0


@dataclass(frozen=True)
class Parcel:
    """A delivery, and how the work on it stands."""

    delivery: Delivery
    outcome: Outcome = Outcome.WAITING
    problem: str | None = None
    free_at: datetime | None = None
    """From when on somebody may take it."""
    ended_at: datetime | None = None


class MemoryStore:
    """Keeps tickets and conversations in this process only."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._lock = Lock()
        self._talks: dict[str, Talk] = {}
        self._tickets: dict[str, Ticket] = {}
        self._entries: list[Entry] = []
        self._codes: dict[str, Code] = {}
        self._suppressed: dict[str, dict[str, Suppression]] = {}
        """By keyed hash and reference."""
        self._counters: dict[tuple[str, int], int] = {}
        self._ratings: list[Feedback] = []
        self._parcels: dict[int, Parcel] = {}
        self._numbers = itertools.count(1)

    @classmethod
    def open(cls, url: str, vault: Vault) -> Self:
        """Open an empty store; the URL says no more than ``memory:``."""
        del url
        return cls(vault)

    # conversations

    def conversation(self, token: str) -> Conversation | None:
        """Give what is kept of the conversation with this token."""
        talk = self._talks.get(token)
        return talk.conversation if talk else None

    def save(self, token: str, conversation: Conversation, now: datetime) -> None:
        """Write a conversation's next reply, and the steps that the reply holds, or neither."""
        with self._lock:
            self._save(token, conversation, now)

    def forget(self, token: str) -> None:
        """Delete what is kept of a conversation; its tickets stay."""
        with self._lock:
            self._talks.pop(token, None)

    def forget_idle(self, before: datetime) -> int:
        """Delete the conversations whose last message is older, and give their number."""
        with self._lock:
            idle = [token for token, talk in self._talks.items() if talk.updated_at < before]
            for token in idle:
                del self._talks[token]
            return len(idle)

    def idle(self, before: datetime) -> int:
        """Give the number of conversations that are that old."""
        with self._lock:
            return sum(talk.updated_at < before for talk in self._talks.values())

    def abandoned(self, before: datetime) -> list[tuple[str, Conversation]]:
        """Give the conversations with a draft and an older last message."""
        with self._lock:
            return [
                (token, talk.conversation)
                for token, talk in self._talks.items()
                if drafts(talk.conversation) and talk.updated_at < before
            ]

    def adopt(self, hashed_token: str, conversation: Conversation) -> None:
        """Write an abandoned conversation's next reply."""
        with self._lock:
            self._save(hashed_token, conversation, None)

    # tickets

    def apply(self, steps: Sequence[Step]) -> None:
        """Write steps and their events, all or none."""
        with self._lock:
            self._write(steps)

    def ticket(self, reference: str) -> Ticket | None:
        """Give the ticket with this reference, if there is one."""
        return self._tickets.get(reference)

    def tickets(
        self, *, status: Status | None = None, open_only: bool = False, limit: int = 100
    ) -> list[Ticket]:
        """List tickets, the one due soonest first."""
        found = [
            t for t in self._all() if status in {None, t.status} and (t.is_open or not open_only)
        ]
        return sorted(found, key=lambda t: (t.due_on, t.reference))[:limit]

    def references(self) -> Iterator[str]:
        """Give every ticket's reference in the order of filing."""
        return iter(tuple(self._tickets))

    def by_contact(self, contact: Contact, limit: int = 100) -> list[Ticket]:
        """Give the tickets with exactly this identifier, the latest first."""
        return [t for t in reversed(self._all()) if contact in t.contacts][:limit]

    def by_source(self, source: str) -> list[Ticket]:
        """Give the tickets that were filed of this message."""
        return [t for t in self._all() if t.source and t.source.startswith(f"{source}:")]

    def stale(self, calendar: str, limit: int = 1000) -> list[Ticket]:
        """Give open tickets whose dates were worked out by another calendar."""
        return [t for t in self._all() if t.is_open and t.calendar != calendar][:limit]

    def erasable(self, today: date, limit: int = 1000) -> list[Ticket]:
        """Give final tickets past their date, neither held nor erased."""
        past = [
            (ticket.retention_until, number, ticket)
            for number, ticket in enumerate(self._all())
            if ticket.retention_until is not None and ticket.retention_until < today
            if not (ticket.is_open or ticket.legal_hold or ticket.erased_at)
        ]
        return [ticket for _, _, ticket in sorted(past, key=lambda p: p[:2])][:limit]

    def kept(self) -> Iterator[tuple[str, datetime, date]]:
        """Give each closed ticket that is not erased, and until when it is kept."""
        return iter(
            [
                (ticket.reference, ticket.closed_at, ticket.retention_until)
                for ticket in self._all()
                if ticket.closed_at and ticket.retention_until and not ticket.erased_at
            ]
        )

    def pending(self, today: date) -> Mapping[str, Pending]:
        """Count the open tickets by request type."""
        found: dict[str, list[bool]] = defaultdict(list)
        for ticket in self._all():
            if ticket.is_open:
                found[ticket.request].append(ticket.overdue(today))
        return {request: Pending(len(late), sum(late)) for request, late in found.items()}

    def filed(self, after: int) -> tuple[int, Mapping[tuple[str, str], int]]:
        """Count the tickets filed after so many, and give how many there are."""
        tickets = self._all()
        return len(tickets), Counter((t.request, t.channel) for t in tickets[after:])

    # the register

    def record(self, event: Event) -> None:
        """Add an event that changes no ticket, such as an export."""
        with self._lock:
            self._append(event)

    def register(self, reference: str | None = None) -> Iterator[Entry]:
        """Give the register's entries in order, of one ticket where its reference is given."""
        return (e for e in tuple(self._entries) if reference in {None, e.event.reference})

    def head(self) -> tuple[int, str]:
        """Give the number of entries and the last one's hash."""
        with self._lock:
            return self._head()

    # one-time codes

    def keep_code(
        self, reference: str, contact: Contact, code: str, now: datetime, expires: datetime
    ) -> None:
        """Keep a code's keyed hash for one identifier of a ticket; an earlier one is void."""
        del now
        with self._lock:
            ticket = self._tickets.get(reference)
            if ticket is None or contact not in ticket.contacts:
                raise TicketError("not_an_identifier")
            self._codes[reference] = Code(contact, self._code_mark(reference, code), expires)

    def try_code(self, reference: str, code: str, now: datetime, tries: int) -> Contact | None:
        """Give the identifier that a code proves, once; a wrong one counts as a try."""
        with self._lock:
            kept = self._codes.pop(reference, None)
            if kept is None or now >= kept.expires or kept.tries >= tries:
                return None
            if hmac.compare_digest(kept.mark, self._code_mark(reference, code)):
                contacts = self._tickets[reference].contacts
                return contacts[contacts.index(kept.contact)]
            if kept.tries + 1 < tries:
                self._codes[reference] = replace(kept, tries=kept.tries + 1)
            return None

    # suppression list

    def suppressed(self, contact: Contact) -> Suppression | None:
        """Tell whether this address or number is on the suppression list."""
        found = tuple(self._suppressed.get(self._suppression_mark(contact), {}).values())
        return min(found, key=lambda one: (one.since, one.reference), default=None)

    # floods

    def rate(self, feedback: Feedback) -> None:
        """Keep what somebody thinks of an answer."""
        with self._lock:
            self._ratings.insert(0, feedback)

    def ratings(self) -> list[Feedback]:
        """Give what people thought of answers, the latest first."""
        with self._lock:
            return list(self._ratings)

    def old_questions(self, before: datetime) -> int:
        """Give the number of questions that :meth:`forget_questions` would drop."""
        with self._lock:
            return sum(r.question is not None and r.at < before for r in self._ratings)

    def forget_questions(self, before: datetime) -> int:
        """Drop the questions of older ratings, and give their number; the ratings stay."""
        number = self.old_questions(before)
        with self._lock:
            self._ratings = [
                replace(r, question=None) if r.at < before else r for r in self._ratings
            ]
        return number

    def count(self, key: str, now: datetime, window: int) -> int:
        """Count one more use under a keyed name within its window of seconds, and give the sum."""
        mark = self._vault.mark(f"count {window}", key)
        ends_at = (int(now.timestamp() // window) + 1) * window
        with self._lock:
            for old in [known for known in self._counters if known[1] <= now.timestamp()]:
                del self._counters[old]
            self._counters[mark, ends_at] = self._counters.get((mark, ends_at), 0) + 1
            return self._counters[mark, ends_at]

    # deliveries

    def take_in(self, delivery: Delivery) -> bool:
        """Write a delivery down; False where one of its ids is known already."""
        with self._lock:
            known = {name for parcel in self._parcels.values() for name in parcel.delivery.ids}
            if known & {*delivery.ids}:
                return False
            number = next(self._numbers)
            self._parcels[number] = Parcel(replace(delivery, number=number))
            return True

    def take_out(self, now: datetime, until: datetime) -> Delivery | None:
        """Lend the delivery that waits longest and whose lane is free, until that moment."""
        with self._lock:
            lanes: set[str] = set()
            for number, parcel in self._parcels.items():
                if parcel.outcome is not Outcome.WAITING:
                    continue
                lane = parcel.delivery.lane
                if lane not in lanes and (parcel.free_at is None or parcel.free_at <= now):
                    tried = replace(parcel.delivery, tries=parcel.delivery.tries + 1)
                    self._parcels[number] = replace(parcel, delivery=tried, free_at=until)
                    return tried
                lanes.add(lane)
            return None

    def hold_on(self, number: int, until: datetime) -> None:
        """Lend it longer."""
        with self._lock:
            self._parcels[number] = replace(self._parcels[number], free_at=until)

    def put_back(self, number: int, at: datetime, problem: str) -> None:
        """Let a delivery wait until that moment for another try."""
        with self._lock:
            self._parcels[number] = replace(self._parcels[number], free_at=at, problem=problem)

    def finish(self, number: int, now: datetime, problem: str | None = None) -> None:
        """Note that it is done, or given up for a problem, and leave nothing of its payload."""
        with self._lock:
            parcel = self._parcels[number]
            self._parcels[number] = Parcel(
                replace(parcel.delivery, payload=""),
                Outcome.FAILED if problem else Outcome.DONE,
                problem,
                ended_at=now,
            )

    def under_way(self, lane: str) -> bool:
        """Tell whether something in this lane is still to be done."""
        with self._lock:
            return any(
                parcel.outcome is Outcome.WAITING and parcel.delivery.lane == lane
                for parcel in self._parcels.values()
            )

    def backlog(self) -> Backlog:
        """Tell how many deliveries stand how."""
        with self._lock:
            parcels = tuple(self._parcels.values())
        problems = [parcel.problem for parcel in parcels if parcel.problem]
        counts = Counter(parcel.outcome for parcel in parcels)
        return Backlog(counts, problems[-1] if problems else None)

    def forget_deliveries(self, before: datetime) -> int:
        """Drop what was finished before that moment, and give how many."""
        with self._lock:
            old = [n for n, p in self._parcels.items() if p.ended_at and p.ended_at < before]
            for number in old:
                del self._parcels[number]
            return len(old)

    # operations

    def health(self) -> Health:
        """Say that all is well: nothing can go wrong here."""
        return Health()

    # all of these under the lock

    def _save(self, token: str, conversation: Conversation, now: datetime | None) -> None:
        kept = self._talks.get(token)
        if (kept.conversation.version if kept else 0) != conversation.version - 1:
            raise Conflict
        if now is None:
            if kept is None:
                raise Conflict
            now = kept.updated_at
        self._write(conversation.reply.steps)
        references = mentioned(conversation) | (kept.mentioned if kept else frozenset())
        self._talks[token] = Talk(without_steps(conversation), now, references)

    def _write(self, steps: Sequence[Step]) -> None:
        after: dict[str, Ticket] = {}
        for step in steps:
            reference = step.ticket.reference
            before = after.get(reference, self._tickets.get(reference))
            if step.event.what is What.FILED:
                source = step.ticket.source
                known = source is not None and any(
                    source == t.source for t in (*self._all(), *after.values())
                )
                if before is not None or known:
                    raise Conflict
            elif before is None or before.version != step.ticket.version - 1:
                raise Conflict
            after[reference] = step.ticket
        self._tickets.update(after)
        for step in steps:
            self._note(step)

    def _note(self, step: Step) -> None:
        reference = step.ticket.reference
        if step.event.what is What.ERASED:
            self._codes.pop(reference, None)
            for token in [t for t, talk in self._talks.items() if reference in talk.mentioned]:
                del self._talks[token]
        for event in (event_of(step), *self._suppress(step), *self._unsuppress(step)):
            self._append(event)

    def _suppress(self, step: Step) -> tuple[Event, ...]:
        reference, since, before = step.ticket.reference, stopped_since(step), self._suppressed
        marks = [self._suppression_mark(contact) for contact in stopped(step)]
        new = [mark for mark in marks if reference not in before.get(mark, {})]
        for mark in new:
            before.setdefault(mark, {})[reference] = Suppression(mark, since, reference)
        return put_on(step, len(new))

    def _unsuppress(self, step: Step) -> tuple[Event, ...]:
        reference, contacts = step.ticket.reference, lifted(step)
        done = (entry.event.what for entry in self.register(reference))
        if not contacts or What.FULFILLED in done:
            return ()
        listed = [self._suppressed.get(self._suppression_mark(c), {}) for c in contacts]
        gone = [one.pop(reference, None) for one in listed]
        return taken_off(step, sum(map(bool, gone)), sum(map(bool, listed)))

    def _append(self, event: Event) -> None:
        seq, previous = self._head()
        self._entries.append(chained(event, seq + 1, previous))

    def _head(self) -> tuple[int, str]:
        return (len(self._entries), self._entries[-1].hash) if self._entries else (0, GENESIS)

    def _all(self) -> tuple[Ticket, ...]:
        return tuple(self._tickets.values())

    def _code_mark(self, reference: str, code: str) -> str:
        return self._vault.mark(f"code {reference}", code)

    def _suppression_mark(self, contact: Contact) -> str:
        return self._vault.mark(f"suppressed {contact.kind}", contact.value)
