"""What is looked at in a message: words, stems, pairs, letter groups, words behind a negation.

Each kind of feature has a letter in front, by which :data:`WEIGHTS` weighs it. Stems and letter
groups see through endings, compounds and slips; pairs tell "your data" from "my data".
"""

import itertools
from collections.abc import Iterator, Sequence

STEM = 5
"""Letters of a word that count as its stem; Romanian and French inflect behind them."""
LETTERS = range(3, 6)
"""Lengths of the letter groups."""
NEGATED = 3
"""Words behind a negation that it turns around."""
WEIGHTS = {
    "w": 1.0,  # word
    "p": 0.5,  # stem
    "b": 0.8,  # pair of words
    "q": 0.5,  # pair of stems
    "n": 1.0,  # word behind a negation
    "c": 0.35,  # letter group
}
"""Weight of each kind; ``benchmarks/signals.py`` measures what each one adds."""


def features(words: Sequence[str], negations: frozenset[str]) -> Iterator[str]:
    """Give everything that is looked at in the words of a message, as often as it stands there."""
    stems = [word[:STEM] for word in words]
    for word, stem in zip(words, stems, strict=True):
        yield "w" + word
        yield "p" + stem
    for first, second in itertools.pairwise(words):
        yield f"b{first} {second}"
    for first, second in itertools.pairwise(stems):
        yield f"q{first} {second}"
    for at, word in enumerate(words):
        if word in negations:
            for negated in words[at + 1 : at + 1 + NEGATED]:
                yield "n" + negated
    for word in words:
        if len(word) > 1:
            framed = f"<{word}>"
            for length in LETTERS:
                for start in range(len(framed) - length + 1):
                    yield "c" + framed[start : start + length]
