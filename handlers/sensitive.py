"""Tells a person that something in their message was masked."""

from dataclasses import replace

from handlers.contract import Desk, Message, Reply
from handlers.wording import paragraphs


def told_of_mask(reply: Reply, message: Message, desk: Desk) -> Reply:
    """Say, before anything else, that a card or national number was not kept."""
    if not message.masked:
        return reply
    told = desk.knowledge.languages[reply.language].phrases.sensitive_masked
    return replace(reply, text=paragraphs(told, reply.text))
