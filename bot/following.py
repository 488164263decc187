"""What a requester can do to their own ticket with its key, on the page and by the API."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.parts import Parts
from handlers.casework import ASSISTANT, Step
from handlers.identity import CODE_MINUTES, Sending, unproved
from handlers.objections import lifted_words, signal_words, signalled_today
from handlers.references import read_reference
from handlers.tickets import Check, Conflict, Status, Ticket, TicketError
from handlers.wording import paragraphs, status
from knowledge.model import Language

TRIES = 3
"""How often a change is made anew when somebody else's comes in between."""


class RefusedError(Exception):
    """The ticket cannot be changed so now; ``text`` says why, in the person's language."""

    def __init__(self, phrase: str, text: str) -> None:
        super().__init__(phrase)
        self.phrase = phrase
        self.text = text


@dataclass(frozen=True)
class Done:
    """A ticket as it is afterwards, and what the person is told."""

    ticket: Ticket
    text: str


def own_ticket(reference: str, key: str, parts: Parts) -> Ticket | None:
    """Give the ticket with this reference to whoever holds its key.

    A wrong key and a reference that does not exist look the same from outside.
    """
    known = read_reference(reference) or reference
    if not parts.secret.may_follow(known, key):
        return None
    return parts.store.ticket(known)


def withdraw(ticket: Ticket, parts: Parts, language: Language) -> Done:
    """Take a request back.

    Raises:
        RefusedError: when it is closed.
    """
    phrases = language.phrases

    def refused(_: TicketError, now: Ticket) -> RefusedError:
        words = status(now.status, language)
        text = phrases.withdraw_closed.format(reference=now.reference, status=words)
        return RefusedError("withdraw_closed", text)

    desk = parts.assistant.desk
    _, after = _changed(ticket, parts, desk.casework.withdraw, refused)
    done = phrases.withdraw_done.format(reference=after.reference)
    return Done(after, paragraphs(done, lifted_words(after, desk, language)))


def withdraw_once(ticket: Ticket, parts: Parts, language: Language) -> Done:
    """Take a request back, and be content where that was done before, as by a double click.

    Raises:
        RefusedError: when it is closed for another reason.
    """
    try:
        return withdraw(ticket, parts, language)
    except RefusedError:
        now = parts.store.ticket(ticket.reference) or ticket
        if now.status is not Status.WITHDRAWN:
            raise
        return Done(now, language.phrases.withdraw_before.format(reference=now.reference))


def still_mailed(ticket: Ticket, parts: Parts, language: Language) -> Done:
    """Note that advertising came after a stop, once a day; a closed request is opened again.

    Raises:
        RefusedError: when it is no marketing stop, or its values were erased.
    """
    desk = parts.assistant.desk

    def change(known: Ticket, now: datetime) -> Step | None:
        if signalled_today(known, desk, now):
            return None
        return desk.casework.signal_breach(known, now)

    def refused(error: TicketError, now: Ticket) -> RefusedError:
        name = "error_erased" if error.rule == "erased" else "error_no_stop"
        pattern: str = getattr(language.phrases, name)
        return RefusedError(name, pattern.format(reference=now.reference))

    before, after = _changed(ticket, parts, change, refused)
    if after is before:
        text = language.phrases.breach_again.format(reference=after.reference)
        return Done(after, text)
    return Done(after, signal_words(before, language))


def send_code(ticket: Ticket, parts: Parts, language: Language) -> Done:
    """Mail a one-time code to the first address of a ticket that none has proved yet.

    Raises:
        RefusedError: when no code is needed, none can be sent, or enough were.
    """
    address, codes = unproved(ticket, parts.assistant.desk), parts.assistant.codes
    if address is None or codes is None:
        text = language.phrases.error_no_code.format(reference=ticket.reference)
        raise RefusedError("error_no_code", text)
    sending = codes.send(ticket, address, language.code, parts.assistant.now())
    if sending is Sending.ENOUGH:
        raise RefusedError("code_enough", language.phrases.code_enough)
    sent = sending is Sending.SENT
    phrases = language.phrases
    pattern = phrases.follow_code_sent if sent else phrases.follow_code_failed
    return Done(ticket, pattern.format(address=address.value, minutes=CODE_MINUTES))


def prove(ticket: Ticket, code: str, parts: Parts, language: Language) -> Done:
    """Take a one-time code that was typed.

    Raises:
        RefusedError: when it is not the one that was mailed last, or no longer good.
    """
    codes, now = parts.assistant.codes, parts.assistant.now()
    if codes is None or unproved(ticket, parts.assistant.desk) is None:
        text = language.phrases.error_no_code.format(reference=ticket.reference)
        raise RefusedError("error_no_code", text)
    contact = codes.proved(ticket.reference, "".join(code.split()), now)
    if contact is None:
        raise RefusedError("code_wrong", language.phrases.follow_code_wrong)

    def change(known: Ticket, now: datetime) -> Step:
        return parts.assistant.desk.casework.identity_checked(
            known, ASSISTANT, now, how=Check.EMAIL_CODE, contact=contact
        )

    def refused(_: TicketError, known: Ticket) -> RefusedError:
        text = language.phrases.error_no_code.format(reference=known.reference)
        return RefusedError("error_no_code", text)

    _, after = _changed(ticket, parts, change, refused)
    return Done(after, language.phrases.code_right.format(address=contact.value))


def _changed(
    ticket: Ticket,
    parts: Parts,
    change: Callable[[Ticket, datetime], Step | None],
    refused: Callable[[TicketError, Ticket], RefusedError],
) -> tuple[Ticket, Ticket]:
    """Change a ticket and give it as it was and as it is; None for a step changes nothing."""
    for _ in range(TRIES):
        try:
            step = change(ticket, parts.assistant.now())
        except TicketError as error:
            raise refused(error, ticket) from error
        if step is None:
            return ticket, ticket
        try:
            parts.store.apply([step])
        except Conflict:
            ticket = parts.store.ticket(ticket.reference) or ticket
            continue
        return ticket, step.ticket
    raise Conflict
