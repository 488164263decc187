"""The shapes of what the HTTP API takes and gives (pydantic), and replies put into them."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, create_model

from bot.assistant import MAX_TEXT, SAFE_ID
from bot.exports import counted
from bot.parts import Parts
from bot.standing import days_left, flag_words, flags
from handlers.contract import Kind, Reply
from handlers.tickets import Ticket
from handlers.wording import explain, number, remaining, status
from knowledge.model import Language, Role

MAX_ADDRESSES = 1000
"""Addresses in one call; with the longest ones that still is a small body."""
RATEABLE = frozenset({Kind.ANSWER, Kind.NO_ANSWER, Kind.OUT_OF_SCOPE})
"""Replies of which feedback tells what the knowledge base lacks."""
EXCERPT = 400
"""Characters of a section that come with an answer; the link leads to the whole."""

Token = Annotated[str, StringConstraints(min_length=16, max_length=64, pattern=r"^[\w-]+$")]
MessageId = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class MessageIn(BaseModel):
    """A person's message."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: str = Field(
        description=f"What the person wrote, at most {MAX_TEXT} characters (else 413).",
        json_schema_extra={"minLength": 1},
    )
    conversation: Token | None = Field(
        default=None, description="Token from the reply before; null starts a conversation."
    )
    message_id: MessageId | None = Field(
        default=None,
        description=(
            "Made by the client; sent again, it gives the same reply. Without a conversation that "
            f"holds from {SAFE_ID} characters on, which must be random, such as a UUID: whoever "
            "knows it gets the conversation that it began. A shorter one begins one each time."
        ),
    )
    language: str | None = Field(
        default=None, description="Code of the language that the person or the page chose."
    )


def message_in(languages: Iterable[str]) -> type[MessageIn]:
    """Give the message's shape with the languages that there are."""
    codes: Any = Literal[tuple(languages)]  # known only when the program starts
    field = Field(default=None, description=MessageIn.model_fields["language"].description)
    return create_model("MessageIn", __base__=MessageIn, language=(codes | None, field))


class FollowIn(BaseModel):
    """What a requester shows to see a ticket."""

    model_config = ConfigDict(extra="forbid")

    key: str = Field(description="From the link that was given with the reference.")
    lang: str | None = Field(default=None, description="Code of the language for the words.")


class KeyIn(BaseModel):
    """What a requester shows to change a ticket."""

    model_config = ConfigDict(extra="forbid", strict=True)

    key: str = Field(description="From the link that was given with the reference.")
    lang: str | None = Field(default=None, description="Code of the language for the words.")


class CodeIn(KeyIn):
    """A wish for a one-time code, or the code."""

    code: str | None = Field(
        default=None, description="The code that was mailed; without it a new one is mailed."
    )


class AddressesIn(BaseModel):
    """Addresses and numbers to look for on the suppression list."""

    model_config = ConfigDict(extra="forbid", strict=True)

    addresses: list[str] = Field(
        max_length=MAX_ADDRESSES, description="E-mail addresses or telephone numbers."
    )


class SuppressedOut(BaseModel):
    """Which of them are on the list."""

    suppressed: list[bool] = Field(
        description="In the order of the call; false for what is no address or number."
    )


class SectionOut(BaseModel):
    """A section that a reply comes from."""

    id: str
    number: str | None
    title: str
    excerpt: str
    url: str
    policy: str
    version: str


class ChoiceOut(BaseModel):
    """A button: what it shows, and the text to send for it."""

    label: str
    value: str


class TicketOut(BaseModel):
    """A filed request."""

    reference: str
    request: str
    status: str
    received_at: datetime
    due_at: date
    stop_by: date | None
    url: str


class ReplyOut(BaseModel):
    """What the assistant says."""

    kind: str
    language: str
    text: str
    request: str | None
    sections: list[SectionOut]
    choices: list[ChoiceOut]
    suggestions: list[ChoiceOut] = Field(description="Questions that may come next.")
    rateable: bool = Field(description="Whether feedback on it is of use.")
    ticket: TicketOut | None


class AnswerOut(BaseModel):
    """A reply and the token by which its conversation goes on."""

    conversation: str
    reply: ReplyOut


