"""The HTTP API: JSON messages in, JSON replies out."""

from typing import Any

from apiflask import APIBlueprint, APIFlask, HTTPError
from flask import Response, jsonify, request

from bot.channels.errors import handle_errors
from bot.channels.payload import (
    AnswerOut,
    FollowIn,
    MessageIn,
    StatusOut,
    message_in,
    ticket_out,
    to_payload,
)
from bot.channels.speech import preferred
from bot.parts import Parts
from handlers.references import new_reference, read_reference
from handlers.tickets import Ticket
from handlers.wording import status

_ERROR_SCHEMA: dict[str, Any] = {
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


def _errors(meanings: dict[int, str]) -> Any:
    content = {"application/json": {"schema": _ERROR_SCHEMA}}
    return {code: {"description": text, "content": content} for code, text in meanings.items()}


def attach(app: APIFlask, parts: Parts) -> None:
    """Add the API and the error replies to the application."""
    app.config["VALIDATION_ERROR_SCHEMA"] = app.config["HTTP_ERROR_SCHEMA"] = _ERROR_SCHEMA
    app.register_blueprint(_api(parts))
    handle_errors(app, parts)

    @app.get("/healthz")
    @app.doc(hide=True)
    def healthz() -> Response:
        parts.store.ticket(new_reference())
        return jsonify({"status": "ok"})


def own_ticket(reference: str, key: str, parts: Parts) -> Ticket | None:
    """Give the ticket with this reference to whoever holds its key.

    A wrong key and a reference that does not exist look the same from outside.
    """
    known = read_reference(reference) or reference
    if not parts.secret.may_follow(known, key):
        return None
    return parts.store.ticket(known)


def _api(parts: Parts) -> APIBlueprint:
    api = APIBlueprint("api", __name__, url_prefix="/api/v1", tag="Assistant")

    @api.before_request
    def only_json() -> None:
        if request.method == "POST" and not request.is_json:
            raise HTTPError(415)

    @api.post("/messages")
    @api.input(message_in(parts.knowledge.languages))
    @api.output(AnswerOut)
    @api.doc(
        summary="Answer a message",
        responses=_errors(
            {
                400: "The body is not JSON.",
                409: "The message id came before with another text.",
                413: "The message is too long.",
                415: "The content type is not application/json.",
                422: "A field is missing, unknown or of the wrong type, or the text is empty.",
                503: "The reply could not be saved, so nothing was filed.",
            }
        ),
    )
    def messages(json_data: MessageIn) -> AnswerOut:
        message = parts.assistant.message(json_data.text, "web", json_data.language)
        answered = parts.assistant.answer(message, json_data.conversation, json_data.message_id)
        return AnswerOut(conversation=answered.token, reply=to_payload(answered.reply, parts))

    @api.get("/requests/<reference>")
    @api.input(FollowIn, location="query")
    @api.output(StatusOut)
    @api.doc(
        summary="Show a requester's own ticket",
        responses=_errors({404: "There is no such ticket for this key."}),
    )
    def one_request(reference: str, query_data: FollowIn) -> StatusOut:
        ticket = own_ticket(reference, query_data.key, parts)
        if ticket is None:
            raise HTTPError(404, detail={"phrase": "error_not_yours"})
        language = preferred(parts, query_data.lang or ticket.language)
        return StatusOut(
            ticket=ticket_out(ticket, parts.assistant.desk.follow_url),
            title=language.requests[ticket.request].title,
            status_text=status(ticket.status, language),
        )

    @api.delete("/conversations/<token>")
    @api.output({}, status_code=204)
    @api.doc(summary="Forget a conversation; requests that were confirmed stay filed")
    def forget(token: str) -> str:
        parts.store.forget(token)
        return ""

    return api
