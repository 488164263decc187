"""Staff at the command line: every action of the law, and what it refuses, on a real file."""

import ast
import inspect
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result

from bot.commands.actions import ACTIONS
from bot.commands.sentences import SENTENCES
from bot.parts import Parts
from handlers.casework import Casework, Step
from handlers.store import Store
from handlers.tickets import Check, Status, Ticket
from tests.conftest import NOW

ROOT = Path(__file__).parents[1]
Run = Callable[..., Result]
FILE = ("tickets", "file", "--language", "nl", "--channel", "letter", "--as", "an")
LATER = NOW + timedelta(days=3)
AFTER = NOW + timedelta(days=40)
"""After the first month."""


@pytest.fixture
def store(parts: Parts) -> Store:
    """Give the store that the commands work on."""
    return parts.store


def filed(staff: Run, request: str = "access", *more: str) -> str:
    """File by hand, and give the reference."""
    done = staff(
        *FILE, "--type", request, "--received", "2026-03-05", "--contact", "ana@example.com",
        "--json", *more,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    return str(json.loads(done.stdout)["reference"])


def did(staff: Run, action: str, reference: str, *more: str, **at: object) -> Result:
    """Do something to a ticket as An."""
    return staff("tickets", action, reference, "--as", "an", *more, **at)


def ticket(store: Store, reference: str) -> Ticket:
    """Give a ticket."""
    found = store.ticket(reference)
    assert found is not None
    return found


REFUSE = ("--ground", "excessive", "--explanation", "too many", "--informed-on", "2026-03-08")
STORY: list[tuple[str, tuple[str, ...], Status]] = [
    ("ask-identity", ("--how", "called_back"), Status.AWAITING_IDENTITY),
    ("take", (), Status.AWAITING_IDENTITY),
    ("check-identity", ("--how", "called_back", "--contact", "1"), Status.IN_PROGRESS),
    ("ask-clarification", (), Status.AWAITING_CLARIFICATION),
    ("resume", (), Status.IN_PROGRESS),
    ("add-task", ("--system", "shop"), Status.IN_PROGRESS),
    ("finish-task", ("--task", "1", "--proof", "row gone"), Status.IN_PROGRESS),
    ("correct-receipt", ("--received", "2026-03-04"), Status.IN_PROGRESS),
    ("extend", ("--reason", "complex", "--text", "many systems"), Status.IN_PROGRESS),
    ("remove-extension", (), Status.IN_PROGRESS),
    ("fulfil", ("--informed-on", "2026-03-08"), Status.FULFILLED),
    ("reopen", (), Status.RECEIVED),
    ("refuse", REFUSE, Status.REFUSED),
    ("reopen", (), Status.RECEIVED),
    ("not-a-request", ("--reason", "a greeting"), Status.NOT_A_REQUEST),
    ("reopen", (), Status.RECEIVED),
    ("withdraw", (), Status.WITHDRAWN),
    ("hold", (), Status.WITHDRAWN),
    ("release", (), Status.WITHDRAWN),
    ("erase", ("--yes",), Status.WITHDRAWN),
]


def test_the_whole_work_on_a_ticket_by_commands(staff: Run, store: Store) -> None:
    reference = filed(staff)
    for action, options, status in STORY:
        done = did(staff, action, reference, *options, now=LATER)
        assert done.exit_code == 0, (action, done.output)
        assert done.stdout.startswith(f"{reference}: ")
        assert f"{status}; it is now {status}" not in done.stdout
        assert ticket(store, reference).status is status, action
    used = {action for action, _, _ in STORY} | {"duplicate", "breach"}
    assert used == {action.name for action in ACTIONS}
    assert {entry.event.actor for entry in store.register(reference)} == {"an"}
    assert staff("verify").exit_code == 0


def test_each_action_of_the_rules_has_its_command() -> None:
    actions = {
        name
        for name, method in inspect.getmembers(Casework, inspect.isfunction)
        if not name.startswith("_") and inspect.signature(method).return_annotation is Step
    }
    # by the requester, the assistant or a channel alone; "file" has a command of its own
    others = {"confirm", "propose_duplicate", "note_source", "file"}
    names = {"mark_duplicate": "duplicate", "signal_breach": "breach"}
    names["identity_checked"] = "check_identity"
    wanted = {names.get(action, action).replace("_", "-") for action in actions - others}
    assert {action.name for action in ACTIONS} == wanted


def test_each_rule_has_its_sentence() -> None:
    rules = set()
    for path in (ROOT / "handlers").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "TicketError":
                rules |= {a.value for a in node.args[:1] if isinstance(a, ast.Constant)}
    assert rules == set(SENTENCES)


@pytest.mark.parametrize(
    ("before", "action", "said"),
    [
        ([], ("fulfil", "--informed-on", "2026-03-09"), "lies in the future"),
        ([], ("fulfil", "--informed-on", "2026-03-01"), "before the receipt"),
        ([], ("reopen",), "only a closed one"),
        ([], ("release",), "not kept for a legal claim"),
        ([("hold",)], ("hold",), "for a legal claim already"),
        ([("take",)], ("take",), "the same person has taken it already"),
        ([("take",)], ("resume",), "in progress already"),
        ([("check-identity", "--how", "called_back", "--contact", "1")],
         ("check-identity", "--how", "called_back", "--contact", "1"), "in the same way before"),
        ([("ask-clarification",)], ("fulfil", "--informed-on", "2026-03-06"),
         "fulfilled may not follow awaiting clarification; resume the work first"),
        ([("add-task", "--system", "shop"), ("finish-task", "--task", "1")],
         ("finish-task", "--task", "1"), "done already"),
        ([("withdraw",)], ("add-task", "--system", "shop"), "reopen it first"),
        ([("withdraw",), ("erase", "--yes")], ("add-task", "--system", "shop"), "was erased"),
        ([("withdraw",), ("erase", "--yes")], ("hold",), "nothing more can be done"),
        ([("withdraw",), ("erase", "--yes")], ("erase", "--yes"), "was erased"),
        ([], ("finish-task", "--task", "1"), "no such task"),
        ([], ("remove-extension",), "was not extended"),
        ([], ("breach",), "not about stopping marketing"),
        ([], ("erase", "--yes"), "never erased"),
        ([], ("correct-receipt", "--received", "2026-03-09"), "in the future"),
        ([], ("check-identity", "--how", "called_back", "--contact", "2"), "no such address"),
        ([("extend", "--reason", "complex", "--text", "x")],
         ("extend", "--reason", "complex", "--text", "x"), "only once (GDPR article 12(3))"),
        ([("fulfil", "--informed-on", "2026-03-06")],
         ("fulfil", "--informed-on", "2026-03-06"), "reopen it first"),
        ([("withdraw",), ("hold",)], ("erase", "--yes"), "release it first"),
        ([("withdraw",), ("erase", "--yes")], ("reopen",), "was erased"),
        ([("withdraw",)], ("take",), "reopen it first"),
    ],
)  # fmt: skip
def test_what_a_rule_forbids_is_told_in_a_line_and_nothing_is_written(
    staff: Run,
    store: Store,
    before: list[tuple[str, ...]],
    action: tuple[str, ...],
    said: str,
) -> None:
    reference = filed(staff)
    for name, *options in before:
        assert did(staff, name, reference, *options, now=LATER).exit_code == 0
    head, kept = store.head(), ticket(store, reference)
    done = did(staff, action[0], reference, *action[1:], now=LATER)
    assert done.exit_code == 1
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert (store.head(), ticket(store, reference)) == (head, kept)


def test_an_objection_to_marketing_needs_no_identity_and_cannot_be_refused(
    staff: Run, store: Store
) -> None:
    reference = filed(staff, "marketing_opt_out")
    asked = did(staff, "ask-identity", reference, "--how", "document_seen")
    assert asked.exit_code == 1
    assert "(GDPR article 12(6))" in asked.stderr
    refused = did(staff, "refuse", reference, *REFUSE, now=LATER)
    assert refused.exit_code == 1
    assert "cannot be refused (GDPR article 21(3))" in refused.stderr
    assert did(staff, "fulfil", reference, "--informed-on", "2026-03-05").exit_code == 0
    assert did(staff, "breach", reference, now=LATER).exit_code == 0
    assert [*store.register(reference)][-1].event.actor == "an"
    assert ticket(store, reference).breach
    assert ticket(store, reference).is_open


def test_an_extension_is_refused_after_the_first_month(staff: Run) -> None:
    reference = filed(staff)
    done = did(staff, "extend", reference, "--reason", "complex", "--text", "x", now=AFTER)
    assert done.exit_code == 1
    assert "the first month is over" in done.stderr
    assert "(GDPR article 12(3))" in done.stderr


@pytest.mark.parametrize("missing", ["--ground", "--explanation", "--informed-on"])
def test_a_refusal_needs_all_that_the_law_asks(staff: Run, store: Store, missing: str) -> None:
    reference = filed(staff)
    options = list(REFUSE)
    place = options.index(missing)
    del options[place : place + 2]
    head = store.head()
    done = did(staff, "refuse", reference, *options, now=LATER)
    assert done.exit_code == 2
    assert missing in done.stderr
    assert store.head() == head


def test_texts_can_come_from_standard_input(staff: Run, store: Store) -> None:
    reference = filed(staff)
    options = ("--ground", "excessive", "--explanation", "-", "--informed-on", "2026-03-05")
    assert did(staff, "refuse", reference, *options, stdin=" în două\nrânduri\n").exit_code == 0
    outcome = ticket(store, reference).outcome
    assert outcome is not None
    assert outcome.explanation == "în două\nrânduri"
    empty = did(staff, "not-a-request", reference, "--reason", " ")
    assert empty.exit_code == 1


def test_a_duplicate_needs_the_same_person_and_can_be_undone(staff: Run, store: Store) -> None:
    first, second = filed(staff), filed(staff)
    proposal = [e.event for e in store.register(second)][-1]
    assert (proposal.what, proposal.codes["of"]) == ("duplicate_proposed", first)
    shown, listed = staff("tickets", "show", second).stdout, staff("tickets", "list").stdout
    assert f"perhaps         a duplicate of {first};" in shown
    assert [line.endswith("duplicate_proposed") for line in sorted(listed.splitlines())] == [
        reference == second for reference in sorted((first, second))
    ]
    assert "in common" in did(staff, "duplicate", second, "--of", first).stderr
    for reference in (first, second):
        did(
            staff, "check-identity", reference, "--how", "logged_in", "--contact", "ANA@example.com"
        )
    assert did(staff, "duplicate", second, "--of", first).exit_code == 0
    assert ticket(store, second).duplicate_of == first
    assert did(staff, "reopen", second).exit_code == 0
    # whoever opened it again has decided
    assert "perhaps" not in staff("tickets", "show", second).stdout
    assert did(staff, "duplicate", second, "--of", "PR-0000-0000").exit_code == 1
    assert "no duplicate of itself" in did(staff, "duplicate", second, "--of", second).stderr


def test_erasing_asks_first(staff: Run, store: Store) -> None:
    reference = filed(staff)
    did(staff, "withdraw", reference)
    declined = did(staff, "erase", reference, stdin="n\n")
    assert declined.exit_code == 1
    assert "[y/N]" in declined.stderr
    assert ticket(store, reference).erased_at is None
    assert did(staff, "erase", reference, stdin="y\n").exit_code == 0
    assert ticket(store, reference).contacts == ()


def test_nobody_is_asked_about_what_cannot_be_erased(staff: Run) -> None:
    for reference, said in ((filed(staff), "never erased"), ("PR-0000-0000", "no ticket")):
        refused = did(staff, "erase", reference, stdin="y\n")
        assert refused.exit_code == 1
        assert said in refused.stderr
        assert "[y/N]" not in refused.stderr


def test_a_letter_is_filed_with_all_that_it_says(staff: Run, store: Store) -> None:
    reference = filed(
        staff, "rectification", "--contact", "0470 12 34 56", "--contact",
        "Kerkstraat 5, 2840 Rumst", "--details", "my name is spelt wrong", "--representative",
        "Ion Pop", "--authority", "mandate 7",
    )  # fmt: skip
    found = ticket(store, reference)
    assert [c.value for c in found.contacts] == [
        *("ana@example.com", "+32470123456", "Kerkstraat 5, 2840 Rumst")
    ]
    assert found.representative is not None
    assert found.representative.name == "Ion Pop"
    assert (found.channel, found.language) == ("letter", "nl")
    # midnight in Brussels on 5 March
    assert found.received_at.isoformat() == "2026-03-04T23:00:00+00:00"
    assert str(found.due_on) == "2026-04-07"
    [entry] = store.register(reference)
    assert entry.event.actor == "an"
    shown = staff("tickets", "show", reference).stdout
    for said in ("Ion Pop (mandate 7)", "my name is spelt wrong", "3. postal", "Easter Monday"):
        assert said in shown


def test_a_receipt_around_midnight_counts_in_the_controllers_zone(staff: Run, store: Store) -> None:
    day = ("--type", "access", "--contact", "ana@example.com", "--json", "--received")
    at = NOW + timedelta(days=60)
    for moment, due in (
        ("2026-03-31T22:30:00+00:00", "2026-05-04"),
        ("2026-03-31T23:59:00", "2026-04-30"),
        ("2026-04-01T00:01", "2026-05-04"),
    ):
        done = staff(*FILE, *day, moment, now=at)
        assert json.loads(done.stdout)["due_at"] == due


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("--type", "nonsense"), "there is no 'nonsense'"),
        (("--language", "xx"), "there is no 'xx'"),
        (("--channel", "pigeon"), "pigeon"),
        (("--contact", "hello"), "no address or number"),
        (("--received", "yesterday"), "neither a day"),
        (("--representative", "Ion"), "go together"),
        (("--as", "requester"), "no name of a staff member"),
        (("--as", " "), "no name of a staff member"),
        (("--details", " "), "empty"),
    ],
)
def test_a_filing_that_cannot_be_is_told(
    staff: Run, store: Store, change: tuple[str, str], said: str
) -> None:
    good = ("--type", "access", "--received", "2026-03-05", "--contact", "ana@example.com")
    done = staff(*FILE, *good, *change)
    assert done.exit_code == 2
    assert said in done.stderr
    assert store.head()[0] == 0


