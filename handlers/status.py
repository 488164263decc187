"""Tells where a request stands, and what its requester does to it after it was filed."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from handlers.answers import settled
from handlers.codes import code, new_code, skip_code, why_code
from handlers.contract import Act, Desk, Dialogue, Kind, Reply, Turn
from handlers.identity import ask_for_code
from handlers.objections import lifted_words, question, signal_words, signalled_today
from handlers.references import named, named_key, names_reference
from handlers.requests import begin, resume
from handlers.tickets import FLOW, Status, Ticket
from handlers.wording import BREACH, button, day, paragraphs, remaining, status_line
from handlers.wording import status as status_label
from knowledge.model import Knowledge, Language

WITHDRAW = "withdraw"
"""The theme of messages that take a request back."""
CONFIRM = "confirm"
"""What a yes means to a ticket filed of an abandoned draft; no message is learnt for it."""


def status(turn: Turn, desk: Desk) -> Reply:
    """Show or change the requests of this conversation, or one whose key is shown."""
    if turn.act in CODES:
        return CODES[turn.act](turn, desk)
    reply = _followed_up(turn, desk)
    if reply.kind is not Kind.STATUS or reply.dialogue.draft is None or reply.dialogue.withdraw:
        return reply
    return resume(reply, reply.dialogue.draft, desk)


def marketing_stop(knowledge: Knowledge) -> str:
    """Give the request type that stops marketing."""
    return next(name for name, facts in knowledge.requests.items() if facts.stop_at_once)


def _followed_up(turn: Turn, desk: Desk) -> Reply:
    if turn.act is Act.AGREE and turn.dialogue.withdraw:
        return _withdraw(turn, desk, turn.dialogue.withdraw)
    turn = _with_key(turn, desk)
    own = _own(turn, desk)
    if turn.theme == BREACH:
        return _breach(turn, desk, own)
    if not own:
        language = desk.language(turn)
        talk = (button(language.phrases.talk_to_person),)
        return replace(_reply(turn, desk, language.phrases.status_none), buttons=talk)
    change = CHANGES.get(turn.theme or "", _show)
    return change(turn, desk, own)


def _with_key(turn: Turn, desk: Desk) -> Turn:
    """Let whoever shows a ticket's key follow it in this conversation from here on."""
    key = named_key(turn.message.text)
    found = [
        reference
        for reference in named(turn.message.text)
        if key is not None and desk.may_follow(reference, key)
    ]
    if not found:
        return turn
    filed = (*(ref for ref in turn.dialogue.filed if ref not in found), *found)
    return replace(turn, dialogue=replace(turn.dialogue, filed=filed))


def _own(turn: Turn, desk: Desk) -> list[Ticket]:
    """Give the conversation's tickets, of those named only the named; another one is not shown.

    Whether a ticket of somebody else exists makes no difference to what is looked up and said.
    """
    wanted = turn.dialogue.filed
    if names_reference(turn.message.text):
        wanted = tuple(ref for ref in wanted if ref in named(turn.message.text))
    found = (desk.tickets.ticket(reference) for reference in wanted)
    return [ticket for ticket in found if ticket is not None]


def _show(turn: Turn, desk: Desk, own: list[Ticket]) -> Reply:
    language = desk.language(turn)
    text = paragraphs(
        *(
            words
            for ticket in own
            for words in (
                described(ticket, turn, desk),
                _stop(ticket, language),
                lifted_words(ticket, desk, language),
            )
        )
    )
    return replace(_reply(turn, desk, text), ticket=own[-1])


def _stop(ticket: Ticket, language: Language) -> str | None:
    """Say by when the marketing has to stop, which is before the answer is due."""
    if ticket.stop_by is None or not ticket.is_open:
        return None
    return language.phrases.filed_stop.format(stop_by=day(ticket.stop_by, language))


def described(ticket: Ticket, turn: Turn, desk: Desk) -> str:
    """Say where a ticket stands: due date, days left, and what is special about it."""
    language = desk.language(turn)
    line = status_line(ticket, language)
    today = desk.casework.calendar.day_of(turn.message.received_at)
    notes = [remaining(ticket, today, language)] if ticket.is_open else []
    phrases = language.phrases
    flags = {
        phrases.flag_unconfirmed: ticket.unconfirmed,
        phrases.flag_extended: ticket.extended,
        phrases.flag_late: ticket.late,
        phrases.flag_partial: ticket.partial,
        phrases.flag_legal_hold: ticket.legal_hold,
        phrases.flag_erased: ticket.erased_at is not None,
        phrases.flag_breach: ticket.breach,
    }
    notes += [flag for flag, there in flags.items() if there]
    return phrases.status_notes.format(line=line, notes=", ".join(notes)) if notes else line


