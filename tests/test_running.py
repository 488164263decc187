"""The page on running it for real, the systemd units and the container file tell what is."""

import getpass
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from bot.cli import main
from bot.metrics import PREFIX, Metrics
from bot.parts import Parts
from bot.settings import SETTINGS

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGE = (DOCS / "running.md").read_text(encoding="utf-8")
CONTAINER = (ROOT / "Containerfile").read_text(encoding="utf-8")
UNITS = sorted(DOCS.glob("*.service")) + sorted(DOCS.glob("*.timer"))
PROGRAM = "/opt/privacy-assistant/.venv/bin/privacy-assistant"
NAMES = {setting.name for setting in SETTINGS}
INSTRUCTIONS = {
    *{"FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "EXPOSE"},
    *{"HEALTHCHECK", "ENTRYPOINT", "CMD"},
}


Call = Callable[[str], None]


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> Call:
    """Give what checks that a call of the command line can be read: command, options, arguments."""
    # files that it names need not be there
    monkeypatch.setattr("click.Path.convert", lambda _, value, *__: value)
    return read


def read(line: str) -> None:
    """Read a call."""
    arguments = shlex.split(line)
    command: click.Command = main
    while isinstance(command, click.Group):
        command = command.commands[arguments.pop(0)]
    command.make_context("x", arguments)


def folded(text: str) -> str:
    """Join lines that go on in the next one."""
    return re.sub(r"\\\n\s*", "", text)


@pytest.mark.parametrize(
    "line",
    re.findall(r"^(?:\$ )?(?:\S+=\S+ )?privacy-assistant ([^&\n`]*)", folded(PAGE), re.MULTILINE),
)
def test_each_call_on_the_page_can_be_made(line: str, called: Call) -> None:
    called(line)


def test_the_page_names_only_settings_and_files_that_there_are() -> None:
    texts = [PAGE, CONTAINER, *(unit.read_text(encoding="utf-8") for unit in UNITS)]
    for text in texts:
        assert set(re.findall(r"PRIVACY_ASSISTANT_[A-Z_]*[A-Z]", text)) <= NAMES
    for path in re.findall(r"\]\(((?!http)[^)]+)\)", PAGE):
        assert (DOCS / path).exists(), path
    assert {path.name for path in UNITS} <= set(re.findall(r"\]\(([^)]+)\)", PAGE))


def test_the_page_lists_every_figure(parts: Parts) -> None:
    families = {
        family.name.removeprefix(f"{PREFIX}_") for family in Metrics(parts)._shown.collect()
    }
    table = PAGE.partition("| labels |")[2].partition("\n\n")[0]
    named = {name.removesuffix("_total") for name in re.findall(r"`(\w+)`", table)}
    assert named == {family.removesuffix("_total") for family in families}


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_starts_what_there_is(unit: Path, called: Call) -> None:
    text = unit.read_text(encoding="utf-8")
    for line in re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE):
        assert PROGRAM in line
        called(line.partition(f"{PROGRAM} ")[2].rstrip("'"))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_can_read_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace(PROGRAM, sys.executable)
        text = text.replace("User=privacy-assistant", f"User={getpass.getuser()}")
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / unit.name) for unit in UNITS)],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:/usr/lib/systemd/system"},
    )
    assert [line for line in done.stderr.splitlines() if "privacy-assistant" in line] == []
    assert done.returncode == 0, done.stderr


def test_the_container_file_copies_and_starts_what_there_is(called: Call) -> None:
    lines = [
        line for line in folded(CONTAINER).splitlines() if line.strip() and line[0] not in "#& "
    ]
    assert {line.split()[0] for line in lines} <= INSTRUCTIONS
    for line in lines:
        if line.startswith("COPY") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), source
    entry = re.search(r"^ENTRYPOINT (.*)$", CONTAINER, re.MULTILINE)
    command = re.search(r"^CMD \[(.*)\]$", CONTAINER, re.MULTILINE)
    assert entry
    assert entry[1] == '["privacy-assistant"]'
    assert command
    called(command[1].replace(",", " "))
    allowed = (ROOT / ".containerignore").read_text(encoding="utf-8").splitlines()
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", CONTAINER, re.MULTILINE)
    assert {f"!{name}" for line in copied for name in line.split()} == {
        line for line in allowed if line.startswith("!")
    }
