"""Erasing a ticket leaves nothing of the person in any file, and the register whole."""

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.tickets import connections, open_store
from bot.tickets.sqlite import SqliteStore
from bot.vault import NONCE_BYTES, Vault, new_salt
from handlers.casework import Casework, Step
from handlers.contract import Dialogue, Draft, Kind, Reply
from handlers.deadlines import Calendar
from handlers.references import new_reference
from handlers.register import What, first_wrong
from handlers.store import Conversation, StoreError
from handlers.tickets import Check, Contact, ContactKind, ExtensionReason, Ground, Representative
from knowledge.model import Knowledge

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
TODAY = date(2026, 3, 5)
VAULT = Vault("k" * 32)
MAIL = Contact(ContactKind.EMAIL, "ana.pop@example.com")
PHONE = Contact(ContactKind.PHONE, "+32470123456")
PERSONAL = (
    *(MAIL.value, PHONE.value, "copy of my invoices", "words of a draft", "what the reply said"),
    *("many systems to search", "sent twelve times", "Ion Popescu", "mandate 7", "ticked off by"),
)
"""What the person and the staff wrote."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give the path of a database in a folder of its own."""
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path) -> SqliteStore:
    """Give an empty store."""
    return SqliteStore.open(f"sqlite:///{path}", VAULT)


@pytest.fixture
def casework(knowledge: Knowledge) -> Casework:
    """Give the rules in force."""
    return Casework(Calendar("BE", "Europe/Brussels"), knowledge.requests)


def raw(path: Path) -> bytes:
    """Give everything that stands in the folder: names of files, and every byte of them."""
    files = sorted(path.parent.iterdir())
    return b"".join(str(file.name).encode() + file.read_bytes() for file in files)


def encrypted(path: Path) -> list[bytes]:
    """Give every encrypted value and every salt in the file, as it stands there."""
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute(
            "select salt from salts where free = 0 union all select value from identifiers"
            " union all select value from personal union all select reply from conversations"
        )
        return [value for (value,) in rows]


def a_life(store: SqliteStore, casework: Casework, request: str = "access") -> Step:
    """File a ticket in a conversation and work on it till its end; every value is given."""
    filed = casework.file(
        reference=new_reference(),
        request=request,
        language="en",
        channel="web",
        received_at=NOW,
        now=NOW,
        contacts=(MAIL, PHONE),
        details="copy of my invoices",
        representative=Representative("Ion Popescu", "mandate 7"),
    )
    reference = filed.ticket.reference
    draft = Draft(request, "web", NOW, (MAIL,), "words of a draft")
    dialogue = Dialogue("en", draft, filed=(reference,), contacts=(MAIL, PHONE))
    reply = Reply(
        Kind.REQUEST, "en", "what the reply said", dialogue, ticket=filed.ticket, steps=(filed,)
    )
    store.save(f"token of {reference}", Conversation(1, "m", "f", reply), NOW)
    step = filed
    for act in (
        lambda t: casework.identity_checked(t, "an", NOW, how=Check.EMAIL_CODE, contact=MAIL),
        lambda t: casework.add_task(t, "an", NOW, system="shop"),
        lambda t: casework.finish_task(t, "an", NOW, task=1, proof="ticked off by Eva"),
        lambda t: casework.extend(
            t, "an", NOW, reason=ExtensionReason.COMPLEX, text="many systems to search"
        ),
        lambda t: casework.refuse(
            t,
            "an",
            NOW,
            ground=Ground.EXCESSIVE,
            explanation="sent twelve times",
            informed_on=TODAY,
            partial=True,
        ),
    ):
        step = act(step.ticket)
        store.apply([step])
    store.keep_code(reference, MAIL, "271828", NOW, NOW)
    return step


