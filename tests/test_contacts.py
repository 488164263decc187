"""Addresses and numbers in messages, each in its one spelling."""

import pytest

from bot.contacts import find, find_asked, refusing, without_refused
from knowledge.model import Knowledge


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Jan@Example.COM", ["email Jan@Example.COM"]),
        (
            "mail: <jan@example.com>, or ana@example.org!",
            ["email jan@example.com", "email ana@example.org"],
        ),
        ("<mailto:jan@example.com|jan@example.com>", ["email jan@example.com"]),
        ("jan@example.com jan@example.com", ["email jan@example.com"]),
        ("0470 12 34 56", ["phone +32470123456"]),
        ("+32 (0)3 234 56 78 or 0032470123456", ["phone +3232345678", "phone +32470123456"]),
        ("my customer number is 40456", []),
        ("customer number 40456", ["customer_number 40456"]),
        ("klantnummer: K-40456", ["customer_number K-40456"]),
        ("numéro de client 40456", ["customer_number 40456"]),
        ("numărul de client 40456", ["customer_number 40456"]),
        ("PR-7F3K-9Q2M, invoice 2024-118, 20:30, 1000 euro", []),
        ("not an address: jan@, @example.com, jan@@example.com", []),
        ("", []),
    ],
)
def test_what_stands_in_a_message(text: str, found: list[str], knowledge: Knowledge) -> None:
    contacts = [f"{c.kind} {c.value}" for c in find(text, knowledge, ["BE"])]
    assert sorted(map(str.lower, contacts)) == sorted(map(str.lower, found))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("40456", "customer_number 40456"),
        ("K-40456.", "customer_number K-40456"),
        ("Kerkstraat 5, 2000 Antwerpen", "postal Kerkstraat 5, 2000 Antwerpen"),
    ],
)
def test_a_reply_to_the_question_may_be_bare(text: str, found: str, knowledge: Knowledge) -> None:
    [contact] = find_asked(text, knowledge, ["BE"])
    assert f"{contact.kind} {contact.value}" == found


@pytest.mark.parametrize("text", ["Jan", "the same as before", "do you need all 3 of them?"])
def test_other_words_are_no_address(text: str, knowledge: Knowledge) -> None:
    assert find_asked(text, knowledge, ["BE"]) == ()


def test_the_same_address_in_capitals_is_the_same(knowledge: Knowledge) -> None:
    assert find("Jan@X.be", knowledge, ["BE"]) == find(" jan@x.be ", knowledge, ["BE"])
    assert find("jan+news@x.be", knowledge, "BE") != find("jan@x.be", knowledge, "BE")


@pytest.mark.parametrize(
    ("text", "language", "number"),
    [
        ("0470 12 34 56", "ro", "+32470123456"),
        ("0722 123 456", "ro", "+40722123456"),
        ("06 12 34 56 78", "nl", "+31612345678"),
        ("06 12 34 56 78", "fr", "+33612345678"),
        ("07911 123456", "en", "+447911123456"),
    ],
)
def test_numbers_without_country_code_are_of_the_controller_s_country_or_the_speaker_s(
    text: str, language: str, number: str, knowledge: Knowledge
) -> None:
    countries = ["BE", *knowledge.languages[language].words.countries]
    assert [c.value for c in find(text, knowledge, countries)] == [number]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("ana@example.com, not jan@example.com", "ana@example.com"),
        ("in loc de jan@example.com folosiți ana@example.com", "ana@example.com"),
        ("het is 0470 12 34 56, niet 0470 65 43 21", "+32470123456"),
        ("ana@example.com au lieu de jan@example.com", "ana@example.com"),
    ],
)
def test_what_is_called_wrong_is_left_out(text: str, kept: str, knowledge: Knowledge) -> None:
    rest = without_refused(text, refusing(knowledge))
    assert [c.value for c in find(rest, knowledge, ["BE"])] == [kept]
