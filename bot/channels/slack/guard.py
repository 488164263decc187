"""In front of the library: is this call from Slack, fresh, and well-formed?

Slack's library answers a time stamp that is no number, or a body that is no JSON, with 500 and a
trace (measured with slack-bolt 1.30), and logs the body of a call whose signature is wrong.
"""

import hmac
import json
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from slack_sdk.signature import SignatureVerifier

FRESH = 300
"""Seconds within which a signed call is taken; Slack's own rule against replays."""
DIGITS = 12
"""Of a time stamp at most; enough for the next thirty thousand years."""
LOGGERS = ("slack_bolt", "slack_sdk")


class RefusedCallError(Exception):
    """A call that is not taken; ``status`` says why, and no text of it is kept."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


def checked(body: bytes, headers: Mapping[str, str], secret: str, now: float) -> dict[str, Any]:
    """Give what a call holds.

    Raises:
        RefusedCallError: 401 unless Slack signed it just now, 400 where it cannot be read.
    """
    stamp = headers.get("X-Slack-Request-Timestamp", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= DIGITS):
        raise RefusedCallError(HTTPStatus.UNAUTHORIZED)
    signature = headers.get("X-Slack-Signature", "").encode(errors="replace")
    right = _signature(secret, stamp, body)
    if abs(now - int(stamp)) > FRESH or not hmac.compare_digest(right, signature):
        raise RefusedCallError(HTTPStatus.UNAUTHORIZED)
    content = _read(body, headers.get("Content-Type", ""))
    if not (isinstance(content, dict) and content and _shaped(content)):
        raise RefusedCallError(HTTPStatus.BAD_REQUEST)
    return content


def _signature(secret: str, stamp: str, body: bytes) -> bytes:
    # the library decodes the body for that; what is no text was never signed by Slack
    try:
        made = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body)
    except UnicodeDecodeError:
        raise RefusedCallError(HTTPStatus.UNAUTHORIZED) from None
    return (made or "").encode()


def _read(body: bytes, content_type: str) -> Any:
    text = body.decode()
    try:
        if content_type.startswith("application/json") or text.startswith("{"):
            return json.loads(text)
        fields = dict(parse_qsl(text, keep_blank_values=True, strict_parsing=True))
        return json.loads(fields["payload"]) if "payload" in fields else fields
    except (ValueError, RecursionError):
        raise RefusedCallError(HTTPStatus.BAD_REQUEST) from None


def _shaped(content: dict[str, Any]) -> bool:
    """Tell whether what the library looks at first is what it takes it for."""
    event, actions = content.get("event", {}), content.get("actions", [])
    return (
        isinstance(event, dict)
        and ("event" not in content or isinstance(event.get("type"), str))
        and isinstance(actions, list)
        and all(isinstance(action, dict) for action in actions)
    )


def quiet_logger(name: str) -> logging.Logger:
    """Give a logger for Slack's libraries: warnings by their kind, never what people wrote."""
    logger = logging.getLogger(name)
    logger.setLevel(logging.WARNING)
    logger.addFilter(_Wordless())
    return logger


class _Wordless(logging.Filter):
    """Keeps the first words of a library's warning; bodies and errors' texts come after them."""

    LENGTH = 60

    def filter(self, record: logging.LogRecord) -> bool:
        first = str(record.msg).split("\n", 1)[0].partition("(")[0].partition(":")[0]
        kind = record.exc_info[0] if record.exc_info else None
        record.msg = first[: self.LENGTH] + (f" ({kind.__name__})" if kind else "")
        record.args = ()
        record.exc_info = record.exc_text = record.stack_info = None
        return True
