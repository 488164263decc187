"""The pages over HTTP: in every language, nothing from elsewhere, searched without a script."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from bot.channels.finding import Search
from bot.parts import Parts

LANGUAGES = ("en", "fr", "nl", "ro")
PAGES = ("/?lang={}", "/chat?lang={}", "/policy/{}")


def sections_of(page: str) -> set[str]:
    """Give the ids of the sections that a page shows."""
    return {
        name
        for name, rest in re.findall(r'<section id="(\w+)" tabindex="-1"([^>]*)>', page)
        if "hidden" not in rest
    }


def marked(page: str) -> list[str]:
    """Give what is marked on a page."""
    return [unescape(text) for text in re.findall(r"<mark>(.*?)</mark>", page)]


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there_in_every_language(client: FlaskClient, path: str, code: str) -> None:
    page = client.get(path.format(code))
    assert page.status_code == 200
    assert f'<html lang="{code}">' in page.text
    # all languages can be chosen, this one is marked
    assert re.findall(r'hreflang="(\w+)"[^>]*aria-current="true"', page.text) == [code]
    assert set(re.findall(r'hreflang="(\w+)"', page.text)) == set(LANGUAGES)
    # no sentence is left with its braces
    assert not re.search(r"(?<!data-found=\")\{(company|day|law|languages|title)\}", page.text)


@pytest.mark.parametrize("path", ["/?lang=nl", "/chat?lang=nl", "/policy/nl", "/policy/nl?q=a"])
def test_a_page_needs_nothing_from_elsewhere(client: FlaskClient, path: str) -> None:
    page = client.get(path)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "Set-Cookie" not in page.headers
    assert not re.search(r"\s(style|on\w+)=", re.sub(r">[^<]*<", "><", page.text))
    assert re.findall(r"<script(?![^>]*\ssrc=\"/)[^>]*>", page.text) == []
    loaded = re.findall(r'<(?:script|link|img|iframe)[^>]*(?:src|href)="([^"]+)"', page.text)
    assert loaded
    assert all(re.match(r"/(?!/)", address) for address in loaded)


def test_a_language_that_is_not_there(client: FlaskClient) -> None:
    assert client.get("/policy/de").status_code == 404
    page = client.get("/?lang=de", headers={"Accept-Language": "ro"})
    assert '<html lang="ro">' in page.text


def test_the_demonstration_says_that_it_is_one(client: FlaskClient, parts: Parts) -> None:
    for code, language in parts.knowledge.languages.items():
        page = unescape(client.get(f"/?lang={code}").text)
        notice = language.phrases.demo_notice_text.format(company="Jetstax")
        assert page.index(notice) < page.index("<h1")


def test_the_example_is_what_the_assistant_says(parts: Parts) -> None:
    assistant = parts.assistant
    for code, language in parts.knowledge.languages.items():
        question = language.phrases.demo_sample_question
        reply = assistant.answer(assistant.message(question, "test", code), None).reply
        assert reply.sections[0] == "marketing"
        assert language.sections["marketing"].answer in reply.text


def test_the_example_has_the_day_that_a_request_would_get(client: FlaskClient) -> None:
    # received on Thursday 5 March 2026, as in test_http: due after Easter
    assert "Tuesday, 7 April 2026" in client.get("/?lang=en").text


def test_each_right_on_the_demonstration_begins_its_request(parts: Parts) -> None:
    rights = ("access", "rectification", "erasure", "restriction", "portability", "objection")
    wanted = [*rights, "consent_withdrawal", "complaint"]
    assistant = parts.assistant
    for code, language in parts.knowledge.languages.items():
        phrases = language.phrases.model_dump()
        said = [phrases[f"demo_right_{place}"] for place in range(1, len(wanted) + 1)]
        messages = [assistant.message(text, "test", code) for text in said]
        assert [assistant.answer(message, None).reply.request for message in messages] == wanted


def test_the_demonstration_asks_without_a_script(client: FlaskClient, parts: Parts) -> None:
    page = client.get("/?lang=fr").text
    for text in re.findall(r'<button name="text" value="([^"]+)"', page):
        answered = client.post("/chat", data={"lang": "fr", "text": unescape(text)})
        assert answered.status_code == 200
        assert 'id="latest"' in answered.text


def test_the_policy_is_whole_without_a_search(client: FlaskClient, parts: Parts) -> None:
    for code, language in parts.knowledge.languages.items():
        page = client.get(f"/policy/{code}")
        shown = {s.id for s in language.sections.values() if s.role != "silent"}
        assert sections_of(page.text) == shown
        assert marked(page.text) == []
        for section in shown:
            assert page.text.count(f'href="#{section}"') == 3  # contents twice, its own link


@pytest.mark.parametrize(
    ("code", "query", "section", "hit"),
    [
        ("ro", "confidential", "legal_obligations", "confidențial"),
        ("ro", "CONFIDENȚIAL", "legal_obligations", "confidențial"),
        ("ro", "confidenţial", "legal_obligations", "confidențial"),  # the cedilla of old keyboards
        ("fr", "publicite", "marketing", "Publicité"),
        ("fr", "coup d'oeil", "law_rights", "d'œil"),
        ("nl", "rumst", "identity", "Rumst"),
        ("en", "registered office", "identity", "office"),
        ("en", "art. 21", "law_objection", "21"),
    ],
)
def test_the_search_minds_neither_capitals_nor_accents(
    client: FlaskClient, code: str, query: str, section: str, hit: str
) -> None:
    page = client.get(f"/policy/{code}", query_string={"q": query}).text
    found = sections_of(page)
    assert section in found
    assert 0 < len(found) < 31
    assert hit in marked(page)
    status = re.search(r'role="status"[^>]*>(.*?)</p>', page)
    assert status is not None
    assert re.findall(r"\d+", status[1]) == [str(len(found)), "31"]


def test_every_word_of_a_search_has_to_be_there(client: FlaskClient, parts: Parts) -> None:
    both = sections_of(client.get("/policy/en?q=fraud+quality").text)
    assert both == {"performance"}


def test_a_search_that_finds_nothing_offers_the_assistant(client: FlaskClient) -> None:
    page = client.get("/policy/en", query_string={"q": '<b>"pizza"'}).text
    assert sections_of(page) == set()
    assert "Nothing found for “&lt;b&gt;&#34;pizza&#34;”" in page
    assert "<b>" not in page
    assert 'value="&lt;b&gt;&#34;pizza&#34;"' in page
    assert page.count("<h1") == 1


@pytest.mark.parametrize("query", ["", "   ", "a", "?", "x" * 5000, "\u0301", "((", "\\d"])
def test_odd_searches_are_answered(client: FlaskClient, query: str) -> None:
    assert client.get("/policy/en", query_string={"q": query}).status_code == 200


def test_what_is_marked_and_the_rest_are_the_text_again() -> None:
    text = "Œuvre e\u0301te\u0301, coup d’œil: ȘTERGERE și ștergere"
    for query in ("oeuvre", "ete", "d'oeil", "stergere", "e te", "oe"):
        pieces = list(Search.of(query).pieces(text))
        assert "".join(piece for _, piece in pieces) == text
    assert [p for hit, p in Search.of("ete").pieces(text) if hit] == ["e\u0301te\u0301"]
    assert [p for hit, p in Search.of("stergere").pieces(text) if hit] == ["ȘTERGERE", "ștergere"]


def test_web_addresses_in_the_policy_are_links(client: FlaskClient) -> None:
    page = client.get("/policy/en?q=authority").text
    assert 'href="https://www.dataprotectionauthority.be/citizen"' in page
    assert "<mark>authority</mark>.be" in page
