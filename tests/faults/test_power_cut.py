"""A power cut at any moment of what a person does: nothing acknowledged is lost, nothing is there by halves,
and the vault opens. How the disk is modelled stands in `tests.faults.power.disk`.
"""

from __future__ import annotations

import multiprocessing
import random
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from diary.vault.anchor import ANCHOR
from diary.vault.files import ASIDE
from diary.vault.vault import Vault
from tests.faults.power.disk import (
    SECTOR,
    Fate,
    File,
    Folder,
    Named,
    Operation,
    Renamed,
    Sized,
    Synced,
    Told,
    Unnamed,
    Wrote,
)
from tests.faults.power.mutations import MUTATIONS
from tests.faults.power.recording import NotModelled, python, record, strace
from tests.faults.power.torture import LOST, SESSION_NAMES, SHUT, TORN, Score, cut_often, table
from tests.unit.vault.fresh import fresh_folder

IMAGES = 10_000

needs_strace = pytest.mark.skipif(strace() is None, reason="needs strace, and the right to trace with it")


@needs_strace
def test_nothing_is_lost_or_torn_by_a_power_cut() -> None:
    score = cut_often("an evening", 30, seed=1)
    assert score.images == 30
    assert score.is_clean, score.examples


@needs_strace
def test_a_power_cut_leaves_a_backup_with_what_it_goes_on_from() -> None:
    score = cut_often("going on from a backup", 10, seed=1)
    assert score.images == 10
    assert score.is_clean, score.examples


@needs_strace
def test_the_simulator_catches_commits_that_are_not_synced() -> None:
    score = cut_often("an evening", 20, mutation="synchronous=NORMAL")
    assert score.wrong[LOST] > 0
    assert score.wrong[TORN] == 0, score.examples


def found(since: list[Wrote | Sized], synced: bytes = b"") -> set[bytes]:
    """Every file that a thousand cuts leave."""
    dice = random.Random(7)
    fates = [Fate.thrown(dice, spoilt=False) for _ in range(1_000)]
    return {File(synced, list(since)).found(dice, fate) for fate in fates}


def test_what_was_synced_is_found_and_nothing_else() -> None:
    file = File()
    file.since += [Wrote(0, 0, b"abc"), Sized(0, 2), Wrote(0, 4, b"e")]
    assert file.shown() == b"ab\0\0e"
    file.sync()
    assert found([], file.synced) == {b"ab\0\0e"}


def test_a_write_that_was_not_synced_is_there_or_not_or_in_sectors() -> None:
    a, b, gap = b"a" * SECTOR, b"b" * SECTOR, bytes(SECTOR)
    assert found([Wrote(0, 0, b + b)], a + a) == {a + a, b + b, a + b, b + a}
    assert found([Wrote(0, 0, b), Wrote(0, 0, a)]) == {b"", gap, b, a}
    assert found([Wrote(0, 0, a + b)]) == {b"", gap + gap, a + gap, gap + b, a + b}
    assert found([Wrote(0, SECTOR - 1, b"xy")], a) == {
        *(a, a[:-1] + b"x"),
        *(a + b"\0", a + b"y", a[:-1] + b"x\0", a[:-1] + b"xy"),
    }


def test_one_sector_of_a_torn_write_may_hold_any_bytes() -> None:
    dice, old, new = random.Random(7), b"o" * 3 * SECTOR, b"n" * 2 * SECTOR
    fate = Fate(kept=0.0, torn=1.0, spoilt=1.0, names=1.0, overtaken=0.0)
    for _ in range(200):
        file = File(old, [Wrote(0, 9, new)])
        there = file.found(dice, fate)
        assert len(there) == len(old)
        assert there[:9] + there[9 + len(new) :] == old[len(new) :]
        spoilt = [n for n in range(0, 3 * SECTOR, SECTOR) if set(there[n : n + SECTOR]) - set(b"on")]
        assert len(spoilt) == 1


def test_a_length_that_was_not_synced_is_that_of_any_moment_since() -> None:
    assert found([Sized(0, 0), Wrote(0, 0, b"b")], b"aa") == {b"aa", b"ba", b"", b"\0", b"b"}


def test_of_the_changes_of_names_that_were_not_synced_the_first_or_any_have_happened() -> None:
    folder = Folder({"a": 1, "b": 2})
    folder.since += [Renamed(0, "a", "b"), Named(0, "c", 3), Unnamed(0, "b")]
    dice = random.Random(7)
    names = [folder.found(dice, Fate.thrown(dice, overtaken=False)) for _ in range(200)]
    possible = [{"a": 1, "b": 2}, {"b": 1}, {"b": 1, "c": 3}, {"c": 3}]
    assert all(one in names for one in possible)
    assert all(one in possible for one in names)
    overtaken = [folder.found(dice, Fate.thrown(dice)) for _ in range(200)]
    possible += [{"a": 1, "b": 2, "c": 3}, {"a": 1}, {"a": 1, "c": 3}, {}]
    assert all(one in overtaken for one in possible[:-1])
    assert all(one in possible for one in overtaken)


