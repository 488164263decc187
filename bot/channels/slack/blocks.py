"""Replies as Slack shows them: one message, within the limits of Block Kit, however long.

Words stand in rich or plain text only, in which no markup is live; links are our own.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.channels.payload import RATEABLE, place_of
from bot.channels.payload import blocks as paragraphs
from bot.channels.slack.escape import harmless
from bot.parts import Parts
from handlers.contract import Button, Kind, Reply
from handlers.tickets import Ticket
from handlers.wording import button, day, status
from knowledge.model import Language

Block = dict[str, Any]

TEXT = 3000
"""Characters of one text (a section's limit), and of the text beside the blocks."""
BODY = 8000
"""Characters of a reply's words in blocks; Slack takes about 13 200 in a whole message."""
SAID = 300
"""Characters shown of what a person said, where Slack does not show it."""
LABEL, VALUE, TITLE = 75, 2000, 150
ELEMENTS = 25
"""Buttons in a row of them."""


@dataclass(frozen=True)
class Post:
    """One message."""

    text: str
    blocks: list[Block]

    @property
    def content(self) -> dict[str, Any]:
        """What it is for the library."""
        return {"text": self.text, "blocks": self.blocks}


def reply_post(reply: Reply, parts: Parts, said: str | None = None) -> Post:
    """Show a reply; ``said`` restates what it is for, where Slack does not show that."""
    language = parts.knowledge.languages[reply.language]
    url = parts.assistant.desk.follow_url(reply.ticket.reference) if reply.ticket else None
    body = reply.text
    if len(body) > BODY:
        body = shortened(body, BODY) + "\n\n" + language.phrases.slack_shortened
    blocks = [
        *([quote(said)] if said else []),
        rich(body, url),
        *_sources(reply, language, parts),
        *([card(reply.ticket, language, parts)] if reply.ticket else []),
        *rows(_buttons(reply, language)),
        *([_thumbs(reply, language)] if reply.kind in RATEABLE else []),
    ]
    return Post(notice(reply.text), blocks)


def plain_post(text: str, buttons: Sequence[Button] = (), said: str | None = None) -> Post:
    """Show a sentence of the assistant, with buttons."""
    return Post(notice(text), [*([quote(said)] if said else []), rich(text), *rows(buttons)])


def notice(text: str) -> str:
    """Write the text beside the blocks: the answer itself, as long as that may be."""
    return harmless(shortened(text, TEXT - 500))[:TEXT]


def shortened(text: str, length: int) -> str:
    """Cut a text behind a word."""
    if len(text) <= length:
        return text
    return (text[: length - 1].rsplit(None, 1) or [""])[0][: length - 1] + "…"


def rich(text: str, url: str | None = None) -> Block:
    """Show paragraphs and lists; only our own address becomes a link."""
    elements: list[Block] = []
    for number, (_, content) in enumerate(paragraphs(text)):
        if isinstance(content, str):
            words = ("\n" if number else "") + content + "\n"
            elements.append({"type": "rich_text_section", "elements": list(_words(words, url))})
        else:
            items = [
                {"type": "rich_text_section", "elements": list(_words(item))}
                for item in content
                if item
            ]
            elements.append({"type": "rich_text_list", "style": "bullet", "elements": items})
    return {"type": "rich_text", "elements": elements}


def quote(text: str) -> Block:
    """Restate what a person said."""
    words = list(_words(shortened(text, SAID)))
    return {"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": words}]}


def card(ticket: Ticket, language: Language, parts: Parts) -> Block:
    """Show a ticket to its requester: where it stands, its dates; no personal value."""
    phrases, calendar = language.phrases, parts.assistant.desk.casework.calendar
    rows = [
        (phrases.page_reference, ticket.reference),
        (phrases.page_status, status(ticket.status, language)),
        (phrases.page_received, day(calendar.day_of(ticket.received_at), language)),
        (phrases.page_due, day(ticket.due_on, language)),
    ]
    if ticket.stop_by:
        rows.append((phrases.page_stop_by, day(ticket.stop_by, language)))
    fields = [text(f"{name}\n{value}", VALUE) for name, value in rows]
    return {"type": "section", "fields": fields}


def text(words: str, length: int) -> Block:
    """Write words as plain text."""
    return {"type": "plain_text", "text": shortened(words, length), "emoji": False}


def rows(buttons: Sequence[Button]) -> list[Block]:
    """Show buttons that stand for words."""
    elements = [
        {
            "type": "button",
            "action_id": f"say-{number}",
            "text": text(one.label, LABEL),
            "value": one.value[:VALUE],
        }
        for number, one in enumerate(buttons[:ELEMENTS])
    ]
    return [{"type": "actions", "elements": elements}] if elements else []


def _words(words: str, url: str | None = None) -> Iterator[Block]:
    before, found, after = words.partition(url) if url else (words, "", "")
    for part in (before, found, after):
        if part and part == url:
            yield {"type": "link", "url": part}
            continue
        for start in range(0, len(part), TEXT):
            yield {"type": "text", "text": part[start : start + TEXT]}


def _sources(reply: Reply, language: Language, parts: Parts) -> list[Block]:
    elements: list[Block] = []
    for number, name in enumerate(reply.sections):
        place = place_of(name, reply.language, parts)
        title = " · ".join(part for part in (place["number"], place["title"]) if part)
        named = language.phrases.page_related if number else language.phrases.page_source
        label = f"{shortened(title, TITLE)} ({shortened(place['policy'], TITLE)})"
        elements += [
            {"type": "text", "text": ("\n" if number else "") + f"{named}: "},
            {"type": "link", "url": place["url"], "text": label},
        ]
    if not elements:
        return []
    section = {"type": "rich_text_section", "elements": elements}
    return [{"type": "rich_text", "elements": [section]}]


def _buttons(reply: Reply, language: Language) -> list[Button]:
    person = button(language.phrases.talk_to_person)
    found = dict.fromkeys((*reply.buttons, *reply.suggestions))
    if reply.kind is not Kind.HUMAN:
        found[person] = None
    return list(found)


def _thumbs(reply: Reply, language: Language) -> Block:
    rated = {
        "kind": reply.kind.value,
        "section": reply.sections[0] if reply.sections else "",
        "language": reply.language,
    }

    def thumb(label: str, helpful: str) -> Block:
        return {
            "text": text(label, LABEL),
            "accessibility_label": label[:LABEL],
            "value": json.dumps({**rated, "helpful": helpful}),
        }

    element = {
        "type": "feedback_buttons",
        "action_id": "rate",
        "positive_button": thumb(language.phrases.slack_helpful, "yes"),
        "negative_button": thumb(language.phrases.slack_unhelpful, "no"),
    }
    return {"type": "context_actions", "elements": [element]}
