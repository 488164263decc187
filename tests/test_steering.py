"""Short replies in a conversation: picking a reading, agreeing, refusing, in every language."""

from dataclasses import replace

import pytest

from bot.parts import Parts
from bot.steering import Steering
from handlers.contract import Act, Choice, Dialogue, Draft, Kind, Reply
from handlers.tickets import Contact, ContactKind
from handlers.wording import label
from knowledge.model import Knowledge

LANGUAGES = ["en", "fr", "nl", "ro"]
CHOICES = (
    Choice(Kind.REQUEST, request="erasure"),
    Choice(Kind.ANSWER, sections=("law_erasure", "legal_obligations")),
    Choice(Kind.NO_ANSWER, sections=("silent_backups",)),
)
ASKED = Dialogue("en", choices=CHOICES, question="what about erasing my old data?")


@pytest.fixture(scope="module")
def steering(knowledge: Knowledge) -> Steering:
    """Give the steering words of the built-in knowledge base."""
    return Steering.of(knowledge)


def reply_to(text: str, dialogue: Dialogue, parts: Parts) -> Reply:
    """Reply to a message in a conversation that stands as given."""
    assistant = parts.assistant
    return assistant.reply(assistant.read(assistant.message(text, "test"), dialogue))


@pytest.mark.parametrize(
    ("text", "kind", "request_type", "section"),
    [
        ("1", Kind.REQUEST, "erasure", None),
        ("the first one", Kind.REQUEST, "erasure", None),
        ("the second", Kind.ANSWER, None, "law_erasure"),
        ("third", Kind.NO_ANSWER, None, None),
    ],
)
def test_a_reading_is_picked_by_its_place(
    text: str, kind: Kind, request_type: str | None, section: str | None, parts: Parts
) -> None:
    reply = reply_to(text, ASKED, parts)
    assert (reply.kind, reply.request) == (kind, request_type)
    if section:
        assert reply.sections[0] == section
    assert reply.dialogue.choices == ()


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_reading_is_picked_by_its_button(code: str, parts: Parts) -> None:
    language = parts.knowledge.languages[code]
    for choice in CHOICES:
        reply = reply_to(label(choice, language), replace(ASKED, language=code), parts)
        assert reply.kind == choice.kind
        assert reply.language == code
    none = reply_to(language.phrases.none_of_these, replace(ASKED, language=code), parts)
    assert none.text == language.phrases.rephrase


def test_the_words_that_led_to_a_choice_go_along(parts: Parts) -> None:
    reply = reply_to("1", ASKED, parts)
    assert reply.dialogue.draft is not None
    assert reply.dialogue.draft.details == ASKED.question


def test_after_a_clarification_any_other_message_stands_by_itself(parts: Parts) -> None:
    reply = reply_to("what does personal data mean?", ASKED, parts)
    assert reply.kind is Kind.ANSWER


def test_nothing_is_asked_back_twice_in_a_row(parts: Parts) -> None:
    for text in ("data", "erase or keep", "info", "hm", "what about it", "4"):
        assert reply_to(text, ASKED, parts).kind is not Kind.CLARIFY


def test_a_clarification_names_its_readings_and_a_way_out(parts: Parts) -> None:
    assistant = parts.assistant
    turn = assistant.read(assistant.message("delete", "test", "en"))
    reply = assistant.reply(replace(turn, kind=Kind.CLARIFY, language="en", choices=CHOICES))
    language = parts.knowledge.languages["en"]
    assert [button.label for button in reply.buttons] == [
        *(label(choice, language) for choice in CHOICES),
        language.phrases.none_of_these,
    ]
    assert reply.dialogue.choices == CHOICES


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_button_is_understood_in_every_language(
    code: str, steering: Steering, knowledge: Knowledge
) -> None:
    phrases = knowledge.languages[code].phrases
    for text in (phrases.yes_file, phrases.do_it, phrases.pass_on, phrases.withdraw_yes):
        assert steering.act(text) is Act.AGREE, text
    assert steering.act(phrases.no_change) is Act.DECLINE
    assert steering.act(phrases.cancel) is Act.CANCEL
    assert steering.wants_person(phrases.talk_to_person)


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_word_steers_two_ways(code: str, steering: Steering, knowledge: Knowledge) -> None:
    words = knowledge.languages[code].words
    for act, texts in (
        (Act.AGREE, words.yes),
        (Act.DECLINE, words.no),
        (Act.CANCEL, words.cancel),
        (Act.RESTART, words.restart),
        (Act.WHY, words.why),
    ):
        for text in texts:
            assert steering.act(text) in {act, None}, (text, act)


