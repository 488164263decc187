"""Tickets in the SQLite file: each step written, and read with the values that belong to it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlite_utils import Database

from bot.tickets import chain, salts, talks
from bot.tickets.rows import codes_of, personal_of, read, ticket_of, written
from bot.tickets.steps import event_of, lifted, put_on, stopped, stopped_since, taken_off
from bot.vault import Box, Vault, new_salt
from handlers.casework import Step
from handlers.register import Event, What
from handlers.store import Suppression
from handlers.tickets import Check, Conflict, Contact, ContactKind, Ticket

PART = 500
"""Tickets read at once."""
MARK_DIGITS = 4
"""Hexadecimal digits kept of an identifier's keyed hash.

They leave some 15 of a million tickets to be decrypted and compared. A whole hash would be no
faster by much, would link a person's tickets for whoever has the file, and could outlast its row:
see :func:`bot.tickets.schema.m001_salts`.
"""

PUT_IDENTIFIER = (
    "insert or replace into identifiers (ticket, position, kind, mark, value, verified_at, how)"
    " values (?, ?, ?, ?, ?, ?, ?)"
)
PUT_PERSONAL = "insert or replace into personal (ticket, field, value) values (?, ?, ?)"


@dataclass(frozen=True)
class Sealed:
    """A step, and the rows of its ticket if it is a new one.

    They are encrypted before the write lock is taken: nobody waits for that.
    """

    step: Step
    row: dict[str, Any] = field(default_factory=dict, repr=False)
    salt: bytes = field(default=b"", repr=False)
    identifiers: tuple[tuple[Any, ...], ...] = field(default=(), repr=False)
    personal: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)


def seal(vault: Vault, step: Step) -> Sealed:
    """Encrypt what a step files."""
    ticket = step.ticket
    if step.event.what is not What.FILED:
        return Sealed(step)
    salt = new_salt()
    box = vault.box(salt)
    return Sealed(
        step,
        codes_of(ticket),
        salt,
        tuple(
            _identifier(vault, box, ticket, position) for position in range(len(ticket.contacts))
        ),
        tuple(
            (name, box.seal(text, ticket.reference, name))
            for name, text in personal_of(ticket).items()
        ),
    )


def write(db: Database, vault: Vault, sealed: Sealed) -> None:
    """Write a ticket as it is after a step, and its events.

    Raises:
        Conflict: when its version is not the one just before, or it is known already.
    """
    step = sealed.step
    if step.event.what is What.FILED:
        _insert(db, sealed)
    else:
        _replace(db, vault, step.ticket, erase=step.event.what is What.ERASED)
    chain.append(db, event_of(step))
    for event in (*_suppress(db, vault, step), *_unsuppress(db, vault, step)):
        chain.append(db, event)


def load(db: Database, vault: Vault, numbers: Sequence[int]) -> list[Ticket]:
    """Give the tickets with these numbers, in their order."""
    found: dict[int, Ticket] = {}
    for start in range(0, len(numbers), PART):
        found |= _load_part(db, vault, numbers[start : start + PART])
    return [found[number] for number in numbers if number in found]


def number_of(db: Database, reference: str) -> int | None:
    """Give the number of the ticket with this reference."""
    row = db.execute("select number from tickets where reference = ?", [reference]).fetchone()
    return row and int(row[0])


def with_contact(db: Database, vault: Vault, contact: Contact, limit: int) -> list[int]:
    """Give the numbers of the tickets with exactly this identifier, the latest first."""
    candidates = db.execute(
        "select i.ticket, i.position, i.kind, i.value, t.reference, s.salt from identifiers i"
        " join tickets t on t.number = i.ticket join salts s on s.number = t.salt"
        " where i.mark = ? and i.kind = ? order by i.ticket desc",
        [_mark(vault, contact), contact.kind.value],
    )
    numbers: dict[int, None] = {}
    for ticket, position, kind, value, reference, salt in candidates:
        if vault.box(salt).open(value, reference, kind, str(position)) == contact.value:
            numbers[ticket] = None
        if len(numbers) == limit:
            break
    return list(numbers)


def suppression_mark(vault: Vault, contact: Contact) -> str:
    """Give the keyed hash of a contact on the suppression list."""
    return vault.mark(f"suppressed {contact.kind}", contact.value)


def _suppress(db: Database, vault: Vault, step: Step) -> tuple[Event, ...]:
    sql = (
        "insert into suppressions (mark, since, reference) values (?, ?, ?) on conflict do nothing"
    )
    since, reference = str(stopped_since(step)), step.ticket.reference
    marks = [suppression_mark(vault, contact) for contact in stopped(step)]
    return put_on(step, sum(db.execute(sql, [m, since, reference]).rowcount for m in marks))


def _unsuppress(db: Database, vault: Vault, step: Step) -> tuple[Event, ...]:
    reference = step.ticket.reference
    marks = [suppression_mark(vault, contact) for contact in lifted(step)]
    if not marks or chain.holds(db, reference, What.FULFILLED):
        return ()
    sql = "delete from suppressions where mark = ? and reference = ?"
    gone = sum(db.execute(sql, [mark, reference]).rowcount for mark in marks)
    return taken_off(step, gone, sum(suppression(db, mark) is not None for mark in marks))


def suppression(db: Database, mark: str) -> Suppression | None:
    """Give the objection that counts for a contact's keyed hash: the earliest."""
    sql = "select since, reference from suppressions where mark = ? order by 1, 2 limit 1"
    row = db.execute(sql, [mark]).fetchone()
    return row and Suppression(mark, date.fromisoformat(row[0]), row[1])


