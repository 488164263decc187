"""Deliveries in the SQLite file: ids and lanes hashed, what is to be done encrypted."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlite_utils import Database

from bot.tickets import salts
from bot.tickets.rows import written
from bot.vault import Vault, new_salt
from handlers.deliveries import Backlog, Delivery, Outcome

PLACE = "delivery"
WAITING = "salt is not null"
"""Which are still to be done; word for word as in the index."""


@dataclass(frozen=True)
class Sealed:
    """A delivery, encrypted before the write lock is taken: nobody waits for that."""

    marks: tuple[str, ...]
    lane: str
    salt: bytes = field(repr=False)
    payload: bytes = field(repr=False)
    received_at: datetime


def mark(vault: Vault, kind: str, text: str) -> str:
    """Hash an id or a lane: they name people and places."""
    return vault.mark(f"delivery {kind}", text)


def seal(vault: Vault, delivery: Delivery) -> Sealed:
    """Encrypt a delivery."""
    marks = tuple(mark(vault, "id", text) for text in delivery.ids)
    salt = new_salt()
    payload = vault.box(salt).seal(delivery.payload, PLACE, marks[0])
    lane = mark(vault, "lane", delivery.lane)
    return Sealed(marks, lane, salt, payload, delivery.received_at)


def write(db: Database, sealed: Sealed) -> bool:
    """Write a delivery down, unless one of its ids is known."""
    which = f"({', '.join('?' * len(sealed.marks))})"
    known = db.execute(
        f"select 1 from deliveries where id in {which} or twin in {which}",
        [*sealed.marks, *sealed.marks],
    ).fetchone()
    if known:
        return False
    db.execute(
        "insert into deliveries (id, twin, lane, salt, payload, outcome, tries, free_at,"
        " received_at) values (?, ?, ?, ?, ?, ?, 0, 0, ?)",
        [
            *(sealed.marks[0], sealed.marks[1] if len(sealed.marks) > 1 else None),
            *(sealed.lane, salts.keep(db, sealed.salt), sealed.payload),
            *(Outcome.WAITING.value, written(sealed.received_at)),
        ],
    )
    return True


def lend(db: Database, vault: Vault, now: datetime, until: datetime) -> Delivery | None:
    """Lend the first delivery that is free and has none before it in its lane."""
    row = db.execute(
        f"select number, id, salt, payload, received_at, tries from deliveries d where {WAITING}"
        " and free_at <= ? and not exists (select 1 from deliveries b where b.lane = d.lane"
        " and b.number < d.number and b.salt is not null) order by number limit 1",
        [now.timestamp()],
    ).fetchone()
    if row is None:
        return None
    number, first, salt, payload, received_at, tries = row
    db.execute(
        "update deliveries set free_at = ?, tries = tries + 1 where number = ?",
        [until.timestamp(), number],
    )
    text = salts.box(db, vault, salt).open(payload, PLACE, first)
    return Delivery((), "", text, datetime.fromisoformat(received_at), number, tries + 1)


def postpone(db: Database, number: int, at: datetime, problem: str | None) -> None:
    """Let a delivery wait until that moment; a problem that is known already stays."""
    db.execute(
        "update deliveries set free_at = ?, problem = coalesce(?, problem) where number = ?",
        [at.timestamp(), problem, number],
    )


def end(db: Database, number: int, now: datetime, problem: str | None) -> None:
    """Note how a delivery ended, and leave nothing of its payload."""
    row = db.execute(
        f"select salt from deliveries where number = ? and {WAITING}", [number]
    ).fetchone()
    if row is None:
        return
    salts.wipe(db, row[0])
    db.execute(
        "update deliveries set salt = null, payload = null, outcome = ?, problem = ?, ended_at = ?"
        " where number = ?",
        [
            *((Outcome.FAILED if problem else Outcome.DONE).value, problem),
            *(now.timestamp(), number),
        ],
    )


def under_way(db: Database, vault: Vault, lane: str) -> bool:
    """Tell whether something in this lane is still to be done."""
    sql = f"select 1 from deliveries where lane = ? and {WAITING} limit 1"
    return db.execute(sql, [mark(vault, "lane", lane)]).fetchone() is not None


def backlog(db: Database) -> Backlog:
    """Count the deliveries by outcome, and give the latest problem."""
    counts = db.execute("select outcome, count(*) from deliveries group by outcome").fetchall()
    problem = db.execute(
        "select problem from deliveries where problem is not null order by number desc limit 1"
    ).fetchone()
    return Backlog({Outcome(name): n for name, n in counts}, problem and problem[0])


def forget(db: Database, before: datetime) -> int:
    """Drop what ended before that moment."""
    return db.execute("delete from deliveries where ended_at < ?", [before.timestamp()]).rowcount
