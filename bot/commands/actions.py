"""What staff can do to a ticket: one table, and the commands made of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import click

from bot.commands.desk import AS, Day, Moment, Office, Words, moment_of, office
from bot.suppressions import lifted_for_staff
from handlers.casework import Step
from handlers.register import What
from handlers.tickets import Check, Contact, ExtensionReason, Ground, Ticket, TicketError
from handlers.wording import contact as contact_words
from handlers.wording import day


@dataclass(frozen=True)
class Case:
    """A ticket on somebody's desk."""

    office: Office
    ticket: Ticket
    actor: str

    @property
    def on(self) -> tuple[Ticket, str, datetime]:
        """What each action begins with: the ticket, who acts, and when."""
        return self.ticket, self.actor, self.office.now

    def contact(self, named: str) -> Contact:
        """Give an identifier by its place in ``tickets show``, from 1, or as it stands there."""
        contacts = self.ticket.contacts
        if named.isdecimal() and 0 < int(named) <= len(contacts):
            return contacts[int(named) - 1]
        for known in contacts:
            if known.value.casefold() == named.strip().casefold():
                return known
        raise TicketError("not_an_identifier")


@dataclass(frozen=True)
class Action:
    """One subcommand of ``tickets`` that changes a ticket."""

    name: str
    help: str
    do: Callable[..., Step]
    """Takes the case, and each option by its name."""
    options: tuple[click.Parameter, ...] = ()
    asks: bool = False
    """Whether it cannot be undone, so that it is asked whether it is meant."""


def _one_of(values: type[StrEnum]) -> click.Choice[str]:
    return click.Choice([value.value for value in values])


def _option(name: str, kind: click.ParamType[Any], text: str, **more: Any) -> click.Option:
    return click.Option([name], type=kind, help=text, **{"required": True, **more})


_HOW = _option("--how", _one_of(Check), "In which way; what was shown is never kept.")
_INFORMED = _option("--informed-on", Day(), "Day on which the person was told.")

ACTIONS: tuple[Action, ...] = (
    Action(
        "take",
        "Take it, also over from somebody else.",
        lambda case: case.office.casework.take(*case.on),
    ),
    Action(
        "ask-identity",
        "Note that, in reasonable doubt, the person was asked who they are (GDPR article 12(6)).",
        lambda case, how: case.office.casework.ask_identity(*case.on, asked=Check(how)),
        (_HOW,),
    ),
    Action(
        "check-identity",
        "Note that an address or number is the requester's, and how that was found out.",
        lambda case, how, contact: case.office.casework.identity_checked(
            *case.on, how=Check(how), contact=case.contact(contact)
        ),
        (
            _HOW,
            _option("--contact", click.STRING, "Which one: its number in 'show', or itself."),
        ),
    ),
    Action(
        "ask-clarification",
        "Note that the person was asked what exactly is meant; the period runs on.",
        lambda case: case.office.casework.ask_clarification(*case.on),
    ),
    Action(
        "resume",
        "Go on after an answer, or without one.",
        lambda case: case.office.casework.resume(*case.on),
    ),
    Action(
        "add-task",
        "Add one thing to be done in one system, or by one recipient (GDPR article 19).",
        lambda case, system: case.office.casework.add_task(*case.on, system=system),
        (_option("--system", Words(), "Name of the system or recipient, no personal value."),),
    ),
    Action(
        "finish-task",
        "Note that a task is done.",
        lambda case, task, proof: case.office.casework.finish_task(
            *case.on, task=task, proof=proof
        ),
        (
            _option("--task", click.IntRange(1), "Its number in 'show'."),
            _option("--proof", Words(), "What shows that it is done.", required=False),
        ),
    ),
    Action(
        "extend",
        "Extend the period by two months, once and in the first month (GDPR article 12(3)).",
        lambda case, reason, text: case.office.casework.extend(
            *case.on, reason=ExtensionReason(reason), text=text
        ),
        (
            _option("--reason", _one_of(ExtensionReason), "Why the law allows it."),
            _option("--text", Words(), "What the person was told; '-' reads standard input."),
        ),
    ),
    Action(
        "remove-extension",
        "Take an extension back; the date of the first month holds again.",
        lambda case: case.office.casework.remove_extension(*case.on),
    ),
    Action(
        "correct-receipt",
        "Correct the day or moment of receipt; every date follows.",
        lambda case, received: case.office.casework.correct_receipt(
            *case.on, received_at=moment_of(received, case.office.settings.timezone)
        ),
        (_option("--received", Moment(), "Day, or moment with its zone."),),
    ),
    Action(
        "fulfil",
        "Close it: done, and the person was told, if only that nothing is held.",
        lambda case, informed_on: case.office.casework.fulfil(*case.on, informed_on=informed_on),
        (_INFORMED,),
    ),
    Action(
        "refuse",
        "Close it: refused, or a part of it (GDPR article 12(4)).",
        lambda case, ground, explanation, informed_on, partial: case.office.casework.refuse(
            *case.on,
            ground=Ground(ground),
            explanation=explanation,
            informed_on=informed_on,
            partial=partial,
        ),
        (
            _option("--ground", _one_of(Ground), "Ground of the GDPR."),
            _option("--explanation", Words(), "What the person was told; '-' reads it."),
            _INFORMED,
            click.Option(["--partial"], is_flag=True, help="Only a part was refused."),
        ),
    ),
    Action(
        "withdraw",
        "Close it: its requester wants it no longer.",
        lambda case: case.office.casework.withdraw(case.ticket, case.office.now, actor=case.actor),
    ),
    Action(
        "duplicate",
        "Close it: the same right of the same person is worked on in another ticket.",
        lambda case, of: case.office.casework.mark_duplicate(*case.on, of=case.office.find(of)),
        (_option("--of", click.STRING, "Reference of the other ticket."),),
    ),
    Action(
        "not-a-request",
        "Close it: nothing was asked for.",
        lambda case, reason: case.office.casework.not_a_request(*case.on, reason=reason),
        (_option("--reason", click.STRING, "Why; it is not kept."),),
    ),
    Action(
        "reopen",
        "Open a closed ticket again; its dates stay.",
        lambda case: case.office.casework.reopen(*case.on),
    ),
    Action(
        "breach",
        "Note that the person was still contacted after a marketing stop; it is opened again.",
        lambda case: case.office.casework.signal_breach(
            case.ticket, case.office.now, actor=case.actor
        ),
    ),
    Action(
        "hold",
        "Keep it beyond its date, for a legal claim.",
        lambda case: case.office.casework.hold(*case.on),
    ),
    Action(
        "release",
        "Let it be erased on its date again.",
        lambda case: case.office.casework.release(*case.on),
    ),
    Action(
        "erase",
        "Erase every personal value of a closed ticket now; codes and dates stay.",
        lambda case: case.office.casework.erase(*case.on),
        asks=True,
    ),
)
"""Every action on a ticket that is there, in the order of the work."""

