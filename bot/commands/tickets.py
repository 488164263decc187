"""``deadline`` and ``tickets``: due dates, and the work on what has been filed."""

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from bot.commands import told
from bot.commands.actions import commands, kept_until, told_apart
from bot.commands.desk import AS, Moment, Office, Words, moment_of, office
from bot.commands.exporting import dossier, export, figures
from bot.commands.talking import terminal_language
from bot.contacts import find_asked
from bot.details import Details
from bot.duplicates import proposed, with_proposals
from bot.exports import counted
from bot.parts import load_knowledge
from bot.settings import Settings
from bot.standing import days_left, flags
from handlers.contract import Dialogue, Kind, Reply
from handlers.deadlines import deadline as work_out
from handlers.register import Entry
from handlers.tickets import ARTICLES, Contact, Representative, Status, Ticket
from handlers.wording import contact, day, explain, remaining

CHANNELS = ("letter", "email", "phone", "in_person", "other")
"""Ways in which a request reaches staff, who file it by hand."""


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
        received = settings.calendar.day_of(moment_of(received, settings.timezone))
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
    """Work on tickets: list, show, file, take, answer, extend, refuse, export ..."""


@tickets.command("list")
@click.option("--open", "open_only", is_flag=True, help="Only open ones.")
@click.option("--overdue", is_flag=True, help="Only open ones whose due date is past.")
@click.option("--status", "wanted", type=click.Choice([s.value for s in Status]))
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1_000_000))
@click.option("--json", "as_json", is_flag=True, help="Print JSON, a line a ticket.")
def list_tickets(
    open_only: bool, overdue: bool, wanted: str | None, limit: int, as_json: bool
) -> None:
    """List tickets, the one due soonest first."""
    with office() as here:
        # one more than is shown, to know whether there are more
        found = [
            *here.store.tickets(
                status=Status(wanted) if wanted else None,
                open_only=open_only or overdue,
                limit=limit + 1,
            )
        ]
        if overdue:
            found = [ticket for ticket in found if ticket.overdue(here.today)]
        for ticket in found[:limit]:
            click.echo(_json(ticket, here) if as_json else _line(ticket, here))
    if not found:
        click.echo("no tickets", err=True)
    elif len(found) > limit:
        click.echo(f"there are more than these {limit}; --limit shows more", err=True)


@tickets.command()
@click.argument("reference")
def show(reference: str) -> None:
    """Show the ticket with this REFERENCE: all that staff need, personal values among it."""
    with office() as here:
        ticket = here.find(reference)
        for name, value in _rows(ticket, here):
            click.echo(f"{name:15} {value}")
        click.echo("\nregister")
        for entry in here.store.register(ticket.reference):
            click.echo(f"  {_entry(entry, here)}")


@tickets.command("file")
@click.option("--type", "request", required=True, help="Request type, such as access.")
@click.option("--language", required=True, help="Language in which to answer.")
@click.option("--channel", required=True, type=click.Choice(CHANNELS), help="How it came in.")
@click.option("--received", required=True, type=Moment(), help="Day or moment of receipt.")
@click.option("--contact", "given", multiple=True, help="Address or number; may be repeated.")
@click.option("--details", type=Words(), help="The sentence that states the wish; '-' reads it.")
@click.option("--representative", type=Words(), help="Who asks on the person's behalf.")
@click.option("--authority", type=Words(), help="What that person's authority rests on.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def file_by_hand(  # noqa: PLR0913 - what the law asks of a ticket
    *,
    request: str,
    language: str,
    channel: str,
    received: date | datetime,
    given: tuple[str, ...],
    details: str | None,
    representative: str | None,
    authority: str | None,
    as_json: bool,
    actor: str,
) -> None:
    """File by hand what came in by letter, on the phone or at the counter."""
    with office() as here:
        _known("--type", request, here.knowledge.requests)
        _known("--language", language, here.knowledge.languages)
        if bool(representative) != bool(authority):
            raise click.UsageError("--representative and --authority go together")
        step = here.casework.file(
            reference=here.desk.new_reference(),
            request=request,
            language=language,
            channel=channel,
            received_at=moment_of(received, here.settings.timezone),
            now=here.now,
            contacts=_contacts(given, here),
            details=details,
            actor=actor,
            representative=Representative(representative, authority)
            if representative and authority
            else None,
        )
        reply = Reply(Kind.REQUEST, language, "", Dialogue(), ticket=step.ticket, steps=(step,))
        reply = with_proposals(reply, here.store, here.casework, here.now)
        here.store.apply(reply.steps)
        filed = reply.steps[-1].ticket
        if as_json:
            click.echo(_json(filed, here))
            return
        click.echo(f"{filed.reference}: filed, due {day(filed.due_on, here.language)}")
        for known in filed.contacts:
            click.echo(f"  {contact(known, here.language)}")
        if filed.stop_by:
            click.echo(f"  marketing has to stop by {day(filed.stop_by, here.language)}")
        click.echo(f"  for the requester: {here.desk.follow_url(filed.reference)}")
        for more in reply.steps[1:]:
            click.echo(f"  perhaps the same as {more.event.codes['of']}; you decide")


file_by_hand.params.append(AS)
for command in (*commands(), export, dossier, figures):
    tickets.add_command(command)


def _known(option: str, value: str, there: Iterable[str]) -> None:
    names = list(there)
    if value not in names:
        raise click.UsageError(f"{option}: there is no '{value}', only {', '.join(names)}")


