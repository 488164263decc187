"""What a requester does with a reference and its key, by API and page, in four languages."""

import html
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from bot.app import create_app
from bot.following import still_mailed
from bot.limits import MAILS_PER_TICKET
from bot.parts import Parts
from handlers.register import What
from handlers.tickets import Status, Ticket
from tests.conftest import NOW, Person
from tests.test_identity import Post, mailing, post  # noqa: F401 - fixtures

LANGUAGES = ("en", "fr", "nl", "ro")
STILL_MAILED = {
    "en": "I still got one",
    "fr": "j'ai encore reçu une pub aujourd'hui",
    "nl": "ik heb er vandaag weer eentje gekregen",
    "ro": "am mai primit o reclama azi",
}
PATH = "/api/v1/requests"
WISHES = {
    "stop": "stop marketing to ana@example.com",
    "copy": "send me a copy of my data, ana@example.com",
}


def file(parts: Parts, wish: str = "stop") -> Ticket:
    """File a request in a conversation, and give its ticket."""
    assistant, token = parts.assistant, None
    for text in (WISHES[wish], "yes"):
        answered = assistant.answer(assistant.message(text, "web", "en"), token)
        token = answered.token
    ticket = answered.reply.ticket
    assert ticket is not None
    return ticket


def key_of(parts: Parts, ticket: Ticket) -> str:
    """Give the key of a ticket, as in its follow link."""
    return parts.assistant.desk.follow_url(ticket.reference).partition("key=")[2]


def call(client: FlaskClient, ticket: Ticket, what: str, **body: Any) -> Any:
    """Change a ticket by the API."""
    return client.post(f"{PATH}/{ticket.reference}/{what}", json=body)


def test_a_request_is_shown_with_its_dates_days_left_and_flags(
    client: FlaskClient, parts: Parts
) -> None:
    ticket = file(parts)
    shown = client.get(f"{PATH}/{ticket.reference}?key={key_of(parts, ticket)}&lang=nl").get_json()
    # received on Thursday 5 March 2026; the month ends on Easter Sunday, Easter Monday follows
    assert shown["ticket"]["due_at"] == shown["initial_due_at"] == "2026-04-07"
    assert shown["remaining_days"] == 33
    assert shown["remaining_text"] == "nog 33 dagen"
    assert shown["flags"] == shown["flag_texts"] == []
    assert "paasmaandag" in shown["due_text"].casefold()


@pytest.mark.parametrize(
    ("days", "left", "said"),
    [(32, 1, "due in 1 day"), (33, 0, "due today"), (34, -1, "1 day late")],
)
def test_the_day_itself_the_day_before_and_the_day_after(
    make_parts: Callable[..., Parts], days: int, left: int, said: str
) -> None:
    ticket = file(make_parts())
    later = make_parts(now=NOW + timedelta(days=days))
    shown = (
        create_app(later)
        .test_client()
        .get(f"{PATH}/{ticket.reference}?key={key_of(later, ticket)}")
    )
    body = shown.get_json()
    assert (body["remaining_days"], body["remaining_text"]) == (left, said)
    assert body["flags"] == (["overdue"] if left < 0 else [])


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_request_is_withdrawn_once(client: FlaskClient, parts: Parts, code: str) -> None:
    ticket = file(parts)
    phrases = parts.knowledge.languages[code].phrases
    key = key_of(parts, ticket)
    done = call(client, ticket, "withdraw", key=key, lang=code)
    assert done.status_code == 200
    told = phrases.withdraw_done.format(reference=ticket.reference)
    assert done.get_json()["text"] == f"{told}\n\n{phrases.stop_lifted}"
    assert done.get_json()["status"]["remaining_days"] is None
    [*_, withdrawn, last] = parts.store.register(ticket.reference)
    assert (withdrawn.event.what, withdrawn.event.actor) == (What.WITHDRAWN, "requester")
    assert last.event.what is What.UNSUPPRESSED
    again = call(client, ticket, "withdraw", key=key, lang=code)
    assert again.status_code == 409
    refusal = phrases.withdraw_closed.format(
        reference=ticket.reference, status=phrases.status_withdrawn
    )
    assert again.get_json()["error"] == {"code": "withdraw_closed", "message": refusal}
    assert parts.store.head()[0] == last.seq


