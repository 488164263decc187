"""Tells where a request stands, and withdraws it for the person who made it."""

from dataclasses import replace

from handlers.answers import settled
from handlers.contract import Act, Desk, Kind, Reply, Turn
from handlers.tickets import FLOW, Status, Ticket
from handlers.wording import button, paragraphs, status_line
from handlers.wording import status as status_label

WITHDRAW = "withdraw"
"""The theme of messages that take a request back."""


def status(turn: Turn, desk: Desk) -> Reply:
    """Show or withdraw the requests of this conversation, and of no other."""
    if turn.act is Act.AGREE and turn.dialogue.withdraw:
        return _withdraw(turn, desk, turn.dialogue.withdraw)
    language = desk.language(turn)
    own = [t for ref in turn.dialogue.filed if (t := desk.tickets.ticket(ref)) is not None]
    if not own:
        talk = (button(language.phrases.talk_to_person),)
        return replace(_reply(turn, desk, language.phrases.status_none), buttons=talk)
    if turn.theme == WITHDRAW:
        return _ask(turn, desk, own[-1])
    text = paragraphs(*(status_line(ticket, language) for ticket in own))
    return replace(_reply(turn, desk, text), ticket=own[-1])


def _ask(turn: Turn, desk: Desk, ticket: Ticket) -> Reply:
    language = desk.language(turn)
    phrases = language.phrases
    if Status.WITHDRAWN not in FLOW[ticket.status]:
        text = phrases.withdraw_closed.format(
            reference=ticket.reference, status=status_label(ticket.status, language)
        )
        return replace(_reply(turn, desk, text), ticket=ticket)
    title = language.requests[ticket.request].title
    reply = _reply(turn, desk, phrases.withdraw_ask.format(reference=ticket.reference, title=title))
    return replace(
        reply,
        ticket=ticket,
        dialogue=replace(reply.dialogue, withdraw=ticket.reference),
        buttons=(button(phrases.withdraw_yes),),
    )


def _withdraw(turn: Turn, desk: Desk, reference: str) -> Reply:
    language = desk.language(turn)
    ticket = desk.tickets.ticket(reference)
    if ticket is None:
        return _reply(turn, desk, language.phrases.status_none)
    if Status.WITHDRAWN not in FLOW[ticket.status]:
        return _ask(turn, desk, ticket)
    text = language.phrases.withdraw_done.format(reference=reference)
    step = desk.casework.withdraw(ticket, turn.message.received_at)
    return replace(_reply(turn, desk, text), ticket=step.ticket, steps=(step,))


def _reply(turn: Turn, desk: Desk, text: str) -> Reply:
    language = desk.language(turn)
    return Reply(Kind.STATUS, turn.language, text, settled(turn.dialogue, language))
