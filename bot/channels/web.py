"""The HTTP API: JSON messages in, JSON replies out."""

import hmac
from collections.abc import Callable

from apiflask import APIBlueprint, APIFlask, HTTPError
from flask import request

from bot.channels.errors import ERROR_SCHEMA, TooManyError, described, handle_errors
from bot.channels.payload import (
    AddressesIn,
    AnswerOut,
    CodeIn,
    DoneOut,
    FollowIn,
    KeyIn,
    MessageIn,
    StatusOut,
    SuppressedOut,
    message_in,
    status_out,
    to_payload,
)
from bot.channels.speech import preferred
from bot.following import Done, own_ticket, prove, send_code, still_mailed, withdraw
from bot.parts import Parts
from bot.suppressions import suppressed
from handlers.tickets import Ticket
from knowledge.model import Language

STAFF = "StaffToken"
"""Name of the token in the API's description."""
MAX_LIST = 512 * 1024
"""Bytes of a list of addresses: a thousand of the longest ones (RFC 5321), escaped."""
STAFF_ENDPOINTS = frozenset({"api.suppressions_check"})


def attach(app: APIFlask, parts: Parts) -> None:
    """Add the API and the error replies to the application."""
    app.config["VALIDATIONERROR_SCHEMA"] = app.config["HTTPERROR_SCHEMA"] = ERROR_SCHEMA
    app.security_schemes = {STAFF: {"type": "http", "scheme": "bearer"}}
    app.register_blueprint(_api(parts))
    handle_errors(app, parts)


def _api(parts: Parts) -> APIBlueprint:
    api = APIBlueprint("api", __name__, url_prefix="/api/v1", tag="Assistant")

    @api.before_request
    def only_json() -> None:
        if request.endpoint in STAFF_ENDPOINTS:
            # who may not call hears so before anything about the call
            refuse_strangers(parts)
            request.max_content_length = MAX_LIST
        if request.method == "POST" and not request.is_json:
            raise HTTPError(415)

    @api.post("/messages")
    @api.input(message_in(parts.knowledge.languages))
    @api.output(AnswerOut)
    @api.doc(
        summary="Answer a message",
        responses=described(
            {
                400: "The body is not JSON.",
                409: "The message id came before with another text, or its conversation went on.",
                413: "The message is too long.",
                415: "The content type is not application/json.",
                422: "A field is missing, unknown or of the wrong type, or the text is empty.",
                429: "Too many messages came at once; Retry-After says when to try again.",
                503: "The reply could not be saved, so nothing was filed.",
            }
        ),
    )
    def messages(json_data: MessageIn) -> AnswerOut:
        message = parts.assistant.message(json_data.text, "web", json_data.language)
        answered = parts.assistant.answer(message, json_data.conversation, json_data.message_id)
        if answered.wait is not None:
            raise TooManyError(answered)
        return AnswerOut(conversation=answered.token, reply=to_payload(answered.reply, parts))

    @api.get("/requests/<reference>")
    @api.input(FollowIn, location="query")
    @api.output(StatusOut)
    @api.doc(
        summary="Show a requester's own ticket",
        responses=described({404: "There is no such ticket for this key."}),
    )
    def one_request(reference: str, query_data: FollowIn) -> StatusOut:
        ticket, language = _shown_to(reference, query_data.key, query_data.lang, parts)
        return status_out(ticket, language, parts)

    _following(api, parts)
    _staff(api, parts)

    @api.delete("/conversations/<token>")
    @api.output({}, status_code=204)
    @api.doc(summary="Forget a conversation; requests that were confirmed stay filed")
    def forget(token: str) -> str:
        parts.store.forget(token)
        return ""

    return api


