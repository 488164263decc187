"""``backup`` and ``restore``: a copy of the database while it is in use, and the way back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from bot.backups import InUseError, Restored, back_up
from bot.backups import restore as put_back
from bot.commands import desk, told
from bot.commands.desk import AS, stop
from bot.commands.exporting import refuse_taken
from bot.secret import Secret, kept_secret
from bot.settings import Settings
from bot.tickets.sqlite import PREFIX
from handlers.store import StoreError


@contextmanager
def _database() -> Iterator[tuple[Path, Settings]]:
    with told():
        settings = Settings.read()
        if not settings.database.startswith(PREFIX):
            raise StoreError(f"'{settings.database}' is no file, so there is nothing to back up")
        yield Path(settings.database.removeprefix(PREFIX)), settings


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
def backup(file: Path, overwrite: bool) -> None:
    """Copy the database into FILE (mode 0600), as of one moment, while the server runs.

    The secret key is not in it, only its fingerprint. Keep the key elsewhere: without it nobody,
    you included, can read what is personal in the backup.
    """
    with _database() as (database, _):
        refuse_taken(file, overwrite)
        made = back_up(database, file, desk.clock())
        click.echo(f"'{file}' was written: {made.tickets} tickets, register {made.seq}:{made.hash}")
        click.echo(f"It can be read with the secret key {made.fingerprint}, which is not in it.")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--overwrite", is_flag=True, help="Replace a database that has tickets.")
def restore(file: Path, overwrite: bool, actor: str) -> None:
    """Put the backup FILE in the place of the database; the server must not run.

    The backup's key, tables and register are checked before anything is written. Where a database
    is there, tickets that it erased after the backup are erased again, and who objected to
    marketing stays on the suppression list.
    """
    with _database() as (database, settings):
        kept = settings.secret_key
        # a new one would be of no use, and in the way of the right one
        secret = Secret(kept) if kept else kept_secret(settings.database, make=False)
        try:
            done = put_back(
                *(file, database, secret.vault), actor=actor, now=desk.clock(), overwrite=overwrite
            )
        except InUseError as error:
            stop(
                f"'{database}' has {error.tickets} tickets; --overwrite replaces them. "
                "Make a backup of it first"
            )
        for line in _lines(done):
            click.echo(line)
        for line in done.doubts:
            click.echo(line, err=True)


restore.params.append(AS)


def _lines(done: Restored) -> Iterator[str]:
    stamp = done.stamp
    yield f"restored {stamp.tickets} tickets, as of {stamp.made_at:%Y-%m-%d %H:%M} UTC"
    if not done.replaced:
        yield (
            "There was no database, so nobody knows what was erased after that: tickets erased "
            "since then are back. Erase those you know of with 'tickets erase'; 'retention' erases "
            "again what is past its date."
        )
        return
    for reference in done.erased:
        yield f"erased again {reference}"
    yield f"{len(done.erased)} tickets that were erased after the backup were erased again"
    for reference in done.lost:
        yield f"lost {reference}: it was filed after the backup"
    if done.suppressions:
        yield f"{done.suppressions} marketing stops made after the backup still hold"
    if done.forgotten:
        yield f"{done.forgotten} conversations that ended or went on since are forgotten"
    yield "A head of the register that was kept after the backup no longer fits; keep a new one."
