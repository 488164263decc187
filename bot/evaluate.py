"""Scores readings against labelled messages; the figures are those of the evaluation's rules.

Abstaining has two forms, ``no_answer`` and ``out_of_scope``, that count as one. A message is
CORRECT when its outcome is an accepted one and, where it wants an answer, the first section is one
that truly answers.
"""

import statistics
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from bot.assistant import Assistant
from bot.predict import Prediction, predict

ABSTAINED = frozenset({"no_answer", "out_of_scope"})
OFFERED = 3
"""Choices of a clarification, and sections of an answer, that count."""


class Outcome(BaseModel):
    """What a correct first reply is."""

    model_config = ConfigDict(frozen=True)

    kind: str
    request: str | None = None

    def fits(self, accepted: Iterable["Outcome"]) -> bool:
        """Tell whether this is one of the accepted outcomes."""
        if self.kind in ABSTAINED:
            return any(other.kind in ABSTAINED for other in accepted)
        if self.kind == "request":
            return any(other == self for other in accepted)
        return any(other.kind == self.kind for other in accepted)


class Label(BaseModel):
    """A labelled message."""

    id: str
    lang: str
    text: str
    kind: str
    request: str | None = None
    sections: list[str] = []
    also_ok: list[Outcome] = []

    @property
    def accepted(self) -> list[Outcome]:
        """All outcomes that are right."""
        return [Outcome(kind=self.kind, request=self.request), *self.also_ok]


@dataclass(frozen=True)
class Judged:
    """A labelled message with what the assistant made of it."""

    label: Label
    guess: Prediction

    @property
    def clarified(self) -> bool:
        """Whether it asked back."""
        return self.guess.kind == "clarify"

    @property
    def right(self) -> bool:
        """Whether the outcome is accepted."""
        guess = Outcome(kind=self.guess.kind, request=self.guess.request)
        return not self.clarified and guess.fits(self.label.accepted)

    @property
    def assisted(self) -> bool:
        """Whether the outcome is accepted, or among the choices offered."""
        offered = (
            Outcome(kind=choice.kind, request=choice.request)
            for choice in self.guess.choices[:OFFERED]
        )
        return self.right or any(outcome.fits(self.label.accepted) for outcome in offered)

    @property
    def ranked(self) -> list[str]:
        """The sections that the person gets to see, best first."""
        if self.clarified:
            return [s for choice in self.guess.choices[:OFFERED] for s in choice.sections[:1]]
        return self.guess.sections if self.guess.kind == "answer" else []

    @property
    def first(self) -> bool:
        """Whether the first section truly answers."""
        return self.guess.kind == "answer" and self.ranked[:1] in [[s] for s in self.label.sections]

    @property
    def correct(self) -> bool:
        """Whether the outcome is right and an answer truly answers."""
        wants_answer = self.label.kind == "answer" and self.guess.kind == "answer"
        return self.right and (self.first or not wants_answer)

    def line(self) -> str:
        """Tell in one line what was wanted and what came; the text is a labelled one."""
        want = self.label.request or "/".join(self.label.sections[:2])
        got = self.guess.request or "/".join(self.guess.sections[:OFFERED])
        return (
            f"- {self.label.id}: wanted {self.label.kind} {want}, "
            f"got {self.guess.kind} {got}: {self.label.text[:140]!r}"
        )


@dataclass(frozen=True)
class Figure:
    """One line of the scoreboard: over which messages, and what counts."""

    name: str
    counts: Callable[[Judged], bool]
    over: Callable[[Judged], bool] = lambda _: True


FIGURES = (
    Figure("CORRECT", lambda j: j.correct),
    Figure("outcome", lambda j: j.right),
    Figure("assisted", lambda j: j.assisted),
    Figure("section first", lambda j: j.first, lambda j: j.label.kind == "answer"),
    Figure(
        "section in 3",
        lambda j: any(s in j.label.sections for s in j.ranked[:OFFERED]),
        lambda j: j.label.kind == "answer",
    ),
    Figure(
        "requests found",
        lambda j: j.guess.kind == "request" or j.assisted,
        lambda j: j.label.kind == "request",
    ),
    Figure(
        "FALSE TICKETS",
        lambda j: j.guess.kind == "request",
        lambda j: all(outcome.kind != "request" for outcome in j.label.accepted),
    ),
    Figure(
        "FALSE ANSWERS",
        lambda j: j.guess.kind == "answer" and not j.right,
        lambda j: j.label.kind in ABSTAINED,
    ),
    Figure("clarified", lambda j: j.clarified),
    Figure("language", lambda j: j.guess.language == j.label.lang),
)
"""The figures, in the order in which the scoreboard prints them."""


def evaluate_all(labels: Iterable[Label], assistant: Assistant) -> list[Judged]:
    """Let the assistant read every message by itself."""
    return [Judged(label, predict(assistant, label.id, label.text)) for label in labels]


def share(figure: Figure, judged: Iterable[Judged]) -> float | None:
    """Work out a figure, or None where there is nothing to count."""
    counted = [figure.counts(row) for row in judged if figure.over(row)]
    return statistics.fmean(counted) if counted else None


def confusion(judged: list[Judged]) -> str:
    """Print how often each kind (down) was taken for each (across)."""
    counts = Counter((row.label.kind, row.guess.kind) for row in judged)
    kinds = sorted({kind for pair in counts for kind in pair})
    lines = [f"{'wanted / got':16}" + "".join(f"{kind:>13}" for kind in kinds)]
    for wanted in sorted({row.label.kind for row in judged}):
        cells = (f"{counts[wanted, got] or '.':>13}" for got in kinds)
        lines.append(f"{wanted:16}" + "".join(cells))
    return "\n".join(lines)


def worst(judged: list[Judged]) -> list[Judged]:
    """Give what went wrong, the most confident errors first: those are the hardest to mend."""
    wrong = [row for row in judged if not row.correct]
    return sorted(wrong, key=lambda row: -max(row.guess.scores, default=0.0))


def scoreboard(judged: list[Judged]) -> str:
    """Print every figure, by language and for all together."""
    groups: dict[str, list[Judged]] = {}
    for row in judged:
        groups.setdefault(row.label.lang, []).append(row)
    columns = {**dict(sorted(groups.items())), "all": judged}
    lines = [f"{'':16}" + "".join(f"{name:>9}" for name in columns)]
    lines.append(f"{'messages':16}" + "".join(f"{len(rows):>9}" for rows in columns.values()))
    for figure in FIGURES:
        shares = [share(figure, rows) for rows in columns.values()]
        cells = (f"{'-' if value is None else format(value, '.1%'):>9}" for value in shares)
        lines.append(f"{figure.name:16}" + "".join(cells))
    return "\n".join(lines)
