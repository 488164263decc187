"""Puts values into the knowledge base's sentences: dates, contacts, choices, buttons.

No sentence stands here; each comes from the language's phrases.
"""

import math
import textwrap
from datetime import date, timedelta

from babel.dates import format_date, format_timedelta

from handlers.contract import Button, Choice, Kind
from handlers.deadlines import Deadline
from handlers.tickets import Contact, ContactKind, Status, Ticket
from knowledge.model import Language, Role, Section

BREACH = "breach"
"""The theme of messages that tell of advertising after it was to stop."""
WORDS_SHOWN = 300
"""Characters of a person's own words that a read-back shows; the rest goes along unseen."""


def paragraphs(*parts: str | None) -> str:
    """Join what is there with an empty line between."""
    return "\n\n".join(part for part in parts if part)


def day(value: date, language: Language) -> str:
    """Write a date with its weekday, as in ``Tuesday, 7 April 2026``."""
    return format_date(value, format="full", locale=language.words.locale)


def explain(value: Deadline, language: Language) -> str:
    """Say in words how a due date was worked out."""
    phrases = language.phrases
    counted = phrases.due_counted if value.months == 1 else phrases.due_counted_extended
    sentences = [
        counted.format(received=day(value.received_on, language), ends=day(value.ends_on, language))
    ]
    for off in value.days_off:
        if off.extra:
            sentences.append(phrases.due_extra.format(day=day(off.day, language)))
        elif off.holiday is None:
            sentences.append(phrases.due_weekend.format(day=day(off.day, language)))
        else:
            name = language.words.holidays.get(off.holiday, off.holiday)
            sentences.append(phrases.due_holiday.format(day=day(off.day, language), name=name))
    if value.days_off:
        sentences.append(phrases.due_result.format(due=day(value.due_on, language)))
    return " ".join(sentences)


def contact(value: Contact, language: Language) -> str:
    """Name an address or number, as in ``e-mail name@example.com``."""
    phrases = language.phrases
    pattern = {
        ContactKind.EMAIL: phrases.email,
        ContactKind.PHONE: phrases.phone,
        ContactKind.CUSTOMER_NUMBER: phrases.customer_number,
        ContactKind.POSTAL: phrases.postal,
    }[value.kind]
    return pattern.format(value=value.value)


def shown_words(words: str) -> str:
    """Shorten a person's own words for a read-back."""
    return textwrap.shorten(words, WORDS_SHOWN, placeholder=" …")


def status(value: Status, language: Language) -> str:
    """Name a ticket's status for the data subject."""
    phrases = language.phrases
    return {
        Status.RECEIVED: phrases.status_received,
        Status.AWAITING_IDENTITY: phrases.status_awaiting_identity,
        Status.AWAITING_CLARIFICATION: phrases.status_awaiting_clarification,
        Status.IN_PROGRESS: phrases.status_in_progress,
        Status.FULFILLED: phrases.status_fulfilled,
        Status.REFUSED: phrases.status_refused,
        Status.WITHDRAWN: phrases.status_withdrawn,
        Status.DUPLICATE: phrases.status_duplicate,
        Status.NOT_A_REQUEST: phrases.status_not_a_request,
    }[value]


def remaining(ticket: Ticket, today: date, language: Language) -> str:
    """Say how far away a due date is: ``due today``, ``due in 3 days``, ``1 day late``."""
    phrases, left = language.phrases, (ticket.due_on - today).days
    if left == 0:
        return phrases.due_today
    days = format_timedelta(
        timedelta(days=abs(left)),
        granularity="day",
        threshold=math.inf,
        locale=language.words.locale,
    )
    return (phrases.due_in if left > 0 else phrases.due_late).format(days=days)


def status_line(ticket: Ticket, language: Language) -> str:
    """Say in one line where a ticket stands."""
    phrases = language.phrases
    pattern = phrases.status_line if ticket.is_open else phrases.status_line_closed
    return pattern.format(
        reference=ticket.reference,
        title=language.requests[ticket.request].title,
        status=status(ticket.status, language),
        due=day(ticket.due_on, language),
    )


def number(section: Section, language: Language) -> str | None:
    """Name a section's number or article; a silent topic has none."""
    if section.number is None:
        return None
    phrases = language.phrases
    pattern = phrases.law_number if section.role is Role.LAW else phrases.section_number
    return pattern.format(number=section.number)


def label(choice: Choice, language: Language) -> str:
    """Name one reading of a message, for a button."""
    phrases = language.phrases
    if choice.kind is Kind.REQUEST and choice.request:
        return phrases.choice_request.format(title=language.requests[choice.request].title)
    if choice.sections:
        return language.sections[choice.sections[0]].title
    if choice.kind is Kind.HUMAN:
        return phrases.choice_human
    if choice.kind is Kind.STATUS:
        return phrases.choice_breach if choice.theme == BREACH else phrases.choice_status
    return phrases.none_of_these


def button(text: str) -> Button:
    """Make a button that says what it shows."""
    return Button(text, text)
