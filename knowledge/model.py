"""The knowledge base's values: what its files hold, frozen.

The classes say which keys a file may have, of what type; :mod:`knowledge.load` reads
files into them and :mod:`knowledge.check` looks at how the files agree with each other.
"""

import re
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from knowledge.phrases import Phrases

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""Text that a person will see: never empty."""


def reflow(text: str) -> str:
    """Join the lines that an editor wrapped; empty lines and list items (``- ``) stay apart."""
    paragraphs = []
    for paragraph in re.split(r"\n\s*\n", text):
        lines: list[str] = []
        for line in (part.strip() for part in paragraph.splitlines()):
            if lines and not line.startswith("- "):
                lines[-1] += f" {line}"
            else:
                lines.append(line)
        paragraphs.append("\n".join(lines))
    return "\n\n".join(paragraphs)


Prose = Annotated[Text, AfterValidator(reflow)]
"""Text that an editor may wrap where the lines get long."""

Examples = tuple[Text, ...]
"""Messages as people would type them, from which the assistant learns what is meant."""


class Record(BaseModel):
    """A frozen value read from a file, in which an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Role(StrEnum):
    """What a document of the knowledge base is."""

    POLICY = "policy"
    """The company's policy, restated."""
    LAW = "law"
    """General information on the law, no part of the policy."""
    SILENT = "silent"
    """What people ask and the policy does not say."""


class SourceHeader(Record):
    """The table ``[policy]`` of a document in the language that it was written in."""

    title: Text
    role: Annotated[Role, Field(strict=False)]
    version: Text
    company: Text


class TranslationHeader(Record):
    """The table ``[policy]`` of a translated document, with what it translates."""

    title: Text
    translation_of: Text
    translated_version: Text


class TranslatedSection(Record):
    """One section's wording."""

    title: Text
    answer: Prose
    text: Prose | None = None
    """The whole content; a silent topic has none, its answer says all there is."""
    examples: Examples


class SourceSection(TranslatedSection):
    """One section in its source language, which also holds what no translation changes."""

    number: Text | None = None
    """The policy's section number, or the article of a law note."""
    related: tuple[Text, ...] = ()
    request: Text | None = None
    """The request type that this section may lead to."""


class Section(Record):
    """One section in one language, ready to be quoted."""

    id: str
    role: Role
    number: str | None
    title: str
    answer: str
    text: str
    related: tuple[str, ...]
    request: str | None
    examples: Examples
    document: str
    """The document's id, by which its header is found."""


class Document(Record):
    """A policy, or a collection of notes, in one language."""

    id: str
    role: Role
    title: str
    version: str
    company: str
    translation_of: str | None
    translated_version: str | None


class Slot(StrEnum):
    """What the assistant may have to ask before it can file a request."""

    CONTACT = "contact"
    """Where the person can be found and answered."""
    DETAILS = "details"
    """What exactly is to be done, in the person's words."""


class RequestFacts(Record):
    """What holds for a request type in every language (``requests.toml``)."""

    article: Text | None = None
    """Article of the GDPR that gives the right; none for a question passed on."""
    deadline: Literal["one_month"]
    """Rule for the due date (GDPR article 12(3))."""
    stop_at_once: bool = False
    """Whether the processing has to stop before any answer (article 21(3))."""
    identity: bool
    """Whether staff must know who asks before they act."""
    email_code: bool = False
    """Whether a one-time code is mailed to find that out."""
    slots: tuple[Slot, ...]
    sections: tuple[Text, ...] = ()
    """Sections to quote with the request."""
    before: tuple[Text, ...] = ()
    """Request types that wait where this one is wanted too: what is deleted cannot be sent."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class FollowUp(Record):
    """Which section answers a short question such as "and how long?" (``follow_ups.toml``)."""

    policy: Text
    """After a section of the policy, or after a topic on which it is silent."""
    law: Text | None = None
    """After a note on the law; as after the policy where none is named."""
    after: dict[str, Text] = {}
    """Exceptions, by the section that was shown last."""
    request: Text | None = None
    """While a request is under way or was filed last; read by itself where none is named."""
    ticket: bool = False
    """Whether it asks where the request stands, where one was filed last."""

    def section(self, last: Section) -> str:
        """Give the id of the section that answers it after another one."""
        usual = self.law if self.law and last.role is Role.LAW else self.policy
        return self.after.get(last.id, usual)


class RequestText(Record):
    """A request type's wording in one language."""

    title: Text
    wish: Prose
    what_happens: Prose
    needed: Prose
    ask_contact: Prose
    ask_details: Prose | None = None
    examples: Examples = ()


