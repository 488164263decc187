"""Finds what a message means by the example messages of the knowledge base.

Each language has an :class:`Index`: words, word pairs and letter groups of all examples, weighed
by ridge regression so that together they tell the meanings apart. It is fitted from the data
alone, in closed form, so that an editor's change needs no developer. Two things are told apart at
once: the single meaning, and its outcome (what kind of reply, which request), since a wrong
section is a smaller slip than a ticket that nobody asked for.
"""

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA, Indel
from scipy import linalg, sparse

from knowledge.model import Language, Role
from knowledge.text import fold, plain, tokens

RIDGE = 0.7
"""Weight of simplicity against fit; 0.3 to 2 differ by less than two points in cross-validation."""
OUTCOME = 0.8
"""Weight of the outcome beside the single meaning; benchmarks/understanding.py compares others."""
LETTERS = range(3, 6)
"""Lengths of the letter groups, which see through endings, compounds and slips."""
WEIGHTS = {"w": 1.0, "b": 0.7, "c": 0.5, "n": 1.2}
"""Of words, pairs of words, letter groups, and words behind a negation."""
NEGATED = 3
"""Words behind a negation that it turns around."""
SHARPNESS = 24.0
"""Turns scores into shares of 1; set so that shares and hit rates agree on the whole."""
NEAR = 0.9
"""Likeness from which a message is taken to be an example itself, up to a slip."""
TYPO = 0.75
"""Likeness from which an unknown word is read as a known one."""
TYPO_LETTERS = 5
"""Letters that a word needs before it is corrected; short ones have too many neighbours."""

Floats = npt.NDArray[np.float32]


class Group(StrEnum):
    """What a message can be about."""

    SECTION = "section"
    SILENT = "silent"
    REQUEST = "request"
    HUMAN = "human"
    STATUS = "status"
    CHITCHAT = "chitchat"
    OUT_OF_SCOPE = "out_of_scope"


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


def features(words: list[str], negations: frozenset[str]) -> Iterator[str]:
    """Give what is looked at in a message, each with its kind in front: see :data:`WEIGHTS`."""
    for word in words:
        yield "w" + word
    for first, second in itertools.pairwise(words):
        yield f"b{first} {second}"
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


@dataclass(frozen=True)
class Index:
    """The examples of one language, ready to be searched."""

    meanings: tuple[Meaning, ...]
    vocabulary: dict[str, int]
    rarity: Floats
    """Weight of each feature: rare ones tell more."""
    weights: Floats
    """What each feature says for each meaning."""
    offsets: Floats
    examples: tuple[str, ...]
    """The folded example messages."""
    owners: tuple[int, ...]
    """For each example, which meaning it stands for."""
    courtesies: tuple[tuple[str, ...], ...]
    """Greetings and thanks as words, the longest first."""
    negations: frozenset[str]

    @classmethod
    def fit(cls, language: Language) -> "Index":
        """Learn the examples of a language."""
        pairs = list(examples(language))
        meanings = tuple(dict.fromkeys(meaning for meaning, _ in pairs))
        position = {meaning: i for i, meaning in enumerate(meanings)}
        owners = tuple(position[meaning] for meaning, _ in pairs)
        folded = tuple(fold(text) for _, text in pairs)
        negations = negations_of(language)
        counted = [Counter(features(tokens(text), negations)) for text in folded]
        spread = Counter(feature for counts in counted for feature in counts)
        vocabulary = {feature: i for i, feature in enumerate(spread)}
        frequency = np.fromiter(spread.values(), dtype=np.float32)
        kinds = np.array([WEIGHTS[feature[0]] for feature in vocabulary], dtype=np.float32)
        rarity = ((np.log((len(pairs) + 1) / (frequency + 1)) + 1) * kinds).astype(np.float32)
        matrix = _matrix(counted, vocabulary, rarity)
        weights, offsets = _regression(matrix, owners, meanings)
        polite = courtesies(language)
        return cls(
            meanings, vocabulary, rarity, weights, offsets, folded, owners, polite, negations
        )

    def read(self, text: str) -> list[Reading]:
        """Give all meanings of a message, the likeliest first."""
        folded = fold(text)
        scores = self._scores(folded)
        near = process.extractOne(
            folded, self.examples, scorer=Indel.normalized_similarity, score_cutoff=NEAR
        )
        if near is not None:
            scores[self.owners[near[2]]] += 1.0
        shares = np.exp((scores - scores.max()) * SHARPNESS)
        shares /= shares.sum()
        order = np.argsort(-shares, kind="stable")
        return [Reading(self.meanings[i], float(shares[i])) for i in order]

    def known(self, text: str) -> float:
        """Give the share of a message's words that any example has, from 0 to 1."""
        words = [word for word in tokens(fold(text)) if word.isalpha()]
        known = sum("w" + self._corrected(word) in self.vocabulary for word in words)
        return known / len(words) if words else 0.0

    def _scores(self, folded: str) -> Floats:
        words = _without(self.courtesies, tokens(folded))
        counts = Counter(features([self._corrected(word) for word in words], self.negations))
        known = [(self.vocabulary[f], n) for f, n in counts.items() if f in self.vocabulary]
        if not known:
            return self.offsets.copy()
        at = np.fromiter((i for i, _ in known), dtype=np.int64)
        values = (1 + np.log(np.fromiter((n for _, n in known), dtype=np.float32))) * self.rarity[
            at
        ]
        values /= np.linalg.norm(values)
        scores: Floats = values @ self.weights[at] + self.offsets
        return scores

    def _corrected(self, word: str) -> str:
        if len(word) < TYPO_LETTERS or "w" + word in self.vocabulary or not word.isalpha():
            return word
        found = process.extractOne(
            word,
            self._words.get(word[0], ()),
            scorer=OSA.normalized_similarity,
            score_cutoff=TYPO,
        )
        return found[0] if found else word

    @cached_property
    def _words(self) -> dict[str, list[str]]:
        # slips seldom hit the first letter, and a tenth of the words is a tenth of the time
        words: dict[str, list[str]] = {}
        for feature in self.vocabulary:
            if feature[0] == "w" and feature[1:].isalpha():
                words.setdefault(feature[1], []).append(feature[1:])
        return words


