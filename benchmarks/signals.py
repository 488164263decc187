"""What each signal adds to understanding: CORRECT with all of them, and with one left out.

    python benchmarks/signals.py FILE.jsonl [FILE.jsonl ...]

The files are labelled messages. Each signal is taken away in turn, everything is learnt anew, and
the messages are read again; the ratio is against all signals in the same run. It takes minutes.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot import language as languages
from bot.evaluate import FIGURES, Label, evaluate_all, share
from bot.parts import assemble
from bot.settings import Settings
from bot.tickets.memory import MemoryStore
from bot.understand import understanding
from bot.vault import Vault
from knowledge import features, search
from knowledge.load import load
from knowledge.model import Knowledge
from knowledge.search import Index

SHOWN = ("CORRECT", "requests found", "FALSE TICKETS", "FALSE ANSWERS", "clarified")


@dataclass(frozen=True)
class Without:
    """A signal, and what has to be changed so that it is gone."""

    signal: str
    changes: tuple[tuple[Any, str, Any], ...]


def without_kinds(kinds: str) -> tuple[tuple[Any, str, Any], ...]:
    """Weigh kinds of features with nothing."""
    weights = {kind: 1e-6 if kind in kinds else w for kind, w in features.WEIGHTS.items()}
    return ((search, "WEIGHTS", weights),)


SIGNALS = (
    Without("(all signals)", ()),
    Without("pairs of features (the kernel)", ((search, "_kernel", lambda cosines: cosines),)),
    Without("outcome beside the meaning", ((search, "OUTCOME", 0.0),)),
    Without("stems", without_kinds("pq")),
    Without("pairs of words", without_kinds("bq")),
    Without("letter groups", without_kinds("c")),
    Without("words behind a negation", without_kinds("n")),
    Without("mended slips", ((search, "TYPO", 1.0),)),
    Without("greetings left out", ((search, "_without", lambda _, words: list(words)),)),
    Without("near-identical examples", ((search, "NEAR", 1.0),)),
    Without(
        "half of the examples (every second one)",
        ((search, "examples", lambda lang, every=search.examples: list(every(lang))[::2]),),
    ),
)


@contextmanager
def changed(changes: tuple[tuple[Any, str, Any], ...]) -> Iterator[None]:
    """Change names of modules for a while."""
    kept = [(place, name, getattr(place, name)) for place, name, _ in changes]
    for place, name, value in changes:
        setattr(place, name, value)
    try:
        yield
    finally:
        for place, name, value in kept:
            setattr(place, name, value)


def figures(knowledge: Knowledge, labels: list[Label]) -> dict[str, float]:
    """Learn and read everything anew."""
    indexes = {code: Index.fit(language) for code, language in knowledge.languages.items()}
    understood = understanding(knowledge, indexes, languages.LanguageModel.fit(knowledge), "BE")
    settings = Settings.read({"PRIVACY_ASSISTANT_DATABASE": "memory:"})
    judged = evaluate_all(
        labels, assemble(settings, MemoryStore(Vault("k" * 32)), understood).assistant
    )
    return {figure.name: share(figure, judged) or 0.0 for figure in FIGURES}


def main() -> None:
    """Measure and print."""
    np.seterr(divide="ignore")
    labels = [
        Label.model_validate_json(line)
        for name in sys.argv[1:]
        for line in Path(name).read_text(encoding="utf-8").splitlines()
    ]
    knowledge = load()
    print(f"{'without':42}" + "".join(f"{name:>16}" for name in SHOWN) + "   of all")
    whole = None
    for signal in SIGNALS:
        with changed(signal.changes):
            found = figures(knowledge, labels)
        whole = whole or found["CORRECT"]
        cells = "".join(f"{found[name]:16.1%}" for name in SHOWN)
        print(f"{signal.signal:42}{cells}{found['CORRECT'] / whole:9.3f}", flush=True)


if __name__ == "__main__":
    main()
