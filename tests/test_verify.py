"""``verify`` finds what was changed by hand: in the register, in any ticket, and a cut tail."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result

from bot.parts import Parts
from bot.tickets.rows import codes_of
from tests.conftest import NOW

Run = Callable[..., Result]
AN = ("--as", "an")
WHY = ("--ground", "excessive", "--explanation", "x")
TRIGGERS = ("events_no_update", "events_no_delete", "events_in_order")


@pytest.fixture
def references(staff: Run, parts: Parts) -> list[str]:
    """File two tickets, work on the first one, and give their references."""
    file = ("tickets", "file", "--language", "nl", "--channel", "letter", "--received")
    for request in ("access", "marketing_opt_out"):
        more = ("2026-03-05", "--type", request, "--contact", "ana@example.com", *AN)
        assert staff(*file, *more).exit_code == 0
    first, second = parts.store.references()
    for action in (
        ("take", first),
        ("check-identity", first, "--how", "called_back", "--contact", "1"),
        ("add-task", first, "--system", "shop"),
        ("extend", first, "--reason", "complex", "--text", "much"),
        ("refuse", first, "--partial", "--informed-on", "2026-03-05", *WHY),
    ):
        assert staff("tickets", *action, *AN).exit_code == 0
    return [first, second]


def by_hand(tmp_path: Path, *statements: str) -> None:
    """Change the file as somebody can who has it and knows SQL."""
    with closing(sqlite3.connect(tmp_path / "tickets.db")) as db, db:
        for trigger in TRIGGERS:
            db.execute(f"drop trigger if exists {trigger}")
        for statement in statements:
            assert db.execute(statement).rowcount > 0, statement


COLUMNS = (
    *("reference", "version", "request", "status", "language", "channel", "received_at"),
    *("filed_at", "confirmed_at", "source", "calendar", "due_on", "initial_due_on"),
    *("target_on", "stop_by", "assignee", "taken_at", "extended_at", "extension_reason"),
    *("extended_to", "informed_on", "ground", "partial", "closed_at", "duplicate_of"),
    *("breach", "legal_hold", "tasks", "retention_until", "erased_at", "salt"),
)
CHANGED = {
    "version": "version + 1",
    "request": "'erasure'",
    "status": "'withdrawn'",
    "partial": "0",
    "breach": "1",
    "legal_hold": "1",
    "salt": "2",
    "tasks": "'[]'",
    "ground": "'wrong_controller'",
    "extension_reason": "'many_requests'",
    "language": "'fr'",
    "reference": "'PR-7F3K-9Q2M'",
    **dict.fromkeys(("due_on", "initial_due_on", "target_on", "stop_by"), "'2027-01-01'"),
    **dict.fromkeys(("extended_to", "informed_on", "retention_until"), "'2027-01-01'"),
}
MOMENT = "'2026-03-05T10:00:00.000000+00:00'"


def test_all_is_well_and_the_head_is_printed(staff: Run, references: list[str]) -> None:
    done = staff("verify")
    assert done.exit_code == 0
    seq, _, digest = done.stdout.strip().partition(":")
    # two were filed and one is a marketing stop, then five things were done
    assert (int(seq), len(digest)) == (8, 64)
    assert staff("verify", "--head", done.stdout.strip()).exit_code == 0
    assert len(references) == 2


def test_an_empty_register_is_right(staff: Run) -> None:
    done = staff("verify")
    assert done.exit_code == 0
    assert staff("verify", "--head", done.stdout.strip()).exit_code == 0


@pytest.mark.parametrize("column", COLUMNS)
def test_any_code_of_a_ticket_that_was_changed_by_hand_is_found(
    staff: Run, references: list[str], tmp_path: Path, column: str
) -> None:
    value = CHANGED.get(column) or (MOMENT if column.endswith("_at") else "'somebody'")
    by_hand(tmp_path, f"update tickets set {column} = {value} where number = 1")
    done = staff("verify")
    assert done.exit_code == 1
    first = done.stderr.splitlines()[0]
    assert first.startswith(f"ticket {references[0]}: ")
    if column in {"status", "due_on"}:
        assert value.strip("'") in first


def test_every_column_is_tried(parts: Parts, references: list[str]) -> None:
    ticket = parts.store.ticket(references[0])
    assert ticket is not None
    assert set(codes_of(ticket)) == set(COLUMNS) - {"salt"}


@pytest.mark.parametrize(
    "statement",
    [
        "update tickets set status = 'nonsense' where number = 1",
        "update tickets set due_on = 'soon' where number = 1",
        "update identifiers set verified_at = null where ticket = 1",
        "update identifiers set how = 'document_seen' where ticket = 1",
        "update identifiers set kind = 'phone' where ticket = 1",
        "update identifiers set value = x'00' where ticket = 1",
        "delete from identifiers where ticket = 1",
        "delete from tickets where number = 1",
    ],
)
def test_what_cannot_be_read_or_is_gone_is_found(
    staff: Run, references: list[str], tmp_path: Path, statement: str
) -> None:
    by_hand(tmp_path, statement)
    done = staff("verify")
    assert done.exit_code == 1
    assert done.stderr.startswith(f"ticket {references[0]}: ")


def test_a_ticket_without_any_event_is_found(
    staff: Run, references: list[str], tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "tickets.db")) as db, db:
        names = [row[1] for row in db.execute("pragma table_info(tickets)")]
        kept = ", ".join(n for n in names if n not in {"number", "reference"})
        db.execute(
            f"insert into tickets (reference, {kept})"
            f" select 'PR-7F3K-9Q2M', {kept} from tickets where number = 2"
        )
    done = staff("verify")
    assert done.exit_code == 1
    assert done.stderr == "ticket PR-7F3K-9Q2M: no event says that it was filed\n"
    assert len(references) == 2


@pytest.mark.parametrize(
    ("statements", "first"),
    [
        (["update events set actor = 'eve' where seq = 3"], "entry 3 was changed"),
        (["update events set codes = '{}' where seq = 5"], "entry 5 was changed"),
        (["update events set what = 'nonsense' where seq = 5"], "entry 5 was changed"),
        (["delete from events where seq = 4"], "entry 4 is missing or out of order"),
        (
            [
                "update events set seq = 100 where seq = 6",
                "update events set seq = 6 where seq = 7",
                "update events set seq = 7 where seq = 100",
            ],
            "entry 6 does not follow the one before it",
        ),
        (
            [
                "insert into events select 9, at, reference, actor, what, codes, previous, hash"
                " from events where seq = 8"
            ],
            "entry 9 does not follow the one before it",
        ),
    ],
)
def test_the_first_bad_entry_is_named(
    staff: Run, references: list[str], tmp_path: Path, statements: list[str], first: str
) -> None:
    by_hand(tmp_path, *statements)
    done = staff("verify")
    assert done.exit_code == 1
    assert done.stderr.splitlines()[0] == first
    assert done.stdout == ""
    assert len(references) == 2


def test_a_cut_tail_shows_by_the_head_that_was_kept(
    staff: Run, references: list[str], tmp_path: Path
) -> None:
    staff("tickets", "export", "--format", "csv", *AN)
    head = staff("verify").stdout.strip()
    by_hand(tmp_path, "delete from events where seq = 9")
    # an export changes no ticket: only who kept the head can tell that its event is gone
    assert staff("verify").exit_code == 0
    done = staff("verify", "--head", head)
    assert done.exit_code == 1
    assert done.stderr == (
        "entry 9 is missing: the register ends at entry 8, and the head that was kept is entry 9\n"
    )
    assert len(references) == 2


def test_a_tail_written_anew_shows_by_the_head_that_was_kept(
    staff: Run, references: list[str], tmp_path: Path
) -> None:
    staff("tickets", "export", "--format", "csv", *AN)
    head = staff("verify").stdout.strip()
    by_hand(tmp_path, "delete from events where seq = 9")
    staff("tickets", "export", "--format", "jsonl", *AN)
    assert staff("verify").exit_code == 0
    done = staff("verify", "--head", head)
    assert done.exit_code == 1
    assert "entry 9 is not the one whose hash was kept" in done.stderr
    assert len(references) == 2


def test_an_older_head_still_fits(staff: Run, references: list[str]) -> None:
    head = staff("verify").stdout.strip()
    later = NOW + timedelta(days=1)
    assert staff("tickets", "withdraw", references[1], *AN, now=later).exit_code == 0
    assert staff("verify", "--head", head).exit_code == 0


def test_an_erased_ticket_is_right_too(staff: Run, references: list[str]) -> None:
    assert staff("tickets", "erase", references[0], "--yes", *AN).exit_code == 0
    assert staff("verify").exit_code == 0


@pytest.mark.parametrize("head", ["x", "5", "5:abc", f"x:{'0' * 64}"])
def test_a_head_that_is_none_is_a_wrong_call(staff: Run, head: str) -> None:
    assert staff("verify", "--head", head).exit_code == 2
