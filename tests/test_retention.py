"""Retention erases what is past its date and nothing else; a dry run tells exactly that."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result

from bot.background import Background
from bot.parts import Parts
from bot.retention import due, run
from bot.tickets import open_store
from handlers.references import new_reference
from handlers.register import What
from handlers.store import Store, StoreError
from handlers.tickets import Conflict, Contact, ContactKind, Ticket
from tests.conftest import NOW

Run = Callable[..., Result]
MAIL = Contact(ContactKind.EMAIL, "ana@example.com")
KEPT = 730
"""Days that a closed ticket is kept, as the setting's default says."""
LAST = NOW + timedelta(days=KEPT)
"""The last day on which a ticket closed now is kept."""
PAST = LAST + timedelta(days=1)


def filed(parts: Parts, request: str = "access", now: datetime = NOW) -> Ticket:
    """File a request without a conversation."""
    step = parts.assistant.desk.casework.file(
        reference=new_reference(),
        request=request,
        language="nl",
        channel="letter",
        received_at=now,
        now=now,
        contacts=(MAIL,),
        details="zebra",
    )
    parts.store.apply([step])
    return step.ticket


def withdrawn(parts: Parts, *, held: bool = False) -> Ticket:
    """File a request and withdraw it, perhaps under a legal hold."""
    casework = parts.assistant.desk.casework
    step = casework.withdraw(filed(parts), NOW)
    parts.store.apply([step])
    if held:
        step = casework.hold(step.ticket, "an", NOW)
        parts.store.apply([step])
    return step.ticket


def say(parts: Parts, *texts: str) -> None:
    """Hold a conversation and leave it."""
    assistant, token = parts.assistant, None
    for text in texts:
        token = assistant.answer(assistant.message(text, "web", "en"), token).token


def erased(store: Store) -> set[str]:
    """Give the references of the tickets whose values are erased."""
    found = (store.ticket(reference) for reference in store.references())
    return {t.reference for t in found if t is not None and t.erased_at is not None}


def test_a_final_ticket_is_erased_after_its_last_day_and_not_on_it(
    staff: Run, parts: Parts
) -> None:
    final, held, still_open = withdrawn(parts), withdrawn(parts, held=True), filed(parts)
    assert staff("retention", now=LAST).stdout == "nothing to do\n"
    assert erased(parts.store) == set()
    done = staff("retention", now=PAST)
    assert (done.exit_code, done.stdout) == (0, f"erase {final.reference}\n")
    assert erased(parts.store) == {final.reference}
    stub = parts.store.ticket(final.reference)
    assert stub is not None
    assert (stub.contacts, stub.details) == ((), None)
    for kept in (held, still_open):
        assert parts.store.ticket(kept.reference) == kept
    assert staff("retention", now=PAST + timedelta(days=5000)).stdout == "nothing to do\n"
    assert staff("verify").exit_code == 0


def test_a_released_ticket_is_erased(staff: Run, parts: Parts) -> None:
    held = withdrawn(parts, held=True)
    assert staff("tickets", "release", held.reference, now=PAST).exit_code == 0
    assert staff("retention", now=PAST).stdout == f"erase {held.reference}\n"


def test_the_setting_says_how_long(staff: Run, parts: Parts) -> None:
    reference = filed(parts).reference
    short = {"PRIVACY_ASSISTANT_RETENTION_DAYS": "30"}
    assert staff("tickets", "withdraw", reference, **short).exit_code == 0
    assert staff("retention", now=NOW + timedelta(days=30), **short).stdout == "nothing to do\n"
    late = staff("retention", now=NOW + timedelta(days=31), **short)
    assert late.stdout == f"erase {reference}\n"


