"""A ticket as rows: codes and dates in one, personal values apart, and back."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from handlers.tickets import (
    Contact,
    Extension,
    ExtensionReason,
    Ground,
    Outcome,
    Representative,
    Status,
    Task,
    Ticket,
)

Row = Mapping[str, Any]


def codes_of(ticket: Ticket) -> dict[str, Any]:
    """Give the columns of a ticket's own row: no personal value is among them."""
    extension, outcome = ticket.extension, ticket.outcome
    return {
        "reference": ticket.reference,
        "version": ticket.version,
        "request": ticket.request,
        "status": ticket.status.value,
        "language": ticket.language,
        "channel": ticket.channel,
        "received_at": written(ticket.received_at),
        "filed_at": written(ticket.filed_at),
        "confirmed_at": written(ticket.confirmed_at),
        "source": ticket.source,
        "calendar": ticket.calendar,
        "due_on": str(ticket.due_on),
        "initial_due_on": str(ticket.initial_due_on),
        "target_on": str(ticket.target_on),
        "stop_by": ticket.stop_by and str(ticket.stop_by),
        "assignee": ticket.assignee,
        "taken_at": written(ticket.taken_at),
        "extended_at": extension and written(extension.decided_at),
        "extension_reason": extension and extension.reason.value,
        "extended_to": extension and str(extension.due_on),
        "informed_on": outcome and str(outcome.informed_on),
        "ground": outcome and outcome.ground and outcome.ground.value,
        "partial": ticket.partial,
        "closed_at": written(ticket.closed_at),
        "duplicate_of": ticket.duplicate_of,
        "breach": ticket.breach,
        "legal_hold": ticket.legal_hold,
        "tasks": json.dumps([[t.id, t.system, t.owner, written(t.done_at)] for t in ticket.tasks]),
        "retention_until": ticket.retention_until and str(ticket.retention_until),
        "erased_at": written(ticket.erased_at),
    }


def personal_of(ticket: Ticket) -> dict[str, str]:
    """Give a ticket's personal values, other than its contacts, by the field's name."""
    extension, outcome, representative = ticket.extension, ticket.outcome, ticket.representative
    fields: dict[str, str | None] = {
        "details": ticket.details,
        "explanation": outcome.explanation if outcome else None,
        "extension": (extension.text or None) if extension else None,
        "representative": representative.name if representative else None,
        "authority": representative.authority if representative else None,
        **{f"task {task.id}": task.proof for task in ticket.tasks},
    }
    return {name: text for name, text in fields.items() if text is not None}


def ticket_of(row: Row, contacts: Iterable[Contact], personal: Mapping[str, str]) -> Ticket:
    """Put a ticket together of its rows."""
    return Ticket(
        reference=row["reference"],
        version=row["version"],
        request=row["request"],
        status=Status(row["status"]),
        language=row["language"],
        channel=row["channel"],
        received_at=datetime.fromisoformat(row["received_at"]),
        filed_at=datetime.fromisoformat(row["filed_at"]),
        confirmed_at=read(row["confirmed_at"]),
        source=row["source"],
        calendar=row["calendar"],
        due_on=date.fromisoformat(row["due_on"]),
        initial_due_on=date.fromisoformat(row["initial_due_on"]),
        target_on=date.fromisoformat(row["target_on"]),
        stop_by=_day(row["stop_by"]),
        assignee=row["assignee"],
        taken_at=read(row["taken_at"]),
        extension=_extension(row, personal),
        outcome=_outcome(row, personal),
        closed_at=read(row["closed_at"]),
        duplicate_of=row["duplicate_of"],
        breach=bool(row["breach"]),
        legal_hold=bool(row["legal_hold"]),
        tasks=tuple(
            Task(number, system, owner, read(done_at), personal.get(f"task {number}"))
            for number, system, owner, done_at in json.loads(row["tasks"])
        ),
        retention_until=_day(row["retention_until"]),
        erased_at=read(row["erased_at"]),
        contacts=tuple(contacts),
        details=personal.get("details"),
        representative=_representative(personal),
    )


def written(moment: datetime | None) -> str | None:
    """Write a moment so that the later one also comes later in the alphabet."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds") if moment else None


def read(moment: str | None) -> datetime | None:
    """Read a moment."""
    return datetime.fromisoformat(moment) if moment else None


def _day(day: str | None) -> date | None:
    return date.fromisoformat(day) if day else None


def _extension(row: Row, personal: Mapping[str, str]) -> Extension | None:
    if row["extended_at"] is None:
        return None
    return Extension(
        datetime.fromisoformat(row["extended_at"]),
        ExtensionReason(row["extension_reason"]),
        personal.get("extension", ""),
        date.fromisoformat(row["extended_to"]),
    )


def _outcome(row: Row, personal: Mapping[str, str]) -> Outcome | None:
    if row["informed_on"] is None:
        return None
    ground = row["ground"] and Ground(row["ground"])
    informed_on = date.fromisoformat(row["informed_on"])
    return Outcome(informed_on, ground, personal.get("explanation"), bool(row["partial"]))


def _representative(personal: Mapping[str, str]) -> Representative | None:
    if "representative" not in personal:
        return None
    return Representative(personal["representative"], personal["authority"])
