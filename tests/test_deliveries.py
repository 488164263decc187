"""Deliveries: written down once, worked on one after the other in each lane, and then gone."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.parts import Parts
from bot.tickets import STORES, open_store
from bot.vault import Vault
from handlers.deliveries import Delivery, Outcome
from handlers.register import What
from handlers.store import Store

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
SOON = NOW + timedelta(minutes=1)
LATER = NOW + timedelta(hours=1)


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Give each store in turn, empty."""
    return open_store(f"{request.param}:///{tmp_path}/store.db", Vault("k" * 32))


def delivery(*ids: str, lane: str = "ana") -> Delivery:
    """Make something that came in; its payload is its first id."""
    return Delivery(ids, lane, f"payload {ids[0]}", NOW)


def taken(store: Store, now: datetime = NOW) -> str | None:
    """Take the next delivery and give its payload."""
    found = store.take_out(now, now + timedelta(minutes=1))
    return found and found.payload


def test_each_id_is_taken_in_once_by_whichever_way_it_comes(store: Store) -> None:
    assert store.take_in(delivery("e1", "c1/17"))
    assert not store.take_in(delivery("e1", "c1/17"))
    assert not store.take_in(delivery("e2", "c1/17"))
    assert not store.take_in(delivery("c1/17"))
    assert store.take_in(delivery("e2", "c1/18"))
    assert store.take_in(delivery("e3"))


def test_a_known_id_stays_known_after_the_work(store: Store) -> None:
    store.take_in(delivery("e1"))
    found = store.take_out(NOW, SOON)
    assert found is not None
    store.finish(found.number, NOW)
    assert not store.take_in(delivery("e1"))
    assert store.forget_deliveries(NOW) == 0
    assert store.forget_deliveries(SOON) == 1
    assert store.take_in(delivery("e1"))


def test_a_lane_is_worked_on_in_order_and_lanes_do_not_wait_for_each_other(store: Store) -> None:
    for name, lane in (("a1", "ana"), ("a2", "ana"), ("b1", "bob")):
        store.take_in(delivery(name, lane=lane))
    first = store.take_out(NOW, SOON)
    assert first is not None
    assert (first.payload, first.received_at, first.tries) == ("payload a1", NOW, 1)
    assert taken(store) == "payload b1"
    assert taken(store) is None
    store.finish(first.number, NOW)
    assert taken(store) == "payload a2"


def test_who_does_not_come_back_has_died_and_another_goes_on(store: Store) -> None:
    store.take_in(delivery("e1"))
    assert taken(store) == "payload e1"
    assert taken(store) is None
    again = store.take_out(SOON, LATER)
    assert again is not None
    assert again.tries == 2
    store.hold_on(again.number, LATER + timedelta(minutes=1))
    assert taken(store, LATER) is None


def test_what_is_put_back_waits_and_its_lane_with_it(store: Store) -> None:
    store.take_in(delivery("e1"))
    store.take_in(delivery("e2"))
    found = store.take_out(NOW, SOON)
    assert found is not None
    store.put_back(found.number, SOON, "ratelimited")
    assert taken(store) is None
    assert store.backlog().latest_problem == "ratelimited"
    assert taken(store, SOON) == "payload e1"


def test_the_backlog_tells_how_deliveries_stand(store: Store) -> None:
    for name in ("e1", "e2", "e3"):
        store.take_in(delivery(name, lane=name))
    for problem in (None, "channel_not_found"):
        found = store.take_out(NOW, SOON)
        assert found is not None
        store.finish(found.number, NOW, problem)
    backlog = store.backlog()
    assert backlog.counts == {Outcome.WAITING: 1, Outcome.DONE: 1, Outcome.FAILED: 1}
    assert backlog.latest_problem == "channel_not_found"
    assert store.under_way("e3")
    assert not store.under_way("e1")


def test_the_file_tells_neither_what_nor_who(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/store.db", Vault("k" * 32))
    store.take_in(delivery("event-zebra", "twin-zebra", lane="lane-zebra"))
    with closing(sqlite3.connect(tmp_path / "store.db")) as db:
        rows = repr(db.execute("select * from deliveries").fetchall())
        assert "zebra" not in rows
        found = store.take_out(NOW, SOON)
        assert found is not None
        store.finish(found.number, NOW)
        salt, payload = db.execute("select salt, payload from deliveries").fetchone()
        assert (salt, payload) == (None, None)
        assert db.execute("select salt from salts").fetchall() == [(bytes(32),)]


def test_tickets_of_one_message_are_found_by_it_and_its_change_is_noted(
    make_parts: Callable[..., Parts], store: Store
) -> None:
    parts = make_parts()
    tickets = []
    for number, source in enumerate(("m1:access", "m1:erasure", "m10:access", None)):
        step = parts.assistant.desk.casework.file(
            reference=f"PR-000{number}-0000",
            request="access",
            language="en",
            channel="slack",
            received_at=NOW,
            now=NOW,
            contacts=(),
            details=None,
            source=source,
        )
        store.apply([step])
        tickets.append(step.ticket)
    assert store.by_source("m1") == tickets[:2]
    noted = parts.assistant.desk.casework.note_source(tickets[0], NOW, deleted=True)
    store.apply([noted])
    events = [entry.event.what for entry in store.register(tickets[0].reference)]
    assert events == [What.FILED, What.SOURCE_DELETED]
