"""Where a vault lies, by the real command: a disk that may only be read, a folder that a program copies."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.conftest import PASSPHRASE, PROGRAM, Home
from tests.tui.terminal import Terminal


@pytest.fixture
def stick(home: Home) -> Iterator[Path]:
    """A vault with two entries, one of them indexed, on a medium that may only be read."""
    home.json("write", "Otters below the weir.")
    home.json("find", "otters")
    home.json("write", "A kingfisher, later.")
    place = home.path / "stick"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(place)], capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip("this user may not mount; tests/faults/test_read_only.py has another way")
    try:
        shutil.copytree(home.vault, place / "vault")
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        yield place / "vault"
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_diary_on_a_read_only_disk_is_listed_read_and_searched_and_takes_no_words(
    home: Home, stick: Path
) -> None:
    vault = ("--vault", str(stick))
    assert len(home.json(*vault, "list")["entries"]) == 2
    assert "kingfisher" in home.run(*vault, "read", "2").out
    found = home.json(*vault, "find", "otters below the weir")
    assert [hit["entry"] for hit in found["hits"]][:1] == [1]
    refused = home.run("--json", *vault, "write", "More.")
    assert (refused.status, refused.error["code"]) == (1, "read-only")
    assert "nothing may be written" in refused.error["message"]


@pytest.mark.slow
def test_a_new_diary_in_a_synced_folder_is_made_and_warned_of(home: Home) -> None:
    (home.path / "copied/.stfolder").mkdir(parents=True)
    made = home.run("--vault", str(home.path / "copied/diary"), "init")
    assert made.status == 0 and "Syncthing" in made.err
    other = home.run("--json", "--vault", str(home.path / "copied/another"), "init")
    assert "Syncthing" in json.loads(other.out)["warnings"][0]


@pytest.mark.slow
def test_a_second_screen_says_that_the_diary_is_open_and_opens_it_when_it_is_closed(home: Home) -> None:
    first = Terminal([str(PROGRAM)], home.environment())
    second = Terminal([str(PROGRAM)], home.environment())
    try:
        for screen in (first, second):
            screen.sees("assphrase")
        first.types(PASSPHRASE + "\r")
        first.sees("0 entries")
        second.types(PASSPHRASE + "\r")
        second.sees("This diary is open in another window.")
        first.types("\x11")
        assert first.process.wait(20) == 0
        second.types(PASSPHRASE + "\r")
        second.sees("0 entries")
    finally:
        first.end()
        second.end()
