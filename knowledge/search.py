"""Finds what a message means by the example messages of the knowledge base.

Each language has an :class:`Index`. A message is compared with every example by their common
features (:mod:`knowledge.features`), and kernel ridge regression weighs what that says for each
meaning. The kernel is the square of one plus the cosine, so that features count in pairs too:
"delete" with "account" says something else than "delete" with "database". It is fitted from the
data alone, in closed form, so that an editor's change needs no developer. Two things are told
apart at once: the single meaning, and its outcome (what kind of reply, which request), since a
wrong section is a smaller slip than a ticket that nobody asked for.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA, Indel
from scipy import linalg, sparse

from knowledge.features import LETTERS, NEGATED, STEM, WEIGHTS, features
from knowledge.meanings import PRIORS, Meaning, Reading, examples
from knowledge.model import Language
from knowledge.text import fold, plain, tokens

RIDGE = 0.2
"""Weight of simplicity against fit; 0.08 to 0.3 differ by less than half a point."""
OUTCOME = 0.4
"""Weight of the outcome beside the single meaning."""
SHARPNESS = 24.0
"""Turns scores into shares of 1; ``benchmarks/calibration.py`` finds it by cross-validation."""
SHARED = 2
"""Examples that a feature needs to be kept; a word is kept from its first."""
COMMON = 0.1
"""Share of the examples above which a letter group says nothing and only costs time."""
FITTED = 16_000
"""Examples of a language up to which weights are fitted; the time grows with their cube."""
VOTES = 20
"""Where nothing is fitted: nearest examples that vote, each with the cube of its cosine."""
READINGS = 200
"""Meanings that a reading names at most; the rest have no share worth a name."""
CANDIDATES = 5
"""Nearest examples that are compared letter by letter."""
NEAR = 0.9
"""Likeness from which a message is taken to be an example itself, up to a slip."""
TYPO = 0.75
"""Likeness from which an unknown word is read as a known one."""
TYPO_LETTERS = 5
"""Letters that a word needs before it is corrected; short ones have too many neighbours."""

Floats = npt.NDArray[np.float32]


METHOD = (
    *(RIDGE, OUTCOME, SHARPNESS, SHARED, COMMON, FITTED, STEM, *LETTERS, NEGATED),
    *(*WEIGHTS.items(), *PRIORS.items()),
)
"""Everything besides the examples that the weights follow from."""


@dataclass(frozen=True)
class Explained:
    """Why a message is read as it is."""

    words: tuple[tuple[str, str, float], ...]
    """Each word as written, as read, and what the best meaning's score loses without it."""
    nearest: tuple[tuple[str, Meaning, float], ...]
    """The likest examples, what they mean, and their cosine with the message."""
    readings: tuple[Reading, ...]