def test_a_no_in_one_language_is_a_word_of_another(steering: Steering) -> None:
    assert steering.longer_act("nu geen tijd", "nl") is not Act.DECLINE
    assert steering.longer_act("nu, mersi", "ro") is Act.DECLINE
    assert steering.longer_act("yes?", "en") is None


MAIL = Contact(ContactKind.EMAIL, "ana@example.com")


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("kind", ["yes", "no", "cancel", "restart", "why"])
def test_each_steering_word_works_amid_a_request(code: str, kind: str, parts: Parts) -> None:
    draft = Draft("erasure", "test", parts.assistant.now(), (MAIL,), "delete it")
    language = parts.knowledge.languages[code]
    expected = {
        "yes": language.phrases.filed.partition("{")[0],
        "no": language.phrases.declined,
        "cancel": language.phrases.cancelled,
        "restart": language.phrases.restarted,
        "why": language.requests["erasure"].needed,
    }[kind]
    for text in getattr(language.words, kind):
        reply = reply_to(text, Dialogue(code, draft), parts)
        assert expected in reply.text, text
        assert bool(reply.steps) == (kind == "yes"), text


@pytest.mark.parametrize(
    ("code", "text"),
    [
        *[("en", "yes but"), ("en", "ok wait"), ("en", "yes, except the invoices")],
        *[("nl", "ja maar"), ("nl", "ja, wacht"), ("fr", "oui mais"), ("fr", "oui, attendez")],
        *[("ro", "da, dar"), ("ro", "da stai"), ("en", "yes?"), ("ro", "da?")],
    ],
)
def test_a_yes_with_a_reserve_files_nothing(code: str, text: str, parts: Parts) -> None:
    draft = Draft("erasure", "test", parts.assistant.now(), (MAIL,), "delete it")
    reply = reply_to(text, Dialogue(code, draft), parts)
    assert not reply.steps
    assert reply.dialogue.draft is not None


def test_a_person_takes_over_with_all_that_was_said(parts: Parts) -> None:
    draft = Draft("erasure", "test", parts.assistant.now(), (MAIL,), "delete my old account")
    reply = reply_to("Talk to a person", Dialogue("en", draft), parts)
    assert reply.kind is Kind.HUMAN
    assert "delete my old account" in reply.text
    assert "ana@example.com" in reply.text


def test_a_withdrawal_can_be_refused(parts: Parts) -> None:
    reply = reply_to("no", Dialogue("en", withdraw="PR-7F3K-9Q2M"), parts)
    assert reply.text == parts.knowledge.languages["en"].phrases.all_right
    gone = reply_to("yes", Dialogue("en", withdraw="PR-7F3K-9Q2M"), parts)
    assert gone.text == parts.knowledge.languages["en"].phrases.status_none
    assert not gone.steps


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_wish_for_another_language_is_followed(code: str, parts: Parts) -> None:
    for wish in parts.knowledge.languages[code].words.switch:
        assert reply_to(wish, Dialogue("en" if code != "en" else "nl"), parts).language == code


def test_ok_merci_a_name_or_an_address_never_change_the_language(parts: Parts) -> None:
    for text in ("ok", "merci", "Jan Peeters", "ana@example.com", "🙂", "0470 12 34 56", "bonjour"):
        assert reply_to(text, Dialogue("ro"), parts).language == "ro", text
    long = "Je voudrais savoir quelles données vous avez sur moi, s'il vous plaît."
    assert reply_to(long, Dialogue("ro"), parts).language == "fr"


def test_two_words_in_another_language_are_understood_in_it(parts: Parts) -> None:
    reply = reply_to("arrêtez la publicité", Dialogue("en"), parts)
    assert reply.request == "marketing_opt_out"
