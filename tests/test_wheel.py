"""What is installed from the built wheel has its data and pages, and needs no development tools."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(folder), "."]
    subprocess.run(command, cwd=ROOT, check=True)
    [built] = folder.glob("*.whl")
    return built


def test_the_wheel_has_every_file_that_the_program_reads(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    needed = {
        path.relative_to(ROOT).as_posix()
        for folder in ("bot", "handlers", "knowledge")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert needed <= names
    assert not [name for name in names if name.startswith("tests/")]


@pytest.mark.skipif("CI" not in os.environ, reason="takes a minute; .ci/run does it")
def test_it_runs_from_a_clean_environment(wheel: Path, tmp_path: Path, cache: str) -> None:
    venv.create(tmp_path / "env", with_pip=True)
    binaries = tmp_path / "env" / "bin"
    install = ["install", "--quiet", "--constraint", str(ROOT / "constraints.txt"), str(wheel)]
    subprocess.run([binaries / "python", "-m", "pip", *install], check=True)
    environment = {**os.environ, "PRIVACY_ASSISTANT_CACHE": cache}
    for arguments, said in (
        (["check"], "OK: en, fr, nl, ro"),
        (["ask", "what does personal data mean?"], "Section 3"),
        (["deadline", "2026-03-05"], "2026-04-07"),
    ):
        done = subprocess.run(
            [binaries / "privacy-assistant", *arguments],
            capture_output=True,
            text=True,
            check=True,
            cwd=tmp_path,
            env=environment,
        )
        assert said in done.stdout
