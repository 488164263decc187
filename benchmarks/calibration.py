"""Finds how sharply scores become shares, and where the bands of certainty lie.

    python benchmarks/calibration.py FILE.jsonl [FILE.jsonl ...]

The files are labelled messages that are no examples of the knowledge base. Prints, for each
sharpness, the log loss on them and on the examples themselves, each of these read by an index of
the other four fifths (cross-validation); then the figures for each choice of bands. What is chosen
stands in ``knowledge/search.py`` (SHARPNESS) and ``bot/reading.py`` (the bands).
"""

import itertools
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from bot import reading
from bot.evaluate import FIGURES, Judged, Label, share
from bot.predict import ChoiceOut, Prediction
from knowledge import search
from knowledge.load import load
from knowledge.meanings import Group, Meaning, Reading, examples
from knowledge.model import Language
from knowledge.search import Index, courtesies, negations_of

FOLDS = 5
SHARPNESS = (12.0, 16.0, 20.0, 24.0, 28.0)
SURE = (0.5, 0.6, 0.7, 0.8)
UNSURE = (0.25, 0.35, 0.45)
SHOWN = ("CORRECT", "assisted", "requests found", "FALSE TICKETS", "FALSE ANSWERS", "clarified")


class Kept:
    """Readings taken down once, to be sharpened again and again."""

    def __init__(self, index: Index, text: str) -> None:
        self.base = index.read(text)
        self.share = index.known(text)
        self.readings = self.base

    def sharpened(self, sharpness: float) -> None:
        """Turn the shares into those of another sharpness."""
        logs = np.log(np.maximum([r.share for r in self.base], 1e-30))
        shares = np.exp((logs - logs.max()) * sharpness / search.SHARPNESS)
        pairs = zip(self.base, shares / shares.sum(), strict=True)
        self.readings = [Reading(r.meaning, float(s)) for r, s in pairs]

    def read(self, _: str) -> list[Reading]:
        """Stand in for an index."""
        return self.readings

    def known(self, _: str) -> float:
        """Stand in for an index."""
        return self.share


def right(meaning: Meaning, label: Label) -> bool:
    """Tell whether acting on a meaning is CORRECT by the label."""
    kind = reading.KINDS[meaning.group]
    request = meaning.id if meaning.group is Group.REQUEST else None
    sections = [meaning.id] if meaning.group is Group.SECTION else []
    guess = Prediction(id=None, language=None, kind=kind, request=request, sections=sections)
    return Judged(label, guess).correct


def loss(shares: Iterable[float]) -> float:
    """Give the mean negative logarithm."""
    return float(-np.log(np.maximum(list(shares), 1e-6)).mean())


def cross_validated(language: Language) -> list[tuple[Kept, Meaning]]:
    """Read each example by an index that has not seen it."""
    pairs = list(examples(language))
    folds = np.random.default_rng(0).integers(0, FOLDS, len(pairs))
    out = []
    for fold in range(FOLDS):
        rest = [pair for pair, at in zip(pairs, folds, strict=True) if at != fold]
        index = Index.of(rest, courtesies(language), negations_of(language))
        out += [
            (Kept(index, text), meaning)
            for (meaning, text), at in zip(pairs, folds, strict=True)
            if at == fold
        ]
    return out


def judged(held: Sequence[tuple[Kept, Label]]) -> list[Judged]:
    """Let the bands decide on every held-out message."""
    out = []
    for kept, label in held:
        read = reading.meant(label.text, kept, may_ask=True)
        choice, choices = read.choice, [ChoiceOut.of(c) for c in read.choices]
        guess = Prediction(
            id=label.id,
            language=label.lang,
            kind=choice.kind,
            request=choice.request,
            sections=list(choice.sections),
            choices=choices,
        )
        out.append(Judged(label, guess))
    return out


def main() -> None:
    """Measure and print."""
    knowledge = load()
    indexes = {code: Index.fit(language) for code, language in knowledge.languages.items()}
    labels = [
        Label.model_validate_json(line)
        for name in sys.argv[1:]
        for line in Path(name).read_text(encoding="utf-8").splitlines()
    ]
    held = [(Kept(indexes[label.lang], label.text), label) for label in labels]
    crossed = [pair for lang in knowledge.languages.values() for pair in cross_validated(lang)]
    print("sharpness   loss on held-out   loss in cross-validation")
    for sharpness in SHARPNESS:
        for kept, _ in (*held, *crossed):
            kept.sharpened(sharpness)
        on_held = loss(
            sum(r.share for r in kept.readings if right(r.meaning, label)) for kept, label in held
        )
        on_bank = loss(
            sum(r.share for r in kept.readings if r.meaning == meaning) for kept, meaning in crossed
        )
        print(f"{sharpness:9.0f}{on_held:19.4f}{on_bank:27.4f}")
    for kept, _ in held:
        kept.sharpened(search.SHARPNESS)
    print("\n sure unsure" + "".join(f"{name:>16}" for name in SHOWN))
    for sure, unsure in itertools.product(SURE, UNSURE):
        reading.SURE_REQUEST, reading.UNSURE = sure, unsure
        rows = judged(held)
        figures = {figure.name: share(figure, rows) or 0.0 for figure in FIGURES}
        print(f"{sure:5.2f}{unsure:7.2f}" + "".join(f"{figures[n]:16.1%}" for n in SHOWN))


if __name__ == "__main__":
    main()
