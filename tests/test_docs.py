"""The README and the change log tell what is."""

import re
import tomllib
from pathlib import Path

from bot.cli import main
from bot.settings import SETTINGS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_lists_every_setting_with_its_default() -> None:
    rows = dict(
        re.findall(r"^\| `((?:PRIVACY_ASSISTANT|SLACK)_\w+)` \|\s*`?([^`|]*?)`?\s*\|", README, re.M)
    )
    assert rows == {setting.name: setting.default for setting in SETTINGS}


def test_the_readme_names_every_command() -> None:
    for command in main.commands:
        assert re.search(rf"(privacy-assistant |`){command}\b", README), command


def test_what_the_readme_shows_is_there() -> None:
    for path in re.findall(r"\]\(((?!http)[^)]+)\)", README):
        assert (ROOT / path).exists(), path


def test_the_version_has_its_section_in_the_change_log() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    log = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## [{project['version']}]" in log


def test_the_pinned_versions_name_no_address() -> None:
    pinned = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()[1:]
    assert pinned
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in pinned)
