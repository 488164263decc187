"""The suppression list: whom marketing must not reach, and who was reached all the same."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.contacts import address
from handlers.casework import LIFTED, Step
from handlers.deadlines import Calendar
from handlers.register import What
from handlers.store import Store, Suppression

SEPARATORS = ",;\t"
"""What stands between the cells of a CSV file, by country."""


class TableError(Exception):
    """A file is not the table that is needed; the text says why in one line."""


@dataclass(frozen=True)
class Offence:
    """A message that was sent although its receiver had objected before."""

    row: int
    """Line of the file, the heading being 1."""
    address: str = field(repr=False)
    sent_on: date
    suppression: Suppression


@dataclass(frozen=True)
class Unread:
    """A row that could not be judged."""

    row: int
    why: str


def lifted_for_staff(step: Step, store: Store) -> str:
    """Say in a line what became of the addresses of an objection that no longer stands, if any."""
    if step.ticket.stop_by is None or step.ticket.status not in LIFTED:
        return ""
    *_, last = store.register(step.ticket.reference)
    if last.event.what is not What.UNSUPPRESSED:
        return "its addresses stay on the suppression list"
    codes = last.event.codes
    kept = f", {codes['kept']} kept there by another objection" if codes["kept"] else ""
    return f"taken off the suppression list: {codes['identifiers']}{kept}"


def suppressed(store: Store, text: str, country: str) -> Suppression | None:
    """Tell whether an address or number, however it is written, is on the list.

    Raises:
        ValueError: when it is none.
    """
    contact = address(text, country)
    if contact is None:
        raise ValueError("no e-mail address or telephone number")
    return store.suppressed(contact)


def column(lines: Iterable[str], name: str | None) -> Iterator[tuple[int, str]]:
    """Give the addresses of a file with their line: one a line, or a column of a CSV file.

    Raises:
        TableError: when there is no such column, or several and none is named.
    """
    if name is None:
        for number, line in enumerate(lines, 1):
            head = _cells(line) if number == 1 else []
            if len(head) > 1:
                raise TableError(f"it has several columns; name one by --column: {', '.join(head)}")
            if line.strip():
                yield number, line.strip()
        return
    for number, values in rows(lines, (name,)):
        yield number, values[0]


def mailed_after(
    lines: Iterable[str], columns: tuple[str, str], store: Store, calendar: Calendar
) -> Iterator[Offence | Unread]:
    """Give what was sent to an address or number after the day of its objection.

    Raises:
        TableError: when one of the two columns, address and date, is not there.
    """
    for number, (written, sent) in rows(lines, columns):
        try:
            sent_on = day_of(sent, calendar)
        except ValueError:
            yield Unread(number, "its date is no day or moment in ISO 8601")
            continue
        try:
            found = suppressed(store, written, calendar.country)
        except ValueError as error:
            yield Unread(number, f"its address is {error}")
            continue
        if found is not None and sent_on > found.since:
            yield Offence(number, written, sent_on, found)


def rows(lines: Iterable[str], names: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Give the cells of some columns of a CSV file, by the line on which the row ends."""
    found = iter(lines)
    heading = next(found, "")
    head = _cells(heading)
    for name in names:
        if name not in head:
            raise TableError(f"there is no column '{name}', only {', '.join(head) or 'nothing'}")
    places = [head.index(name) for name in names]
    reader = csv.reader(found, delimiter=_separator(heading))
    for cells in reader:
        if any(cell.strip() for cell in cells):
            row = [cells[place].strip() if place < len(cells) else "" for place in places]
            yield reader.line_num + 1, row


def _cells(heading: str) -> list[str]:
    """Give the names of a CSV file's columns."""
    line = heading.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    return [cell.strip() for cell in next(csv.reader([line], delimiter=_separator(line)), [])]


def _separator(heading: str) -> str:
    return max(SEPARATORS, key=heading.count)


def day_of(text: str, calendar: Calendar) -> date:
    """Read a day, or a moment and its day in the controller's zone.

    Raises:
        ValueError: when it is neither.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(calendar.timezone))
    return calendar.day_of(moment)
