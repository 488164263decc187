"""Keeps no longer than needed: erases, forgets, and looks after dates and left drafts.

Any number of programs may do so at once: each change names the version that it is made of, and the
second one is turned away.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.abandoned import LEFT, file_abandoned
from bot.assistant import IDLE
from handlers.abandoned import worth_filing
from handlers.casework import ASSISTANT, Casework, Step
from handlers.contract import Desk
from handlers.store import Store
from handlers.tickets import Conflict

LEARNT = timedelta(days=90)
"""After this time the legal team has learnt from a question, or never will; its thumb stays."""
MANY = 1_000_000
"""Tickets looked for at once."""
TOGETHER = 100
"""Tickets erased in one transaction: the log is emptied after each, and nobody waits long."""


@dataclass(frozen=True)
class Work:
    """What is to be done, or was done."""

    erase: tuple[str, ...] = ()
    """References of final tickets past their date."""
    recompute: tuple[tuple[str, str, str], ...] = ()
    """Reference, due date before and after, of open tickets after a change of the calendar."""
    redate: tuple[tuple[str, str, str], ...] = ()
    """Reference, last day before and after, of closed tickets after a change of the setting."""
    file: int = 0
    """Tickets of abandoned drafts."""
    forget: int = 0
    """Idle conversations."""
    questions: int = 0
    """Questions that were sent along with feedback."""

    def summary(self) -> str:
        """Say it in numbers."""
        return (
            f"{self.file} filed, {len(self.recompute) + len(self.redate)} recomputed, "
            f"{len(self.erase)} erased, {self.forget} conversations forgotten"
        )

    def lines(self) -> list[str]:
        """Say it in lines."""
        lines = [f"file {self.file} of abandoned drafts"] if self.file else []
        for reference, before, after in self.recompute:
            lines.append(f"recompute {reference}: due {before} -> {after}")
        for reference, before, after in self.redate:
            lines.append(f"recompute {reference}: kept until {before} -> {after}")
        lines += [f"erase {reference}" for reference in self.erase]
        if self.forget:
            lines.append(f"forget {self.forget} idle conversations")
        if self.questions:
            lines.append(f"forget {self.questions} questions sent along with feedback")
        return lines or ["nothing to do"]


def due(store: Store, desk: Desk, now: datetime) -> Work:
    """Tell what :func:`run` would do now, and do nothing."""
    drafts = (
        conversation.dialogue.draft
        for _, conversation in store.abandoned(now - LEFT)
        if worth_filing(conversation.dialogue.draft)
    )
    redated = _redating(store, desk.casework, now)
    return Work(
        erase=tuple(step.ticket.reference for step in _erasing(store, desk.casework, now, redated)),
        recompute=tuple(map(_moved, _recomputing(store, desk.casework, now))),
        redate=tuple(map(_redated, redated)),
        file=sum(1 + len(draft.then) for draft in drafts if draft is not None),
        forget=store.idle(now - IDLE),
        questions=store.old_questions(now - LEARNT),
    )


def run(store: Store, desk: Desk, now: datetime) -> Work:
    """Do what is due and tell what was done.

    Raises:
        StoreError: when the store cannot be used; what was done until then stays.
    """
    filed = file_abandoned(store, desk, now)
    # before erasing, which deletes the conversations that speak of an erased ticket
    forgotten = store.forget_idle(now - IDLE)
    recomputed = _applied(store, _recomputing(store, desk.casework, now))
    redated = _applied(store, _redating(store, desk.casework, now))
    erased = _applied(store, _erasing(store, desk.casework, now))
    return Work(
        erase=tuple(step.ticket.reference for step in erased),
        recompute=tuple(map(_moved, recomputed)),
        redate=tuple(map(_redated, redated)),
        file=filed,
        forget=forgotten,
        questions=store.forget_questions(now - LEARNT),
    )


def _erasing(
    store: Store, casework: Casework, now: datetime, redated: Iterable[Step] = ()
) -> list[Step]:
    """Give what erases each ticket past its date, as that is after steps not yet written."""
    today = casework.calendar.day_of(now)
    found = {ticket.reference: ticket for ticket in store.erasable(today, MANY)}
    found |= {step.ticket.reference: step.ticket for step in redated}
    return [
        casework.erase(found[reference], ASSISTANT, now)
        for reference in sorted(found)
        if casework.may_be_erased(found[reference], today)
    ]


def _redating(store: Store, casework: Casework, now: datetime) -> list[Step]:
    moved = sorted(
        reference
        for reference, closed_at, until in store.kept()
        if until != casework.kept_until(closed_at)
    )
    tickets = (store.ticket(reference) for reference in moved)
    steps = (casework.redate(ticket, now) for ticket in tickets if ticket is not None)
    return [step for step in steps if step is not None]


def _recomputing(store: Store, casework: Casework, now: datetime) -> list[Step]:
    steps = (
        casework.recompute(ticket, now) for ticket in store.stale(casework.calendar.version, MANY)
    )
    return sorted((s for s in steps if s is not None), key=lambda step: step.ticket.reference)


def _applied(store: Store, steps: list[Step]) -> Iterable[Step]:
    """Write steps, many at a time; give those that were written."""
    done: list[Step] = []
    for start in range(0, len(steps), TOGETHER):
        part = steps[start : start + TOGETHER]
        try:
            store.apply(part)
        except Conflict:
            for step in part:
                # a ticket that somebody has just changed waits for the next run
                with suppress(Conflict):
                    store.apply([step])
                    done.append(step)
        else:
            done += part
    return done


def _moved(step: Step) -> tuple[str, str, str]:
    codes = step.event.codes
    return step.ticket.reference, str(codes["before"]), str(codes["due_on"])


def _redated(step: Step) -> tuple[str, str, str]:
    codes = step.event.codes
    return step.ticket.reference, str(codes["kept_before"]), str(codes["kept_until"])