def _load_part(db: Database, vault: Vault, numbers: Sequence[int]) -> dict[int, Ticket]:
    which = f"({', '.join('?' * len(numbers))})"
    identifiers: dict[int, list[dict[str, Any]]] = defaultdict(list)
    personal: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for table, rows in (("identifiers", identifiers), ("personal", personal)):
        sql = f"select * from {table} where ticket in {which} order by 1, 2"
        for row in _dicts(db, sql, numbers):
            rows[row["ticket"]].append(row)
    found = {}
    sql = (
        "select t.*, s.salt as box from tickets t join salts s on s.number = t.salt"
        f" where t.number in {which}"
    )
    for row in _dicts(db, sql, numbers):
        box, reference, number = vault.box(row["box"]), row["reference"], row["number"]
        found[number] = ticket_of(
            row,
            [_contact(box, reference, identifier) for identifier in identifiers[number]],
            {p["field"]: box.open(p["value"], reference, p["field"]) for p in personal[number]},
        )
    return found


def _insert(db: Database, sealed: Sealed) -> None:
    row = {**sealed.row, "salt": salts.keep(db, sealed.salt)}
    marks = ", ".join(f":{name}" for name in row)
    cursor = db.execute(
        f"insert into tickets ({', '.join(row)}) values ({marks}) on conflict do nothing", row
    )
    if cursor.rowcount != 1:
        raise Conflict
    for values in sealed.identifiers:
        db.execute(PUT_IDENTIFIER, [cursor.lastrowid, *values])
    for values in sealed.personal:
        db.execute(PUT_PERSONAL, [cursor.lastrowid, *values])


def _replace(db: Database, vault: Vault, ticket: Ticket, *, erase: bool) -> None:
    row = codes_of(ticket)
    kept = db.execute(
        "select number, salt from tickets where reference = :reference and version = :version - 1",
        row,
    ).fetchone()
    if kept is None:
        raise Conflict
    number, salt = kept
    before = None if erase else load(db, vault, [number])[0]
    changes = ", ".join(f"{name} = :{name}" for name in row)
    db.execute(f"update tickets set {changes} where number = :number", {**row, "number": number})
    if before is None:
        erase_values(db, number, salt, ticket.reference)
        return
    box = salts.box(db, vault, salt)
    for position, contact in enumerate(ticket.contacts):
        values = _identifier(vault, box, ticket, position)
        if position < len(before.contacts) and before.contacts[position] == contact:
            # it stays as it is encrypted; whether it was checked may have changed
            db.execute(
                "update identifiers set verified_at = ?, how = ? where ticket = ? and position = ?",
                [*values[-2:], number, position],
            )
        else:
            db.execute(PUT_IDENTIFIER, [number, *values])
    db.execute(
        "delete from identifiers where ticket = ? and position >= ?",
        [number, len(ticket.contacts)],
    )
    fields, fields_before = personal_of(ticket), personal_of(before)
    for name in fields_before.keys() - fields.keys():
        db.execute("delete from personal where ticket = ? and field = ?", [number, name])
    for name, text in fields.items():
        if fields_before.get(name) != text:
            db.execute(PUT_PERSONAL, [number, name, box.seal(text, ticket.reference, name)])


def erase_values(db: Database, number: int, salt: int, reference: str) -> None:
    """Leave nothing of a ticket's personal values, nor a way to decrypt what is left of them."""
    for table in ("identifiers", "personal", "codes"):
        db.execute(f"delete from {table} where ticket = ?", [number])
    salts.wipe(db, salt)
    # an open conversation of this ticket holds what it is about
    talks.forget(db, "instr(mentions, ?)", reference)


def _identifier(vault: Vault, box: Box, ticket: Ticket, position: int) -> tuple[Any, ...]:
    contact = ticket.contacts[position]
    value = box.seal(contact.value, ticket.reference, contact.kind, str(position))
    return (
        *(position, contact.kind.value, _mark(vault, contact), value),
        *(written(contact.verified_at), contact.check and contact.check.value),
    )


def _contact(box: Box, reference: str, row: dict[str, Any]) -> Contact:
    value = box.open(row["value"], reference, row["kind"], str(row["position"]))
    check = row["how"] and Check(row["how"])
    return Contact(ContactKind(row["kind"]), value, read(row["verified_at"]), check)


def _mark(vault: Vault, contact: Contact) -> int:
    return int(vault.mark(contact.kind, contact.value)[:MARK_DIGITS], 16)


def _dicts(db: Database, sql: str, values: Iterable[Any]) -> list[dict[str, Any]]:
    cursor = db.execute(sql, list(values))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]