def test_a_receipt_in_the_future_is_refused(staff: Run, store: Store) -> None:
    good = ("--type", "access", "--contact", "ana@example.com", "--received", "2026-03-06")
    done = staff(*FILE, *good)
    assert done.exit_code == 1
    assert "lies in the future" in done.stderr
    assert store.head()[0] == 0


@pytest.mark.parametrize(
    "received", ["0001-01-01", "0001-01-01T00:00:00+14:00", "0206-03-05", "2018-05-24"]
)
def test_a_receipt_before_the_law_is_a_slip(staff: Run, store: Store, received: str) -> None:
    good = ("--type", "access", "--contact", "ana@example.com", "--received", received)
    reference = filed(staff)
    for done in (staff(*FILE, *good), did(staff, "correct-receipt", reference, *good[-2:])):
        assert done.exit_code == 1
        assert "did not apply yet on the day of receipt (GDPR article 99(2))" in done.stderr
    assert store.head()[0] == 1


def test_the_list_tells_today_tomorrow_and_late(staff: Run) -> None:
    reference = filed(staff)
    for days, said, left in ((32, "due in 1 day", 1), (33, "due today", 0), (34, "1 day late", -1)):
        at = NOW + timedelta(days=days)
        assert said in staff("tickets", "list", now=at).stdout
        row = json.loads(staff("tickets", "list", "--json", now=at).stdout)
        assert (row["reference"], row["due_at"], row["remaining_days"]) == (
            *(reference, "2026-04-07", left),
        )
        assert row["flags"] == (["overdue"] if left < 0 else [])
        overdue = staff("tickets", "list", "--overdue", now=at).stdout
        assert (reference in overdue) == (left < 0)


