"""Search within a page: every word that is looked for, whatever its capitals and accents."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

MAX_QUERY = 100
"""Characters of what is looked for; more is cut off."""
ALIKE = str.maketrans({"’": "'", "‘": "'", "œ": "oe", "æ": "ae"})
LINK = re.compile(r"(https?://\S*[^\s.,;:)])")


@dataclass(frozen=True)
class Search:
    """What is looked for; without words it finds everything and marks nothing."""

    query: str
    words: tuple[str, ...]

    @classmethod
    def of(cls, query: str) -> "Search":
        """Read what a person typed; single letters are in every text and say nothing."""
        query = " ".join(query[:MAX_QUERY].split())
        folded = fold(query)[0].split()
        return cls(query, tuple(word for word in folded if len(word) > 1 or word.isdigit()))

    def finds(self, text: str) -> bool:
        """Tell whether every word is somewhere in a text, also within a longer word."""
        folded = fold(text)[0]
        return all(word in folded for word in self.words)

    def pieces(self, text: str) -> Iterator[tuple[bool, str]]:
        """Split a text into what was looked for (``True``) and the rest (``False``)."""
        if not self.words:
            yield False, text
            return
        folded, origins = fold(text)
        longest = sorted(self.words, key=len, reverse=True)
        place = 0
        for hit in re.finditer("|".join(map(re.escape, longest)), folded):
            start, end = origins[hit.start()], origins[hit.end() - 1] + 1
            while end < len(text) and unicodedata.combining(text[end]):
                end += 1
            if start >= place:
                yield False, text[place:start]
                yield True, text[start:end]
                place = end
        yield False, text[place:]


def fold(text: str) -> tuple[str, list[int]]:
    """Write a text without capitals and accents; tell of each character where it stood."""
    folded: list[str] = []
    origins: list[int] = []
    for place, character in enumerate(text):
        for part in unicodedata.normalize("NFKD", character.casefold().translate(ALIKE)):
            if not unicodedata.combining(part):
                folded.append(part)
                origins.append(place)
    return "".join(folded), origins


def links(text: str) -> Iterator[tuple[bool, str]]:
    """Split a text into its web addresses (``True``) and the rest (``False``)."""
    for place, piece in enumerate(LINK.split(text)):
        if piece:
            yield place % 2 == 1, piece
