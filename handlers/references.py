"""A ticket's reference: random, unguessable, and fit to be read out on the phone."""

import re
import secrets

from stdnum.iso7064 import mod_37_36

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Digits and letters that are not mistaken for each other on the phone (no I, L, O, U)."""

REFERENCE = re.compile(r"\bPR[- ]?[0-9A-Z]{4}[- ]?[0-9A-Z]{4}\b", re.IGNORECASE)
"""What may be a reference in a message, a mistyped one too."""
KEY = re.compile(r"(?<![\w-])(?=[\w-]*\d)[\w-]{22}(?![\w-])")
"""What may be the key of a follow link."""
LINK = re.compile(r"https?://\S+")
LENGTH = 8
"""Characters of a reference after ``PR-``, the last one being the check character."""


def new_reference() -> str:
    """Draw a ticket's reference, such as ``PR-7F3K-9Q2M``.

    35 random bits, and as the last character the ISO 7064 hybrid check character over
    :data:`ALPHABET`, so that a slip of the tongue is noticed.
    """
    body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    code = body + mod_37_36.calc_check_digit(body, alphabet=ALPHABET)
    return f"PR-{code[:4]}-{code[4:]}"


def read_reference(text: str) -> str | None:
    """Give a reference in its one spelling, or None where the text is none.

    Spaces and dashes do not matter, nor do small letters, O for 0, and I or L for 1.
    """
    code = "".join(c for c in text.upper() if c.isalnum())
    code = code.removeprefix("PR").translate(str.maketrans("OIL", "011"))
    if len(code) != LENGTH or not mod_37_36.is_valid(code, alphabet=ALPHABET):
        return None
    return f"PR-{code[:4]}-{code[4:]}"


def named(text: str) -> tuple[str, ...]:
    """Give the references in a message that are written right, in their one spelling."""
    found = (read_reference(written) for written in REFERENCE.findall(text))
    return tuple(dict.fromkeys(reference for reference in found if reference))


def named_key(text: str) -> str | None:
    """Give the key of a follow link that was pasted, or typed behind the reference."""
    found = KEY.search(text)
    return found and found.group()


def without_references(text: str) -> str:
    """Leave out follow links, references and keys, to read what else a message says."""
    rest = KEY.sub(" ", LINK.sub(" ", text))
    return REFERENCE.sub(lambda found: " " if _told_from_words(found.group()) else found[0], rest)


def names_reference(text: str) -> bool:
    """Tell whether a message names a ticket, its reference mistyped or not."""
    return any(_told_from_words(found) for found in REFERENCE.findall(text))


def _told_from_words(found: str) -> bool:
    # a digit or a dash tells a reference from words such as "processing" and "primit unul"
    return re.search(r"[\d-]", found) is not None