@pytest.mark.parametrize("code", LANGUAGES)
def test_still_mailed_opens_a_marketing_stop_again_and_nothing_else(
    client: FlaskClient, parts: Parts, code: str
) -> None:
    stop, copy = file(parts), file(parts, "copy")
    phrases = parts.knowledge.languages[code].phrases
    call(client, stop, "withdraw", key=key_of(parts, stop))
    done = call(client, stop, "still-mailed", key=key_of(parts, stop), lang=code).get_json()
    assert done["text"] == phrases.breach_reopened.format(reference=stop.reference)
    assert done["status"]["flags"] == ["breach"]
    assert done["status"]["flag_texts"] == [phrases.flag_breach]
    assert parts.store.suppressed(stop.contacts[0]) is not None
    after = parts.store.ticket(stop.reference)
    assert after is not None
    assert (after.status, after.breach) == (Status.RECEIVED, True)
    refused = call(client, copy, "still-mailed", key=key_of(parts, copy), lang=code)
    assert refused.status_code == 409
    message = phrases.error_no_stop.format(reference=copy.reference)
    assert refused.get_json()["error"] == {"code": "no_stop", "message": message}


def test_an_erased_stop_cannot_be_opened_again(client: FlaskClient, parts: Parts) -> None:
    ticket, casework = file(parts), parts.assistant.desk.casework
    withdrawn = casework.withdraw(ticket, NOW)
    parts.store.apply([withdrawn, casework.erase(withdrawn.ticket, "an", NOW)])
    refused = call(client, ticket, "still-mailed", key=key_of(parts, ticket), lang="en")
    assert refused.status_code == 409
    assert refused.get_json()["error"]["code"] == "erased"


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_link_of_an_erased_request_says_that_it_was_erased(
    client: FlaskClient, parts: Parts, code: str
) -> None:
    ticket, casework = file(parts), parts.assistant.desk.casework
    withdrawn = casework.withdraw(ticket, NOW)
    parts.store.apply([withdrawn, casework.erase(withdrawn.ticket, "an", NOW)])
    said = parts.knowledge.languages[code].phrases.flag_erased
    link = f"{ticket.reference}?key={key_of(parts, ticket)}&lang={code}"
    assert said in client.get(f"{PATH}/{link}").get_json()["flag_texts"]
    page = client.get(f"/requests/{link}").get_data(as_text=True)
    assert said in page
    assert "ana@example.com" not in page
    assert "<form" not in page.partition("<main")[2]


@pytest.mark.parametrize("what", ["withdraw", "still-mailed", "code"])
def test_a_wrong_key_looks_like_a_ticket_that_is_not_there(
    client: FlaskClient, parts: Parts, what: str
) -> None:
    ticket = file(parts)
    key = key_of(parts, ticket)
    wrong = call(client, ticket, what, key="0" * 22)
    missing = client.post(f"{PATH}/PR-0000-0000/{what}", json={"key": key})
    assert wrong.status_code == missing.status_code == 404
    assert wrong.get_json() == missing.get_json()
    assert parts.store.ticket(ticket.reference) == ticket


def test_a_code_is_mailed_and_proves_the_address(
    mailing: Callable[..., Parts],  # noqa: F811 - the fixture
    post: Post,  # noqa: F811
) -> None:
    parts = mailing()
    client, ticket = create_app(parts).test_client(), file(parts, "copy")
    key = key_of(parts, ticket)
    sent = call(client, ticket, "code", key=key)
    assert sent.status_code == 200
    code = post.code
    wrong = call(client, ticket, "code", key=key, code=f"{(int(code) + 1) % 10**6:06}")
    assert wrong.status_code == 409
    assert wrong.get_json()["error"]["code"] == "code_wrong"
    assert call(client, ticket, "code", key=key, code=code).status_code == 200
    after = parts.store.ticket(ticket.reference)
    assert after is not None
    assert [c.verified_at for c in after.contacts] == [NOW]
    for body in ({}, {"code": code}):
        assert call(client, ticket, "code", key=key, **body).status_code == 409


def test_without_mail_no_code_is_promised(client: FlaskClient, parts: Parts) -> None:
    for wish in WISHES:
        ticket = file(parts, wish)
        refused = call(client, ticket, "code", key=key_of(parts, ticket))
        assert refused.status_code == 409
        assert refused.get_json()["error"]["code"] == "no_code"


def test_it_is_wrong_json_that_is_told(client: FlaskClient, parts: Parts) -> None:
    ticket = file(parts)
    path = f"{PATH}/{ticket.reference}/withdraw"
    assert client.post(path, data="{", content_type="application/json").status_code == 400
    assert client.post(path, data="key=x").status_code == 415
    assert client.post(path, json={}).status_code == 422
    assert client.post(path, json={"key": "k", "more": 1}).status_code == 422


