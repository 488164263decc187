"""Whatever goes wrong in a call becomes one sentence in the caller's language, never a trace."""

import logging
import secrets
from dataclasses import dataclass
from typing import Any

from apiflask import APIFlask, HTTPError
from flask import Response, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from bot.assistant import MAX_TEXT, Answered, BadMessageError, ReusedIdError
from bot.channels.speech import preferred
from bot.following import RefusedError
from bot.parts import Parts
from handlers.store import StoreError
from handlers.tickets import Conflict
from knowledge.model import Language

LOG = logging.getLogger(__name__)

PHRASES = {
    400: "error_bad_request",
    401: "error_token_missing",
    403: "error_token_wrong",
    404: "error_not_found",
    405: "error_method",
    413: "error_too_long",
    415: "error_media_type",
    422: "error_invalid",
    429: "limit_messages",
}
"""HTTP status -> the name of the sentence for it, where the call itself was at fault."""

WHOLE = "_schema"
"""What the validation calls a body that has no fields at all, such as a list."""

STATUS = {"error_too_long": 413, "error_empty": 422}
"""Sentence that refuses a message -> HTTP status."""


class TooManyError(Exception):
    """Too many messages of one conversation came at once; the reply says so in its language."""

    def __init__(self, answered: Answered) -> None:
        super().__init__("too many messages")
        self.text = answered.reply.text
        self.wait = answered.wait or 0


EXPECTED = (RefusedError, BadMessageError, ReusedIdError, Conflict, StoreError)
"""What answering a message, or changing a ticket, may raise."""


ERROR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
        }
    },
}
"""What a call that fails gives."""


def described(meanings: dict[int, str]) -> Any:
    """Describe the errors of a call for the API's description: status -> what it means."""
    content = {"application/json": {"schema": ERROR_SCHEMA}}
    return {code: {"description": text, "content": content} for code, text in meanings.items()}


@dataclass(frozen=True)
class Problem:
    """What went wrong, for a program and for a person."""

    status: int
    code: str
    text: str


def handle_errors(app: APIFlask, parts: Parts) -> None:
    """Add the error replies to the application."""

    def refused(error: HTTPError) -> Response:
        response = _response(_refusal(error, _speaks(parts), parts.knowledge.company), parts)
        # which methods work; APIFlask makes its own error of Flask's and keeps the headers
        response.headers.extend(dict(error.headers).items())
        return response

    def raised(error: Exception) -> Response:
        response = _response(explain(error, parts, _speaks(parts)), parts)
        if isinstance(error, TooManyError):
            response.headers["Retry-After"] = str(error.wait)
        if isinstance(error, MethodNotAllowed):
            response.headers["Allow"] = ", ".join(error.valid_methods or ())
        return response

    app.error_processor(refused)
    app.register_error_handler(Exception, raised)


def explain(error: Exception, parts: Parts, language: Language) -> Problem:
    """Say what an exception means to a person; what nobody foresaw is noted under a number."""

    def problem(status: int, phrase: str, **values: object) -> Problem:
        return _problem(status, phrase, language, parts.knowledge.company, **values)

    match error:
        case BadMessageError():
            found = problem(STATUS[error.phrase], error.phrase)
        case TooManyError():
            found = Problem(429, "limit_messages", error.text)
        case RefusedError():
            found = Problem(409, error.phrase.removeprefix("error_"), error.text)
        case ReusedIdError() | Conflict():
            found = problem(409, "error_conflict")
        case StoreError():
            # its text names a file and a reason, never what a person wrote
            LOG.error("%s", error)
            found = problem(503, "error_store")
        case HTTPException():
            code = error.code or 500
            found = problem(code, PHRASES.get(code, "error_bad_request"))
        case _:
            incident = secrets.token_hex(4)
            # the exception's text may hold what a person wrote; its type and place do not
            LOG.error("incident %s: %s at %s", incident, type(error).__name__, _place(error))
            found = problem(500, "error_internal", incident=incident)
    return found


def _refusal(error: HTTPError, language: Language, company: str) -> Problem:
    """Say why a call was refused; the fields that were not as they should be are named."""
    detail: dict[str, Any] = error.detail or {}
    fields = sorted(str(n) for place in detail.values() if isinstance(place, dict) for n in place)
    if WHOLE in fields:
        return _problem(error.status_code, "error_not_object", language, company)
    phrase = detail.get("phrase") or PHRASES.get(error.status_code, "error_bad_request")
    return _problem(error.status_code, phrase, language, company, fields=", ".join(fields))


def _problem(code: int, phrase: str, language: Language, company: str, **values: object) -> Problem:
    pattern: str = getattr(language.phrases, phrase)
    text = pattern.format(**{"limit": MAX_TEXT, "company": company, **values})
    return Problem(code, phrase.removeprefix("error_"), text)


def _response(problem: Problem, parts: Parts) -> Response:
    if request.path.startswith("/api/"):
        body = jsonify({"error": {"code": problem.code, "message": problem.text}})
        return make_response(body, problem.status)
    page = render_template("error.html", language=_speaks(parts), problem=problem)
    return make_response(page, problem.status)


def _speaks(parts: Parts) -> Language:
    """Give the language of a call that failed: chosen in it, of its text, or the browser's."""
    chosen = request.args.get("lang")
    if request.is_json:
        try:
            body = request.get_json(silent=True)
        except HTTPException:
            body = None
        if isinstance(body, dict):
            chosen = str(body.get("language") or body.get("lang"))
            text = body.get("text")
            if chosen not in parts.knowledge.languages and isinstance(text, str) and text.strip():
                chosen = parts.assistant.understanding.languages.rank(text[:MAX_TEXT])[0]
    return preferred(parts, chosen)


def _place(error: Exception) -> str:
    trace, place = error.__traceback__, "?"
    while trace is not None:
        place = f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
