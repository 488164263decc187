"""What an event of the register says besides what was done, in words of a language."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from bot.tickets.steps import STATE
from handlers.register import Event, What
from handlers.tickets import Status
from handlers.wording import day, status
from knowledge.model import Knowledge, Language

DATES = frozenset(
    {
        *("received_on", "received_before", "due_on", "kept_before", "kept_until"),
        *("informed_on", "since"),
    }
)
"""Codes whose value is a day."""
PHRASES: Mapping[str, str] = MappingProxyType(
    {
        "channel": "channel",
        "asked": "check",
        "how": "check",
        "kind": "kind",
        "reason": "extension",
        "ground": "ground",
    }
)
"""Code -> what the phrases of its values begin with."""
OUTCOMES: Mapping[Status, What] = MappingProxyType(
    {
        Status.FULFILLED: What.FULFILLED,
        Status.REFUSED: What.REFUSED,
        Status.WITHDRAWN: What.WITHDRAWN,
        Status.DUPLICATE: What.DUPLICATE,
        Status.NOT_A_REQUEST: What.NOT_A_REQUEST,
    }
)
"""Final status -> the event that leads to it, which has the shorter name."""


@dataclass(frozen=True)
class Details:
    """Tells the details of events in one language."""

    knowledge: Knowledge
    language: Language

    def text(self, event: Event) -> str:
        """Write all of them in a line."""
        pattern = self.language.phrases.detail
        return "; ".join(pattern.format(name=n, value=v) for n, v in self._named(event))

    def channel(self, name: str) -> str:
        """Name a channel; one that has no words keeps its code."""
        return str(getattr(self.language.phrases, f"channel_{name}", name))

    def _named(self, event: Event) -> Iterator[tuple[str, str]]:
        for code, value in event.codes.items():
            # the hash of the ticket's state says nothing to a person
            if code != STATE and value is not None:
                name = getattr(self.language.phrases, f"detail_{code}", code)
                yield name, self._value(event, code, value)

    def _value(self, event: Event, code: str, value: object) -> str:
        text, phrases = str(value), self.language.phrases
        if isinstance(value, bool):
            return phrases.detail_yes if value else phrases.detail_no
        if code in DATES:
            return day(date.fromisoformat(text), self.language)
        if code in PHRASES:
            return str(getattr(phrases, f"{PHRASES[code]}_{text}", text))
        special = SPECIAL.get(code)
        return special(self, event.what, text) if special else text

    def _request(self, _: What, text: str) -> str:
        return self.language.requests[text].title

    def _language(self, _: What, text: str) -> str:
        known = self.knowledge.languages.get(text)
        return known.words.name if known else text

    def _before(self, what: What, text: str) -> str:
        if what is What.TAKEN:
            return text  # who had it
        if text not in {*Status}:
            return day(date.fromisoformat(text), self.language)
        before = Status(text)
        if before in OUTCOMES:
            return str(getattr(self.language.phrases, f"event_{OUTCOMES[before]}"))
        return status(before, self.language)


SPECIAL: Mapping[str, Callable[[Details, What, str], str]] = MappingProxyType(
    {
        "request": Details._request,
        "language": Details._language,
        "before": Details._before,
    }
)
"""Code -> what writes its value, where that takes more than a phrase."""
