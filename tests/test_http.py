"""The HTTP contracts, and what bad input gets: the documented status and a sentence, no trace."""

import html
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from bot.app import create_app
from bot.assistant import MAX_TEXT
from bot.parts import Parts

URL = "/api/v1/messages"


def post(client: FlaskClient, text: str, **more: Any) -> Any:
    """Send a message and give the whole answer."""
    return client.post(URL, json={"text": text, **more}).get_json()


def file_a_request(client: FlaskClient) -> tuple[str, dict[str, Any]]:
    """File a marketing stop, and give the conversation's token and the reply."""
    token = post(client, "stop marketing to ana@example.com", language="en")["conversation"]
    return token, post(client, "yes", conversation=token)["reply"]


def test_an_answer_has_every_field_of_the_contract(client: FlaskClient, parts: Parts) -> None:
    answer = post(client, "what does personal data mean?", message_id="m1")
    assert set(answer) == {"conversation", "reply"}
    reply = answer["reply"]
    assert set(reply) == {
        *{"kind", "language", "text", "request", "sections", "choices", "suggestions"},
        *{"rateable", "ticket"},
    }
    assert reply["kind"] == "answer"
    assert reply["ticket"] is None
    section = reply["sections"][0]
    assert set(section) == {"id", "number", "title", "excerpt", "url", "policy", "version"}
    assert section["id"] == "personal_data"
    assert section["number"] == "3"
    assert section["url"] == "https://privacy.example.com/policy/en#personal_data"
    assert section["excerpt"] in parts.knowledge.languages["en"].sections["personal_data"].text


def test_every_citation_leads_to_its_place(client: FlaskClient, parts: Parts) -> None:
    for code, language in parts.knowledge.languages.items():
        page = client.get(f"/policy/{code}").text
        for section in language.sections.values():
            assert (f'id="{section.id}"' in page) == (section.role != "silent")


def test_a_filed_request_comes_with_its_ticket(client: FlaskClient) -> None:
    _, reply = file_a_request(client)
    ticket = reply["ticket"]
    assert set(ticket) == {
        *{"reference", "request", "status", "received_at", "due_at", "stop_by", "url"}
    }
    assert ticket["request"] == "marketing_opt_out"
    assert ticket["status"] == "received"
    # received on Thursday 5 March 2026: marketing stops that day, the answer is due after Easter
    assert ticket["stop_by"] == "2026-03-05"
    assert ticket["due_at"] == "2026-04-07"


def test_the_same_message_id_again_gives_the_same_reply_and_no_second_ticket(
    client: FlaskClient, parts: Parts
) -> None:
    token = post(client, "stop marketing to ana@example.com")["conversation"]
    first = post(client, "yes", conversation=token, message_id="confirmation")
    again = post(client, "yes", conversation=token, message_id="confirmation")
    assert first["reply"]["ticket"]
    assert again == first
    assert len(list(parts.store.tickets())) == 1


ID = "8c5d7a52-9a64-4f0b-a3ad-5f6f1c0b7e11"


def test_the_first_message_sent_again_finds_the_conversation_that_it_began(
    client: FlaskClient, make_parts: Callable[..., Parts]
) -> None:
    first = post(client, "stop marketing to ana@example.com", message_id=ID)
    # another process on the same store answers the repeated call
    elsewhere = create_app(make_parts()).test_client()
    assert post(elsewhere, "stop marketing to ana@example.com", message_id=ID) == first
    other = client.post(URL, json={"text": "delete my data", "message_id": ID})
    assert other.status_code == 409
    assert first["conversation"] not in other.text


def test_after_the_conversation_went_on_its_first_message_is_refused(
    client: FlaskClient, parts: Parts
) -> None:
    text = "stop marketing to ana@example.com"
    token = post(client, text, message_id=ID)["conversation"]
    filed = post(client, "yes", conversation=token)["reply"]["ticket"]
    late = client.post(URL, json={"text": text, "message_id": ID})
    assert late.status_code == 409
    kept = parts.store.conversation(token)
    assert kept is not None
    assert kept.dialogue.filed == (filed["reference"],)