class Heard(Record):
    """Messages that start something which needs no answer written beforehand."""

    examples: Examples


class Theme(Heard):
    """Messages that no section answers and that ask for no right, and what to say to them."""

    answer: Prose


class Themes(Record):
    """Everything people write to an assistant besides questions and requests (``themes.toml``)."""

    human: dict[str, Heard]
    status: dict[str, Heard]
    chitchat: dict[str, Theme]
    out_of_scope: dict[str, Theme]


class Words(Record):
    """Short words that steer a conversation, and what the matcher needs to know of a language."""

    name: Text
    """The language's own name."""
    locale: Text
    """Locale for dates, such as ``nl_BE``."""
    countries: tuple[Text, ...]
    """Where its speakers have telephone numbers, besides the controller's country."""
    yes: Examples
    no: Examples
    cancel: Examples
    restart: Examples
    why: Examples
    skip: Examples
    """Going on without an answer to what was asked."""
    new_code: Examples
    """Wishes for another one-time code."""
    code: Examples
    """Words around a one-time code that say what it is."""
    remove: Examples
    """Words that take back an address or number, in front of what it is or behind."""
    not_this: Examples
    """Words right before an address or number that is the wrong one."""
    pointing: Examples
    """Words beside those that only point, such as ``that``."""
    contact_kinds: dict[Literal["email", "phone", "customer_number", "postal"], Examples]
    """What people call each kind of address or number."""
    unwanted: Examples
    """Not having wanted what was filed of an abandoned draft."""
    none_of_these: Examples
    ordinals: tuple[Examples, ...] = Field(min_length=3, max_length=3)
    """Words for the first, second and third choice."""
    switch: Examples
    """Wishes to go on in this language, as written in this language or in others."""
    filler: Examples
    """Words around a yes, a no or a cancel that change nothing."""
    instead: Examples
    """Words by which something else takes the place of what was said before."""
    only: Examples
    """Words by which one of several wishes is kept, and the others are dropped."""
    correcting: Examples
    """Words around an address or number that takes the place of another."""
    reserve: Examples
    """Words that take back part of a yes: ``but``, ``except`` ..."""
    also: Examples
    """Words that add something instead of changing it."""
    withdraw: Examples
    """Taking a filed request back."""
    courtesy: Examples
    """Greetings and thanks, which say nothing of what a longer message means."""
    negation: Examples
    """Words that turn around what follows them."""
    customer_number: Examples
    """Words that stand before a customer number."""
    leading: Examples
    """Words that open a short question after an answer."""
    joining: Examples
    """Words that join two wishes in one message."""
    more: Examples
    """Wishes for the whole section after its short answer."""
    follow_up: dict[str, Examples]
    """Short questions after an answer, by the table of ``follow_ups.toml`` that answers them."""
    holidays: dict[str, Text]
    """Public holidays: the name used by the ``holidays`` library in English -> ours."""


class Language(BaseModel):
    """All that the assistant can say and recognise in one language."""

    model_config = ConfigDict(frozen=True)

    code: str
    documents: dict[str, Document]
    sections: dict[str, Section]
    requests: dict[str, RequestText]
    themes: Themes
    phrases: Phrases
    words: Words


class Knowledge(BaseModel):
    """The whole knowledge base."""

    model_config = ConfigDict(frozen=True)

    requests: dict[str, RequestFacts]
    follow_ups: dict[str, FollowUp]
    languages: dict[str, Language]

    @property
    def company(self) -> str:
        """Name of the company whose policy this is."""
        documents = next(iter(self.languages.values())).documents.values()
        return next(d.company for d in documents if d.role is Role.POLICY)
