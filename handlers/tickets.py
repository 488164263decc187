"""Tickets: what is kept of a data subject's request, and which status may follow which."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from handlers.register import Entry


class Status(StrEnum):
    """Where a ticket stands."""

    RECEIVED = "received"
    AWAITING_IDENTITY = "awaiting_identity"
    AWAITING_CLARIFICATION = "awaiting_clarification"
    IN_PROGRESS = "in_progress"
    FULFILLED = "fulfilled"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"
    NOT_A_REQUEST = "not_a_request"


OPEN = frozenset(
    {
        Status.RECEIVED,
        Status.AWAITING_IDENTITY,
        Status.AWAITING_CLARIFICATION,
        Status.IN_PROGRESS,
    }
)
"""Statuses in which the legal period runs; the others are final until reopened."""

FLOW: Mapping[Status, frozenset[Status]] = MappingProxyType(
    {
        Status.RECEIVED: frozenset(Status) - {Status.RECEIVED},
        Status.AWAITING_IDENTITY: frozenset({Status.IN_PROGRESS, Status.REFUSED, Status.WITHDRAWN}),
        Status.AWAITING_CLARIFICATION: frozenset(
            {Status.IN_PROGRESS, Status.REFUSED, Status.WITHDRAWN}
        ),
        # a doubt about who asks may come up only when somebody looks into it
        Status.IN_PROGRESS: frozenset(Status) - {Status.RECEIVED, Status.IN_PROGRESS},
        Status.FULFILLED: frozenset({Status.RECEIVED}),
        Status.REFUSED: frozenset({Status.RECEIVED}),
        Status.WITHDRAWN: frozenset({Status.RECEIVED}),
        Status.DUPLICATE: frozenset({Status.RECEIVED}),
        Status.NOT_A_REQUEST: frozenset({Status.RECEIVED}),
    }
)
"""Which status may follow which; what is not here is not allowed. A final one is only reopened."""


class Ground(StrEnum):
    """Grounds of the GDPR on which a request can be refused, all or in part."""

    MANIFESTLY_UNFOUNDED = "manifestly_unfounded"
    EXCESSIVE = "excessive"
    NOT_IDENTIFIABLE = "not_identifiable"
    RIGHTS_OF_OTHERS = "rights_of_others"
    EXCEPTION_TO_ERASURE = "exception_17_3"
    COMPELLING_GROUNDS = "compelling_grounds_21_1"
    RESTRICTED_BY_LAW = "restriction_art23"
    WRONG_CONTROLLER = "wrong_controller"


ARTICLES: Mapping[Ground, str] = MappingProxyType(
    {
        Ground.MANIFESTLY_UNFOUNDED: "12(5)",
        Ground.EXCESSIVE: "12(5)",
        Ground.NOT_IDENTIFIABLE: "11(2)",
        Ground.RIGHTS_OF_OTHERS: "15(4)",
        Ground.EXCEPTION_TO_ERASURE: "17(3)",
        Ground.COMPELLING_GROUNDS: "21(1)",
        Ground.RESTRICTED_BY_LAW: "23",
        Ground.WRONG_CONTROLLER: "4(7)",
    }
)
"""Article of the GDPR behind each ground."""


class ExtensionReason(StrEnum):
    """Reasons for which the period can be extended (GDPR article 12(3))."""

    COMPLEX = "complex"
    MANY_REQUESTS = "many_requests"


class Check(StrEnum):
    """Ways in which it was made sure who asks. What was shown is never kept."""

    EMAIL_CODE = "email_code"
    CALLED_BACK = "called_back"
    LOGGED_IN = "logged_in"
    DOCUMENT_SEEN = "document_seen"
    KNOWN_DETAILS = "known_details"


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
    verified_at: datetime | None = field(default=None, compare=False)
    """When it was made sure that the requester has it; None where nobody did."""
    check: Check | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Extension:
    """Two further months, with what the person was told within the first one."""

    decided_at: datetime
    reason: ExtensionReason
    text: str = field(repr=False)
    due_on: date


@dataclass(frozen=True)
class Outcome:
    """How a ticket ended."""

    informed_on: date
    """Day on which the person was told (GDPR article 12(3) and (4))."""
    ground: Ground | None = None
    """Ground of a refusal, also of a part of the request."""
    explanation: str | None = field(default=None, repr=False)
    partial: bool = False
    """Whether only a part was refused."""


@dataclass(frozen=True)
class Representative:
    """Somebody who asks on the data subject's behalf."""

    name: str = field(repr=False)
    authority: str = field(repr=False)
    """What the authority rests on: a mandate's reference, parental authority ..."""


