"""The layers: bot -> handlers -> knowledge, never back, and which libraries each may use."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

ALLOWED = {
    "knowledge": {"knowledge", "numpy", "pydantic", "rapidfuzz", "scipy"},
    "handlers": {"handlers", "knowledge", "babel", "dateutil", "holidays", "stdnum"},
    "bot": {
        *{"bot", "handlers", "knowledge", "apiflask", "click", "cryptography"},
        *{
            "email_validator",
            "flask",
            "flask_compress",
            "flask_cors",
            "granian",
            "holidays",
            "numpy",
            "phonenumbers",
            "prometheus_client",
        },
        *{"pydantic", "scipy", "slack_bolt", "slack_sdk", "sqlite_utils", "stdnum", "werkzeug"},
    },
}
"""Folder -> the packages besides the standard library that its modules may import."""


def imported(path: Path) -> set[str]:
    """Give the top-level packages that a module imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: relative imports hide the layer"
            found.add(str(node.module).partition(".")[0])
    return found - sys.stdlib_module_names


@pytest.mark.parametrize("folder", ALLOWED)
def test_each_layer_imports_only_what_it_may(folder: str) -> None:
    modules = list((ROOT / folder).rglob("*.py"))
    assert modules
    wrong = {
        str(path.relative_to(ROOT)): extra
        for path in modules
        if (extra := imported(path) - ALLOWED[folder])
    }
    assert not wrong


@pytest.mark.parametrize("folder", ALLOWED)
def test_no_allowance_is_left_over(folder: str) -> None:
    used = set().union(*(imported(path) for path in (ROOT / folder).rglob("*.py")))
    assert ALLOWED[folder] - used == set()
