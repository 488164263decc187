"""For those who run it: ids of calls, log lines, health, figures, and who gets to see them."""

import io
import json
import logging
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from bot import health
from bot.app import create_app
from bot.health import Level
from bot.logs import FORMATS, REQUEST_ID
from bot.parts import Parts
from handlers.store import Health, StoreError
from tests.conftest import NOW, Person

Make = Callable[..., Parts]
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]

TOKEN = "t" * 32
STAFF = {"Authorization": f"Bearer {TOKEN}"}
PLANTED = ("ana.secret@example.com", "zebra", "Kerkstraat")
LOCAL = {"PRIVACY_ASSISTANT_PUBLIC_URL": "http://127.0.0.1:8080"}


@pytest.fixture
def parts(make_parts: Make) -> Parts:
    """Give a program whose figures staff programs may see."""
    return make_parts(PRIVACY_ASSISTANT_STAFF_TOKEN=TOKEN)


@pytest.fixture
def client(parts: Parts) -> FlaskClient:
    """Give a client of its web application."""
    return create_app(parts).test_client()


@pytest.fixture(params=FORMATS)
def lines(request: pytest.FixtureRequest) -> Iterator[tuple[str, io.StringIO]]:
    """Log all that any library says in one of the formats."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(FORMATS[request.param]())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield request.param, stream
    root.removeHandler(handler)
    root.setLevel(before)


def read(client: FlaskClient) -> Samples:
    """Read the figures."""
    answer = client.get("/metrics", headers=STAFF)
    assert answer.status_code == 200
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def of(samples: Samples, name: str, **labels: str) -> float | None:
    """Give one figure."""
    return samples.get((f"privacy_assistant_{name}", frozenset(labels.items())))


# calls and their lines


def test_each_call_has_an_id_that_its_log_line_shows_too(
    client: FlaskClient, lines: tuple[str, io.StringIO]
) -> None:
    kind, stream = lines
    calls = [
        client.get("/chat"),
        client.post("/api/v1/messages", json={"text": "hello"}),
        client.post("/api/v1/messages", data="no json"),
        client.get("/nowhere"),
        client.open("/chat", method="ZEBRA"),
    ]
    ids = [call.headers["X-Request-Id"] for call in calls]
    assert len(set(ids)) == len(calls)
    written = stream.getvalue().splitlines()
    for call, request_id in zip(calls, ids, strict=True):
        [line] = [line for line in written if request_id in line and f"{call.status_code}" in line]
        if kind == "json":
            row = json.loads(line)
            assert row["request_id"] == request_id
            assert row["status"] == call.status_code
            assert row["milliseconds"] >= 0
    assert REQUEST_ID.get() is None


def test_an_id_of_the_caller_is_not_taken_over(client: FlaskClient) -> None:
    answer = client.get("/chat", headers={"X-Request-Id": "zebra"})
    assert answer.headers["X-Request-Id"] != "zebra"


def test_no_line_holds_what_a_person_wrote(
    client: FlaskClient, lines: tuple[str, io.StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    for text in (f"stop marketing to {PLANTED[0]}, my zebra", "I live in Kerkstraat 5, zebra"):
        client.post("/api/v1/messages", json={"text": text}, headers={"X-Request-Id": text})
        client.post("/chat", data={"text": text})
        client.get(f"/policy/en?q={text}")
        client.get(f"/{text}?key={text}", headers={"User-Agent": text, "Referer": text})
    client.open("/chat", method="ZEBRA")

    def fail(text: str, *_: object) -> None:
        raise ValueError(text)

    monkeypatch.setattr("bot.contacts.find", fail)
    client.post("/api/v1/messages", json={"text": f"stop marketing to {PLANTED[0]}"})
    logged = lines[1].getvalue()
    assert "incident" in logged
    assert not [word for word in PLANTED if word.casefold() in logged.casefold()]


def test_an_exception_is_named_and_not_quoted(lines: tuple[str, io.StringIO]) -> None:
    log = logging.getLogger("somebody else's library")
    try:
        int(PLANTED[0])
    except ValueError:
        record = log.makeRecord(log.name, 40, "", 0, "it failed", (), sys.exc_info())
    record.exc_text = PLANTED[0]  # as another formatter may leave it
    log.handle(record)
    log.error("more", extra={"text": PLANTED[0]})
    logged = lines[1].getvalue()
    assert "ValueError at test_operations:" in logged.replace("tests.", "")
    assert PLANTED[0] not in logged


def test_calls_of_a_monitor_are_not_logged_at_the_level_of_a_server(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        client.get("/healthz")
        client.get("/metrics", headers=STAFF)
        client.get("/static/style.css").close()
    assert caplog.records == []


# figures


def test_replies_requests_and_calls_are_counted(client: FlaskClient, parts: Parts) -> None:
    token = None
    for number, text in enumerate(("stop marketing", "ana@example.com", "yes")):
        body = {"text": text, "conversation": token, "language": "en"}
        body["message_id"] = f"{number}" * 16
        for _ in range(2):  # sent again, it is the same reply
            answer = client.post("/api/v1/messages", json=body).get_json()
        token = answer["conversation"]
    Person(parts).says("stop marketing to bob@example.com", "yes")
    client.get("/requests/PR-0000-0000?key=zebra")
    client.get("/zebra")
    found = read(client)
    counted = {"kind": "request", "language": "en", "channel": "web"}
    assert of(found, "replies_total", **counted) == 3
    filed = {"type": "marketing_opt_out"}
    assert of(found, "requests_filed_total", **filed, channel="web") == 1
    assert of(found, "requests_filed_total", **filed, channel="test") == 1
    assert of(found, "requests_open", **filed) == 2
    assert of(found, "requests_open", type="access") == 0
    assert of(found, "requests_overdue", **filed) == 0
    calls = "http_request_duration_seconds_count"
    assert of(found, calls, endpoint="api.messages", status="200") == 6
    assert of(found, calls, endpoint="pages.one_request", status="404") == 1
    assert of(found, calls, endpoint="none", status="404") == 1
    assert "zebra" not in client.get("/metrics", headers=STAFF).text


def test_what_was_filed_is_counted_once_however_often_one_asks(
    client: FlaskClient, parts: Parts
) -> None:
    for number in range(1, 4):
        Person(parts).says(f"stop marketing to ana{number}@example.com", "yes")
        for _ in range(2):
            found = read(client)
            labels = {"type": "marketing_opt_out", "channel": "test"}
            assert of(found, "requests_filed_total", **labels) == number


def test_a_request_is_overdue_from_the_day_after_its_due_date(
    parts: Parts, make_parts: Make
) -> None:
    Person(parts).says("stop marketing to ana@example.com", "yes")
    for days, late in ((33, 0), (34, 1)):
        then = make_parts(PRIVACY_ASSISTANT_STAFF_TOKEN=TOKEN, now=NOW + timedelta(days=days))
        found = read(create_app(then).test_client())
        assert of(found, "requests_overdue", type="marketing_opt_out") == late


def test_the_figures_say_that_the_database_cannot_be_used(
    client: FlaskClient, parts: Parts
) -> None:
    Path(parts.settings.database.removeprefix("sqlite:///")).unlink()
    found = read(client)
    assert of(found, "database_level") == Level.FAILING
    assert of(found, "requests_open", type="access") is None


def test_figures_come_in_the_form_that_is_asked_for(client: FlaskClient) -> None:
    asked = {**STAFF, "Accept": "application/openmetrics-text; version=1.0.0"}
    answer = client.get("/metrics", headers=asked)
    assert answer.content_type.startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")


# who sees them


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 401), ({"Authorization": "Bearer wrong"}, 403), (STAFF, 200)],
)
def test_figures_are_for_the_staff_token(
    headers: dict[str, str], status: int, client: FlaskClient
) -> None:
    assert client.get("/metrics", headers=headers).status_code == status
    details = client.get("/healthz", headers=headers).get_json()
    assert ("disk" in details) is (status == 200)
    assert details["status"] in {"ok", "warning"}


def test_who_tries_it_out_on_this_machine_needs_no_token(make_parts: Make) -> None:
    client = create_app(make_parts(**LOCAL)).test_client()
    assert client.get("/metrics").status_code == 200
    assert client.get("/healthz").get_json()["disk"]["free_bytes"] > 0


@pytest.mark.parametrize(
    ("settings", "call"),
    [
        ({}, {"environ_base": {"REMOTE_ADDR": "192.0.2.1"}}),
        ({}, {"environ_base": {"REMOTE_ADDR": ""}}),
        ({}, {"headers": {"X-Forwarded-For": "127.0.0.1"}}),
        ({}, {"headers": {"Forwarded": "for=127.0.0.1"}}),
        ({}, {"headers": {"X-Real-IP": "127.0.0.1"}}),
        ({}, {"headers": {"Host": "evil.example.com"}}),
        ({"PRIVACY_ASSISTANT_PUBLIC_URL": "https://privacy.example.com"}, {}),
        ({"PRIVACY_ASSISTANT_TRUSTED_PROXIES": "1"}, {}),
        ({"PRIVACY_ASSISTANT_STAFF_TOKEN": TOKEN}, {}),
    ],
)
def test_a_server_that_others_reach_asks_for_the_token(
    settings: dict[str, str], call: dict[str, object], make_parts: Make
) -> None:
    client = create_app(make_parts(**{**LOCAL, **settings})).test_client()
    assert client.get("/metrics", **call).status_code == 401
    assert set(client.get("/healthz", **call).get_json()) == {"status"}


# health


def test_a_database_that_cannot_be_written_is_told(client: FlaskClient, parts: Parts) -> None:
    path = Path(parts.settings.database.removeprefix("sqlite:///"))
    assert client.get("/healthz", headers=STAFF).get_json()["database"] == {"status": "ok"}
    path.unlink()  # what is open still is, and all that it writes is lost
    answer = client.get("/healthz", headers=STAFF)
    assert answer.status_code == 503
    assert answer.get_json() == {"status": "failing", "database": {"status": "failing"}}


@pytest.mark.parametrize(
    ("free", "level", "status"),
    [
        (health.ENOUGH, "ok", 200),
        (health.ENOUGH - 1, "warning", 200),
        (health.LEAST, "warning", 200),
        (health.LEAST - 1, "failing", 503),
    ],
)
def test_a_disk_that_fills_up_is_told(
    free: int, level: str, status: int, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.tickets.sqlite.SqliteStore.health", lambda _: Health(free))
    answer = client.get("/healthz", headers=STAFF)
    assert (answer.status_code, answer.get_json()["status"]) == (status, level)
    assert answer.get_json()["disk"] == {"status": level, "free_bytes": free}


def test_a_disk_that_cannot_be_seen_is_told(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise PermissionError(13, "denied")

    monkeypatch.setattr("shutil.disk_usage", fail)
    with pytest.raises(StoreError, match="denied"):
        parts.store.health()


def test_a_queue_that_nobody_works_on_is_told(client: FlaskClient, parts: Parts) -> None:
    assert "oldest_seconds" not in client.get("/healthz", headers=STAFF).get_json()["queues"]
    path = parts.settings.database.removeprefix("sqlite:///")
    assert client.get("/healthz", headers=STAFF).get_json()["queues"] == {"status": "ok"}
    for minutes, salt, status in ((60, None, "ok"), (15, 1, "ok"), (16, 1, "warning")):
        at = (NOW - timedelta(minutes=minutes)).isoformat()
        with closing(sqlite3.connect(path)) as db, db:
            db.execute(
                "insert into deliveries (id, lane, outcome, tries, free_at, received_at, salt)"
                " values (?, '', 'waiting', 0, 0, ?, ?)",
                [str(minutes), at, salt],
            )
        answer = client.get("/healthz", headers=STAFF)
        assert (answer.status_code, answer.get_json()["status"]) == (200, status)
    assert answer.get_json()["queues"]["oldest_seconds"] == {"deliveries": 960}
    assert of(read(client), "queue_oldest_seconds", queue="deliveries") == 960
