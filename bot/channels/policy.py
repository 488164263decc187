"""The policy as a page to read and to search, and after it the notes on the law."""

from dataclasses import dataclass
from itertools import groupby

from flask import render_template

from bot.channels.finding import Search
from bot.parts import Parts
from handlers.wording import number
from knowledge.model import Document, Language, Role, Section


@dataclass(frozen=True)
class Entry:
    """A section on the page."""

    section: Section
    number: str | None
    shown: bool


@dataclass(frozen=True)
class Part:
    """A document on the page, with its sections."""

    document: Document
    entries: tuple[Entry, ...]

    @property
    def shown(self) -> bool:
        """Whether any of its sections is shown."""
        return any(entry.shown for entry in self.entries)

    @property
    def groups(self) -> list[tuple[str | None, list[Entry]]]:
        """The sections under each number: the policy's numbers each have several."""
        return [(n, list(entries)) for n, entries in groupby(self.entries, lambda e: e.number)]


def policy_page(parts: Parts, language: Language, query: str) -> str:
    """Show the whole policy, or what of it has the words that are looked for."""
    search = Search.of(query)
    pieces = [_part(document, language, search) for document in _documents(language)]
    entries = [entry for part in pieces for entry in part.entries]
    today = parts.assistant.desk.casework.calendar.day_of(parts.assistant.now())
    return render_template(
        "policy.html",
        language=language,
        parts=pieces,
        search=search,
        found=sum(entry.shown for entry in entries),
        total=len(entries),
        today=today,
    )


def _documents(language: Language) -> list[Document]:
    documents = [d for d in language.documents.values() if d.role is not Role.SILENT]
    return sorted(documents, key=lambda document: document.role is Role.LAW)


def _part(document: Document, language: Language, search: Search) -> Part:
    entries = []
    for section in language.sections.values():
        if section.document == document.id:
            label = number(section, language)
            text = " ".join((label or "", section.title, section.answer, section.text))
            entries.append(Entry(section, label, search.finds(text)))
    return Part(document, tuple(entries))
