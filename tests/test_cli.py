"""The command line as a program: what it prints, and its exit codes."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.secret import kept_secret
from bot.tickets import open_store
from handlers.contract import Dialogue, Draft, Kind, Reply
from handlers.register import first_wrong
from handlers.store import Conversation
from handlers.tickets import Contact, ContactKind

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(environment_here: dict[str, str], tmp_path: Path) -> Run:
    """Give a runner of the command line."""

    def runner(
        *arguments: str, stdin: str | bytes = "", **more: str
    ) -> "subprocess.CompletedProcess[str]":
        data = stdin if isinstance(stdin, bytes) else stdin.encode()
        done = subprocess.run(
            [sys.executable, "-m", "bot", *arguments],
            input=data,
            capture_output=True,
            env={**environment_here, **more},
            cwd=Path(__file__).parents[1],
            timeout=120,
            check=False,
        )
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
        )

    return runner


def test_ask_answers_with_the_section(run: Run) -> None:
    done = run("ask", "what does personal data mean?")
    assert done.returncode == 0
    assert "Section 3" in done.stdout


def test_ask_gives_the_apis_json_and_stores_nothing(run: Run, tmp_path: Path) -> None:
    done = run("ask", "--json", "stop marketing to ana@example.com")
    reply = json.loads(done.stdout)
    assert reply["request"] == "marketing_opt_out"
    assert reply["ticket"] is None
    assert list(tmp_path.iterdir()) == []


def test_ask_reads_lines_and_goes_on_after_a_bad_one(run: Run) -> None:
    lines = [
        json.dumps({"id": "a", "text": "stop marketing"}),
        "not JSON",
        "",
        json.dumps({"id": "b", "text": "wat betekent persoonsgegevens?", "lang": "nl"}),
        json.dumps({"id": "c", "text": ""}),
        json.dumps({"id": "d"}),
    ]
    done = run("ask", "--jsonl", stdin="\n".join(lines))
    out = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["id"] for row in out] == ["a", "b", "c"]
    assert set(out[0]) == {*{"id", "language", "kind", "request", "sections", "choices", "scores"}}
    assert (out[0]["kind"], out[0]["request"], out[0]["language"]) == (
        *("request", "marketing_opt_out"),
        "en",
    )
    assert (out[1]["kind"], out[1]["sections"][0]) == ("answer", "personal_data")
    assert out[2]["kind"] == "out_of_scope"
    assert done.returncode == 1
    assert "line 2" in done.stderr
    assert "line 6" in done.stderr


def test_ask_survives_bytes_that_are_no_text(run: Run) -> None:
    good = b'{"id": 1, "text": "hello"}\n'
    done = run("ask", "--jsonl", stdin=b"\xff\xfe\x00\n" + good)
    assert done.returncode == 1
    assert json.loads(done.stdout)["kind"] == "chitchat"


@pytest.mark.parametrize(
    "arguments",
    [
        ("ask",),
        ("ask", ""),
        ("ask", "x" * 50_000),
        ("ask", "--jsonl", "text"),
        ("chat", "--lang", "xx"),
        ("deadline", "yesterday"),
        ("deadline", "2026-02-30"),
        ("deadline", "9999-12-31"),
        ("evaluate", "nowhere.jsonl"),
        ("nonsense",),
        ("serve", "--port", "0"),
    ],
)
def test_a_wrong_call_is_told_in_a_line_and_exits_2(run: Run, arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert "Error:" in done.stderr
    assert "Traceback" not in done.stderr


def test_chat_files_a_ticket_that_is_listed_and_shown(run: Run) -> None:
    said = "opriți marketingul\nana@example.com\nda\n"
    done = run("chat", "--lang", "ro", stdin=said)
    assert done.returncode == 0, done.stderr
    reference = re.search(r"PR-\w{4}-\w{4}", done.stdout)
    assert reference
    listed = run("tickets", "list")
    assert reference.group() in listed.stdout
    assert "marketing_opt_out" in listed.stdout
    shown = run("tickets", "show", reference.group().lower().replace("-", ""))
    assert "ana@example.com" in shown.stdout
    assert re.search(r"article +GDPR 21\(2\)", shown.stdout)
    assert re.search(r"identity +not needed", shown.stdout)
    as_json = json.loads(run("tickets", "list", "--json", "--status", "received").stdout)
    assert as_json["reference"] == reference.group()
    assert run("tickets", "show", "PR-0000-0000").returncode == 1


def test_chat_tells_what_it_cannot_read_and_goes_on(run: Run) -> None:
    done = run("chat", "--lang", "en", stdin="\n" + "x" * 5000 + "\nhello\n")
    assert done.returncode == 0
    assert "too long" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "due"),
    [
        (("2026-03-05",), "2026-04-07"),
        (("2026-03-31T22:30:00+00:00",), "2026-05-04"),
        (("2026-01-31", "--extended"), "2026-04-28"),
    ],
)
def test_deadline_prints_the_date_and_why(run: Run, arguments: tuple[str, ...], due: str) -> None:
    done = run("deadline", *arguments)
    assert done.stdout.splitlines()[0] == due
    as_json = json.loads(run("deadline", *arguments, "--json").stdout)
    assert as_json["due_on"] == due
    assert as_json["reason"] in done.stdout


def test_deadline_explains_in_the_language_of_the_terminal(run: Run) -> None:
    done = run("deadline", "2026-03-05", LANG="nl_BE.UTF-8")
    assert "dinsdag 7 april 2026" in done.stdout


def test_check_says_ok_or_every_problem(run: Run, data_folder: Path) -> None:
    assert run("check").stdout.startswith("OK: en, fr, nl, ro")
    (data_folder / "nl" / "words.toml").unlink()
    (data_folder / "fr" / "words.toml").write_text("name = ")
    for done in (
        run("check", str(data_folder)),
        run("check", PRIVACY_ASSISTANT_KNOWLEDGE=str(data_folder)),
    ):
        assert done.returncode == 1
        assert "nl/words.toml: file is missing" in done.stderr
        assert "fr/words.toml:" in done.stderr


def test_serve_refuses_a_broken_knowledge_base_with_the_same_list(
    run: Run, data_folder: Path
) -> None:
    (data_folder / "nl" / "words.toml").unlink()
    done = run("serve", PRIVACY_ASSISTANT_KNOWLEDGE=str(data_folder))
    assert done.returncode == 1
    assert done.stderr == "nl/words.toml: file is missing\n"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"PRIVACY_ASSISTANT_DATABSE": "x"}, "PRIVACY_ASSISTANT_DATABSE: there is no such setting"),
        ({"PRIVACY_ASSISTANT_TIMEZONE": "Mars/Base"}, "no time zone 'Mars/Base'"),
        ({"PRIVACY_ASSISTANT_COUNTRY": "XX"}, "no public holidays are known for 'XX'"),
        ({"PRIVACY_ASSISTANT_PUBLIC_URL": "example.com"}, "must start with http"),
        ({"PRIVACY_ASSISTANT_RETENTION_DAYS": "36501"}, "is no number of days from 1 to 36500"),
        ({"PRIVACY_ASSISTANT_TARGET_DAYS": "0"}, "is no number of days from 1 to 36500"),
        ({"PRIVACY_ASSISTANT_SECRET_KEY": "short"}, "must have at least 32 characters"),
        ({"PRIVACY_ASSISTANT_DATABASE": "oracle://x"}, "no store is known"),
        ({"PRIVACY_ASSISTANT_DATABASE": "sqlite:////nowhere/x.db"}, "cannot be used"),
        ({"PRIVACY_ASSISTANT_KNOWLEDGE": "/nowhere"}, "no such folder"),
    ],
)
def test_a_setting_that_cannot_be_used_stops_the_start_with_one_line(
    run: Run, settings: dict[str, str], said: str
) -> None:
    done = run("serve", **settings)
    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_settings_are_listed_and_the_secret_is_not_shown(run: Run) -> None:
    secret = "do-not-show-this-" * 3
    done = run(
        "settings",
        PRIVACY_ASSISTANT_SECRET_KEY=secret,
        PRIVACY_ASSISTANT_STAFF_TOKEN=secret,
        PRIVACY_ASSISTANT_SMTP_URL=f"smtps://user:{secret}@mail.example.com",
        PRIVACY_ASSISTANT_MAIL_FROM="privacy@example.com",
    )
    assert "PRIVACY_ASSISTANT_TIMEZONE=Europe/Brussels" in done.stdout
    assert "PRIVACY_ASSISTANT_SECRET_KEY=(set)" in done.stdout
    assert "do-not-show" not in done.stdout


def test_evaluate_prints_the_scoreboard(run: Run, tmp_path: Path) -> None:
    label = {"id": "en-1", "lang": "en", "text": "stop marketing", "kind": "request"}
    rows = [
        {**label, "request": "marketing_opt_out", "sections": [], "also_ok": []},
        {**label, "id": "en-2", "request": "erasure", "sections": [], "also_ok": []},
    ]
    path = tmp_path / "labels.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows))
    done = run("evaluate", str(path), "--errors", "5")
    assert re.search(r"CORRECT +50.0% +50.0%", done.stdout)
    assert "- en-2: wanted request erasure, got request marketing_opt_out" in done.stdout
    path.write_text("{}")
    assert run("evaluate", str(path)).returncode == 1


def test_every_command_explains_itself(run: Run) -> None:
    commands = re.findall(r"^  (\w+) ", run("--help").stdout.partition("Commands:")[2], re.M)
    assert set(commands) == {
        *{"ask", "backup", "chat", "check", "deadline", "evaluate", "restore", "retention"},
        *{"serve", "settings", "slack", "suppressions", "tickets", "verify"},
    }
    for command in commands:
        assert run(command, "--help").returncode == 0


@contextmanager
def serving(environment: dict[str, str]) -> Iterator[tuple[int, list[str]]]:
    """Run a server of two workers; give its port, and after it has stopped what it said."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    said: list[str] = []
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "serve", "--port", str(port), "--workers", "2"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=Path(__file__).parents[1],
    ) as server:
        try:
            wait_for(f"http://127.0.0.1:{port}/healthz")
            yield port, said
        finally:
            server.send_signal(signal.SIGINT)
            try:
                said.append(server.communicate(timeout=60)[0])
            except subprocess.TimeoutExpired:
                server.kill()
                raise


