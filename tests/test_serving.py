"""A real server: what its workers count together, what they log, and how they stop."""

import json
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.secret import kept_secret
from bot.tickets import open_store
from tests.served import served


@pytest.fixture
def environment_served(environment_here: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """Give the environment of a server whose log and figures can be read."""
    return {
        **environment_here,
        "PRIVACY_ASSISTANT_LOG_FORMAT": "json",
        "TMPDIR": str(tmp_path),
    }


def test_two_workers_count_together_and_log_lines_with_the_ids_of_calls(
    environment_served: dict[str, str], tmp_path: Path
) -> None:
    with served(environment_served) as server:
        ids = [server.say(f"hello zebra {number}")["id"] for number in range(20)]
        found = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(server.get("/metrics"))
            for sample in family.samples
        }
        assert server.stop() == 0
    replies = [v for (name, _), v in found.items() if name == "privacy_assistant_replies_total"]
    assert sum(replies) == 20
    labels = frozenset({("endpoint", "api.messages"), ("status", "200")})
    assert found["privacy_assistant_http_request_duration_seconds_count", labels] == 20
    rows = [json.loads(line) for line in server.said[0].splitlines() if line.startswith("{")]
    logged = [row["request_id"] for row in rows if row.get("endpoint") == "api.messages"]
    assert sorted(logged) == sorted(ids)
    assert "zebra" not in server.said[0]
    assert not list(tmp_path.glob("privacy-assistant-*"))


def test_a_worker_that_is_told_to_stop_finishes_what_it_is_at(
    environment_served: dict[str, str], tmp_path: Path
) -> None:
    url = environment_served["PRIVACY_ASSISTANT_DATABASE"]
    with served(environment_served, workers=1) as server:
        token = server.say("stop marketing to ana@example.com")["conversation"]
        answers: list[object] = []
        with closing(sqlite3.connect(tmp_path / "tickets.db", isolation_level=None)) as db:
            db.execute("begin immediate")  # so that the confirmation has to wait
            call = threading.Thread(target=lambda: answers.append(server.say("yes", token)))
            call.start()
            time.sleep(1)
            stopping = threading.Thread(target=server.stop)
            stopping.start()
            time.sleep(1)
            assert answers == []
            db.execute("rollback")
        call.join(30)
        stopping.join(60)
    [answer] = answers
    assert isinstance(answer, dict)
    reference = answer["reply"]["ticket"]["reference"]
    assert open_store(url, kept_secret(url).vault).ticket(reference) is not None
    assert server.process.returncode == 0
    assert "refused to gracefully stop" not in server.said[0]
