"""Backups that go on from others: small, whole when restored, and told apart from what they need."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from diary.errors import BackupDamaged, DiaryError, NotABackup, VaultDamaged
from diary.model.entry import EntryFilter, Kind
from diary.vault.backups import comparing, making, verifying, writing
from diary.vault.backups.chain import Chain
from diary.vault.backups.manifest import Manifest, manifest_of
from diary.vault.backups.places import newest_in
from diary.vault.backups.restoring import drill, restore
from diary.vault.connection import Database
from diary.vault.removal import ATTACHMENTS
from diary.vault.spools import SPOOLS
from diary.vault.vault import DATABASE, Vault
from tests.unit.vault.backed_up import CODE, LOGGED, furnished, names
from tests.unit.vault.backed_up import out as out
from tests.unit.vault.fresh import MORNING, reopened, words
from tests.unit.vault.test_removal_and_recordings import everything

SOUND = bytes(range(256)) * 2000


def with_sound(parent: Path) -> Vault:
    """A vault of which most does not change."""
    vault = furnished(parent)
    vault.recordings.keep(words("long", kind=Kind.VOICE), SOUND, name="long.wav")
    return vault


def chain_of(vault: Vault, out: Path, count: int) -> list[Path]:
    """So many backups, an entry written before each but the first."""
    made = [vault.backups.make(out).file]
    for number in range(1, count):
        vault.entries.add(words(f"entry {number}", days=number))
        made.append(vault.backups.make(out).file)
    return made


def flip(file: Path, place: int) -> None:
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)


def test_what_little_changed_is_written_and_all_of_it_is_restored(tmp_path: Path, out: Path) -> None:
    vault = with_sound(tmp_path)
    first = vault.backups.make(out)
    vault.entries.add(words("after the first"))
    second = vault.backups.make(out)
    vault.recordings.keep(words("said later", kind=Kind.VOICE), b"later", name="b.wav")
    before = everything(vault, without=LOGGED)
    third = vault.backups.make(out)
    assert (first.needs, second.needs, third.needs) == (
        (),
        (first.file.name,),
        (second.file.name, first.file.name),
    )
    assert second.contents.size < first.contents.size / 3
    assert third.contents.entries == 6
    assert first.findings + second.findings + third.findings == ()
    restore(third.file, CODE, tmp_path / "again", now=MORNING)
    with Vault.unlock(tmp_path / "again", CODE) as again:
        assert everything(again, without=LOGGED) == before
        sounds = [again.recordings.sound(one.id) for one in again.entries.list(EntryFilter(kind=Kind.VOICE))]
        assert {SOUND, b"later"} <= set(sounds)
        assert again.check() == []
    assert drill(second.file, CODE, scratch=tmp_path).contents == second.contents
    last = vault.backups.last()
    assert last is not None
    assert last.needs == third.needs
    vault.close()


def test_a_name_a_wish_or_one_alone_makes_a_whole_one(tmp_path: Path, out: Path) -> None:
    with with_sound(tmp_path) as vault:
        vault.backups.make(out)
        for target, more in ((out / "a.backup", {}), (out, {"full": True}), (out, {"keep": 1})):
            assert vault.backups.make(target, **more).needs == ()  # type: ignore[arg-type]


def test_when_much_has_changed_it_is_a_whole_one(tmp_path: Path, out: Path) -> None:
    with with_sound(tmp_path) as vault:
        vault.backups.make(out)
        vault.recordings.keep(words("longer", kind=Kind.VOICE), SOUND * 4, name="b.wav")
        assert vault.backups.make(out).needs == ()
        assert len(vault.backups.make(out).needs) == 1


def test_a_chain_is_bounded(tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "MOST_LINKS", 3)
    with with_sound(tmp_path) as vault:
        needs = [len(vault.backups.make(out).needs) for _ in range(5)]
    assert needs == [0, 1, 2, 0, 1]


def test_what_was_deleted_since_is_not_in_it(tmp_path: Path, out: Path) -> None:
    with with_sound(tmp_path) as vault:
        vault.backups.make(out)
        recordings = len(vault.entries.list(EntryFilter(kind=Kind.VOICE)))
        gone = vault.recordings.keep(words("gone", kind=Kind.VOICE), b"gone", name="g.wav")
        second = vault.backups.make(out)
        vault.entries.delete(gone.id)
        third = vault.backups.make(out)
        assert (second.contents.recordings, third.contents.recordings) == (recordings + 1, recordings)
        with Chain.open(third.file) as chain:
            here = {f"{ATTACHMENTS}/{name}" for name in names(vault.folder / ATTACHMENTS)}
            assert {name for name in chain.names if name.startswith(ATTACHMENTS)} == here


def test_a_base_is_found_under_another_name(tmp_path: Path, out: Path) -> None:
    with with_sound(tmp_path) as vault:
        first, second = chain_of(vault, out, 2)
        first.rename(out / "mine.backup")
        assert drill(second, CODE, scratch=tmp_path).contents.entries == 5
        third = vault.backups.make(out)
        assert third.needs == (second.name, "mine.backup")


@pytest.mark.parametrize("spoil", ["missing", "another", "cut off", "changed", "middle changed", "no backup"])
def test_a_base_that_is_missing_or_damaged_is_told_by_name(tmp_path: Path, out: Path, spoil: str) -> None:
    with with_sound(tmp_path) as vault:
        other = vault.backups.make(out / "other.backup").file
        first, second, third = chain_of(vault, out, 3)
        base = second if spoil == "middle changed" else first
        if spoil == "missing":
            base.unlink()
        elif spoil == "another":
            shutil.copy(other, base)
        elif spoil == "no backup":
            base.write_bytes(b"words")
        elif spoil == "cut off":
            base.write_bytes(base.read_bytes()[:-1])
        else:
            flip(base, 3000)
        for work in (
            lambda: drill(third, CODE, scratch=tmp_path),
            lambda: restore(third, CODE, tmp_path / "new", now=MORNING),
        ):
            with pytest.raises(BackupDamaged, match=rf"{base.name}[ ,].*Nothing was changed"):
                work()
        assert not (tmp_path / "new").exists()
        # What comes after is whole by itself, and says why.
        again = vault.backups.make(out)
        assert again.needs == ()
        assert base.name in "".join(again.notes)
        assert drill(again.file, CODE, scratch=tmp_path).contents == again.contents


def test_nothing_goes_on_from_what_was_not_proved_here(tmp_path: Path, out: Path) -> None:
    with with_sound(tmp_path) as vault:
        vault.backups.make(out)
        vault.preferences.set(making._PROVED, None)
        assert vault.backups.make(out).needs == ()


def forged(file: Path, page: int) -> None:
    """Change a page so that no checksum tells it: GMAC is linear, and its key here is known to everybody."""
    encryptor = Cipher(algorithms.AES(bytes(16)), modes.ECB()).encryptor()
    point = encryptor.update(bytes(16))
    content, place = bytearray(file.read_bytes()), 16_384 * (page - 1) + 1024
    for at, change in ((place, (1).to_bytes(16, "big")), (place + 16, times((1).to_bytes(16, "big"), point))):
        content[at : at + 16] = bytes(a ^ b for a, b in zip(content[at : at + 16], change, strict=True))
    file.write_bytes(content)


def times(one: bytes, other: bytes) -> bytes:
    """In the field of GCM (NIST SP 800-38D, 6.3)."""
    product, factor = 0, int.from_bytes(other, "big")
    for bit in range(127, -1, -1):
        if int.from_bytes(one, "big") >> bit & 1:
            product ^= factor
        factor = factor >> 1 ^ (0xE1 << 120 if factor & 1 else 0)
    return product.to_bytes(16, "big")


def test_nothing_goes_on_from_what_was_changed_so_that_no_checksum_tells_it(
    tmp_path: Path, out: Path
) -> None:
    with with_sound(tmp_path) as vault:
        first, second = chain_of(vault, out, 2)
        with Chain.open(second) as chain:
            assert chain.links[0].increment
            changed = chain.links[0].increment.database.runs
        kept = {*range(2, 50)}.difference(*(range(start, start + count) for start, count in changed))
        forged(first, min(kept))
        with Chain.open(first) as chain:
            chain.check(moved=lambda _: None)  # its sums say nothing
        for file in (first, second):
            with pytest.raises(BackupDamaged, match="1 pages of the database were changed"):
                drill(file, CODE, scratch=tmp_path)
        again = vault.backups.make(out)
        assert again.needs == ()
        assert first.name in "".join(again.notes)
        assert drill(again.file, CODE, scratch=tmp_path).contents == again.contents


def test_a_changed_page_that_was_left_out_is_told(
    tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tags of what it has, laid over those of its base, are not those of the vault then."""
    with with_sound(tmp_path) as vault:
        first, second = chain_of(vault, out, 2)
        vault.entries.add(words("left out"))
        same = comparing._runs
        for fewer in (slice(1, None), slice(0, -1)):
            monkeypatch.setattr(comparing, "_runs", lambda *tags, fewer=fewer: same(*tags)[fewer])
            with pytest.raises(VaultDamaged):
                vault.backups.make(out)
            assert names(out) == sorted([first.name, second.name])


