"""What the tests in a real Chromium do again and again."""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect
from werkzeug.serving import make_server

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PICTURES = Path(__file__).parents[1] / "build" / "pictures"
STORED = "[document.cookie, localStorage.length, sessionStorage.length]"
"""What a page keeps, for ``evaluate``."""

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None and "CI" not in os.environ, reason="Chromium is not installed"
)


@contextmanager
def serving() -> Iterator[Any]:
    """Serve an application on a free port of this machine; it may be set later, as ``app``."""
    server = make_server("127.0.0.1", 0, app=None, threaded=True)
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def chat_of(page: Page) -> Locator:
    """Give the chat's window, once its files are there; a form may stand in its place first."""
    frame = page.locator(".frame")
    expect(frame).to_be_visible()
    return frame


def say(page: Page, text: str) -> None:
    """Type a message, send it with Enter, and wait for the reply."""
    chat = chat_of(page)
    replies = chat.locator(".message.assistant")
    count = replies.count()
    chat.get_by_role("textbox").fill(text)
    chat.get_by_role("textbox").press("Enter")
    expect(replies).to_have_count(count + 1)


def picture(page: Page, name: str) -> None:
    """Keep a picture of the page as test output."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.wait_for_timeout(300)  # what moves in comes to rest
    page.screenshot(path=PICTURES / f"{name}.png")


def clean(page: Page, name: str) -> None:
    """Check that a page fits its width and has no accessibility problem; keep its picture."""
    picture(page, name)
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) <= 0
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def stored(page: Page) -> list[Any]:
    """Tell what a page keeps: cookies, entries of the browser's storage, and of the tab's."""
    kept: list[Any] = page.evaluate(STORED)
    return kept
