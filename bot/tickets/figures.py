"""Numbers of the SQLite file, for those who look after the program: no row of a person."""

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType

from sqlite_utils import Database

from bot.tickets.schema import IS_OPEN
from handlers.store import Pending

WAITING: Mapping[str, str] = MappingProxyType(
    {"deliveries": "select min(received_at) from deliveries where salt is not null"}
)
"""Table with rows that wait to be worked on -> when the oldest of those came."""


def pending(db: Database, today: date) -> dict[str, Pending]:
    """Count the open tickets by request type; it reads the open ones only."""
    sql = (
        "select request, count(*), coalesce(sum(due_on < ?), 0) from tickets"
        f" where {IS_OPEN} group by request"
    )
    return {row[0]: Pending(row[1], row[2]) for row in db.execute(sql, [str(today)])}


def filed(db: Database, after: int) -> tuple[int, dict[tuple[str, str], int]]:
    """Count the tickets behind a number by request type and channel; give the last number."""
    sql = (
        "select request, channel, count(*), max(number) from tickets where number > ?"
        " group by request, channel"
    )
    rows = db.execute(sql, [after]).fetchall()
    counts = {(request, channel): count for request, channel, count, _ in rows}
    return max((row[3] for row in rows), default=after), counts


def waiting(db: Database) -> dict[str, datetime]:
    """Give for each table of :data:`WAITING` that is there since when its oldest row waits."""
    there = {name for (name,) in db.execute("select name from sqlite_master where type = 'table'")}
    oldest = {name: db.execute(sql).fetchone()[0] for name, sql in WAITING.items() if name in there}
    return {name: datetime.fromisoformat(at) for name, at in oldest.items() if at}
