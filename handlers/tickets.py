"""Tickets: what is kept of a data subject's request, and which status may follow which."""

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from stdnum.iso7064 import mod_37_36


class Status(StrEnum):
    """Where a ticket stands."""

    RECEIVED = "received"
    IN_PROGRESS = "in_progress"
    FULFILLED = "fulfilled"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


FLOW: Mapping[Status, frozenset[Status]] = MappingProxyType(
    {
        Status.RECEIVED: frozenset({Status.IN_PROGRESS, Status.WITHDRAWN}),
        Status.IN_PROGRESS: frozenset({Status.FULFILLED, Status.REFUSED, Status.WITHDRAWN}),
        Status.FULFILLED: frozenset(),
        Status.REFUSED: frozenset(),
        Status.WITHDRAWN: frozenset(),
    }
)
"""Which status may follow which; what is not here is not allowed."""


class ContactKind(StrEnum):
    """What kind of address or number identifies the data subject."""

    EMAIL = "email"
    PHONE = "phone"
    CUSTOMER_NUMBER = "customer_number"
    POSTAL = "postal"


@dataclass(frozen=True)
class Contact:
    """One address or number of the data subject, as normalised for searching."""

    kind: ContactKind
    value: str = field(repr=False)


@dataclass(frozen=True)
class Ticket:
    """A request of a data subject, filed."""

    reference: str
    request: str
    """Request type, as in ``requests.toml``."""
    status: Status
    language: str
    channel: str
    received_at: datetime
    """When the wish was first stated; the legal period runs from this day."""
    filed_at: datetime
    due_on: date
    stop_by: date | None
    """Day by which marketing has to stop; only for a marketing objection."""
    contacts: tuple[Contact, ...] = field(repr=False)
    details: str | None = field(repr=False)


class TicketError(Exception):
    """A ticket cannot be changed as asked."""


class Conflict(Exception):  # noqa: N818 - it asks for another try, it reports no fault
    """Somebody else changed the conversation in between."""


def move(ticket: Ticket, status: Status) -> Ticket:
    """Give the ticket in its next status.

    Raises:
        TicketError: where :data:`FLOW` does not allow that step.
    """
    if status not in FLOW[ticket.status]:
        raise TicketError(f"{ticket.reference}: {status} may not follow {ticket.status}")
    return replace(ticket, status=status)


class TicketReader(Protocol):
    """What a handler may look up."""

    def ticket(self, reference: str) -> Ticket | None:
        """Give the ticket with this reference, if there is one."""

    def tickets(self, *, status: Status | None = None, limit: int = 100) -> Iterable[Ticket]:
        """List tickets, the one due soonest first."""


ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Digits and letters that are not mistaken for each other on the phone (no I, L, O, U)."""

REFERENCE = re.compile(r"\bPR[- ]?[0-9A-Z]{4}[- ]?[0-9A-Z]{4}\b", re.IGNORECASE)
"""What may be a reference in a message, a mistyped one too."""
LENGTH = 8
"""Characters of a reference after ``PR-``, the last one being the check character."""


def new_reference() -> str:
    """Draw a ticket's reference, such as ``PR-7F3K-9Q2M``.

    35 random bits, and as the last character the ISO 7064 hybrid check character over
    :data:`ALPHABET`, so that a slip of the tongue is noticed.
    """
    body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    code = body + mod_37_36.calc_check_digit(body, alphabet=ALPHABET)
    return f"PR-{code[:4]}-{code[4:]}"


def read_reference(text: str) -> str | None:
    """Give a reference in its one spelling, or None where the text is none.

    Spaces and dashes do not matter, nor do small letters, O for 0, and I or L for 1.
    """
    code = "".join(c for c in text.upper() if c.isalnum())
    code = code.removeprefix("PR").translate(str.maketrans("OIL", "011"))
    if len(code) != LENGTH or not mod_37_36.is_valid(code, alphabet=ALPHABET):
        return None
    return f"PR-{code[:4]}-{code[4:]}"


def names_reference(text: str) -> bool:
    """Tell whether a message names a ticket, its reference mistyped or not."""
    # a digit or a dash tells it from words such as "processing"
    return any(re.search(r"[\d-]", found) for found in REFERENCE.findall(text))
