"""What Slack sends, turned into jobs; None for what asks for nothing.

Everything that people say without meaning the assistant is dropped here, before anything is kept.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from bot.channels.slack.escape import mentioned
from bot.channels.slack.jobs import Job, Work
from bot.channels.slack.places import Place, Where, workspace

Body = Mapping[str, Any]

SPOKEN = frozenset({None, "file_share", "thread_broadcast", "me_message"})
"""Subtypes of a message in which a person says something; the others tell of something else."""
DIRECT = frozenset({"im"})


def from_event(body: Body, engaged: Callable[[Place], bool]) -> Job | None:
    """Read an event; ``engaged`` tells whether the assistant takes part in a thread."""
    event = body["event"]
    match event.get("type"), event.get("subtype"):
        case "message" | "app_mention", subtype if subtype in SPOKEN:
            return _said(body, event, engaged)
        case "message", "message_changed" | "message_deleted":
            return _changed(body, event)
        case "app_home_opened", _:
            return _opened(body, event)
        case _:
            return None


def _said(body: Body, event: Body, engaged: Callable[[Place], bool]) -> Job | None:
    user, bot, text = event.get("user"), bot_of(body), str(event.get("text") or "")
    if not user or event.get("bot_id") or user == bot:
        return None
    team, channel, moment = team_of(body), event["channel"], event["ts"]
    thread = event.get("thread_ts") or moment
    if event.get("channel_type") in DIRECT or channel.startswith("D"):
        place = Place(Where.DIRECT, team, channel, user, thread)
    else:
        place = Place(Where.THREAD, team, channel, user, thread)
        meant = mentioned(text)
        called = event["type"] == "app_mention" or bot in meant
        # who is named instead is spoken to; whatever stands outside a thread is meant for all
        follows = event.get("thread_ts") and not meant and engaged(place)
        if not (called or follows):
            return None
    return Job(
        Work.SAY,
        place,
        # a mention comes as two events with the same moment
        ids=(f"{team}/{channel}/{moment}", str(body["event_id"])),
        text=text,
        moment=moment,
        bot=bot,
    )


def _changed(body: Body, event: Body) -> Job | None:
    before, after = event.get("previous_message") or {}, event.get("message") or {}
    gone = event["subtype"] == "message_deleted" or after.get("subtype") == "tombstone"
    if before.get("bot_id") or (not gone and before.get("text") == after.get("text")):
        return None  # our own, or a preview that Slack added
    moment = event.get("deleted_ts") or before.get("ts") or after.get("ts")
    user = before.get("user") or after.get("user")
    if not moment or not user:
        return None
    team, channel = team_of(body), event["channel"]
    direct = event.get("channel_type") in DIRECT or channel.startswith("D")
    thread = before.get("thread_ts") or after.get("thread_ts") or moment
    place = Place(Where.DIRECT if direct else Where.THREAD, team, channel, user, thread)
    values = {"deleted": "yes"} if gone else {}
    return Job(Work.NOTE, place, (str(body["event_id"]),), moment=moment, values=values)


def _opened(body: Body, event: Body) -> Job | None:
    place = Place(Where.DIRECT, team_of(body), event["channel"], event["user"])
    shown = event.get("tab") == "messages"
    return Job(Work.PROMPT, place, (str(body["event_id"]),)) if shown else None


def from_command(body: Body) -> Job:
    """Read the command with a question behind it."""
    place = Place(Where.ASIDE, team_of(body), body["channel_id"], body["user_id"])
    return Job(
        Work.SAY,
        place,
        (f"command {body['trigger_id']}",),
        text=body.get("text", ""),
        respond=body.get("response_url"),
    )


def from_button(body: Body, action: Body) -> Job:
    """Read a pressed button that stands for words."""
    job = _pressed(body, action, Work.SAY)
    return Job(**{**vars(job), "text": action["value"], "pressed": True})


def from_thumb(body: Body, action: Body) -> Job:
    """Read a thumb up or down."""
    job = _pressed(body, action, Work.RATE)
    return Job(**{**vars(job), "values": json.loads(action["value"])})


def _pressed(body: Body, action: Body, work: Work) -> Job:
    container, message = body.get("container") or {}, body.get("message") or {}
    team, user = team_of(body), body["user"]["id"]
    channel = container.get("channel_id") or (body.get("channel") or {}).get("id", "")
    moment = container.get("message_ts") or message.get("ts", "")
    thread = container.get("thread_ts") or message.get("thread_ts") or moment
    if container.get("is_ephemeral"):
        place = Place(Where.ASIDE, team, channel, user)
    else:
        direct = channel.startswith("D")
        place = Place(Where.DIRECT if direct else Where.THREAD, team, channel, user, thread)
    ids = (f"press {team}/{moment}/{action.get('action_ts')}/{user}",)
    respond = body.get("response_url")
    return Job(work, place, ids, moment=moment, respond=respond)


def team_of(body: Body) -> str:
    """Give the workspace in which the assistant is installed, also where channels are shared."""
    for one in body.get("authorizations") or ():
        if one.get("team_id"):
            return workspace(one.get("enterprise_id"), one["team_id"])
    team, enterprise = body.get("team") or {}, body.get("enterprise") or {}
    return workspace(
        body.get("enterprise_id") or enterprise.get("id"), body.get("team_id") or team["id"]
    )


def bot_of(body: Body) -> str | None:
    """Give the id of the assistant's own user, where the event tells it."""
    for one in body.get("authorizations") or ():
        if one.get("is_bot"):
            return str(one["user_id"])
    return None
