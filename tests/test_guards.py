"""What stands in front of the pages and the API: limits, headers, other websites, masks."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from bot.app import create_app
from bot.channels.guards import network
from bot.parts import Parts
from bot.sensitive import masked
from tests.conftest import Person

SHOP = "https://shop.example.com"

Make = Callable[..., Parts]


@pytest.fixture
def client(make_parts: Make) -> FlaskClient:
    """Give a client of a server that lets one website show the chat."""
    return create_app(make_parts(PRIVACY_ASSISTANT_ALLOWED_ORIGINS=SHOP)).test_client()


def ask(client: FlaskClient, **call: object) -> object:
    return client.post("/api/v1/messages", json={"text": "hello", "language": "fr"}, **call)


# how often one address may call


def test_over_the_limit_a_call_waits_and_hears_so_in_its_language(make_parts: Make) -> None:
    parts = make_parts(PRIVACY_ASSISTANT_MESSAGES_PER_MINUTE="3")
    client = create_app(parts).test_client()
    answers = [ask(client) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3].headers["Retry-After"] == "60"
    phrase = parts.knowledge.languages["fr"].phrases.limit_messages
    said = answers[3].get_json()["error"]
    assert said == {
        "code": "limit_messages",
        "message": phrase.format(company=parts.knowledge.company),
    }
    # reading is not counted
    assert client.get("/chat").status_code == 200


def test_the_limit_holds_across_processes_and_for_each_address_apart(make_parts: Make) -> None:
    settings = {
        "PRIVACY_ASSISTANT_MESSAGES_PER_MINUTE": "1",
        "PRIVACY_ASSISTANT_TRUSTED_PROXIES": "1",
    }
    one, two = (create_app(make_parts(**settings)).test_client() for _ in range(2))
    here, there = {"X-Forwarded-For": "192.0.2.1"}, {"X-Forwarded-For": "192.0.2.2"}
    assert ask(one, headers=here).status_code == 200
    assert ask(two, headers=here).status_code == 429
    assert ask(two, headers=there).status_code == 200


def test_without_trusted_proxies_nobody_names_another_address(make_parts: Make) -> None:
    client = create_app(make_parts(PRIVACY_ASSISTANT_MESSAGES_PER_MINUTE="1")).test_client()
    statuses = [
        ask(client, headers={"X-Forwarded-For": f"192.0.2.{n}"}).status_code for n in range(2)
    ]
    assert statuses == [200, 429]


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (None, ""),
        ("not an address", ""),
    ],
)
def test_a_caller_is_an_address_or_a_household_s_network(address: str | None, counted: str) -> None:
    assert network(address) == counted


def test_too_many_messages_of_one_conversation_wait_too(make_parts: Make) -> None:
    parts = make_parts(PRIVACY_ASSISTANT_MESSAGES_PER_MINUTE="0")
    client = create_app(parts).test_client()
    token = ask(client).get_json()["conversation"]
    for _ in range(30):
        answer = client.post("/api/v1/messages", json={"text": "merci", "conversation": token})
    assert answer.status_code == 200
    answer = client.post("/api/v1/messages", json={"text": "merci", "conversation": token})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert parts.knowledge.company in answer.get_json()["error"]["message"]


# other websites


def test_only_an_allowed_website_may_call_and_without_credentials(client: FlaskClient) -> None:
    asked = client.options(
        "/api/v1/messages",
        headers={
            "Origin": SHOP,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type",
        },
    )
    assert asked.headers["Access-Control-Allow-Origin"] == SHOP
    assert "content-type" in asked.headers["Access-Control-Allow-Headers"].lower()
    assert "Access-Control-Allow-Credentials" not in asked.headers
    answer = ask(client, headers={"Origin": SHOP})
    assert answer.headers["Access-Control-Allow-Origin"] == SHOP
    stranger = ask(client, headers={"Origin": "https://evil.example.com"})
    assert "Access-Control-Allow-Origin" not in stranger.headers


@pytest.mark.parametrize("path", ["/api/v1/suppressions/check", "/chat", "/requests/PR-1"])
def test_no_website_may_call_the_rest(path: str, client: FlaskClient) -> None:
    answer = client.get(path, headers={"Origin": SHOP})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_any_website_may_load_the_script(client: FlaskClient) -> None:
    answer = client.get("/widget.js", headers={"Origin": "https://evil.example.com"})
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "__LAUNCHER__" not in answer.text
    assert answer.text.isascii() or "charset=utf-8" in answer.headers["Content-Type"]


@pytest.mark.parametrize(
    ("path", "way"),
    [("/widget.js", "gzip"), ("/widget.js", "br"), ("/static/style.css", "gzip")],
)
def test_files_are_compressed(path: str, way: str, client: FlaskClient) -> None:
    with client.get(path) as plain, client.get(path, headers={"Accept-Encoding": way}) as packed:
        assert packed.headers["Content-Encoding"] == way
        assert "Accept-Encoding" in packed.headers["Vary"]
        assert len(packed.data) < len(plain.data) / 2


def test_pages_and_replies_are_not(client: FlaskClient) -> None:
    asked = {"Accept-Encoding": "gzip, br"}
    assert "Content-Encoding" not in client.get("/chat", headers=asked).headers
    assert "Content-Encoding" not in ask(client, headers=asked).headers


# headers


def test_pages_are_strict(client: FlaskClient) -> None:
    headers = client.get("/chat").headers
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Strict-Transport-Security" not in headers
    assert "Set-Cookie" not in headers


def test_https_only_by_setting(make_parts: Make) -> None:
    client = create_app(make_parts(PRIVACY_ASSISTANT_HSTS_DAYS="2")).test_client()
    assert client.get("/chat").headers["Strict-Transport-Security"] == "max-age=172800"


# texts, sections, thumbs


def test_the_chat_s_texts_are_whole_in_every_language(client: FlaskClient, parts: Parts) -> None:
    for code, language in parts.knowledge.languages.items():
        given = client.get(f"/api/v1/texts/{code}").get_json()
        assert given["languages"][code] == language.words.name
        assert given["policy_url"].endswith(f"/policy/{code}")
        assert len(given["suggestions"]) == 4
        assert not [text for text in given["texts"].values() if "{company}" in text]
    assert client.get("/api/v1/texts/xx").status_code == 404


def test_a_whole_section_is_what_the_policy_shows(client: FlaskClient, parts: Parts) -> None:
    for code, language in parts.knowledge.languages.items():
        for name, section in language.sections.items():
            given = client.get(f"/api/v1/sections/{code}/{name}").get_json()
            words = " ".join(
                part for b in given["blocks"] for part in ([b["text"]] if b["text"] else b["items"])
            )
            assert words.split() == re.sub(r"(?m)^- ", "", section.text).split()
            assert given["title"] == section.title
    assert client.get("/api/v1/sections/en/nothing").status_code == 404
    assert client.get("/api/v1/sections/xx/marketing").status_code == 404


def test_a_thumb_keeps_codes_and_the_question_only_where_it_is_sent(make_parts: Make) -> None:
    parts = make_parts()
    client = create_app(parts).test_client()
    thumb = {"language": "nl", "kind": "answer", "section": "marketing", "helpful": False}
    assert client.post("/api/v1/feedback", json=thumb).status_code == 204
    card = "5500 0055 5555 5559"
    sent = {**thumb, "reason": "wrong", "question": f"kaart {card} ?"}
    assert client.post("/api/v1/feedback", json=sent).status_code == 204
    latest, first = parts.store.ratings()
    assert (first.section, first.helpful, first.reason, first.question) == (
        "marketing",
        False,
        None,
        None,
    )
    document = parts.knowledge.languages["nl"].documents["jetstax"]
    assert first.version == document.version
    assert (latest.reason, latest.question) == ("wrong", "kaart •••• •••• •••• •••• ?")


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "request"},
        {"language": "xx"},
        {"reason": "ugly"},
        {"helpful": "yes"},
        {"question": ""},
        {"conversation": "a" * 24},
    ],
)
def test_a_thumb_that_is_none_is_refused(wrong: dict[str, object], client: FlaskClient) -> None:
    thumb = {"language": "en", "kind": "answer", "section": "marketing", "helpful": True, **wrong}
    assert client.post("/api/v1/feedback", json=thumb).status_code == 422


def test_after_an_answer_its_neighbours_are_suggested_and_understood(parts: Parts) -> None:
    for code, language in parts.knowledge.languages.items():
        person = Person(parts, code)
        reply = person.says(language.sections["marketing"].title)
        assert reply.sections[0] == "marketing"
        assert reply.suggestions
        for button in reply.suggestions:
            section = Person(parts, code).says(button.value).sections[0]
            assert language.sections[section].title == button.label


# cards and national numbers


@pytest.mark.parametrize(
    "number",
    [
        "4111 1111 1111 1111",  # published test numbers of the card schemes
        "5500-0055-5555-5559",
        "378282246310005",
        "85.07.30-033.28",  # the example in the national register's own description
        "1630615123457",  # a Romanian personal code with its check digit
    ],
)
def test_cards_and_national_numbers_are_masked(number: str) -> None:
    shown = masked(f"my number is {number}, thanks")
    assert not any(c.isdigit() for c in shown)
    assert shown.startswith("my number is ")
    assert shown.endswith(", thanks")


def test_a_citizen_service_number_is_masked_behind_its_name_only() -> None:
    assert masked("mijn BSN: 111222333") == "mijn BSN: •••••••••"
    assert masked("klantnummer 111222333") == "klantnummer 111222333"


@pytest.mark.parametrize(
    "text",
    [
        "0470 12 34 56",
        "+32 470 12 34 56",
        "0032470123456",
        "klantnummer 40456",
        "BE68 5390 0754 7034",
        "PR-7F3K-9Q2M on 2026-03-05 at 12.30",
        "4111 1111 1111 1112",  # wrong check digit
        "https://example.com/4111111111111111",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize("code", ["en", "fr", "nl", "ro"])
def test_a_masked_message_is_answered_and_its_writer_told(code: str, parts: Parts) -> None:
    wish = {
        "en": "delete my data ana@example.com, my card is {}",
        "fr": "supprimez mes données ana@example.com, ma carte est {}",
        "nl": "verwijder mijn gegevens ana@example.com, mijn kaart is {}",
        "ro": "ștergeți datele mele ana@example.com, cardul meu este {}",
    }[code]
    reply = Person(parts, code).says(wish.format("4111111111111111"))
    assert reply.text.startswith(parts.knowledge.languages[code].phrases.sensitive_masked)
    assert reply.dialogue.draft is not None
    assert "4111" not in f"{reply.text} {reply.dialogue.draft.details}"
    assert "••••" in (reply.dialogue.draft.details or "")
