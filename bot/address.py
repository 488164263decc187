"""Where people reach the server when no setting says so: ``serve`` notes it beside the database.

The other commands are processes of their own, and could not know on which port it listens.
"""

import contextlib
import os
from dataclasses import replace
from pathlib import Path

from bot.settings import PREFIX, Settings

NAME = f"{PREFIX}PUBLIC_URL"
EVERY_HOST = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - it is looked for, not listened on
"""Hosts that stand for every address of the machine, and are none to go to."""


def address(host: str, port: int) -> str:
    """Give the URL under which this machine reaches a server that listens there."""
    name = "127.0.0.1" if host in EVERY_HOST else host
    return f"http://{f'[{name}]' if ':' in name else name}:{port}"


def remember(url: str, settings: Settings) -> None:
    """Note under which URL the server is reached, for the commands that run beside it."""
    path = _path(settings)
    if path is not None:
        # without it links lead to the default port, which is no reason not to serve
        with contextlib.suppress(OSError):
            path.write_text(url, encoding="utf-8")


def remembered(settings: Settings) -> Settings:
    """Give the settings with the address where ``serve`` ran last, unless one is set."""
    path = _path(settings)
    if path is None or os.environ.get(NAME):
        return settings
    with contextlib.suppress(OSError):
        url = path.read_text(encoding="utf-8", errors="replace").strip()
        if url.startswith(("http://", "https://")):
            return replace(settings, public_url=url)
    return settings


def _path(settings: Settings) -> Path | None:
    if not settings.database.startswith("sqlite:///"):
        return None
    return Path(settings.database.removeprefix("sqlite:///") + ".address")