def _contacts(given: tuple[str, ...], here: Office) -> tuple[Contact, ...]:
    if not given:
        raise click.UsageError("--contact: an address or number is needed to answer")
    contacts: list[Contact] = []
    for value in given:
        found = find_asked(value, here.knowledge, (here.settings.country,))
        if not found:
            raise click.UsageError(
                f"--contact: '{value}' is no address or number; a telephone number of another"
                " country needs its code, as in +40 722 123 456"
            )
        contacts += found
    return tuple(dict.fromkeys(contacts))


def _line(ticket: Ticket, here: Office) -> str:
    left = remaining(ticket, here.today, here.language) if ticket.is_open else "closed"
    special = ", ".join(_flags(ticket, here))
    return (
        f"{ticket.reference}  {ticket.due_on}  {left:16} {ticket.status:22} "
        f"{ticket.request:18} {ticket.language}  {ticket.assignee or '-':10} {special}"
    ).rstrip()


def _flags(ticket: Ticket, here: Office) -> tuple[str, ...]:
    found = flags(ticket, here.today)
    return (*found, "duplicate_proposed") if proposed(ticket, here.store) else found


def _json(ticket: Ticket, here: Office) -> str:
    """Describe a ticket to a program of staff: codes and dates."""
    row: dict[str, Any] = {
        "reference": ticket.reference,
        "request": ticket.request,
        "status": ticket.status,
        "language": ticket.language,
        "channel": ticket.channel,
        "received_at": ticket.received_at.isoformat(),
        "due_at": str(ticket.due_on),
        "initial_due_at": str(ticket.initial_due_on),
        "target_at": str(ticket.target_on),
        "stop_by": ticket.stop_by and str(ticket.stop_by),
        "remaining_days": days_left(ticket, here.today),
        "flags": _flags(ticket, here),
        "assignee": ticket.assignee,
    }
    return json.dumps(row, ensure_ascii=False)


def _rows(ticket: Ticket, here: Office) -> Iterator[tuple[str, str]]:
    facts, words = here.knowledge.requests[ticket.request], here.language
    yield "reference", ticket.reference
    yield "request", f"{ticket.request} ({words.requests[ticket.request].title})"
    if facts.article:
        yield "article", f"GDPR {facts.article}"
    yield "status", str(ticket.status)
    special = _flags(ticket, here)
    if special:
        yield "flags", ", ".join(special)
    for other in proposed(ticket, here.store):
        yield "perhaps", f"a duplicate of {other}; 'duplicate --of {other}' closes it as one"
    yield "assignee", ticket.assignee or "nobody yet"
    yield "language", ticket.language
    yield "channel", ticket.channel
    yield "identity", "to be checked in doubt" if facts.identity else "not needed"
    for line in told_apart(ticket.contacts, here):
        yield "contact", line
    if ticket.representative:
        yield "representative", f"{ticket.representative.name} ({ticket.representative.authority})"
    if ticket.details:
        yield "words", ticket.details
    yield from _dates(ticket, here)
    for task in ticket.tasks:
        done = f"done {here.calendar.day_of(task.done_at)}" if task.done_at else "open"
        proof = f"; {task.proof}" if task.proof else ""
        yield "task", f"{task.id}. {task.system} ({task.owner}): {done}{proof}"
    yield from _end(ticket, here)
    if ticket.erased_at is None:
        yield "requester's link", here.desk.follow_url(ticket.reference)


def _dates(ticket: Ticket, here: Office) -> Iterator[tuple[str, str]]:
    received_on = here.calendar.day_of(ticket.received_at)
    yield "received", day(received_on, here.language)
    yield "filed", day(here.calendar.day_of(ticket.filed_at), here.language)
    left = f" ({remaining(ticket, here.today, here.language)})" if ticket.is_open else ""
    yield "due", day(ticket.due_on, here.language) + left
    found = counted(ticket, here.calendar)
    if found.due_on == ticket.due_on:
        yield "why", f"{explain(found, here.language)} {here.language.phrases.due_aid}"
    else:
        yield "why", f"worked out by another list of public holidays for {ticket.calendar}"
    yield "first month", f"ends {day(ticket.initial_due_on, here.language)}"
    yield "target", day(ticket.target_on, here.language)
    if ticket.stop_by:
        yield "stop by", day(ticket.stop_by, here.language)
    if ticket.extension:
        told_on = here.calendar.day_of(ticket.extension.decided_at)
        reason = getattr(here.language.phrases, f"extension_{ticket.extension.reason}")
        yield "extended", f"{told_on}: {reason}. {ticket.extension.text}"


def _end(ticket: Ticket, here: Office) -> Iterator[tuple[str, str]]:
    if ticket.outcome:
        yield "informed", day(ticket.outcome.informed_on, here.language)
        if ticket.outcome.ground:
            ground = getattr(here.language.phrases, f"ground_{ticket.outcome.ground}")
            yield "ground", f"{ground} (GDPR {ARTICLES[ticket.outcome.ground]})"
        if ticket.outcome.explanation:
            yield "explanation", ticket.outcome.explanation
    if ticket.duplicate_of:
        yield "duplicate of", ticket.duplicate_of
    if ticket.closed_at:
        yield "closed", day(here.calendar.day_of(ticket.closed_at), here.language)
    if ticket.closed_at and not ticket.erased_at:
        yield "kept", kept_until(ticket, here)
    if ticket.erased_at:
        yield "erased", day(here.calendar.day_of(ticket.erased_at), here.language)


def _entry(entry: Entry, here: Office) -> str:
    """Write an entry of the register in a line."""
    event = entry.event
    codes = Details(here.knowledge, here.language).text(event)
    at = f"{event.at.astimezone(ZoneInfo(here.settings.timezone)):%Y-%m-%d %H:%M}"
    what = getattr(here.language.phrases, f"event_{event.what}")
    return f"{entry.seq:>5}  {at}  {event.actor}: {what}" + (f" ({codes})" if codes else "")
