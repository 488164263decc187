"""What the program logs, and how: lines for people, or JSON for programs; never a person's words.

A line that belongs to a call carries the call's id, which its response shows in ``X-Request-Id``.
"""

import json
import logging
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType, TracebackType
from typing import Any

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
"""Id of the call that is being answered."""
FIELDS = ("method", "endpoint", "status", "milliseconds")
"""What a line may carry besides its sentence; nothing else that is given along is written."""

Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Lines(logging.Formatter):
    """Writes a line for people."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Write the line."""
        record.exc_text = None  # another formatter may have written all of it there
        line = super().format(record)
        request_id = REQUEST_ID.get()
        return f"{line} [{request_id}]" if request_id else line

    def formatException(self, ei: Raised) -> str:  # noqa: N802 - the library's name
        """Name an exception: its text, and a traceback's lines, may hold what a person wrote."""
        return _named(ei)


class JsonLines(logging.Formatter):
    """Writes a JSON object in a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := REQUEST_ID.get():
            line["request_id"] = request_id
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info:
            line["exception"] = _named(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


FORMATS: Mapping[str, Callable[[], logging.Formatter]] = MappingProxyType(
    {"text": Lines, "json": JsonLines}
)
"""Value of the setting -> what writes the lines."""
SERVER: Mapping[str, Any] = MappingProxyType(
    {"loggers": {"_granian": {"handlers": [], "propagate": True}}}
)
"""Settings of the web server's own lines: they go where all others go."""


def configure(name: str) -> None:
    """Log to standard error in this format, whatever was set up before."""
    handler = logging.StreamHandler()
    handler.setFormatter(FORMATS[name]())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


def _named(raised: Raised) -> str:
    kind, _, trace = raised
    place = "?"
    while trace is not None:
        place = f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{kind.__name__ if kind else '?'} at {place}"
