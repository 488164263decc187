"""The app's manifest, which an administrator pastes into Slack: for HTTP, or for Socket Mode."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
ADDRESS = "https://privacy.example.com"
"""Stands in the file for the address under which the server is reached."""


def manifest(public_url: str, *, socket: bool) -> str:
    """Give the manifest as JSON."""
    text = (FOLDER / ("socket.json" if socket else "http.json")).read_text(encoding="utf-8")
    return text.replace(ADDRESS, public_url.rstrip("/"))


def _scopes() -> tuple[str, ...]:
    content: dict[str, Any] = json.loads((FOLDER / "http.json").read_text(encoding="utf-8"))
    return tuple(content["oauth_config"]["scopes"]["bot"])


BOT_SCOPES = _scopes()
"""What the assistant may do, as the manifest asks for it."""
