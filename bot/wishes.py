"""Finds what else a message asks for: "send me a copy, then delete everything", "how long?"."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from knowledge.meanings import Group, Reading, outcome_share
from knowledge.model import Knowledge, Language
from knowledge.search import Index
from knowledge.text import fold

SURE = 0.95
"""Share that a clause of its own needs to count as a wish."""
NEAR = 0.52
"""Cosine that it needs to the nearest example: alone, even idle words seem to mean something."""
LIKELY = 2
"""Readings of the whole message among which another wish must be: a clause misleads alone."""
ALL_WISHES = 3
"""The same, where all of them are requests."""
WORDS = 2
"""Words from which on a part of a message is a clause."""
CLAUSES = 6
"""Clauses that are looked at; a long story takes no longer."""
SENTENCE = re.compile(r"([!?]+|\.+(?=\s|$)|\n+)")
PAUSE = re.compile(r"[;:,()]+|\s[-–—]+\s")


@dataclass(frozen=True)
class Clause:
    """One part of a message, read by itself."""

    text: str
    asked: bool
    """Whether its sentence ends in a question mark."""
    index: Index = field(repr=False)

    @cached_property
    def wish(self) -> str | None:
        """Request type that it surely asks for, if any; read only where that matters."""
        readings, nearest = self.index.read_near(self.text)
        best = readings[0]
        sure = nearest >= NEAR and outcome_share(best, readings) >= SURE
        return best.meaning.id if sure and best.meaning.group is Group.REQUEST else None


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
        self, first: str, readings: Sequence[Reading], clauses: Sequence[Clause]
    ) -> tuple[str, ...]:
        """Give the request types that a message asks for, the one to act on first in front.

        Args:
            first: what the message as a whole asks for.
            readings: of the message as a whole, the likeliest first.
            clauses: its parts.
        """
        likely = {r.meaning.id for r in _likely(readings) if r.meaning.group is Group.REQUEST}
        if not likely - {first}:
            return (first,)
        wishes = {clause.wish for clause in clauses if clause.wish} & {first, *likely}
        if first not in wishes:
            return (first,)  # the message is one wish in several parts
        order = [first, *(clause.wish for clause in clauses if clause.wish in wishes)]
        found = dict.fromkeys(order)
        waiting = {late for request in found for late in self.before[request]}
        return tuple(sorted(found, key=waiting.__contains__))

    def clauses(self, text: str, index: Index, language: str) -> Iterator[Clause]:
        """Give the parts of a message, each read by itself; none where it has only one."""
        pieces = [*SENTENCE.split(text), ""]
        parts = [
            (part, "?" in mark)
            for sentence, mark in zip(pieces[::2], pieces[1::2], strict=True)
            for pause in PAUSE.split(sentence)
            for part in self.joining[language].split(fold(pause))
            if len(part.split()) >= WORDS
        ]
        if len(parts) > 1:
            for part, asked in parts[:CLAUSES]:
                yield Clause(part, asked, index)


def _likely(readings: Sequence[Reading]) -> Sequence[Reading]:
    wishes = [r.meaning.group is Group.REQUEST for r in readings[:ALL_WISHES]]
    return readings[: ALL_WISHES if all(wishes) else LIKELY]


def _joining(language: Language) -> re.Pattern[str]:
    words = sorted((fold(word) for word in language.words.joining), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b")
