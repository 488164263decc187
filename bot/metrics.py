"""Figures for Prometheus: codes and numbers, no label that could name a person.

What the workers count themselves is added up across their processes by prometheus-client, in a
folder that ``serve`` makes for them (``PROMETHEUS_MULTIPROC_DIR``). What stands in the database is
counted there when it is asked for, so that the command line and other servers count too.
"""

import os
from collections import Counter as Sums
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import version
from threading import Lock

from prometheus_client import CollectorRegistry, Counter, Histogram, values
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from prometheus_client.values import MultiProcessValue

from bot.health import Level, check
from bot.parts import Parts
from handlers.contract import Message, Reply
from handlers.store import StoreError

PREFIX = "privacy_assistant"
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds: an answer takes some 5 ms, and a writer waits up to 10 s for the database."""


def added_up() -> bool:
    """Count in the folder's files where there is one, and tell whether there is.

    The library would do so by itself if it was imported after the folder was named; a worker is
    a fork of a program that has imported it before.
    """
    if FOLDER not in os.environ:
        return False
    if not values.ValueClass._multiprocess:
        values.ValueClass = MultiProcessValue()  # type: ignore[no-untyped-call]
    return True


class Metrics:
    """Counts what one application does, and gives all figures as text."""

    def __init__(self, parts: Parts) -> None:
        together = added_up()
        own = CollectorRegistry()
        self._replies = Counter(
            f"{PREFIX}_replies",
            "Replies to messages, by what they are.",
            ("kind", "language", "channel"),
            registry=own,
        )
        self._calls = Histogram(
            f"{PREFIX}_http_request_duration_seconds",
            "Time to answer HTTP calls.",
            ("endpoint", "status"),
            registry=own,
            buckets=BUCKETS,
        )
        self._shown = own
        if together:
            self._shown = CollectorRegistry()
            MultiProcessCollector(self._shown)  # type: ignore[no-untyped-call]
        self._shown.register(Stored(parts))

    def replied(self, message: Message, reply: Reply) -> None:
        """Count a reply."""
        self._replies.labels(reply.kind.value, reply.language, message.channel).inc()

    def called(self, endpoint: str, status: int, seconds: float) -> None:
        """Count an HTTP call."""
        self._calls.labels(endpoint, str(status)).observe(seconds)

    def text(self, accept: str) -> tuple[bytes, str]:
        """Give all figures in a form that the caller reads, and its content type."""
        encode, content_type = choose_encoder(accept)
        return encode(self._shown), content_type


class Stored(Collector):
    """Counts what stands in the database."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._lock = Lock()
        self._filed: Sums[tuple[str, str]] = Sums()
        self._last = 0
        """Number of the last ticket that is counted: each is read once, however often one asks."""

    def describe(self) -> Iterator[Metric]:
        """Say nothing before it is asked for: the database need not be read to start."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Give the figures; of a database that cannot be used, that it cannot."""
        store, now = self._parts.store, self._parts.assistant.now()
        program = GaugeMetricFamily(f"{PREFIX}_info", "The program.", labels=["version"])
        program.add_metric([version("privacy-assistant")], 1)
        yield program
        checked = check(store, now)
        for name, level in checked.levels.items():
            yield GaugeMetricFamily(
                f"{PREFIX}_{name}_level", f"State of the {name}: 0 ok, 1 warning, 2 failing.", level
            )
        if checked.free_bytes is not None:
            yield GaugeMetricFamily(
                f"{PREFIX}_disk_free_bytes", "Room left for the database.", checked.free_bytes
            )
        waiting = GaugeMetricFamily(
            f"{PREFIX}_queue_oldest_seconds", "Wait of a queue's oldest row.", labels=["queue"]
        )
        for queue, seconds in checked.waiting.items():
            waiting.add_metric([queue], seconds)
        yield waiting
        if checked.levels["database"] is Level.OK:
            with suppress(StoreError):
                yield from self._tickets()

    def _tickets(self) -> Iterator[Metric]:
        day = self._parts.assistant.desk.casework.calendar.day_of(self._parts.assistant.now())
        pending = self._parts.store.pending(day)
        filed = CounterMetricFamily(
            f"{PREFIX}_requests_filed", "Requests filed.", labels=["type", "channel"]
        )
        for labels, count in self._totals().items():
            filed.add_metric(labels, count)
        still = GaugeMetricFamily(f"{PREFIX}_requests_open", "Open requests.", labels=["type"])
        late = GaugeMetricFamily(
            f"{PREFIX}_requests_overdue", "Open requests past their due date.", labels=["type"]
        )
        for request in self._parts.knowledge.requests:
            one = pending.get(request)
            still.add_metric([request], one.open if one else 0)
            late.add_metric([request], one.overdue if one else 0)
        yield from (filed, still, late)

    def _totals(self) -> Sums[tuple[str, str]]:
        with self._lock:
            self._last, more = self._parts.store.filed(self._last)
            self._filed.update(more)
            return Sums(self._filed)
