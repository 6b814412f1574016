"""A disk that refuses the last steps of a new vault key: the old one opens the vault, whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from diary.errors import DiskFull, StorageFailed
from diary.vault import header as header_file
from diary.vault import rotation
from diary.vault.connection import Database
from diary.vault.header import COPY, HEADER
from diary.vault.keyring import KeyRing
from diary.vault.rotation import DATABASE, ROTATED
from tests.unit.vault.test_rotation import FILE, require_there, state
from tests.unit.vault.test_rotation import filled as filled
from tests.unit.vault.test_rotation import vault as vault


@pytest.mark.parametrize("refused", [(2,), (2, 3)], ids=["once", "the old one, too"])
def test_a_header_that_cannot_be_written_leaves_the_old_vault(
    vault: tuple[Path, str], monkeypatch: pytest.MonkeyPatch, refused: tuple[int, ...]
) -> None:
    folder, code = vault
    before = state(folder)
    real, calls, synced = header_file.replace_synced, list[str](), list[bool]()

    def some_are_refused(path: Path, content: bytes) -> None:
        calls.append(path.name)
        if len(calls) in refused:
            raise OSError(28, "No space left on device")
        real(path, content)

    with KeyRing.open(folder, FILE) as keys, monkeypatch.context() as patched:
        patched.setattr(header_file, "replace_synced", some_are_refused)
        patched.setattr(rotation, "sync", lambda path: synced.append((folder / COPY).exists()))
        with pytest.raises(DiskFull):
            keys.rotate()
    assert calls == [COPY, HEADER, COPY]
    # Where the old one finds no room either, the copy that names the new key is gone, by the disk's word.
    assert synced[-1] == (folder / COPY).exists() == (len(refused) == 1)
    require_there(folder, code)
    assert set(state(folder)) == set(before)


@pytest.mark.parametrize("name", [DATABASE, ROTATED])
def test_a_log_that_stays_beside_a_database_keeps_the_old_key(
    vault: tuple[Path, str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """It would be read into the other one once the names change."""
    folder, code = vault
    before = state(folder)
    real = Database.close

    def leaves_a_log(database: Database) -> None:
        real(database)
        (folder / f"{name}-wal").write_bytes(b"words that the disk did not take")

    with KeyRing.open(folder, FILE) as keys, monkeypatch.context() as patched:
        patched.setattr(Database, "close", leaves_a_log)
        with pytest.raises(StorageFailed, match="did not take all"):
            keys.rotate()
    (folder / f"{DATABASE}-wal").unlink(missing_ok=True)
    assert state(folder) == before
    require_there(folder, code)