def _ask(turn: Turn, desk: Desk, own: list[Ticket]) -> Reply:
    language = desk.language(turn)
    phrases = language.phrases
    unwanted = [ticket for ticket in own if ticket.reference in turn.dialogue.unconfirmed]
    ticket = (unwanted or own)[-1]
    if Status.WITHDRAWN not in FLOW[ticket.status]:
        withdrawn = ticket.status is Status.WITHDRAWN
        pattern = phrases.withdraw_before if withdrawn else phrases.withdraw_closed
        text = pattern.format(
            reference=ticket.reference, status=status_label(ticket.status, language)
        )
        return replace(_reply(turn, desk, text), ticket=ticket)
    reply = _reply(turn, desk, question(ticket, desk, language))
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
        return _ask(turn, desk, [ticket])
    step = desk.casework.withdraw(ticket, turn.message.received_at)
    text = paragraphs(
        language.phrases.withdraw_done.format(reference=reference),
        lifted_words(step.ticket, desk, language),
    )
    reply = _reply(turn, desk, text)
    return replace(
        reply,
        ticket=step.ticket,
        steps=(step,),
        dialogue=_without(reply.dialogue, reference),
    )


def _without(dialogue: Dialogue, reference: str) -> Dialogue:
    """Leave a ticket out of what is open in a conversation; it can still be followed there."""
    return replace(
        dialogue,
        unconfirmed=tuple(known for known in dialogue.unconfirmed if known != reference),
        code_for=None if dialogue.code_for == reference else dialogue.code_for,
    )


def _confirm(turn: Turn, desk: Desk, own: list[Ticket]) -> Reply:
    """Take a late yes for what was filed of an abandoned draft."""
    language, now = desk.language(turn), turn.message.received_at
    waiting = [t for t in own if t.unconfirmed and t.is_open]
    if not waiting:
        return _show(turn, desk, own)
    steps = tuple(desk.casework.confirm(ticket, now) for ticket in waiting)
    text = paragraphs(
        *(language.phrases.confirmed.format(reference=ticket.reference) for ticket in waiting)
    )
    reply = _reply(turn, desk, text)
    dialogue = replace(reply.dialogue, unconfirmed=())
    reply = replace(reply, ticket=steps[0].ticket, steps=steps, dialogue=dialogue)
    return ask_for_code(reply, desk)


def _breach(turn: Turn, desk: Desk, own: list[Ticket]) -> Reply:
    """Note that advertising came after a stop; where none was filed here, file one."""
    language, stop = desk.language(turn), marketing_stop(desk.knowledge)
    stopped = [ticket for ticket in own if ticket.request == stop and ticket.erased_at is None]
    if not stopped:
        return begin(replace(turn, kind=Kind.REQUEST, act=Act.SAY, request=stop), desk)
    ticket, now = stopped[-1], turn.message.received_at
    if signalled_today(ticket, desk, now):
        text = language.phrases.breach_again.format(reference=ticket.reference)
        return replace(_reply(turn, desk, text), ticket=ticket)
    step = desk.casework.signal_breach(ticket, now)
    text, line = signal_words(ticket, language), described(step.ticket, turn, desk)
    return replace(_reply(turn, desk, paragraphs(text, line)), ticket=step.ticket, steps=(step,))


def _reply(turn: Turn, desk: Desk, text: str) -> Reply:
    language: Language = desk.language(turn)
    return Reply(Kind.STATUS, turn.language, text, settled(turn.dialogue, language))


CODES: Mapping[Act, Callable[[Turn, Desk], Reply]] = MappingProxyType(
    {Act.CODE: code, Act.NEW_CODE: new_code, Act.SKIP: skip_code, Act.WHY: why_code}
)
"""What each act does to the question who is asking."""

CHANGES: Mapping[str, Callable[[Turn, Desk, list[Ticket]], Reply]] = MappingProxyType(
    {WITHDRAW: _ask, CONFIRM: _confirm}
)
"""What each theme does to the tickets of a conversation; any other one shows them."""
