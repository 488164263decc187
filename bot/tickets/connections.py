"""Connections to the SQLite file, kept open for the next caller, and transactions on them."""

import os
import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

from sqlite_utils import Database

from handlers.store import StoreError
from handlers.tickets import Conflict

BUSY_SECONDS = 10
"""How long a writer waits for another before it gives up."""


class Connections:
    """Lends a connection to whoever needs one; each thread has its own while it uses it.

    Write-ahead logging lets readers go on while one writes.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._process = os.getpid()
        self._idle: list[Database] = []
        weakref.finalize(self, _close_all, self._idle, self._process)

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """Lend a connection on which everything is read as of one moment."""
        with self.lent() as db:
            db.execute("begin")
            yield db
            db.execute("commit")

    @contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[Database]:
        """Lend a connection with a transaction that is written at the end, whole or not at all.

        Durable: it survives a power cut as soon as this returns. Otherwise it survives a crash of
        the program, and after a power cut the latest ones may be missing, none by half.
        """
        with self.lent() as db:
            db.execute(f"pragma synchronous = {'full' if durable else 'normal'}")
            _begin(db)
            yield db
            db.execute("commit")

    @contextmanager
    def lent(self) -> Iterator[Database]:
        """Lend a connection; what was begun on it and not finished is taken back.

        Raises:
            StoreError: when the file cannot be used.
        """
        try:
            db = self._taken()
            try:
                yield db
            except Conflict:
                db.rollback()
                self._idle.append(db)
                raise
            except BaseException:
                db.close()
                raise
            self._idle.append(db)
        except sqlite3.Error as error:
            # SQLite's own words name a file, a table or a cause, never a value
            raise StoreError(f"the database '{self._path}' cannot be used: {error}") from error

    def _taken(self) -> Database:
        if self._process != os.getpid():
            # a forked process must neither use nor close what its parent opened
            self._process, inherited, self._idle = os.getpid(), self._idle, []
            INHERITED.append(inherited)
            weakref.finalize(self, _close_all, self._idle, self._process)
        try:
            return self._idle.pop()
        except IndexError:
            return _opened(self._path)


INHERITED: list[list[Database]] = []
"""Connections of a parent process, kept from being closed in this one."""


def _opened(path: str) -> Database:
    connection = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        for pragma in ("foreign_keys = on", "secure_delete = on", "temp_store = memory"):
            connection.execute(f"pragma {pragma}")
    except sqlite3.Error:
        connection.close()
        raise
    return Database(connection, execute_plugins=False)


def _begin(db: Database) -> None:
    db.execute("begin immediate")


def _close_all(idle: list[Database], process: int) -> None:
    while idle and process == os.getpid():
        idle.pop().close()
