"""Files a draft that was left before its yes: a request counts from the day it was made."""

from dataclasses import replace
from datetime import datetime

from handlers.contract import Desk, Dialogue, Draft, Kind, Reply, Wish
from handlers.requests import source_of
from handlers.wording import paragraphs


def worth_filing(draft: Draft | None) -> bool:
    """Tell whether a draft can be worked on: it has an address or number, and got no no.

    After a no either the wish or the address is wrong; such a draft names nobody for sure.
    """
    return draft is not None and bool(draft.contacts) and not draft.declined


def file_draft(reply: Reply, desk: Desk, now: datetime) -> Reply:
    """Give the next reply of a conversation whose draft was left, with its tickets.

    It is shown to nobody; :func:`told_on_return` tells the person when they come back.
    """
    draft = reply.dialogue.draft
    if draft is None:
        raise ValueError("there is no draft to file")
    steps = tuple(
        desk.casework.file(
            reference=desk.new_reference(),
            request=wish.request,
            language=reply.language,
            channel=draft.channel,
            received_at=draft.started_at,
            now=now,
            contacts=draft.contacts,
            details=wish.words,
            confirmed=False,
            source=source_of(draft.source, wish.request),
        )
        for wish in (Wish(draft.request, draft.details), *draft.then)
    )
    references = tuple(step.ticket.reference for step in steps)
    dialogue = Dialogue(
        reply.language,
        filed=(*reply.dialogue.filed, *references),
        contacts=draft.contacts,
        code_for=reply.dialogue.code_for,
        unconfirmed=(*reply.dialogue.unconfirmed, *references),
        told=False,
    )
    return Reply(Kind.REQUEST, reply.language, "", dialogue, ticket=steps[-1].ticket, steps=steps)


def told_on_return(reply: Reply, before: Dialogue, desk: Desk) -> Reply:
    """Say, once and before anything else, what was filed while the person was away."""
    if before.told or not before.unconfirmed:
        return reply
    language = desk.knowledge.languages[reply.language]
    found = (desk.tickets.ticket(reference) for reference in before.unconfirmed)
    names = [
        language.phrases.abandoned_one.format(
            reference=ticket.reference, title=language.requests[ticket.request].title
        )
        for ticket in found
        if ticket is not None
    ]
    text = language.phrases.abandoned.format(requests=", ".join(names)) if names else None
    return replace(
        reply,
        text=paragraphs(text, reply.text),
        dialogue=replace(reply.dialogue, told=True),
    )
