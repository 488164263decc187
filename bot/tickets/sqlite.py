"""The store in one SQLite file, through sqlite-utils.

A connection is opened for each call, as SQLite connections belong to one thread. Write-ahead
logging lets readers go on while one writes.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any, Self

from pydantic import TypeAdapter
from sqlite_utils import Database

from bot.tickets.schema import MIGRATIONS
from handlers.contract import Reply
from handlers.store import Conversation, StoreError
from handlers.tickets import Conflict, Contact, Status, Ticket

BUSY_SECONDS = 10
"""How long a writer waits for another before it gives up."""

PREFIX = "sqlite:///"
REPLY = TypeAdapter(Reply)
CONTACTS = TypeAdapter(tuple[Contact, ...])

COLUMNS = tuple(field.name for field in fields(Ticket))
WRITE_TICKET = (
    f"insert into tickets ({', '.join(COLUMNS)})"  # noqa: S608 - names from our own class
    f" values ({', '.join(f':{name}' for name in COLUMNS)})"
    " on conflict (reference) do update set status = excluded.status"
)
"""A ticket is written once; afterwards only its status moves."""


class SqliteStore:
    """Keeps tickets and conversations in one file."""

    def __init__(self, path: str) -> None:
        self._path = path

    @classmethod
    def open(cls, url: str) -> Self:
        """Open the file of a URL such as ``sqlite:///privacy.db`` and bring it up to date.

        Raises:
            StoreError: when it cannot be opened or written, or comes from a newer version.
        """
        path = url.removeprefix(PREFIX)
        if not url.startswith(PREFIX) or not path:
            raise StoreError(f"'{url}' names no file; write it as {PREFIX}FILE")
        store = cls(path)
        try:
            with store._connection() as db:
                unknown = {m.name for m in MIGRATIONS.applied(db)} - {
                    m.name for m in MIGRATIONS._migrations
                }
                if unknown:
                    raise StoreError(
                        f"the database '{path}' was made by a newer version of this program"
                    )
                db.execute("pragma journal_mode = wal")
                db.execute("begin immediate")
                db.execute("rollback")
                MIGRATIONS.apply(db)
        except sqlite3.Error as error:
            raise StoreError(f"the database '{path}' cannot be used: {error}") from error
        return store

    @contextmanager
    def _connection(self, synchronous: str = "full") -> Iterator[Database]:
        try:
            with closing(sqlite3.connect(self._path, timeout=BUSY_SECONDS)) as connection:
                connection.execute("pragma foreign_keys = on")
                connection.execute(f"pragma synchronous = {synchronous}")
                yield Database(connection, execute_plugins=False)
        except sqlite3.Error as error:
            # SQLite's own words name a file, a table or a cause, never a value
            raise StoreError(f"the database '{self._path}' cannot be used: {error}") from error

    def conversation(self, token: str) -> Conversation | None:
        """Give what is kept of the conversation with this token."""
        with self._connection() as db:
            row = db.execute(
                "select version, message_id, fingerprint, reply from conversations where token = ?",
                [_hashed(token)],
            ).fetchone()
        return row and Conversation(row[0], row[1], row[2], REPLY.validate_json(row[3]))

    def save(self, token: str, conversation: Conversation, now: datetime) -> None:
        """Write a conversation's next reply and, where the reply says so, its ticket."""
        reply = conversation.reply
        # a ticket survives a power cut; an open conversation survives a crash, which is enough
        with self._connection("full" if reply.write else "normal") as db, db.atomic():
            _save_conversation(db, token, conversation, now)
            if reply.write and reply.ticket is not None:
                db.execute(WRITE_TICKET, _row(reply.ticket))

    def forget(self, token: str) -> None:
        """Delete what is kept of a conversation; its tickets stay."""
        with self._connection() as db, db.atomic():
            db.execute("delete from conversations where token = ?", [_hashed(token)])

    def forget_idle(self, before: datetime) -> int:
        """Delete the conversations whose last message is older."""
        with self._connection() as db, db.atomic():
            return db.execute(
                "delete from conversations where updated_at < ?", [before.timestamp()]
            ).rowcount

    def ticket(self, reference: str) -> Ticket | None:
        """Give the ticket with this reference, if there is one."""
        with self._connection() as db:
            for row in db.table("tickets").rows_where("reference = ?", [reference]):
                return _ticket(row)
        return None

    def tickets(self, *, status: Status | None = None, limit: int = 100) -> list[Ticket]:
        """List tickets, the one due soonest first."""
        where, values = ("status = ?", [status.value]) if status else (None, [])
        with self._connection() as db:
            rows = db.table("tickets").rows_where(
                where, values, order_by="due_on, reference", limit=limit
            )
            return [_ticket(row) for row in rows]


def _hashed(token: str) -> str:
    # whoever reads the file must not be able to go on with a conversation
    return hashlib.sha256(token.encode()).hexdigest()


def _save_conversation(db: Database, token: str, conversation: Conversation, now: datetime) -> None:
    values = {
        "token": _hashed(token),
        "version": conversation.version,
        "message_id": conversation.message_id,
        "fingerprint": conversation.fingerprint,
        "reply": REPLY.dump_json(conversation.reply).decode(),
        "updated_at": now.timestamp(),
    }
    if conversation.version == 1:
        sql = (
            "insert or ignore into conversations"
            " (token, version, message_id, fingerprint, reply, updated_at) values"
            " (:token, :version, :message_id, :fingerprint, :reply, :updated_at)"
        )
    else:
        sql = (
            "update conversations set version = :version, message_id = :message_id,"
            " fingerprint = :fingerprint, reply = :reply, updated_at = :updated_at"
            " where token = :token and version = :version - 1"
        )
    if db.execute(sql, values).rowcount != 1:
        raise Conflict


def _row(ticket: Ticket) -> dict[str, Any]:
    return {
        **asdict(ticket),
        "received_at": ticket.received_at.isoformat(),
        "filed_at": ticket.filed_at.isoformat(),
        "due_on": ticket.due_on.isoformat(),
        "stop_by": ticket.stop_by and ticket.stop_by.isoformat(),
        "contacts": CONTACTS.dump_json(ticket.contacts).decode(),
    }


def _ticket(row: dict[str, Any]) -> Ticket:
    return Ticket(
        **{
            **row,
            "status": Status(row["status"]),
            "received_at": datetime.fromisoformat(row["received_at"]),
            "filed_at": datetime.fromisoformat(row["filed_at"]),
            "due_on": date.fromisoformat(row["due_on"]),
            "stop_by": row["stop_by"] and date.fromisoformat(row["stop_by"]),
            "contacts": CONTACTS.validate_json(row["contacts"]),
        }
    )