@pytest.mark.parametrize("code", LANGUAGES)
def test_still_mailed_is_noted_once_a_day(
    make_parts: Callable[..., Parts], parts: Parts, code: str
) -> None:
    ticket, phrases = file(parts), parts.knowledge.languages[code].phrases
    said = []
    for hours in (0, 0, 1, 24):
        there = make_parts(now=NOW + timedelta(hours=hours))
        client = create_app(there).test_client()
        done = call(client, ticket, "still-mailed", key=key_of(parts, ticket), lang=code)
        assert done.status_code == 200
        said.append(done.get_json()["text"])
    noted = phrases.breach_noted.format(reference=ticket.reference)
    again = phrases.breach_again.format(reference=ticket.reference)
    assert said == [noted, again, again, noted]
    whats = [entry.event.what for entry in parts.store.register(ticket.reference)]
    assert whats.count(What.BREACH_SIGNALLED) == 2


def test_pressed_often_at_once_it_is_noted_once(parts: Parts) -> None:
    ticket, english = file(parts), parts.knowledge.languages["en"]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: still_mailed(ticket, parts, english), range(4)))
    whats = [entry.event.what for entry in parts.store.register(ticket.reference)]
    assert whats.count(What.BREACH_SIGNALLED) == 1


def test_closed_on_the_same_day_it_is_noted_again(client: FlaskClient, parts: Parts) -> None:
    ticket, casework = file(parts), parts.assistant.desk.casework
    key = key_of(parts, ticket)
    call(client, ticket, "still-mailed", key=key)
    known = parts.store.ticket(ticket.reference)
    assert known is not None
    parts.store.apply([casework.fulfil(known, "an", NOW, informed_on=NOW.date())])
    done = call(client, ticket, "still-mailed", key=key, lang="en").get_json()
    assert "opened the request again" in done["text"]
    assert done["status"]["ticket"]["status"] == "received"


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_new_conversation_follows_a_stop_by_its_key(parts: Parts, code: str) -> None:
    ticket, phrases = file(parts), parts.knowledge.languages[code].phrases
    person = Person(parts, code)
    person.says(parts.assistant.desk.follow_url(ticket.reference))
    reply = person.says(STILL_MAILED[code])
    assert reply.text.startswith(phrases.breach_noted.format(reference=ticket.reference))
    assert phrases.flag_breach in reply.text
    again = person.says(STILL_MAILED[code])
    assert again.text == phrases.breach_again.format(reference=ticket.reference)
    assert again.steps == ()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("en", "I still got one: {}"),
        ("fr", "j'ai encore reçu une pub {}"),
        ("nl", "ik heb er nog een gekregen {}"),
        ("ro", "tot am primit unul {}"),
    ],
)
def test_a_link_with_a_signal_in_one_message_is_noted(code: str, said: str, parts: Parts) -> None:
    ticket = Person(parts).says("stop marketing to ana@example.com", "yes").ticket
    assert ticket is not None
    link = parts.assistant.desk.follow_url(ticket.reference)
    Person(parts, code).says(said.format(link))
    kept = parts.store.ticket(ticket.reference)
    assert kept is not None
    assert kept.breach


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_page_withdraws_and_signals_by_plain_forms(
    make_parts: Callable[..., Parts], code: str
) -> None:
    ticket = file(make_parts())
    parts = make_parts(now=NOW + timedelta(days=1))
    client = create_app(parts).test_client()
    phrases = parts.knowledge.languages[code].phrases
    page = client.get(f"/requests/{ticket.reference}?key={key_of(parts, ticket)}&lang={code}")
    forms = re.findall(r'<form method="post" action="([^"]+)">(.*?)</form>', page.text, re.S)
    assert [action.rpartition("/")[2] for action, _ in forms] == ["still-mailed", "withdraw"]
    signal, withdraw = forms
    for action, form in (withdraw, signal):
        assert "key=" not in action
        fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
        page = client.post(action, data=fields)
        assert page.status_code == 200
        assert f'<html lang="{code}">' in page.text
    told = phrases.breach_reopened.format(reference=ticket.reference)
    assert told.replace("'", "&#39;") in page.text
    assert phrases.flag_breach.replace("'", "&#39;") in page.text
    after = parts.store.ticket(ticket.reference)
    assert after is not None
    assert after.breach
    assert after.is_open


