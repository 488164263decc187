"""What can be done to a ticket, by whom it may be and when: pure, one function an action.

Each gives the ticket as it is afterwards and the event for the register, or raises and changes
nothing. The chat, the command line, the API, the staff console and Slack all go through here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import TypedDict

from handlers.deadlines import Calendar, deadline, next_working_day, target
from handlers.register import Codes, Event, What
from handlers.tickets import (
    ARTICLES,
    FLOW,
    Check,
    Contact,
    Extension,
    ExtensionReason,
    Ground,
    Outcome,
    Representative,
    Status,
    Task,
    Ticket,
    TicketError,
)
from knowledge.model import RequestFacts

RETENTION_DAYS = 730
"""Days that a closed ticket is kept, unless a setting says otherwise."""
APPLIES_SINCE = datetime(2018, 5, 25, tzinfo=UTC)
"""When the GDPR began to apply (article 99(2)); an earlier receipt is a slip of the keyboard."""
REQUESTER = "requester"
ASSISTANT = "assistant"
LIFTED = frozenset({Status.WITHDRAWN, Status.NOT_A_REQUEST})
"""Ends after which a marketing objection no longer stands."""


class Dates(TypedDict):
    """The dates of a ticket, worked out by one calendar."""

    due_on: date
    initial_due_on: date
    target_on: date
    stop_by: date | None
    calendar: str


@dataclass(frozen=True)
class Step:
    """A ticket as it is after an action, and what goes into the register."""

    ticket: Ticket
    event: Event


@dataclass(frozen=True)
class Casework:
    """The rules in force: the calendar, what holds for each request type, how long to keep."""

    calendar: Calendar
    facts: Mapping[str, RequestFacts]
    retention_days: int = RETENTION_DAYS

    # filing

    def file(  # noqa: PLR0913 - one for each thing that a ticket is made of, all named
        self,
        *,
        reference: str,
        request: str,
        language: str,
        channel: str,
        received_at: datetime,
        now: datetime,
        contacts: tuple[Contact, ...],
        details: str | None,
        confirmed: bool = True,
        source: str | None = None,
        actor: str = REQUESTER,
        representative: Representative | None = None,
    ) -> Step:
        """Make a ticket of a wish; the period runs from its receipt (GDPR article 12(3)).

        Raises:
            TicketError: for a receipt in the future, or before the GDPR applied.
        """
        _receivable(received_at, now)
        ticket = Ticket(
            reference=reference,
            request=request,
            status=Status.RECEIVED,
            language=language,
            channel=channel,
            received_at=received_at,
            filed_at=now,
            contacts=contacts,
            details=details,
            confirmed_at=now if confirmed else None,
            source=source,
            representative=representative,
            **self._dates(request, received_at),
        )
        codes: Codes = {
            "request": request,
            "channel": channel,
            "language": language,
            "received_on": str(self.calendar.day_of(received_at)),
            "due_on": str(ticket.due_on),
            "confirmed": confirmed,
        }
        return Step(ticket, Event(What.FILED, reference, actor, now, MappingProxyType(codes)))

    def confirm(self, ticket: Ticket, now: datetime) -> Step:
        """Note that its requester does want what was filed of an abandoned draft.

        Raises:
            TicketError: where it was confirmed before, or is closed.
        """
        _worked_on(ticket)
        if not ticket.unconfirmed:
            raise TicketError("confirmed_before")
        return _step(replace(ticket, confirmed_at=now), What.CONFIRMED, REQUESTER, now)

    def propose_duplicate(self, ticket: Ticket, now: datetime, *, of: Ticket) -> Step:
        """Tell staff of an open ticket with the same right and address; it decides nothing."""
        return _step(ticket, What.DUPLICATE_PROPOSED, ASSISTANT, now, {"of": of.reference})

    # the work on it

    def take(self, ticket: Ticket, actor: str, now: datetime) -> Step:
        """Let a named person take it, also over from somebody else.

        Raises:
            TicketError: where it is closed, or that person has it and works on it already.
        """
        _worked_on(ticket)
        waiting = ticket.status is not Status.RECEIVED
        if waiting and ticket.assignee == actor:
            raise TicketError("taken_before")
        status = ticket.status if waiting else Status.IN_PROGRESS
        taken = replace(ticket, status=status, assignee=actor, taken_at=now)
        return _step(taken, What.TAKEN, actor, now, {"before": ticket.assignee})

    def ask_identity(self, ticket: Ticket, actor: str, now: datetime, *, asked: Check) -> Step:
        """Ask, in reasonable doubt, who the requester is (GDPR article 12(6)); the period runs on.

        Raises:
            TicketError: for a request that needs no identity, such as a marketing objection.
        """
        if not self.facts[ticket.request].identity:
            raise TicketError("no_identity_needed", "12(6)")
        moved = _moved(ticket, Status.AWAITING_IDENTITY)
        return _step(moved, What.IDENTITY_ASKED, actor, now, {"asked": asked})

    def identity_checked(
        self, ticket: Ticket, actor: str, now: datetime, *, how: Check, contact: Contact
    ) -> Step:
        """Note that one identifier is the requester's, and how that was found out.

        A second check in another way is noted too, and so is one that ends the wait for it.

        Raises:
            TicketError: for another identifier, a closed ticket, and the same check once more.
        """
        _worked_on(ticket)
        if contact not in ticket.contacts:
            raise TicketError("not_an_identifier")
        place = ticket.contacts.index(contact)
        waiting = ticket.status is Status.AWAITING_IDENTITY
        if ticket.contacts[place].check is how and not waiting:
            raise TicketError("checked_before")
        contacts = tuple(
            replace(known, verified_at=now, check=how) if known == contact else known
            for known in ticket.contacts
        )
        status = Status.IN_PROGRESS if waiting else ticket.status
        checked = replace(ticket, contacts=contacts, status=status)
        codes: Codes = {
            "how": how,
            "identifier": place + 1,
            "kind": contact.kind,
        }
        return _step(checked, What.IDENTITY_CHECKED, actor, now, codes)

    def ask_clarification(self, ticket: Ticket, actor: str, now: datetime) -> Step:
        """Ask what exactly is meant, where much data is held (recital 63); the period runs on."""
        moved = _moved(ticket, Status.AWAITING_CLARIFICATION)
        return _step(moved, What.CLARIFICATION_ASKED, actor, now)

    def resume(self, ticket: Ticket, actor: str, now: datetime) -> Step:
        """Go on after an answer, or without one."""
        return _step(_moved(ticket, Status.IN_PROGRESS), What.RESUMED, actor, now)

    def add_task(self, ticket: Ticket, actor: str, now: datetime, *, system: str) -> Step:
        """Add one thing to be done in one system, or by one recipient (GDPR article 19).

        Raises:
            TicketError: for a closed ticket, as nobody looks at it for work.
        """
        _worked_on(ticket)
        task = Task(len(ticket.tasks) + 1, system, actor)
        added = replace(ticket, tasks=(*ticket.tasks, task))
        return _step(added, What.TASK_ADDED, actor, now, {"task": task.id})

    def finish_task(
        self, ticket: Ticket, actor: str, now: datetime, *, task: int, proof: str | None = None
    ) -> Step:
        """Note that a task is done, with its proof.

        That is possible on a closed ticket too: the person may be told before the last recipient
        says that it is done, and the register must show when it was.

        Raises:
            TicketError: where there is no such task, or it was done before.
        """
        _not_erased(ticket)
        found = next((known for known in ticket.tasks if known.id == task), None)
        if found is None:
            raise TicketError("no_such_task")
        if found.done_at is not None:
            raise TicketError("task_done_before")
        tasks = tuple(
            replace(known, owner=actor, done_at=now, proof=proof) if known.id == task else known
            for known in ticket.tasks
        )
        return _step(replace(ticket, tasks=tasks), What.TASK_DONE, actor, now, {"task": task})

    # the period

    def extend(
        self, ticket: Ticket, actor: str, now: datetime, *, reason: ExtensionReason, text: str
    ) -> Step:
        """Extend the period by two months; the person is told why within the first one.

        Raises:
            TicketError: a second time, without a text, or after the first month (article 12(3)).
        """
        _worked_on(ticket)
        if ticket.extended:
            raise TicketError("extended_once", "12(3)")
        if not text.strip():
            raise TicketError("reason_missing", "12(3)")
        if self.calendar.day_of(now) > ticket.initial_due_on:
            raise TicketError("first_month_over", "12(3)")
        received_on = self.calendar.day_of(ticket.received_at)
        due_on = deadline(received_on, self.calendar, extended=True).due_on
        extension = Extension(now, reason, text, due_on)
        codes = {"reason": reason, "before": str(ticket.due_on), "due_on": str(due_on)}
        extended = replace(ticket, extension=extension, due_on=due_on)
        return _step(extended, What.EXTENDED, actor, now, codes)

    def remove_extension(self, ticket: Ticket, actor: str, now: datetime) -> Step:
        """Take an extension back; the date of the first month, kept until now, holds again.

        Raises:
            TicketError: where there is none, and for a closed ticket, which was answered by it.
        """
        _worked_on(ticket)
        if not ticket.extended:
            raise TicketError("not_extended")
        codes = {"before": str(ticket.due_on), "due_on": str(ticket.initial_due_on)}
        restored = replace(ticket, extension=None, due_on=ticket.initial_due_on)
        return _step(restored, What.EXTENSION_REMOVED, actor, now, codes)

    def correct_receipt(
        self, ticket: Ticket, actor: str, now: datetime, *, received_at: datetime
    ) -> Step:
        """Correct the moment of receipt; every date follows, also those of a closed ticket.

        Raises:
            TicketError: for the moment that is noted already, one in the future or before the GDPR
                applied, and one after the day on which the person was told the answer.
        """
        _not_erased(ticket)
        _receivable(received_at, now)
        if received_at == ticket.received_at:
            raise TicketError("received_then")
        outcome = ticket.outcome
        if outcome and outcome.informed_on < self.calendar.day_of(received_at):
            raise TicketError("informed_before_receipt")
        moved = self._recomputed(replace(ticket, received_at=received_at))
        codes = {
            "received_before": str(self.calendar.day_of(ticket.received_at)),
            "received_on": str(self.calendar.day_of(received_at)),
            "before": str(ticket.due_on),
            "due_on": str(moved.due_on),
        }
        return _step(moved, What.RECEIPT_CORRECTED, actor, now, codes)

    def recompute(self, ticket: Ticket, now: datetime) -> Step | None:
        """Work the dates of an open ticket out anew after a change of the calendar."""
        if not ticket.is_open or ticket.calendar == self.calendar.version:
            return None
        moved = self._recomputed(ticket)
        codes = {
            "calendar_before": ticket.calendar,
            "calendar": moved.calendar,
            "before": str(ticket.due_on),
            "due_on": str(moved.due_on),
        }
        return _step(moved, What.RECOMPUTED, ASSISTANT, now, codes)

    # ends

    def fulfil(self, ticket: Ticket, actor: str, now: datetime, *, informed_on: date) -> Step:
        """Close it: done, and the person was told, if only that nothing is held."""
        moved = _moved(ticket, Status.FULFILLED)
        self._told(ticket, informed_on, now)
        closed = self._closed(replace(moved, outcome=Outcome(informed_on)), now)
        return _step(closed, What.FULFILLED, actor, now, {"informed_on": str(informed_on)})

    def refuse(  # noqa: PLR0913 - what article 12(4) asks for, all named
        self,
        ticket: Ticket,
        actor: str,
        now: datetime,
        *,
        ground: Ground,
        explanation: str,
        informed_on: date,
        partial: bool = False,
    ) -> Step:
        """Close it: refused, or a part of it, with ground and explanation (GDPR article 12(4)).

        Raises:
            TicketError: without an explanation, and for every marketing objection (21(3)).
        """
        if self.facts[ticket.request].stop_at_once:
            raise TicketError("cannot_be_refused", "21(3)")
        if not explanation.strip():
            raise TicketError("explanation_missing", "12(4)")
        moved = _moved(ticket, Status.FULFILLED if partial else Status.REFUSED)
        self._told(ticket, informed_on, now)
        outcome = Outcome(informed_on, ground, explanation, partial)
        closed = self._closed(replace(moved, outcome=outcome), now)
        codes: Codes = {
            "ground": ground,
            "article": ARTICLES[ground],
            "informed_on": str(informed_on),
            "partial": partial,
        }
        return _step(closed, What.REFUSED, actor, now, codes)

    def withdraw(self, ticket: Ticket, now: datetime, *, actor: str = REQUESTER) -> Step:
        """Close it: its requester wants it no longer."""
        closed = self._closed(_moved(ticket, Status.WITHDRAWN), now)
        return _step(closed, What.WITHDRAWN, actor, now)

    def mark_duplicate(self, ticket: Ticket, actor: str, now: datetime, *, of: Ticket) -> Step:
        """Close it: the same right of the same person is worked on in another ticket.

        Raises:
            TicketError: where the other is another right, closed, or the ticket itself, where both
                have no verified identifier in common, and after a breach signal.
        """
        if of.reference == ticket.reference:
            raise TicketError("duplicate_of_itself")
        if not of.is_open:
            raise TicketError("duplicate_of_closed")
        if of.request != ticket.request:
            raise TicketError("duplicate_of_another_right")
        if ticket.breach:
            raise TicketError("breach_is_no_duplicate", "21(3)")
        if not verified(ticket) & verified(of):
            raise TicketError("not_the_same_person")
        moved = replace(_moved(ticket, Status.DUPLICATE), duplicate_of=of.reference)
        return _step(self._closed(moved, now), What.DUPLICATE, actor, now, {"of": of.reference})

    def not_a_request(self, ticket: Ticket, actor: str, now: datetime, *, reason: str) -> Step:
        """Close it: a person found that nothing was asked for. The assistant never does."""
        if actor in {ASSISTANT, REQUESTER}:
            raise TicketError("only_staff")
        if not reason.strip():
            raise TicketError("reason_missing")
        moved = self._closed(_moved(ticket, Status.NOT_A_REQUEST), now)
        return _step(moved, What.NOT_A_REQUEST, actor, now)

    def reopen(self, ticket: Ticket, actor: str, now: datetime) -> Step:
        """Open a closed ticket again; its dates stay."""
        codes: Codes = {"before": ticket.status, **self._objected(ticket, now)}
        return _step(_reopened(ticket), What.REOPENED, actor, now, codes)

    def signal_breach(self, ticket: Ticket, now: datetime, *, actor: str = REQUESTER) -> Step:
        """Note that the person was contacted after a marketing stop, and open it again.

        Raises:
            TicketError: for another kind of request.
        """
        if not self.facts[ticket.request].stop_at_once:
            raise TicketError("no_marketing_stop")
        opened = ticket if ticket.is_open else _reopened(ticket)
        breached = replace(opened, breach=True)
        codes: Codes = {"before": ticket.status, **self._objected(ticket, now)}
        return _step(breached, What.BREACH_SIGNALLED, actor, now, codes)

    def note_source(self, ticket: Ticket, now: datetime, *, deleted: bool) -> Step:
        """Note that the message by which it came in was edited or deleted there.

        The ticket stays as it was stated; whoever works on it may ask.
        """
        what = What.SOURCE_DELETED if deleted else What.SOURCE_EDITED
        return _step(ticket, what, REQUESTER, now)

    # keeping and erasing

    def hold(self, ticket: Ticket, actor: str, now: datetime) -> Step:
        """Keep it beyond its date, for a legal claim.

        Raises:
            TicketError: where it is kept so already.
        """
        _not_erased(ticket)
        if ticket.legal_hold:
            raise TicketError("held_before")
        return _step(replace(ticket, legal_hold=True), What.HELD, actor, now)

    def release(self, ticket: Ticket, actor: str, now: datetime) -> Step:
        """Let it be erased on its date again, which counts from the close and may be past.

        Raises:
            TicketError: where it is not kept for a legal claim.
        """
        _not_erased(ticket)
        if not ticket.legal_hold:
            raise TicketError("not_held")
        released = self._redated(replace(ticket, legal_hold=False))
        return _step(released, What.RELEASED, actor, now)

    def redate(self, ticket: Ticket, now: datetime) -> Step | None:
        """Work out anew until when a closed ticket is kept, after a change of the setting."""
        moved = self._redated(ticket)
        if ticket.erased_at is not None or moved == ticket:
            return None
        codes = {
            "kept_before": str(ticket.retention_until),
            "kept_until": str(moved.retention_until),
        }
        return _step(moved, What.RECOMPUTED, ASSISTANT, now, codes)

    def erase(self, ticket: Ticket, actor: str, now: datetime) -> Step:
        """Leave a countable stub: codes and dates, and no personal value.

        Raises:
            TicketError: for an open ticket, under a legal hold, and a second time.
        """
        _not_erased(ticket)
        if ticket.is_open:
            raise TicketError("still_open")
        if ticket.legal_hold:
            raise TicketError("legal_hold")
        outcome = ticket.outcome and replace(ticket.outcome, explanation=None)
        extension = ticket.extension and replace(ticket.extension, text="")
        stub = replace(
            ticket,
            contacts=(),
            details=None,
            representative=None,
            source=None,
            outcome=outcome,
            extension=extension,
            tasks=tuple(replace(task, proof=None) for task in ticket.tasks),
            erased_at=now,
        )
        return _step(stub, What.ERASED, actor, now)

    def kept_until(self, closed_at: datetime) -> date:
        """Give the last day on which a ticket is kept that was closed then."""
        return self.calendar.day_of(closed_at) + timedelta(days=self.retention_days)

    def may_be_erased(self, ticket: Ticket, today: date) -> bool:
        """Tell whether a ticket is past its date: final, not held, not erased yet."""
        until = ticket.retention_until
        kept = ticket.is_open or ticket.legal_hold or ticket.erased_at is not None
        return not kept and until is not None and until < today

    def _dates(self, request: str, received_at: datetime) -> Dates:
        received_on = self.calendar.day_of(received_at)
        due_on = deadline(received_on, self.calendar).due_on
        stops = self.facts[request].stop_at_once
        return {
            "due_on": due_on,
            "initial_due_on": due_on,
            "target_on": target(received_on, self.calendar),
            "stop_by": next_working_day(received_on, self.calendar)[0] if stops else None,
            "calendar": self.calendar.version,
        }

    def _recomputed(self, ticket: Ticket) -> Ticket:
        moved = replace(ticket, **self._dates(ticket.request, ticket.received_at))
        if ticket.extension is None:
            return moved
        received_on = self.calendar.day_of(ticket.received_at)
        due_on = deadline(received_on, self.calendar, extended=True).due_on
        return replace(moved, due_on=due_on, extension=replace(ticket.extension, due_on=due_on))

    def _redated(self, ticket: Ticket) -> Ticket:
        if ticket.closed_at is None:
            return ticket
        return replace(ticket, retention_until=self.kept_until(ticket.closed_at))

    def _objected(self, ticket: Ticket, now: datetime) -> Codes:
        """Tell from which day a marketing objection that did not stand counts, opened again."""
        if ticket.stop_by is None or ticket.status not in LIFTED:
            return {}
        # who withdrew it objects anew; where staff were wrong it stood all the time
        since = now if ticket.status is Status.WITHDRAWN else ticket.received_at
        return {"since": str(self.calendar.day_of(since))}

    def _told(self, ticket: Ticket, informed_on: date, now: datetime) -> None:
        if informed_on > self.calendar.day_of(now):
            raise TicketError("informed_in_future")
        if informed_on < self.calendar.day_of(ticket.received_at):
            raise TicketError("informed_before_receipt")

    def _closed(self, ticket: Ticket, now: datetime) -> Ticket:
        return replace(ticket, closed_at=now, retention_until=self.kept_until(now))


def verified(ticket: Ticket) -> frozenset[Contact]:
    """Give the identifiers that are surely the requester's."""
    return frozenset(c for c in ticket.contacts if c.verified_at is not None)


