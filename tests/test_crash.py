"""Nothing that was confirmed is lost, whenever the program ends; nothing is filed twice."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from bot.tickets import open_store
from bot.vault import Vault
from handlers.contract import Dialogue, Kind, Reply
from handlers.register import What, first_wrong
from handlers.store import Conversation

ROOT = Path(__file__).parents[1]
PROGRAM = (sys.executable, str(ROOT / "tests" / "clients.py"))
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
VAULT = Vault("k" * 32)
NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
ROUNDS = 50
LONGEST = 0.3
"""Seconds within which the program is killed after it has begun."""
DRAFTS = 20


def test_what_was_confirmed_is_there_after_fifty_kills(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/tickets.db"
    confirmed: list[str] = []
    with subprocess.Popen(
        [*PROGRAM, "file", url],
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        for _ in range(ROUNDS):
            program.stdin.write("go\n")
            program.stdin.flush()
            pid = int(program.stdout.readline().split()[1])
            time.sleep(random.uniform(0.0, LONGEST))
            os.kill(pid, signal.SIGKILL)
            while (line := program.stdout.readline().strip()) != "killed":
                confirmed.append(line)
        program.stdin.close()

    store = open_store(url, VAULT)
    assert len(confirmed) > ROUNDS
    assert len(set(confirmed)) == len(confirmed)
    for reference in confirmed:
        ticket = store.ticket(reference)
        assert ticket is not None
        assert ticket.contacts[0].value == f"{reference.lower()}@example.com"
        assert ticket.details == "my data"
        assert store.conversation(reference) is not None
    assert list(first_wrong(store.register())) == []
    # no half ticket, also of those of which the client never heard
    filed = Counter(e.event.reference for e in store.register() if e.event.what is What.FILED)
    tickets = list(store.tickets(limit=10**6))
    assert filed == Counter(ticket.reference for ticket in tickets)
    assert all(ticket.contacts and ticket.details for ticket in tickets)
    with closing(sqlite3.connect(tmp_path / "tickets.db")) as db:
        assert db.execute("pragma integrity_check").fetchall() == [("ok",)]
        assert db.execute("pragma foreign_key_check").fetchall() == []


def test_processes_that_confirm_the_same_draft_at_once_file_one_ticket(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/tickets.db"
    store = open_store(url, VAULT)
    for number in range(DRAFTS):
        reply = Reply(Kind.REQUEST, "nl", "text", Dialogue())
        store.save(f"draft {number}", Conversation(1, "m", "fingerprint", reply), NOW)
    when = str(time.time() + 3)
    programs = [
        subprocess.Popen(
            [*PROGRAM, "race", url, when], env=ENVIRONMENT, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    confirmed = [line for program in programs for line in program.communicate()[0].split()]
    assert all(program.returncode == 0 for program in programs)
    assert len(confirmed) == DRAFTS
    assert {ticket.reference for ticket in store.tickets()} == set(confirmed)
    assert store.head()[0] == DRAFTS


def test_programs_that_start_at_once_all_find_the_tables(tmp_path: Path) -> None:
    code = (
        "import sys, time; from bot.tickets import open_store; from bot.vault import Vault;"
        " time.sleep(max(0, float(sys.argv[2]) - time.time()));"
        " open_store(sys.argv[1], Vault('k' * 32))"
    )
    when = str(time.time() + 3)
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", code, f"sqlite:///{tmp_path}/tickets.db", when], env=ENVIRONMENT
        )
        for _ in range(4)
    ]
    assert [program.wait() for program in programs] == [0] * 4
