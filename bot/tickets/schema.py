"""The SQLite file's tables, as a list of changes that only grows: a released one never changes.

Plain SQL, as the tables need partial indexes and triggers. Personal values stand in
``identifiers``, ``personal`` and ``conversations`` only, encrypted; the rest is codes and dates.
"""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from handlers.tickets import OPEN

MIGRATIONS = Migrations("privacy-assistant")

IS_OPEN = f"status in ({', '.join(sorted(repr(str(status)) for status in OPEN))})"
"""Which tickets are open; queries say it word for word, so that SQLite uses the indexes on it."""
IS_ERASABLE = "retention_until is not null and legal_hold = 0 and erased_at is null"


@MIGRATIONS()
def m001_salts(db: Database) -> None:
    """Random salts, one for each ticket and conversation: without it nobody decrypts the rest.

    A deleted row's bytes can outlast it although ``secure_delete`` is on: where SQLite moves a row
    to a neighbouring page, it leaves the copy as it is (measured: about 1 row in 1000). A salt is
    never moved, as rows are only added at the end, and never deleted: it is overwritten in place
    by zeros, and so what may be left of its ticket can be read by nobody. Then it is used again.
    """
    db.execute(
        "create table salts ("
        " number integer primary key, free integer not null, salt blob not null) strict"
    )
    db.execute("create index salts_free on salts (number) where free = 1")
    db.execute("create table vault (number integer primary key, mark text not null) strict")


@MIGRATIONS()
def m002_tickets(db: Database) -> None:
    """Tickets: codes and dates, and beside them the encrypted values, which can be erased."""
    db.execute(
        "create table tickets ("
        " number integer primary key, reference text not null unique, salt integer not null,"
        " version integer not null, request text not null, status text not null,"
        " language text not null, channel text not null, received_at text not null,"
        " filed_at text not null, confirmed_at text, source text, calendar text not null,"
        " due_on text not null, initial_due_on text not null, target_on text not null,"
        " stop_by text, assignee text, taken_at text, extended_at text, extension_reason text,"
        " extended_to text, informed_on text, ground text, partial integer not null,"
        " closed_at text, duplicate_of text, breach integer not null,"
        " legal_hold integer not null, tasks text not null, retention_until text, erased_at text"
        ") strict"
    )
    # the queue, of one status, of the open ones or of all, reads each status's part in its order
    db.execute("create index tickets_queue on tickets (status, due_on, reference)")
    db.execute(f"create index tickets_calendar on tickets (calendar) where {IS_OPEN}")
    db.execute(f"create index tickets_retention on tickets (retention_until) where {IS_ERASABLE}")
    db.execute("create unique index tickets_source on tickets (source) where source is not null")
    db.execute(
        "create table identifiers ("
        " ticket integer not null references tickets, position integer not null,"
        " kind text not null, mark integer not null, value blob not null, verified_at text,"
        " how text, primary key (ticket, position)) strict, without rowid"
    )
    db.execute("create index identifiers_mark on identifiers (mark)")
    db.execute(
        "create table personal ("
        " ticket integer not null references tickets, field text not null,"
        " value blob not null, primary key (ticket, field)) strict, without rowid"
    )
    db.execute(
        "create table codes ("
        " ticket integer primary key references tickets, position integer not null,"
        " mark text not null, expires_at real not null, tries integer not null) strict"
    )


@MIGRATIONS()
def m003_conversations(db: Database) -> None:
    """Open conversations: the latest reply, encrypted, and of which tickets it may speak.

    Those are a list of references in the row: there are few open conversations to look through
    when a ticket is erased, and a table of its own would cost each filing two pages more.
    """
    db.execute(
        "create table conversations ("
        " token text primary key, version integer not null, message_id text,"
        " fingerprint text not null, salt integer not null, reply blob not null,"
        " mentions text not null, drafts integer not null, updated_at real not null) strict"
    )
    db.execute("create index conversations_idle on conversations (updated_at)")
    db.execute("create index conversations_drafts on conversations (updated_at) where drafts = 1")


@MIGRATIONS()
def m004_register(db: Database) -> None:
    """The register, which can only be added to: at its end, and without a gap."""
    db.execute(
        "create table events ("
        " seq integer primary key, at text not null, reference text not null,"
        " actor text not null, what text not null, codes text not null,"
        " previous text not null, hash text not null) strict"
    )
    db.execute("create index events_reference on events (reference)")
    for change in ("update", "delete"):
        db.execute(
            f"create trigger events_no_{change} before {change} on events begin"
            " select raise(abort, 'the register can only be added to'); end"
        )
    # "insert or replace" would delete without asking the trigger above
    db.execute(
        "create trigger events_in_order before insert on events"
        " when new.seq <> (select coalesce(max(seq), 0) + 1 from events) begin"
        " select raise(abort, 'the register can only be added to at its end'); end"
    )


@MIGRATIONS()
def m005_suppressions(db: Database) -> None:
    """Marketing stops by keyed hash, and how often something was done lately, likewise.

    Each ticket has its own: one that is withdrawn leaves those of other tickets.
    """
    db.execute(
        "create table suppressions ("
        " mark text not null, since text not null, reference text not null,"
        " primary key (mark, reference)) strict, without rowid"
    )
    db.execute(
        "create table counters ("
        " mark text not null, start integer not null, ends_at integer not null,"
        " uses integer not null, primary key (mark, start)) strict, without rowid"
    )
    db.execute("create index counters_end on counters (ends_at)")


@MIGRATIONS()
def m006_ratings(db: Database) -> None:
    """What people think of answers; a question that was sent along is encrypted."""
    db.execute(
        "create table ratings ("
        " number integer primary key, at text not null, language text not null,"
        " kind text not null, section text, version text, helpful integer not null, reason text,"
        " salt integer, question blob) strict"
    )


@MIGRATIONS()
def m007_deliveries(db: Database) -> None:
    """What came in from outside and is still to be worked on, by keyed hashes of its ids.

    The payload is encrypted; with the end of the work it goes, and its salt is wiped.
    """
    db.execute(
        "create table deliveries ("
        " number integer primary key, id text not null unique, twin text unique,"
        " lane text not null, salt integer, payload blob, outcome text not null,"
        " problem text, tries integer not null, free_at real not null,"
        " received_at text not null, ended_at real) strict"
    )
    db.execute(
        "create index deliveries_waiting on deliveries (lane, number) where salt is not null"
    )
    db.execute("create index deliveries_ended on deliveries (ended_at) where ended_at is not null")
