"""Looks for what is wrong across the files of a knowledge base: each problem is one line.

A line reads ``file: [table] key: what is wrong``, and all of them are reported at once.
"""

from collections.abc import Iterator
from string import Formatter

from rapidfuzz.utils import default_process

from knowledge.model import Heard, SourceHeader, SourceSection
from knowledge.phrases import Phrases
from knowledge.read import Raw, RawDocument, RawLanguage

THEMES = ("human", "status", "chitchat", "out_of_scope")


def check(raw: Raw) -> list[str]:
    """Give every problem of a folder, those of single files first; an empty list is fine."""
    problems = list(raw.problems)
    problems += _sources(raw)
    problems += _same_ids(raw)
    problems += _references(raw)
    problems += _follow_ups(raw)
    problems += _requests(raw)
    problems += _placeholders(raw)
    for language in raw.languages:
        problems += _examples(language)
    return problems


def _sources(raw: Raw) -> Iterator[str]:
    """Each document has one source language, and translations are of its present version."""
    by_id: dict[str, list[tuple[str, RawDocument]]] = {}
    for language in raw.languages:
        for document in language.documents:
            by_id.setdefault(document.id, []).append((language.code, document))
    for versions in by_id.values():
        sources = {c: d.header for c, d in versions if isinstance(d.header, SourceHeader)}
        for code, document in versions:
            header = document.header
            if isinstance(header, SourceHeader):
                if len(sources) > 1:
                    others = ", ".join(sorted(set(sources) - {code}))
                    yield (
                        f"{document.file}: [policy] translation_of: is missing, "
                        f"or else in {others}: only one language can be the source"
                    )
                continue
            source = sources.get(header.translation_of)
            if source is None:
                yield (
                    f"{document.file}: [policy] translation_of: "
                    f"'{header.translation_of}' is not the source language of this document"
                )
            elif source.version != header.translated_version:
                yield (
                    f"{document.file}: [policy] translated_version: translates version "
                    f"'{header.translated_version}', but the source is at '{source.version}'"
                )


def _same_ids(raw: Raw) -> Iterator[str]:
    """What one language has, every language has."""
    files = {d.file.partition("/")[2] for language in raw.languages for d in language.documents}
    for file in sorted(files):
        present = {
            language.code: {d.file.partition("/")[2]: d for d in language.documents}.get(file)
            for language in raw.languages
        }
        ids = {code: set(d.sections) for code, d in present.items() if d is not None}
        yield from _missing({code: f"{code}/{file}" for code in ids}, ids)
        for code in sorted(set(present) - set(ids)):
            if not any(line.startswith(f"{code}/{file}:") for line in raw.problems):
                yield f"{code}/{file}: file is missing"
    yield from _missing(
        {lang.code: f"{lang.code}/requests.toml" for lang in raw.languages},
        {lang.code: set(lang.requests) for lang in raw.languages},
    )
    for group in THEMES:
        yield from _missing(
            {lang.code: f"{lang.code}/themes.toml" for lang in raw.languages if lang.themes},
            {lang.code: set(getattr(lang.themes, group)) for lang in raw.languages if lang.themes},
            prefix=f"{group}.",
        )


def _missing(files: dict[str, str], ids: dict[str, set[str]], prefix: str = "") -> Iterator[str]:
    everything = set().union(*ids.values()) if ids else set()
    for code, own in ids.items():
        for name in sorted(everything - own):
            having = ", ".join(sorted(c for c, others in ids.items() if name in others))
            yield f"{files[code]}: [{prefix}{name}]: table is missing (it is there in {having})"


def _references(raw: Raw) -> Iterator[str]:
    """Every id that a file names exists, and no id stands for two sections."""
    for language in raw.languages:
        seen: dict[str, str] = {}
        for document in language.documents:
            for name in document.sections:
                if name in seen:
                    yield f"{document.file}: [{name}]: this id stands in {seen[name]} too"
                seen.setdefault(name, document.file)
        for document in language.documents:
            for name, section in document.sections.items():
                if isinstance(section, SourceSection):
                    yield from _section_references(document.file, name, section, set(seen), raw)
    known = {name for lang in raw.languages for d in lang.documents for name in d.sections}
    for name, facts in raw.facts.items():
        for other in facts.before:
            if other not in raw.facts:
                yield f"requests.toml: [{name}] before: there is no request type '{other}'"
        for section_id in facts.sections:
            if section_id not in known:
                yield f"requests.toml: [{name}] sections: there is no section '{section_id}'"


