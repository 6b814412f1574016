"""Key files: made for their owner alone, outside the vault; an existing one must be hard to guess."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from diary.errors import KeyFileUnfit
from diary.key_file import LEAST, MOST, fill_or_read, others_may_read, read_key_file, ready_for_new


def test_a_new_one_holds_random_bytes_for_its_owner_alone(tmp_path: Path) -> None:
    path = ready_for_new(tmp_path / "a.key", tmp_path / "vault")
    content, new = fill_or_read(path)
    assert new
    assert path.read_bytes() == content.content
    assert len(content.content) == 64
    assert len({content.content[place : place + 4] for place in range(61)}) == 61  # by a chance of 10^-6 not
    assert not others_may_read(path)
    assert content.content.hex() not in repr(content)


def test_no_two_new_ones_are_alike(tmp_path: Path) -> None:
    made = [fill_or_read(ready_for_new(tmp_path / name, tmp_path / "vault"))[0].content for name in "ab"]
    first, second = ({content[place : place + 4] for place in range(61)} for content in made)
    assert not first & second


def test_an_existing_one_is_read_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(os.urandom(5000))
    path.chmod(0o644)
    before = path.read_bytes()
    content, new = fill_or_read(ready_for_new(path, tmp_path / "vault"))
    assert not new
    assert content.content == before == path.read_bytes()
    assert read_key_file(path) == content
    assert others_may_read(path)


@pytest.mark.parametrize(
    "content", [b"", os.urandom(LEAST - 1), bytes(100), b"abc" * 2000, os.urandom(MOST + 1)],
    ids=["empty", "short", "zeros", "repeats", "long"],
)  # fmt: skip
def test_what_could_be_guessed_or_is_of_no_right_size_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.key"
    path.write_bytes(content)
    with pytest.raises(KeyFileUnfit):
        read_key_file(path)


def test_thirty_two_random_bytes_are_enough(tmp_path: Path) -> None:
    for _ in range(50):
        (tmp_path / "a.key").write_bytes(os.urandom(LEAST))
        read_key_file(tmp_path / "a.key")


def test_none_is_made_in_the_vault_however_it_is_named(tmp_path: Path) -> None:
    vault = tmp_path / "vault"
    (vault / "attachments").mkdir(parents=True)
    (tmp_path / "way").symlink_to(vault)
    for path in (
        vault / "a",
        vault / "attachments" / "a",
        tmp_path / "way" / "a",
        vault / ".." / "vault" / "a",
    ):
        with pytest.raises(KeyFileUnfit, match="inside the vault's folder"):
            ready_for_new(path, vault)
    assert [path.name for path in vault.iterdir()] == ["attachments"]


def test_a_folder_that_is_not_there_and_a_folder_itself_are_told(tmp_path: Path) -> None:
    with pytest.raises(KeyFileUnfit, match="cannot be made"):
        ready_for_new(tmp_path / "none" / "a.key", tmp_path / "vault")
    with pytest.raises(KeyFileUnfit, match="cannot be read"):
        fill_or_read(ready_for_new(tmp_path, tmp_path / "vault"))
