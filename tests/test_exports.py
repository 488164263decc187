"""What leaves the register: stable columns, no formulas, the head's hash, and its own event."""

import ast
import csv
import io
import json
import re
import stat
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.tickets import CHANNELS
from bot.details import Details
from bot.dossier import plain
from bot.exports import COLUMNS, PERSONAL, cell
from bot.parts import Parts
from handlers.casework import Dates
from handlers.register import Entry, Event, What, first_wrong
from handlers.tickets import Check, ContactKind, ExtensionReason, Ground
from handlers.wording import day
from knowledge.model import Knowledge
from tests.conftest import NOW

ROOT = Path(__file__).parents[1]
Run = Callable[..., Result]
AN = ("--as", "an")
WHY = ("--ground", "rights_of_others", "--informed-on", "2026-03-20")
WORDS = '=HYPERLINK("http://x") | *ștergeți* <script>alert(1)</script> tout ça'


def file(staff: Run, *more: str, request: str = "access", day: str = "2026-03-05") -> str:
    """File by hand and give the reference."""
    done = staff(
        *("tickets", "file", "--type", request, "--language", "fr", "--channel", "letter"),
        *("--received", day, "--contact", "ana@example.com", "--json", *AN, *more),
        now=NOW + timedelta(days=400),
    )
    assert done.exit_code == 0, done.output
    return str(json.loads(done.stdout)["reference"])


def refused(staff: Run) -> str:
    """File a request with everything, and refuse it in part."""
    reference = file(
        staff, "--contact", "+32470123456", "--details", WORDS, "--representative", "@Ion Pop",
        "--authority", "-mandate 7",
    )  # fmt: skip
    for name, *options in (
        ("take",),
        ("check-identity", "--how", "called_back", "--contact", "2"),
        ("add-task", "--system", "shop"),
        ("add-task", "--system", "mail"),
        ("finish-task", "--task", "1", "--proof", "row gone"),
        ("extend", "--reason", "complex", "--text", "beaucoup de données"),
        ("refuse", "--partial", "--explanation", "+others too", *WHY),
    ):
        done = staff("tickets", name, reference, *options, *AN, now=NOW + timedelta(days=15))
        assert done.exit_code == 0, done.output
    return reference


def read_csv(text: str) -> list[dict[str, str]]:
    """Read a CSV export."""
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_csv_has_stable_columns_exact_dates_and_nothing_personal(staff: Run, parts: Parts) -> None:
    reference = refused(staff)
    done = staff("tickets", "export", "--format", "csv", *AN)
    assert done.exit_code == 0
    text = done.stdout_bytes.decode()
    [row] = read_csv(text)
    assert tuple(row) == COLUMNS
    assert row["reference"] == reference
    # received on 5 March 2026; two months more end on 5 June, a Friday
    dates = {"received_on": "2026-03-05", "initial_due_on": "2026-04-07", "due_on": "2026-06-05"}
    assert {name: row[name] for name in dates} == dates
    assert (row["status"], row["partial"], row["late"]) == ("fulfilled", "yes", "no")
    assert (row["identifiers"], row["identifiers_checked"]) == ("2", "1")
    assert (row["tasks"], row["tasks_done"]) == ("2", "1")
    for value in ("ana@example.com", "+32470123456", "HYPERLINK", "Ion Pop", "mandate", "+others"):
        assert value not in text
    [*_, last] = parts.store.register()
    assert last.event == Event(What.EXPORTED, "", "an", NOW, {"format": "csv", "personal": False})


def test_personal_values_come_when_asked_for_and_no_cell_is_a_formula(staff: Run) -> None:
    refused(staff)
    text = staff("tickets", "export", "--format", "csv", "--personal", *AN).stdout_bytes.decode()
    [row] = read_csv(text)
    assert tuple(row) == (*COLUMNS, *PERSONAL)
    assert row["details"] == f"'{WORDS}"
    assert row["contacts"] == "ana@example.com; +32470123456"
    assert row["representative"] == "'@Ion Pop"
    assert row["authority"] == "'-mandate 7"
    assert row["explanation"] == "'+others too"
    assert row["extension_text"] == "beaucoup de données"


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_risky_cell_becomes_text(first: str) -> None:
    assert cell(f"{first}1+1") == f"'{first}1+1"
    assert cell([f"{first}1", "x"]) == f"'{first}1; x"
    assert cell(f"1{first}1") == f"1{first}1"