def test_a_message_sent_again_after_its_conversation_was_forgotten_begins_one_other(
    client: FlaskClient, parts: Parts
) -> None:
    token = post(client, "hello", message_id=ID)["conversation"]
    parts.store.forget(token)
    again = [post(client, "hello", conversation=token, message_id="x" + ID) for _ in range(2)]
    assert again[0] == again[1]
    assert again[0]["conversation"] != token


def test_an_id_that_two_people_may_choose_leads_nobody_to_the_other(client: FlaskClient) -> None:
    for short in ("1", "x" * 15):
        tokens = {post(client, "hello", message_id=short)["conversation"] for _ in range(2)}
        assert len(tokens) == 2


def test_the_file_holds_no_id_that_leads_to_a_conversation(
    client: FlaskClient, tmp_path: Path
) -> None:
    post(client, "hello", message_id=ID)
    assert not any(ID.encode() in path.read_bytes() for path in tmp_path.iterdir())


def test_the_plain_forms_first_message_sent_twice_begins_one_conversation(
    client: FlaskClient,
) -> None:
    fields = hidden(client.get("/chat?lang=en").text)
    pages = [client.post("/chat", data={**fields, "text": "hello"}).text for _ in range(2)]
    tokens = {hidden(page)["conversation"] for page in pages}
    assert len(tokens) == 1


def test_a_message_id_with_another_text_is_refused(client: FlaskClient) -> None:
    token = post(client, "hello", message_id="m1")["conversation"]
    answer = client.post(
        URL, json={"text": "stop marketing", "conversation": token, "message_id": "m1"}
    )
    assert answer.status_code == 409


def test_a_requester_follows_the_ticket_with_its_key_only(client: FlaskClient) -> None:
    _, reply = file_a_request(client)
    reference, key = reply["ticket"]["reference"], reply["ticket"]["url"].partition("key=")[2]
    shown = client.get(f"/api/v1/requests/{reference}?key={key}").get_json()
    assert shown["ticket"] == reply["ticket"]
    page = client.get(f"/requests/{reference}?key={key}&lang=nl")
    assert page.status_code == 200
    assert reference in page.text
    assert "dinsdag 7 april 2026" in page.text
    wrong = client.get(f"/api/v1/requests/{reference}?key={key[:-1]}x")
    missing = client.get(f"/api/v1/requests/PR-0000-0000?key={key}")
    assert wrong.status_code == missing.status_code == 404
    assert wrong.get_json() == missing.get_json()
    assert client.get(f"/requests/{reference}").status_code == 404


def test_a_forgotten_conversation_is_gone_and_its_ticket_stays(
    client: FlaskClient, parts: Parts
) -> None:
    token, reply = file_a_request(client)
    assert client.delete(f"/api/v1/conversations/{token}").status_code == 204
    assert parts.store.conversation(token) is None
    assert parts.store.ticket(reply["ticket"]["reference"]) is not None


BAD = [
    pytest.param({"data": b""}, 400, id="empty body"),
    pytest.param({"data": b'{"text": '}, 400, id="broken JSON"),
    pytest.param({"data": b"\xff\xfe{}"}, 400, id="invalid UTF-8"),
    pytest.param({"data": b'{"text": "\xe9\xff"}'}, 400, id="invalid UTF-8 inside"),
    pytest.param({"data": b"[1]"}, 422, id="a list"),
    pytest.param({"data": b"null"}, 422, id="null"),
    pytest.param({"json": {}}, 422, id="no text"),
    pytest.param({"json": {"text": ""}}, 422, id="empty text"),
    pytest.param({"json": {"text": " \n\t\u200b\u0000 "}}, 422, id="nothing visible"),
    pytest.param({"json": {"text": 5}}, 422, id="text of the wrong type"),
    pytest.param({"json": {"text": "hi", "nickname": "Ana"}}, 422, id="unknown field"),
    pytest.param({"json": {"text": "hi", "conversation": 7}}, 422, id="token of a wrong type"),
    pytest.param({"json": {"text": "hi", "conversation": "short"}}, 422, id="no token"),
    pytest.param({"json": {"text": "hi", "message_id": "x" * 101}}, 422, id="long id"),
    pytest.param({"json": {"text": "hi", "language": "xx"}}, 422, id="unknown language"),
    pytest.param({"json": {"text": "hi", "language": ["ro"]}}, 422, id="list of languages"),
    pytest.param({"json": {"text": "x" * 50_000}}, 413, id="50 000 characters"),
    pytest.param({"json": {"text": "x" * 500_000}}, 413, id="half a million characters"),
    pytest.param({"data": b"hi", "content_type": "text/plain"}, 415, id="plain text"),
    pytest.param({"data": b"text=hi", "content_type": ""}, 415, id="no content type"),
]