@dataclass(frozen=True)
class Index:
    """The examples of one language, ready to be searched."""

    meanings: tuple[Meaning, ...]
    vocabulary: dict[str, int]
    rarity: Floats
    """Weight of each feature: rare ones tell more."""
    postings: sparse.csr_matrix
    """One row a feature, one column an example; each column has length 1."""
    weights: Floats | None
    """What likeness to each example says for each meaning; None in a language of too many."""
    offsets: Floats
    examples: tuple[str, ...]
    """The folded example messages."""
    owners: npt.NDArray[np.int32]
    """For each example, which meaning it stands for."""
    courtesies: tuple[tuple[str, ...], ...]
    """Greetings and thanks as words, the longest first."""
    negations: frozenset[str]

    @classmethod
    def fit(cls, language: Language) -> "Index":
        """Learn the examples of a language."""
        return cls.of(list(examples(language)), courtesies(language), negations_of(language))

    @classmethod
    def of(
        cls,
        pairs: Sequence[tuple[Meaning, str]],
        polite: tuple[tuple[str, ...], ...] = (),
        negations: frozenset[str] = frozenset(),
    ) -> "Index":
        """Learn messages whose meanings are known."""
        meanings = tuple(dict.fromkeys(meaning for meaning, _ in pairs))
        position = {meaning: i for i, meaning in enumerate(meanings)}
        owners = np.array([position[meaning] for meaning, _ in pairs], dtype=np.int32)
        folded = tuple(fold(text) for _, text in pairs)
        counted = [Counter(features(tokens(text), negations)) for text in folded]
        spread = Counter(feature for counts in counted for feature in counts)
        common = COMMON * len(pairs)
        kept = {
            f: n
            for f, n in spread.items()
            if f[0] == "w" or (n >= SHARED and (f[0] != "c" or n <= max(common, SHARED)))
        }
        vocabulary = {feature: i for i, feature in enumerate(kept)}
        frequency = np.fromiter(kept.values(), dtype=np.float32)
        kinds = np.array([WEIGHTS[feature[0]] for feature in vocabulary], dtype=np.float32)
        rarity = ((np.log((len(pairs) + 1) / (frequency + 1)) + 1) * kinds).astype(np.float32)
        matrix = _matrix(counted, vocabulary, rarity)
        postings = sparse.csr_matrix(matrix.T)
        weights, offsets = None, np.zeros(len(meanings), dtype=np.float32)
        if len(pairs) <= FITTED:
            weights, offsets = _regression(matrix, owners, meanings)
            offsets += _shift(owners, meanings)
        return cls(
            *(meanings, vocabulary, rarity, postings, weights, offsets),
            *(folded, owners, polite, negations),
        )

    def read(self, text: str) -> list[Reading]:
        """Give the meanings of a message, the likeliest first."""
        folded = fold(text)
        cosines = self._cosines(self._words_of(folded))
        return self._readings(folded, cosines)

    def read_near(self, text: str) -> tuple[list[Reading], float]:
        """Give the meanings of a message, and the cosine of the nearest example, from 0 to 1.

        Shares only tell meanings apart; where nothing is near, they mislead.
        """
        folded = fold(text)
        cosines = self._cosines(self._words_of(folded))
        return self._readings(folded, cosines), float(cosines.max())

    def explain(self, text: str) -> Explained:
        """Tell what in a message led to its reading."""
        folded = fold(text)
        written = _without(self.courtesies, tokens(folded))
        words = [self._corrected(word) for word in written]
        cosines = self._cosines(words)
        scores = self._scores(cosines)
        best = int(scores.argmax())
        losses = [
            float(scores[best] - self._scores(self._cosines(words[:at] + words[at + 1 :]))[best])
            for at in range(len(words))
        ]
        nearest = _highest(cosines, CANDIDATES)
        return Explained(
            words=tuple(zip(written, words, losses, strict=True)),
            nearest=tuple(
                (self.examples[i], self.meanings[self.owners[i]], float(cosines[i]))
                for i in nearest
            ),
            readings=tuple(self._readings(folded, cosines)),
        )

    def known(self, text: str, *, mended: bool = True) -> float:
        """Give the share of a message's words that any example has, from 0 to 1.

        With ``mended`` a word counts that is a known one but for a slip of the keyboard.
        """
        words = [word for word in tokens(fold(text)) if word.isalpha()]
        read = [self._corrected(word) if mended else word for word in words]
        known = sum("w" + word in self.vocabulary for word in read)
        return known / len(words) if words else 0.0

    def _words_of(self, folded: str) -> list[str]:
        return [self._corrected(word) for word in _without(self.courtesies, tokens(folded))]

    def _cosines(self, words: list[str]) -> Floats:
        """Compare with every example: 0 for nothing in common, 1 for the same."""
        counts = Counter(features(words, self.negations))
        known = [(self.vocabulary[f], n) for f, n in counts.items() if f in self.vocabulary]
        if not known:
            return np.zeros(len(self.examples), dtype=np.float32)
        at = np.fromiter((i for i, _ in known), dtype=np.int32, count=len(known))
        times = np.fromiter((n for _, n in known), dtype=np.float32, count=len(known))
        values = (1 + np.log(times)) * self.rarity[at]
        values /= np.linalg.norm(values)
        cosines: Floats = self.postings[at].T @ values
        return cosines

    def _scores(self, cosines: Floats) -> Floats:
        """Weigh what likeness says for each meaning."""
        if self.weights is not None:
            fitted: Floats = _kernel(cosines) @ self.weights + self.offsets
            return fitted
        near = _highest(cosines, VOTES)
        votes = np.zeros(len(self.meanings), dtype=np.float32)
        np.add.at(votes, self.owners[near], cosines[near] ** 3)
        return votes

    def _readings(self, folded: str, cosines: Floats) -> list[Reading]:
        scores = self._scores(cosines)
        near = process.extractOne(
            folded,
            {i: self.examples[i] for i in _highest(cosines, CANDIDATES)},
            scorer=Indel.normalized_similarity,
            score_cutoff=NEAR,
        )
        if near is not None:
            scores[self.owners[near[2]]] += 1.0
        shares = np.exp((scores - scores.max()) * SHARPNESS)
        shares /= shares.sum()
        return [Reading(self.meanings[i], float(shares[i])) for i in _highest(shares, READINGS)]

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
    kept = [{vocabulary[f]: n for f, n in c.items() if f in vocabulary} for c in counted]
    rows = np.repeat(np.arange(len(kept), dtype=np.int32), [len(counts) for counts in kept])
    columns = np.fromiter((i for counts in kept for i in counts), dtype=np.int32)
    times = np.fromiter((n for counts in kept for n in counts.values()), dtype=np.float32)
    values = (1 + np.log(times)) * rarity[columns]
    shape = (len(kept), len(vocabulary))
    matrix = sparse.csr_matrix((values, (rows, columns)), shape=shape)
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1))).ravel()
    scaled = sparse.diags_array(1 / np.maximum(lengths, 1e-9)) @ matrix
    return sparse.csr_matrix(scaled, dtype=np.float32)