@given(st.text())
def test_no_text_becomes_a_formula_and_none_is_lost(text: str) -> None:
    written = cell(text)
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert written.removeprefix("'") == text or written == text


def test_json_lines_end_with_the_head_that_proves_them(staff: Run, parts: Parts) -> None:
    reference = refused(staff)
    done = staff("tickets", "export", "--format", "jsonl", *AN)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["kind"] for row in rows] == ["ticket", *["event"] * 9, "head"]
    assert rows[0]["reference"] == reference
    assert (rows[-1]["seq"], rows[-1]["hash"]) == parts.store.head()
    entries = [
        Entry(
            row["seq"],
            Event(*_event(row)),
            row["previous"],
            row["hash"],
        )
        for row in rows[1:-1]
    ]
    assert list(first_wrong(entries)) == []
    assert entries == list(parts.store.register())
    head = f"{rows[-1]['seq']}:{rows[-1]['hash']}"
    assert staff("verify", "--head", head).exit_code == 0


def _event(row: dict[str, object]) -> tuple[object, ...]:
    at = datetime.fromisoformat(str(row["at"]))
    return What(str(row["what"])), row["reference"], row["actor"], at, row["codes"]


def test_a_file_is_written_whole_and_for_its_owner_only(staff: Run, tmp_path: Path) -> None:
    refused(staff)
    path = tmp_path / "out" / "tickets.csv"
    failed = staff("tickets", "export", "--format", "csv", "--output", str(path), *AN)
    assert failed.exit_code == 1
    assert len(failed.stderr.splitlines()) == 1
    path.parent.mkdir()
    done = staff("tickets", "export", "--format", "csv", "--output", str(path), *AN)
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == f"'{path}' was written; rows: 1\n"
    assert path.read_bytes().startswith(b"\xef\xbb\xbfreference,")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_is_there_is_replaced_only_when_asked(
    staff: Run, parts: Parts, tmp_path: Path
) -> None:
    reference = refused(staff)
    path = tmp_path / "out"
    for command, said in (
        (("export", "--format", "jsonl"), "lines, with the register: 11"),
        (("dossier", reference), f"dossier of {reference}"),
    ):
        path.write_text("mine")
        head = parts.store.head()
        kept = staff("tickets", *command, "--output", str(path), *AN)
        assert kept.exit_code == 1
        assert kept.stderr == f"'{path}' is there already; --overwrite replaces it\n"
        assert (path.read_text(), parts.store.head()) == ("mine", head)
        done = staff("tickets", *command, "--output", str(path), "--overwrite", *AN)
        assert (done.exit_code, done.stdout) == (0, "")
        assert done.stderr == f"'{path}' was written; {said}\n"
        assert path.read_text() != "mine"


@pytest.mark.parametrize("code", ["en", "fr", "nl", "ro"])
def test_the_dossier_tells_everything_in_its_language(
    staff: Run, parts: Parts, knowledge: Knowledge, code: str
) -> None:
    reference = refused(staff)
    done = staff("tickets", "dossier", reference, "--lang", code, *AN)
    assert done.exit_code == 0
    text, language = done.stdout, knowledge.languages[code]
    phrases = language.phrases
    for said in (
        phrases.dossier_title.format(reference=reference),
        language.requests["access"].title,
        phrases.check_called_back,
        phrases.extension_complex,
        phrases.ground_rights_of_others,
        phrases.event_identity_checked,
        phrases.dossier_court,
        language.sections["law_complaint"].answer,
        "beaucoup de données",
        "row gone",
        str(parts.store.head()[1]),
    ):
        assert said in text
    assert text.count("\n## ") == 7
    # what people wrote is no markup
    assert "<script>" not in text
    assert r"\| \*ștergeți\* \<script\>" in text
    # the chain's entry of the dossier itself, and one row for each event of the ticket
    [*_, last] = parts.store.register(reference)
    assert last.event.codes["format"] == "dossier"
    entries = len(list(parts.store.register(reference)))
    assert len(re.findall(r"^\| \d+ \|", text, re.M)) == entries


def test_the_dossier_is_in_the_requesters_language_unless_another_is_named(staff: Run) -> None:
    reference = refused(staff)
    assert staff("tickets", "dossier", reference, *AN).stdout.startswith("# Dossier de la demande")
    assert staff("tickets", "dossier", reference, "--lang", "xx", *AN).exit_code == 2
    assert staff("tickets", "dossier", "PR-0000-0000", *AN).exit_code == 1