def test_a_changed_setting_holds_for_what_was_closed_before(staff: Run, parts: Parts) -> None:
    final, held = withdrawn(parts), withdrawn(parts, held=True)
    still_open = filed(parts)
    at, short = NOW + timedelta(days=31), {"PRIVACY_ASSISTANT_RETENTION_DAYS": "30"}
    told = staff("retention", "--dry-run", now=at, **short)
    assert staff("retention", now=at, **short).stdout == told.stdout
    # closed on 5 March 2026
    moved = [
        f"recompute {r}: kept until 2028-03-04 -> 2026-04-04"
        for r in sorted([final.reference, held.reference])
    ]
    assert told.stdout.splitlines() == [*moved, f"erase {final.reference}"]
    assert erased(parts.store) == {final.reference}
    after = parts.store.ticket(held.reference)
    assert after is not None
    assert str(after.retention_until) == "2026-04-04"
    [*_, last] = parts.store.register(held.reference)
    assert (last.event.what, last.event.actor) == (What.RECOMPUTED, "assistant")
    assert parts.store.ticket(still_open.reference) == still_open
    assert staff("retention", now=at, **short).stdout == "nothing to do\n"
    assert staff("verify").exit_code == 0


def test_a_longer_setting_keeps_what_would_be_erased(staff: Run, parts: Parts) -> None:
    final = withdrawn(parts)
    longer = {"PRIVACY_ASSISTANT_RETENTION_DAYS": "1000"}
    for arguments in (("retention", "--dry-run"), ("retention",)):
        told = staff(*arguments, now=PAST, **longer).stdout
        assert told == f"recompute {final.reference}: kept until 2028-03-04 -> 2028-11-29\n"
    assert erased(parts.store) == set()


def test_a_dry_run_lists_exactly_what_the_run_does(staff: Run, parts: Parts) -> None:
    for _ in range(3):
        withdrawn(parts)
        withdrawn(parts, held=True)
        filed(parts)
    say(parts, "delete my data, bob@example.com")
    say(parts, "hello")
    say(parts, "stop marketing to ana@example.com", "yes")
    bridge = {"PRIVACY_ASSISTANT_EXTRA_DAYS_OFF": "2026-04-07"}
    head = parts.store.head()
    told = staff("retention", "--dry-run", now=PAST, **bridge)
    assert parts.store.head() == head
    # one draft, three open tickets and a marketing stop to be counted anew, three to be erased
    lines = told.stdout.splitlines()
    assert [line.partition(" ")[0] for line in lines] == [
        *("file", "recompute", "recompute", "recompute", "recompute", "erase", "erase", "erase"),
        "forget",
    ]
    assert "file 1 of abandoned drafts" in lines
    assert "forget 3 idle conversations" in lines
    assert all(line.endswith("due 2026-04-07 -> 2026-04-08") for line in lines[1:5])
    done = staff("retention", now=PAST, **bridge)
    assert done.stdout == told.stdout
    assert staff("retention", "--dry-run", now=PAST, **bridge).stdout == "nothing to do\n"


def test_dates_worked_out_by_another_calendar_are_logged(staff: Run, parts: Parts) -> None:
    ticket = filed(parts)
    bridge = {"PRIVACY_ASSISTANT_EXTRA_DAYS_OFF": "2026-04-07"}
    assert staff("retention", **bridge).exit_code == 0
    [*_, last] = parts.store.register(ticket.reference)
    assert last.event.what is What.RECOMPUTED
    assert (last.event.codes["before"], last.event.codes["due_on"]) == ("2026-04-07", "2026-04-08")
    assert (last.event.codes["calendar_before"], last.event.codes["calendar"]) == (
        *("BE", "BE+2026-04-07"),
    )
    assert staff("verify").exit_code == 0


def test_more_than_fit_into_one_transaction_are_all_erased(parts: Parts) -> None:
    wanted = {withdrawn(parts).reference for _ in range(120)}
    work = run(parts.store, parts.assistant.desk, PAST)
    assert set(work.erase) == wanted == erased(parts.store)


