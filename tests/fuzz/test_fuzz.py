"""Whatever bytes come, a reader takes them or refuses them in its own words: within 2 seconds of processor
time and 2 GiB of address space, without an exception of another kind, and without writing anything outside
the staging area.

The long form is a million cases: 1,000 times its share for each target. Alone, and with its figures printed:
`python -m tests.fuzz`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fuzz import long_form
from tests.fuzz.long_form import cases_of, pieces, run
from tests.fuzz.planted import PLANTED
from tests.fuzz.readers import WHY_NONE, _in, readers
from tests.fuzz.running import Findings, fuzz
from tests.fuzz.targets import TARGETS

EVERYDAY = 12


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    names = [name for name, target in TARGETS.items() if target.everyday]
    return fuzz(names, tmp_path_factory.mktemp("short"), cases=EVERYDAY)


def test_broken_input_of_every_kind_is_taken_or_refused_in_words(short: Findings) -> None:
    assert not short.wrong, "\n".join(short.wrong)


def test_every_function_that_decodes_bytes_is_entered_by_a_target_or_says_why_not(short: Findings) -> None:
    entered = {name for one in short.told for name in one["entered"]}
    assert readers() - entered - set(WHY_NONE) == set(), "give it a target, or `readers.WHY_NONE` a reason"
    assert set(WHY_NONE) - readers() == set(), "no reader any more"
    assert set(WHY_NONE) & entered == set(), "it has a target"


def test_a_reader_without_a_target_would_be_noticed() -> None:
    planted = ast.parse("class A:\n    def b(self, x):\n        return [json.loads(one) for one in x]\n")
    assert list(_in(planted)) == ["A.b"]


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.timeout(3600)
def test_a_million_broken_inputs_are_taken_or_refused_in_words(
    tmp_path: Path, tell: Callable[..., None]
) -> None:
    said: list[str] = []
    ran = run(tmp_path, say=said.append)
    tell(*said, f"{ran.cases:,} cases of {len(TARGETS)} readers: {len(ran.wrong) or 'nothing'} wrong")
    assert not ran.wrong, "\n".join(ran.wrong)
    assert {name: one.cases for name, one in ran.told.items()} == {
        name: cases_of(target) for name, target in TARGETS.items()
    }
    assert ran.cases >= 1_000_000


def test_the_long_form_is_a_million_cases_each_run_once_and_in_no_other_order(tmp_path: Path) -> None:
    found: dict[str, list[int]] = {}
    for name, first, cases in pieces(1.0):
        assert first == sum(found.setdefault(name, []))
        found[name].append(cases)
    assert {name: sum(cases) for name, cases in found.items()} == {
        name: cases_of(target) for name, target in TARGETS.items()
    }
    assert sum(map(sum, found.values())) >= 1_000_000


def test_a_share_of_the_long_form_tells_what_was_run_and_what_was_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice the same, on whatever machine; a reader that misbehaves is told."""
    some = {name: TARGETS[name] for name in ("emergency-key", "stated")}
    monkeypatch.setattr(
        long_form, "TARGETS", {**some, "planted-fault": replace(PLANTED["planted-fault"], share=1)}
    )
    said: list[str] = []
    ran = run(tmp_path, share=0.002, say=said.append)
    assert [one.cases for one in ran.told.values()] == [60, 80, 2]
    assert len(said) == 3 and all("refused" in line for line in said)
    assert ran.wrong and all("ZeroDivisionError" in one for one in ran.wrong)
    assert not list(tmp_path.iterdir())


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