def test_the_dossier_of_an_erased_ticket_holds_no_personal_value(staff: Run) -> None:
    reference = refused(staff)
    assert staff("tickets", "erase", reference, "--yes", *AN).exit_code == 0
    text = staff("tickets", "dossier", reference, "--lang", "en", *AN).stdout
    for value in ("ana@example.com", "HYPERLINK", "Ion Pop", "row gone", "others too", "beaucoup"):
        assert value not in text
    assert "erased on Thursday, 5 March 2026" in text


def test_the_dossier_explains_by_the_calendar_of_its_time(staff: Run) -> None:
    bridge = {"PRIVACY_ASSISTANT_EXTRA_DAYS_OFF": "2026-04-07"}
    day = ("--channel", "letter", "--received", "2026-03-05", "--contact", "ana@example.com")
    options = ("--type", "access", "--language", "en", *day, "--json", *AN)
    done = staff("tickets", "file", *options, **bridge)
    reference = json.loads(done.stdout)["reference"]
    for settings in (bridge, {}):
        text = staff("tickets", "dossier", reference, *AN, **settings).stdout
        assert "Tuesday, 7 April 2026 is a day off. So the last day is Wednesday" in text


@given(st.text())
def test_what_people_wrote_stays_in_its_line_and_is_no_markup(text: str) -> None:
    written = plain(text)
    assert len(written.splitlines()) <= 1
    assert not re.search(r"(?<!\\)(?:\\\\)*[<>|*_`#]", written)


def test_each_code_has_its_words(knowledge: Knowledge) -> None:
    names = [f"event_{what}" for what in What] + [f"check_{check}" for check in Check]
    names += [f"ground_{ground}" for ground in Ground]
    names += [f"extension_{reason}" for reason in ExtensionReason]
    names += [f"kind_{kind}" for kind in ContactKind]
    names += [f"channel_{channel}" for channel in ("web", "cli", *CHANNELS)]
    for language in knowledge.languages.values():
        for name in names:
            assert getattr(language.phrases, name)


