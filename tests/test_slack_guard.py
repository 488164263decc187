"""Hostile calls and hostile words: refused, never logged, never live."""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from bot.channels.slack.blocks import reply_post
from bot.channels.slack.escape import harmless, mentioned, plain
from bot.parts import Parts
from bot.settings import Settings, SettingsError
from handlers.contract import Dialogue, Kind, Reply
from tests.slack_api import LIVE, message_problem, shown, texts
from tests.slack_setup import SETTINGS, Office
from tests.slack_side import FORM, SECRET, signed

JSON = "application/json"
BODY = json.dumps({"type": "event_callback", "event": {"type": "message", "text": "zebra"}})
HOSTILE = "<!channel> <@U1> <https://evil|click> *x* `y` ~z~ _w_ &lt;"
TYPED = HOSTILE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Log all that any library has to say."""
    with caplog.at_level(logging.DEBUG):
        yield caplog


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Slack-Signature", None),
        ("X-Slack-Signature", "v0=" + "0" * 64),
        ("X-Slack-Signature", "v0=ț"),
        ("X-Slack-Signature", ""),
        ("X-Slack-Request-Timestamp", None),
        ("X-Slack-Request-Timestamp", "yesterday"),
        ("X-Slack-Request-Timestamp", "-1"),
        ("X-Slack-Request-Timestamp", "1e9"),
        ("X-Slack-Request-Timestamp", "٣"),
        ("X-Slack-Request-Timestamp", "9" * 400),
        ("X-Slack-Request-Timestamp", "0"),
    ],
)
@pytest.mark.parametrize("body", [BODY, "{", "", "payload=zebra"])
def test_what_slack_did_not_sign_is_refused_unread(
    office: Office,
    everything_logged: pytest.LogCaptureFixture,
    body: str,
    name: str,
    value: str | None,
) -> None:
    headers = signed(body, office.side.now(), JSON)
    headers.pop(name)
    if value is not None:
        headers[name] = value.encode().decode("latin-1")
    assert office.side.send(body.encode(), headers) == 401
    assert "zebra" not in everything_logged.text + repr(
        [record.args for record in everything_logged.records]
    )


@pytest.mark.parametrize("seconds", [-301, 301])
def test_an_old_call_is_not_taken_again(office: Office, seconds: int) -> None:
    headers = signed(BODY, office.side.now() + seconds, JSON)
    assert office.side.send(BODY.encode(), headers) == 401


def test_another_secret_is_none(office: Office) -> None:
    headers = signed(BODY, office.side.now(), JSON, secret=SECRET + "x")
    assert office.side.send(BODY.encode(), headers) == 401


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("{", JSON),
        ("[]", JSON),
        ("null", JSON),
        ("zebra", JSON),
        ("[" * 100_000, JSON),
        ("", JSON),
        ("", FORM),
        ("zebra", FORM),
        ("payload=zebra", FORM),
        ("payload=7", FORM),
        ("payload={", FORM),
    ],
    ids=lambda value: value[:20],
)
def test_what_cannot_be_read_is_refused(
    office: Office, everything_logged: pytest.LogCaptureFixture, body: str, content_type: str
) -> None:
    assert office.side.post(body, content_type) == 400
    assert "zebra" not in everything_logged.text


@pytest.mark.parametrize(
    "content",
    [
        {"type": "event_callback", "event": "zebra"},
        {"type": "event_callback", "event": {"type": ["zebra"]}},
        {"type": "block_actions", "actions": "zebra"},
        {"type": "block_actions", "user": "U1", "actions": [{"action_id": "say-1"}]},
        {"command": "/privacy"},
        {"type": "zebra"},
        {"authorizations": "zebra", "event": {"type": "message"}},
    ],
    ids=lambda content: json.dumps(content)[:40],
)
def test_what_is_shaped_as_nobody_foresaw_is_no_fault_of_the_server(
    office: Office, everything_logged: pytest.LogCaptureFixture, content: dict[str, Any]
) -> None:
    assert office.side.post(json.dumps(content), JSON) < 500
    assert office.side.post(urlencode({"payload": json.dumps(content)}), FORM) < 500
    assert "zebra" not in everything_logged.text


def test_bytes_that_are_no_text_are_refused(office: Office) -> None:
    headers = signed("{}", office.side.now(), JSON)
    assert office.side.send(b"\xff\xfe{}", headers) == 401


def test_slack_asks_whether_the_address_is_ours(office: Office) -> None:
    headers = signed(
        body := '{"type": "url_verification", "challenge": "c7"}', office.side.now(), JSON
    )
    answer = office.app.test_client().post("/slack/events", data=body, headers=headers)
    assert (answer.status_code, answer.get_json()) == (200, {"challenge": "c7"})


def test_without_settings_there_is_no_slack(make_parts: Callable[..., Parts]) -> None:
    from bot.app import create_app  # noqa: PLC0415 - only here

    client = create_app(make_parts()).test_client()
    assert client.post("/slack/events", data=BODY).status_code in {404, 405}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"SLACK_SIGNING_SECRET": ""}, "SLACK_SIGNING_SECRET"),
        ({"SLACK_SIGNING_SECRET": "  "}, "SLACK_SIGNING_SECRET"),
        ({"SLACK_BOT_TOKEN": "xoxp-person"}, "SLACK_BOT_TOKEN"),
        ({"SLACK_APP_TOKEN": "xoxb-bot"}, "SLACK_APP_TOKEN"),
        ({"SLACK_BOT_TOKEN": "", "SLACK_APP_TOKEN": "xapp-1"}, "SLACK_BOT_TOKEN"),
        ({"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "s"}, "SLACK_BOT_TOKEN"),
        ({"SLACK_CLIENT_ID": "1.2", "SLACK_BOT_TOKEN": ""}, "SLACK_CLIENT_SECRET"),
        ({"SLACK_API_URL": "slack.com"}, "SLACK_API_URL"),
    ],
)
def test_settings_that_cannot_work_stop_the_start(changes: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError) as raised:
        Settings.read({**SETTINGS, **changes})
    assert any(problem.startswith(named) for problem in raised.value.problems)


class TestWords:
    """Slack's markup, in and out."""

    @pytest.mark.parametrize(
        ("written", "read"),
        [
            ("<@UBOT> hello", "hello"),
            ("<@UBOT|assistant>: hello", ": hello"),
            ("<mailto:ana@example.com|ana@example.com>", "ana@example.com"),
            ("<tel:+32470123456|+32 470 12 34 56>", "+32 470 12 34 56"),
            ("<https://example.com/a?b=1&amp;c=2>", "https://example.com/a?b=1&c=2"),
            ("ask <@U7|bob> in <#C1|general>", "ask @bob in #general"),
            ("<!here> <!subteam^S1|@team>", "@here @team"),
            ("&lt;!channel&gt; &amp;lt;", "<!channel> &lt;"),
            ("a < b", "a < b"),
        ],
    )
    def test_what_people_write_is_read_as_they_see_it(self, written: str, read: str) -> None:
        assert plain(written, "UBOT") == read

    def test_who_is_mentioned(self) -> None:
        assert mentioned("<@U1> and <@U2|bob>, not &lt;@U3&gt;") == {"U1", "U2"}

    def test_no_markup_survives_beside_the_blocks(self) -> None:
        assert not LIVE.search(harmless(HOSTILE))
        assert harmless("first_last@example.com") == "first_last@example.com"

    def test_hostile_words_are_never_live(self, office: Office) -> None:
        for text in (TYPED, f"delete my data because {TYPED}, ana@example.com", "yes"):
            office.side.says(text)
            office.settled()
        office.side.mentions(TYPED)
        office.side.command(TYPED)
        office.settled()
        (ticket,) = office.store.tickets()
        assert HOSTILE in str(ticket.details)
        read_back = office.api.messages("DU1")[1]
        assert HOSTILE in "".join(texts(read_back["blocks"]))
        assert office.api.problems == []
        for call in office.api.calls:
            assert "mrkdwn" not in json.dumps(call.body.get("blocks", [])), call.method


@pytest.mark.parametrize("word", ["word ", "x", "a *b* <!here>\n\n", "- item\n"])
def test_a_section_of_any_length_fits_into_one_message(office: Office, word: str) -> None:
    long = (word * 20_000)[:20_000]
    reply = Reply(
        Kind.ANSWER,
        "en",
        long,
        Dialogue(),
        sections=tuple(office.parts.knowledge.languages["en"].sections)[:3],
    )
    post = reply_post(reply, office.parts, long)
    assert message_problem(post.content) is None
    assert "shortened" in shown(post.content)
    assert harmless(long[:40]).strip() in post.text


def test_what_people_write_in_slack_reaches_no_log(
    office: Office, everything_logged: pytest.LogCaptureFixture
) -> None:
    for text in ("delete my data because my zebra hates it, ana.zebra@example.com", "yes"):
        office.side.says(text)
        office.side.mentions(text)
        office.side.command(text)
        office.settled()
    logged = everything_logged.text + repr([r.args for r in everything_logged.records])
    assert "zebra" not in logged
    assert office.side.hook not in logged
