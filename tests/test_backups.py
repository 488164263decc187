"""Backups made while people file requests, and the way back: nothing erased comes back."""

import os
import shutil
import sqlite3
import stat
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from bot.parts import Parts
from bot.secret import kept_secret
from bot.tickets import copies, open_store
from bot.vault import Vault
from bot.verify import problems
from handlers.register import What
from handlers.tickets import Contact, ContactKind
from tests.conftest import NOW, Person
from tests.served import served

Run = Callable[..., Result]

CLIENTS = 8
AN = ("--as", "an")
OTHER = {"PRIVACY_ASSISTANT_SECRET_KEY": "o" * 32}
LATER = NOW + timedelta(days=1)
PERSONAL = ("ana@example.com", "ana")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Give the path of the database that staff commands work on."""
    return tmp_path / "tickets.db"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give the path of a backup, in a folder of its own."""
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups" / "privacy.backup"


def filed(parts: Parts, address: str, wish: str = "stop marketing to") -> str:
    """File a request in a chat and give its reference."""
    ticket = Person(parts).says(f"{wish} {address}", "yes").ticket
    assert ticket
    return ticket.reference


def let_go(parts: Parts) -> None:
    """Close the database, as a server that stops does."""
    parts.store.close()  # type: ignore[attr-defined]


def back_up(staff: Run, file: Path, *more: str, **settings: str) -> Result:
    """Make a backup."""
    done = staff("backup", str(file), *more, **settings)
    assert done.exit_code == 0, done.output
    return done


# making one


def test_a_backup_is_one_private_file_with_the_key_s_fingerprint_and_not_the_key(
    staff: Run, parts: Parts, file: Path
) -> None:
    filed(parts, "ana@example.com")
    done = back_up(staff, file)
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    fingerprint = parts.secret.vault.fingerprint
    assert fingerprint in done.output
    assert fingerprint.encode() in file.read_bytes()
    assert b"k" * 32 not in file.read_bytes()
    assert b"ana@example.com" not in file.read_bytes()
    seq, hash_ = parts.store.head()
    assert f"1 tickets, register {seq}:{hash_}" in done.output
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("pragma journal_mode").fetchone() == ("delete",)
    assert copies.damage(file) == []


def test_another_key_has_another_fingerprint() -> None:
    prints = {Vault(letter * 32).fingerprint for letter in "ab"}
    assert len(prints) == 2
    assert all(len(one) == 16 for one in prints)


def test_a_file_is_replaced_only_with_overwrite(staff: Run, parts: Parts, file: Path) -> None:
    file.write_text("something else")
    assert staff("backup", str(file)).exit_code == 1
    assert file.read_text() == "something else"
    let_go(parts)  # a database that nobody has open can be copied too
    back_up(staff, file, "--overwrite")


def test_what_cannot_be_backed_up_is_told_and_leaves_nothing(staff: Run, file: Path) -> None:
    for settings, target, said in (
        ({}, file, "there is no database"),
        ({"PRIVACY_ASSISTANT_DATABASE": "memory:"}, file, "is no file"),
    ):
        done = staff("backup", str(target), **settings)
        assert done.exit_code == 1
        assert said in done.output
    assert list(file.parent.iterdir()) == []


def test_a_folder_that_is_not_there_is_told(staff: Run, parts: Parts, file: Path) -> None:
    filed(parts, "ana@example.com")
    done = staff("backup", str(file.parent / "nowhere" / "x"))
    assert done.exit_code == 1
    assert "cannot be written" in done.output


def test_backups_made_while_clients_file_are_whole(
    cache: str, learnt: Parts, tmp_path: Path, file: Path
) -> None:
    assert learnt
    url = f"sqlite:///{tmp_path}/tickets.db"
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("PRIVACY_ASSISTANT_")},
        "PRIVACY_ASSISTANT_CACHE": cache,
        "PRIVACY_ASSISTANT_DATABASE": url,
        "PRIVACY_ASSISTANT_MESSAGES_PER_MINUTE": "0",
    }
    confirmed: list[str] = []
    enough, made = threading.Event(), []

    with served(environment) as server:

        def client(number: int) -> None:
            count = 0
            while not enough.is_set():
                confirmed.append(server.file(f"person{number}.{count}@example.com"))
                count += 1

        clients = [threading.Thread(target=client, args=[n]) for n in range(CLIENTS)]
        for one in clients:
            one.start()
        for number in range(3):
            time.sleep(1)
            before = frozenset(confirmed)
            target = file.with_name(f"{number}.backup")
            done = CliRunner().invoke(main, ["backup", str(target)], env=environment)
            assert done.exit_code == 0, done.output
            made.append((before, target))
        enough.set()
        for one in clients:
            one.join(30)
        assert server.stop() == 0
    assert "Traceback" not in server.said[0]
    assert len(made[0][0]) > 0

    secret = (tmp_path / "tickets.db.secret").read_bytes()
    for before, target in made:
        place = target.with_suffix("")
        place.mkdir()
        (place / "tickets.db.secret").write_bytes(secret)
        there = {**environment, "PRIVACY_ASSISTANT_DATABASE": f"sqlite:///{place}/tickets.db"}
        done = CliRunner().invoke(main, ["restore", str(target), *AN], env=there)
        assert done.exit_code == 0, done.output
        store = open_store(f"sqlite:///{place}/tickets.db", kept_secret(url).vault)
        assert before <= set(store.references())
        assert list(problems(store)) == []
        assert secret not in target.read_bytes()


