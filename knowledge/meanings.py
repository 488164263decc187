"""What a message can mean, and the example messages that say so."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from knowledge.model import Language, Role


class Group(StrEnum):
    """What a message can be about."""

    SECTION = "section"
    SILENT = "silent"
    REQUEST = "request"
    HUMAN = "human"
    STATUS = "status"
    CHITCHAT = "chitchat"
    OUT_OF_SCOPE = "out_of_scope"


PRIORS: Mapping[Group, float] = MappingProxyType(
    {
        Group.REQUEST: 0.39,
        Group.SECTION: 0.34,
        Group.SILENT: 0.10,
        Group.OUT_OF_SCOPE: 0.06,
        Group.CHITCHAT: 0.05,
        Group.HUMAN: 0.03,
        Group.STATUS: 0.03,
    }
)
"""How often people write about each, by the labelled messages; editors write by other shares."""


@dataclass(frozen=True)
class Meaning:
    """One thing that a message can mean: a section, a request type, a theme."""

    group: Group
    id: str

    @property
    def outcome(self) -> str:
        """What kind of reply follows, and for a request which."""
        return f"request/{self.id}" if self.group is Group.REQUEST else self.group


@dataclass(frozen=True)
class Reading:
    """One meaning with its share of 1."""

    meaning: Meaning
    share: float


def outcome_share(best: Reading, readings: Iterable[Reading]) -> float:
    """Give the share of all meanings with the same outcome as the best one."""
    return sum(r.share for r in readings if r.meaning.outcome == best.meaning.outcome)


def examples(language: Language) -> Iterator[tuple[Meaning, str]]:
    """Give every example message of a language with what it means."""
    for section in language.sections.values():
        group = Group.SILENT if section.role is Role.SILENT else Group.SECTION
        for text in section.examples:
            yield Meaning(group, section.id), text
    for name, request in language.requests.items():
        for text in request.examples:
            yield Meaning(Group.REQUEST, name), text
    for group in (Group.HUMAN, Group.STATUS, Group.CHITCHAT, Group.OUT_OF_SCOPE):
        for name, theme in getattr(language.themes, group).items():
            for text in theme.examples:
                yield Meaning(group, name), text
