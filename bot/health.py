"""Is all well with the program? What to look at, and from which figure on it is not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any

from handlers.store import Store, StoreError

ENOUGH = 500_000_000
"""Bytes of room for years of tickets (1 kB each); below that somebody should look."""
LEAST = 50_000_000
"""Bytes below which the next burst of requests may find no room."""
LATE_SECONDS = 900
"""A queue is worked on within seconds; what has waited longer has met something that stays."""


class Level(IntEnum):
    """How it stands, the worst last."""

    OK = 0
    WARNING = 1
    """It works, and somebody should look."""
    FAILING = 2
    """Requests cannot be filed, or soon not."""


@dataclass(frozen=True)
class Checked:
    """What was found."""

    levels: Mapping[str, Level]
    """What was looked at -> how it stands."""
    free_bytes: int | None = None
    waiting: Mapping[str, float] = field(default_factory=dict)
    """Queue -> seconds that its oldest row has waited."""

    @property
    def level(self) -> Level:
        """The worst of all."""
        return max(self.levels.values())

    def details(self) -> dict[str, Any]:
        """Say it in codes and figures."""
        found: dict[str, Any] = {n: {"status": v.name.lower()} for n, v in self.levels.items()}
        if self.free_bytes is not None:
            found["disk"]["free_bytes"] = self.free_bytes
        if self.waiting:
            found["queues"]["oldest_seconds"] = {n: int(s) for n, s in self.waiting.items()}
        return found


def check(store: Store, now: datetime) -> Checked:
    """Look at the store."""
    try:
        health = store.health()
    except StoreError:
        return Checked({"database": Level.FAILING})
    levels = {"database": Level.OK, "disk": Level.OK, "queues": Level.OK}
    if health.free_bytes is not None and health.free_bytes < ENOUGH:
        levels["disk"] = Level.WARNING if health.free_bytes >= LEAST else Level.FAILING
    waiting = {n: max(0.0, (now - at).total_seconds()) for n, at in health.waiting.items()}
    if any(seconds > LATE_SECONDS for seconds in waiting.values()):
        levels["queues"] = Level.WARNING
    return Checked(levels, health.free_bytes, waiting)
