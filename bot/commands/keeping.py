"""``verify``, ``retention`` and ``suppressions``: is all in order, and is nothing kept too long?"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

from bot.commands.desk import Office, office, stop
from bot.retention import due, run
from bot.suppressions import Offence, TableError, column, mailed_after, suppressed
from bot.verify import Head, problems

FILE = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
HASH_DIGITS = 64


class HeadType(click.ParamType[Head]):
    """The register's head as ``verify`` prints it."""

    name = "seq:hash"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Head:
        """Read the value."""
        seq, _, hash_ = value.strip().partition(":")
        if not seq.isdecimal() or len(hash_) != HASH_DIGITS:
            self.fail(f"'{value}' is no head as verify prints it", param, ctx)
        return Head(int(seq), hash_)


@click.command()
@click.option("--head", type=HeadType(), help="A head that was kept elsewhere.")
def verify(head: Head | None) -> None:
    """Check the register's chain, and every ticket against its events.

    Prints the head, SEQ:HASH. Keep it elsewhere: with --head a register that was cut off or
    written anew shows. Exit 1 where something is wrong, the first bad row first.
    """
    with office() as here:
        now = Head(*here.store.head())
        wrong = False
        for line in problems(here.store, head):
            wrong = True
            click.echo(line, err=True)
        if wrong:
            sys.exit(1)
        click.echo(f"OK: {now.seq} entries follow each other, and every ticket agrees", err=True)
        click.echo(str(now))


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what it would do, and do nothing.")
def retention(dry_run: bool) -> None:
    """Erase what is past its date, forget idle conversations, look after dates and left drafts."""
    with office() as here:
        work = (due if dry_run else run)(here.store, here.desk, here.now)
        click.echo("\n".join(work.lines()))


@click.group()
def suppressions() -> None:
    """Ask the suppression list: who objected to marketing?"""


@suppressions.command()
@click.argument("addresses", nargs=-1)
@click.option("--file", "path", type=FILE, help="One address a line, or CSV; '-' reads stdin.")
@click.option("--column", "name", help="The CSV file's column with the address.")
def check(addresses: tuple[str, ...], path: Path | None, name: str | None) -> None:
    """Tell for each e-mail address or telephone number: suppressed, free, or unreadable.

    Exit 1 where one cannot be read.
    """
    if bool(addresses) == bool(path):
        raise click.UsageError("give addresses, or a --file")
    if name and not path:
        raise click.UsageError("--column belongs to --file")
    with office() as here:
        if path is None:
            unread = _checked(addresses, here)
        else:
            with opened(path) as file:
                unread = _checked((text for _, text in column(file, name)), here)
    sys.exit(1 if unread else 0)


def _checked(addresses: Iterable[str], here: Office) -> bool:
    """Print what is to be said of each address; tell whether one could not be read."""
    unread = False
    for text in addresses:
        try:
            found = suppressed(here.store, text, here.settings.country)
        except ValueError:
            unread = True
            click.echo(f"unreadable\t{text}")
        else:
            click.echo(f"{'suppressed' if found else 'free'}\t{text}")
    return unread


@suppressions.command()
@click.argument("sent", type=FILE)
@click.option("--address-column", required=True, help="Column with the address or number.")
@click.option("--date-column", required=True, help="Column with the day or moment of sending.")
def mailed(sent: Path, address_column: str, date_column: str) -> None:
    """Find in the CSV file SENT what was sent after the day of its receiver's objection.

    Prints the offenders. Exit 1 where there are any, or a row cannot be read.
    """
    count = 0
    with office() as here, opened(sent) as file:
        columns = (address_column, date_column)
        for found in mailed_after(file, columns, here.store, here.calendar):
            count += 1
            if isinstance(found, Offence):
                since, reference = found.suppression.since, found.suppression.reference
                click.echo(
                    f"line {found.row}: {found.address}, sent {found.sent_on}, "
                    f"objected {since} ({reference})"
                )
            else:
                click.echo(f"line {found.row}: {found.why}", err=True)
    sys.exit(1 if count else 0)


@contextmanager
def opened(path: Path) -> Iterator[TextIO]:
    """Open a file of other people's programs; what is wrong with it is told in a line, exit 1."""
    try:
        with click.open_file(str(path), encoding="utf-8-sig") as file:
            yield file  # type: ignore[misc]  # opened as text
    except UnicodeDecodeError:
        stop(f"'{path}' is not in UTF-8")
    except TableError as error:
        stop(f"'{path}': {error}")
