"""What is special about a marketing stop after it was filed: told again, and withdrawn.

Nothing here tells whether somebody else objected for the same address: the words are the same.
"""

from datetime import datetime

from handlers.casework import LIFTED
from handlers.contract import Desk
from handlers.register import What
from handlers.tickets import Ticket
from handlers.wording import paragraphs
from knowledge.model import Language


def signalled_today(ticket: Ticket, desk: Desk, now: datetime) -> bool:
    """Tell whether advertising after the stop was noted today already, on a ticket still open."""
    day_of = desk.casework.calendar.day_of
    return (
        ticket.is_open
        and ticket.breach
        and any(
            entry.event.what is What.BREACH_SIGNALLED and day_of(entry.event.at) == day_of(now)
            for entry in desk.tickets.register(ticket.reference)
        )
    )


def carried_out(ticket: Ticket, desk: Desk) -> bool:
    """Tell whether a ticket was fulfilled at any time; its addresses then stay on the list."""
    entries = desk.tickets.register(ticket.reference)
    return any(entry.event.what is What.FULFILLED for entry in entries)


def signal_words(before: Ticket, language: Language) -> str:
    """Say that advertising after the stop was noted, on a ticket as it was before."""
    phrases = language.phrases
    pattern = phrases.breach_noted if before.is_open else phrases.breach_reopened
    return pattern.format(reference=before.reference)


def question(ticket: Ticket, desk: Desk, language: Language) -> str:
    """Ask whether a ticket is to be withdrawn, and say what follows."""
    phrases = language.phrases
    title = language.requests[ticket.request].title
    asked = phrases.withdraw_ask.format(reference=ticket.reference, title=title)
    if ticket.stop_by is None:
        return asked
    kept = carried_out(ticket, desk)
    return paragraphs(asked, phrases.stop_kept if kept else phrases.withdraw_stop)


def lifted_words(ticket: Ticket, desk: Desk, language: Language) -> str | None:
    """Say what became of an objection that no longer stands; None for all that still does."""
    if ticket.stop_by is None or ticket.status not in LIFTED:
        return None
    phrases = language.phrases
    return phrases.stop_kept if carried_out(ticket, desk) else phrases.stop_lifted
