"""Slack's markup: read out of what people write, and never live in what is written to them.

Blocks hold their words as plain or rich text, in which nothing is markup. What is left is the text
beside the blocks, which notifications and screen readers use, and which Slack reads as markup.
"""

import html
import re

CONTROL = re.compile(r"<([^<>]*)>")
"""What Slack puts between angle brackets; those that people type come as entities."""
EDGE = re.compile(r"(?<!\w)_|_(?!\w)")
"""An underline that could begin or end italics; those within a word or an address cannot."""
HARMLESS = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ"})
"""Marks of bold, struck and code -> signs that look like them."""


def plain(text: str, bot: str | None = None) -> str:
    """Give the words that a person typed: no mention of the bot, links by what they show."""

    def shown(match: re.Match[str]) -> str:
        target, _, label = match.group(1).partition("|")
        match target[:1]:
            case "@":
                return "" if target[1:] == bot else f"@{label or target[1:]}"
            case "#":
                return f"#{label or target[1:]}"
            case "!":
                return label or f"@{target[1:].partition('^')[0]}"
            case _:
                return label or target.removeprefix("mailto:").removeprefix("tel:")

    # one pass each, the entities last: what a person typed between brackets is no markup
    return html.unescape(CONTROL.sub(shown, text)).strip()


def mentioned(text: str) -> frozenset[str]:
    """Give the ids of the users whom a message mentions."""
    targets = (found.partition("|")[0] for found in CONTROL.findall(text))
    return frozenset(target[1:] for target in targets if target.startswith("@"))


def harmless(text: str) -> str:
    """Write words so that Slack shows them as they are, and calls nobody."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return EDGE.sub("ˍ", escaped.translate(HARMLESS))
