"""For those who run the program: an id for each call, a line in the log, health and figures."""

import logging
import secrets
import time
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from apiflask import APIFlask
from flask import Response, g, jsonify, request

from bot.channels.web import knows_token, refuse_strangers
from bot.health import Level, check
from bot.logs import REQUEST_ID
from bot.metrics import Metrics
from bot.parts import Parts
from handlers.deliveries import Outcome

LOG = logging.getLogger(__name__)

METRICS = "metrics"
"""Where the application keeps what counts."""
QUIET = frozenset({"healthz", "metrics", "static"})
"""Endpoints that are called all the time; their calls are logged at DEBUG level."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Any word may stand in a call's place for the method; only these are written down."""
FORWARDED = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP")
"""Headers that a proxy adds."""
ID_BYTES = 8


def attach(app: APIFlask, parts: Parts) -> None:
    """Add the ids and the two endpoints to the application."""
    metrics: Metrics = app.extensions[METRICS]

    @app.before_request
    def begin() -> None:
        # never the caller's own id, in which anything could stand
        g.request_id, g.begun = secrets.token_hex(ID_BYTES), time.perf_counter()
        REQUEST_ID.set(g.request_id)

    # registered first, so it runs last
    @app.after_request
    def end(response: Response) -> Response:
        seconds = time.perf_counter() - g.begun
        endpoint = request.endpoint or "none"  # the path may hold a key, or anything
        method = request.method if request.method in METHODS else "other"
        response.headers["X-Request-Id"] = g.request_id
        metrics.called(endpoint, response.status_code, seconds)
        LOG.log(
            logging.DEBUG if endpoint in QUIET else logging.INFO,
            "%s %s: %d",
            method,
            endpoint,
            response.status_code,
            extra={
                "method": method,
                "endpoint": endpoint,
                "status": response.status_code,
                "milliseconds": round(seconds * 1000, 1),
            },
        )
        return response

    @app.teardown_request
    def forget(_: BaseException | None) -> None:
        REQUEST_ID.set(None)

    @app.get("/healthz")
    @app.doc(hide=True)
    def healthz() -> tuple[Response, int]:
        found = check(parts.store, parts.assistant.now())
        body = {"status": found.level.name.lower()}
        if at_home(parts) or knows_token(parts):
            body |= found.details() | deliveries(parts)
        failing = found.level is Level.FAILING
        return jsonify(body), HTTPStatus.SERVICE_UNAVAILABLE if failing else HTTPStatus.OK

    @app.get("/metrics", endpoint="metrics")
    @app.doc(hide=True)
    def figures() -> Response:
        if not at_home(parts):
            refuse_strangers(parts)
        text, content_type = metrics.text(request.headers.get("Accept", ""))
        return Response(text, content_type=content_type)


def deliveries(parts: Parts) -> dict[str, Any]:
    """Tell how what channels delivered stands, where any did; codes and numbers only."""
    backlog = parts.store.backlog()
    if not backlog.counts:
        return {}
    counts = {outcome.value: backlog.counts.get(outcome, 0) for outcome in Outcome}
    return {"deliveries": {**counts, "latest_problem": backlog.latest_problem}}


def at_home(parts: Parts) -> bool:
    """Tell whether a call needs no token: somebody tries the program out on this machine.

    A call from this machine alone proves nothing, as a proxy here may pass on anybody's without a
    word (nginx adds no header unless told). So a server that has a staff token, or is set up for
    others by its public address or its proxies, asks everybody for the token.
    """
    settings = parts.settings
    return (
        not settings.staff_token
        and settings.trusted_proxies == "0"
        and here(urlsplit(settings.public_url).hostname)
        and here(urlsplit(f"//{request.host}").hostname)  # no website that took over a name
        and here(request.remote_addr)
        and not any(name in request.headers for name in FORWARDED)
    )


def here(host: str | None) -> bool:
    """Tell whether a host's name or address is this machine's own."""
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False
