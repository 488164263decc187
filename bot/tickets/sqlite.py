"""The store in one SQLite file, through sqlite-utils."""

import hmac
import logging
import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Self

from bot.tickets import chain, figures, filed, inbox, ratings, talks
from bot.tickets.connections import Connections, emptied, patiently
from bot.tickets.schema import IS_ERASABLE, IS_OPEN, MIGRATIONS
from bot.tickets.steps import mentioned
from bot.vault import Vault
from handlers.casework import Step
from handlers.deliveries import Backlog, Delivery
from handlers.feedback import Feedback
from handlers.register import Entry, Event, What
from handlers.store import Conversation, Health, Pending, StoreError, Suppression
from handlers.tickets import OPEN, Contact, Status, Ticket, TicketError

PREFIX = "sqlite:///"
LOG = logging.getLogger(__name__)


class SqliteStore:
    """Keeps tickets and conversations in one file."""

    def __init__(self, path: str, vault: Vault) -> None:
        self._path = path
        self._connections = Connections(path)
        self._vault = vault
        self._log_to_empty = False

    @classmethod
    def open(cls, url: str, vault: Vault) -> Self:
        """Open the file of a URL such as ``sqlite:///privacy.db`` and bring it up to date.

        Raises:
            StoreError: when it cannot be opened or written, comes from a newer version, or was
                made with another secret key.
        """
        path = url.removeprefix(PREFIX)
        if not url.startswith(PREFIX) or not path:
            raise StoreError(f"'{url}' names no file; write it as {PREFIX}FILE")
        store = cls(path, vault)
        with store._connections.lent() as db:
            unknown = {m.name for m in MIGRATIONS.applied(db)} - {
                m.name for m in MIGRATIONS._migrations
            }
            if unknown:
                raise StoreError(
                    f"the database '{path}' was made by a newer version of this program"
                )
            patiently(db, "pragma journal_mode = wal")
        with store._connections.writing() as db:
            MIGRATIONS.apply(db)
            mark = vault.mark("vault", "secret key")
            db.execute("insert or ignore into vault (number, mark) values (1, ?)", [mark])
            (known,) = db.execute("select mark from vault").fetchone()
            if known != mark:
                raise StoreError(f"the database '{path}' was made with another secret key")
        return store

    def close(self) -> None:
        """Let go of the file; it is opened again when it is needed."""
        self._connections.close()

    # conversations

    def conversation(self, token: str) -> Conversation | None:
        """Give what is kept of the conversation with this token."""
        with self._connections.lent() as db:
            found = talks.load(db, self._vault, talks.hashed(token))
        if found is not None and mentioned(found):
            # whoever filed it may still wait for the disk: nobody hears of it before
            self._connections.settle()
        return found

    def save(self, token: str, conversation: Conversation, now: datetime) -> None:
        """Write a conversation's next reply, and the steps that the reply holds, or neither."""
        self._save(talks.hashed(token), conversation, now.timestamp())

    def forget(self, token: str) -> None:
        """Delete what is kept of a conversation; its tickets stay."""
        with self._connections.writing() as db:
            talks.forget(db, "token = ?", talks.hashed(token))

    def forget_idle(self, before: datetime) -> int:
        """Delete the conversations whose last message is older, and give their number."""
        with self._connections.writing(durable=False) as db:
            return talks.forget(db, "updated_at < ?", before.timestamp())

    def idle(self, before: datetime) -> int:
        """Give the number of conversations that are that old."""
        sql = "select count(*) from conversations where updated_at < ?"
        with self._connections.lent() as db:
            return int(db.execute(sql, [before.timestamp()]).fetchone()[0])

    def abandoned(self, before: datetime) -> list[tuple[str, Conversation]]:
        """Give the conversations, by hashed token, with a draft and an older last message."""
        with self._connections.lent() as db:
            return talks.abandoned(db, self._vault, before.timestamp())

    def adopt(self, hashed_token: str, conversation: Conversation) -> None:
        """Write an abandoned conversation's next reply."""
        self._save(hashed_token, conversation, None)

    # tickets

    def apply(self, steps: Sequence[Step]) -> None:
        """Write steps and their events, all or none."""
        sealed = [filed.seal(self._vault, step) for step in steps]
        with self._connections.writing() as db:
            for one in sealed:
                filed.write(db, self._vault, one)
        self._empty_log(steps)

    def ticket(self, reference: str) -> Ticket | None:
        """Give the ticket with this reference, if there is one."""
        found = self._tickets("select number from tickets where reference = ?", reference)
        return found[0] if found else None

    def tickets(
        self, *, status: Status | None = None, open_only: bool = False, limit: int = 100
    ) -> list[Ticket]:
        """List tickets, the one due soonest first."""
        wanted = {status} if status else set(Status)
        parts = [
            "select * from (select number, due_on, reference from tickets where status = ?"
            " order by due_on, reference limit ?)"
        ] * len(wanted := wanted & OPEN if open_only else wanted)
        if not parts:
            return []
        sql = f"{' union all '.join(parts)} order by 2, 3 limit ?"
        return self._tickets(sql, *(v for s in sorted(wanted) for v in (s.value, limit)), limit)

    def references(self) -> Iterator[str]:
        """Give every ticket's reference in the order of filing."""
        sql = "select number, reference from tickets where number > ? order by number limit ?"
        return (row[1] for row in self._pages(sql))

    def by_contact(self, contact: Contact, limit: int = 100) -> list[Ticket]:
        """Give the tickets with exactly this identifier, the latest first."""
        with self._connections.reading() as db:
            numbers = filed.with_contact(db, self._vault, contact, limit)
            return filed.load(db, self._vault, numbers)

    def by_source(self, source: str) -> list[Ticket]:
        """Give the tickets that were filed of this message."""
        sql = "select number from tickets where source >= ? and source < ?"
        return self._tickets(sql, f"{source}:", f"{source};")

    def stale(self, calendar: str, limit: int = 1000) -> list[Ticket]:
        """Give open tickets whose dates were worked out by another calendar."""
        sql = (
            f"select number from tickets where {IS_OPEN} and (calendar < ? or calendar > ?) limit ?"
        )
        return self._tickets(sql, calendar, calendar, limit)

    def erasable(self, today: date, limit: int = 1000) -> list[Ticket]:
        """Give final tickets past their date, neither held nor erased."""
        sql = (
            f"select number from tickets where {IS_ERASABLE} and not ({IS_OPEN})"
            " and retention_until < ? order by retention_until, number limit ?"
        )
        return self._tickets(sql, str(today), limit)

    def kept(self) -> Iterator[tuple[str, datetime, date]]:
        """Give each closed ticket that is not erased, and until when it is kept."""
        sql = (
            "select number, reference, closed_at, retention_until from tickets where number > ?"
            " and closed_at is not null and retention_until is not null and erased_at is null"
            " order by number limit ?"
        )
        for _, reference, closed_at, until in self._pages(sql):
            yield reference, datetime.fromisoformat(closed_at), date.fromisoformat(until)

    def pending(self, today: date) -> Mapping[str, Pending]:
        """Count the open tickets by request type."""
        with self._connections.lent() as db:
            return figures.pending(db, today)

    def filed(self, after: int) -> tuple[int, Mapping[tuple[str, str], int]]:
        """Count the tickets filed after a number, and give the last one's number."""
        with self._connections.lent() as db:
            return figures.filed(db, after)

    # the register

    def record(self, event: Event) -> None:
        """Add an event that changes no ticket, such as an export."""
        with self._connections.writing() as db:
            chain.append(db, event)

    def register(self, reference: str | None = None) -> Iterator[Entry]:
        """Give the register's entries in order, of one ticket where its reference is given."""
        return chain.entries(self._connections, reference)

    def head(self) -> tuple[int, str]:
        """Give the number of entries and the last one's hash."""
        with self._connections.lent() as db:
            return chain.head(db)

    # one-time codes

    def keep_code(
        self, reference: str, contact: Contact, code: str, now: datetime, expires: datetime
    ) -> None:
        """Keep a code's keyed hash for one identifier of a ticket; an earlier one is void."""
        del now
        with self._connections.writing() as db:
            number = filed.number_of(db, reference)
            known = filed.load(db, self._vault, [number]) if number else []
            if number is None or contact not in known[0].contacts:
                raise TicketError("not_an_identifier")
            db.execute(
                "insert or replace into codes (ticket, position, mark, expires_at, tries)"
                " values (?, ?, ?, ?, 0)",
                [
                    *(number, known[0].contacts.index(contact)),
                    *(self._code_mark(reference, code), expires.timestamp()),
                ],
            )

    def try_code(self, reference: str, code: str, now: datetime, tries: int) -> Contact | None:
        """Give the identifier that a code proves, once; a wrong one counts as a try."""
        with self._connections.writing() as db:
            row = db.execute(
                "select ticket, position, mark, expires_at, tries from codes"
                " where ticket = (select number from tickets where reference = ?)",
                [reference],
            ).fetchone()
            if row is None:
                return None
            number, position, mark, expires_at, tried = row
            live = now.timestamp() < expires_at and tried < tries
            right = hmac.compare_digest(mark, self._code_mark(reference, code))
            if right or not live or tried + 1 >= tries:
                db.execute("delete from codes where ticket = ?", [number])
            else:
                db.execute("update codes set tries = tries + 1 where ticket = ?", [number])
            if not (right and live):
                return None
            contact: Contact = filed.load(db, self._vault, [number])[0].contacts[position]
            return contact

    # suppression list

    def suppressed(self, contact: Contact) -> Suppression | None:
        """Tell whether this address or number is on the suppression list."""
        mark = filed.suppression_mark(self._vault, contact)
        with self._connections.lent() as db:
            return filed.suppression(db, mark)

    # floods

    def rate(self, feedback: Feedback) -> None:
        """Keep what somebody thinks of an answer."""
        with self._connections.writing(durable=False) as db:
            ratings.write(db, self._vault, feedback)

    def ratings(self) -> list[Feedback]:
        """Give what people thought of answers, the latest first."""
        with self._connections.reading() as db:
            return list(ratings.load(db, self._vault))

    def old_questions(self, before: datetime) -> int:
        """Give the number of questions that :meth:`forget_questions` would drop."""
        with self._connections.lent() as db:
            return ratings.old_questions(db, before)

    def forget_questions(self, before: datetime) -> int:
        """Drop the questions of older ratings, and give their number; the ratings stay."""
        with self._connections.writing() as db:
            return ratings.forget_questions(db, before)

    def count(self, key: str, now: datetime, window: int) -> int:
        """Count one more use under a keyed name within its window of seconds, and give the sum."""
        mark = self._vault.mark(f"count {window}", key)
        start = int(now.timestamp() // window) * window
        with self._connections.writing(durable=False) as db:
            db.execute("delete from counters where ends_at <= ?", [int(now.timestamp())])
            (uses,) = db.execute(
                "insert into counters (mark, start, ends_at, uses) values (?, ?, ?, 1)"
                " on conflict (mark, start) do update set uses = uses + 1 returning uses",
                [mark, start, start + window],
            ).fetchone()
            return int(uses)

    # deliveries

    def take_in(self, delivery: Delivery) -> bool:
        """Write a delivery down, durably; False where one of its ids is known already."""
        sealed = inbox.seal(self._vault, delivery)
        with self._connections.writing() as db:
            return inbox.write(db, sealed)

    def take_out(self, now: datetime, until: datetime) -> Delivery | None:
        """Lend the delivery that waits longest and whose lane is free, until that moment."""
        with self._connections.lent() as db:
            # without one that waits, and that is nearly always, nobody needs the write lock
            if not db.execute(f"select 1 from deliveries where {inbox.WAITING} limit 1").fetchone():
                return None
        with self._connections.writing(durable=False) as db:
            return inbox.lend(db, self._vault, now, until)

    def hold_on(self, number: int, until: datetime) -> None:
        """Lend it longer."""
        with self._connections.writing(durable=False) as db:
            inbox.postpone(db, number, until, None)

    def put_back(self, number: int, at: datetime, problem: str) -> None:
        """Let a delivery wait until that moment for another try."""
        with self._connections.writing(durable=False) as db:
            inbox.postpone(db, number, at, problem)

    def finish(self, number: int, now: datetime, problem: str | None = None) -> None:
        """Note that it is done, or given up for a problem, and leave nothing of its payload."""
        with self._connections.writing() as db:
            inbox.end(db, number, now, problem)

    def under_way(self, lane: str) -> bool:
        """Tell whether something in this lane is still to be done."""
        with self._connections.lent() as db:
            return inbox.under_way(db, self._vault, lane)

    def backlog(self) -> Backlog:
        """Tell how many deliveries stand how."""
        with self._connections.reading() as db:
            return inbox.backlog(db)

    def forget_deliveries(self, before: datetime) -> int:
        """Drop what was finished before that moment, and give how many."""
        with self._connections.writing(durable=False) as db:
            return inbox.forget(db, before)

    # operations

    def health(self) -> Health:
        """Tell how the file is; whoever gets the write lock could have written."""
        with self._connections.writing(durable=False) as db:
            waiting = figures.waiting(db)
        try:
            # an open file can be written after somebody took its name away, and is lost at the end
            Path(self._path).stat()
            free = shutil.disk_usage(Path(self._path).parent).free
        except OSError as error:
            raise StoreError(
                f"the database '{self._path}' cannot be found: {error.strerror}"
            ) from None
        return Health(free, waiting)

    def _save(self, token: str, conversation: Conversation, updated_at: float | None) -> None:
        steps = conversation.reply.steps
        talk = talks.seal(self._vault, token, conversation)
        sealed = [filed.seal(self._vault, step) for step in steps]
        # a ticket survives a power cut; an open conversation survives a crash, which is enough
        with self._connections.writing(durable=bool(steps)) as db:
            talks.write(db, talk, updated_at)
            for one in sealed:
                filed.write(db, self._vault, one)
        self._empty_log(steps)

    def _pages(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """Give the rows of tickets, those behind a number, so many at a time."""
        page, last = chain.PAGE, 0
        while page == chain.PAGE:
            with self._connections.lent() as db:
                rows = db.execute(sql, [last, chain.PAGE]).fetchall()
            yield from rows
            page, last = len(rows), rows[-1][0] if rows else last

    def _tickets(self, sql: str, *values: str | int) -> list[Ticket]:
        with self._connections.reading() as db:
            numbers = [row[0] for row in db.execute(sql, list(values))]
            return filed.load(db, self._vault, numbers)

    def _code_mark(self, reference: str, code: str) -> str:
        return self._vault.mark(f"code {reference}", code)

    def _empty_log(self, steps: Sequence[Step]) -> None:
        """Write the log back into the file and cut it to nothing, after values were erased."""
        self._log_to_empty |= any(step.event.what is What.ERASED for step in steps)
        if not self._log_to_empty:
            return
        with self._connections.lent() as db:
            self._log_to_empty = not emptied(db, "truncate")
        if self._log_to_empty:
            LOG.warning("the log of the database is in use; it is emptied after the next change")