@dataclass(frozen=True)
class Task:
    """One thing to be done in one system, or by one recipient (GDPR article 19)."""

    id: int
    system: str
    owner: str
    """Who added it and, once it is done, who did it."""
    done_at: datetime | None = None
    proof: str | None = field(default=None, repr=False)


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
    """Last day for the answer, the extension counted in."""
    initial_due_on: date
    """Last day of the first month; a refusal and an extension are judged by it."""
    target_on: date
    """Internal date before the legal one."""
    stop_by: date | None
    """Day by which marketing has to stop; only for a marketing objection."""
    calendar: str
    """Version of the calendar by which the dates were worked out."""
    contacts: tuple[Contact, ...] = field(repr=False)
    details: str | None = field(repr=False)
    """The words in which the request was stated, shortened; no transcript."""
    version: int = 1
    """Counts the changes, so that of two people at once the second one is told."""
    confirmed_at: datetime | None = None
    """When the person confirmed the read-back; None where the draft was abandoned."""
    source: str | None = None
    """Id of the event by which it came in, unique, so that a repeated one files nothing."""
    assignee: str | None = None
    taken_at: datetime | None = None
    extension: Extension | None = None
    outcome: Outcome | None = None
    closed_at: datetime | None = None
    duplicate_of: str | None = None
    breach: bool = False
    """Whether the person was still contacted after a marketing stop."""
    legal_hold: bool = False
    representative: Representative | None = field(default=None, repr=False)
    tasks: tuple[Task, ...] = ()
    retention_until: date | None = None
    erased_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether the legal period runs."""
        return self.status in OPEN

    @property
    def unconfirmed(self) -> bool:
        """Whether it was filed of a draft that nobody confirmed."""
        return self.confirmed_at is None

    @property
    def extended(self) -> bool:
        """Whether the period was extended."""
        return self.extension is not None

    @property
    def partial(self) -> bool:
        """Whether a part of the request was refused."""
        return self.outcome is not None and self.outcome.partial

    def overdue(self, today: date) -> bool:
        """Whether the answer is late and still missing."""
        return self.is_open and today > self.due_on

    @property
    def late(self) -> bool:
        """Whether the answer came too late; a refusal is due in month one (article 12(4))."""
        if self.outcome is None:
            return False
        refused = self.status is Status.REFUSED
        return self.outcome.informed_on > (self.initial_due_on if refused else self.due_on)


class TicketError(Exception):
    """A ticket cannot be changed as asked; ``rule`` names why, ``article`` where it stands."""

    def __init__(self, rule: str, article: str | None = None) -> None:
        super().__init__(f"{rule} ({article})" if article else rule)
        self.rule = rule
        self.article = article


class Conflict(Exception):  # noqa: N818 - it asks for another try, it reports no fault
    """Somebody else changed the same thing in between."""


class TicketReader(Protocol):
    """What a handler may look up."""

    def ticket(self, reference: str) -> Ticket | None:
        """Give the ticket with this reference, if there is one."""

    def tickets(self, *, status: Status | None = None, limit: int = 100) -> Iterable[Ticket]:
        """List tickets, the one due soonest first."""

    def register(self, reference: str | None = None) -> Iterable[Entry]:
        """Give the register's entries in order, of one ticket where its reference is given."""
