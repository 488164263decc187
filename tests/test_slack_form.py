"""The form: an employee passes on what a customer asked for."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.slack_api import refused, texts
from tests.slack_setup import Office
from tests.slack_side import FORM, signed

GOOD = {
    "request": "access",
    "person": "customer",
    "language": "nl",
    "identifiers": "ana@example.com\n+32 470 12 34 56",
    "channel": "phone",
    "received": "2026-03-02",
    "note": "Wants all invoices, card 4111 1111 1111 1111",
}


def submit(office: Office, view: dict[str, Any], view_id: str = "V1", **changes: str) -> Any:
    """Send the form as a person fills it in, and give what Slack is told."""
    values = {}
    for name, value in {**GOOD, **changes}.items():
        kind = {"received": "datepicker", "identifiers": "text", "note": "text"}.get(name, "select")
        state = {
            "datepicker": {"selected_date": value},
            "text": {"value": value or None},
            "select": {"selected_option": {"value": value}},
        }[kind]
        values[name] = {"value": {"type": kind, **state}}
    body = {
        "type": "view_submission",
        "team": {"id": "T1"},
        "user": {"id": "U1", "team_id": "T1"},
        "view": {**view, "id": view_id, "state": {"values": values}},
    }
    content = urlencode({"payload": json.dumps(body)})
    headers = signed(content, office.side.now(), FORM)
    answer = office.app.test_client().post("/slack/events", data=content, headers=headers)
    assert answer.status_code == 200
    return answer.get_json() if answer.data else None


def opened(office: Office) -> dict[str, Any]:
    """Give the form that was opened last."""
    office.api.wait_for(lambda: office.api.called_with("views.open"))
    view: dict[str, Any] = office.api.called_with("views.open")[-1]["view"]
    return view


def shortcut(office: Office, text: str, moment: str) -> None:
    office.side.interact(
        {
            "type": "message_action",
            "callback_id": "create_request",
            "team": {"id": "T1"},
            "user": {"id": "U1", "team_id": "T1"},
            "channel": {"id": "C1"},
            "trigger_id": "trigger",
            "response_url": office.api.hook,
            "message": {"type": "message", "ts": moment, "text": text},
        }
    )


def test_the_employee_passes_on_what_a_customer_asked_for(office: Office) -> None:
    office.side.command(" Request ")
    assert submit(office, opened(office)) is None
    reply = office.reply()
    (ticket,) = office.store.tickets()
    assert (ticket.request, ticket.language, ticket.channel) == ("access", "nl", "phone")
    assert [c.value for c in ticket.contacts] == ["ana@example.com", "+32470123456"]
    assert "4111" not in str(ticket.details)
    calendar = office.parts.assistant.desk.casework.calendar
    assert str(calendar.day_of(ticket.received_at)) == GOOD["received"]
    assert next(e.event.actor for e in office.store.register()) == "slack U1"
    assert ticket.reference in reply["text"]
    assert "ana@example.com" not in "".join(texts(reply["blocks"]))


def test_for_oneself_the_requester_is_the_actor(office: Office) -> None:
    office.side.command("request")
    submit(office, opened(office), person="me", identifiers="ana@example.com", note="")
    office.settled()
    (ticket,) = office.store.tickets()
    assert (ticket.channel, ticket.details) == ("slack", None)
    assert [e.event.actor for e in office.store.register()] == ["requester"]


@pytest.mark.parametrize(("language", "code"), [("en", "en-GB"), ("ro", "ro-RO"), ("fr", "fr-FR")])
def test_what_is_wrong_is_said_at_the_field_in_the_employee_s_language(
    office: Office, language: str, code: str
) -> None:
    office.api.locales["U1"] = code
    office.side.command("request")
    phrases = office.parts.knowledge.languages[language].phrases
    view = opened(office)
    told = submit(office, view, identifiers="ana@example.com\nno idea", received="2026-03-06")
    assert told["response_action"] == "errors"
    assert told["errors"] == {
        "identifiers": phrases.slack_bad_identifiers.format(line="no idea"),
        "received": phrases.slack_bad_received_future,
    }
    told = submit(office, view, identifiers="", received="2017-01-01")
    assert told["errors"]["received"] == phrases.slack_bad_received_law
    assert list(office.store.tickets()) == []


def test_sent_twice_it_files_one_ticket(office: Office) -> None:
    office.side.command("request")
    view = opened(office)
    submit(office, view)
    submit(office, view)
    office.settled()
    submit(office, view)
    office.settled()
    assert len(list(office.store.tickets())) == 1


def test_a_message_becomes_a_request_once_whoever_makes_it(office: Office) -> None:
    moment = f"{int(office.side.now()) - 86400}.000100"
    for view_id in ("V1", "V2"):
        shortcut(office, "&lt;!channel&gt; mail from <mailto:ana@example.com|ana>", moment)
        view = opened(office)
        note = view["blocks"][-1]["element"]["initial_value"]
        assert note == "<!channel> mail from ana"
        assert view["blocks"][-2]["element"]["initial_date"] == "2026-03-04"
        submit(office, view, view_id, note=note)
        office.settled()
    (ticket,) = office.store.tickets()
    assert ticket.reference in office.api.messages("DU1")[-1]["text"]
    message = {"user": "U9", "text": "mail", "ts": moment}
    office.side.event(
        {
            "type": "message",
            "subtype": "message_deleted",
            "channel": "C1",
            "channel_type": "channel",
            "deleted_ts": moment,
            "previous_message": message,
        }
    )
    office.settled()
    events = [entry.event.what for entry in office.store.register(ticket.reference)]
    assert events == ["filed", "source_deleted"]


def test_a_form_that_cannot_be_opened_is_told(office: Office) -> None:
    office.api.script("views.open", refused("expired_trigger_id"))
    office.side.command("request")
    whisper = office.api.wait_for(office.api.whispers)[-1]
    assert "it has been noted under" in whisper["text"]
