"""The suppression list: who objected, and who was mailed all the same."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from bot.parts import Parts
from tests.conftest import NOW

Run = Callable[..., Result]
AN = ("--as", "an")


@pytest.fixture
def objection(staff: Run, parts: Parts) -> str:
    """File an objection of 5 March 2026 for an address and a number, and give its reference."""
    done = staff(
        *("tickets", "file", "--type", "marketing_opt_out", "--language", "nl", *AN),
        *("--channel", "letter", "--received", "2026-03-05"),
        *("--contact", "ana@example.com", "--contact", "0470 12 34 56"),
    )
    assert done.exit_code == 0
    [reference] = parts.store.references()
    return reference


@pytest.mark.usefixtures("objection")
def test_addresses_are_told_however_they_are_written(staff: Run) -> None:
    given = ["Ana@Example.com", " ana@example.com ", "+32 470 12 34 56", "0470/12.34.56"]
    free = ["ana+x@example.com", "аna@example.com", "bob@example.com", "+32 470 12 34 57"]
    done = staff("suppressions", "check", *given, *free)
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        *(f"suppressed\t{text}" for text in given),
        *(f"free\t{text}" for text in free),
    ]


@pytest.mark.usefixtures("objection")
def test_a_file_is_read_line_by_line_or_by_its_column(staff: Run, tmp_path: Path) -> None:
    plain, table = tmp_path / "plain.txt", tmp_path / "table.csv"
    plain.write_text("\ufeffana@example.com\n\nnobody\nbob@example.com\n", encoding="utf-8")
    table.write_text('name;mail\n"A; B";ana@example.com\nC;bob@example.com\n', encoding="utf-8")
    done = staff("suppressions", "check", "--file", str(plain))
    assert done.exit_code == 1
    assert done.stdout == "suppressed\tana@example.com\nunreadable\tnobody\nfree\tbob@example.com\n"
    done = staff("suppressions", "check", "--file", str(table), "--column", "mail")
    assert done.exit_code == 0
    assert done.stdout == "suppressed\tana@example.com\nfree\tbob@example.com\n"
    done = staff("suppressions", "check", "--file", "-", stdin="ana@example.com\n")
    assert done.stdout == "suppressed\tana@example.com\n"


def test_a_wrong_call_is_told(staff: Run, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"mail\n\xff@example.com\n")
    for arguments, code, said in (
        ((), 2, "give addresses"),
        (("a@example.com", "--file", str(path)), 2, "give addresses"),
        (("a@example.com", "--column", "mail"), 2, "--column"),
        (("--file", str(path), "--column", "email"), 1, "is not in UTF-8"),
        (("--file", str(tmp_path / "none.csv")), 2, "does not exist"),
    ):
        done = staff("suppressions", "check", *arguments)
        assert done.exit_code == code
        assert said in done.stderr
    path.write_text("mail,day\n")
    done = staff("suppressions", "check", "--file", str(path), "--column", "email")
    assert done.exit_code == 1
    assert done.stderr == f"'{path}': there is no column 'email', only mail, day\n"
    for separator in ",;\t":
        path.write_text(f"\ufeffmail{separator}day\nana@example.com{separator}2026-03-05\n")
        done = staff("suppressions", "check", "--file", str(path))
        assert (done.exit_code, done.stdout) == (1, "")
        assert done.stderr == (
            f"'{path}': it has several columns; name one by --column: mail, day\n"
        )


def test_who_was_mailed_after_the_day_of_the_objection_is_named(
    staff: Run, objection: str, tmp_path: Path
) -> None:
    sent = tmp_path / "sent.csv"
    rows = [
        "when,campaign,to",
        "2026-03-04,spring,ana@example.com",  # the day before
        "2026-03-05,spring,ana@example.com",  # the day itself
        "2026-03-05T22:59:00+00:00,spring,ana@example.com",  # still that day in Brussels
        "2026-03-05T23:01:00+00:00,spring,ANA@example.com",  # the next day in Brussels
        '2026-04-01,"two\nlines",+32470123456',
        "2026-04-01,spring,bob@example.com",
        "someday,spring,ana@example.com",
        "2026-04-01,spring,nobody",
    ]
    sent.write_text("\n".join(rows), encoding="utf-8")
    columns = ("--address-column", "to", "--date-column", "when")
    done = staff("suppressions", "mailed", str(sent), *columns)
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        f"line 5: ANA@example.com, sent 2026-03-06, objected 2026-03-05 ({objection})",
        f"line 7: +32470123456, sent 2026-04-01, objected 2026-03-05 ({objection})",
    ]
    assert done.stderr.splitlines() == [
        "line 9: its date is no day or moment in ISO 8601",
        "line 10: its address is no e-mail address or telephone number",
    ]
    sent.write_text("\n".join(rows[:4]), encoding="utf-8")
    assert staff("suppressions", "mailed", str(sent), *columns).exit_code == 0


@pytest.mark.parametrize("end", [("withdraw",), ("not-a-request", "--reason", "spam")])
def test_staff_hear_what_becomes_of_the_addresses_of_an_objection_that_ends(
    staff: Run, objection: str, end: tuple[str, ...]
) -> None:
    other = staff(
        *("tickets", "file", "--type", "marketing_opt_out", "--language", "fr", *AN),
        *("--channel", "letter", "--received", "2026-03-04", "--contact", "ana@example.com"),
    )
    assert other.exit_code == 0
    done = staff("tickets", end[0], objection, *end[1:], *AN)
    assert done.stdout.splitlines()[-1] == (
        f"{objection}: taken off the suppression list: 2, 1 kept there by another objection"
    )
    assert staff("suppressions", "check", "ana@example.com", "+32470123456").stdout == (
        "suppressed\tana@example.com\nfree\t+32470123456\n"
    )
    staff("tickets", "reopen", objection, *AN)
    assert staff("suppressions", "check", "+32470123456").stdout == "suppressed\t+32470123456\n"
    staff("tickets", "fulfil", objection, "--informed-on", "2026-03-05", *AN)
    staff("tickets", "reopen", objection, *AN)
    done = staff("tickets", end[0], objection, *end[1:], *AN)
    assert done.stdout.splitlines()[-1] == (
        f"{objection}: its addresses stay on the suppression list"
    )
    assert staff("suppressions", "check", "+32470123456").stdout == "suppressed\t+32470123456\n"
    assert staff("verify").exit_code == 0


def test_a_withdrawn_request_of_another_kind_says_nothing_of_the_list(staff: Run) -> None:
    filed = staff(
        *("tickets", "file", "--type", "access", "--language", "nl", *AN),
        *("--channel", "letter", "--received", "2026-03-05", "--contact", "ana@example.com"),
    )
    reference = filed.stdout.partition(":")[0]
    assert len(staff("tickets", "withdraw", reference, *AN).stdout.splitlines()) == 1


def test_the_list_survives_erasing_and_names_nobody(
    staff: Run, parts: Parts, objection: str, tmp_path: Path
) -> None:
    fulfilled = staff("tickets", "fulfil", objection, "--informed-on", "2026-03-05", *AN)
    assert fulfilled.exit_code == 0
    assert staff("tickets", "erase", objection, "--yes", *AN).exit_code == 0
    done = staff("suppressions", "check", "ana@example.com")
    assert done.stdout == "suppressed\tana@example.com\n"
    exported = staff("tickets", "export", "--format", "jsonl", "--personal", *AN).stdout
    assert "ana@example.com" not in exported
    del parts
    for path in tmp_path.iterdir():
        assert b"ana@example.com" not in path.read_bytes()
    assert NOW.date().isoformat() in exported
