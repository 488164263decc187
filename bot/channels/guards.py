"""What stands in front of every channel: headers, compressed files, how often one may call."""

import ipaddress
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType

from apiflask import APIFlask, HTTPError
from flask import Response, request
from flask_compress import Compress
from werkzeug.middleware.proxy_fix import ProxyFix

from bot.limits import MINUTE, Limit, Limiter
from bot.parts import Parts

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": CONTENT_POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",  # a follow link holds its key
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    }
)
LIMITED = frozenset({"/api/v1/messages", "/api/v1/feedback", "/chat"})
"""Where a call costs work and writes something: a POST to one of these is counted."""
COMPRESSED = ["text/javascript", "text/css", "image/svg+xml"]
"""Files that are the same for everybody. A page or a reply is not compressed: its length would
tell what of a caller's own words also stands beside a secret in it (the BREACH attack)."""
NETWORK_BITS = 64
"""Of an IPv6 address: a household has the rest for itself, and could use each once."""
DAY = 86400


def attach(app: APIFlask, parts: Parts) -> None:
    """Add the headers and the limit to the application."""
    settings = parts.settings
    app.config.update(COMPRESS_MIMETYPES=COMPRESSED, COMPRESS_STREAMS=False)
    Compress(app)

    # registered later, so it runs before the compression, which would leave files open
    @app.after_request
    def read_whole(response: Response) -> Response:
        if response.mimetype in COMPRESSED and response.status_code == HTTPStatus.OK:
            response.direct_passthrough = False
            response.make_sequence()
        return response

    if proxies := int(settings.trusted_proxies):
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
    most = int(settings.messages_per_minute)
    limit, limiter = Limit("messages of an address", most, MINUTE), Limiter(parts.store)

    @app.before_request
    def slow_down() -> None:
        if not most or request.method != "POST" or request.path not in LIMITED:
            return
        if not limiter.allows(limit, network(request.remote_addr), parts.assistant.now()):
            raise HTTPError(429, headers={"Retry-After": str(MINUTE)})

    @app.after_request
    def protect(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if int(settings.hsts_days):
            age = int(settings.hsts_days) * DAY
            response.headers.setdefault("Strict-Transport-Security", f"max-age={age}")
        if request.path.startswith("/static/"):
            response.headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin")
        else:
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def network(address: str | None) -> str:
    """Give what is counted as one caller: an IPv4 address, or the network of an IPv6 one."""
    try:
        known = ipaddress.ip_address(address or "")
    except ValueError:
        return ""  # a socket file tells no address: all who come through it count as one
    if isinstance(known, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((known, NETWORK_BITS), strict=False))
    return str(known)
