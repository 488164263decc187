"""The register in the SQLite file: written behind its last entry, read in order."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from sqlite_utils import Database

from bot.tickets.connections import Connections
from handlers.register import GENESIS, Entry, Event, What, chained

PAGE = 1000
"""Entries read at once: nobody who reads the whole register keeps others waiting."""
COLUMNS = "seq, at, reference, actor, what, codes, previous, hash"


def head(db: Database) -> tuple[int, str]:
    """Give the last entry's place and hash."""
    row = db.execute("select seq, hash from events order by seq desc limit 1").fetchone()
    return (row[0], row[1]) if row else (0, GENESIS)


def append(db: Database, event: Event) -> None:
    """Put an event behind the last one; the transaction must hold the write lock already."""
    seq, previous = head(db)
    entry = chained(event, seq + 1, previous)
    codes = json.dumps(dict(event.codes), sort_keys=True)
    db.execute(
        f"insert into events ({COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            *(entry.seq, event.at.isoformat(), event.reference, event.actor, str(event.what)),
            *(codes, entry.previous, entry.hash),
        ],
    )


def holds(db: Database, reference: str, what: What) -> bool:
    """Tell whether something was ever done to a ticket."""
    sql = "select 1 from events where reference = ? and what = ? limit 1"
    return db.execute(sql, [reference, str(what)]).fetchone() is not None


def entries(connections: Connections, reference: str | None) -> Iterator[Entry]:
    """Give the entries in order, of one ticket where its reference is given."""
    where = "seq > :after" + ("" if reference is None else " and reference = :reference")
    sql = f"select {COLUMNS} from events where {where} order by seq limit {PAGE}"
    after = -(2**63)
    while True:
        with connections.lent() as db:
            page = db.execute(sql, {"after": after, "reference": reference}).fetchall()
        yield from map(_entry, page)
        if len(page) < PAGE:
            return
        after = page[-1][0]


def _entry(row: tuple[Any, ...] | sqlite3.Row) -> Entry:
    seq, at, reference, actor, what, codes, previous, hash_ = row
    try:
        event = Event(
            *(What(what), reference, actor, datetime.fromisoformat(at)),
            MappingProxyType(json.loads(codes)),
        )
    except (ValueError, TypeError):
        # somebody wrote what no entry can hold; without its hash it shows as changed
        event, hash_ = Event(What.EXPORTED, reference, actor, datetime.min.replace(tzinfo=UTC)), ""
    return Entry(seq, event, previous, hash_)
