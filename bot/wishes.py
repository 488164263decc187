"""Finds a second wish in a message: "send me a copy, then delete everything"."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from knowledge.meanings import Group, Reading, outcome_share
from knowledge.model import Knowledge, Language
from knowledge.search import Index
from knowledge.text import fold

SURE = 0.8
"""Share that a clause of its own needs to count as a second wish."""
LIKELY = 2
"""Readings of the whole message among which a second wish must be, too: a clause misleads alone."""
WORDS = 2
"""Words from which on a part of a message is a clause."""
CLAUSES = 8
"""Clauses that are looked at; a long story takes no longer."""
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

    def ordered(
        self, text: str, first: str, readings: Sequence[Reading], index: Index, language: str
    ) -> tuple[str, ...]:
        """Give the request types that a message asks for, the one to act on first in front.

        Args:
            text: the message.
            first: what the message as a whole asks for.
            readings: of the message as a whole, the likeliest first.
            index: of the language in which it is written.
            language: that language.
        """
        likely = {
            reading.meaning
            for reading in readings[:LIKELY]
            if reading.meaning.group is Group.REQUEST and reading.meaning.id != first
        }
        for clause in self._clauses(text, language) if likely else ():
            heard = index.read(clause)
            best = heard[0]
            if best.meaning in likely and outcome_share(best, heard) >= SURE:
                other = best.meaning.id
                return (other, first) if first in self.before[other] else (first, other)
        return (first,)

    def _clauses(self, text: str, language: str) -> Iterator[str]:
        parts = [
            part
            for sentence in PAUSE.split(fold(text))
            for part in self.joining[language].split(sentence)
        ]
        clauses = [part for part in parts if len(part.split()) >= WORDS][:CLAUSES]
        if len(clauses) > 1:
            yield from clauses


def _joining(language: Language) -> re.Pattern[str]:
    words = sorted((fold(word) for word in language.words.joining), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b")
