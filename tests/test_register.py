"""The register can only be added to, and whatever is changed in it by hand shows."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.tickets import STORES, open_store
from bot.vault import Vault
from handlers.casework import Casework
from handlers.deadlines import Calendar
from handlers.references import new_reference
from handlers.register import GENESIS, Entry, Event, What, chained, first_wrong
from handlers.store import Store
from handlers.tickets import Contact, ContactKind
from knowledge.model import Knowledge

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
VAULT = Vault("k" * 32)
ENTRIES = 12
Change = Callable[[sqlite3.Connection], object]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give the path of a database in a folder of its own."""
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path) -> Store:
    """Give a store whose register has twelve entries."""
    store = open_store(f"sqlite:///{path}", VAULT)
    for number in range(ENTRIES):
        store.record(Event(What.EXPORTED, "", f"staff {number}", NOW, {"rows": number, "of": None}))
    return store


def by_hand(path: Path, *statements: str) -> None:
    """Change the file as somebody can who has it and knows SQL."""
    with closing(sqlite3.connect(path)) as db, db:
        for trigger in ("events_no_update", "events_no_delete", "events_in_order"):
            db.execute(f"drop trigger {trigger}")
        for statement in statements:
            db.execute(statement)


class TestAppendOnly:
    """What the database itself refuses."""

    @pytest.mark.parametrize(
        "statement",
        [
            "update events set actor = 'nobody' where seq = 3",
            "update events set seq = 99 where seq = 3",
            "delete from events where seq = 12",
            "delete from events",
            "insert or replace into events select * from events where seq = 3",
            "insert into events select 99, at, reference, actor, what, codes, previous, hash"
            " from events where seq = 3",
            "insert into events select 0, at, reference, actor, what, codes, previous, hash"
            " from events where seq = 3",
            "update or replace events set seq = 4 where seq = 3",
        ],
    )
    def test_an_entry_is_neither_changed_nor_removed(
        self, store: Store, path: Path, statement: str
    ) -> None:
        before = list(store.register())
        with (
            closing(sqlite3.connect(path)) as db,
            pytest.raises(sqlite3.IntegrityError, match="can only be added to"),
        ):
            db.execute(statement)
        assert list(store.register()) == before

    def test_recursive_triggers_or_none_make_no_difference(self, store: Store, path: Path) -> None:
        del store
        with closing(sqlite3.connect(path)) as db:
            db.execute("pragma recursive_triggers = on")
            with pytest.raises(sqlite3.IntegrityError, match="can only be added to"):
                db.execute("replace into events select * from events where seq = 3")


class TestTampering:
    """What shows when the triggers were dropped first."""

    def test_what_nobody_touched_is_right(self, store: Store) -> None:
        assert list(first_wrong(store.register())) == []

    @pytest.mark.parametrize(
        ("column", "value"),
        [
            ("at", "'2026-03-05T09:00:01+00:00'"),
            ("at", "'yesterday'"),
            ("reference", "'PR-7F3K-9Q2M'"),
            ("actor", "'somebody else'"),
            ("what", "'erased'"),
            ("what", "'never heard of'"),
            ("codes", '\'{"of": null, "rows": 400}\''),
            ("codes", "'{}'"),
            ("codes", "'[]'"),
            ("codes", "'no json'"),
            ("hash", "replace(hash, substr(hash, 1, 1), 'x')"),
        ],
    )
    @pytest.mark.parametrize("seq", [1, 5, ENTRIES])
    def test_a_change_shows_where_it_was_made(
        self, store: Store, path: Path, column: str, value: str, seq: int
    ) -> None:
        by_hand(path, f"update events set {column} = {value} where seq = {seq}")
        ((wrong, why),) = first_wrong(store.register())
        assert wrong == seq
        assert why

    def test_a_change_with_its_hash_made_anew_shows_at_the_next(
        self, store: Store, path: Path
    ) -> None:
        entries = list(store.register())
        forged = chained(replace(entries[4].event, actor="eve"), 5, entries[4].previous)
        by_hand(path, f"update events set actor = 'eve', hash = '{forged.hash}' where seq = 5")
        ((wrong, _),) = first_wrong(store.register())
        assert wrong == 6

    def test_a_removed_entry_shows(self, store: Store, path: Path) -> None:
        by_hand(path, "delete from events where seq = 5")
        ((wrong, _),) = first_wrong(store.register())
        assert wrong == 5

    def test_a_removed_entry_shows_also_when_the_rest_was_numbered_anew(
        self, store: Store, path: Path
    ) -> None:
        by_hand(
            path,
            "delete from events where seq = 5",
            "update events set seq = -seq where seq > 5",
            "update events set seq = -seq - 1 where seq < 0",
        )
        ((wrong, _),) = first_wrong(store.register())
        assert wrong == 5

    def test_two_that_changed_places_show(self, store: Store, path: Path) -> None:
        by_hand(
            path,
            "update events set seq = 99 where seq = 5",
            "update events set seq = 5 where seq = 6",
            "update events set seq = 6 where seq = 99",
        )
        ((wrong, _),) = first_wrong(store.register())
        assert wrong == 5

    @pytest.mark.parametrize("seq", [-4, 0, 13])
    def test_an_entry_put_in_shows(self, store: Store, path: Path, seq: int) -> None:
        by_hand(
            path,
            f"insert into events select {seq}, at, reference, actor, what, codes, previous, hash"
            " from events where seq = 5",
        )
        assert len(list(first_wrong(store.register()))) == 1

    def test_a_cut_tail_shows_by_a_head_kept_elsewhere(self, store: Store, path: Path) -> None:
        count, head = store.head()
        assert count == ENTRIES
        by_hand(path, "delete from events where seq > 9")
        # what is left is a whole chain, so that only the head tells
        assert list(first_wrong(store.register())) == []
        assert store.head() != (count, head)
        assert head not in {entry.hash for entry in store.register()}
        # not even entries added since hide it
        for _ in range(5):
            store.record(Event(What.EXPORTED, "", "staff", NOW))
        assert head not in {entry.hash for entry in store.register()}