def test_each_detail_of_an_event_has_its_words(knowledge: Knowledge) -> None:
    modules = ("handlers/casework.py", "bot/codes.py", "bot/tickets/steps.py")
    dates = set(Dates.__annotations__)
    found: set[str] = set()
    for module in (*modules, "bot/commands/exporting.py"):
        for node in ast.walk(ast.parse((ROOT / module).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Dict):
                names = {key.value for key in node.keys if isinstance(key, ast.Constant)}
                found |= set() if names == dates else {str(name) for name in names}
    assert {"due_on", "before", "identifier", "kept_until", "format"} <= found
    for language in knowledge.languages.values():
        for name in found:
            assert getattr(language.phrases, f"detail_{name}"), name


@pytest.mark.parametrize("code", ["en", "fr", "nl", "ro"])
def test_the_dossier_tells_events_in_words(staff: Run, knowledge: Knowledge, code: str) -> None:
    reference = refused(staff)
    language = knowledge.languages[code]
    phrases = language.phrases
    at = NOW + timedelta(days=15)
    staff("tickets", "reopen", reference, *AN, now=at)
    staff("tickets", "take", reference, "--as", "jan", now=at)
    staff("tickets", "correct-receipt", reference, "--received", "2026-03-04", *AN, now=at)
    text = staff("tickets", "dossier", reference, "--lang", code, *AN).stdout
    for name, value in (
        (phrases.detail_request, language.requests["access"].title),
        (phrases.detail_channel, phrases.channel_letter),
        (phrases.detail_language, "Français"),
        (phrases.detail_how, phrases.check_called_back),
        (phrases.detail_identifier, "2"),
        (phrases.detail_kind, phrases.kind_phone),
        (phrases.detail_ground, phrases.ground_rights_of_others),
        (phrases.detail_partial, phrases.detail_yes),
        (phrases.detail_before, phrases.event_fulfilled),
        (phrases.detail_before, "an"),
        (phrases.detail_due_on, day(date(2026, 6, 4), language)),
    ):
        assert phrases.detail.format(name=name, value=value) in text
    assert "(1) " in text
    # no code, and no name of one
    table = text.partition(phrases.dossier_events)[2].partition(phrases.dossier_remedies)[0]
    assert not re.search(r"\w\\_\w|True|False", table)


def test_the_dossier_of_a_reopened_refusal_tells_both_outcomes(
    staff: Run, knowledge: Knowledge
) -> None:
    reference = refused(staff)
    phrases = knowledge.languages["en"].phrases
    at = NOW + timedelta(days=20)

    def outcome() -> list[str]:
        text = staff("tickets", "dossier", reference, "--lang", "en", *AN, now=at).stdout
        chapter = text.partition(f"## {phrases.dossier_outcome}\n\n")[2].partition("\n\n")[0]
        return chapter.splitlines()

    before = outcome()
    assert staff("tickets", "reopen", reference, *AN, now=at).exit_code == 0
    first, last = outcome()
    assert first.startswith("- Before it was reopened on Wednesday, 25 March 2026: refused (")
    assert "rights and freedoms of others" in first
    assert "Friday, 20 March 2026" in first
    assert last == f"- {phrases.dossier_none}"
    informed = ("--informed-on", "2026-03-25")
    assert staff("tickets", "fulfil", reference, *informed, *AN, now=at).exit_code == 0
    assert outcome()[0] == first
    assert outcome()[1] == before[0]
    assert not any("reopened" in line for line in before)


def test_details_tell_a_status_a_day_and_a_name_from_each_other(knowledge: Knowledge) -> None:
    english = knowledge.languages["en"]

    def text(what: What, **codes: str) -> str:
        return Details(knowledge, english).text(Event(what, "", "an", NOW, codes))

    assert text(What.TAKEN, before="refused") == "before: refused"
    in_progress = english.phrases.status_in_progress
    assert text(What.BREACH_SIGNALLED, before="in_progress") == f"before: {in_progress}"
    assert text(What.REOPENED, before="not_a_request") == "before: found not to be a request"
    assert text(What.EXTENDED, before="2026-04-07") == "before: Tuesday, 7 April 2026"
    # what has no words, as of a channel or language that is no more, stays as it is
    assert text(What.FILED, channel="fax", language="xx") == "channel: fax; language: xx"
    assert text(What.FILED, state="0" * 32, novel="x") == "novel: x"


def test_the_figures_are_what_a_hand_counts(staff: Run) -> None:
    # received, informed: the month of 5 March 2026 ends on 7 April, three months on 5 June
    answers = ["2026-03-05", "2026-04-07", "2026-04-08", "2026-06-05", "2026-06-08"]
    for informed_on in answers:
        reference = file(staff)
        done = staff(
            *("tickets", "fulfil", reference, "--informed-on", informed_on, *AN),
            now=NOW + timedelta(days=400),
        )
        assert done.exit_code == 0
    closed = file(staff)
    staff("tickets", "withdraw", closed, *AN)
    file(staff)
    file(staff, day="2027-03-30")
    at = NOW + timedelta(days=400)
    done = staff("tickets", "figures", "--json", now=at)
    assert json.loads(done.stdout) == {
        "filed": 8,
        "open": 2,
        "overdue": 1,
        "answered": 5,
        "within_one_month": 2,
        "within_three_months": 4,
        "later": 1,
        "closed_otherwise": 1,
    }
    text = staff("tickets", "figures", now=at).stdout
    assert re.search(r"within one month +2 +40.0% of those answered", text)
    assert re.search(r"within three months +4 +80.0%", text)
    of_2027 = staff("tickets", "figures", "--json", "--since", "2027-01-01", now=at)
    assert json.loads(of_2027.stdout)["filed"] == 1
    of_2026 = staff("tickets", "figures", "--json", "--until", "2026-12-31", now=at)
    assert json.loads(of_2026.stdout)["filed"] == 7


def test_figures_of_days_in_the_wrong_order(staff: Run) -> None:
    wrong = staff("tickets", "figures", "--since", "2026-02-01", "--until", "2026-01-31")
    assert wrong.exit_code == 2
    assert "--since 2026-02-01 comes after --until 2026-01-31" in wrong.stderr
    one_day = staff("tickets", "figures", "--since", "2026-02-01", "--until", "2026-02-01")
    assert one_day.exit_code == 0


def test_figures_of_nothing(staff: Run) -> None:
    done = staff("tickets", "figures")
    assert done.exit_code == 0
    assert "%" not in done.stdout
