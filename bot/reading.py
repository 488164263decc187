"""What a message means by itself: act on it, ask which of a few readings, or say it is not clear.

Three bands, not one threshold: a clear reading is acted on; where two are close, or a request is
not sure, the person is asked; what is hardly known is not guessed at.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from handlers.contract import Choice, Kind
from knowledge.meanings import Group, Meaning, Reading, outcome_share
from knowledge.search import Index

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