def test_the_list_shows_open_ones_or_one_status(staff: Run) -> None:
    first, second = filed(staff), filed(staff)
    did(staff, "withdraw", second)
    listed = staff("tickets", "list").stdout
    assert first in listed
    assert "closed" in listed
    assert second not in staff("tickets", "list", "--open").stdout
    withdrawn = staff("tickets", "list", "--status", "withdrawn", "--json").stdout
    [row] = map(json.loads, withdrawn.splitlines())
    assert (row["reference"], row["remaining_days"]) == (second, None)


def test_an_empty_or_shortened_list_says_so_beside_the_output(staff: Run) -> None:
    for more in ((), ("--json",), ("--overdue",)):
        empty = staff("tickets", "list", *more)
        assert (empty.exit_code, empty.stdout, empty.stderr) == (0, "", "no tickets\n")
    for _ in range(2):
        filed(staff)
    assert staff("tickets", "list", "--limit", "2").stderr == ""
    short = staff("tickets", "list", "--limit", "1")
    assert len(short.stdout.splitlines()) == 1
    assert "more than these 1" in short.stderr


def test_a_proposal_ends_with_the_other_ticket(staff: Run) -> None:
    first, second = filed(staff), filed(staff)
    [row] = (
        row
        for row in map(json.loads, staff("tickets", "list", "--json").stdout.splitlines())
        if row["reference"] == second
    )
    assert row["flags"] == ["duplicate_proposed"]
    did(staff, "withdraw", first)
    assert "duplicate_proposed" not in staff("tickets", "list").stdout


