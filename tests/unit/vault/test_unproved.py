"""Of a damaged backup everything is taken out that is there, and a salvage gets the words out of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from diary.errors import BackupDamaged, FileExists, NotABackup, Stopped, VaultExists
from diary.vault.backups.container import Container
from diary.vault.backups.restoring import restore
from diary.vault.backups.unproved import take_out_unproved
from diary.vault.header import COPY, HEADER
from diary.vault.rescue.salvage import salvage
from diary.vault.vault import DATABASE, Vault, local_now
from tests.unit.vault.backed_up import CODE, furnished, names
from tests.unit.vault.backed_up import out as out
from tests.unit.vault.fresh import MORNING, words

PAGE = 16 * 1024


@pytest.fixture
def many(tmp_path: Path) -> Vault:
    vault = furnished(tmp_path)
    days = [words(f"Day {number}. " + "It rained. " * 90, source_id=str(number)) for number in range(40)]
    vault.imports.add(days, format="jsonl", source="x")
    return vault


def spoil(file: Path, place: int) -> None:
    with file.open("r+b") as opened:
        opened.seek(place)
        byte = opened.read(1)[0]
        opened.seek(place)
        opened.write(bytes([byte ^ 1]))


def texts(folder: Path, to: Path) -> set[str]:
    salvage(folder, CODE, to)
    return {json.loads(line)["text"].partition(".")[0] for line in (to / "entries.jsonl").open()}


def test_whoever_has_one_backup_and_it_is_damaged_gets_back_what_is_on_whole_pages(
    many: Vault, tmp_path: Path, out: Path
) -> None:
    file = many.backups.make(out / "a.backup").file
    many.close()
    before = texts(many.folder, tmp_path / "before")
    pages = (many.folder / DATABASE).stat().st_size // PAGE
    spoil(file, (pages // 2) * PAGE + 100)
    with pytest.raises(BackupDamaged) as refused:
        restore(file, CODE, tmp_path / "new", now=MORNING)
    assert "--damaged" in refused.value.hint
    taken = take_out_unproved(file, tmp_path / "new")
    assert (taken.unread, taken.missing, taken.lacks) == (0, 0, None)
    assert names(taken.folder / "attachments") == names(many.folder / "attachments")
    made = salvage(taken.folder, CODE, tmp_path / "saved")
    assert made.damaged_pages == 1
    assert texts(taken.folder, tmp_path / "again") <= before
    assert len(before) - made.entries == len(made.missing) < 10


def test_what_the_disk_does_not_give_is_left_empty_and_told(
    many: Vault, tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = many.backups.make(out / "a.backup").file
    many.close()
    restored, real = restore(file, CODE, tmp_path / "restored", now=local_now()).folder, Container.part

    def failing(self: Container, name: str, start: int, size: int) -> bytes:
        if name == DATABASE and start == 4 * PAGE:
            raise OSError(5, "a sector that cannot be read")
        return real(self, name, start, size)

    monkeypatch.setattr(Container, "part", failing)
    taken = take_out_unproved(file, tmp_path / "new")
    assert taken.unread == 4 * PAGE
    whole = (restored / DATABASE).read_bytes()
    copied = (taken.folder / DATABASE).read_bytes()
    assert copied == whole[: 4 * PAGE] + bytes(4 * PAGE) + whole[8 * PAGE :]
    for path in (HEADER, COPY, *(f"attachments/{name}" for name in names(restored / "attachments"))):
        assert (taken.folder / path).read_bytes() == (restored / path).read_bytes()


def test_an_incremental_whose_base_is_gone_gives_what_it_has(many: Vault, tmp_path: Path, out: Path) -> None:
    whole = many.backups.make(out).file
    many.entries.add(words("Written between. " * 30))
    newest = many.backups.make(out).file
    many_entries = many.entries.count()
    many.close()
    together = take_out_unproved(newest, tmp_path / "together")
    assert together.lacks is None
    with Vault.unlock(together.folder, CODE) as vault:
        assert (vault.entries.count(), vault.check()) == (many_entries, [])
    whole.unlink()
    taken = take_out_unproved(newest, tmp_path / "alone")
    assert taken.lacks == whole.name
    assert taken.missing == len(names(many.folder / "attachments")) > 0
    assert "Written between" in texts(taken.folder, tmp_path / "saved")


def test_nothing_that_is_there_is_touched_and_nothing_is_left_by_halves(
    many: Vault, tmp_path: Path, out: Path
) -> None:
    file = many.backups.make(out / "a.backup").file
    with pytest.raises(VaultExists):
        take_out_unproved(file, many.folder)
    with pytest.raises(FileExists):
        take_out_unproved(file, many.folder / "within")
    with pytest.raises(Stopped):
        take_out_unproved(file, tmp_path / "new", cancelled=lambda: True)
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(NotABackup):
        take_out_unproved(file, tmp_path / "new")
    many.close()
    assert not [name for name in names(tmp_path) if name.startswith("new")]


def test_whoever_asked_for_what_is_there_is_not_told_to_ask_for_it(
    many: Vault, tmp_path: Path, out: Path
) -> None:
    file = many.backups.make(out).file
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(BackupDamaged) as refused:
        take_out_unproved(file, tmp_path / "taken")
    assert "--damaged" not in refused.value.hint and "Try another" in refused.value.hint
    assert not (tmp_path / "taken").exists()
