"""What a message means by itself: act on it, ask which of a few readings, or say it is not clear.

Three bands, not one threshold: a clear reading is acted on; where two are close, or a request is
not sure, the person is asked; what is hardly known is not guessed at.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.language import LEAD, RUN, WORDS, LanguageModel
from handlers.contract import Choice, Kind
from knowledge.meanings import Group, Meaning, Reading, outcome_share
from knowledge.search import Index
from knowledge.text import plain

SURE_REQUEST = 0.6
"""Share from which a message is taken as a request at once; below, it is asked about."""
UNSURE = 0.45
"""Share below which the best meaning is no more than a guess."""
RIVAL = 0.15
"""Share, of the best one's, that another meaning needs to be worth asking about."""
KNOWN = 0.5
"""Share of known words below which a message is not understood unless its meaning is clear."""
CLEAR = 0.6
"""Share from which a meaning is clear."""
CHOICES = 3
"""Readings that a clarification offers at most."""
LISTED = 5
"""Sections that are named with a reading, best first."""

FOREIGN = 0.55
"""Share of known words below which a message may be in another language."""
FOREIGN_MENDED = 0.7
"""The same, with slips of the keyboard mended: our languages have 0.8 and more."""
LITTLE = 3
"""Words beside an address that still say no more than ``it is`` or ``my number:``."""

KINDS: Mapping[Group, Kind] = {
    Group.SECTION: Kind.ANSWER,
    Group.SILENT: Kind.NO_ANSWER,
    Group.REQUEST: Kind.REQUEST,
    Group.HUMAN: Kind.HUMAN,
    Group.STATUS: Kind.STATUS,
    Group.CHITCHAT: Kind.CHITCHAT,
    Group.OUT_OF_SCOPE: Kind.OUT_OF_SCOPE,
}

OFFERED = frozenset({Group.REQUEST, Group.SECTION, Group.SILENT, Group.HUMAN, Group.STATUS})
"""What a clarification can offer: nobody means small talk and something else at once."""


@dataclass(frozen=True)
class Reader:
    """Reads a message in the language that it is written in, whatever the conversation's is."""

    indexes: Mapping[str, Index]
    languages: LanguageModel

    def index_for(self, text: str, language: str) -> Index:
        """Give the index of the language that a message is in."""
        return self.indexes[self.written_in(text, language)]

    def read(self, text: str, language: str) -> list[Reading]:
        """Give the meanings of a message, the likeliest first."""
        return self.index_for(text, language).read(text)

    def best(self, text: str, language: str) -> Reading:
        """Give the likeliest meaning of a message."""
        return self.read(text, language)[0]

    def written_in(self, text: str, language: str) -> str:
        """Give the language that a message is in, in a conversation in ``language``.

        It may be another than that of the reply: two words do not change a conversation's language.
        """
        written, lead = self.languages.rank(text)
        return written if lead >= LEAD else language

    def foreign(self, text: str, likeliest: str) -> bool:
        """Tell whether a message is in none of the languages: hardly a word of it is known."""
        if len(RUN.findall(text)) < WORDS:
            return False
        # nearly every message is in the likeliest language, so the others are seldom looked at
        indexes = [self.indexes[likeliest], *self.indexes.values()]
        if any(index.known(text, mended=False) >= FOREIGN for index in indexes):
            return False
        return all(index.known(text) < FOREIGN_MENDED for index in indexes)


@dataclass(frozen=True)
class Meant:
    """What a message means, or between which readings the person has to choose."""

    choice: Choice
    score: float
    choices: tuple[Choice, ...] = ()
    readings: tuple[Reading, ...] = ()
    """All readings, the likeliest first."""


def meant(text: str, index: Index, *, may_ask: bool) -> Meant:
    """Read a message by itself."""
    readings = index.read(text)
    best = readings[0]
    known = index.known(text)
    if known == 0 or (known < KNOWN and best.share < CLEAR):
        return Meant(Choice(Kind.OUT_OF_SCOPE), best.share)
    if may_ask and _doubtful(readings):
        choices = _choices(readings)
        if len(choices) > 1:
            return Meant(Choice(Kind.CLARIFY), best.share, choices, tuple(readings))
    return Meant(_choice(best, readings), best.share, readings=tuple(readings))


def _doubtful(readings: list[Reading]) -> bool:
    best, second = readings[0], readings[1]
    if best.meaning.group is Group.REQUEST:
        return outcome_share(best, readings) < SURE_REQUEST
    return best.share < UNSURE and second.share >= RIVAL * best.share


def _choices(readings: list[Reading]) -> tuple[Choice, ...]:
    """Give the likeliest readings worth offering."""
    floor = readings[0].share * RIVAL
    found: dict[Meaning, Choice] = {}
    for reading in readings:
        if reading.meaning.group in OFFERED and reading.share >= floor and len(found) < CHOICES:
            found[reading.meaning] = _choice(reading, readings)
    return tuple(found.values())


def _choice(reading: Reading, readings: list[Reading]) -> Choice:
    """Make a reading a choice; one of a section names the next best sections too."""
    meaning = reading.meaning
    if meaning.group is Group.SECTION:
        others = [r.meaning.id for r in readings if r.meaning.group is Group.SECTION]
        ranked = dict.fromkeys((meaning.id, *others[:LISTED]))
        return Choice(Kind.ANSWER, sections=tuple(ranked)[:LISTED])
    if meaning.group is Group.SILENT:
        return Choice(Kind.NO_ANSWER, sections=(meaning.id,))
    if meaning.group is Group.REQUEST:
        return Choice(Kind.REQUEST, request=meaning.id)
    return Choice(KINDS[meaning.group], theme=meaning.id)


def little_said(text: str) -> bool:
    """Tell whether a message says hardly anything besides an address or number."""
    return len(plain(text).split()) <= LITTLE
