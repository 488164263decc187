"""What came in from outside and is still to be worked on, as the store keeps it.

A channel whose sender waits only seconds for a receipt writes down what came before it gives one,
and works on it afterwards: whatever happens in between, nothing that was acknowledged is lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Outcome(StrEnum):
    """How the work on a delivery stands."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    """It was tried often enough; the channel told the person, where it could."""


@dataclass(frozen=True)
class Delivery:
    """One thing that was delivered."""

    ids: tuple[str, ...]
    """By which it is known again, however often and by whichever way it comes; one or two."""
    lane: str
    """What has the same lane is worked on one after the other, in the order in which it came."""
    payload: str = field(repr=False)
    """What is to be done; encrypted at rest, and gone once it is done."""
    received_at: datetime
    number: int = 0
    """Its number in the store."""
    tries: int = 0
    """How often the work on it was begun, this time counted in."""


@dataclass(frozen=True)
class Backlog:
    """How many deliveries stand how, for the health page."""

    counts: Mapping[Outcome, int]
    latest_problem: str | None = None
    """Code of what last went wrong and is not mended yet."""
