"""Reads the TOML files of a knowledge base, one by one, and says what is wrong in each."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from knowledge.model import (
    FollowUp,
    RequestFacts,
    RequestText,
    SourceHeader,
    SourceSection,
    Themes,
    TranslatedSection,
    TranslationHeader,
    Words,
)
from knowledge.phrases import Phrases

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class RawDocument:
    """One policy file, read but not yet put together with its other languages."""

    file: str
    id: str
    header: SourceHeader | TranslationHeader
    sections: dict[str, SourceSection] | dict[str, TranslatedSection]


@dataclass(frozen=True)
class RawLanguage:
    """One language's files, read."""

    code: str
    documents: list[RawDocument]
    requests: dict[str, RequestText]
    themes: Themes | None
    phrases: Phrases | None
    words: Words | None


@dataclass(frozen=True)
class Raw:
    """A whole folder, read, with what is wrong in single files."""

    folder: Path
    facts: dict[str, RequestFacts]
    follow_ups: dict[str, FollowUp]
    languages: list[RawLanguage]
    problems: list[str] = field(default_factory=list)


def read(folder: Path) -> Raw:
    """Read every file of the folder; what cannot be read becomes a problem."""
    problems: list[str] = []
    if not folder.is_dir():
        return Raw(folder, {}, {}, [], [f"{folder}: no such folder"])
    facts = _tables(folder, folder / "requests.toml", RequestFacts, problems)
    follow_ups = _tables(folder, folder / "follow_ups.toml", FollowUp, problems)
    codes = sorted(path.name for path in folder.iterdir() if path.is_dir())
    languages = [_language(folder, folder / code, problems) for code in codes]
    if not languages:
        problems.append(f"{folder}: no language folder in it")
    return Raw(folder, facts, follow_ups, languages, problems)


def _language(root: Path, folder: Path, problems: list[str]) -> RawLanguage:
    paths = sorted((folder / "policies").glob("*.toml"))
    if not paths:
        problems.append(f"{folder.name}/policies: no policy file")
    documents = [d for path in paths if (d := _document(root, path, problems)) is not None]
    return RawLanguage(
        code=folder.name,
        documents=documents,
        requests=_tables(root, folder / "requests.toml", RequestText, problems),
        themes=_whole(root, folder / "themes.toml", Themes, problems),
        phrases=_whole(root, folder / "phrases.toml", Phrases, problems),
        words=_whole(root, folder / "words.toml", Words, problems),
    )


def _document(root: Path, path: Path, problems: list[str]) -> RawDocument | None:
    name = _name(root, path)
    content = _toml(root, path, problems)
    if content is None:
        return None
    header_table = content.pop("policy", None)
    if header_table is None:
        problems.append(f"{name}: [policy]: table is missing")
        return None
    translated = isinstance(header_table, dict) and "translation_of" in header_table
    header_model = TranslationHeader if translated else SourceHeader
    header = _record(name, "policy", header_model, header_table, problems)
    model = TranslatedSection if translated else SourceSection
    sections = {
        key: record
        for key, table in content.items()
        if (record := _record(name, key, model, table, problems)) is not None
    }
    if not isinstance(header, (SourceHeader, TranslationHeader)):
        return None
    return RawDocument(name, path.stem, header, sections)


def _tables(root: Path, path: Path, model: type[M], problems: list[str]) -> dict[str, M]:
    name = _name(root, path)
    return {
        key: record
        for key, table in (_toml(root, path, problems) or {}).items()
        if (record := _record(name, key, model, table, problems)) is not None
    }


def _whole(root: Path, path: Path, model: type[M], problems: list[str]) -> M | None:
    content = _toml(root, path, problems)
    if content is None:
        return None
    return _record(_name(root, path), None, model, content, problems)


def _toml(root: Path, path: Path, problems: list[str]) -> dict[str, Any] | None:
    name = _name(root, path)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        problems.append(f"{name}: file is missing")
    except UnicodeDecodeError:
        problems.append(f"{name}: not UTF-8 text")
    except tomllib.TOMLDecodeError as error:
        problems.append(f"{name}: {error}")
    except OSError as error:
        problems.append(f"{name}: cannot be read ({error.strerror})")
    return None


def _record(
    name: str, table: str | None, model: type[M], content: object, problems: list[str]
) -> M | None:
    # TOML has arrays only where the models have tuples; strict mode would refuse them
    try:
        return model.model_validate(_tuples(content))
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_input=False):
            problems.append(_problem(name, table, problem["loc"], problem["type"], problem["msg"]))
        return None


def _problem(
    name: str, table: str | None, loc: tuple[int | str, ...], kind: str, message: str
) -> str:
    """Say one of pydantic's findings in an editor's words: ``file: [table] key: what``."""
    path = [str(part) for part in loc]
    if table is not None:
        path.insert(0, table)
    key = path.pop() if path and loc else ""
    where = f"[{'.'.join(path)}] " if path else ""
    what = {
        "extra_forbidden": "unknown key",
        "missing": "is missing",
        "string_too_short": "is empty",
        "string_type": "must be text between quotation marks",
        "tuple_type": "must be a list in [brackets]",
        "model_type": "must be a table with keys of its own",
        "dict_type": "must be a table with keys of its own",
        "bool_type": "must be true or false",
    }.get(kind, message[:1].lower() + message[1:])
    return f"{name}: {where}{key}: {what}" if key else f"{name}: {where.strip()}: {what}"


def _tuples(value: object) -> object:
    if isinstance(value, list):
        return tuple(_tuples(item) for item in value)
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    return value


def _name(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()
