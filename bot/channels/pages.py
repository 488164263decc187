"""The hosted pages: demonstration, chat, also without JavaScript, policy, a requester's ticket."""

import json
import secrets
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from apiflask import APIBlueprint, APIFlask, HTTPError
from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from bot.assistant import MAX_TEXT
from bot.channels.demo import demo_page
from bot.channels.errors import EXPECTED, explain
from bot.channels.finding import links
from bot.channels.payload import blocks, to_payload
from bot.channels.policy import policy_page
from bot.channels.speech import preferred
from bot.exports import counted
from bot.following import Done, own_ticket, prove, send_code, still_mailed, withdraw_once
from bot.parts import Parts
from bot.standing import flag_words
from handlers.casework import LIFTED
from handlers.identity import unproved
from handlers.objections import lifted_words, question
from handlers.tickets import FLOW, Status, Ticket
from handlers.wording import day, number, remaining
from handlers.wording import explain as explain_date
from handlers.wording import status as status_label
from knowledge.model import Language

TRANSCRIPT = 24
"""Turns that the page without JavaScript carries along in its own form."""

Turns = list[dict[str, Any]]


def attach(app: APIFlask, parts: Parts) -> None:
    """Add the pages to the application."""
    app.register_blueprint(_pages(parts))
    app.add_template_filter(blocks, "blocks")
    app.add_template_filter(links, "links")
    app.add_template_filter(date.fromisoformat, "iso_day")


def _pages(parts: Parts) -> APIBlueprint:
    pages = APIBlueprint("pages", __name__, enable_openapi=False)
    languages = parts.knowledge.languages

    @pages.app_context_processor
    def common() -> dict[str, Any]:
        return {
            "languages": languages,
            "company": parts.knowledge.company,
            "day": day,
            "number": number,
        }

    @pages.get("/")
    def home() -> str:
        return demo_page(parts, preferred(parts, request.args.get("lang")))

    @pages.get("/chat")
    def chat() -> str:
        return _chat(parts, preferred(parts, request.args.get("lang")))

    @pages.post("/chat")
    def chat_without_script() -> str | tuple[str, int]:
        return _answered(parts)

    @pages.get("/policy/")
    def policy_home() -> BaseResponse:
        return redirect(url_for("pages.policy", code=preferred(parts).code))

    @pages.get("/policy/<code>")
    def policy(code: str) -> str:
        if code not in languages:
            raise HTTPError(404)
        return policy_page(parts, languages[code], request.args.get("q", ""))

    @pages.get("/requests/<reference>")
    def one_request(reference: str) -> str:
        ticket, language = _shown_to(reference, request.args, parts)
        return _request(ticket, language, parts, request.args["key"])

    for name, change in CHANGES.items():
        pages.post(f"/requests/<reference>/{name}", endpoint=name.replace("-", "_"))(
            _changing(parts, change)
        )
    return pages


def _prove(ticket: Ticket, parts: Parts, language: Language) -> Done:
    """Take the one-time code that was typed into the form."""
    return prove(ticket, request.form.get("code", ""), parts, language)


Change = Callable[[Ticket, Parts, Language], Done]
CHANGES: Mapping[str, Change] = MappingProxyType(
    {
        "withdraw": withdraw_once,
        "still-mailed": still_mailed,
        "code": _prove,
        "new-code": send_code,
    }
)
"""What a requester does on the page of a ticket: end of the form's address -> what does it."""


def _changing(parts: Parts, change: Change) -> Callable[[str], str | tuple[str, int]]:
    def changed(reference: str) -> str | tuple[str, int]:
        ticket, language = _shown_to(reference, request.form, parts)
        key = request.form["key"]
        try:
            done = change(ticket, parts, language)
        except EXPECTED as error:
            problem = explain(error, parts, language)
            now = parts.store.ticket(ticket.reference) or ticket
            return _request(now, language, parts, key, error=problem.text), problem.status
        return _request(done.ticket, language, parts, key, notice=done.text)

    return changed


def _shown_to(reference: str, shown: Mapping[str, str], parts: Parts) -> tuple[Ticket, Language]:
    """Give a requester's own ticket and the language in which to speak of it, or 404."""
    ticket = own_ticket(reference, shown.get("key", ""), parts)
    if ticket is None:
        raise HTTPError(404, detail={"phrase": "error_not_yours"})
    return ticket, preferred(parts, shown.get("lang") or ticket.language)


def _request(ticket: Ticket, language: Language, parts: Parts, key: str, **said: str) -> str:
    desk = parts.assistant.desk
    calendar = desk.casework.calendar
    today = calendar.day_of(parts.assistant.now())
    address = unproved(ticket, desk) if parts.assistant.codes else None
    return render_template(
        "request.html",
        language=language,
        ticket=ticket,
        wording=language.requests[ticket.request],
        status=status_label(ticket.status, language),
        key=key,
        received_on=calendar.day_of(ticket.received_at),
        closed_on=ticket.closed_at and calendar.day_of(ticket.closed_at),
        lifted=lifted_words(ticket, desk, language),
        address=address and address.value,
        left=remaining(ticket, today, language) if ticket.is_open else None,
        remarks=flag_words(ticket, today, language),
        explanation=explain_date(counted(ticket, calendar), language),
        question=question(ticket, desk, language),
        may_withdraw=Status.WITHDRAWN in FLOW[ticket.status],
        may_signal=_may_signal(ticket, today),
        **said,
    )


def _may_signal(ticket: Ticket, today: date) -> bool:
    """Tell whether to ask for advertising after the stop: once its day is over, while it stands."""
    over = ticket.stop_by is not None and today > ticket.stop_by
    return over and ticket.status not in LIFTED and ticket.erased_at is None


def _chat(parts: Parts, language: Language, turns: Turns | None = None, **values: object) -> str:
    carried = json.dumps((turns or [])[-TRANSCRIPT:])
    return render_template(
        "chat.html",
        language=language,
        turns=turns or [],
        message_id=secrets.token_urlsafe(12),
        carried=carried,
        seal=parts.secret.seal(carried),
        **values,
    )


def _answered(parts: Parts) -> str | tuple[str, int]:
    """Answer a message of the plain form; what was said before comes back with the form."""
    form = request.form
    language = preferred(parts, form.get("lang"))
    turns = _carried(parts)
    text, token = form.get("text", ""), form.get("conversation") or None
    try:
        message = parts.assistant.message(text, "web", language.code)
        answered = parts.assistant.answer(message, token, form.get("message_id") or None)
    except EXPECTED as error:
        problem = explain(error, parts, language)
        page = _chat(
            parts, language, turns, conversation=token, draft=text[:MAX_TEXT], error=problem.text
        )
        return page, problem.status
    reply = to_payload(answered.reply, parts).model_dump(mode="json")
    turns = [*turns, {"you": message.text, "language": reply["language"]}, reply]
    return _chat(
        parts, parts.knowledge.languages[reply["language"]], turns, conversation=answered.token
    )


def _carried(parts: Parts) -> Turns:
    """Read the earlier turns from the form; only what this server wrote there is shown again."""
    carried = request.form.get("carried", "")
    if not parts.secret.sealed(carried, request.form.get("seal", "")):
        return []
    turns: Turns = json.loads(carried)
    return turns