def negations_of(language: Language) -> frozenset[str]:
    """Give a language's negations as they stand among the words of a folded message."""
    # "don't" is two words there, of which the first is enough
    return frozenset(tokens(fold(text))[0] for text in language.words.negation) - {"do"}


def courtesies(language: Language) -> tuple[tuple[str, ...], ...]:
    """Give a language's greetings and thanks as words, the longest first."""
    phrases = {tuple(plain(text).split()) for text in language.words.courtesy}
    return tuple(sorted(phrases, key=lambda words: (-len(words), words)))


def _without(phrases: tuple[tuple[str, ...], ...], words: list[str]) -> list[str]:
    """Leave out greetings and thanks at both ends, where something else is said."""
    rest = list(words)
    shortened = True
    while shortened:
        shortened = False
        for phrase in phrases:
            size = len(phrase)
            if tuple(rest[:size]) == phrase:
                rest, shortened = rest[size:], True
            elif tuple(rest[-size:]) == phrase:
                rest, shortened = rest[:-size], True
    return rest if sum(word.isalpha() for word in rest) > 1 else words


def _matrix(
    counted: list[Counter[str]], vocabulary: dict[str, int], rarity: Floats
) -> sparse.csr_matrix:
    """Make the examples' matrix, each row of length 1."""
    rows = np.repeat(np.arange(len(counted)), [len(counts) for counts in counted])
    columns = np.fromiter((vocabulary[f] for c in counted for f in c), dtype=np.int64)
    values = np.fromiter((n for c in counted for n in c.values()), dtype=np.float32)
    values = (1 + np.log(values)) * rarity[columns]
    matrix = sparse.csr_matrix((values, (rows, columns)), shape=(len(counted), len(vocabulary)))
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1))).ravel()
    return sparse.csr_matrix(sparse.diags_array(1 / np.maximum(lengths, 1e-9)) @ matrix)


def _regression(
    matrix: sparse.csr_matrix, owners: tuple[int, ...], meanings: tuple[Meaning, ...]
) -> tuple[Floats, Floats]:
    """Fit meaning and outcome together: one symmetric solve, as many right sides as meanings."""
    outcomes = [meaning.outcome for meaning in meanings]
    same = np.array([[a == b for b in outcomes] for a in outcomes], dtype=np.float32)
    wanted = (np.eye(len(meanings), dtype=np.float32) + OUTCOME * same)[list(owners)]
    offsets = wanted.mean(axis=0)
    kernel = (matrix @ matrix.T).toarray()
    kernel[np.diag_indices_from(kernel)] += RIDGE
    dual = linalg.solve(kernel, wanted - offsets, assume_a="pos", overwrite_a=True)
    return np.asarray(matrix.T @ dual, dtype=np.float32), offsets.astype(np.float32)
