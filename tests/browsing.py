"""What the tests in a real Chromium share: the browser, a site to visit, pictures, axe."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from werkzeug.serving import make_server

from bot.app import create_app
from bot.parts import Parts

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PICTURES = Path(__file__).parents[1] / "build" / "pictures"

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None and "CI" not in os.environ, reason="Chromium is not installed"
)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Start the system's Chromium, quietly and without its own network calls."""
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    return {"executable_path": CHROMIUM, "args": [*flags, "--disable-component-update"]}


@pytest.fixture
def site(make_parts: Callable[..., Parts]) -> Iterator[tuple[str, Parts]]:
    """Serve the application on a free port; give its address and parts."""
    server = make_server("127.0.0.1", 0, app=None, threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    parts = make_parts(PRIVACY_ASSISTANT_PUBLIC_URL=url)
    server.app = create_app(parts)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield url, parts
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def watched(page: Page) -> Iterator[Page]:
    """Give a page on which any error, and any call to elsewhere, fails the test."""
    problems: list[str] = []
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "request",
        lambda r: None if r.url.startswith("http://127.0.0.1") else problems.append(r.url),
    )
    yield page
    assert problems == []


def picture(page: Page, name: str) -> None:
    """Keep a picture of the page as test output."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.wait_for_timeout(300)  # the log scrolls gently
    page.screenshot(path=PICTURES / f"{name}.png")


def clean(page: Page, name: str) -> None:
    """Check that a page fits its width and has no accessibility problem; keep its picture."""
    picture(page, name)
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) <= 0
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
