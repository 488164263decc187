"""Dates, days left and statuses in words, in four languages."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from handlers.casework import Casework
from handlers.deadlines import Calendar, deadline
from handlers.tickets import Status, Ticket
from handlers.wording import explain, remaining, status
from knowledge.model import Knowledge

BELGIUM = Calendar("BE", "Europe/Brussels")
DUE = date(2026, 4, 7)


@pytest.fixture
def ticket(knowledge: Knowledge) -> Ticket:
    """Give a ticket that is due on 7 April 2026."""
    now = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
    return (
        Casework(BELGIUM, knowledge.requests)
        .file(
            reference="PR-7F3K-9Q2M",
            request="access",
            language="en",
            channel="web",
            received_at=now,
            now=now,
            contacts=(),
            details=None,
        )
        .ticket
    )


LEFT = {
    "en": ("due today", "1 day late", "due in 1 day", "21 days late"),
    "nl": ("vandaag af te handelen", "1 dag te laat", "nog 1 dag", "21 dagen te laat"),
    "fr": (
        "à traiter aujourd'hui",
        "1 jour de retard",
        "échéance dans 1 jour",
        "21 jours de retard",
    ),
    "ro": (
        "termenul expiră astăzi",
        "termen depășit cu 1 zi",
        "încă 1 zi",
        "termen depășit cu 21 de zile",
    ),
}


@pytest.mark.parametrize("code", LEFT)
def test_the_days_left_are_said_on_the_day_itself_before_and_after(
    code: str, ticket: Ticket, knowledge: Knowledge
) -> None:
    assert ticket.due_on == DUE
    for wanted, days in zip(LEFT[code], (0, 1, -1, 21), strict=True):
        said = remaining(ticket, DUE + timedelta(days=days), knowledge.languages[code])
        assert said.replace("\xa0", " ") == wanted


@pytest.mark.parametrize("code", LEFT)
def test_every_status_has_a_name_of_its_own(code: str, knowledge: Knowledge) -> None:
    names = {status(value, knowledge.languages[code]) for value in Status}
    assert len(names) == len(Status)


@pytest.mark.parametrize("code", LEFT)
def test_an_extra_day_off_is_told_in_the_explanation(code: str, knowledge: Knowledge) -> None:
    bridge = replace(BELGIUM, extra_days=frozenset({DUE}))
    found = deadline(date(2026, 3, 5), bridge)
    assert found.due_on == date(2026, 4, 8)
    plain = explain(deadline(date(2026, 3, 5), BELGIUM), knowledge.languages[code])
    words = explain(found, knowledge.languages[code])
    # Sunday, Easter Monday, the extra day: one sentence more than without it
    assert words.count(".") == plain.count(".") + 1