def test_serve_answers_until_it_is_stopped(environment_here: dict[str, str], run: Run) -> None:
    with serving(environment_here) as (port, said):
        url = f"http://127.0.0.1:{port}"
        token = None
        for text in ("stop marketing", "ana@example.com", "yes"):
            body = {"text": text, "conversation": token, "language": "en"}
            call = urllib.request.Request(  # noqa: S310 - our own server
                f"{url}/api/v1/messages",
                json.dumps(body).encode(),
                {"Content-Type": "application/json"},
            )
            with urllib.request.urlopen(call) as response:  # noqa: S310
                answer = json.load(response)
            token = answer["conversation"]
        link = answer["reply"]["ticket"]["url"]
        assert link.startswith(f"{url}/requests/PR-")
        assert link in run("tickets", "show", answer["reply"]["ticket"]["reference"]).stdout
        taken = run("serve", "--port", str(port), "--workers", "2")
        assert taken.returncode == 1
        assert f"cannot listen on 127.0.0.1 port {port}" in taken.stderr
    assert f"{url}/chat" in said[0]
    assert "Traceback" not in said[0]


def test_serve_files_what_was_left_and_stops_cleanly(
    environment_here: dict[str, str], tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/tickets.db"
    store = open_store(url, kept_secret(url).vault)
    contact = Contact(ContactKind.EMAIL, "ana@example.com")
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    draft = Draft("access", "web", long_ago, contacts=(contact,))
    reply = Reply(Kind.REQUEST, "en", "text", Dialogue("en", draft))
    store.save("token", Conversation(1, "m", "fingerprint", reply), long_ago)
    with serving(environment_here) as (_, said):
        for _ in range(200):
            if list(store.references()):
                break
            time.sleep(0.1)
    [ticket] = store.tickets()
    assert ticket.unconfirmed
    assert ticket.received_at == long_ago
    assert "Traceback" not in said[0]
    assert "ana@example.com" not in said[0]
    assert list(first_wrong(store.register())) == []


def wait_for(url: str) -> None:
    """Wait until a server answers."""
    for _ in range(200):
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310 - our own server
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(url)
