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


def stopped(step: Step) -> tuple[Contact, ...]:
    """Give the contacts that a step puts onto the suppression list."""
    if step.event.what is not What.FILED or step.ticket.stop_by is None:
        return ()
    return tuple(dict.fromkeys(c for c in step.ticket.contacts if c.kind in REACHED_BY))


def stopped_since(step: Step) -> date:
    """Give the day from which marketing is objected to: that of receipt."""
    day = step.event.codes.get("received_on")
    return date.fromisoformat(day) if isinstance(day, str) else step.ticket.received_at.date()


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


def events_of(step: Step) -> tuple[Event, ...]:
    """Give what goes into the register for a step."""
    contacts = stopped(step)
    kept = {**step.event.codes, STATE: state_of(step.ticket)}
    event = replace(step.event, codes=MappingProxyType(kept))
    if not contacts:
        return (event,)
    codes: Codes = {"identifiers": len(contacts), "since": str(stopped_since(step))}
    return (event, Event(What.SUPPRESSED, event.reference, ASSISTANT, event.at, codes))


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