def _receivable(received_at: datetime, now: datetime) -> None:
    """Refuse a moment at which no request can have been received."""
    if received_at > now:
        raise TicketError("received_in_future")
    if received_at < APPLIES_SINCE:
        raise TicketError("received_before_law", "99(2)")


def _not_erased(ticket: Ticket) -> None:
    """Refuse to do anything more to a stub, which is only counted."""
    if ticket.erased_at is not None:
        raise TicketError("erased")


def _worked_on(ticket: Ticket) -> None:
    """Refuse what only a ticket that is worked on allows."""
    _not_erased(ticket)
    if not ticket.is_open:
        raise TicketError("closed")


def _moved(ticket: Ticket, status: Status) -> Ticket:
    """Give the ticket in its next status.

    Raises:
        TicketError: where :data:`~handlers.tickets.FLOW` does not allow that step.
    """
    _not_erased(ticket)
    if status not in FLOW[ticket.status]:
        if status is Status.RECEIVED:
            raise TicketError("not_closed")
        if status is ticket.status is Status.IN_PROGRESS:
            raise TicketError("in_progress")
        _worked_on(ticket)
        raise TicketError(f"{status} may not follow {ticket.status}")
    return replace(ticket, status=status)


def _reopened(ticket: Ticket) -> Ticket:
    return replace(
        _moved(ticket, Status.RECEIVED),
        outcome=None,
        closed_at=None,
        duplicate_of=None,
        retention_until=None,
    )


def _step(
    ticket: Ticket, what: What, actor: str, now: datetime, codes: Codes | None = None
) -> Step:
    event = Event(what, ticket.reference, actor, now, MappingProxyType(dict(codes or {})))
    return Step(replace(ticket, version=ticket.version + 1), event)