# the way back


def test_a_backup_restored_elsewhere_has_every_ticket(
    staff: Run, parts: Parts, file: Path, database: Path, tmp_path: Path
) -> None:
    reference = filed(parts, "ana@example.com")
    ticket = parts.store.ticket(reference)
    back_up(staff, file)
    there = {"PRIVACY_ASSISTANT_DATABASE": f"sqlite:///{tmp_path}/elsewhere.db"}
    done = staff("restore", str(file), *AN, **there)
    assert done.exit_code == 0, done.output
    assert "There was no database, so nobody knows what was erased" in done.output
    store = open_store(there["PRIVACY_ASSISTANT_DATABASE"], parts.secret.vault)
    assert store.ticket(reference) == ticket
    last = list(store.register())[-1].event
    assert (last.what, last.actor, last.codes) == (What.RESTORED, "an", {"since": "2026-03-05"})
    assert staff("verify", **there).exit_code == 0
    assert stat.S_IMODE((tmp_path / "elsewhere.db").stat().st_mode) == 0o600
    with closing(sqlite3.connect(tmp_path / "elsewhere.db")) as db:
        tables = {name for (name,) in db.execute("select name from sqlite_master")}
    assert "backup" not in tables
    assert database.exists()


@pytest.mark.parametrize("request_type", ["still open", "held", "closed"])
def test_what_was_erased_after_the_backup_is_erased_again(
    request_type: str, staff: Run, parts: Parts, file: Path, database: Path
) -> None:
    erased = filed(parts, "ana@example.com", "send me a copy of my data,")
    kept = filed(parts, "bob@example.com", "send me a copy of my data,")
    steps = [
        ("take", erased, *AN),
        ("fulfil", erased, "--informed-on", "2026-03-05", *AN),
        ("hold", erased, *AN),
        ("release", erased, *AN),
        ("erase", erased, "--yes", *AN),
    ]
    before = {"still open": 1, "held": 3, "closed": 2}[request_type]
    for number, step in enumerate(steps):
        if number == before:
            back_up(staff, file)
        done = staff("tickets", *step)
        assert done.exit_code == 0, done.output
    stub = parts.store.ticket(erased)
    events = [entry.event for entry in parts.store.register(erased)]
    let_go(parts)
    with closing(sqlite3.connect(file)) as db:
        salts = [row[0] for row in db.execute("select salt from salts where free = 0")]

    refused = staff("restore", str(file), *AN, now=LATER)
    assert refused.exit_code == 1
    assert "has 2 tickets; --overwrite replaces them" in refused.output
    done = staff("restore", str(file), "--overwrite", *AN, now=LATER)
    assert done.exit_code == 0, done.output
    assert f"erased again {erased}" in done.output
    assert "1 tickets that were erased after the backup were erased again" in done.output
    assert parts.store.ticket(erased) == stub
    assert [entry.event for entry in parts.store.register(erased)] == events
    other = parts.store.ticket(kept)
    assert other is not None
    assert other.contacts[0].value == "bob@example.com"
    assert parts.store.by_contact(Contact(ContactKind.EMAIL, "ana@example.com")) == []
    assert staff("verify").exit_code == 0
    let_go(parts)
    raw = b"".join(path.read_bytes() for path in database.parent.glob("tickets.db*"))
    with closing(sqlite3.connect(database)) as db:
        left = {row[0] for row in db.execute("select salt from salts where free = 0")}
    # of the salts in the backup, that of the erased ticket is gone, and of its conversation too
    assert [salt for salt in salts if salt not in left]
    assert not [salt for salt in salts if salt not in left and salt in raw]


def test_what_came_after_the_backup_is_told_and_objections_hold(
    staff: Run, parts: Parts, file: Path
) -> None:
    first = filed(parts, "ana@example.com")
    ana = Person(parts)
    ana.says("hello")
    bob = Person(parts)
    bob.says("hello")
    back_up(staff, file)
    lost = filed(parts, "carol@example.com")
    parts.store.forget(str(ana.token))
    let_go(parts)
    done = staff("restore", str(file), "--overwrite", *AN)
    assert f"lost {lost}: it was filed after the backup" in done.output
    assert "1 marketing stops made after the backup still hold" in done.output
    assert "1 conversations that ended or went on since are forgotten" in done.output
    assert list(parts.store.references()) == [first]
    assert parts.store.suppressed(Contact(ContactKind.EMAIL, "carol@example.com"))
    assert parts.store.conversation(str(ana.token)) is None
    assert parts.store.conversation(str(bob.token)) is not None
    assert staff("verify").exit_code == 0