def test_what_somebody_changes_in_between_waits(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = withdrawn(parts), withdrawn(parts)
    store, casework = parts.store, parts.assistant.desk.casework
    look = store.erasable

    def look_and_hold(today: object, limit: int = 1000) -> list[Ticket]:
        found = look(today, limit)  # type: ignore[arg-type]
        store.apply([casework.hold(first, "an", NOW)])
        return found

    monkeypatch.setattr(store, "erasable", look_and_hold)
    assert run(store, parts.assistant.desk, PAST).erase == (second.reference,)
    monkeypatch.undo()
    assert erased(store) == {second.reference}
    assert due(store, parts.assistant.desk, PAST).erase == ()


def test_what_a_restored_backup_brings_back_is_erased_again(
    staff: Run, parts: Parts, tmp_path: Path
) -> None:
    final = withdrawn(parts)
    backup = tmp_path / "backup.db"
    with (
        closing(sqlite3.connect(tmp_path / "tickets.db")) as source,
        closing(sqlite3.connect(backup)) as target,
    ):
        source.backup(target)
    assert staff("retention", now=PAST).stdout == f"erase {final.reference}\n"
    restored = {"PRIVACY_ASSISTANT_DATABASE": f"sqlite:///{backup}"}
    assert staff("retention", now=PAST, **restored).stdout == f"erase {final.reference}\n"
    assert erased(open_store(restored["PRIVACY_ASSISTANT_DATABASE"], parts.secret.vault))


class TestBackground:
    """What ``serve`` does beside answering."""

    @pytest.fixture
    def later(self, make_parts: Callable[..., Parts]) -> Parts:
        """Give a program on the same file, past the date of what was closed."""
        return make_parts(now=PAST)

    def test_it_files_left_drafts_and_runs_retention(self, parts: Parts, later: Parts) -> None:
        final = withdrawn(parts)
        say(parts, "delete my data, bob@example.com")
        background = Background(later.store, later.assistant.desk, lambda: PAST)
        background.start()
        background.stop()
        assert erased(later.store) == {final.reference}
        [ticket] = later.store.tickets(open_only=True)
        assert (ticket.request, ticket.unconfirmed) == ("erasure", True)

    def test_of_several_workers_one_does_it(
        self, parts: Parts, later: Parts, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        del parts
        runs: list[datetime] = []
        monkeypatch.setattr("bot.background.file_abandoned", lambda *a: runs.append(a[2]) or 0)
        moment = datetime(2028, 3, 6, 9, 0, 10, tzinfo=UTC)
        workers = [Background(later.store, later.assistant.desk, lambda: moment) for _ in range(4)]
        for worker in workers:
            worker.tick()
        assert runs == [moment]
        moment += timedelta(minutes=1)
        for worker in workers:
            worker.tick()
        assert len(runs) == 2

    def test_a_failure_is_tried_again_and_ends_nothing(
        self,
        parts: Parts,
        later: Parts,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        final = withdrawn(parts)
        background = Background(later.store, later.assistant.desk, lambda: PAST)
        for error in (StoreError("disk full"), Conflict(), RuntimeError("ana@example.com")):

            def fail(*_: object, error: Exception = error) -> None:
                raise error

            monkeypatch.setattr("bot.background.run", fail)
            background.tick()
        assert "disk full" in caplog.text
        assert "ana@example.com" not in caplog.text
        monkeypatch.undo()
        background.tick()
        assert erased(later.store) == {final.reference}


def test_a_store_in_memory_is_looked_after_too(make_parts: Callable[..., Parts]) -> None:
    parts = make_parts(url="memory:")
    final = withdrawn(parts)
    say(parts, "hello")
    assert due(parts.store, parts.assistant.desk, PAST) == run(
        parts.store, parts.assistant.desk, PAST
    )
    assert erased(parts.store) == {final.reference}
    assert open_store("memory:", parts.secret.vault).idle(PAST) == 0
