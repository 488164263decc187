"""What every command on tickets needs: settings, wording, rules, store; no understanding."""

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import NoReturn
from zoneinfo import ZoneInfo

import click

from bot.address import remembered
from bot.commands import told
from bot.commands.sentences import sentence
from bot.commands.talking import terminal_language
from bot.parts import desk_of, load_knowledge, secret_of
from bot.settings import Settings
from bot.tickets import open_store
from handlers.casework import ASSISTANT, REQUESTER, Casework
from handlers.contract import Desk
from handlers.deadlines import Calendar
from handlers.references import read_reference
from handlers.store import Store
from handlers.tickets import Conflict, Ticket, TicketError
from knowledge.model import Knowledge, Language


@dataclass(frozen=True)
class Office:
    """The parts with which staff work on tickets."""

    settings: Settings
    knowledge: Knowledge
    store: Store
    desk: Desk
    now: datetime

    @property
    def casework(self) -> Casework:
        """The rules of the work."""
        return self.desk.casework

    @property
    def calendar(self) -> Calendar:
        """How the controller counts days."""
        return self.desk.casework.calendar

    @property
    def today(self) -> date:
        """The day in the controller's zone."""
        return self.calendar.day_of(self.now)

    @property
    def language(self) -> Language:
        """Wording for staff: English where there is one."""
        return self.knowledge.languages.get("en") or terminal_language(self.knowledge)

    def find(self, reference: str) -> Ticket:
        """Give a ticket, or exit 1."""
        known = read_reference(reference)
        ticket = self.store.ticket(known) if known else None
        if ticket is None:
            stop(f"there is no ticket '{reference}'")
        return ticket


def stop(line: str) -> NoReturn:
    """Print one line and exit 1."""
    click.echo(line, err=True)
    sys.exit(1)


@contextmanager
def office() -> Iterator[Office]:
    """Open the office; whatever is wrong is told in one line, exit 1."""
    with told():
        settings = remembered(Settings.read())
        knowledge = load_knowledge(settings)
        secret = secret_of(settings)
        store = open_store(settings.database, secret.vault)
        desk = desk_of(settings, knowledge, secret, store)
        try:
            yield Office(settings, knowledge, store, desk, clock())
        except TicketError as error:
            stop(sentence(error))
        except Conflict:
            stop("somebody else changed it in between, so nothing was written; look and try again")


def clock() -> datetime:
    """Give the present moment."""
    return datetime.now(UTC)


def login_name() -> str:
    """Give the name of whoever is logged in, or ``staff`` where the system has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "staff"


class Name(click.ParamType[str]):
    """A staff member's name; those of the two that are no staff are taken."""

    name = "name"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read the value."""
        if value.strip().casefold() in {"", ASSISTANT, REQUESTER}:
            self.fail(f"'{value}' is no name of a staff member", param, ctx)
        return " ".join(value.split())


class Words(click.ParamType[str]):
    """A text; ``-`` reads it from standard input, which keeps it out of the shell's history."""

    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read the value."""
        text = sys.stdin.read() if value == "-" else value
        if not text.strip():
            self.fail("the text is empty", param, ctx)
        return text.strip()


class Day(click.ParamType[date]):
    """A day in ISO 8601."""

    name = "day"

    def convert(
        self, value: str | date, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        """Read the value."""
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"'{value}' is no day such as 2026-03-05", param, ctx)


class Moment(click.ParamType[date | datetime]):
    """A day, or a moment with its zone, in ISO 8601."""

    name = "date-or-datetime"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> date | datetime:
        """Read the value."""
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"'{value}' is neither a day such as 2026-03-05 nor a moment", param, ctx)


def moment_of(given: date | datetime, timezone: str) -> datetime:
    """Give the moment that was meant: a day begins at midnight, without a zone the controller's."""
    if not isinstance(given, datetime):
        given = datetime.combine(given, time())
    return given if given.tzinfo else given.replace(tzinfo=ZoneInfo(timezone))


AS = click.Option(
    ["--as", "actor"],
    type=Name(),
    default=login_name,
    help="Who does it; your login name by default.",
)
