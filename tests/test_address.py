"""Links lead to where the server listens, also those that the commands beside it print."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from bot.address import NAME, address, remember, remembered
from bot.settings import Settings

DEFAULT = "http://127.0.0.1:8080"
USED = "http://127.0.0.1:9000"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give settings with a database in a folder and no address set."""
    return Settings.read({"PRIVACY_ASSISTANT_DATABASE": f"sqlite:///{tmp_path}/tickets.db"})


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:9000"),
        ("localhost", "http://localhost:9000"),
        ("0.0.0.0", "http://127.0.0.1:9000"),  # noqa: S104 - nothing listens there
        ("::", "http://127.0.0.1:9000"),
        ("::1", "http://[::1]:9000"),
    ],
)
def test_a_browser_can_go_to_where_the_server_listens(host: str, url: str) -> None:
    assert address(host, 9000) == url


def test_the_last_server_is_remembered_beside_the_database(settings: Settings) -> None:
    assert remembered(settings).public_url == DEFAULT
    for url in ("http://127.0.0.1:7000", USED):
        remember(url, settings)
        assert remembered(settings).public_url == url


def test_a_setting_comes_first(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    remember(USED, settings)
    monkeypatch.setenv(NAME, DEFAULT)
    assert remembered(settings) == settings


def test_without_a_file_or_with_a_broken_one_it_is_the_default(
    settings: Settings, tmp_path: Path
) -> None:
    nowhere = Settings.read({"PRIVACY_ASSISTANT_DATABASE": "memory:"})
    remember(USED, nowhere)
    assert remembered(nowhere).public_url == DEFAULT
    (tmp_path / "tickets.db.address").write_bytes(b"\xff\n")
    assert remembered(settings).public_url == DEFAULT
    lost = Settings.read({"PRIVACY_ASSISTANT_DATABASE": f"sqlite:///{tmp_path}/no/tickets.db"})
    remember(USED, lost)
    assert remembered(lost).public_url == DEFAULT


def test_staff_get_links_to_the_server_that_runs(
    staff: Callable[..., Result], settings: Settings
) -> None:
    remember(USED, settings)
    filed = staff(
        *("tickets", "file", "--type", "access", "--language", "nl", "--channel", "letter"),
        *("--received", "2026-03-05", "--contact", "ana@example.com"),
        PRIVACY_ASSISTANT_PUBLIC_URL="",
    )
    assert f"for the requester: {USED}/requests/PR-" in filed.stdout