class StatusOut(BaseModel):
    """Where a requester's own ticket stands, also in words."""

    ticket: TicketOut
    title: str
    status_text: str
    due_text: str = Field(description="How the due date was worked out.")
    initial_due_at: date = Field(description="End of the first month.")
    remaining_days: int | None = Field(
        description="0 on the due date, negative after it; null when the request is closed."
    )
    remaining_text: str | None
    flags: list[str]
    flag_texts: list[str]


class DoneOut(BaseModel):
    """What was done, in words, and where the ticket stands now."""

    text: str
    status: StatusOut


def status_out(ticket: Ticket, language: Language, parts: Parts) -> StatusOut:
    """Describe to a requester where a ticket stands."""
    calendar = parts.assistant.desk.casework.calendar
    today = calendar.day_of(parts.assistant.now())
    return StatusOut(
        ticket=ticket_out(ticket, parts.assistant.desk.follow_url),
        title=language.requests[ticket.request].title,
        status_text=status(ticket.status, language),
        due_text=f"{explain(counted(ticket, calendar), language)} {language.phrases.due_aid}",
        initial_due_at=ticket.initial_due_on,
        remaining_days=days_left(ticket, today),
        remaining_text=remaining(ticket, today, language) if ticket.is_open else None,
        flags=list(flags(ticket, today)),
        flag_texts=list(flag_words(ticket, today, language)),
    )


def to_payload(reply: Reply, parts: Parts) -> ReplyOut:
    """Put a reply into the shape that the API gives."""
    return ReplyOut(
        kind=reply.kind,
        language=reply.language,
        text=reply.text,
        request=reply.request,
        sections=[section_out(name, reply.language, parts) for name in reply.sections],
        choices=[ChoiceOut(label=b.label, value=b.value) for b in reply.buttons],
        suggestions=[ChoiceOut(label=b.label, value=b.value) for b in reply.suggestions],
        rateable=reply.kind in RATEABLE,
        ticket=ticket_out(reply.ticket, parts.assistant.desk.follow_url) if reply.ticket else None,
    )


def section_out(name: str, code: str, parts: Parts) -> SectionOut:
    """Describe a section with an excerpt."""
    text = parts.knowledge.languages[code].sections[name].text
    return SectionOut(excerpt=excerpt(text), **place_of(name, code, parts))


def place_of(name: str, code: str, parts: Parts) -> dict[str, Any]:
    """Tell where a section stands: its number (a law note's article in words), title, document."""
    language = parts.knowledge.languages[code]
    section = language.sections[name]
    document = language.documents[section.document]
    return {
        "id": name,
        "number": number(section, language) if section.role is Role.LAW else section.number,
        "title": section.title,
        "url": f"{parts.settings.public_url.rstrip('/')}/policy/{code}#{name}",
        "policy": document.title,
        "version": document.version,
    }


def section_blocks(name: str, code: str, parts: Parts) -> list[dict[str, Any]]:
    """Give the paragraphs and lists of a section."""
    text = parts.knowledge.languages[code].sections[name].text
    return [
        {"kind": kind, "items": content} if kind == "list" else {"kind": kind, "text": content}
        for kind, content in blocks(text)
    ]


def blocks(text: str) -> Iterator[tuple[str, str | list[str]]]:
    """Split a section's text into paragraphs (``text``) and lists (``list``)."""
    for paragraph in text.split("\n\n"):
        lines = paragraph.split("\n")
        items = [line.removeprefix("- ") for line in lines if line.startswith("- ")]
        if len(items) < len(lines):
            yield "text", " ".join(line for line in lines if not line.startswith("- "))
        if items:
            yield "list", items


def excerpt(text: str) -> str:
    """Give the beginning of a section, verbatim, so that it can be found there again."""
    if len(text) <= EXCERPT:
        return text
    whole = text[: EXCERPT + 1].rpartition("\n\n")[0]
    return whole if len(whole) > EXCERPT / 2 else text[: EXCERPT + 1].rsplit(None, 1)[0]


def ticket_out(ticket: Ticket, follow_url: Callable[[str], str]) -> TicketOut:
    """Describe a ticket to its requester."""
    return TicketOut(
        reference=ticket.reference,
        request=ticket.request,
        status=ticket.status,
        received_at=ticket.received_at,
        due_at=ticket.due_on,
        stop_by=ticket.stop_by,
        url=follow_url(ticket.reference),
    )
