"""What messages are taken to mean: measured on the labelled ones, and on what each signal does."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from rapidfuzz import fuzz, process

from bot.evaluate import FIGURES, Label, evaluate_all, scoreboard, share
from bot.parts import Parts
from bot.predict import predict
from handlers.contract import Kind
from knowledge.meanings import Group, Meaning, examples
from knowledge.model import Knowledge
from knowledge.search import Index
from knowledge.text import clean, fold, plain

EVAL = Path(__file__).resolve().parents[2] / "shared" / "eval"
FILES = [EVAL / f"dev-{code}.jsonl" for code in ("ro", "en", "nl", "fr")]
NEAR_COPY = 80
"""Likeness, of 100, from which an example counts as a copy of a labelled message."""
OWN_WORDS = 12
"""Letters that a message needs to be somebody's: "stop" and "hello" are everybody's."""

needs_labels = pytest.mark.skipif(
    not all(path.exists() for path in FILES),
    reason="labelled messages are not beside this checkout",
)


def labels() -> list[Label]:
    """Read the labelled messages."""
    return [
        Label.model_validate_json(line)
        for path in FILES
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


MESSAGES = sorted((Path(__file__).parent / "messages").glob("*.jsonl"))


def test_messages_written_by_others_are_understood_well_enough(learnt: Parts) -> None:
    # written and labelled by people who had not seen the examples; each set was measured once
    # before it came here, and now only guards what was reached
    judged_by_set = {
        path.stem: evaluate_all(
            [Label.model_validate_json(line) for line in path.read_text("utf-8").splitlines()],
            learnt.assistant,
        )
        for path in MESSAGES
    }
    assert len(judged_by_set) == 5
    everything = [row for judged in judged_by_set.values() for row in judged]
    figures = {figure.name: share(figure, everything) for figure in FIGURES}
    board = scoreboard(everything)
    assert (figures["CORRECT"] or 0) >= 0.92, board
    assert (figures["FALSE TICKETS"] or 0) <= 0.015, board
    assert (figures["FALSE ANSWERS"] or 0) <= 0.02, board
    for name, judged in judged_by_set.items():
        assert (share(FIGURES[0], judged) or 0) >= 0.88, (name, scoreboard(judged))


@needs_labels
def test_the_labelled_messages_are_understood_well_enough(learnt: Parts) -> None:
    judged = evaluate_all(labels(), learnt.assistant)
    figures = {figure.name: share(figure, judged) for figure in FIGURES}
    board = scoreboard(judged)
    assert (figures["CORRECT"] or 0) >= 0.90, board
    assert (figures["requests found"] or 0) >= 0.94, board
    assert (figures["section in 3"] or 0) >= 0.95, board
    assert (figures["FALSE TICKETS"] or 0) <= 0.015, board
    assert (figures["FALSE ANSWERS"] or 0) <= 0.10, board
    assert (figures["clarified"] or 0) <= 0.08, board
    assert (figures["language"] or 0) >= 0.98, board
    for code in ("ro", "en", "nl", "fr"):
        own = [row for row in judged if row.label.lang == code]
        assert (share(FIGURES[0], own) or 0) >= 0.87, board


@needs_labels
def test_our_scoreboard_agrees_with_the_evaluations_own(learnt: Parts, tmp_path: Path) -> None:
    known = labels()
    guesses = tmp_path / "guesses.jsonl"
    guesses.write_text(
        "\n".join(predict(learnt.assistant, x.id, x.text).model_dump_json() for x in known)
    )
    score = [sys.executable, str(EVAL / "score.py"), "--json", str(guesses), *map(str, FILES)]
    theirs = json.loads(subprocess.run(score, capture_output=True, check=True).stdout)
    judged = evaluate_all(known, learnt.assistant)
    names = {
        "CORRECT": "correct",
        "outcome": "right",
        "assisted": "assisted",
        "section first": "hit1",
        "section in 3": "hit3",
        "requests found": "request_found",
        "FALSE TICKETS": "false_ticket",
        "FALSE ANSWERS": "false_answer",
        "clarified": "clarify",
        "language": "language",
    }
    for figure in FIGURES:
        assert share(figure, judged) == pytest.approx(theirs["all"][names[figure.name]], abs=1e-4)


@needs_labels
@pytest.mark.parametrize("code", ["ro", "en", "nl", "fr"])
def test_no_example_is_a_near_copy_of_a_labelled_message(code: str, knowledge: Knowledge) -> None:
    labelled = [words for label in labels() if len(words := plain(label.text)) >= OWN_WORDS]
    copies = [
        (text, found[0])
        for _, text in examples(knowledge.languages[code])
        if (
            found := process.extractOne(
                plain(text), labelled, scorer=fuzz.token_sort_ratio, score_cutoff=NEAR_COPY
            )
        )
    ]
    assert not copies


PLAIN_WISHES = {
    "marketing_opt_out": [
        *["stop marketing", "opriți marketingul", "stop met reclame sturen"],
        "arrêtez la publicité",
    ],
    "access": [
        *["what data do you hold on me", "ce date aveți despre mine"],
        *["welke gegevens hebben jullie over mij", "quelles données avez-vous sur moi"],
    ],
    "erasure": [
        *["delete my data", "ștergeți datele mele", "verwijder mijn gegevens"],
        "supprimez mes données",
    ],
    "rectification": [
        *["correct my data", "corectați-mi datele", "verbeter mijn gegevens"],
        "rectifiez mes données",
    ],
}


@pytest.mark.parametrize(
    ("request_type", "text"),
    [(name, text) for name, texts in PLAIN_WISHES.items() for text in texts],
)
def test_the_plainest_wishes_are_understood(request_type: str, text: str, learnt: Parts) -> None:
    read = predict(learnt.assistant, None, text)
    offered = {(choice.kind, choice.request) for choice in read.choices}
    answers_with_an_offer = read.kind == "answer" and any(
        learnt.knowledge.languages[str(read.language)].sections[name].request == request_type
        for name in read.sections[:1]
    )
    assert (
        (read.kind, read.request) == ("request", request_type)
        or ("request", request_type) in offered
        or answers_with_an_offer
    ), read


def test_addresses_and_numbers_do_not_change_what_is_meant(learnt: Parts) -> None:
    bare = predict(learnt.assistant, None, "please delete my data")
    for extra in ("ana.stop@marketing.example.com", "0470 12 34 56", "+32 3 123 45 67"):
        same = predict(learnt.assistant, None, f"please delete my data {extra}")
        assert (same.kind, same.request) == (bare.kind, bare.request)


def test_a_slip_of_the_keyboard_is_seen_through(learnt: Parts) -> None:
    for text in ("plaese delte my persnal data", "stergeti datele mele va rgo"):
        assert predict(learnt.assistant, None, text).request == "erasure"


def test_romanian_is_understood_without_its_marks() -> None:
    assert fold("Ștergeți Țara ÎN mână") == "stergeti tara in mana"


def test_what_nobody_types_is_dropped() -> None:
    assert clean(" a\u0000b\u200bc\u202ed\n") == "a bcd"
    assert clean("\u200b\ufeff") == ""
    assert clean("👩‍💻") == "👩‍💻"


def test_every_message_gets_one_of_the_eight_kinds(learnt: Parts) -> None:
    for text in ("?", "...", "a", "1234", "ok", "🙂", "مرحبا كيف حالك", "x" * 4000, "да", "<b>"):
        assert predict(learnt.assistant, None, text).kind in set(Kind)


def test_very_many_examples_are_read_by_the_votes_of_the_nearest(
    monkeypatch: pytest.MonkeyPatch, knowledge: Knowledge
) -> None:
    pairs = list(examples(knowledge.languages["en"]))
    monkeypatch.setattr("knowledge.search.FITTED", len(pairs) - 1)
    index = Index.of(pairs)
    assert index.weights is None
    for text, request in (
        ("please delete my data", "erasure"),
        ("stop marketing", "marketing_opt_out"),
    ):
        assert index.read(text)[0].meaning == Meaning(Group.REQUEST, request)


def test_the_shares_of_all_readings_are_one(learnt: Parts) -> None:
    readings = learnt.assistant.understanding.reader.indexes["en"].read(
        "what do you know about me?"
    )
    assert sum(reading.share for reading in readings) == pytest.approx(1, abs=1e-3)
    assert readings == sorted(readings, key=lambda reading: -reading.share)
