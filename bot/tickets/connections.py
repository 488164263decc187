"""Connections to the SQLite file, kept open for the next caller, and transactions on them."""

import itertools
import os
import random
import sqlite3
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

from sqlite_utils import Database

from handlers.store import StoreError
from handlers.tickets import Conflict

BUSY_SECONDS = 10.0
"""How long a writer waits for another before it gives up."""

GROUPED = hasattr(os, "fdatasync")
"""Whether the system lets us wait for the disk ourselves; see :meth:`Connections.settle`."""
COMMITS = 32
"""Durable commits after which the log is written back and begun again from its start.

While writers keep coming SQLite's own way never gets there: the log grows, and a commit that
makes a file longer takes up to twice as long as one that writes over what is there.
"""
BRIEFLY = 0.2
"""Seconds to wait with that for readers; otherwise it is done another time."""
PAUSE = (0.0005, 0.003)
"""Seconds, from and to, between two looks at whether another writer is done."""


class Connections:
    """Lends a connection to whoever needs one; each thread has its own while it uses it.

    Write-ahead logging lets readers go on while one writes.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._process = os.getpid()
        self._idle: list[Database] = []
        self._commits = itertools.count(1)
        weakref.finalize(self, _close_all, self._idle, self._process)

    def close(self) -> None:
        """Close what is open and not lent."""
        _close_all(self._idle, self._process)

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
        in_lock = durable and not GROUPED
        with self.lent() as db:
            db.execute(f"pragma synchronous = {'full' if in_lock else 'normal'}")
            patiently(db, "begin immediate")
            yield db
            db.execute("commit")
            if durable:
                self.settle()
                if next(self._commits) % COMMITS == 0:
                    emptied(db, "restart", BRIEFLY)

    def settle(self) -> None:
        """Wait until the disk has all that was committed until now, by whomever.

        SQLite itself waits for the disk while it keeps the lock (``synchronous = full``), so that
        commits can only follow each other. Waiting after the lock is given back lets those of
        several writers reach the disk together: of eight processes, twice as many tickets a second
        where the disk is slow. It is as safe: what is no longer in the log is in the file, which
        ``synchronous = normal`` puts on the disk before the log is begun again.

        Raises:
            StoreError: when the disk reports an error.
        """
        if not GROUPED:
            return
        try:
            log = os.open(f"{self._path}-wal", os.O_RDONLY)
            try:
                os.fdatasync(log)
            finally:
                os.close(log)
        except OSError as error:
            raise StoreError(
                f"the database '{self._path}' cannot be used: {error.strerror}"
            ) from error

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


def emptied(db: Database, how: str, seconds: float | None = None) -> bool:
    """Write the log back into the file, and tell whether nobody was in the way of that.

    ``restart``: the log is written over from its start. ``truncate``: it is cut to nothing.
    """
    seconds = BUSY_SECONDS if seconds is None else seconds
    db.execute(f"pragma busy_timeout = {int(seconds * 1000)}")
    try:
        return not db.execute(f"pragma wal_checkpoint({how})").fetchone()[0]
    except sqlite3.OperationalError:
        # in use, or no room for it: what was written is safe in the log all the same
        return False
    finally:
        db.execute(f"pragma busy_timeout = {int(BUSY_SECONDS * 1000)}")


def patiently(db: Database, sql: str) -> None:
    """Run a statement that needs the write lock, waiting for the lock as long as others have it.

    SQLite's own waiting sleeps ever longer, up to a tenth of a second, so that whoever has just
    written gets the lock again: of eight writers at once one wrote 1 row while another wrote 4000,
    and some waited 3 s. Short waits of random length give each its turn. And where a reader is to
    become a writer, as for a change of journal mode, SQLite does not wait at all.
    """
    deadline = time.monotonic() + BUSY_SECONDS
    db.execute("pragma busy_timeout = 0")
    while True:
        try:
            db.execute(sql)
            break
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(random.uniform(*PAUSE))  # noqa: S311 - no secret
    db.execute(f"pragma busy_timeout = {int(BUSY_SECONDS * 1000)}")


def _close_all(idle: list[Database], process: int) -> None:
    while idle and process == os.getpid():
        idle.pop().close()
