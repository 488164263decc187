"""Drafts that were left before a yes: filed once, as not confirmed, and told on return."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest

from bot.abandoned import file_abandoned
from bot.parts import Parts
from handlers.register import What
from handlers.tickets import Status
from tests.conftest import NOW, Person

HALF_AN_HOUR = timedelta(minutes=30)
LATER = NOW + timedelta(minutes=31)


def look_after(parts: Parts, now: datetime = LATER) -> int:
    """File what was left."""
    return file_abandoned(parts.store, parts.assistant.desk, now)


@pytest.mark.parametrize(
    ("code", "wish", "yes", "unwanted"),
    [
        ("en", "stop marketing to ana@example.com", "yes", "I didn't want that"),
        ("nl", "geen reclame meer naar ana@example.com", "ja", "dat wilde ik niet"),
        ("fr", "arrêtez la publicité sur ana@example.com", "oui", "je ne voulais pas"),
        ("ro", "opriti marketingul la ana@example.com", "da", "nu am vrut asta"),
    ],
)
def test_a_draft_that_was_left_is_filed_and_told_on_return(
    code: str, wish: str, yes: str, unwanted: str, make_parts: Callable[..., Parts]
) -> None:
    parts = make_parts()
    phrases = parts.knowledge.languages[code].phrases
    ana, bob = Person(parts, code), Person(parts, code)
    ana.says(wish)
    bob.says(wish.replace("ana@", "bob@"))
    assert look_after(parts) == 2
    tickets = {ticket.contacts[0].value: ticket for ticket in parts.store.tickets()}
    for ticket in tickets.values():
        assert (ticket.status, ticket.unconfirmed) == (Status.RECEIVED, True)
        assert (ticket.received_at, ticket.filed_at) == (NOW, LATER)
        assert ticket.language == code

    ana.parts = bob.parts = later = make_parts(now=LATER + timedelta(hours=1))
    told = ana.says(yes).text
    mine = tickets["ana@example.com"].reference
    assert mine in told
    assert phrases.abandoned.partition("{")[0] in told
    assert phrases.confirmed.format(reference=mine) in told
    confirmed = later.store.ticket(mine)
    assert confirmed is not None
    assert not confirmed.unconfirmed

    his = tickets["bob@example.com"].reference
    assert his in bob.says("hello").text
    assert phrases.abandoned.partition("{")[0] not in bob.says("hello").text
    assert phrases.withdraw_ask.partition("{")[0] in bob.says(unwanted).text
    withdrawn = phrases.withdraw_done.format(reference=his)
    assert bob.says(yes).text == f"{withdrawn}\n\n{phrases.stop_lifted}"
    gone = later.store.ticket(his)
    assert gone is not None
    assert gone.status is Status.WITHDRAWN


def test_the_period_runs_from_the_first_wish_and_not_from_the_filing(
    make_parts: Callable[..., Parts],
) -> None:
    # 23:50 in Brussels: half an hour later it is the next day
    evening = datetime.fromisoformat("2026-03-05T23:50:00+01:00")
    parts = make_parts(now=evening)
    Person(parts).says("delete my data, ana@example.com")
    look_after(parts, evening + timedelta(minutes=40))
    [ticket] = parts.store.tickets()
    assert ticket.received_at == evening
    assert str(ticket.due_on) == "2026-04-07"


@pytest.mark.parametrize(("minutes", "filed"), [(29, 0), (30, 0), (31, 1)])
def test_nobody_is_filed_for_while_still_typing(minutes: int, filed: int, parts: Parts) -> None:
    Person(parts).says("stop marketing to ana@example.com")
    assert look_after(parts, NOW + timedelta(minutes=minutes)) == filed


@pytest.mark.parametrize(
    "texts",
    [
        ["stop marketing"],
        ["stop marketing to ana@example.com", "cancel"],
        ["stop marketing to ana@example.com", "no"],
        ["stop marketing to ana@example.com", "not that email"],
        ["stop marketing to ana@example.com", "start over"],
        ["what does personal data mean?"],
        ["how can I unsubscribe from your marketing mails?"],
        ["ana@example.com"],
    ],
)
def test_what_nobody_can_work_on_or_nobody_wants_is_not_filed(
    texts: list[str], parts: Parts
) -> None:
    Person(parts).says(*texts)
    assert look_after(parts) == 0
    assert list(parts.store.tickets()) == []


def test_a_question_in_between_leaves_the_draft_to_be_filed(parts: Parts) -> None:
    Person(parts).says("delete my data, ana@example.com", "what does personal data mean?")
    assert look_after(parts) == 1


def test_two_wishes_that_were_left_are_two_tickets(parts: Parts) -> None:
    Person(parts).says("delete all my data, but first send me a copy of my data", "ana@example.com")
    assert look_after(parts) == 2
    assert {ticket.request for ticket in parts.store.tickets()} == {"access", "erasure"}


def test_it_is_filed_once_however_often_and_by_how_many_workers(
    make_parts: Callable[..., Parts],
) -> None:
    workers = [make_parts() for _ in range(2)]
    people = 20
    for number in range(people):
        Person(workers[0]).says(f"stop marketing to ana{number}@example.com")
    together = Barrier(len(workers))

    def work(parts: Parts) -> int:
        together.wait()
        return look_after(parts)

    with ThreadPoolExecutor() as pool:
        assert sum(pool.map(work, workers)) == people
    assert look_after(workers[0]) == 0
    tickets = list(workers[0].store.tickets())
    assert len(tickets) == people
    assert len({ticket.contacts[0].value for ticket in tickets}) == people


def test_of_a_late_yes_and_a_worker_at_once_one_files(make_parts: Callable[..., Parts]) -> None:
    for number in range(10):
        parts = make_parts()
        ana = Person(parts)
        ana.says(f"stop marketing to ana{number}@example.com")
        ana.parts = make_parts(now=LATER)
        before = len(list(parts.store.tickets()))
        with ThreadPoolExecutor() as pool:
            filing, said = pool.submit(look_after, parts), pool.submit(ana.says, "yes")
            filing.result()
            assert said.result().text
        assert len(list(parts.store.tickets())) == before + 1


def test_a_new_conversation_has_the_left_ones_looked_after(
    make_parts: Callable[..., Parts],
) -> None:
    Person(make_parts()).says("stop marketing to ana@example.com")
    later = make_parts(now=NOW + timedelta(hours=25))
    Person(later).says("hello")
    [ticket] = later.store.tickets()
    assert ticket.unconfirmed


def test_the_register_says_that_nobody_confirmed(make_parts: Callable[..., Parts]) -> None:
    parts = make_parts()
    ana = Person(parts)
    ana.says("stop marketing to ana@example.com")
    look_after(parts)
    ana.parts = make_parts(now=LATER)
    ana.says("yes")
    [ticket] = parts.store.tickets()
    events = [entry.event for entry in parts.store.register(ticket.reference)]
    assert events[0].what is What.FILED
    assert events[0].codes["confirmed"] is False
    assert events[-1].what is What.CONFIRMED
