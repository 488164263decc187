"""Loads a folder of TOML files as :class:`~knowledge.model.Knowledge`; a broken one never loads."""

from pathlib import Path

from knowledge.check import check
from knowledge.model import (
    Document,
    Knowledge,
    Language,
    Section,
    SourceHeader,
    SourceSection,
    TranslationHeader,
)
from knowledge.read import Raw, RawDocument, RawLanguage, read

BUILT_IN = Path(__file__).parent / "data"
"""The knowledge base that comes with the program."""


class KnowledgeError(Exception):
    """The knowledge base cannot be used; ``problems`` says why, one line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def load(folder: Path | None = None) -> Knowledge:
    """Load a knowledge base, the built-in one unless another folder is given.

    Raises:
        KnowledgeError: with every problem of every file.
    """
    raw = read(folder or BUILT_IN)
    problems = check(raw)
    if problems:
        raise KnowledgeError(problems)
    return build(raw)


def build(raw: Raw) -> Knowledge:
    """Put a checked folder together: what holds in all languages comes from the source one."""
    sources = {
        document.id: document
        for language in raw.languages
        for document in language.documents
        if isinstance(document.header, SourceHeader)
    }
    return Knowledge(
        requests=raw.facts,
        follow_ups=raw.follow_ups,
        languages={language.code: _built(language, sources) for language in raw.languages},
    )


def _built(raw: RawLanguage, sources: dict[str, RawDocument]) -> Language:
    documents: dict[str, Document] = {}
    sections: dict[str, Section] = {}
    for document in raw.documents:
        source = sources[document.id]
        assert isinstance(source.header, SourceHeader)  # noqa: S101 - for the type checker
        header = document.header
        translation = header if isinstance(header, TranslationHeader) else None
        documents[document.id] = Document(
            id=document.id,
            role=source.header.role,
            title=header.title,
            version=source.header.version,
            company=source.header.company,
            translation_of=translation.translation_of if translation else None,
            translated_version=translation.translated_version if translation else None,
        )
        for name in source.sections:
            facts, wording = source.sections[name], document.sections[name]
            assert isinstance(facts, SourceSection)  # noqa: S101 - for the type checker
            sections[name] = Section(
                id=name,
                role=source.header.role,
                number=facts.number,
                title=wording.title,
                answer=wording.answer,
                text=wording.text or wording.answer,
                related=facts.related,
                request=facts.request,
                examples=wording.examples,
                document=document.id,
            )
    assert raw.themes is not None and raw.phrases is not None and raw.words is not None  # noqa: S101, PT018
    return Language(
        code=raw.code,
        documents=documents,
        sections=sections,
        requests=raw.requests,
        themes=raw.themes,
        phrases=raw.phrases,
        words=raw.words,
    )
