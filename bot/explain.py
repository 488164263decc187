"""Tells an editor why a message is read as it is (``ask --explain``).

For the people who write the knowledge base: its words are not translated.
"""

from bot.understand import Understanding
from handlers.contract import Choice, Turn
from knowledge.meanings import Meaning

READINGS = 5
"""Readings shown."""


def explained(turn: Turn, understanding: Understanding) -> str:
    """Lay out what was looked at and what it counted for."""
    text = turn.message.text
    ranked, lead = understanding.languages.rank(text)
    index = understanding.reader.index_for(text, turn.language)
    found = index.explain(text)
    lines = [
        f"language   {ranked}, ahead of the next by {lead:.1f}; answered in {turn.language}",
        f"taken as   {_taken(turn)}",
        f"known      {index.known(text):.0%} of the words",
        "",
        "share  reading",
    ]
    lines += [f"{r.share:5.2f}  {_name(r.meaning)}" for r in found.readings[:READINGS]]
    lines += ["", "counts  word (what the first reading loses without it)"]
    lines += [
        f"{loss:+6.3f}  {read if read == written else f'{written} -> {read}'}"
        for written, read, loss in found.words
    ]
    lines += ["", "like  example (and what it means)"]
    lines += [
        f"{cosine:4.2f}  {text}  ({_name(meaning)})" for text, meaning, cosine in found.nearest
    ]
    return "\n".join(lines)


def _taken(turn: Turn) -> str:
    if turn.choices:
        return "clarify: " + " | ".join(_choice(choice) for choice in turn.choices)
    taken = _choice(Choice(turn.kind, turn.request, turn.sections, turn.theme))
    if turn.aside:
        taken = f"{taken}, after answering from {turn.aside}"
    return ", then ".join((taken, *turn.then))


def _choice(choice: Choice) -> str:
    detail = choice.request or ", ".join(choice.sections) or choice.theme
    return f"{choice.kind} {detail}" if detail else str(choice.kind)


def _name(meaning: Meaning) -> str:
    return f"{meaning.group} {meaning.id}"
