"""What the tests share: the real knowledge base, learnt once, and a fresh store for each test."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from playwright.sync_api import Page

from bot.app import create_app
from bot.cli import main
from bot.parts import Parts, assemble, build, secret_of
from bot.settings import Settings
from bot.tickets import open_store
from handlers.contract import Reply
from knowledge.load import BUILT_IN, load
from knowledge.model import Knowledge
from tests.browsing import CHROMIUM, serving
from tests.slack_setup import api, office, open_office  # noqa: F401 - fixtures

OURS = ("PRIVACY_ASSISTANT_", "SLACK_")
"""How the names of our settings begin; a test sets its own."""
NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
"""A Thursday in Brussels; one month later is Easter Sunday."""


@dataclass
class Person:
    """Somebody in a conversation."""

    parts: Parts
    language: str = "en"
    token: str | None = None

    def says(self, *texts: str) -> Reply:
        """Say something and give the last reply."""
        for text in texts:
            message = self.parts.assistant.message(text, "test", self.language)
            answered = self.parts.assistant.answer(message, self.token)
            self.token = answered.token
        return answered.reply


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give a folder for what is learnt of the knowledge base, shared by all tests of a run."""
    return os.environ.get("PRIVACY_ASSISTANT_CACHE") or str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    """Give the built-in knowledge base."""
    return load()


@pytest.fixture(scope="session")
def environment(cache: str) -> dict[str, str]:
    """Give the environment of a program that stores nothing on disk."""
    return {
        "PRIVACY_ASSISTANT_DATABASE": "memory:",
        "PRIVACY_ASSISTANT_CACHE": cache,
        "PRIVACY_ASSISTANT_SECRET_KEY": "k" * 32,
        "PRIVACY_ASSISTANT_PUBLIC_URL": "https://privacy.example.com",
    }


@pytest.fixture(scope="session")
def learnt(environment: dict[str, str]) -> Parts:
    """Put the program together once; its understanding is reused by each test."""
    return build(Settings.read(environment))


@pytest.fixture
def environment_here(cache: str, learnt: Parts, tmp_path: Path) -> dict[str, str]:
    """Give the environment of a program that works in a folder of its own."""
    assert learnt  # so that what is learnt lies in the cache, and no call has to learn it
    return {
        **{k: v for k, v in os.environ.items() if not k.startswith(OURS)},
        "PRIVACY_ASSISTANT_CACHE": cache,
        "PRIVACY_ASSISTANT_DATABASE": f"sqlite:///{tmp_path}/tickets.db",
        "LANG": "en_GB.UTF-8",
    }


@pytest.fixture
def make_parts(learnt: Parts, environment: dict[str, str], tmp_path: Path) -> Callable[..., Parts]:
    """Give a maker of programs on a real SQLite file, with a clock that stands still."""

    def make(
        url: str = f"sqlite:///{tmp_path}/tickets.db", now: datetime = NOW, **changes: str
    ) -> Parts:
        settings = Settings.read({**environment, "PRIVACY_ASSISTANT_DATABASE": url, **changes})
        store = open_store(url, secret_of(settings).vault)
        understanding = learnt.assistant.understanding
        parts = assemble(settings, store, understanding)
        assistant = replace(parts.assistant, now=lambda: now)
        return replace(parts, assistant=assistant)

    return make


@pytest.fixture
def parts(make_parts: Callable[..., Parts]) -> Parts:
    """Give a program on a fresh SQLite file."""
    return make_parts()


@pytest.fixture
def client(parts: Parts) -> FlaskClient:
    """Give an HTTP client of the web application on a fresh SQLite file."""
    return create_app(parts).test_client()


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Start the system's Chromium, quietly and without its own network calls."""
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    return {"executable_path": CHROMIUM, "args": [*flags, "--disable-component-update"]}


@pytest.fixture
def site(make_parts: Callable[..., Parts]) -> Iterator[tuple[str, Parts]]:
    """Serve the application on a free port; give its address and parts."""
    with serving() as server:
        parts = make_parts(
            PRIVACY_ASSISTANT_PUBLIC_URL=server.url,
            # codes are asked for, and none can be sent
            PRIVACY_ASSISTANT_SMTP_URL="smtp://127.0.0.1:9",
            PRIVACY_ASSISTANT_MAIL_FROM="privacy@example.com",
        )
        server.app = create_app(parts)
        yield server.url, parts


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


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    """Give a copy of the built-in knowledge base, to be edited."""
    return Path(shutil.copytree(BUILT_IN, tmp_path / "data"))


@pytest.fixture
def staff(
    environment: dict[str, str],
    knowledge: Knowledge,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., Result]:
    """Give a runner of staff commands on a real SQLite file, at a moment that the test names."""
    monkeypatch.setattr("bot.commands.desk.load_knowledge", lambda _: knowledge)

    def run(
        *arguments: str, now: datetime = NOW, stdin: str | None = None, **settings: str
    ) -> Result:
        monkeypatch.setattr("bot.commands.desk.clock", lambda: now)
        url = f"sqlite:///{tmp_path}/tickets.db"
        variables = {**environment, "PRIVACY_ASSISTANT_DATABASE": url, **settings}
        return CliRunner().invoke(main, arguments, input=stdin, env=variables)

    return run


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the tester's own settings out of the tests."""
    for name in list(os.environ):
        if name.startswith("PRIVACY_ASSISTANT_") and name != "PRIVACY_ASSISTANT_CACHE":
            monkeypatch.delenv(name)