def test_a_database_without_tickets_is_replaced(staff: Run, parts: Parts, file: Path) -> None:
    reference = filed(parts, "ana@example.com")
    back_up(staff, file)
    let_go(parts)
    for path in file.parent.parent.glob("tickets.db*"):
        path.unlink()
    assert "no tickets" in staff("tickets", "list").output  # which makes an empty one
    done = staff("restore", str(file), *AN)
    assert done.exit_code == 0, done.output
    assert list(parts.store.references()) == [reference]


def test_a_database_in_use_is_not_replaced(staff: Run, parts: Parts, file: Path) -> None:
    filed(parts, "ana@example.com")
    back_up(staff, file)
    lost = filed(parts, "bob@example.com")
    done = staff("restore", str(file), "--overwrite", *AN)
    assert done.exit_code == 1
    assert "is in use; stop the server first" in done.output
    assert lost in set(parts.store.references())


def test_a_database_that_cannot_be_read_is_not_replaced(
    staff: Run, parts: Parts, file: Path, database: Path
) -> None:
    reference = filed(parts, "ana@example.com")
    back_up(staff, file)
    let_go(parts)
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("update vault set mark = 'another'")
    done = staff("restore", str(file), "--overwrite", *AN)
    assert done.exit_code == 1
    assert "another secret key" in done.output
    assert "move it away" in done.output
    database.rename(database.with_name("broken"))
    done = staff("restore", str(file), *AN)
    assert done.exit_code == 0, done.output
    assert list(parts.store.references()) == [reference]


def test_another_key_or_none_is_told_and_no_new_one_is_made(
    staff: Run, parts: Parts, file: Path, tmp_path: Path
) -> None:
    filed(parts, "ana@example.com")
    back_up(staff, file)
    there = {"PRIVACY_ASSISTANT_DATABASE": f"sqlite:///{tmp_path}/elsewhere.db"}
    done = staff("restore", str(file), *AN, **there, **OTHER)
    assert done.exit_code == 1
    assert parts.secret.vault.fingerprint in done.output
    assert Vault("o" * 32).fingerprint in done.output
    done = staff("restore", str(file), *AN, **there, PRIVACY_ASSISTANT_SECRET_KEY="")
    assert done.exit_code == 1
    assert "the secret key is not here" in done.output
    assert list(tmp_path.glob("elsewhere*")) == []
    assert list(tmp_path.glob(".restoring*")) == []


def cut(path: Path) -> None:
    """Lose the last third of a file."""
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])


def by_hand(*statements: str) -> Callable[[Path], None]:
    """Change a file as somebody can who has it and knows SQL."""

    def change(path: Path) -> None:
        with closing(sqlite3.connect(path)) as db, db:
            for name in ("events_no_update", "events_no_delete"):
                db.execute(f"drop trigger {name}")
            for statement in statements:
                db.execute(statement)

    return change


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda path: path.write_text("no database" * 1000), "not a database"),
        (cut, "malformed|damaged|disk image"),
        (by_hand("update events set actor = 'eve' where seq = 1"), "entry 1 was changed"),
        (by_hand("delete from events where seq = (select max(seq) from events)"), "does not end"),
        (by_hand("insert into personal values (999, 'x', x'00')"), "a row of personal"),
        (by_hand("drop table backup"), "is no backup that this program made"),
    ],
)
def test_a_damaged_backup_is_refused_and_nothing_is_changed(
    harm: Callable[[Path], None], said: str, staff: Run, parts: Parts, file: Path
) -> None:
    database = file.parent.parent / "tickets.db"
    filed(parts, "ana@example.com")
    back_up(staff, file)
    harm(file)
    let_go(parts)
    shutil.copy(database, before := database.with_name("before"))
    done = staff("restore", str(file), "--overwrite", *AN)
    assert done.exit_code == 1
    assert any(word in done.output for word in said.split("|")), done.output
    assert "Traceback" not in done.output
    assert len(list(parts.store.references())) == 1
    let_go(parts)
    assert database.stat().st_size == before.stat().st_size


def test_a_ticket_that_was_changed_by_hand_is_told_and_restored(
    staff: Run, parts: Parts, file: Path
) -> None:
    reference = filed(parts, "ana@example.com")
    back_up(staff, file)
    by_hand("update tickets set status = 'withdrawn'")(file)
    let_go(parts)
    done = staff("restore", str(file), "--overwrite", *AN)
    assert done.exit_code == 0
    assert f"ticket {reference}: its status is withdrawn" in done.output


def test_an_older_backup_holds_what_was_erased_after_a_restore(
    staff: Run, parts: Parts, file: Path
) -> None:
    reference = filed(parts, "ana@example.com")
    back_up(staff, file)
    for step in (("withdraw", reference), ("erase", reference, "--yes")):
        assert staff("tickets", *step, *AN).exit_code == 0
    for _ in range(2):
        let_go(parts)
        assert staff("restore", str(file), "--overwrite", *AN).exit_code == 0
        ticket = parts.store.ticket(reference)
        assert ticket is not None
        assert ticket.erased_at is not None
        assert replace(ticket, contacts=()) == ticket
        assert staff("verify").exit_code == 0