class TestOneTicket:
    """One ticket with all that a ticket can have."""

    def test_no_value_of_it_ever_stands_in_the_files(
        self, store: SqliteStore, casework: Casework, path: Path
    ) -> None:
        a_life(store, casework)
        content = raw(path)
        assert [text for text in PERSONAL if text.encode() in content] == []

    def test_nothing_encrypted_is_left_in_the_files(
        self, store: SqliteStore, casework: Casework, path: Path
    ) -> None:
        last = a_life(store, casework)
        before = encrypted(path)
        # two salts, two identifiers, six other values, a reply
        assert len(before) == 11
        assert all(value in raw(path) for value in before)
        store.apply([casework.erase(last.ticket, "an", NOW)])
        content = raw(path)
        # also not a part of one, as from the middle of a page written over by half
        parts = [value[at : at + 12] for value in before for at in range(0, len(value) - 11, 8)]
        assert [part for part in parts if part in content] == []
        assert [text for text in PERSONAL if text.encode() in content] == []
        assert encrypted(path) == []

    def test_a_stub_that_can_be_counted_stays(
        self, store: SqliteStore, casework: Casework, path: Path
    ) -> None:
        last = a_life(store, casework)
        reference = last.ticket.reference
        erased = casework.erase(last.ticket, "an", NOW)
        store.apply([erased])
        stub = store.ticket(reference)
        assert stub == erased.ticket
        assert stub is not None
        assert stub.outcome is not None
        assert stub.outcome.ground is Ground.EXCESSIVE
        assert stub.due_on == last.ticket.due_on
        assert stub.contacts == ()
        assert store.by_contact(MAIL) == []
        assert store.try_code(reference, "271828", NOW, 5) is None
        assert list(first_wrong(store.register())) == []
        assert [entry.event.what for entry in store.register(reference)][-1] is What.ERASED
        with closing(sqlite3.connect(path)) as db:
            left = db.execute(
                "select (select count(*) from identifiers) + (select count(*) from personal)"
                " + (select count(*) from codes) + (select count(*) from conversations)"
            )
            assert left.fetchone() == (0,)

    def test_the_suppression_list_outlives_it(
        self, store: SqliteStore, casework: Casework, path: Path
    ) -> None:
        step = casework.file(
            reference=new_reference(),
            request="marketing_opt_out",
            language="en",
            channel="web",
            received_at=NOW,
            now=NOW,
            contacts=(MAIL,),
            details=None,
        )
        store.apply([step])
        done = casework.fulfil(step.ticket, "an", NOW, informed_on=TODAY)
        store.apply([done])
        store.apply([casework.erase(done.ticket, "an", NOW)])
        found = store.suppressed(MAIL)
        assert found is not None
        assert found.reference == step.ticket.reference
        assert found.since == TODAY
        assert MAIL.value.encode() not in raw(path)


