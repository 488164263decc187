"""Replies to a one-time code that was typed, to the wish for another one, and to neither."""

from dataclasses import replace

from handlers.casework import ASSISTANT
from handlers.contract import Button, Desk, Kind, Reply, Turn
from handlers.identity import ask_for_code, unproved
from handlers.requests import resume
from handlers.tickets import Check, Ticket
from handlers.wording import button
from knowledge.model import Language


def code(turn: Turn, desk: Desk) -> Reply:
    """Take a code that was typed: the store has told which address it proves, if any."""
    language, ticket = desk.language(turn), _ticket(turn, desk)
    if ticket is None or unproved(ticket, desk) is None:
        return _done(turn, desk, language.phrases.nothing_open)
    if turn.proved is None:
        reply = _said(turn, desk, language.phrases.code_wrong)
        return replace(reply, ticket=ticket, buttons=_ways(language))
    step = desk.casework.identity_checked(
        ticket, ASSISTANT, turn.message.received_at, how=Check.EMAIL_CODE, contact=turn.proved
    )
    text = language.phrases.code_right.format(address=turn.proved.value)
    reply = replace(_done(turn, desk, text), ticket=step.ticket, steps=(step,))
    return ask_for_code(reply, desk)  # the next address, where several were given


def new_code(turn: Turn, desk: Desk) -> Reply:
    """Have another code mailed."""
    language, ticket = desk.language(turn), _ticket(turn, desk)
    address = unproved(ticket, desk) if ticket else None
    if address is None:
        return _done(turn, desk, language.phrases.nothing_open)
    return replace(_said(turn, desk, ""), ticket=ticket, code_to=address)


def why_code(turn: Turn, desk: Desk) -> Reply:
    """Say what it is good for to know who is asking."""
    language, ticket = desk.language(turn), _ticket(turn, desk)
    if ticket is None:
        return _done(turn, desk, language.phrases.nothing_open)
    reply = _said(turn, desk, language.requests[ticket.request].needed)
    return replace(reply, ticket=ticket, buttons=_ways(language))


def skip_code(turn: Turn, desk: Desk) -> Reply:
    """Leave it to staff to find out who is asking."""
    reply = _done(turn, desk, desk.language(turn).phrases.code_skipped)
    return replace(reply, ticket=_ticket(turn, desk))


def _ticket(turn: Turn, desk: Desk) -> Ticket | None:
    return desk.tickets.ticket(turn.dialogue.code_for) if turn.dialogue.code_for else None


def _ways(language: Language) -> tuple[Button, ...]:
    return (button(language.phrases.new_code), button(language.phrases.skip))


def _said(turn: Turn, desk: Desk, text: str) -> Reply:
    """Reply and leave open what was open: an offer, or a request under way."""
    dialogue = replace(turn.dialogue, language=turn.language, choices=())
    reply = Reply(Kind.STATUS, turn.language, text, dialogue)
    return reply if dialogue.draft is None else resume(reply, dialogue.draft, desk)


def _done(turn: Turn, desk: Desk, text: str) -> Reply:
    reply = _said(turn, desk, text)
    return replace(reply, dialogue=replace(reply.dialogue, code_for=None))