_YES = click.Option(["--yes"], is_flag=True, help="Do not ask whether it is meant.")


def commands(actions: Sequence[Action] = ACTIONS) -> list[click.Command]:
    """Make the commands of the table."""
    return [_command(action) for action in actions]


def _command(action: Action) -> click.Command:
    def run(reference: str, actor: str, **given: object) -> None:
        with office() as here:
            ticket = here.find(reference)
            asks = action.asks and not given.pop("yes")
            # nothing is written by it, and nobody is asked about what cannot be
            step = action.do(Case(here, ticket, actor), **given)
            if asks:
                click.confirm(f"{action.help} For {ticket.reference}?", abort=True, err=True)
            here.store.apply([step])
            click.echo(done(step, here))
            if said := lifted_for_staff(step, here.store):
                click.echo(f"{ticket.reference}: {said}")

    options = (*action.options, *((_YES,) if action.asks else ()))
    argument = click.Argument(["reference"])
    return click.Command(
        action.name, callback=run, params=[argument, *options, AS], help=action.help
    )


def done(step: Step, here: Office) -> str:
    """Say in a line what was done, and what comes next: the answer, or the erasure."""
    ticket, phrases = step.ticket, here.language.phrases
    what = getattr(phrases, f"event_{step.event.what}")
    if step.event.what is What.REFUSED and ticket.partial:
        what = phrases.flag_partial
    return f"{ticket.reference}: {what}; {_next(ticket, here)}"


def _next(ticket: Ticket, here: Office) -> str:
    if ticket.is_open:
        status = str(ticket.status).replace("_", " ")
        return f"it is now {status}, due {day(ticket.due_on, here.language)}"
    if ticket.erased_at is not None:
        return "a stub of codes and dates stays"
    return f"closed, kept {kept_until(ticket, here)}"


def kept_until(ticket: Ticket, here: Office) -> str:
    """Say how long a closed ticket is kept."""
    until = ticket.retention_until
    if ticket.legal_hold or until is None:
        return "until it is released"
    if until < here.today:
        return "until the next run of 'retention'"
    return f"until {day(until, here.language)}"


def told_apart(contacts: Sequence[Contact], here: Office) -> list[str]:
    """Name each identifier behind its number, with how it was checked."""
    lines = []
    for place, known in enumerate(contacts, 1):
        checked = "not checked"
        if known.verified_at is not None and known.check is not None:
            how = getattr(here.language.phrases, f"check_{known.check}")
            checked = f"checked {here.calendar.day_of(known.verified_at)}: {how}"
        lines.append(f"{place}. {contact_words(known, here.language)} ({checked})")
    return lines