def test_the_page_says_why_not_and_shows_where_it_stands(client: FlaskClient, parts: Parts) -> None:
    ticket = file(parts)
    form = {"key": key_of(parts, ticket), "lang": "en"}
    path = f"/requests/{ticket.reference}"
    assert client.post(f"{path}/withdraw", data=form).status_code == 200
    again = client.post(f"{path}/withdraw", data=form)
    assert again.status_code == 200
    assert "has already been withdrawn" in again.text
    assert f"{path}/withdraw" not in again.text
    other = file(parts)
    parts.store.apply(
        [parts.assistant.desk.casework.fulfil(other, "an", NOW, informed_on=NOW.date())]
    )
    form["key"] = key_of(parts, other)
    refused = client.post(f"/requests/{other.reference}/withdraw", data=form)
    assert refused.status_code == 409
    assert "can no longer be withdrawn" in refused.text
    assert client.post(f"{path}/withdraw", data={"key": "no"}).status_code == 404
    assert client.post(f"{path}/withdraw").status_code == 404


def test_the_page_asks_for_advertising_from_the_day_after_the_stop_while_it_stands(
    make_parts: Callable[..., Parts],
) -> None:
    parts = make_parts()
    ticket = file(parts)
    assert ticket.stop_by == NOW.date()

    def asks(days: int) -> bool:
        there = make_parts(now=NOW + timedelta(days=days))
        link = f"/requests/{ticket.reference}?key={key_of(parts, ticket)}&lang=en"
        return "I still get marketing messages" in create_app(there).test_client().get(link).text

    assert [asks(days) for days in (0, 1, 30)] == [False, True, True]
    parts.store.apply([parts.assistant.desk.casework.withdraw(ticket, NOW)])
    assert not asks(1)


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_page_of_a_closed_request_promises_no_answer(
    client: FlaskClient, parts: Parts, code: str
) -> None:
    language, casework = parts.knowledge.languages[code], parts.assistant.desk.casework
    phrases, ticket = language.phrases, file(parts)
    link = f"/requests/{ticket.reference}?key={key_of(parts, ticket)}&lang={code}"
    open_only = (
        *(language.requests[ticket.request].what_happens.strip()[:40], phrases.page_due),
        *(phrases.due_aid, phrases.page_stop_by),
    )
    before = html.unescape(client.get(link).text)
    assert all(text in before for text in open_only)
    assert phrases.withdraw_stop in before
    parts.store.apply([casework.not_a_request(ticket, "an", NOW, reason="spam")])
    after = html.unescape(client.get(link).text)
    assert not any(text in after for text in open_only)
    assert phrases.page_closed in after
    assert phrases.stop_lifted in after
    person = Person(parts, code)
    told = person.says(parts.assistant.desk.follow_url(ticket.reference)).text
    assert phrases.stop_lifted in told
    assert phrases.status_not_a_request in told


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_stop_that_was_carried_out_stays_on_the_list_and_the_person_is_told(
    client: FlaskClient, parts: Parts, code: str
) -> None:
    ticket, casework = file(parts), parts.assistant.desk.casework
    done = casework.fulfil(ticket, "an", NOW, informed_on=NOW.date())
    parts.store.apply([done, casework.reopen(done.ticket, "an", NOW)])
    phrases, key = parts.knowledge.languages[code].phrases, key_of(parts, ticket)
    page = client.get(f"/requests/{ticket.reference}?key={key}&lang={code}")
    assert phrases.stop_kept in html.unescape(page.text)
    text = call(client, ticket, "withdraw", key=key, lang=code).get_json()["text"]
    assert text.endswith(phrases.stop_kept)
    assert parts.store.suppressed(ticket.contacts[0]) is not None


def test_withdrawn_in_the_chat_it_is_said_what_follows_and_once_more_is_no_error(
    parts: Parts,
) -> None:
    ana = Person(parts)
    ana.says("stop marketing to ana@example.com", "yes")
    assert "Marketing may then reach you again" in ana.says("withdraw my request").text
    assert "no longer keeps marketing away" in ana.says("yes").text
    assert "has already been withdrawn" in ana.says("withdraw my request").text


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_code_is_asked_for_and_taken_on_the_page(
    mailing: Callable[..., Parts],  # noqa: F811 - the fixture
    post: Post,  # noqa: F811
    code: str,
) -> None:
    parts = mailing()
    client, ticket = create_app(parts).test_client(), file(parts, "copy")
    phrases = parts.knowledge.languages[code].phrases
    path = f"/requests/{ticket.reference}"
    form = {"key": key_of(parts, ticket), "lang": code}
    page = html.unescape(client.get(f"{path}?key={form['key']}&lang={code}").text)
    assert phrases.page_code_hint.format(address="ana@example.com") in page
    assert f'action="{path}/code"' in page
    sent = client.post(f"{path}/new-code", data=form)
    values = {"address": "ana@example.com", "minutes": 10}
    assert phrases.follow_code_sent.format(**values) in html.unescape(sent.text)
    for wrong in (f"{(int(post.code) + 1) % 10**6:06}", "", "é" * 6):
        refused = client.post(f"{path}/code", data={**form, "code": wrong})
        assert refused.status_code == 409
        assert phrases.follow_code_wrong in html.unescape(refused.text)
        assert f'action="{path}/code"' in refused.text
    spaced = f" {post.code[:3]} {post.code[3:]}"
    right = client.post(f"{path}/code", data={**form, "code": spaced})
    assert right.status_code == 200
    assert phrases.code_right.format(**values) in html.unescape(right.text)
    assert f'action="{path}/code"' not in right.text
    again = client.post(f"{path}/code", data={**form, "code": post.code})
    assert again.status_code == 409
    for what in ("code", "new-code"):
        assert client.post(f"{path}/{what}", data={"key": "0" * 22}).status_code == 404


