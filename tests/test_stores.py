"""What every store must do: the same tests for each, and what only a file can show."""

import os
import sqlite3
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.parts import Parts
from bot.secret import kept_secret
from bot.tickets import STORES, open_store
from handlers.contract import Dialogue, Draft, Kind, Reply
from handlers.store import Conversation, Store, StoreError
from handlers.tickets import Conflict, Contact, ContactKind, Status, Ticket, new_reference

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
MAIL = Contact(ContactKind.EMAIL, "ana@example.com")


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Give each store in turn, empty."""
    return open_store(f"{request.param}:///{tmp_path}/store.db")


def a_ticket(**changes: object) -> Ticket:
    """Make a ticket."""
    ticket = Ticket(
        reference=new_reference(),
        request="access",
        status=Status.RECEIVED,
        language="nl",
        channel="web",
        received_at=NOW,
        filed_at=NOW,
        due_on=date(2026, 4, 7),
        stop_by=None,
        contacts=(MAIL, Contact(ContactKind.PHONE, "+32470123456")),
        details="«tout», ș, 🙂 and 'quotes' \"\\",
    )
    return replace(ticket, **changes)  # type: ignore[arg-type]


def a_reply(ticket: Ticket | None = None, dialogue: Dialogue | None = None) -> Reply:
    """Make a reply that files the ticket, if there is one."""
    return Reply(
        Kind.REQUEST,
        "nl",
        "text",
        dialogue or Dialogue(),
        ticket=ticket,
        write=ticket is not None,
    )


def kept(version: int, reply: Reply, message_id: str = "m") -> Conversation:
    """Make a conversation as it is kept."""
    return Conversation(version, message_id, "fingerprint", reply)


def test_what_was_saved_is_found_again(store: Store) -> None:
    ticket = a_ticket(stop_by=date(2026, 3, 5))
    draft = Draft("erasure", "web", NOW, (MAIL,), "words")
    conversation = kept(1, a_reply(ticket, Dialogue("nl", draft, filed=(ticket.reference,))))
    store.save("token", conversation, NOW)
    assert store.conversation("token") == conversation
    assert store.ticket(ticket.reference) == ticket
    assert list(store.tickets()) == [ticket]


def test_nothing_is_found_of_what_was_never_saved(store: Store) -> None:
    assert store.conversation("token") is None
    assert store.ticket("PR-0000-0000") is None
    assert list(store.tickets()) == []


def test_a_reply_that_only_shows_a_ticket_writes_none(store: Store) -> None:
    store.save("token", kept(1, replace(a_reply(a_ticket()), write=False)), NOW)
    assert list(store.tickets()) == []


def test_of_two_writers_the_second_is_told_and_writes_nothing(store: Store) -> None:
    store.save("token", kept(1, a_reply()), NOW)
    store.save("token", kept(2, a_reply()), NOW)
    for version in (1, 2, 4):
        with pytest.raises(Conflict):
            store.save("token", kept(version, a_reply(a_ticket())), NOW)
    assert list(store.tickets()) == []


def test_a_conversation_is_forgotten_and_its_ticket_stays(store: Store) -> None:
    ticket = a_ticket()
    store.save("token", kept(1, a_reply(ticket)), NOW)
    store.forget("token")
    store.forget("token")
    assert store.conversation("token") is None
    assert store.ticket(ticket.reference) == ticket


def test_idle_conversations_are_forgotten_and_no_others(store: Store) -> None:
    store.save("old", kept(1, a_reply()), NOW - timedelta(hours=30))
    store.save("new", kept(1, a_reply()), NOW)
    assert store.forget_idle(NOW - timedelta(hours=24)) == 1
    assert store.conversation("old") is None
    assert store.conversation("new") is not None


def test_tickets_come_soonest_first_by_status_and_number(store: Store) -> None:
    late, soon = a_ticket(due_on=date(2026, 6, 1)), a_ticket(due_on=date(2026, 4, 1))
    done = a_ticket(status=Status.FULFILLED, due_on=date(2026, 5, 1))
    for number, ticket in enumerate((late, soon, done)):
        store.save(f"token{number}", kept(1, a_reply(ticket)), NOW)
    assert list(store.tickets()) == [soon, done, late]
    assert list(store.tickets(status=Status.RECEIVED)) == [soon, late]
    assert list(store.tickets(limit=1)) == [soon]


def test_many_threads_lose_and_double_nothing(store: Store) -> None:
    tickets = [a_ticket() for _ in range(60)]

    def save(number: int) -> None:
        store.save(f"token{number}", kept(1, a_reply(tickets[number])), NOW)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(save, range(60)))
    assert {t.reference for t in store.tickets()} == {t.reference for t in tickets}


@pytest.mark.parametrize("scheme", STORES)
def test_two_confirmations_at_once_make_one_ticket(
    scheme: str, make_parts: Callable[..., Parts], tmp_path: Path
) -> None:
    assistant = make_parts(f"{scheme}:///{tmp_path}/race.db").assistant
    for _ in range(10):
        token = assistant.answer(assistant.message("stop marketing", "test", "en")).token
        assistant.answer(assistant.message("ana@example.com", "test", "en"), token)
        before = len(list(assistant.store.tickets(limit=1000)))

        def confirm(number: int, token: str = token) -> None:
            message = assistant.message("yes", "test", "en")
            assistant.answer(message, token, f"confirmation {number}")

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(confirm, range(4)))
        assert len(list(assistant.store.tickets(limit=1000))) == before + 1


class TestSqlite:
    """What only a file can show."""

    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path}/store.db"

    def test_it_is_safe_against_a_power_cut(self, tmp_path: Path) -> None:
        open_store(self.url(tmp_path))
        with sqlite3.connect(tmp_path / "store.db") as db:
            assert db.execute("pragma journal_mode").fetchone() == ("wal",)
        db.close()

    def test_the_file_does_not_hold_the_token(self, tmp_path: Path) -> None:
        open_store(self.url(tmp_path)).save("a-secret-token", kept(1, a_reply()), NOW)
        written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        assert b"a-secret-token" not in written

    def test_a_file_that_is_no_database_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "store.db").write_text("not a database " * 100)
        with pytest.raises(StoreError, match="file is not a database"):
            open_store(self.url(tmp_path))

    def test_a_folder_that_is_not_there_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match="unable to open"):
            open_store(f"sqlite:///{tmp_path}/nowhere/store.db")

    def test_a_newer_version_is_told(self, tmp_path: Path) -> None:
        open_store(self.url(tmp_path))
        with sqlite3.connect(tmp_path / "store.db") as db:
            db.execute(
                "insert into _sqlite_migrations (migration_set, name, applied_at)"
                " values ('privacy-assistant', 'm999_from_the_future', '')"
            )
        db.close()
        with pytest.raises(StoreError, match="newer version"):
            open_store(self.url(tmp_path))

    def test_a_read_only_file_is_told(self, tmp_path: Path) -> None:
        open_store(self.url(tmp_path))
        for path in (tmp_path, *tmp_path.iterdir()):
            path.chmod(stat.S_IRUSR | stat.S_IXUSR | stat.S_IROTH | stat.S_IXOTH)
        for parent in tmp_path.parents[:2]:
            parent.chmod(parent.stat().st_mode | stat.S_IXOTH)
        # the super-user may write everywhere, so another user has to try
        child = os.fork() if os.geteuid() == 0 else None
        if child == 0:
            os.setegid(65534)
            os.seteuid(65534)
            try:
                open_store(self.url(tmp_path))
            except StoreError as error:
                os._exit(0 if "readonly" in str(error) else 2)
            os._exit(1)
        if child is None:
            with pytest.raises(StoreError, match="readonly"):
                open_store(self.url(tmp_path))
        else:
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        tmp_path.chmod(stat.S_IRWXU)

    def test_a_file_that_can_no_longer_be_written_loses_nothing(self, tmp_path: Path) -> None:
        store = open_store(self.url(tmp_path))
        store.save("token", kept(1, a_reply()), NOW)
        with sqlite3.connect(tmp_path / "store.db") as db:
            # no ticket can be written any more, a conversation could
            db.execute("alter table tickets rename to elsewhere")
        db.close()
        with pytest.raises(StoreError, match="no such table"):
            store.save("token", kept(2, a_reply(a_ticket())), NOW)
        again = store.conversation("token")
        assert again is not None
        assert again.version == 1


def test_an_unknown_kind_of_store_is_told() -> None:
    with pytest.raises(StoreError, match="memory://, sqlite://"):
        open_store("oracle://somewhere")


@pytest.mark.parametrize("url", ["sqlite:///", "sqlite:store.db"])
def test_a_url_without_a_file_is_told(url: str) -> None:
    with pytest.raises(StoreError, match="names no file"):
        open_store(url)


class TestSecret:
    """The key beside the database."""

    def test_it_is_made_once_and_only_the_owner_reads_it(self, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path}/store.db"
        with ThreadPoolExecutor(4) as pool:
            keys = {s.follow_key("PR-7F3K-9Q2M") for s in pool.map(kept_secret, [url] * 4)}
        assert len(keys) == 1
        assert stat.S_IMODE((tmp_path / "store.db.secret").stat().st_mode) == 0o600
        assert [path.name for path in tmp_path.iterdir()] == ["store.db.secret"]

    def test_a_folder_that_is_not_there_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match="secret key"):
            kept_secret(f"sqlite:///{tmp_path}/nowhere/store.db")

    def test_a_key_opens_its_own_ticket_only(self, tmp_path: Path) -> None:
        secret = kept_secret(f"sqlite:///{tmp_path}/store.db")
        key = secret.follow_key("PR-7F3K-9Q2M")
        assert secret.may_follow("PR-7F3K-9Q2M", key)
        assert not secret.may_follow("PR-7F3K-9Q2N", key)
        assert not secret.may_follow("PR-7F3K-9Q2M", "")
        assert not secret.may_follow("PR-7F3K-9Q2M", "é\udcff")
