"""What is given out is whole, for its owner alone, and overwrites nothing that was not meant."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from diary.attached import outgoing
from diary.errors import DiskFull, FileExists, Stopped, StorageFailed, VaultDamaged
from diary.model.progress import Progress
from tests.faults.test_disk_full import files_no_larger_than
from tests.unit.attached.conftest import Desk

LEFT = ".diary-0123456789abcdef.part"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_given_out_byte_for_byte_for_its_owner_alone(desk: Desk, out: Path) -> None:
    content = bytes(range(256)) * 5_000
    kept = desk.keep(content)
    before = os.umask(0)
    try:
        assert desk.attached.export(kept.id, out / "mine") == out / "mine"
    finally:
        os.umask(before)
    assert (out / "mine").read_bytes() == content
    assert stat.S_IMODE((out / "mine").stat().st_mode) == 0o600
    assert names(out) == ["mine"]


def test_in_a_folder_it_gets_its_own_name_made_harmless_and_a_number_when_that_is_taken(
    desk: Desk, out: Path
) -> None:
    kept = desk.keep(name="../\x1b[2Jtxt\u202e.sh")
    written = [desk.attached.export(kept.id, out) for _ in range(3)]
    assert [path.name for path in written] == ["__[2Jtxt_.sh", "__[2Jtxt_ (2).sh", "__[2Jtxt_ (3).sh"]
    assert {path.parent for path in written} == {out}


def test_what_is_there_is_overwritten_only_when_that_was_asked_for(desk: Desk, out: Path) -> None:
    kept = desk.keep(b"new")
    (out / "a").write_bytes(b"old")
    with pytest.raises(FileExists, match="there already"):
        desk.attached.export(kept.id, out / "a")
    assert (out / "a").read_bytes() == b"old"
    desk.attached.export(kept.id, out / "a", replace=True)
    assert (out / "a").read_bytes() == b"new"
    assert names(out) == ["a"]


def test_a_file_that_appears_while_it_is_written_is_not_overwritten(desk: Desk, out: Path) -> None:
    kept = desk.keep(bytes(3_000_000))

    def appear(_: Progress) -> None:
        (out / "a").write_bytes(b"somebody's")

    with pytest.raises(FileExists):
        desk.attached.export(kept.id, out / "a", report=appear)
    assert (out / "a").read_bytes() == b"somebody's"
    assert names(out) == ["a"]


@pytest.mark.parametrize("replace", [False, True])
def test_at_no_moment_is_it_there_in_part(
    desk: Desk, out: Path, replace: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a kill finds it whole or not at all: asked before and after every call to the system."""
    content, target = bytes(range(256)) * 5_000, out / "a"
    kept = desk.keep(content)
    asked = list[str]()

    def watched(name: str, real: Callable[..., object]) -> Callable[..., object]:
        def call(*given: object, **more: object) -> object:
            try:
                asked.append(name)
                assert not target.exists() or target.read_bytes() == content
                return real(*given, **more)
            finally:
                assert not target.exists() or target.read_bytes() == content

        return call

    with monkeypatch.context() as patched:
        for name in ("link", "open", "close", "fsync", "fdopen"):
            patched.setattr(outgoing.os, name, watched(name, getattr(os, name)))
        for name in ("replace", "unlink"):
            patched.setattr(Path, name, watched(name, getattr(Path, name)))
        desk.attached.export(kept.id, target, replace=replace)
    assert asked[-1] == "close" and len(asked) > 5
    assert names(out) == ["a"]


def test_where_a_file_has_but_one_name_it_is_given_out_all_the_same(
    desk: Desk, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "as vfat does")

    monkeypatch.setattr(os, "link", refuse)
    kept = desk.keep(b"new")
    desk.attached.export(kept.id, out / "a")
    assert (out / "a").read_bytes() == b"new"
    (out / "b").write_bytes(b"old")
    real = outgoing._require_free
    monkeypatch.setattr(outgoing, "_require_free", lambda target, *, replace: real(target, replace=True))
    with pytest.raises(FileExists):  # it came to be there after that was looked at
        desk.attached.export(kept.id, out / "b")
    assert (out / "b").read_bytes() == b"old"
    assert names(out) == ["a", "b"]


def test_a_link_is_replaced_and_not_written_through(desk: Desk, out: Path, tmp_path: Path) -> None:
    kept = desk.keep(b"new")
    victim = tmp_path / "victim"
    victim.write_bytes(b"old")
    for target in (victim, tmp_path / "dangling"):
        (out / "a").unlink(missing_ok=True)
        (out / "a").symlink_to(target)
        with pytest.raises(FileExists):
            desk.attached.export(kept.id, out / "a")
        desk.attached.export(kept.id, out / "a", replace=True)
        assert not (out / "a").is_symlink()
    assert victim.read_bytes() == b"old"
    assert not (tmp_path / "dangling").exists()


def test_a_pipe_is_never_written_into(desk: Desk, out: Path) -> None:
    kept = desk.keep()
    os.mkfifo(out / "pipe")
    with pytest.raises(FileExists, match="no file"):
        desk.attached.export(kept.id, out / "pipe", replace=True)


@pytest.mark.parametrize("replace", [False, True])
@pytest.mark.parametrize("what", ["stopped", "damaged", "full"])
def test_what_cannot_be_written_to_its_end_is_not_there(
    desk: Desk, out: Path, what: str, replace: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = desk.keep(bytes(3_000_000))
    if replace:
        (out / "a").write_bytes(b"old")
    seen: list[Progress] = []
    if what == "stopped":
        with pytest.raises(Stopped):
            desk.attached.export(
                kept.id, out / "a", replace=replace, report=seen.append, cancelled=lambda: bool(seen)
            )
    elif what == "full":
        with files_no_larger_than(1_000_000), pytest.raises(DiskFull, match="nothing was written"):
            desk.attached.export(kept.id, out / "a", replace=replace)
    else:

        def pieces(_: object) -> Iterator[bytes]:
            yield bytes(100_000)
            raise VaultDamaged("The vault is damaged.")

        monkeypatch.setattr(desk.stores.attachments, "content", pieces)
        with pytest.raises(VaultDamaged):
            desk.attached.export(kept.id, out / "a", replace=replace)
    assert names(out) == (["a"] if replace else [])
    assert not replace or (out / "a").read_bytes() == b"old"


def test_a_folder_that_is_not_there_is_told(desk: Desk, out: Path) -> None:
    with pytest.raises(StorageFailed, match="cannot be written"):
        desk.attached.export(desk.keep().id, out / "none" / "a")


def test_what_a_kill_left_in_clear_words_goes_with_the_next_that_is_given_out(desk: Desk, out: Path) -> None:
    (out / LEFT).write_bytes(b"words that were left")
    (out / ".diary-notes.part").write_bytes(b"somebody's")
    desk.attached.export(desk.keep().id, out)
    assert names(out) == [".diary-notes.part", "note.txt"]


def test_what_another_is_writing_is_left_alone(desk: Desk, out: Path) -> None:
    with (out / LEFT).open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        desk.attached.export(desk.keep().id, out)
        assert LEFT in names(out)


def test_pieces_are_counted_in_megabytes() -> None:
    seen: list[Progress] = []
    pieces = outgoing.counted([bytes(700_000)] * 4, 2_800_000, report=seen.append, cancelled=lambda: False)
    assert sum(map(len, pieces)) == 2_800_000
    assert [progress.done for progress in seen] == [1, 2]