def test_the_page_sends_no_more_codes_than_the_chat(
    mailing: Callable[..., Parts],  # noqa: F811 - the fixture
    post: Post,  # noqa: F811
) -> None:
    parts = mailing()
    client, ticket = create_app(parts).test_client(), file(parts, "copy")
    form = {"key": key_of(parts, ticket), "lang": "en"}
    pressed = [client.post(f"/requests/{ticket.reference}/new-code", data=form) for _ in range(4)]
    assert [page.status_code for page in pressed] == [200, 200, 409, 409]
    assert len(post.mails) == MAILS_PER_TICKET
    assert "can't send any more codes" in html.unescape(pressed[-1].text)


def test_without_mail_the_page_asks_for_no_code(client: FlaskClient, parts: Parts) -> None:
    ticket = file(parts, "copy")
    page = client.get(f"/requests/{ticket.reference}?key={key_of(parts, ticket)}&lang=en")
    assert "/code" not in page.text


class TestSuppressionsForStaff:
    """The list answers staff programs, by position and nothing more."""

    TOKEN = "t" * 32
    PATH = "/api/v1/suppressions/check"

    @pytest.fixture
    def staffed(self, make_parts: Callable[..., Parts]) -> Parts:
        """Give a program with a staff token."""
        return make_parts(PRIVACY_ASSISTANT_STAFF_TOKEN=self.TOKEN)

    def ask(self, parts: Parts, addresses: object, header: str | None = None) -> Any:
        """Ask for addresses."""
        headers = {"Authorization": header} if header else {}
        client = create_app(parts).test_client()
        return client.post(self.PATH, json={"addresses": addresses}, headers=headers)

    def test_it_tells_true_or_false_for_each(self, staffed: Parts) -> None:
        file(staffed)
        # the same address however it is written; plus-addresses and look-alikes are others
        given = [" Ana@Example.COM ", "ana+x@example.com", "аna@example.com", "bob@example.com", ""]
        answer = self.ask(staffed, given, f"Bearer {self.TOKEN}")
        assert answer.get_json() == {"suppressed": [True, False, False, False, False]}

    @pytest.mark.parametrize(
        ("header", "status"),
        [
            (None, 401),
            ("Bearer", 401),
            ("Basic dDp0", 401),
            (f"Bearer {'x' * 32}", 403),
            ("Bearer t", 403),
            ("Bearer ț", 403),
        ],
    )
    def test_strangers_are_refused(self, staffed: Parts, header: str | None, status: int) -> None:
        answer = self.ask(staffed, ["ana@example.com"], header)
        assert answer.status_code == status
        assert set(answer.get_json()) == {"error"}

    def test_a_stranger_learns_nothing_about_the_call(self, staffed: Parts) -> None:
        assert self.ask(staffed, 5).status_code == 401

    def test_without_a_token_of_the_server_nobody_may(self, parts: Parts) -> None:
        for header in ("Bearer x", "Bearer  ", "Bearer \u00a0"):
            assert self.ask(parts, [], header).status_code in {401, 403}

    def test_a_thousand_fit_and_one_more_does_not(self, staffed: Parts) -> None:
        longest = f"{'x' * 64}@{'y' * 60}.{'y' * 60}.{'y' * 60}.example.com"
        header = f"Bearer {self.TOKEN}"
        answer = self.ask(staffed, [longest] * 1000, header)
        assert answer.get_json() == {"suppressed": [False] * 1000}
        assert self.ask(staffed, ["a@example.com"] * 1001, header).status_code == 422