def _follow_ups(raw: Raw) -> Iterator[str]:
    """Each short question has an answer that exists, and words in every language."""
    known = {name for lang in raw.languages for d in lang.documents for name in d.sections}
    for name, follow_up in raw.follow_ups.items():
        named = {"policy": follow_up.policy, "law": follow_up.law, "request": follow_up.request}
        after = {key for pair in follow_up.after.items() for key in pair}
        for key, section in named.items():
            if section is not None and section not in known:
                yield f"follow_ups.toml: [{name}] {key}: there is no section '{section}'"
        for section in sorted(after - known):
            yield f"follow_ups.toml: [{name}.after]: there is no section '{section}'"
        for language in raw.languages:
            if language.words is not None and name not in language.words.follow_up:
                yield f"{language.code}/words.toml: [follow_up] {name}: is missing"
    for language in raw.languages:
        words = language.words.follow_up if language.words is not None else {}
        for name in sorted(set(words) - set(raw.follow_ups)):
            yield f"follow_ups.toml: [{name}]: table is missing"


def _section_references(
    file: str, name: str, section: SourceSection, known: set[str], raw: Raw
) -> Iterator[str]:
    for other in section.related:
        if other not in known:
            yield f"{file}: [{name}] related: there is no section '{other}'"
    if section.request is not None and section.request not in raw.facts:
        yield f"{file}: [{name}] request: there is no request type '{section.request}'"


def _requests(raw: Raw) -> Iterator[str]:
    """Each request type has facts, wording, and a question for each thing it asks."""
    for language in raw.languages:
        file = f"{language.code}/requests.toml"
        for name in sorted(set(language.requests) - set(raw.facts)):
            yield f"requests.toml: [{name}]: table is missing (it is there in {file})"
        for name in sorted(set(raw.facts) - set(language.requests)):
            if all(name not in other.requests for other in raw.languages):
                yield f"{file}: [{name}]: table is missing (it is there in requests.toml)"
        for name, text in language.requests.items():
            facts = raw.facts.get(name)
            if facts and "details" in facts.slots and text.ask_details is None:
                yield f"{file}: [{name}] ask_details: is missing"


def _placeholders(raw: Raw) -> Iterator[str]:
    """A sentence takes the same ``{values}`` in every language."""
    languages = [lang for lang in raw.languages if lang.phrases is not None]
    if not languages:
        return
    first = languages[0]
    for key in Phrases.model_fields:
        wanted = _fields(getattr(first.phrases, key))
        for language in languages:
            file = f"{language.code}/phrases.toml"
            found = _fields(getattr(language.phrases, key))
            if found is None:
                yield f"{file}: {key}: a brace {{ or }} is not closed or opened"
            elif wanted is not None and found != wanted:
                yield (
                    f"{file}: {key}: has {_braces(found)} where {first.code}/phrases.toml "
                    f"has {_braces(wanted)}"
                )


def _fields(text: str) -> frozenset[str] | None:
    try:
        return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)
    except ValueError:
        return None


def _braces(names: frozenset[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names)) or "no {value}"


def _examples(language: RawLanguage) -> Iterator[str]:
    """One message means one thing: no example stands twice."""
    seen: dict[str, str] = {}
    for file, table, examples in _all_examples(language):
        for example in examples:
            key = default_process(example) or example
            place = f"{file} [{table}]"
            if key in seen:
                twice = "twice in this table" if seen[key] == place else f"in {seen[key]} too"
                yield f"{file}: [{table}] examples: “{example}” stands {twice}"
            seen.setdefault(key, place)


def _all_examples(language: RawLanguage) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for document in language.documents:
        for name, section in document.sections.items():
            yield document.file, name, section.examples
    for name, request in language.requests.items():
        yield f"{language.code}/requests.toml", name, request.examples
    for group in THEMES if language.themes else ():
        themes: dict[str, Heard] = getattr(language.themes, group)
        for name, theme in themes.items():
            yield f"{language.code}/themes.toml", f"{group}.{name}", theme.examples