@needs_strace
def test_what_was_recorded_is_what_the_process_did(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    script = tmp_path / "script.py"
    script.write_text(
        "import os, sys\n"
        "root, told = sys.argv[1:]\n"
        "handle = os.open(root + '/a', os.O_RDWR | os.O_CREAT, 0o600)\n"
        "os.write(handle, b'one'); os.pwrite(handle, b'two', 6); os.fdatasync(handle)\n"
        "open(told, 'a').write('\"done\"\\n')\n"
        "os.ftruncate(handle, 5); os.dup2(handle, 9); os.lseek(9, 1, 0); os.write(handle, b'x')\n"
        "os.mkdir(root + '/f'); os.link(root + '/a', root + '/f/b')\n"
        "os.rename(root + '/a', root + '/c'); os.unlink('c', dir_fd=os.open(root, os.O_RDONLY))\n"
    )
    command = [*python("runpy")[:1], str(script), str(tmp_path / "root"), str(tmp_path / "told")]
    done = record(command, tmp_path / "root", tmp_path / "told")
    a = done[0].node  # type: ignore[union-attr]
    expected: list[Operation] = [
        Named(0, "a", a),
        *(Wrote(a, 0, b"one"), Wrote(a, 6, b"two"), Synced(a)),
        Told("done"),
        *(Sized(a, 5), Wrote(a, 1, b"x")),
    ]
    assert done[:7] == expected
    assert [type(one).__name__ for one in done[7:]] == ["Named", "Named", "Renamed", "Unnamed"]


@needs_strace
@pytest.mark.parametrize(
    "deed",
    [
        "os.mkdir(root + '/f'); os.rename(root + '/a', root + '/f/a')",
        "mmap.mmap(os.open(root + '/a', os.O_RDWR), 1)[0] = 7",
        "import subprocess; subprocess.run(['touch', root + '/b'])",
        "os.symlink('a', root + '/b')",
        "os.writev(os.open(root + '/a', os.O_RDWR), [b'x'])",
    ],
)
def test_what_the_model_does_not_know_ends_the_recording(tmp_path: Path, deed: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "a").write_bytes(b"a")
    script = f"import mmap, os; root = {str(root)!r}; {deed}"
    with pytest.raises(NotModelled):
        record([*python("runpy")[:1], "-c", script], root, tmp_path / "told")


def test_what_a_cut_leaves_of_an_anchor_that_was_being_written_goes_at_the_next_opening(
    tmp_path: Path,
) -> None:
    folder, code = fresh_folder(tmp_path)
    left = folder / (ANCHOR + ASIDE)
    left.write_bytes(b"half of it")
    with Vault.unlock(folder, code):
        assert not left.exists()


# The long forms


@needs_strace
@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("mutation", "session", "kinds"),
    [
        ("synchronous=NORMAL", "writing", {LOST}),
        ("no folder is synced after a rename", "keys", {TORN, SHUT, LOST}),
        ("the copy of the header is not synced", "keys", {TORN}),
        ("a row commits before its file is synced", "recording", {TORN}),
        ("a row commits before its file is synced", "attaching", {TORN}),
        ("the anchor is written before the log is emptied", "closing", {TORN}),
        ("a backup is not forced to the disk", "going on from a backup", {TORN}),
    ],
)
def test_the_simulator_catches_a_safeguard_that_is_missing(
    mutation: str, session: str, kinds: set[str]
) -> None:
    score = cut_often(session, 900 if session == "closing" else 300, mutation=mutation)  # a moment, that one
    assert {kind for kind, count in score.wrong.items() if count} <= kinds, score.examples
    assert sum(score.wrong.values()) >= 3, score


def test_every_mutation_is_tried() -> None:
    marks = test_the_simulator_catches_a_safeguard_that_is_missing.pytestmark  # type: ignore[attr-defined]
    (tried,) = [mark.args[1] for mark in marks if mark.name == "parametrize"]
    assert {mutation for mutation, *_ in tried} == MUTATIONS.keys()


@needs_strace
@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_ten_thousand_power_cuts_lose_nothing_and_tear_nothing(tell: Callable[..., None]) -> None:
    each = -(-IMAGES // len(SESSION_NAMES))
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        scores: list[Score] = list(pool.map(cut_often, SESSION_NAMES, [each] * len(SESSION_NAMES)))
    tell(*table(scores))
    assert sum(score.images for score in scores) >= IMAGES
    assert all(score.is_clean for score in scores), [score.examples for score in scores]
