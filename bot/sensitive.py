"""Masks what nobody should type into a chat: payment cards and national identity numbers.

The privacy team never needs them to find a person. They are masked in the message before anything
is understood, kept or shown, so that no part of the program ever holds them.
"""

import re
from collections.abc import Callable

from stdnum import luhn
from stdnum.be import nn
from stdnum.fr import nir
from stdnum.nl import bsn
from stdnum.ro import cnp

CARD_LENGTHS = range(13, 20)
MASK = "•"
DIGITS = re.compile(r"(?<![\w+.@/-])\d(?:[ ./-]{0,3}\d){8,18}(?![\w@])")
"""A number as people write it, with blanks, points and dashes; no telephone number with a plus."""
NAMED_BSN = re.compile(r"\b(?:bsn|burgerservicenummer|sofi-?nummer)\b\W*$", re.IGNORECASE)
"""Behind such a word nine digits are a Dutch citizen service number; else any number may be."""
BEFORE = 40
"""Characters in front of a number in which its name is looked for."""


def _card(digits: str) -> bool:
    # ISO/IEC 7812: payment cards begin with 2 to 6; the last digit is a check (Luhn)
    return len(digits) in CARD_LENGTHS and digits[0] in "23456" and luhn.is_valid(digits)


NUMBERS: tuple[Callable[[str], bool], ...] = (_card, nn.is_valid, cnp.is_valid, nir.is_valid)
"""Each kind of number, told by its length and check digits."""


def masked(text: str) -> str:
    """Replace the digits of payment cards and national numbers; other text stays as it is."""

    def mask(match: re.Match[str]) -> str:
        written = match.group()
        digits = re.sub(r"\D", "", written)
        named = NAMED_BSN.search(text[max(0, match.start() - BEFORE) : match.start()])
        secret = any(is_one(digits) for is_one in NUMBERS) or (named and bsn.is_valid(digits))
        return re.sub(r"\d", MASK, written) if secret else written

    return DIGITS.sub(mask, text)
