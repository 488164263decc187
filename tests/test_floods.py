"""Floods and duplicates: limits that hold across processes, proposals that only staff see."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.abandoned import file_abandoned
from bot.limits import MESSAGES, SENDER_TICKETS, TICKETS, Limiter
from bot.parts import Parts
from handlers.contract import Reply
from handlers.register import What
from handlers.tickets import Status
from tests.conftest import NOW, Person

LANGUAGES = ["en", "fr", "nl", "ro"]
STOP = {
    "en": ("stop marketing to ana@example.com", "yes"),
    "fr": ("arrêtez la publicité sur ana@example.com", "oui"),
    "nl": ("geen reclame meer naar ana@example.com", "ja"),
    "ro": ("opriti marketingul la ana@example.com", "da"),
}
OFFICE = "Schoolstraat 4A bus 1.1, 2840 Rumst"
"""Where the policy says that the company has its registered office."""


def use_up(parts: Parts, most: int, name: str, key: str, seconds: int) -> None:
    """Count as many uses as are allowed."""
    for _ in range(most):
        parts.store.count(f"{name}:{key}", NOW, seconds)


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_thirty_first_message_of_a_minute_waits(
    code: str, make_parts: Callable[..., Parts]
) -> None:
    ana = Person(make_parts(), code)
    ana.says(STOP[code][0])
    phrases = ana.parts.knowledge.languages[code].phrases
    use_up(ana.parts, 30, MESSAGES.name, str(ana.token), 60)
    ana.parts = make_parts()  # another process
    reply = ana.says(STOP[code][1])
    assert phrases.limit_messages.partition("{")[0] in reply.text
    assert OFFICE in reply.text
    assert list(ana.parts.store.tickets()) == []
    ana.parts = make_parts(now=NOW + timedelta(minutes=1))
    assert ana.says(STOP[code][1]).steps  # what was open still is


def test_another_conversation_is_not_held_up(make_parts: Callable[..., Parts]) -> None:
    parts = make_parts()
    ana, bob = Person(parts), Person(parts)
    ana.says("hello")
    use_up(parts, 30, MESSAGES.name, str(ana.token), 60)
    assert OFFICE in ana.says("hello").text
    assert OFFICE not in bob.says("hello", "hello").text


@pytest.mark.parametrize("code", LANGUAGES)
def test_over_the_limit_of_a_sender_the_draft_waits_and_the_office_is_named(
    code: str, make_parts: Callable[..., Parts]
) -> None:
    ana = Person(make_parts(), code)
    for _ in range(SENDER_TICKETS.most):
        ana.says(*STOP[code])
    reply = ana.says(*STOP[code])
    phrases = ana.parts.knowledge.languages[code].phrases
    assert phrases.limit_tickets.partition("{")[0] in reply.text
    assert OFFICE in reply.text
    assert reply.dialogue.draft is not None
    assert len(list(ana.parts.store.tickets())) == SENDER_TICKETS.most == 10
    ana.parts = make_parts(now=NOW + timedelta(days=1))
    assert ana.says(STOP[code][1]).steps


def test_whose_address_a_stranger_floods_is_not_held_up(make_parts: Callable[..., Parts]) -> None:
    strangers = [Person(make_parts()) for _ in range(SENDER_TICKETS.most + 1)]
    for stranger in strangers:
        assert stranger.says(*STOP["en"]).steps
    assert Person(make_parts()).says(*STOP["en"]).steps


def test_the_limit_for_everybody_holds_and_says_the_same(make_parts: Callable[..., Parts]) -> None:
    parts = make_parts()
    use_up(parts, 300, TICKETS.name, "", 3600)
    everybody = Person(parts).says("stop marketing to bob@example.com", "yes")
    ana = Person(make_parts(now=NOW + timedelta(hours=1)))
    ana.says(STOP["en"][0])
    use_up(parts, 10, SENDER_TICKETS.name, str(ana.token), 86400)
    one = ana.says(STOP["en"][1])
    assert not everybody.steps
    assert everybody.text == one.text


def test_over_the_limit_for_everybody_left_drafts_wait_too(
    make_parts: Callable[..., Parts],
) -> None:
    parts = make_parts()
    Person(parts).says(STOP["en"][0])
    desk, later = parts.assistant.desk, NOW + timedelta(minutes=31)
    for _ in range(TICKETS.most):
        Limiter(parts.store).allows(TICKETS, "", later)
    assert file_abandoned(parts.store, desk, later) == 0
    assert file_abandoned(parts.store, desk, later + timedelta(hours=1)) == 1


def proposals(parts: Parts) -> dict[str, object]:
    """Give which ticket was proposed as a duplicate of which."""
    return {
        entry.event.reference: entry.event.codes["of"]
        for entry in parts.store.register()
        if entry.event.what is What.DUPLICATE_PROPOSED
    }


def test_the_same_right_again_is_filed_and_proposed_to_staff(parts: Parts) -> None:
    first = Person(parts).says(*STOP["en"]).ticket
    second = Person(parts).says(*STOP["en"]).ticket
    assert first
    assert second
    assert proposals(parts) == {second.reference: first.reference}
    for reference in (first.reference, second.reference):
        ticket = parts.store.ticket(reference)
        assert ticket is not None
        assert (ticket.status, ticket.duplicate_of) == (Status.RECEIVED, None)


def test_a_stranger_s_earlier_ticket_changes_no_word_of_the_reply(parts: Parts) -> None:
    alone = Person(parts).says("stop marketing to bob@example.com", "yes")
    Person(parts).says(*STOP["en"])
    after = Person(parts).says(*STOP["en"])
    assert alone.ticket
    assert after.ticket

    def plain(reply: Reply) -> str:
        assert reply.ticket
        key = reply.text.rpartition("key=")[2].split()[0]
        return reply.text.replace(reply.ticket.reference, "").replace(key, "")

    assert plain(after) == plain(alone)
    assert after.sections == alone.sections
    assert after.buttons == alone.buttons


@pytest.mark.parametrize(
    "other",
    ["stop marketing to bob@example.com", "send me a copy of my data, ana@example.com"],
)
def test_another_right_or_another_address_is_no_duplicate(other: str, parts: Parts) -> None:
    Person(parts).says(*STOP["en"])
    Person(parts).says(other, "yes")
    assert proposals(parts) == {}


def test_a_closed_ticket_is_no_earlier_one(parts: Parts) -> None:
    Person(parts).says(*STOP["en"], "withdraw it", "yes")
    Person(parts).says(*STOP["en"])
    assert proposals(parts) == {}


def test_in_one_conversation_the_earlier_reference_is_named(parts: Parts) -> None:
    ana = Person(parts)
    first = ana.says(*STOP["en"]).ticket
    assert first
    reply = ana.says(*STOP["en"])
    assert first.reference in reply.text
    assert len(list(parts.store.tickets())) == 2


# following up with a key


def link(parts: Parts, reference: str) -> str:
    """Give the link that came with a reference."""
    return parts.assistant.desk.follow_url(reference)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_pasted_link_or_a_typed_key_shows_the_ticket(code: str, parts: Parts) -> None:
    ticket = Person(parts, code).says(*STOP[code]).ticket
    assert ticket
    url = link(parts, ticket.reference)
    key = url.rpartition("key=")[2]
    status = parts.knowledge.languages[code].phrases.status_received
    for text in (url, f"{ticket.reference} key {key}", f"{ticket.reference.lower()} {key}"):
        reply = Person(parts, code).says(text)
        assert ticket.reference in reply.text
        assert status in reply.text


def test_a_reference_alone_says_the_same_whether_it_exists_or_not(parts: Parts) -> None:
    ticket = Person(parts).says(*STOP["en"]).ticket
    other = Person(parts).says("stop marketing to bob@example.com", "yes").ticket
    assert ticket
    assert other
    key = link(parts, other.reference).rpartition("key=")[2]
    texts = {
        Person(parts).says(text).text
        for text in (
            ticket.reference,
            "PR-7F3K-9Q2M",
            "PR-0000-0000",
            f"{ticket.reference} key {key}",
            f"PR-0000-0000 key {key}",
        )
    }
    assert texts == {parts.knowledge.languages["en"].phrases.status_none}


def test_in_a_conversation_with_a_ticket_another_reference_shows_nothing(parts: Parts) -> None:
    ticket = Person(parts).says(*STOP["en"]).ticket
    bob = Person(parts)
    bob.says("stop marketing to bob@example.com", "yes")
    assert ticket
    none = parts.knowledge.languages["en"].phrases.status_none
    assert bob.says(ticket.reference).text == none
    assert bob.says("PR-7F3K-9Q2M").text == none


def test_who_has_the_key_can_withdraw_and_signal(parts: Parts) -> None:
    ticket = Person(parts).says(*STOP["en"]).ticket
    assert ticket
    ana = Person(parts)
    ana.says(link(parts, ticket.reference), "I still got one")
    signalled = parts.store.ticket(ticket.reference)
    assert signalled
    assert signalled.breach
    ana.says("withdraw it", "yes")
    withdrawn = parts.store.ticket(ticket.reference)
    assert withdrawn
    assert withdrawn.status is Status.WITHDRAWN


def test_a_breach_opens_a_closed_stop_again(parts: Parts) -> None:
    ana = Person(parts)
    ticket = ana.says(*STOP["en"]).ticket
    assert ticket
    taken = parts.assistant.desk.casework.take(ticket, "kim", NOW)
    done = parts.assistant.desk.casework.fulfil(taken.ticket, "kim", NOW, informed_on=NOW.date())
    parts.store.apply([taken, done])
    reply = ana.says("I still got one")
    opened = parts.store.ticket(ticket.reference)
    assert opened
    assert (opened.status, opened.breach) == (Status.RECEIVED, True)
    assert ticket.reference in reply.text
    assert [e.event.what for e in parts.store.register(ticket.reference)][-1] is (
        What.BREACH_SIGNALLED
    )


def test_the_status_names_what_is_special(parts: Parts, make_parts: Callable[..., Parts]) -> None:
    ana = Person(parts)
    ana.says("stop marketing to ana@example.com")
    file_abandoned(parts.store, parts.assistant.desk, NOW + timedelta(minutes=31))
    ana.parts = make_parts(now=NOW + timedelta(days=34))
    assert "(1 day late, not confirmed)" in ana.says("where is my request?").text