Change = Callable[[Ticket, Parts, Language], Done]
_CHANGES: tuple[tuple[str, str, Change], ...] = (
    ("withdraw", "Withdraw a requester's own ticket", withdraw),
    ("still-mailed", "Say that advertising came after a marketing stop", still_mailed),
)
"""What a requester does to a ticket: end of the address, summary, what does it."""
_CHANGE_ERRORS = {
    400: "The body is not JSON.",
    404: "There is no such ticket for this key.",
    409: "The ticket's status does not allow it.",
    415: "The content type is not application/json.",
    422: "A field is missing, unknown or of the wrong type.",
    503: "The change could not be saved, so nothing was changed.",
}


def _shown_to(reference: str, key: str, lang: str | None, parts: Parts) -> tuple[Ticket, Language]:
    """Give a requester's own ticket and the language in which to speak of it, or 404."""
    ticket = own_ticket(reference, key, parts)
    if ticket is None:
        raise HTTPError(404, detail={"phrase": "error_not_yours"})
    return ticket, preferred(parts, lang if lang in parts.knowledge.languages else ticket.language)


def _following(api: APIBlueprint, parts: Parts) -> None:
    for name, summary, change in _CHANGES:
        _changing(api, parts, name, summary, change)

    @api.post("/requests/<reference>/code")
    @api.input(CodeIn)
    @api.output(DoneOut)
    @api.doc(
        summary="Have a one-time code mailed, or prove an address with it",
        responses=described(_CHANGE_ERRORS),
    )
    def code(reference: str, json_data: CodeIn) -> DoneOut:
        ticket, language = _shown_to(reference, json_data.key, json_data.lang, parts)
        if json_data.code is None:
            return _done(send_code(ticket, parts, language), language, parts)
        return _done(prove(ticket, json_data.code, parts, language), language, parts)


def _changing(api: APIBlueprint, parts: Parts, name: str, summary: str, change: Change) -> None:
    @api.post(f"/requests/<reference>/{name}", endpoint=name.replace("-", "_"))
    @api.input(KeyIn)
    @api.output(DoneOut)
    @api.doc(summary=summary, responses=described(_CHANGE_ERRORS))
    def changed(reference: str, json_data: KeyIn) -> DoneOut:
        ticket, language = _shown_to(reference, json_data.key, json_data.lang, parts)
        return _done(change(ticket, parts, language), language, parts)


def _done(done: Done, language: Language, parts: Parts) -> DoneOut:
    return DoneOut(text=done.text, status=status_out(done.ticket, language, parts))


def _staff(api: APIBlueprint, parts: Parts) -> None:
    @api.post("/suppressions/check")
    @api.input(AddressesIn)
    @api.output(SuppressedOut)
    @api.doc(
        summary="Tell which addresses must get no marketing",
        tags=["Staff"],
        security=STAFF,
        responses=described(
            {
                400: "The body is not JSON.",
                401: "There is no staff token.",
                403: "The staff token is wrong, or the server has none.",
                413: "The body is too long.",
                415: "The content type is not application/json.",
                422: "A field is missing, unknown or of the wrong type, or there are too many.",
                503: "The list could not be read.",
            }
        ),
    )
    def suppressions_check(json_data: AddressesIn) -> SuppressedOut:
        return SuppressedOut(suppressed=[_listed(text, parts) for text in json_data.addresses])


def _listed(text: str, parts: Parts) -> bool:
    try:
        return suppressed(parts.store, text, parts.settings.country) is not None
    except ValueError:
        return False


def refuse_strangers(parts: Parts) -> None:
    """Let a call of staff programs through, and nobody else's.

    Raises:
        HTTPError: 401 without a token, 403 with a wrong one.
    """
    if not _token():
        raise HTTPError(401, headers={"WWW-Authenticate": "Bearer"})
    if not knows_token(parts):
        raise HTTPError(403)


def knows_token(parts: Parts) -> bool:
    """Tell whether a call shows the staff token, in the same time for each wrong one."""
    known, shown = parts.settings.staff_token.encode(), _token().encode(errors="replace")
    return hmac.compare_digest(known, shown) and bool(known)


def _token() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.casefold() == "bearer" else ""
