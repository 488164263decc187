"""Brings messages into one form, in which the same words look the same."""

import re
import unicodedata

MAIL = re.compile(r"\S+@\S+")
NUMBER = re.compile(r"\+?\d[\d ./-]{2,}")
REPEATED = re.compile(r"(.)\1{2,}")
TOKEN = re.compile(r"[a-z]+|\d+|[?!]|[^\w\s.,;:'\"-]")
APOSTROPHES = str.maketrans(dict.fromkeys("’‘`´ʼ", "'"))
CONTROL = dict.fromkeys((*range(32), 127), " ")


def clean(text: str) -> str:
    """Drop what nobody types: control and invisible formatting characters, outer space."""
    text = unicodedata.normalize("NFC", text).translate({**CONTROL, 10: "\n"})
    kept = (c for c in text if c == "\u200d" or unicodedata.category(c) not in {"Cf", "Cs", "Co"})
    return "".join(kept).strip()


def fold(text: str) -> str:
    """Write without capitals, accents, long repeats, addresses and numbers.

    Whose address or number it is tells nothing of what is meant.
    """
    text = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(c for c in text if not unicodedata.combining(c)).translate(APOSTROPHES)
    text = MAIL.sub(" ", text)
    text = NUMBER.sub(" ", text)
    return REPEATED.sub(r"\1\1", text)


def tokens(folded: str) -> list[str]:
    """Split a folded message into words, numbers, question and exclamation marks, emoji."""
    return TOKEN.findall(folded)


def plain(text: str) -> str:
    """Give the words alone, for comparing short replies such as ``Yes, please!``."""
    folded = fold(text)
    words = [t for t in tokens(folded) if t not in {"?", "!"}]
    return " ".join(words)
