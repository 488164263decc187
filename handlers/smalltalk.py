"""Replies to what is no question on privacy and no request."""

from dataclasses import replace

from handlers.answers import settled
from handlers.contract import Act, Desk, Kind, Reply, Turn
from handlers.requests import resume
from handlers.wording import button
from knowledge.model import Language, Theme

OTHER_LANGUAGE = "other_language"
"""The theme of messages in a language that the assistant does not read."""


def chitchat(turn: Turn, desk: Desk) -> Reply:
    """Answer a greeting, thanks, or a steering word with nothing to steer."""
    language = desk.language(turn)
    phrases = language.phrases
    if turn.act is Act.RESTART:
        text = phrases.restarted
    elif turn.act is Act.DECLINE and turn.dialogue.choices:
        text = phrases.rephrase
    elif turn.act is Act.DECLINE and (turn.dialogue.offer or turn.dialogue.withdraw):
        text = phrases.all_right
    elif turn.act is Act.SUPPLY:
        text = phrases.contact_alone
    elif turn.act is Act.REPEAT:
        text = phrases.switched
    elif turn.theme is None:
        text = phrases.nothing_open
    else:
        text = language.themes.chitchat[turn.theme].answer
    return _said(turn, desk, Kind.CHITCHAT, text)


def out_of_scope(turn: Turn, desk: Desk) -> Reply:
    """Say what the assistant is for, after what it is not for."""
    language = desk.language(turn)
    themes: dict[str, Theme] = language.themes.out_of_scope
    if turn.theme == OTHER_LANGUAGE:
        text = "\n".join(_reads(other) for other in desk.knowledge.languages.values())
    elif turn.theme is None:
        text = language.phrases.not_understood.format(company=desk.knowledge.company)
    else:
        text = themes[turn.theme].answer
    return _said(turn, desk, Kind.OUT_OF_SCOPE, text)


def _reads(language: Language) -> str:
    """Say in one language which ones the assistant reads."""
    return language.phrases.other_language.format(person=language.phrases.talk_to_person)


def _said(turn: Turn, desk: Desk, kind: Kind, text: str) -> Reply:
    language = desk.language(turn)
    dialogue = settled(turn.dialogue, language)
    if turn.act is Act.RESTART:
        dialogue = replace(dialogue, draft=None)
    text = text.format(company=desk.knowledge.company)
    reply = Reply(kind, turn.language, text, dialogue)
    if dialogue.draft is not None:
        return resume(reply, dialogue.draft, desk)
    if kind is Kind.OUT_OF_SCOPE:
        return replace(reply, buttons=(button(language.phrases.talk_to_person),))
    return reply
