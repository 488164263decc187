"""Tells staff of an earlier open ticket with the same right and address; it decides nothing.

Looked for in every filing and written with it, so that neither the reply nor the time that it takes
tells anybody whether there is one.
"""

from dataclasses import replace
from datetime import datetime

from handlers.casework import Casework, Step
from handlers.contract import Reply
from handlers.register import What
from handlers.store import Store
from handlers.tickets import Ticket


def with_proposals(reply: Reply, store: Store, casework: Casework, now: datetime) -> Reply:
    """Put a proposal behind each ticket that a reply files, where there is an earlier one."""
    steps: list[Step] = []
    ticket = reply.ticket
    for step in reply.steps:
        steps.append(step)
        earlier = _earlier(step.ticket, store) if step.event.what is What.FILED else None
        if earlier is not None:
            proposal = casework.propose_duplicate(step.ticket, now, of=earlier)
            steps.append(proposal)
            ticket = proposal.ticket if ticket == step.ticket else ticket
    return replace(reply, steps=tuple(steps), ticket=ticket)


def proposed(ticket: Ticket, store: Store) -> tuple[str, ...]:
    """Give the open tickets of which an open one is perhaps a duplicate, and nobody decided yet.

    Whoever opens a duplicate again has decided that it is none.
    """
    if not ticket.is_open:
        return ()
    found: dict[str, None] = {}
    for entry in store.register(ticket.reference):
        if entry.event.what is What.DUPLICATE_PROPOSED:
            found[str(entry.event.codes["of"])] = None
        elif entry.event.what is What.REOPENED:
            found.clear()
    others = map(store.ticket, found)
    return tuple(other.reference for other in others if other is not None and other.is_open)


def _earlier(ticket: Ticket, store: Store) -> Ticket | None:
    """Give the open ticket that asked first for the same under one of the same identifiers."""
    same = [
        known
        for contact in ticket.contacts
        for known in store.by_contact(contact)
        if known.is_open and known.request == ticket.request and known.reference != ticket.reference
    ]
    return min(same, key=lambda known: (known.received_at, known.reference), default=None)
