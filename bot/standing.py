"""Where a ticket stands, in codes: the same for lists, exports, the API and the pages."""

from datetime import date

from handlers.tickets import Ticket
from knowledge.model import Language


def flags(ticket: Ticket, today: date) -> tuple[str, ...]:
    """Give what is special about a ticket, by name."""
    there = {
        "unconfirmed": ticket.unconfirmed,
        "extended": ticket.extended,
        "overdue": ticket.overdue(today),
        "late": ticket.late,
        "partial": ticket.partial,
        "legal_hold": ticket.legal_hold,
        "breach": ticket.breach,
        "erased": ticket.erased_at is not None,
    }
    return tuple(name for name, is_there in there.items() if is_there)


def flag_words(ticket: Ticket, today: date, language: Language) -> tuple[str, ...]:
    """Name the flags that have a name for the data subject."""
    named = (getattr(language.phrases, f"flag_{name}", None) for name in flags(ticket, today))
    return tuple(words for words in named if words)


def days_left(ticket: Ticket, today: date) -> int | None:
    """Give the days until the due date: 0 on that day, negative after; None for a closed one."""
    return (ticket.due_on - today).days if ticket.is_open else None