@pytest.mark.parametrize("code", ["ro", "en", "nl", "fr"])
@pytest.mark.parametrize("body", ["[]", '"stop"', "5"])
def test_a_body_without_fields_is_told_in_plain_words(
    body: str, code: str, client: FlaskClient, parts: Parts
) -> None:
    for path in (URL, "/api/v1/requests/PR-0000-0000/withdraw"):
        answer = client.post(
            path, data=body, content_type="application/json", headers={"Accept-Language": code}
        )
        assert answer.status_code == 422
        said = parts.knowledge.languages[code].phrases.error_not_object
        assert answer.get_json()["error"] == {"code": "not_object", "message": said}


@pytest.mark.parametrize("code", ["ro", "en", "nl", "fr"])
@pytest.mark.parametrize(("call", "status"), BAD)
def test_bad_input_gets_its_status_and_a_sentence_in_the_persons_language(
    call: dict[str, Any], status: int, code: str, client: FlaskClient, parts: Parts
) -> None:
    call = {"content_type": "application/json", **call} if "data" in call else call
    answer = client.post(URL, headers={"Accept-Language": code}, **call)
    assert answer.status_code == status
    body = answer.get_json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message"}
    if "text" not in str(call.get("json")):
        phrase = getattr(parts.knowledge.languages[code].phrases, f"error_{body['error']['code']}")
        assert body["error"]["message"].startswith(phrase.partition("{")[0])
    assert list(parts.store.tickets()) == []


def test_an_error_speaks_the_language_of_the_text(client: FlaskClient, parts: Parts) -> None:
    text = "Ik wil graag dat jullie mij geen reclame meer sturen. " * 200
    answer = client.post(URL, json={"text": text}, headers={"Accept-Language": "fr"})
    assert answer.status_code == 413
    phrase = parts.knowledge.languages["nl"].phrases.error_too_long
    assert answer.get_json()["error"]["message"] == phrase.format(limit=MAX_TEXT)


def test_the_longest_message_is_answered(client: FlaskClient) -> None:
    text = ("please delete my data, I mean it. " * 200)[:MAX_TEXT]
    assert post(client, text)["reply"]["request"] == "erasure"


@pytest.mark.parametrize("text", ["🙂", "👍👎", "\u0000stop\u0000 marketing", "مرحبا", "{{7*7}}"])
def test_strange_text_is_answered(text: str, client: FlaskClient) -> None:
    answer = client.post(URL, json={"text": text})
    assert answer.status_code == 200
    assert answer.get_json()["reply"]["text"]


@pytest.mark.parametrize("path", [URL, "/api/v1/conversations/x", "/chat", "/healthz"])
def test_a_wrong_method_is_told_with_those_that_work(path: str, client: FlaskClient) -> None:
    answer = client.put(path, headers={"Accept-Language": "en"})
    assert answer.status_code == 405
    assert answer.headers["Allow"]


def test_a_page_that_is_not_there_is_a_page(client: FlaskClient, parts: Parts) -> None:
    for path in ("/nowhere", "/policy/xx"):
        answer = client.get(path, headers={"Accept-Language": "ro"})
        assert answer.status_code == 404
        assert parts.knowledge.languages["ro"].phrases.error_not_found in answer.text
    assert client.get("/api/nowhere").get_json()["error"]["code"] == "not_found"