def test_what_is_shown_of_a_closed_held_and_erased_ticket(staff: Run) -> None:
    reference = filed(staff)
    assert did(staff, "refuse", reference, *REFUSE, now=LATER).stdout == (
        f"{reference}: refused; closed, kept until Tuesday, 7 March 2028\n"
    )
    shown = staff("tickets", "show", reference).stdout
    assert "ground          excessive (GDPR 12(5))" in shown
    assert "kept            until Tuesday, 7 March 2028" in shown
    assert f"/requests/{reference}?key=" in shown
    held = did(staff, "hold", reference).stdout
    assert held == f"{reference}: kept for a legal claim; closed, kept until it is released\n"
    past = NOW + timedelta(days=1000)
    released = did(staff, "release", reference, now=past).stdout
    assert released.endswith("closed, kept until the next run of 'retention'\n")
    did(staff, "erase", reference, "--yes")
    shown = staff("tickets", "show", reference).stdout
    assert "erased          Thursday, 5 March 2026" in shown
    assert "?key=" not in shown
    assert "\nkept " not in shown


def test_whoever_is_logged_in_does_it_where_nobody_is_named(
    staff: Run, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = filed(staff)
    monkeypatch.setenv("LOGNAME", "an.peeters")
    assert staff("tickets", "take", reference).exit_code == 0
    assert ticket(store, reference).assignee == "an.peeters"
    assert staff("tickets", "take", reference, "--as", "Jan\n Peeters").exit_code == 0
    assert ticket(store, reference).assignee == "Jan Peeters"


def test_every_check_can_be_noted(staff: Run, store: Store) -> None:
    for check in Check:
        reference = filed(staff)
        did(staff, "check-identity", reference, "--how", check.value, "--contact", "1")
        assert [c.check for c in ticket(store, reference).contacts] == [check]


def test_a_ticket_that_is_not_there(staff: Run) -> None:
    for name in ("PR-0000-0000", "nonsense", "PR-7F3K-9Q2X"):
        done = staff("tickets", "take", name)
        assert done.exit_code == 1
        assert done.stderr == f"there is no ticket '{name}'\n"
