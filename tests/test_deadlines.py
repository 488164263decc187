"""Due dates, against vectors worked out independently from Regulation 1182/71."""

from datetime import UTC, date, datetime, timedelta

import pytest
from dateutil.easter import easter
from hypothesis import given
from hypothesis import strategies as st

from handlers.deadlines import Calendar, day_off, deadline, next_working_day

BELGIUM = Calendar("BE", "Europe/Brussels")

VECTORS = {
    "2026-03-05": "2026-04-07",
    "2026-01-31": "2026-03-02",
    "2028-01-31": "2028-02-29",
    "2026-06-21": "2026-07-22",
    "2026-04-14": "2026-05-15",
    "2026-10-11": "2026-11-12",
    "2026-11-25": "2026-12-28",
    "2026-12-31": "2027-02-01",
    "2026-07-15": "2026-08-17",
    "2026-04-01": "2026-05-04",
    "2026-09-25": "2026-10-26",
}


@pytest.mark.parametrize(("received", "due"), VECTORS.items())
def test_a_month_ends_on_the_same_day_or_the_next_working_day(received: str, due: str) -> None:
    assert deadline(date.fromisoformat(received), BELGIUM).due_on == date.fromisoformat(due)


def test_an_extension_takes_the_earlier_of_both_readings() -> None:
    assert deadline(date(2026, 1, 31), BELGIUM, extended=True).due_on == date(2026, 4, 28)


def test_every_skipped_day_is_named_with_its_reason() -> None:
    found = deadline(date(2026, 3, 5), BELGIUM)
    assert [(off.day, off.holiday) for off in found.days_off] == [
        (date(2026, 4, 5), "Easter Sunday"),
        (date(2026, 4, 6), "Easter Monday"),
    ]
    assert found.ends_on == date(2026, 4, 5)


def test_the_day_of_receipt_is_the_controllers() -> None:
    moment = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)
    received_on = BELGIUM.day_of(moment)
    assert received_on == date(2026, 4, 1)
    assert deadline(received_on, BELGIUM).due_on == date(2026, 5, 4)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        # the clocks go forward on 29 March and back on 25 October 2026
        ("2026-03-28T22:59:00+00:00", "2026-03-28"),
        ("2026-03-28T23:01:00+00:00", "2026-03-29"),
        ("2026-03-29T21:59:00+00:00", "2026-03-29"),
        ("2026-03-29T22:01:00+00:00", "2026-03-30"),
        ("2026-10-24T21:59:00+00:00", "2026-10-24"),
        ("2026-10-24T22:01:00+00:00", "2026-10-25"),
        ("2026-10-25T22:59:00+00:00", "2026-10-25"),
        ("2026-10-25T23:01:00+00:00", "2026-10-26"),
    ],
)
def test_midnight_is_that_of_brussels_on_both_days_of_the_time_change(
    moment: str, day: str
) -> None:
    assert BELGIUM.day_of(datetime.fromisoformat(moment)) == date.fromisoformat(day)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        BELGIUM.day_of(datetime(2026, 3, 5, 9, 0))  # noqa: DTZ001


@pytest.mark.parametrize("year", range(2024, 2031))
def test_belgium_has_its_ten_holidays(year: int) -> None:
    # Act of 4 January 1974 and Royal Decree of 18 April 1974
    moving = [easter(year) + timedelta(days=n) for n in (1, 39, 50)]
    fixed = [(1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25)]
    for day in [*moving, *(date(year, month, number) for month, number in fixed)]:
        off = day_off(day, BELGIUM)
        assert off is not None
        assert off.holiday is not None


@given(st.dates(date(1990, 1, 1), date(2090, 12, 31)), st.booleans())
def test_a_due_date_is_a_working_day_never_before_the_period_ends(
    received_on: date, extended: bool
) -> None:
    found = deadline(received_on, BELGIUM, extended=extended)
    assert found.due_on >= found.ends_on > received_on
    assert day_off(found.due_on, BELGIUM) is None
    assert len(found.days_off) == (found.due_on - found.ends_on).days
    assert next_working_day(found.due_on, BELGIUM) == (found.due_on, ())
