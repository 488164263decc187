"""What a person hears over a limit: politely, and with another way to reach the company."""

from dataclasses import replace

from handlers.contract import Desk, Dialogue, Kind, Reply
from handlers.wording import button, paragraphs
from knowledge.model import Language

OFFICE = "identity"
"""The section that tells where the company has its registered office, if there is one."""


def too_many_messages(dialogue: Dialogue, language: Language, desk: Desk) -> Reply:
    """Ask to wait a minute; what is open stays open."""
    reply = Reply(Kind.CHITCHAT, language.code, language.phrases.limit_messages, dialogue)
    return _with_office(reply, desk)


def too_many_tickets(refused: Reply, before: Dialogue, desk: Desk) -> Reply:
    """Keep the draft for later instead of filing it.

    It is the same sentence whoever filed how many tickets under whatever address.
    """
    phrases = desk.knowledge.languages[refused.language].phrases
    reply = replace(
        refused,
        text=phrases.limit_tickets,
        dialogue=replace(before, language=refused.language),
        buttons=(button(phrases.yes_file), button(phrases.cancel)),
        ticket=None,
        steps=(),
        code_to=None,
    )
    return _with_office(reply, desk)


def _with_office(reply: Reply, desk: Desk) -> Reply:
    text = reply.text.format(company=desk.knowledge.company)
    office = desk.knowledge.languages[reply.language].sections.get(OFFICE)
    if office is None:
        return replace(reply, text=text, sections=())
    return replace(reply, text=paragraphs(text, office.answer), sections=(OFFICE,))
