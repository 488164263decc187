"""The form in which an employee passes on a customer's request, or makes one.

What is wrong in it is said at the field, in the employee's language, before Slack closes it. Filing
is a job like any other: the form that is sent twice files one ticket.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from bot.channels.slack.blocks import LABEL, TEXT, Block, Post, card, plain_post, shortened, text
from bot.channels.slack.escape import plain
from bot.channels.slack.incoming import Body, team_of
from bot.channels.slack.jobs import Job, Work
from bot.channels.slack.places import Place, Where, source
from bot.duplicates import with_proposals
from bot.parts import Parts
from bot.sensitive import masked
from handlers.casework import APPLIES_SINCE, REQUESTER
from handlers.contract import Dialogue, Kind, Reply
from handlers.tickets import Conflict, Contact, Ticket
from handlers.wording import day
from knowledge.model import Language
from knowledge.text import clean

SHORTCUT = "create_request"
"""Callback id of the message shortcut, as in the manifest."""
VIEW = "file_request"
CHANNELS = ("email", "letter", "phone", "in_person", "other")
"""Ways in which a customer's request reaches an employee."""
TITLE = 24
CUSTOMER, MYSELF = "customer", "me"


@dataclass(frozen=True)
class Form:
    """What was sent, or what is wrong with it: a field's block -> the sentence about it."""

    job: Job
    errors: Mapping[str, str]


def wants_form(body: Body) -> bool:
    """Tell whether the command asks for the form."""
    return str(body.get("text", "")).strip().casefold() == "request"


def form(body: Body, language: Language, parts: Parts) -> Block:
    """Make the form; of a message its words and its moment are filled in."""
    phrases, message = language.phrases, body.get("message") or {}
    calendar, now = parts.assistant.desk.casework.calendar, parts.assistant.now()
    sent = datetime.fromtimestamp(float(message["ts"]), now.tzinfo) if message else now
    kept = {
        "language": language.code,
        "channel": (body.get("channel") or {}).get("id", ""),
        "moment": message.get("ts", ""),
    }
    types = {code: wording.title for code, wording in language.requests.items()}
    channels = {name: str(getattr(phrases, f"channel_{name}")) for name in CHANNELS}
    languages = {code: other.words.name for code, other in parts.knowledge.languages.items()}
    people = {CUSTOMER: phrases.slack_form_customer, MYSELF: phrases.slack_form_me}
    return {
        "type": "modal",
        "callback_id": VIEW,
        "title": text(phrases.slack_form_title, TITLE),
        "submit": text(phrases.slack_form_submit, TITLE),
        "close": text(phrases.cancel, TITLE),
        "private_metadata": json.dumps(kept),
        "blocks": [
            _field("request", phrases.slack_form_type, _select(types)),
            _field("person", phrases.slack_form_for, _select(people, CUSTOMER)),
            _field("language", phrases.slack_form_language, _select(languages, language.code)),
            _field(
                "identifiers",
                phrases.slack_form_identifiers,
                {"type": "plain_text_input", "multiline": True, "max_length": 1000},
                hint=phrases.slack_form_identifiers_hint,
            ),
            _field("channel", phrases.slack_form_channel, _select(channels, CHANNELS[0])),
            _field(
                "received",
                phrases.page_received,
                {"type": "datepicker", "initial_date": str(calendar.day_of(sent))},
            ),
            _field(
                "note",
                phrases.slack_form_note,
                {
                    "type": "plain_text_input",
                    "multiline": True,
                    "max_length": TEXT,
                    **_initial(plain(str(message.get("text") or ""))),
                },
                optional=True,
            ),
        ],
    }


def read(body: Body, parts: Parts) -> Form:
    """Read what was sent."""
    view, user, team = body["view"], body["user"]["id"], team_of(body)
    kept = json.loads(view["private_metadata"])
    values = {name: _value(state["value"]) for name, state in view["state"]["values"].items()}
    language = parts.knowledge.languages[kept["language"]]
    return Form(
        Job(
            Work.FILE,
            Place(Where.DIRECT, team, user, user),
            (f"view {team}/{view['id']}",),
            moment=kept["moment"],
            values={**values, "spoken": language.code, "from": kept["channel"]},
        ),
        dict(_wrong(values, language, parts)),
    )


