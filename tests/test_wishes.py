"""Several wishes in one message, messages in other languages, and why a message is read so."""

import pytest

from bot.explain import explained
from bot.parts import Parts
from handlers.contract import Turn


def read(parts: Parts, text: str) -> Turn:
    return parts.assistant.read(parts.assistant.message(text, "test"))


@pytest.mark.parametrize(
    "text",
    [
        "send me a copy of my data, then delete everything you have about me",
        "ștergeți-mi datele, dar mai întâi trimiteți-mi o copie a datelor mele",
        "verwijder al mijn gegevens, maar stuur mij eerst een kopie van mijn gegevens",
        "supprimez mes données, mais d'abord envoyez-moi une copie de mes données",
    ],
)
def test_what_is_to_be_deleted_is_sent_first(text: str, learnt: Parts) -> None:
    turn = read(learnt, text)
    assert (turn.request, turn.then) == ("access", ("erasure",))


@pytest.mark.parametrize(
    "text",
    [
        "please delete my data, I moved to another provider and I have no more use for it",
        "don't delete anything, just send me a copy of my data",
        "stop marketing, please, thank you and goodbye",
    ],
)
def test_one_wish_is_one_wish(text: str, learnt: Parts) -> None:
    assert read(learnt, text).then == ()


@pytest.mark.parametrize(
    ("text", "then"),
    [
        (
            "send me a copy of my data, stop the marketing, and then delete everything",
            ("marketing_opt_out", "erasure"),
        ),
        ("vreau o copie a datelor mele și să nu mai primesc reclame", ("marketing_opt_out",)),
        ("stuur me een kopie van mijn gegevens en stop de reclame", ("marketing_opt_out",)),
        ("envoyez-moi une copie de mes données et supprimez mon dossier", ("erasure",)),
    ],
)
def test_every_wish_of_a_message_waits_its_turn(
    text: str, then: tuple[str, ...], learnt: Parts
) -> None:
    turn = read(learnt, text)
    assert (turn.request, turn.then) == ("access", then)


@pytest.mark.parametrize(
    "text",
    [
        "delete my data, and how long does that take?",
        "ștergeți datele mele ana@example.com. cât durează?",
        "verwijder mijn gegevens en hoelang duurt dat?",
        "supprimez mes données. combien de temps cela prend-il ?",
    ],
)
def test_a_short_question_beside_a_wish_is_answered_too(text: str, learnt: Parts) -> None:
    turn = read(learnt, text)
    assert (turn.request, turn.aside) == ("erasure", "law_deadline")


def test_an_address_makes_the_wish_beside_a_question_more_than_a_question(learnt: Parts) -> None:
    question = "Do you share my address with others?"
    assert read(learnt, question).request is None
    turn = read(learnt, f"stop marketing to ana@example.com. {question}")
    assert (turn.request, turn.aside) == ("marketing_opt_out", "silent_recipients")


@pytest.mark.parametrize(
    "text",
    [
        "bitte löschen Sie mein Konto",
        "quiero que borren mis datos",
        "Proszę usunąć moje dane",
        "удалите мои данные пожалуйста",
        "我想 删除 我的 数据",
    ],
)
def test_other_languages_are_told_apart(text: str, learnt: Parts) -> None:
    assert read(learnt, text).theme == "other_language"


def test_slips_make_no_other_language(learnt: Parts) -> None:
    assert read(learnt, "plaese delte my persnal data").theme is None


def test_a_reading_is_explained_by_its_words_and_examples(learnt: Parts) -> None:
    turn = read(learnt, "plaese delte my account data")
    shown = explained(turn, learnt.assistant.understanding)
    assert "taken as   request erasure" in shown
    assert "delte -> delete" in shown
    counted = [line.split() for line in shown.splitlines() if line.startswith(("+", "-"))]
    assert max(counted, key=lambda parts: float(parts[0]))[-1] == "delete"
    assert "(request erasure)" in shown
