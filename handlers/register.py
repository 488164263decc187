"""The register: what was done to each ticket, as events over codes and dates, hash-chained.

No event holds personal text, so that erasing a ticket leaves the chain whole.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

GENESIS = "0" * 64
"""What the first event follows."""

Codes = Mapping[str, str | int | bool | None]


class What(StrEnum):
    """What was done."""

    FILED = "filed"
    CONFIRMED = "confirmed"
    TAKEN = "taken"
    IDENTITY_ASKED = "identity_asked"
    IDENTITY_CHECKED = "identity_checked"
    CODE_SENT = "code_sent"
    CODE_FAILED = "code_failed"
    CLARIFICATION_ASKED = "clarification_asked"
    RESUMED = "resumed"
    EXTENDED = "extended"
    EXTENSION_REMOVED = "extension_removed"
    FULFILLED = "fulfilled"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"
    DUPLICATE_PROPOSED = "duplicate_proposed"
    NOT_A_REQUEST = "not_a_request"
    REOPENED = "reopened"
    BREACH_SIGNALLED = "breach_signalled"
    RECEIPT_CORRECTED = "receipt_corrected"
    RECOMPUTED = "recomputed"
    HELD = "held"
    RELEASED = "released"
    TASK_ADDED = "task_added"
    TASK_DONE = "task_done"
    SOURCE_EDITED = "source_edited"
    SOURCE_DELETED = "source_deleted"
    SUPPRESSED = "suppressed"
    UNSUPPRESSED = "unsuppressed"
    ERASED = "erased"
    EXPORTED = "exported"
    RESTORED = "restored"
    """A backup took the place of what was there; entries behind it may be missing."""


@dataclass(frozen=True)
class Event:
    """One thing that was done; ``reference`` is empty where it concerns no single ticket."""

    what: What
    reference: str
    actor: str
    """Who did it: ``requester``, ``assistant``, or a staff account's name."""
    at: datetime
    codes: Codes = field(default_factory=lambda: MappingProxyType({}))
    """Dates and codes, such as the old and new due date."""


@dataclass(frozen=True)
class Entry:
    """An event as it stands in the register."""

    seq: int
    """Counts from 1 without a gap."""
    event: Event
    previous: str
    """Hash of the entry before, :data:`GENESIS` for the first."""
    hash: str


def chained(event: Event, seq: int, previous: str) -> Entry:
    """Put an event behind the entry before it."""
    return Entry(seq, event, previous, _hash(event, seq, previous))


def first_wrong(entries: Iterable[Entry]) -> Iterator[tuple[int, str]]:
    """Give the place of the first entry that is not as it was written, and what is wrong there."""
    previous = GENESIS
    for seq, entry in enumerate(entries, 1):
        if entry.seq != seq:
            yield seq, f"entry {seq} is missing or out of order"
            return
        if entry.previous != previous:
            yield seq, f"entry {seq} does not follow the one before it"
            return
        if entry.hash != _hash(entry.event, entry.seq, entry.previous):
            yield seq, f"entry {seq} was changed"
            return
        previous = entry.hash


def _hash(event: Event, seq: int, previous: str) -> str:
    content = [
        *(seq, event.at.isoformat(), event.reference, event.actor, event.what),
        *(json.dumps(dict(event.codes), sort_keys=True), previous),
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