def test_an_incremental_needs_no_room_beside_the_vault(
    tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[set[str]] = []
    same = making.require_as_written

    def look(*arguments: object, **more: object) -> object:
        beside = (tmp_path / "vault" / making.SCRATCH).rglob("*")
        seen.append({path.name for path in beside if path.is_file()})
        return same(*arguments, **more)  # type: ignore[arg-type]

    with with_sound(tmp_path) as vault:
        chain_of(vault, out, 2)
        monkeypatch.setattr(making, "require_as_written", look)
        unsaved = set(names(vault.folder / SPOOLS))
        assert len(vault.backups.make(out).needs) == 2
        assert seen == [unsaved]


def test_nothing_goes_on_from_what_has_a_recording_that_was_changed(tmp_path: Path, out: Path) -> None:
    with with_sound(tmp_path) as vault:
        first = vault.backups.make(out).file
        with Chain.open(first) as chain:
            (whole,) = chain.links
            sound = max((name for name in chain.names if name.startswith(ATTACHMENTS)), key=chain.file_size)
            place = whole._starts[sound]
        flip(first, place + 1000)
        again = vault.backups.make(out)
        assert again.needs == ()
        assert first.name in "".join(again.notes)


def wrongly_summed(database: Database, made: datetime, tags: bytes) -> Manifest:
    """As of another moment: each page authenticates, and it is still not the diary that was backed up."""
    return manifest_of(database, made, tags[64:] + tags[:64])


def test_a_database_that_is_not_the_one_that_was_summed_is_no_backup(
    tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with with_sound(tmp_path) as vault:
        first = vault.backups.make(out).file
        vault.entries.add(words("after the first"))
        monkeypatch.setattr(writing, "manifest_of", wrongly_summed)
        with pytest.raises(VaultDamaged):
            vault.backups.make(out)
        assert names(out) == [first.name]
        with monkeypatch.context() as patched:  # as if it had been taken for proved
            patched.setattr(verifying, "_require_pages", lambda *_: None)
            file = vault.backups.make(out, full=True).file
        with pytest.raises(BackupDamaged, match="not those that were backed up"):
            drill(file, CODE, scratch=tmp_path)


def test_a_drill_looks_at_the_structure_of_the_database(tmp_path: Path, out: Path) -> None:
    with with_sound(tmp_path) as vault:
        vault._database.run("PRAGMA writable_schema = ON")
        vault._database.run("DELETE FROM sqlite_schema WHERE name = 'entries_by_transcript'")
        file = vault.backups.make(out).file
    with pytest.raises(BackupDamaged, match="the structure of its database is broken"):
        drill(file, CODE, scratch=tmp_path)


def test_nothing_goes_on_from_a_backup_of_a_diary_that_lost_something(tmp_path: Path, out: Path) -> None:
    with with_sound(tmp_path) as vault:
        (voice, *_) = (vault.folder / ATTACHMENTS).iterdir()
        content = voice.read_bytes()
        voice.write_bytes(content[:-1] + b"\0")
        assert len(vault.backups.make(out).findings) == 1
        voice.write_bytes(content)
        again = vault.backups.make(out)
        assert (again.needs, again.findings) == ((), ())


def test_a_page_that_rotted_in_the_vault_comes_back_whole_from_the_base(tmp_path: Path, out: Path) -> None:
    vault = with_sound(tmp_path)
    vault.entries.add(words("a text of many pages " * 20_000))
    vault.backups.make(out)
    flip(vault.folder / DATABASE, 16_384 * ((vault.folder / DATABASE).stat().st_size // 16_384 - 5) + 99)
    with pytest.raises(VaultDamaged):
        vault.backups.make(out, full=True)
    made = vault.backups.make(out)
    assert len(made.needs) == 1
    vault.close()
    assert drill(made.file, CODE, scratch=tmp_path).findings == ()


def test_rotation_keeps_what_a_kept_one_goes_on_from(tmp_path: Path, out: Path) -> None:
    with with_sound(tmp_path) as vault:
        first, second, third = chain_of(vault, out, 3)
        fourth = vault.backups.make(out, keep=2)
        assert "4 stay and not 2" in " ".join(fourth.notes) and "after 4 more" in " ".join(fourth.notes)
        assert fourth.removed == ()  # third and fourth are kept, and go on from the others
        whole = vault.backups.make(out, keep=2, full=True)
        assert whole.removed == ()
        last = vault.backups.make(out, keep=2, full=True)
        assert last.removed == (fourth.file, third, second, first)
        assert names(out) == sorted([whole.file.name, last.file.name])


def test_rotation_keeps_what_a_renamed_one_goes_on_from(tmp_path: Path, out: Path) -> None:
    with with_sound(tmp_path) as vault:
        first, second = chain_of(vault, out, 2)
        second.rename(out / "before the move.backup")
        last = vault.backups.make(out, keep=1)
        assert last.removed == ()
        assert drill(out / "before the move.backup", CODE, scratch=tmp_path).contents.entries == 5
        assert first.exists()


def test_an_incremental_holds_no_word_that_can_be_read_and_every_byte_counts(
    tmp_path: Path, out: Path
) -> None:
    with with_sound(tmp_path) as vault:
        _, second = chain_of(vault, out, 2)
    good = second.read_bytes()
    assert b"entry 1" not in good
    places = [
        *range(0, 32),
        *range(40, len(good) - 400, len(good) // 60),
        *range(len(good) - 400, len(good), 7),
    ]
    for place in places:
        flip(second, place)
        with pytest.raises(DiaryError, match="Nothing was changed"):
            drill(second, CODE, scratch=tmp_path)
        second.write_bytes(good)
    drill(second, CODE, scratch=tmp_path)


def test_an_incremental_goes_on_after_the_diary_was_locked_and_opened(tmp_path: Path, out: Path) -> None:
    vault = with_sound(tmp_path)
    first = vault.backups.make(out).file
    with reopened(vault) as again:
        assert again.backups.make(out).needs == (first.name,)


def test_of_a_folder_the_newest_is_meant(tmp_path: Path, out: Path) -> None:
    with furnished(tmp_path) as vault:
        *_, last = chain_of(vault, out, 2)
    assert newest_in(out) == last
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotABackup, match="there is no backup"):
        newest_in(tmp_path / "empty")
