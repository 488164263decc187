"""Backups: a copy of the database while it is in use, and the way back from one.

What was erased must not come back with a backup. While the database that is replaced is still
there, what it erased, forgot, and noted as an objection to marketing holds in the restored one too.
"""

import os
import tempfile
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType

from bot.tickets import copies
from bot.tickets.copies import Since, Stamp
from bot.tickets.sqlite import PREFIX, SqliteStore
from bot.vault import Vault
from bot.verify import problems
from handlers.register import Entry, Event, What, first_wrong
from handlers.store import StoreError
from handlers.tickets import Ticket


@dataclass(frozen=True)
class Restored:
    """What a restore did."""

    stamp: Stamp
    """Of the backup."""
    replaced: bool
    """Whether there was a database, so that what it erased is known."""
    erased: tuple[str, ...] = ()
    """References of tickets that were erased after the backup, and are again."""
    lost: tuple[str, ...] = ()
    """References of tickets that were filed after it."""
    suppressions: int = 0
    """Objections to marketing made after it, which still hold."""
    forgotten: int = 0
    """Conversations that ended, or went on, after it."""
    doubts: tuple[str, ...] = ()
    """Tickets that do not agree with the register, as ``verify`` tells them."""


class InUseError(Exception):
    """The database that would be replaced has tickets."""

    def __init__(self, tickets: int) -> None:
        super().__init__(f"{tickets} tickets")
        self.tickets = tickets


def back_up(database: Path, file: Path, now: datetime) -> Stamp:
    """Write a backup, whole or not at all, that only its owner can read; others go on working.

    Raises:
        StoreError: when the database cannot be read or the file cannot be written.
    """
    if not database.exists():
        raise StoreError(f"there is no database '{database}'")
    try:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        os.close(handle)
        aside = Path(name)
        try:
            copies.copy(database, aside)
            made = copies.stamp(aside, version("privacy-assistant"), now)
            with aside.open("rb") as written:
                os.fsync(written.fileno())
            aside.replace(file)
        finally:
            for end in ("", "-wal", "-shm", "-journal"):
                Path(name + end).unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"'{file}' cannot be written: {error.strerror}") from error
    return made


def restore(  # noqa: PLR0913 - whence, whither, by which key, who and when
    file: Path, database: Path, vault: Vault, *, actor: str, now: datetime, overwrite: bool = False
) -> Restored:
    """Put a backup in the place of the database.

    Raises:
        StoreError: when the backup is none, is damaged or has another secret key, or the database
            is in use or cannot be read.
        InUseError: when the database has tickets, and it was not said that they may go.
    """
    if database.exists():
        copies.refuse_used(database)
    with tempfile.TemporaryDirectory(dir=database.parent, prefix=".restoring-") as folder:
        staged = Path(folder) / "staged.db"
        staged.touch(mode=0o600)
        copies.copy(file, staged)
        stamp = copies.stamped(staged)
        if stamp.fingerprint != vault.fingerprint:
            raise StoreError(
                f"'{file}' was made with the secret key {stamp.fingerprint}, "
                f"and the one here is {vault.fingerprint}"
            )
        copies.unstamp(staged)
        _refuse_damaged(file, staged, vault, stamp)
        later = _later(database, vault)
        if later is not None and later.references and not overwrite:
            raise InUseError(len(later.references))
        with closing(SqliteStore.open(f"{PREFIX}{staged}", vault)) as store:
            if later is None:
                restored = Restored(stamp, replaced=False)
            else:
                restored = _held(store, staged, database, vault, later, stamp, now)
            codes = MappingProxyType({"since": str(stamp.made_at.date())})
            store.record(Event(What.RESTORED, "", actor, now, codes))
            restored = _with_doubts(restored, store)
        copies.put(staged, database)
    return restored


def _refuse_damaged(file: Path, staged: Path, vault: Vault, stamp: Stamp) -> None:
    wrong = copies.damage(staged)
    if not wrong:
        with closing(SqliteStore.open(f"{PREFIX}{staged}", vault)) as store:
            wrong = [text for _, text in first_wrong(store.register())]
            if not wrong and store.head() != (stamp.seq, stamp.hash):
                wrong = ["its register does not end where it did when the backup was made"]
    if wrong:
        raise StoreError(f"'{file}' is damaged: {wrong[0]}")


def _later(database: Path, vault: Vault) -> Since | None:
    """Read the database that is replaced; None where there is none."""
    if not database.exists():
        return None
    try:
        SqliteStore.open(f"{PREFIX}{database}", vault).close()  # brings it up to date
        return copies.since(database)
    except StoreError as error:
        raise StoreError(
            f"{error}. What was erased since the backup stands in that file only; move it away, "
            f"with '{database}-wal' and '{database}-shm', to restore without"
        ) from error


def _held(  # noqa: PLR0913, PLR0917 - both databases, and what is known of each
    store: SqliteStore,
    staged: Path,
    database: Path,
    vault: Vault,
    later: Since,
    stamp: Stamp,
    now: datetime,
) -> Restored:
    """Let what the replaced database erased and forgot hold in the restored one."""
    known = set(store.references())
    stubs: list[Ticket] = []
    entries: list[Entry] = []
    with closing(SqliteStore.open(f"{PREFIX}{database}", vault)) as replaced:
        for reference in sorted(later.erased & known):
            before, stub = store.ticket(reference), replaced.ticket(reference)
            if before is None or stub is None or before.erased_at is not None:
                continue
            stubs.append(stub)
            entries += _missing(list(store.register(reference)), list(replaced.register(reference)))
    events = [entry.event for entry in sorted(entries, key=lambda entry: entry.seq)]
    store.close()
    suppressions, forgotten = copies.hold(staged, later, stubs, events, now)
    return Restored(
        stamp,
        replaced=True,
        erased=tuple(stub.reference for stub in stubs),
        lost=tuple(sorted(later.references - known)),
        suppressions=suppressions,
        forgotten=forgotten,
    )


def _missing(kept: list[Entry], whole: list[Entry]) -> list[Entry]:
    """Give what happened to a ticket behind what two registers have in common."""
    same = 0
    for one, other in zip(kept, whole, strict=False):
        if one.event != other.event:
            break
        same += 1
    return whole[same:]


def _with_doubts(restored: Restored, store: SqliteStore) -> Restored:
    return replace(restored, doubts=tuple(problems(store)))
