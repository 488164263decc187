"""When a request has to be answered: Regulation (EEC, Euratom) No 1182/71, pure arithmetic.

Articles named in this module are of that Regulation unless GDPR is said.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
from dateutil.relativedelta import relativedelta

MONTHS = 1
"""GDPR article 12(3): one month from receipt."""
EXTENSION = 2
"""GDPR article 12(3): two further months, where necessary."""
TARGET_DAYS = 14
"""Days in which a request should be answered: one month is a ceiling, not a term of grace."""

SATURDAY = 5


@dataclass(frozen=True)
class Calendar:
    """Where and how the controller counts days."""

    country: str
    """ISO 3166 code; its public holidays are days off (article 2(1))."""
    timezone: str
    """Zone in which a day begins and ends."""
    extra_days: frozenset[date] = frozenset()
    """Further days off, such as bridge days of the authorities."""
    target_days: int = TARGET_DAYS

    @property
    def version(self) -> str:
        """Tell calendars apart: a ticket keeps by which one its dates were worked out."""
        return "+".join((self.country, *(day.isoformat() for day in sorted(self.extra_days))))

    def day_of(self, moment: datetime) -> date:
        """Give the day of a moment in the controller's zone.

        Raises:
            ValueError: for a moment without a zone.
        """
        if moment.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return moment.astimezone(ZoneInfo(self.timezone)).date()


@dataclass(frozen=True)
class DayOff:
    """A day on which no period ends, with the reason."""

    day: date
    holiday: str | None
    """English name of the public holiday; None for another day off."""
    extra: bool = False
    """Whether the controller's own settings make it a day off."""


@dataclass(frozen=True)
class Deadline:
    """A due date and the way to it."""

    received_on: date
    """Day of receipt in the controller's zone; it is not counted (article 3(1))."""
    months: int
    ends_on: date
    """Day on which the period ends by the calendar (article 3(2)(c))."""
    days_off: tuple[DayOff, ...]
    """Days from that one on which the period cannot end (article 3(4))."""
    due_on: date
    """Last day of the period, until midnight."""


def deadline(received_on: date, calendar: Calendar, *, extended: bool = False) -> Deadline:
    """Work out by when a request received on this day must be answered.

    The month ends on the same day of the next month, or on that month's last day (article
    3(2)(c)); a Saturday, Sunday or public holiday moves the end to the next working day (article
    3(4)). An extension can be counted from receipt or from the end of the first month; the
    earlier end is taken, as it is right by both readings.
    """
    months = MONTHS + (EXTENSION if extended else 0)
    ends_on = received_on + relativedelta(months=months)
    if extended:
        first = received_on + relativedelta(months=MONTHS)
        ends_on = min(ends_on, first + relativedelta(months=EXTENSION))
    due_on, days_off = next_working_day(ends_on, calendar)
    return Deadline(received_on, months, ends_on, days_off, due_on)


def target(received_on: date, calendar: Calendar) -> date:
    """Give the internal target date, which comes before the legal one (GDPR: undue delay)."""
    wanted, _ = next_working_day(received_on + timedelta(days=calendar.target_days), calendar)
    return min(wanted, deadline(received_on, calendar).due_on)


def next_working_day(day: date, calendar: Calendar) -> tuple[date, tuple[DayOff, ...]]:
    """Give the day itself or the first working day after it, and the days that were skipped."""
    skipped: list[DayOff] = []
    while (off := day_off(day, calendar)) is not None:
        skipped.append(off)
        day += timedelta(days=1)
    return day, tuple(skipped)


def day_off(day: date, calendar: Calendar) -> DayOff | None:
    """Tell why no period ends on this day; None for a working day."""
    name = public_holidays(calendar.country, day.year).get(day)
    extra = name is None and day in calendar.extra_days
    if name is None and not extra and day.weekday() < SATURDAY:
        return None
    return DayOff(day, name, extra)


@lru_cache(maxsize=64)
def public_holidays(country: str, year: int) -> dict[date, str]:
    """Give the public holidays of a country in one year, with their English names.

    Raises:
        NotImplementedError: for a country that the ``holidays`` library does not know.
    """
    return dict(holidays.country_holidays(country, years=year, language="en_US").items())
