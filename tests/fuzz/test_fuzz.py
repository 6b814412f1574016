"""Whatever bytes come, a reader takes them or refuses them in its own words: within 2 seconds of processor
time and 2 GiB of address space, without an exception of another kind, and without writing anything outside
the staging area.

The long form is a million cases: 1,000 times its share for each target. Its figures are printed (`-s`).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.running import fuzz
from tests.fuzz.targets import TARGETS

AT_ONCE = 5_000
"""Cases of one child: what one case leaves in the process does not hide in the next for long."""
EVERYDAY = 12


def test_broken_input_of_every_kind_is_taken_or_refused_in_words(tmp_path: Path) -> None:
    found = fuzz([name for name, target in TARGETS.items() if target.everyday], tmp_path, cases=EVERYDAY)
    assert not found.wrong, "\n".join(found.wrong)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", TARGETS)
def test_a_million_broken_inputs_are_taken_or_refused_in_words(name: str, tmp_path: Path) -> None:
    cases, told, wrong = TARGETS[name].share * 1000, [], []
    for first in range(0, cases, AT_ONCE):
        found = fuzz([name], tmp_path, cases=min(AT_ONCE, cases - first), first=first)
        told += found.told
        wrong += found.wrong
    ran, taken, refused = (sum(one[key] for one in told) for key in ("cases", "taken", "refused"))
    seconds = max(sum(one["seconds"] for one in told), 0.001)
    slowest = max((one["slowest"] for one in told), default=0.0)
    print(
        f"\n{name:<20} {ran:>7,} cases, {taken:>7,} taken, {refused:>7,} refused, {ran / seconds:>7,.0f}/s, "
        f"slowest {slowest * 1000:.0f} ms"
    )
    assert not wrong, "\n".join(wrong)
    assert ran == cases


def test_the_long_form_is_a_million_cases() -> None:
    assert sum(target.share for target in TARGETS.values()) >= 1000


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("planted-fault", "ZeroDivisionError"),
        ("planted-hang-in-c", "took longer than it may"),
        ("planted-flood", "MemoryError"),
        ("planted-file", "Escaped"),
        ("planted-link", "Escaped"),
        ("planted-program", "Escaped"),
        ("planted-write-in-c", "written outside the staging area"),
    ],
)
def test_what_a_reader_must_not_do_is_found(name: str, said: str, tmp_path: Path) -> None:
    """The harness itself, on readers that do it."""
    found = fuzz([name], tmp_path, cases=2)
    assert any(said in one for one in found.wrong), found.wrong
