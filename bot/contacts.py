"""Finds the addresses and numbers in a message, and brings each into one spelling."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from handlers.tickets import Contact, ContactKind
from knowledge.model import Knowledge
from knowledge.text import fold

MAIL = re.compile(r"[^\s<>()\[\],;:|\"“”„«»]+@[^\s<>()\[\],;:|\"“”„«»]+")
DIGITS = re.compile(r"[0-9][0-9 ./-]{2,}[0-9]|[0-9]{3,}")
CUSTOMER = re.compile(r"\b[A-Za-z]{0,3}[-.]?\d{3,12}\b")
DIGIT = re.compile(r"\d")
NAME = re.compile(r"[^\W\d_]{4,}")
NUMBER = re.compile(r"[+(]*\d[\d ()./-]*")
POSTAL_NAMES = 2
"""Longer words and commas that a postal address has at least: street, town."""


@dataclass(frozen=True)
class ContactFinder:
    """Finds addresses and numbers in messages of one controller's people."""

    knowledge: Knowledge
    country: str
    refusing: re.Pattern[str]
    """An address or number that a message says is the wrong one."""

    @classmethod
    def of(cls, knowledge: Knowledge, country: str) -> "ContactFinder":
        """Make one for a knowledge base and the controller's country."""
        return cls(knowledge, country, refusing(knowledge))

    def named(self, text: str, language: str) -> tuple[Contact, ...]:
        """Give the addresses and numbers of a message, without those that it calls wrong.

        Where none is left, the message is about the one that it refuses.
        """
        return self.meant(text, language) or find(text, self.knowledge, self._countries(language))

    def meant(self, text: str, language: str) -> tuple[Contact, ...]:
        """Give those that a message does not call wrong."""
        meant = without_refused(text, self.refusing)
        return find(meant, self.knowledge, self._countries(language))

    def asked(self, text: str, language: str) -> tuple[Contact, ...]:
        """Read a reply to the question for an address or number."""
        return find_asked(text, self.knowledge, self._countries(language))

    def _countries(self, language: str) -> tuple[str, ...]:
        """Give the countries of telephone numbers without a country code, the likeliest first."""
        return (self.country, *self.knowledge.languages[language].words.countries)


def find(text: str, knowledge: Knowledge, countries: Sequence[str]) -> tuple[Contact, ...]:
    """Give every e-mail address, telephone number and customer number in a text, each once.

    Args:
        text: the message.
        knowledge: what people call a customer number.
        countries: of telephone numbers without a country code, the likeliest first. Every number
            is read back to the person before anything is done with it.
    """
    return tuple(
        dict.fromkeys((*_emails(text), *_customers(text, knowledge), *_phones(text, countries)))
    )


def find_asked(text: str, knowledge: Knowledge, countries: Sequence[str]) -> tuple[Contact, ...]:
    """Read a reply to the question for an address or number, in which more can be taken as one.

    A bare number is a customer number, and several words with a house number a postal address.
    """
    found = find(text, knowledge, countries)
    if found:
        return found
    bare = text.strip().strip(".!#")
    if CUSTOMER.fullmatch(bare):
        return (Contact(ContactKind.CUSTOMER_NUMBER, bare.upper()),)
    names = len(NAME.findall(text)) + text.count(",")
    if names >= POSTAL_NAMES and DIGIT.search(text) and "?" not in text:
        return (Contact(ContactKind.POSTAL, " ".join(text.split())),)
    return ()


def address(text: str, country: str) -> Contact | None:
    """Read a text that holds one e-mail address or one telephone number, or give None."""
    found = tuple(dict.fromkeys((*_emails(text), *_phones(text, (country,)))))
    return found[0] if len(found) == 1 else None


def find_corrected(text: str, given: tuple[Contact, ...]) -> tuple[Contact, ...]:
    """Read a bare number as the correction of the customer number that was given before."""
    numbers = CUSTOMER.findall(text)
    if len(numbers) == 1 and any(c.kind is ContactKind.CUSTOMER_NUMBER for c in given):
        return (Contact(ContactKind.CUSTOMER_NUMBER, numbers[0].upper()),)
    return ()


def without_refused(text: str, refusing: re.Pattern[str]) -> str:
    """Leave out what a message says an address or number is *not*: ``b@b.com, not a@b.com``."""
    return refusing.sub(" ", text)


def refusing(knowledge: Knowledge) -> re.Pattern[str]:
    """Make the pattern of an address or number behind a word such as ``not`` or ``instead of``."""
    words = {word for lang in knowledge.languages.values() for word in lang.words.not_this}
    named = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    return re.compile(rf"\b(?:{named})\s+(?:{MAIL.pattern}|{NUMBER.pattern})", re.IGNORECASE)


def without_contacts(text: str) -> str:
    """Leave out addresses and numbers."""
    return NUMBER.sub(" ", MAIL.sub(" ", text))


def _emails(text: str) -> Iterator[Contact]:
    for match in MAIL.findall(text):
        try:
            # RFC 2606 names such as example.com are people's way of trying things out
            found = validate_email(
                match.strip(".!?'’").removeprefix("mailto:"),
                check_deliverability=False,
                test_environment=True,
            )
        except EmailNotValidError:
            continue
        yield Contact(ContactKind.EMAIL, found.normalized.lower())


def _phones(text: str, countries: Sequence[str]) -> Iterator[Contact]:
    if not DIGITS.search(text):
        return
    rest = MAIL.sub(" ", text)
    for country in countries:
        for match in phonenumbers.PhoneNumberMatcher(rest, country):
            number = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
            rest = rest.replace(match.raw_string, " ")
            yield Contact(ContactKind.PHONE, number)


def _customers(text: str, knowledge: Knowledge) -> Iterator[Contact]:
    if not DIGITS.search(text):
        return
    folded = fold_keeping_digits(text)
    words = {words for lang in knowledge.languages.values() for words in lang.words.customer_number}
    for match in _customer_pattern(frozenset(words)).finditer(folded):
        yield Contact(ContactKind.CUSTOMER_NUMBER, match.group(1).upper())


@lru_cache(maxsize=8)
def _customer_pattern(words: frozenset[str]) -> re.Pattern[str]:
    """Make the pattern of a customer number behind one of these words, the longest first."""
    folded = sorted((fold(text).strip() for text in words), key=len, reverse=True)
    named = "|".join(map(re.escape, folded))
    return re.compile(rf"\b(?:{named})\W{{0,4}}([a-z]{{0,3}}[-.]?\d{{3,12}})\b")


def fold_keeping_digits(text: str) -> str:
    """Fold a text like :func:`knowledge.text.fold`, number by number left as it is."""
    parts = re.split(r"(\d+)", text)
    return "".join(part if part.isdigit() else fold(part) for part in parts)
