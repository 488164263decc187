"""Answers questions: from the policy, from the law notes, or that the policy does not say."""

from dataclasses import replace

from handlers.contract import Act, Button, Choice, Desk, Dialogue, Kind, Reply, Turn
from handlers.requests import resume
from handlers.wording import button, label, paragraphs
from knowledge.model import Language, Role, Section

SUGGESTED = 2
"""Sections that are suggested after an answer."""
QUOTED = 3
"""Sections named with an answer: the one that it comes from, and what an editor put beside it."""


def settled(dialogue: Dialogue, language: Language) -> Dialogue:
    """Give the conversation's state with every open offer dropped; a draft stays."""
    return replace(
        dialogue, language=language.code, offer=None, withdraw=None, question=None, choices=()
    )


def quoted(section: Section) -> tuple[str, ...]:
    """Give the sections shown with an answer from this one; a silent topic is none itself."""
    own = () if section.role is Role.SILENT else (section.id,)
    return (*own, *section.related)[:QUOTED]


def suggested(section: Section, language: Language) -> tuple[Button, ...]:
    """Give what people may ask next: what an editor put beside this section, by its title."""
    return tuple(button(language.sections[name].title) for name in section.related[:SUGGESTED])


def answer(turn: Turn, desk: Desk) -> Reply:
    """Answer from the best section, and offer the request that it may lead to."""
    language = desk.language(turn)
    section = language.sections[turn.sections[0]]
    law = language.phrases.law_note.format(company=desk.knowledge.company)
    said = section.text if turn.act is Act.MORE else section.answer
    text = paragraphs(said, law if section.role is Role.LAW else None)
    dialogue = settled(turn.dialogue, language)
    reply = Reply(
        Kind.ANSWER,
        turn.language,
        text,
        dialogue,
        sections=quoted(section),
        suggestions=suggested(section, language),
    )
    if dialogue.draft is not None:
        return resume(reply, dialogue.draft, desk)
    if section.request is None:
        return reply
    offer = language.phrases.offer_request.format(title=language.requests[section.request].title)
    return replace(
        reply,
        text=paragraphs(text, offer),
        dialogue=replace(dialogue, offer=Choice(Kind.REQUEST, section.request)),
        buttons=(button(language.phrases.do_it),),
    )


def no_answer(turn: Turn, desk: Desk) -> Reply:
    """Say that the policy does not say it, and offer to pass the question on."""
    language = desk.language(turn)
    topic = language.sections[turn.sections[0]]
    dialogue = settled(turn.dialogue, language)
    reply = Reply(
        Kind.NO_ANSWER,
        turn.language,
        topic.answer,
        dialogue,
        sections=quoted(topic),
        suggestions=suggested(topic, language),
    )
    if dialogue.draft is not None:
        return resume(reply, dialogue.draft, desk)
    return replace(
        reply,
        text=paragraphs(topic.answer, language.phrases.offer_question),
        dialogue=replace(dialogue, offer=Choice(Kind.HUMAN), question=turn.message.text),
        buttons=(button(language.phrases.pass_on),),
    )


def clarify(turn: Turn, desk: Desk) -> Reply:
    """Ask once which of at most three readings was meant."""
    language = desk.language(turn)
    dialogue = replace(
        settled(turn.dialogue, language), choices=turn.choices, question=turn.message.text
    )
    labels = [*(label(choice, language) for choice in turn.choices), language.phrases.none_of_these]
    return Reply(
        Kind.CLARIFY,
        turn.language,
        language.phrases.clarify,
        dialogue,
        buttons=tuple(button(text) for text in labels),
        choices=turn.choices,
    )
