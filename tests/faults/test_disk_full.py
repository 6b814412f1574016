"""No room left: a sentence, nothing half done, everything before intact, and deleting still works."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from diary.errors import DiskFull, StorageFailed
from diary.model.entry import EntryChanges, EntryFilter, Kind, Transcript
from diary.vault import header as header_file
from diary.vault.removal import ATTACHMENTS
from diary.vault.spools import SPOOLS
from diary.vault.unlocking import unlock_header
from diary.vault.vault import DATABASE, Vault
from tests.unit.vault.fresh import CHEAPEST, MORNING, PASSPHRASE, fresh_vault, reopened, template, words

LONG = "many words " * 30_000


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """Every file of this process ends at `size` bytes: a write beyond fails as on a full disk (EFBIG)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A filesystem of 24 MB in memory; only root may make one."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(tmp_path)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("this user may not mount a small disk; the other tests of this file run")
    try:
        yield tmp_path
    finally:
        subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


def fill(disk: Path, *, leave: int = 0) -> Path:
    """Take all the room, but for `leave` bytes."""
    path = disk / "filler"
    with path.open("wb", buffering=0) as file:
        while True:
            try:
                if file.write(b"\1" * 65536) < 4096:
                    break
            except OSError:
                break
    if leave:
        os.truncate(path, path.stat().st_size - leave)
    return path


def writes(vault: Vault) -> dict[str, Callable[[], object]]:
    """Every way to put something in, each too large for the room."""
    first = vault.entries.list(EntryFilter())[0].id
    return {
        "add": lambda: vault.entries.add(words(LONG)),
        "revise": lambda: vault.entries.revise(first, EntryChanges(text=LONG)),
        "draft": lambda: vault.drafts.save("new", LONG),
        "import": lambda: vault.imports.add(
            [words("small"), *(words(f"{number} {LONG}") for number in range(3))], format="jrnl", source="x"
        ),
        "record": lambda: vault.recordings.keep(words("", kind=Kind.VOICE), bytes(3_000_000), name="a.wav"),
        "save": lambda: vault.recordings.keep_spool(
            words("", kind=Kind.VOICE), vault.spools.unfinished()[0].id, name="spoken.wav"
        ),
        "transcript": lambda: vault.recordings.set_transcript(first, LONG, Transcript.TRANSCRIBED, [], "w"),
    }


def furnished(parent: Path) -> Vault:
    """A vault with a recording, a draft and some entries, the latest of them the voice entry."""
    vault = fresh_vault(parent)
    for day in range(20):
        vault.entries.add(words(f"day {day}", days=day))
    vault.recordings.keep(words("said", days=50, kind=Kind.VOICE), b"sound" * 1000, name="a.wav")
    vault.drafts.save("new", "unsaved")
    running = vault.spools.begin(MORNING)
    running.append(b"spoken" * 500_000)
    running.close()
    return vault


def everything(vault: Vault) -> tuple[object, ...]:
    voice = vault.entries.list(EntryFilter(kind=Kind.VOICE))[0].id
    return (
        vault.entries.list(EntryFilter()),
        vault.drafts.list(),
        vault.imports.batches(),
        vault.recordings.sound(voice),
        vault.entries.history(voice),
        sorted(path.name for path in (vault.folder / ATTACHMENTS).iterdir()),
        vault.spools.unfinished(),
        vault.spools.read(vault.spools.unfinished()[0].id, 0, 9_000_000),
    )


def require_refused_and_intact(vault: Vault, refusals: tuple[type[Exception], ...]) -> None:
    before = everything(vault)
    for name, write in writes(vault).items():
        with pytest.raises(refusals) as refused:
            write()
        assert "saved before is safe" in str(refused.value), name
        assert everything(vault) == before, name


def test_a_file_that_may_not_grow_is_told_and_nothing_is_half_done(tmp_path: Path) -> None:
    vault = furnished(tmp_path)
    with files_no_larger_than((vault.folder / f"{DATABASE}-wal").stat().st_size + 50_000):
        require_refused_and_intact(vault, (DiskFull, StorageFailed))
    kept = everything(vault)
    vault.entries.add(words("room again"))
    with reopened(vault) as again:
        assert again.check() == []
        assert everything(again)[1:] == kept[1:]


def test_a_full_disk_is_told_and_nothing_is_half_done(small_disk: Path) -> None:
    vault = furnished(small_disk)
    filler = fill(small_disk, leave=100_000)
    require_refused_and_intact(vault, (DiskFull,))
    kept = everything(vault)
    filler.unlink()
    with reopened(vault) as again:
        assert again.check() == []
        assert everything(again) == kept


