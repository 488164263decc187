"""``deadline`` and ``tickets``: due dates, and what has been filed."""

import json
import sys
from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

import click

from bot.channels.payload import ticket_out
from bot.commands import told
from bot.commands.talking import terminal_language
from bot.parts import follow_links, load_knowledge, secret_of
from bot.settings import Settings
from bot.tickets import open_store
from handlers.deadlines import deadline as work_out
from handlers.references import read_reference
from handlers.tickets import Status, Ticket
from handlers.wording import contact, day, explain, status
from knowledge.model import Language, RequestFacts


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


@click.command()
@click.argument("received", type=Moment())
@click.option("--extended", is_flag=True, help="Extended by two months (GDPR article 12(3)).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def deadline(received: date | datetime, extended: bool, as_json: bool) -> None:
    """Print by when a request RECEIVED on a day, or at a moment, must be answered, and why."""
    with told():
        settings = Settings.read()
        knowledge = load_knowledge(settings)
    if isinstance(received, datetime):
        if received.tzinfo is None:
            received = received.replace(tzinfo=ZoneInfo(settings.timezone))
        received = settings.calendar.day_of(received)
    try:
        found = work_out(received, settings.calendar, extended=extended)
    except (OverflowError, ValueError) as error:
        raise click.UsageError("there is no calendar for that year") from error
    language = terminal_language(knowledge)
    reason = f"{explain(found, language)} {language.phrases.due_aid}"
    if as_json:
        days_off = [{"day": str(off.day), "holiday": off.holiday} for off in found.days_off]
        click.echo(
            json.dumps(
                {
                    "received_on": str(found.received_on),
                    "extended": extended,
                    "ends_on": str(found.ends_on),
                    "due_on": str(found.due_on),
                    "days_off": days_off,
                    "reason": reason,
                },
                ensure_ascii=False,
                indent=2,
            )
        )
        return
    click.echo(f"{found.due_on}\n{reason}")


@click.group()
def tickets() -> None:
    """List and show tickets."""


@tickets.command("list")
@click.option("--status", "wanted", type=click.Choice([s.value for s in Status]))
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 100000))
@click.option("--json", "as_json", is_flag=True, help="Print JSON, a line a ticket.")
def list_tickets(wanted: str | None, limit: int, as_json: bool) -> None:
    """List tickets, the one due soonest first."""
    with told():
        settings = Settings.read()
        store = open_store(settings.database, secret_of(settings).vault)
        follow_url = follow_links(settings, secret_of(settings))
    for ticket in store.tickets(status=Status(wanted) if wanted else None, limit=limit):
        if as_json:
            click.echo(ticket_out(ticket, follow_url).model_dump_json())
        else:
            click.echo(
                f"{ticket.reference}  {ticket.due_on}  {ticket.status:12} "
                f"{ticket.request:20} {ticket.language}  {ticket.channel}"
            )


@tickets.command()
@click.argument("reference")
def show(reference: str) -> None:
    """Show the ticket with this REFERENCE, with what its requester gave."""
    with told():
        settings = Settings.read()
        knowledge = load_knowledge(settings)
        store = open_store(settings.database, secret_of(settings).vault)
    known = read_reference(reference)
    ticket = store.ticket(known) if known else None
    if ticket is None:
        click.echo(f"there is no ticket '{reference}'", err=True)
        sys.exit(1)
    facts = knowledge.requests[ticket.request]
    for name, value in _rows(ticket, facts, settings, terminal_language(knowledge)):
        click.echo(f"{name:12}{value}")


def _rows(
    ticket: Ticket, facts: RequestFacts, settings: Settings, language: Language
) -> Iterator[tuple[str, str]]:
    received_on = settings.calendar.day_of(ticket.received_at)
    yield "reference", ticket.reference
    yield "request", f"{ticket.request} ({language.requests[ticket.request].title})"
    if facts.article:
        yield "article", f"GDPR {facts.article}"
    yield "identity", "to be checked in doubt" if facts.identity else "not needed"
    yield "status", f"{ticket.status} ({status(ticket.status, language)})"
    yield "language", ticket.language
    yield "channel", ticket.channel
    yield "received", day(received_on, language)
    yield "due", day(ticket.due_on, language)
    if ticket.stop_by:
        yield "stop by", day(ticket.stop_by, language)
    found = work_out(received_on, settings.calendar, extended=ticket.extended)
    yield "why", explain(found, language)
    for value in ticket.contacts:
        yield "contact", contact(value, language)
    if ticket.details:
        yield "words", ticket.details
