"""Keeps what was worked out from the knowledge base, so that only the first start takes seconds.

The file's name is a hash of everything that it was worked out from: another example, another
library or another version of the method gives another file, and an old one is never read.
"""

import contextlib
import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from scipy import sparse

from bot.language import LanguageModel, wishes_to_switch
from knowledge.meanings import Group, Meaning, examples
from knowledge.model import Knowledge, Language
from knowledge.search import METHOD, Index, courtesies, negations_of

FORMAT = 7
"""Raise it when code that learns changes; its numbers count by themselves."""
LIBRARIES = ("numpy", "scipy", "rapidfuzz")

NOT_FITTED = np.zeros((0, 0), dtype=np.float32)
"""Stands for no weights in a file."""

T = TypeVar("T")
Kept = Mapping[str, npt.NDArray[Any]]
Learned = tuple[Mapping[str, Index], LanguageModel]


def learned(
    knowledge: Knowledge, folder: Path, tell: Callable[[str], None] = lambda _: None
) -> Learned:
    """Give the indexes and the language model of a knowledge base.

    They are read from ``folder`` where they are there; otherwise they are worked out, which
    ``tell`` is told, and kept. A folder that cannot be written only costs the time again.
    """
    digests = {code: _digest(language) for code, language in knowledge.languages.items()}
    indexes: dict[str, Index] = {}
    for code, language in knowledge.languages.items():
        path = folder / f"{digests[code]}.npz"
        index = _read(path, _index)
        if index is None:
            tell(code)
            index = Index.fit(language)
            with contextlib.suppress(OSError):
                _write(path, **_arrays(index))
        indexes[code] = index
    return indexes, _languages(knowledge, folder, digests)


def _languages(knowledge: Knowledge, folder: Path, digests: Mapping[str, str]) -> LanguageModel:
    """Give the model that tells the languages apart, which depends on all of them."""
    together = hashlib.sha256(json.dumps(digests).encode()).hexdigest()[:32]
    path = folder / f"{together}.npz"
    counted = _read(
        path, lambda kept, words: (tuple(words["codes"]), words["groups"], kept["logs"])
    )
    if counted is not None:
        codes, groups, logs = counted
        numbered = {group: i for i, group in enumerate(groups)}
        return LanguageModel(codes, numbered, logs, wishes_to_switch(knowledge))
    model = LanguageModel.fit(knowledge)
    with contextlib.suppress(OSError):
        _write(path, {"codes": model.codes, "groups": list(model.groups)}, logs=model.logs)
    return model


def cache_folder(setting: str) -> Path:
    """Give the folder of the setting, else the user's cache folder."""
    if setting:
        return Path(setting)
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(base) if base else Path.home() / ".cache") / "privacy-assistant"


def _digest(language: Language) -> str:
    basis = [FORMAT, METHOD, [version(name) for name in LIBRARIES]]
    learnt = [(meaning.group, meaning.id, text) for meaning, text in examples(language)]
    words = [courtesies(language), sorted(negations_of(language))]
    content = json.dumps([*basis, *words, learnt])
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def _write(path: Path, words: Mapping[str, object], **arrays: npt.NDArray[Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        np.savez(
            file,
            allow_pickle=False,
            words=np.frombuffer(json.dumps(words).encode(), dtype=np.uint8),
            **arrays,
        )
    Path(aside).replace(path)


def _read(path: Path, made: Callable[[Kept, dict[str, Any]], T]) -> T | None:
    try:
        with np.load(path, allow_pickle=False) as kept:
            return made(kept, json.loads(kept["words"].tobytes()))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return None


def _arrays(index: Index) -> dict[str, Any]:
    return {
        "words": {
            "meanings": [(m.group, m.id) for m in index.meanings],
            "vocabulary": list(index.vocabulary),
            "examples": index.examples,
            "courtesies": index.courtesies,
            "negations": sorted(index.negations),
        },
        "rarity": index.rarity,
        "owners": index.owners,
        "offsets": index.offsets,
        "values": index.postings.data,
        "columns": index.postings.indices,
        "rows": index.postings.indptr,
        "weights": NOT_FITTED if index.weights is None else index.weights,
    }


def _index(kept: Kept, words: dict[str, Any]) -> Index:
    shape = (len(words["vocabulary"]), len(words["examples"]))
    postings = (kept["values"], kept["columns"], kept["rows"])
    weights = kept["weights"]
    return Index(
        meanings=tuple(Meaning(Group(group), name) for group, name in words["meanings"]),
        vocabulary={feature: i for i, feature in enumerate(words["vocabulary"])},
        rarity=kept["rarity"],
        postings=sparse.csr_matrix(postings, shape=shape),
        weights=weights if weights.size else None,
        offsets=kept["offsets"],
        examples=tuple(words["examples"]),
        owners=kept["owners"],
        courtesies=tuple(tuple(phrase) for phrase in words["courtesies"]),
        negations=frozenset(words["negations"]),
    )