class TestOthers:
    """What is not erased, and what might get in the way."""

    def test_other_tickets_and_conversations_stay_as_they_are(
        self, store: SqliteStore, casework: Casework
    ) -> None:
        lives = [a_life(store, casework) for _ in range(3)]
        gone, *others = lives
        store.apply([casework.erase(gone.ticket, "an", NOW)])
        assert store.conversation(f"token of {gone.ticket.reference}") is None
        for other in others:
            assert store.ticket(other.ticket.reference) == other.ticket
            assert store.conversation(f"token of {other.ticket.reference}") is not None
        assert store.by_contact(MAIL) == [step.ticket for step in reversed(others)]

    def test_a_conversation_that_only_showed_it_goes_too(
        self, store: SqliteStore, casework: Casework
    ) -> None:
        last = a_life(store, casework)
        shown = Reply(Kind.STATUS, "en", "it is done", Dialogue(), ticket=last.ticket)
        store.save("shown", Conversation(1, "m", "f", shown), NOW)
        store.save("shown", Conversation(2, "m", "f", replace(shown, ticket=None)), NOW)
        store.save("other", Conversation(1, "m", "f", replace(shown, ticket=None)), NOW)
        store.apply([casework.erase(last.ticket, "an", NOW)])
        assert store.conversation("shown") is None
        assert store.conversation("other") is not None

    def test_of_many_tickets_nothing_can_be_decrypted_any_more(
        self, store: SqliteStore, casework: Casework, path: Path
    ) -> None:
        # SQLite moves rows between pages, and may leave a copy behind: see m001_salts
        steps = [
            casework.file(
                reference=new_reference(),
                request="access",
                language="en",
                channel="web",
                received_at=NOW,
                now=NOW,
                contacts=(Contact(ContactKind.EMAIL, f"person{number}@example.com"),),
                details="copy of my invoices " * (1 + number * 7 % 40),
            )
            for number in range(300)
        ]
        for step in steps:
            reply = Reply(Kind.REQUEST, "en", "text", Dialogue(), ticket=step.ticket, steps=(step,))
            store.save(step.ticket.reference, Conversation(1, "m", "f", reply), NOW)
        with closing(sqlite3.connect(path)) as db:
            salts = [salt for (salt,) in db.execute("select salt from salts")]
        before = encrypted(path)
        closed = [casework.withdraw(step.ticket, NOW) for step in steps]
        store.apply(closed)
        for number in range(0, 300, 6):
            store.apply([casework.erase(closed[number].ticket, "an", NOW)])
        store.apply(
            [casework.erase(step.ticket, "an", NOW) for n, step in enumerate(closed) if n % 6]
        )
        content = raw(path)
        assert [salt for salt in salts if salt[:NONCE_BYTES] in content] == []
        left = [value for value in before if value[:NONCE_BYTES] in content]
        assert len(left) <= len(before) / 100
        assert encrypted(path) == []

    def test_a_reader_in_the_way_delays_the_log_and_no_more(
        self,
        store: SqliteStore,
        casework: Casework,
        path: Path,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        monkeypatch.setattr(connections, "BUSY_SECONDS", 0.2)
        last = a_life(store, casework)
        before = encrypted(path)
        with closing(sqlite3.connect(path, isolation_level=None)) as reader:
            reader.execute("begin")
            reader.execute("select count(*) from tickets").fetchone()
            with caplog.at_level(logging.WARNING):
                store.apply([casework.erase(last.ticket, "an", NOW)])
            assert "emptied after the next change" in caplog.text
            reader.execute("rollback")
        a_life(store, casework)
        content = raw(path)
        assert [value for value in before if value[:NONCE_BYTES] in content] == []


class TestWords:
    """Errors, logs and representations hold no personal value."""

    @pytest.fixture
    def locked(self, path: Path, store: SqliteStore) -> Iterator[sqlite3.Connection]:
        """Give a connection that keeps everybody from writing."""
        del store
        with closing(
            sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        ) as connection:
            connection.execute("begin immediate")
            yield connection

    def test_a_locked_database_is_told_after_a_while(
        self,
        store: SqliteStore,
        casework: Casework,
        locked: sqlite3.Connection,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        del locked
        monkeypatch.setattr(connections, "BUSY_SECONDS", 0.1)
        with pytest.raises(StoreError, match="database is locked") as caught:
            a_life(store, casework)
        assert MAIL.value not in str(caught.value)

    def test_a_writer_waits_for_the_lock(
        self, store: SqliteStore, casework: Casework, locked: sqlite3.Connection
    ) -> None:
        timer = threading.Timer(0.3, locked.execute, ["rollback"])
        timer.start()
        last = a_life(store, casework)
        timer.join()
        assert store.ticket(last.ticket.reference) == last.ticket

    def test_a_full_disk_is_told_and_nothing_confirmed_is_lost(
        self, store: SqliteStore, casework: Casework
    ) -> None:
        first = a_life(store, casework)
        with store._connections.lent() as db:
            (pages,) = db.execute("pragma page_count").fetchone()
            db.execute(f"pragma max_page_count = {pages}")
        filed = []

        def fill() -> None:
            for _ in range(1000):
                filed.append(a_life(store, casework).ticket)

        with pytest.raises(StoreError, match="full") as caught:
            fill()
        assert MAIL.value not in str(caught.value)
        assert store.ticket(first.ticket.reference) == first.ticket
        assert all(store.ticket(ticket.reference) == ticket for ticket in filed)
        assert list(first_wrong(store.register())) == []
        # there is room again
        a_life(store, casework)

    def test_a_value_that_was_changed_by_hand_is_told(
        self, store: SqliteStore, casework: Casework, path: Path
    ) -> None:
        last = a_life(store, casework)
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("update personal set value = (select value from identifiers limit 1)")
        with pytest.raises(StoreError, match="changed, or the secret key is wrong"):
            store.ticket(last.ticket.reference)

    def test_another_secret_key_is_told_at_once(self, store: SqliteStore, path: Path) -> None:
        del store
        with pytest.raises(StoreError, match="made with another secret key"):
            open_store(f"sqlite:///{path}", Vault("x" * 32))

    def test_a_reply_of_another_version_is_forgotten_and_not_quoted(
        self, store: SqliteStore, path: Path
    ) -> None:
        reply = Reply(Kind.REQUEST, "en", "text", Dialogue())
        store.save("token", Conversation(1, "m", "f", reply), NOW)
        with closing(sqlite3.connect(path)) as db, db:
            (token, salt) = db.execute(
                "select c.token, s.salt from conversations c join salts s on s.number = c.salt"
            ).fetchone()
            sealed = VAULT.box(salt).seal('{"kind": "of the past"}', "conversation", token)
            db.execute("update conversations set reply = ?", [sealed])
        assert store.conversation("token") is None


class TestVault:
    """Encryption and keyed hashes."""

    @given(st.text(), st.lists(st.text(), max_size=3))
    def test_what_is_sealed_opens_in_its_own_place_only(self, text: str, place: list[str]) -> None:
        box = VAULT.box(new_salt())
        sealed = box.seal(text, *place)
        assert box.open(sealed, *place) == text
        for other in ([*place, ""], ["elsewhere", *place]):
            with pytest.raises(StoreError):
                box.open(sealed, *other)

    @given(st.binary(max_size=60))
    def test_what_was_never_sealed_does_not_open(self, junk: bytes) -> None:
        with pytest.raises(StoreError):
            VAULT.box(new_salt()).open(junk, "place")

    def test_another_salt_or_secret_key_does_not_open_it(self) -> None:
        salt = new_salt()
        sealed = VAULT.box(salt).seal("text", "place")
        for box in (VAULT.box(new_salt()), Vault("x" * 32).box(salt)):
            with pytest.raises(StoreError):
                box.open(sealed, "place")

    def test_the_same_text_is_never_sealed_alike(self) -> None:
        box = VAULT.box(new_salt())
        assert box.seal("text") != box.seal("text")

    def test_a_mark_depends_on_the_value_its_kind_and_the_secret_key(self) -> None:
        marks = {
            VAULT.mark("email", "a"),
            VAULT.mark("email", "b"),
            VAULT.mark("phone", "a"),
            VAULT.mark("emaila", ""),
            Vault("x" * 32).mark("email", "a"),
        }
        assert len(marks) == 5
        assert VAULT.mark("email", "a") in marks