def _shift(owners: npt.NDArray[np.int32], meanings: tuple[Meaning, ...]) -> Floats:
    """Give what has to be added to each meaning's score so that the examples' shares become those
    of what people write."""
    examples_of = Counter(meanings[owner].group for owner in owners)
    shares = [PRIORS[m.group] * len(owners) / examples_of[m.group] for m in meanings]
    return np.asarray(np.log(shares) / SHARPNESS, dtype=np.float32)


def _highest(values: Floats, number: int) -> npt.NDArray[np.intp]:
    """Give the places of the highest values, the highest first."""
    if len(values) > number:
        some = np.argpartition(-values, number)[:number]
        return some[np.argsort(-values[some], kind="stable")]
    return np.argsort(-values, kind="stable")


def _kernel(cosines: Floats) -> Floats:
    squared: Floats = np.square(cosines + np.float32(1)) / np.float32(4)
    return squared


def _regression(
    matrix: sparse.csr_matrix, owners: npt.NDArray[np.int32], meanings: tuple[Meaning, ...]
) -> tuple[Floats, Floats]:
    """Fit meaning and outcome together: one symmetric solve, as many right sides as meanings."""
    outcomes = [meaning.outcome for meaning in meanings]
    same = np.array([[a == b for b in outcomes] for a in outcomes], dtype=np.float32)
    wanted = (np.eye(len(meanings), dtype=np.float32) + np.float32(OUTCOME) * same)[owners]
    offsets = wanted.mean(axis=0)
    kernel = _kernel((matrix @ matrix.T).toarray())
    kernel[np.diag_indices_from(kernel)] += RIDGE
    weights = linalg.solve(kernel, wanted - offsets, assume_a="pos", overwrite_a=True)
    return np.asarray(weights, dtype=np.float32), offsets.astype(np.float32)
