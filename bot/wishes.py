"""Finds a second wish in a message: "send me a copy, then delete everything"."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from knowledge.model import Knowledge, Language
from knowledge.search import Group, Index, outcome_share
from knowledge.text import fold, plain

SURE = 0.8
"""Share that a clause of its own needs to count as a second wish."""
LIKELY = 3
"""Readings of the whole message among which a second wish must be, too: a clause misleads alone."""
WORDS = 2
"""Words from which on a part of a message is a clause."""
PAUSE = re.compile(r"[.!?;:,\n()]+|\s[-–—]+\s")


@dataclass(frozen=True)
class Wishes:
    """What joins two wishes in each language, and which request waits for which."""

    joining: Mapping[str, re.Pattern[str]]
    before: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, knowledge: Knowledge) -> "Wishes":
        """Collect them from the knowledge base."""
        return cls(
            {code: _joining(language) for code, language in knowledge.languages.items()},
            {name: facts.before for name, facts in knowledge.requests.items()},
        )

    def ordered(self, text: str, index: Index, language: str, first: str) -> tuple[str, ...]:
        """Give the request types that a message asks for, the one to act on first in front.

        Args:
            text: the message.
            index: of the language in which it is written.
            language: that language.
            first: what the message as a whole asks for.
        """
        likely = {reading.meaning.id for reading in index.read(text)[:LIKELY]} - {first}
        for clause in self._clauses(text, language):
            readings = index.read(clause)
            best = readings[0]
            if best.meaning.group is not Group.REQUEST or best.meaning.id not in likely:
                continue
            if outcome_share(best, readings) >= SURE:
                other = best.meaning.id
                return (other, first) if first in self.before[other] else (first, other)
        return (first,)

    def _clauses(self, text: str, language: str) -> Iterator[str]:
        parts = [
            part
            for sentence in PAUSE.split(fold(text))
            for part in self.joining[language].split(sentence)
        ]
        clauses = [part for part in parts if len(plain(part).split()) >= WORDS]
        if len(clauses) > 1:
            yield from clauses


def _joining(language: Language) -> re.Pattern[str]:
    words = sorted((fold(word) for word in language.words.joining), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b")
