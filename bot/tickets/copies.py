"""Copies of the SQLite file: made while others write, looked over, and put in its place.

SQLite's own backup copies the file as of one moment, in one step, while others read and write.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from sqlite_utils import Database

from bot.tickets import chain, filed, inbox, talks
from bot.tickets.rows import codes_of
from bot.vault import FINGERPRINT_DIGITS
from handlers.register import Event
from handlers.store import StoreError
from handlers.tickets import Ticket

NULL_VALUE = re.compile(r"NULL value in (\w+)\.(\w+)")
SUPPRESSIONS = "select mark, since, reference from suppressions"
RESTORED = "restored"
"""Problem of a delivery that waited in a backup."""


@dataclass(frozen=True)
class Stamp:
    """What a backup says of itself."""

    made_at: datetime
    version: str
    """Of the program that made it."""
    fingerprint: str
    """Of the secret key without which nobody can read it."""
    seq: int
    """Entries in its register."""
    hash: str
    tickets: int


@dataclass(frozen=True)
class Since:
    """What a database has that is to hold in a backup of it too."""

    references: frozenset[str]
    erased: frozenset[str]
    suppressions: tuple[tuple[str, str, str], ...]
    talks: frozenset[tuple[str, int]]
    """Open conversations by hashed token, with the number of their latest reply."""


@contextmanager
def opened(path: Path, *, read_only: bool = False) -> Iterator[Database]:
    """Open a file that is there.

    Raises:
        StoreError: when it cannot be used.
    """
    mode = "ro" if read_only else "rw"
    try:
        with closing(
            sqlite3.connect(f"file:{quote(str(path))}?mode={mode}", uri=True, isolation_level=None)
        ) as connection:
            yield Database(connection, execute_plugins=False)
    except sqlite3.Error as error:
        # SQLite's own words name a file, a table or a cause, never a value
        raise StoreError(f"'{path}' cannot be used: {error}") from error


def copy(source: Path, target: Path) -> None:
    """Copy a database into a file of its own, as of one moment.

    Raises:
        StoreError: when one of them cannot be used.
    """
    with opened(source, read_only=True) as here, opened(target) as there:
        here.conn.backup(there.conn)
        # one file, with nothing beside it
        there.execute("pragma journal_mode = delete")


def stamp(path: Path, version: str, now: datetime) -> Stamp:
    """Write into a copy what it is, and give that."""
    with opened(path) as db:
        (mark,) = db.execute("select mark from vault").fetchone()
        (tickets,) = db.execute("select count(*) from tickets").fetchone()
        made = Stamp(now, version, mark[:FINGERPRINT_DIGITS], *chain.head(db), tickets)
        db.execute("begin")
        db.execute("drop table if exists backup")
        db.execute(
            "create table backup (made_at text not null, version text not null,"
            " fingerprint text not null, seq integer not null, hash text not null,"
            " tickets integer not null) strict"
        )
        db.execute(
            "insert into backup values (?, ?, ?, ?, ?, ?)",
            [
                *(made.made_at.isoformat(timespec="seconds"), made.version, made.fingerprint),
                *(made.seq, made.hash, made.tickets),
            ],
        )
        db.execute("commit")
    return made


def stamped(path: Path) -> Stamp:
    """Give what a backup says of itself.

    Raises:
        StoreError: when it is none.
    """
    with opened(path, read_only=True) as db:
        if not db.execute("select 1 from sqlite_master where name = 'backup'").fetchone():
            raise StoreError(f"'{path}' is no backup that this program made")
        made_at, *rest = db.execute("select * from backup").fetchone()
    return Stamp(datetime.fromisoformat(made_at), *rest)


def unstamp(path: Path) -> None:
    """Make a database of a backup."""
    with opened(path) as db:
        db.execute("drop table backup")


def damage(path: Path) -> list[str]:
    """Tell what is broken in a file, a line each."""
    with opened(path, read_only=True) as db:
        said = [row[0] for row in db.execute("pragma integrity_check").fetchall()]
        found = [text for text in said if text != "ok" and not _untrue(db, text)]
        orphans = db.execute("pragma foreign_key_check").fetchall()
        return [*found, *(f"a row of {row[0]} has no ticket" for row in orphans)]


def since(path: Path) -> Since:
    """Read what is to hold in an earlier state of a database too.

    Raises:
        StoreError: when it cannot be read.
    """
    with opened(path, read_only=True) as db:
        return Since(
            frozenset(row[0] for row in db.execute("select reference from tickets")),
            frozenset(
                row[0]
                for row in db.execute("select reference from tickets where erased_at is not null")
            ),
            tuple(db.execute(SUPPRESSIONS).fetchall()),
            frozenset(db.execute("select token, version from conversations").fetchall()),
        )


def hold(
    path: Path, later: Since, stubs: Iterable[Ticket], events: Iterable[Event], now: datetime
) -> tuple[int, int]:
    """Let what came later hold in an earlier state, all or none.

    Tickets that were erased are again, with the events that led there; conversations that were
    forgotten, or went on, are forgotten; who objected to marketing stays on the list; what a
    channel delivered and nobody had worked on is given up.

    Returns:
        How many objections were added, and how many conversations forgotten.
    """
    with opened(path) as db:
        db.execute("pragma secure_delete = on")
        db.execute("begin immediate")
        for stub in stubs:
            _erase(db, stub)
        for event in events:
            chain.append(db, event)
        added = sum(
            db.execute("insert or ignore into suppressions values (?, ?, ?)", row).rowcount
            for row in later.suppressions
        )
        for (number,) in db.execute("select number from deliveries where salt is not null"):
            # answered since then, or never: after a restore nobody must be answered twice
            inbox.end(db, number, now, RESTORED)
        known = db.execute("select token, version from conversations").fetchall()
        gone = [token for token, version in known if (token, version) not in later.talks]
        for token in gone:
            talks.forget(db, "token = ?", token)
        db.execute("delete from codes")  # they are good for some minutes, and once
        db.execute("commit")
        return added, len(gone)


def put(source: Path, target: Path) -> None:
    """Put a database in the place of another, whole or not at all.

    Raises:
        StoreError: when others have it open, or it cannot be written.
    """
    if not target.exists():
        target.touch(mode=0o600)
    with opened(source) as here:
        here.execute("pragma journal_mode = delete")
        with opened(target) as there:
            _alone(there, target)
            here.conn.backup(there.conn)


def refuse_used(path: Path) -> None:
    """Make sure that no other program has a database open.

    Raises:
        StoreError: when one has.
    """
    with opened(path) as db:
        _alone(db, path)


def _alone(db: Database, path: Path) -> None:
    # SQLite leaves write-ahead logging only for whoever is alone
    db.execute("pragma busy_timeout = 1000")
    try:
        db.execute("pragma journal_mode = delete")
    except sqlite3.OperationalError as error:
        raise StoreError(f"the database '{path}' is in use; stop the server first") from error


def _erase(db: Database, stub: Ticket) -> None:
    row: Mapping[str, object] = codes_of(stub)
    number, salt = db.execute(
        "select number, salt from tickets where reference = ?", [stub.reference]
    ).fetchone()
    changes = ", ".join(f"{name} = :{name}" for name in row)
    db.execute(f"update tickets set {changes} where number = :number", {**row, "number": number})
    filed.erase_values(db, number, salt, stub.reference)


def _untrue(db: Database, text: str) -> bool:
    """Tell whether the check complains of a null that is not there.

    SQLite 3.40.0 to 3.41.0 (Debian 12 has 3.40.1) look into the wrong column of a table without
    rowids whose key is not made of its first columns, such as the suppression list.
    """
    named = NULL_VALUE.fullmatch(text)
    if named is None:
        return False
    table, column = named.groups()
    sql = f"select 1 from {table} where typeof({column}) = 'null' limit 1"
    return db.execute(sql).fetchone() is None
