"""A folder of voice memos stands for the recordings in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from diary.cli.memos import Memo, memos, sound_of
from diary.errors import RecordingDamaged


def made(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def found(*paths: Path) -> list[str]:
    return [memo.path.name for memo in memos(paths)]


def test_recordings_are_taken_by_their_endings_in_the_order_of_their_names(tmp_path: Path) -> None:
    made(tmp_path, "b.M4A", "a.wav", "c.opus", "notes.txt", "cover.jpg", "d")
    assert found(tmp_path) == ["a.wav", "b.M4A", "c.opus"]


def test_folders_in_it_are_gone_through_and_hidden_things_left_out(tmp_path: Path) -> None:
    made(tmp_path, "2024/05/b.wav", "2024/a.wav", "z.wav", "._z.wav", ".trash/old.wav")
    assert found(tmp_path) == ["b.wav", "a.wav", "z.wav"]


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    made(tmp_path, "memos/a.wav", "elsewhere/b.wav")
    (tmp_path / "memos" / "more").symlink_to(tmp_path / "elsewhere")
    assert found(tmp_path / "memos") == ["a.wav"]


def test_what_is_named_itself_is_taken_whatever_its_name_and_each_once(tmp_path: Path) -> None:
    made(tmp_path, "memo", "folder/a.wav")
    named = tmp_path / "folder" / "a.wav"
    assert memos([tmp_path / "memo", named, tmp_path / "folder"]) == [
        Memo(tmp_path / "memo", named=True),
        Memo(named, named=True),
    ]


def test_a_folder_without_recordings_is_refused_by_name(tmp_path: Path) -> None:
    made(tmp_path, "notes.txt")
    with pytest.raises(RecordingDamaged, match=f"There is no recording in {tmp_path}"):
        memos([tmp_path])


def test_what_is_no_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(RecordingDamaged, match=r"none\.wav is not a file"):
        sound_of(tmp_path / "none.wav")