def test_what_nobody_foresaw_is_one_sentence_and_a_number(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("secret words of ana@example.com")

    monkeypatch.setattr("handlers.wording.shown_words", fail)
    monkeypatch.setattr("handlers.requests.shown_words", fail)
    answer = client.post(URL, json={"text": "delete my data, ana@example.com"})
    assert answer.status_code == 500
    assert "Traceback" not in answer.text
    assert "secret words" not in answer.text + caplog.text
    assert "RuntimeError" in caplog.text


def test_a_store_that_fails_is_told_and_nothing_is_claimed(
    client: FlaskClient, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = post(client, "stop marketing to ana@example.com", language="en")["conversation"]
    connections = parts.store._connections  # type: ignore[attr-defined]
    monkeypatch.setattr(connections, "_path", "/nowhere/x.db")
    monkeypatch.setattr(connections, "_idle", [])
    answer = client.post(URL, json={"text": "yes", "conversation": token})
    assert answer.status_code == 503
    phrase = parts.knowledge.languages["en"].phrases.error_store
    assert answer.get_json()["error"]["message"] == phrase.format(company="Jetstax")


def test_the_api_describes_itself(client: FlaskClient) -> None:
    described = client.get("/api/openapi.json").get_json()
    assert set(described["paths"]) == {
        "/api/v1/messages",
        "/api/v1/requests/{reference}",
        "/api/v1/requests/{reference}/withdraw",
        "/api/v1/requests/{reference}/still-mailed",
        "/api/v1/requests/{reference}/code",
        "/api/v1/suppressions/check",
        "/api/v1/conversations/{token}",
        "/api/v1/texts/{code}",
        "/api/v1/sections/{code}/{section_id}",
        "/api/v1/feedback",
    }
    answers = described["paths"]["/api/v1/messages"]["post"]["responses"]
    assert set(answers) >= {"200", "400", "409", "413", "415", "422", "429", "503"}


def test_pages_load_nothing_from_elsewhere_and_set_no_cookie(client: FlaskClient) -> None:
    for path in ("/chat", "/policy/nl"):
        page = client.get(path)
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in page.headers
        assert 'src="http' not in page.text


def test_the_chat_works_as_a_plain_form(client: FlaskClient, parts: Parts) -> None:
    fields: dict[str, str] = {"lang": "en"}
    for text in ("stop marketing", "ana@example.com", "yes"):
        page = client.post("/chat", data={**fields, "text": text})
        assert page.status_code == 200
        fields = hidden(page.text)
    [ticket] = parts.store.tickets()
    assert ticket.reference in page.text
    for said in ("stop marketing", "ana@example.com"):
        assert f"<p>{said}</p>" in page.text


def test_the_plain_form_sent_twice_files_once(client: FlaskClient, parts: Parts) -> None:
    first = client.post("/chat", data={"lang": "en", "text": "stop marketing to ana@example.com"})
    fields = {**hidden(first.text), "text": "yes"}
    pages = [client.post("/chat", data=fields) for _ in range(2)]
    [ticket] = parts.store.tickets()
    assert all(ticket.reference in page.text for page in pages)


def test_the_plain_form_says_what_was_wrong_and_keeps_the_draft(client: FlaskClient) -> None:
    page = client.post("/chat", data={"lang": "fr", "text": "x" * 5000})
    assert page.status_code == 413
    assert "x" * 4000 in page.text
    assert client.post("/chat", data={"lang": "fr", "text": " "}).status_code == 422


def test_the_plain_form_shows_only_what_this_server_wrote(client: FlaskClient) -> None:
    forged = json.dumps([{"you": "forged words", "language": "en"}])
    page = client.post("/chat", data={"text": "hello", "carried": forged, "seal": "0" * 64})
    assert "forged words" not in page.text


def test_markup_in_a_message_stays_text(client: FlaskClient) -> None:
    page = client.post("/chat", data={"text": "<img src=x onerror=alert(1)> {{7*7}}", "lang": "en"})
    assert "<img src=x" not in page.text
    assert "&lt;img src=x onerror=alert(1)&gt; {{7*7}}" in page.text


def test_health(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}


def hidden(page: str) -> dict[str, str]:
    """Read the hidden fields of a page's form."""

    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
    return {name: html.unescape(value) for name, value in found}