def test_an_entry_can_be_deleted_on_a_full_disk(small_disk: Path) -> None:
    vault = furnished(small_disk)
    vault._database.checkpoint()
    fill(small_disk)
    with pytest.raises(DiskFull):
        vault.entries.add(words(LONG))
    victim = vault.entries.list(EntryFilter())[-1]
    vault.entries.delete(victim.id)
    assert victim not in vault.entries.list(EntryFilter())
    with reopened(vault) as again:
        assert victim not in again.entries.list(EntryFilter())
        assert again.check() == []


def test_a_vault_opens_on_a_full_disk_to_be_read_and_cleared(small_disk: Path) -> None:
    vault = furnished(small_disk)
    kept = everything(vault)
    vault.close()
    filler = fill(small_disk)
    with Vault.unlock(vault.folder, template()[1]) as full:
        assert everything(full) == kept
        full.entries.delete(full.entries.list(EntryFilter())[-1].id)
        assert full.entries.count() == 20  # one was removed
    with files_no_larger_than(0), pytest.raises((DiskFull, StorageFailed)):
        Vault.unlock(vault.folder, template()[1])
    filler.unlink()


def test_a_recording_that_finds_no_room_keeps_what_came_before_and_goes_on_when_there_is(
    tmp_path: Path,
) -> None:
    with fresh_vault(tmp_path) as vault:
        running = vault.spools.begin(MORNING)
        running.append(b"a" * 16_000)
        with files_no_larger_than(20_000):
            for _ in range(2):
                with pytest.raises(DiskFull, match="saved before is safe"):
                    running.append(b"b" * 16_000)
                assert vault.spools.read(running.id, 0, 99_999) == b"a" * 16_000
        running.append(b"c" * 16_000)
        with reopened(vault) as again:
            assert again.spools.read(running.id, 0, 99_999) == b"a" * 16_000 + b"c" * 16_000
            assert again.check() == []


def test_a_recording_on_a_full_disk_is_kept_up_to_there_and_none_is_begun(small_disk: Path) -> None:
    vault = fresh_vault(small_disk)
    running = vault.spools.begin(MORNING)
    filler = fill(small_disk, leave=100_000)
    kept = 0
    with pytest.raises(DiskFull):
        while kept < 10_000_000:
            running.append(kept.to_bytes(4, "big") * 4_000)
            kept += 16_000
    fill(small_disk)
    with pytest.raises(DiskFull):
        vault.spools.begin(MORNING)
    filler.unlink()
    with reopened(vault) as again:
        (found,) = again.spools.unfinished()
        assert found.id == running.id
        whole = b"".join(start.to_bytes(4, "big") * 4_000 for start in range(0, kept, 16_000))
        assert again.spools.read(found.id, 0, kept + 1) == whole
        assert kept > 0
        assert again.check() == []


def test_recordings_can_be_discarded_and_forgotten_on_a_full_disk(small_disk: Path) -> None:
    vault = furnished(small_disk)
    vault._database.checkpoint()
    fill(small_disk)
    (voice,) = vault.entries.list(EntryFilter(kind=Kind.VOICE))
    vault.recordings.forget_sound(voice.id)
    with reopened(vault) as again:
        assert again.entries.get(voice.id) == voice
        fill(small_disk)
        again.spools.discard(again.spools.unfinished()[0].id)
        assert again.spools.unfinished() == []
        assert again.check() == []
        for folder in (ATTACHMENTS, SPOOLS):
            assert list((again.folder / folder).iterdir()) == []


def test_a_vault_cannot_be_made_on_a_full_disk_and_can_once_there_is_room(small_disk: Path) -> None:
    filler = fill(small_disk, leave=200_000)
    with pytest.raises(DiskFull):
        Vault.create(small_disk / "v", PASSPHRASE, kdf=CHEAPEST)
    filler.unlink()
    vault, _ = Vault.create(small_disk / "v", PASSPHRASE, kdf=CHEAPEST)
    vault.close()


def test_the_old_header_opens_the_vault_when_a_new_one_finds_no_room(small_disk: Path) -> None:
    vault = furnished(small_disk)
    code_folder = vault.folder
    vault.close()
    key, header = unlock_header(code_folder, PASSPHRASE)
    filler = fill(small_disk)
    with pytest.raises(OSError, match="No space"):
        header_file.save(code_folder, header, key)
    filler.unlink()
    _, again = unlock_header(code_folder, PASSPHRASE)
    assert again == header