def file(job: Job, parts: Parts) -> Post:
    """File what was passed on, once, and say so to the employee."""
    ticket = _filed(job, parts)
    language = parts.knowledge.languages[job.values["spoken"]]
    phrases = language.phrases
    passed_on = job.values["person"] == CUSTOMER
    pattern = phrases.slack_passed_on if passed_on else phrases.filed
    sentence = pattern.format(reference=ticket.reference, due=day(ticket.due_on, language))
    post = plain_post(sentence)
    return replace(post, blocks=[*post.blocks, card(ticket, language, parts)])


def _filed(job: Job, parts: Parts) -> Ticket:
    values, store, now = job.values, parts.store, parts.assistant.now()
    place, customer = job.place, job.values["person"] == CUSTOMER
    # the message that was passed on, so that its edit is noted; else the form itself
    origin = (values["from"], job.moment) if job.moment else ("view", job.ids[0])
    name = source(place.team, *origin, parts.secret)
    casework = parts.assistant.desk.casework
    received = date.fromisoformat(values["received"])
    note = masked(clean(values.get("note", "")))
    step = casework.file(
        reference=parts.assistant.desk.new_reference(),
        request=values["request"],
        language=values["language"],
        channel=values["channel"] if customer else "slack",
        received_at=min(
            datetime.combine(received, time(), ZoneInfo(casework.calendar.timezone)), now
        ),
        now=now,
        contacts=_contacts(values["identifiers"], values["language"], parts)[0],
        details=note or None,
        source=f"{name}:{values['request']}",
        actor=f"slack {place.user}" if customer else REQUESTER,
    )
    reply = Reply(
        Kind.REQUEST, values["language"], "", Dialogue(), ticket=step.ticket, steps=(step,)
    )
    reply = with_proposals(reply, store, casework, now)
    try:
        store.apply(reply.steps)
    except Conflict:
        # filed before: by a try that was cut off, or by a colleague of the same message
        known = [t for t in store.by_source(name) if t.request == values["request"]]
        if not known:
            raise
        return known[0]
    return reply.steps[-1].ticket


def _wrong(values: Mapping[str, str], language: Language, parts: Parts) -> list[tuple[str, str]]:
    phrases = language.phrases
    found: list[tuple[str, str]] = []
    calendar, now = parts.assistant.desk.casework.calendar, parts.assistant.now()
    contacts, line = _contacts(values.get("identifiers", ""), values["language"], parts)
    if line or not contacts:
        shown = shortened(line or "", LABEL)
        found.append(("identifiers", phrases.slack_bad_identifiers.format(line=shown)))
    received = date.fromisoformat(values["received"])
    if received > calendar.day_of(now):
        found.append(("received", phrases.slack_bad_received_future))
    elif received < APPLIES_SINCE.date():
        found.append(("received", phrases.slack_bad_received_law))
    return found


def _contacts(written: str, code: str, parts: Parts) -> tuple[tuple[Contact, ...], str | None]:
    """Read addresses and numbers, one or more a line; also give the first line without any."""
    finder = parts.assistant.understanding.finder
    found: list[Contact] = []
    for line in clean(written).splitlines():
        here = finder.asked(line, code) if line.strip() else ()
        if line.strip() and not here:
            return tuple(found), line
        found += here
    return tuple(dict.fromkeys(found)), None


def _field(
    name: str, label: str, element: Block, *, hint: str | None = None, optional: bool = False
) -> Block:
    return {
        "type": "input",
        "block_id": name,
        "label": text(label, 2000),
        "element": {**element, "action_id": "value"},
        "optional": optional,
        **({"hint": text(hint, 2000)} if hint else {}),
    }


def _select(labels: Mapping[str, str], chosen: str | None = None) -> Block:
    options = {code: {"text": text(name, LABEL), "value": code} for code, name in labels.items()}
    element: Block = {"type": "static_select", "options": list(options.values())}
    return {**element, "initial_option": options[chosen]} if chosen else element


def _initial(words: str) -> dict[str, Any]:
    return {"initial_value": shortened(words, TEXT)} if words else {}


def _value(state: Body) -> str:
    chosen = state.get("selected_option") or {}
    return str(chosen.get("value") or state.get("selected_date") or state.get("value") or "")
