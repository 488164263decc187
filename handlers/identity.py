"""Finds out who is asking: a one-time code by e-mail, or staff in another way.

Only wording and rules; the code is drawn, mailed and compared where the store and the mail are.
"""

from dataclasses import replace
from enum import StrEnum

from handlers.contract import Desk, Reply
from handlers.tickets import Contact, ContactKind, Ticket
from handlers.wording import button, paragraphs

CODE_MINUTES = 10
"""Minutes for which a one-time code can be used."""


class Sending(StrEnum):
    """What became of mailing a code."""

    SENT = "sent"
    FAILED = "failed"
    ENOUGH = "enough"
    """No more codes are sent for this ticket, or to this address today."""


def unproved(ticket: Ticket, desk: Desk) -> Contact | None:
    """Give the e-mail address that a code could prove, where the request needs to know it."""
    if not ticket.is_open or not desk.knowledge.requests[ticket.request].email_code:
        return None
    waiting = (
        contact
        for contact in ticket.contacts
        if contact.kind is ContactKind.EMAIL and contact.verified_at is None
    )
    return next(waiting, None)


def ask_for_code(reply: Reply, desk: Desk) -> Reply:
    """Have a code mailed for the reply's ticket, or say that staff check who is asking."""
    ticket = reply.ticket
    if ticket is None or not desk.knowledge.requests[ticket.request].email_code:
        return reply
    address = unproved(ticket, desk)
    if address is not None and desk.mails_codes:
        dialogue = replace(reply.dialogue, code_for=ticket.reference)
        return replace(reply, dialogue=dialogue, code_to=address)
    if any(contact.verified_at for contact in ticket.contacts):
        return reply
    phrases = desk.knowledge.languages[reply.language].phrases
    return replace(reply, text=paragraphs(reply.text, phrases.code_by_team))


def mailed(reply: Reply, sending: Sending, desk: Desk) -> Reply:
    """Say what became of the code that the reply had mailed."""
    language = desk.knowledge.languages[reply.language]
    phrases = language.phrases
    address = reply.code_to.value if reply.code_to else ""
    text = {
        Sending.SENT: phrases.code_sent.format(address=address, minutes=CODE_MINUTES),
        Sending.FAILED: phrases.code_failed.format(address=address),
        Sending.ENOUGH: phrases.code_enough,
    }[sending]
    labels = {
        Sending.SENT: (phrases.new_code, phrases.skip),
        Sending.FAILED: (phrases.new_code,),
        Sending.ENOUGH: (),
    }[sending]
    dialogue = reply.dialogue
    if dialogue.draft is not None:
        # "skip" would be a reply to the next request, which is read back in the same message
        labels = tuple(label for label in labels if label != phrases.skip)
    if sending is Sending.ENOUGH:
        dialogue = replace(dialogue, code_for=None)
    return replace(
        reply,
        text=paragraphs(reply.text, text),
        dialogue=dialogue,
        buttons=(*reply.buttons, *(button(label) for label in labels)),
        code_to=None,
    )