@pytest.mark.parametrize("scheme", STORES)
class TestReading:
    """The register as each store gives it."""

    def test_entries_come_in_order_and_as_written(self, scheme: str, tmp_path: Path) -> None:
        store = open_store(f"{scheme}:///{tmp_path}/store.db", VAULT)
        zone = NOW.astimezone().tzinfo
        events = [
            Event(What.FILED, "PR-7F3K-9Q2M", "requester", NOW, {"due_on": "2026-04-07"}),
            Event(What.TAKEN, "PR-7F3K-9Q2M", "an «é» ș", NOW.astimezone(zone), {"before": None}),
            Event(What.EXPORTED, "", "an", NOW + timedelta(microseconds=7), {"n": 3, "all": True}),
        ]
        for event in events:
            store.record(event)
        entries = list(store.register())
        assert [entry.event for entry in entries] == events
        assert [entry.seq for entry in entries] == [1, 2, 3]
        assert store.head() == (3, entries[-1].hash)
        assert list(first_wrong(entries)) == []
        assert list(store.register("PR-7F3K-9Q2M")) == entries[:2]
        assert list(store.register("PR-0000-0000")) == []

    def test_what_is_added_while_somebody_reads_disturbs_nobody(
        self, scheme: str, tmp_path: Path
    ) -> None:
        store = open_store(f"{scheme}:///{tmp_path}/store.db", VAULT)
        store.record(Event(What.EXPORTED, "", "an", NOW))
        reading = store.register()
        first = next(reading)
        store.record(Event(What.EXPORTED, "", "an", NOW))
        assert first.seq == 1
        assert [entry.seq for entry in store.register()] == [1, 2]

    def test_no_personal_value_is_in_it(
        self, scheme: str, tmp_path: Path, knowledge: Knowledge
    ) -> None:
        store = open_store(f"{scheme}:///{tmp_path}/store.db", VAULT)
        casework = Casework(Calendar("BE", "Europe/Brussels"), knowledge.requests)
        for request in knowledge.requests:
            step = casework.file(
                reference=new_reference(),
                request=request,
                language="en",
                channel="web",
                received_at=NOW,
                now=NOW,
                contacts=(Contact(ContactKind.EMAIL, "ana@example.com"),),
                details="in her own words",
            )
            store.apply([step])
        written = json.dumps([[e.event.actor, dict(e.event.codes)] for e in store.register()])
        assert "ana@example.com" not in written
        assert "own words" not in written


CODES = st.dictionaries(
    st.text(max_size=8), st.none() | st.booleans() | st.integers() | st.text(max_size=8), max_size=3
)
EVENTS = st.lists(
    st.builds(
        Event,
        st.sampled_from(What),
        st.text(max_size=12),
        st.text(max_size=12),
        st.datetimes(timezones=st.just(UTC)),
        CODES,
    ),
    min_size=2,
    max_size=8,
)


def chain(events: list[Event]) -> list[Entry]:
    """Chain events from the start."""
    entries: list[Entry] = []
    for event in events:
        previous = entries[-1].hash if entries else GENESIS
        entries.append(chained(event, len(entries) + 1, previous))
    return entries


@given(EVENTS, st.data())
def test_every_chain_is_right_and_any_one_change_of_it_wrong(
    events: list[Event], data: st.DataObject
) -> None:
    entries = chain(events)
    assert list(first_wrong(entries)) == []
    at = data.draw(st.integers(0, len(entries) - 1))
    other = data.draw(EVENTS)[0]
    removed = entries[:at] + entries[at + 1 :]
    if at < len(entries) - 1:
        assert [seq for seq, _ in first_wrong(removed)] == [at + 1]
    if other != events[at]:
        changed = [*entries]
        changed[at] = replace(entries[at], event=other)
        assert [seq for seq, _ in first_wrong(changed)] == [at + 1]
