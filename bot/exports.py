"""Exports: every ticket as CSV or JSON lines, one as a dossier, and the figures for a report.

Each is noted in the register before anything is handed out; the caller does that by
:func:`noted`, so that no export goes without its event.
"""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from handlers.deadlines import Calendar, Deadline, deadline
from handlers.register import Codes, Event, What
from handlers.store import Store
from handlers.tickets import Status, Ticket
from knowledge.model import RequestFacts

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""Tells spreadsheets that the file is UTF-8."""
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a cell must not start with: a spreadsheet would take it for a formula (OWASP)."""
PERSONAL = ("contacts", "details", "representative", "authority", "extension_text", "explanation")
"""Columns with personal values, which come only when they are asked for."""
COLUMNS = (
    *("reference", "request", "article", "status", "language", "channel", "received_at"),
    *("received_on", "filed_on", "confirmed_on", "due_on", "initial_due_on", "target_on"),
    *("stop_by", "calendar", "assignee", "taken_on", "extended_on", "extension_reason"),
    *("informed_on", "ground", "partial", "late", "closed_on", "duplicate_of", "breach"),
    *("legal_hold", "identifiers", "identifiers_checked", "tasks", "tasks_done"),
    *("retention_until", "erased_on"),
)
"""Columns of every export; new ones are added at the end, and none changes its name."""


def noted(store: Store, actor: str, now: datetime, codes: Codes, reference: str = "") -> int:
    """Write an export into the register and give the register's length after it."""
    store.record(Event(What.EXPORTED, reference, actor, now, MappingProxyType(dict(codes))))
    return store.head()[0]


def every(store: Store) -> Iterator[Ticket]:
    """Give every ticket in the order of filing, one at a time."""
    for reference in store.references():
        ticket = store.ticket(reference)
        if ticket is not None:
            yield ticket


def row(
    ticket: Ticket, calendar: Calendar, facts: RequestFacts, *, personal: bool
) -> dict[str, Any]:
    """Describe a ticket in codes and dates, with personal values only when they are wanted."""
    extension, outcome = ticket.extension, ticket.outcome
    values: dict[str, Any] = {
        "reference": ticket.reference,
        "request": ticket.request,
        "article": facts.article,
        "status": ticket.status.value,
        "language": ticket.language,
        "channel": ticket.channel,
        "received_at": ticket.received_at.isoformat(),
        "received_on": _on(ticket.received_at, calendar),
        "filed_on": _on(ticket.filed_at, calendar),
        "confirmed_on": _on(ticket.confirmed_at, calendar),
        "due_on": str(ticket.due_on),
        "initial_due_on": str(ticket.initial_due_on),
        "target_on": str(ticket.target_on),
        "stop_by": ticket.stop_by and str(ticket.stop_by),
        "calendar": ticket.calendar,
        "assignee": ticket.assignee,
        "taken_on": _on(ticket.taken_at, calendar),
        "extended_on": _on(extension.decided_at, calendar) if extension else None,
        "extension_reason": extension and extension.reason.value,
        "informed_on": outcome and str(outcome.informed_on),
        "ground": outcome and outcome.ground and outcome.ground.value,
        "partial": ticket.partial,
        "late": ticket.late,
        "closed_on": _on(ticket.closed_at, calendar),
        "duplicate_of": ticket.duplicate_of,
        "breach": ticket.breach,
        "legal_hold": ticket.legal_hold,
        "identifiers": len(ticket.contacts),
        "identifiers_checked": sum(c.verified_at is not None for c in ticket.contacts),
        "tasks": len(ticket.tasks),
        "tasks_done": sum(task.done_at is not None for task in ticket.tasks),
        "retention_until": ticket.retention_until and str(ticket.retention_until),
        "erased_on": _on(ticket.erased_at, calendar),
    }
    return values | _personal(ticket) if personal else values


def as_csv(rows: Iterator[dict[str, Any]], *, personal: bool) -> Iterator[str]:
    """Write rows as CSV for spreadsheets, a line at a time."""
    buffer = io.StringIO()
    names = (*COLUMNS, *PERSONAL) if personal else COLUMNS
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write(BOM)
    writer.writerow(names)
    yield _taken(buffer)
    for values in rows:
        writer.writerow([cell(values[name]) for name in names])
        yield _taken(buffer)


def cell(value: object) -> str:
    """Write a value so that no spreadsheet takes it for a formula."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list():
            return cell("; ".join(str(part) for part in value))
        case _:
            text = str(value)
            return f"'{text}" if text.startswith(RISKY) else text


def as_jsonl(rows: Iterator[dict[str, Any]], store: Store, length: int) -> Iterator[str]:
    """Write rows and the register's first entries as JSON lines, the head's hash last."""
    for values in rows:
        yield _line({"kind": "ticket", **values})
    last = ""
    for entry in store.register():
        if entry.seq > length:
            break
        event, last = entry.event, entry.hash
        yield _line(
            {
                "kind": "event",
                "seq": entry.seq,
                "at": event.at.isoformat(),
                "reference": event.reference,
                "actor": event.actor,
                "what": event.what.value,
                "codes": dict(event.codes),
                "previous": entry.previous,
                "hash": entry.hash,
            }
        )
    yield _line({"kind": "head", "seq": length, "hash": last})


def counted(ticket: Ticket, calendar: Calendar) -> Deadline:
    """Work a ticket's due date out again, by the calendar by which it was worked out then."""
    country, *days = ticket.calendar.split("+")
    then = replace(calendar, country=country, extra_days=frozenset(map(date.fromisoformat, days)))
    return deadline(calendar.day_of(ticket.received_at), then, extended=ticket.extended)


@dataclass(frozen=True)
class Figures:
    """How the work went, for a report."""

    filed: int = 0
    open: int = 0
    overdue: int = 0
    answered: int = 0
    """Fulfilled or refused: the person was told."""
    within_one_month: int = 0
    within_three_months: int = 0
    """Those within one month are among them."""
    later: int = 0
    closed_otherwise: int = 0
    """Withdrawn, duplicate, or no request."""


ANSWERED = frozenset({Status.FULFILLED, Status.REFUSED})


def figures(tickets: Iterator[Ticket], calendar: Calendar, today: date) -> Figures:
    """Count tickets; months are the law's, so that they end as the due dates do."""
    found = Figures()
    for ticket in tickets:
        found = replace(found, filed=found.filed + 1)
        if ticket.is_open:
            late = ticket.overdue(today)
            found = replace(found, open=found.open + 1, overdue=found.overdue + late)
        elif ticket.status in ANSWERED and ticket.outcome is not None:
            told_on = ticket.outcome.informed_on
            month = told_on <= ticket.initial_due_on
            received_on = calendar.day_of(ticket.received_at)
            three = month or told_on <= deadline(received_on, calendar, extended=True).due_on
            found = replace(
                found,
                answered=found.answered + 1,
                within_one_month=found.within_one_month + month,
                within_three_months=found.within_three_months + three,
                later=found.later + (not three),
            )
        else:
            found = replace(found, closed_otherwise=found.closed_otherwise + 1)
    return found


def _personal(ticket: Ticket) -> dict[str, Any]:
    representative = ticket.representative
    return {
        "contacts": [contact.value for contact in ticket.contacts],
        "details": ticket.details,
        "representative": representative and representative.name,
        "authority": representative and representative.authority,
        "extension_text": (ticket.extension and ticket.extension.text) or None,
        "explanation": ticket.outcome and ticket.outcome.explanation,
    }


def _on(moment: datetime | None, calendar: Calendar) -> str | None:
    return str(calendar.day_of(moment)) if moment else None


def _line(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False) + "\n"


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
