"""Properties are tried on few examples every day, and on many among the slow tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import EXAMPLES, examples_for

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("markers", "profile"),
    [("not slow", "few"), ("slow and not alone", "many"), ("slow and alone", "many"), ("", "default")],
)
def test_what_is_run_says_how_many(markers: str, profile: str) -> None:
    assert examples_for(markers) == profile
    assert 10 <= EXAMPLES["few"] < EXAMPLES["default"] < EXAMPLES["many"]


def test_a_property_is_among_the_slow_tests_with_its_many_examples() -> None:
    """`make torture` asks for these markers: in its own process, since profiles are of a process."""
    asked = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:xdist",
        "-m",
        "slow and not alone",
        "--collect-only",
    ]
    ran = subprocess.run(
        [*asked, "tests/unit/vault/test_recovery_code.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "::test_every_single_wrong_symbol_is_told" in ran.stdout
