"""What a step and a conversation mean for a store, the same for each: pure."""

import hashlib
import json
from dataclasses import replace
from datetime import date
from types import MappingProxyType

from bot.tickets.rows import codes_of, written
from handlers.casework import ASSISTANT, Step
from handlers.register import Codes, Event, What
from handlers.store import Conversation
from handlers.tickets import Contact, ContactKind, Ticket

REACHED_BY = frozenset({ContactKind.EMAIL, ContactKind.PHONE})
"""Kinds of contact by which marketing reaches people."""
LIFTING = frozenset({What.WITHDRAWN, What.NOT_A_REQUEST})
"""Events after which a marketing objection no longer stands."""
SINCE = "since"
"""Name under which an event keeps from which day an objection counts that is made anew."""


def stopped(step: Step) -> tuple[Contact, ...]:
    """Give the contacts that a step puts onto the suppression list: filed, or opened again."""
    objects = step.event.what is What.FILED or SINCE in step.event.codes
    return _reached(step.ticket) if objects else ()


def stopped_since(step: Step) -> date:
    """Give the day from which marketing is objected to: that of receipt, or of doing so anew."""
    codes = step.event.codes
    day = codes.get(SINCE) or codes.get("received_on")
    return date.fromisoformat(day) if isinstance(day, str) else step.ticket.received_at.date()


def lifted(step: Step) -> tuple[Contact, ...]:
    """Give the contacts of an objection that no longer stands after a step.

    They leave the suppression list, unless the ticket was fulfilled before or another one keeps
    them there.
    """
    return _reached(step.ticket) if step.event.what in LIFTING else ()


def _reached(ticket: Ticket) -> tuple[Contact, ...]:
    if ticket.stop_by is None:
        return ()
    return tuple(dict.fromkeys(c for c in ticket.contacts if c.kind in REACHED_BY))


STATE = "state"
"""Name under which an event keeps what its ticket's codes were afterwards."""
STATE_DIGITS = 32


def state_of(ticket: Ticket) -> str:
    """Give a hash of a ticket's codes and dates, none of its personal values.

    The latest event of a ticket keeps it, so that a code changed by hand shows.
    """
    checks = [
        (c.kind.value, written(c.verified_at), c.check and c.check.value) for c in ticket.contacts
    ]
    content = json.dumps([codes_of(ticket), checks], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:STATE_DIGITS]


def event_of(step: Step) -> Event:
    """Give what goes into the register for a step."""
    kept = {**step.event.codes, STATE: state_of(step.ticket)}
    return replace(step.event, codes=MappingProxyType(kept))


def put_on(step: Step, identifiers: int) -> tuple[Event, ...]:
    """Give the event for contacts that a step put onto the suppression list, if there were any."""
    return _listing(step, What.SUPPRESSED, identifiers, {SINCE: str(stopped_since(step))})


def taken_off(step: Step, identifiers: int, kept: int) -> tuple[Event, ...]:
    """Give the event for contacts whose objection left the list; another one may keep some."""
    return _listing(step, What.UNSUPPRESSED, identifiers, {"kept": kept})


def _listing(step: Step, what: What, identifiers: int, more: Codes) -> tuple[Event, ...]:
    codes: Codes = {"identifiers": identifiers, **more}
    event = Event(what, step.event.reference, ASSISTANT, step.event.at, MappingProxyType(codes))
    return (event,) if identifiers else ()


def without_steps(conversation: Conversation) -> Conversation:
    """Give what is kept of a conversation: its steps are done, and need not be kept twice."""
    return replace(conversation, reply=replace(conversation.reply, steps=()))


def mentioned(conversation: Conversation) -> frozenset[str]:
    """Give the references of the tickets of which a conversation may hold something."""
    reply = conversation.reply
    references = {*reply.dialogue.filed, *(step.ticket.reference for step in reply.steps)}
    if reply.ticket is not None:
        references.add(reply.ticket.reference)
    if reply.dialogue.withdraw is not None:
        references.add(reply.dialogue.withdraw)
    return frozenset(references)


def drafts(conversation: Conversation) -> bool:
    """Tell whether a conversation holds a draft that could be filed as it is."""
    draft = conversation.dialogue.draft
    return draft is not None and bool(draft.contacts)
