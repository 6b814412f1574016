"""What is installed is what is here: packages, pins, screens' styles."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_every_package_is_installed() -> None:
    here = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for room in ("diary", "ingest", "retrieval", "policies")
        for path in (ROOT / room).rglob("__init__.py")
    }
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == here


def test_every_requirement_is_pinned_in_the_constraints_too() -> None:
    constrained = {
        re.sub(r"[-_.]+", "-", name).lower(): version
        for name, version in re.findall(
            r"^([A-Za-z0-9._-]+)==(\S+)$",
            (ROOT / "constraints.txt").read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    }
    wanted = PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["dev"]
    for requirement in wanted:
        name, version = requirement.split("==")
        assert constrained[re.sub(r"[-_.]+", "-", name).lower()] == version


def test_the_root_holds_nothing_else() -> None:
    """Rooms, and what tools demand; everything else has a room."""
    ours = {"diary", "ingest", "retrieval", "policies", "tests", "pyproject.toml", "README.md", "SECURITY.md"}
    demanded = {"Makefile", "LICENSE", "constraints.txt", ".ci", ".github", ".gitignore", ".git"}
    made = {
        ".venv",
        "build",
        "diary.egg-info",
        ".mypy_cache",
        ".ruff_cache",
        ".hypothesis",
        ".import_linter_cache",
        ".pytest_cache",
        "snapshot_report.html",
    }
    assert {path.name for path in ROOT.iterdir()} <= ours | demanded | made
