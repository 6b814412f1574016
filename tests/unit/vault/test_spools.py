"""What only the vault can show of unsaved recordings: nothing readable, nothing left, nothing lost."""

from __future__ import annotations

import threading
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from diary.errors import DiskFull, RecordingNotFound, StorageFailed, VaultDamaged
from diary.model.entry import EntryFilter, EntryId, Kind, Transcript
from diary.model.glossary import TermDraft, TermKind
from diary.model.recording import SpoolId
from diary.model.speech import RATE, Segment, Word
from diary.vault.connection import Database
from diary.vault.removal import ATTACHMENTS
from diary.vault.rows import SELECT_ENTRY, condition_of
from diary.vault.spools import SPOOLS
from diary.vault.vault import Vault
from diary.vault.wav import WAV_START
from tests.unit.vault.fresh import MORNING, fresh_vault, reopened, words
from tests.unit.vault.test_removal_and_recordings import CANARY, everything

PIECE = CANARY.encode() * 1_000
HEARD = Segment(
    start=0.0,
    end=1.0,
    text=f"{CANARY} said",
    confidence=0.5,
    words=(Word(start=0.0, end=1.0, text=f"{CANARY}-word", confidence=0.5),),
)


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with fresh_vault(tmp_path) as vault:
        yield vault


def recorded(vault: Vault, pieces: int = 3) -> SpoolId:
    running = vault.spools.begin(MORNING)
    for _ in range(pieces):
        running.append(PIECE)
    running.close()
    vault.spools.note(running.id, [HEARD], 1.0, "whisper")
    return running.id


def file_of(vault: Vault, spool: SpoolId) -> Path:
    return vault.folder / SPOOLS / spool


def save(vault: Vault, spool: SpoolId, **how: bool) -> EntryId:
    draft = words("said", kind=Kind.VOICE, transcript=Transcript.TRANSCRIBED)
    return vault.recordings.keep_spool(draft, spool, name="spoken.wav", **how).id


def spoil(vault: Vault, spool: SpoolId, place: int) -> Vault:
    """Change one byte of the file, behind the vault's back, and open the vault again."""
    vault.close()
    content = bytearray(file_of(vault, spool).read_bytes())
    content[place] ^= 1
    file_of(vault, spool).write_bytes(content)
    return reopened(vault)


def test_no_sound_and_no_word_is_readable_and_a_crash_leaves_both_to_be_had(tmp_path: Path) -> None:
    vault = fresh_vault(tmp_path)
    spool = recorded(vault)
    for _ in ("open", "closed"):
        for path in (path for path in vault.folder.rglob("*") if path.is_file()):
            assert CANARY.encode() not in path.read_bytes(), path.name
        vault.close()
    with reopened(vault) as again:
        (found,) = again.spools.unfinished()
        assert (found.id, found.segments, found.engine) == (spool, (HEARD,), "whisper")
        assert found.seconds == 3 * len(PIECE) / (2 * RATE)
        assert again.spools.read(spool, 0, 99_999) == 3 * PIECE


def test_discarding_leaves_no_row_no_key_and_no_file(vault: Vault) -> None:
    spool = recorded(vault)
    ((key,),) = vault._database.rows("SELECT key FROM spools")
    assert key in everything(vault)
    vault.spools.discard(spool)
    left = everything(vault)
    assert key not in left
    assert CANARY.encode() not in left
    assert (vault.folder / "vault.db-wal").stat().st_size == 0
    assert list((vault.folder / SPOOLS).iterdir()) == []


def test_a_saved_recording_has_another_key_and_nothing_of_the_unsaved_one_is_left(vault: Vault) -> None:
    spool = recorded(vault)
    ((key,),) = vault._database.rows("SELECT key FROM spools")
    save(vault, spool)
    assert key not in everything(vault)
    assert list((vault.folder / SPOOLS).iterdir()) == []
    assert vault.check() == []


def test_a_forgotten_recording_leaves_no_key_and_no_file(vault: Vault) -> None:
    entry = vault.recordings.keep(words("", kind=Kind.VOICE), b"sound", name="a.wav").id
    ((key,),) = vault._database.rows("SELECT key FROM recordings")
    assert key in everything(vault)
    vault.recordings.forget_sound(entry)
    assert vault.recordings._scrubber.due  # with others, when the rules are kept next
    assert vault.ageing.finish() and not vault.recordings._scrubber.due
    assert key not in everything(vault)
    assert (vault.folder / "vault.db-wal").stat().st_size == 0
    assert list((vault.folder / ATTACHMENTS).iterdir()) == []
    assert vault.check() == []


def test_a_recording_whose_row_cannot_be_removed_is_still_there(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its key goes first: a row without its file would be a loss."""
    spool = recorded(vault)
    entry = vault.recordings.keep(words("", kind=Kind.VOICE), b"sound", name="a.wav").id
    run = Database.run

    def full(database: Database, statement: str, values: Sequence[object] = ()) -> int:
        if statement.startswith(("DELETE FROM spools", "DELETE FROM recordings")):
            raise DiskFull("no room")
        return run(database, statement, values)

    with monkeypatch.context() as patched:
        patched.setattr(Database, "run", full)
        for act in (lambda: vault.spools.discard(spool), lambda: vault.recordings.forget_sound(entry)):
            with pytest.raises(DiskFull):
                act()
    assert vault.spools.read(spool, 0, 99_999) == PIECE * 3
    assert vault.recordings.sound(entry) == b"sound"
    assert vault.check() == []


def test_terms_and_choices_leave_nothing_when_they_are_forgotten(vault: Vault) -> None:
    term = vault.glossary.add(
        TermDraft(text=CANARY, kind=TermKind.OTHER, instead_of=(CANARY,), also=(CANARY,))
    )
    vault.preferences.set("microphone", CANARY)
    assert everything(vault).count(CANARY.encode()) == 4
    vault.glossary.remove(term.id)
    vault.preferences.set("microphone", None)
    assert CANARY.encode() not in everything(vault)


def test_choices_do_not_meet_the_facts_about_the_vault(vault: Vault) -> None:
    vault.observations.use_reader(7)
    vault.preferences.set("observations.reader", "x")
    assert vault.preferences.get("observations.reader") == "x"
    vault.observations.use_reader(7)
    assert vault.preferences.get("preference.observations.reader") is None


def test_files_left_by_a_crash_are_swept_and_foreign_ones_are_not(tmp_path: Path) -> None:
    vault = fresh_vault(tmp_path)
    spool = recorded(vault)
    folder = vault.folder / SPOOLS
    (folder / ("0" * 32)).write_bytes(b"left by a crash")
    (folder / "mine.txt").write_bytes(b"not ours")
    with reopened(vault):
        assert {path.name for path in folder.iterdir()} == {spool, "mine.txt"}


def test_a_recording_whose_row_cannot_be_kept_leaves_no_file(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise StorageFailed("refused")

    monkeypatch.setattr(vault._database, "run", refuse)
    with pytest.raises(StorageFailed):
        vault.spools.begin(MORNING)
    monkeypatch.undo()
    assert list((vault.folder / SPOOLS).iterdir()) == []
    assert vault.spools.unfinished() == []


def test_one_whose_file_is_lost_still_shows_its_words(tmp_path: Path) -> None:
    vault = fresh_vault(tmp_path)
    spool = recorded(vault)
    file_of(vault, spool).unlink()
    with reopened(vault) as again:
        (found,) = again.spools.unfinished()
        assert (found.seconds, found.segments) == (0.0, (HEARD,))
        assert again.check() == ["1 unsaved recordings have lost their files"]
        with pytest.raises(VaultDamaged, match="missing"):
            again.spools.read(spool, 0, 1)
        with pytest.raises(VaultDamaged, match="missing"):
            save(again, spool)
        assert again.entries.count() == 0
        again.spools.discard(spool)
        assert again.spools.unfinished() == []
        assert again.check() == []


def test_a_damaged_one_stays_until_it_is_saved_with_silence_in_the_place(tmp_path: Path) -> None:
    vault = fresh_vault(tmp_path)
    spool = recorded(vault)
    with spoil(vault, spool, 20_000) as again:
        assert again.check() == ["1 unsaved recordings were changed"]
        assert again.spools.read(spool, 0, 99_999) == PIECE
        with pytest.raises(VaultDamaged, match="unsaved recording"):
            again.spools.read(spool, len(PIECE), 1)
        assert again.spools.read(spool, 2 * len(PIECE), 99_999) == PIECE
        with pytest.raises(VaultDamaged, match="unsaved recording"):
            save(again, spool)
        assert (again.entries.count(), [one.id for one in again.spools.unfinished()]) == (0, [spool])
        assert list((again.folder / ATTACHMENTS).iterdir()) == []
        entry = save(again, spool, without_damage=True)
        assert again.recordings.sound(entry)[WAV_START.size :] == PIECE + bytes(len(PIECE)) + PIECE
        assert again.check() == []


def test_a_tail_that_no_length_leads_to_is_not_left_out_silently(tmp_path: Path) -> None:
    vault = fresh_vault(tmp_path)
    spool = recorded(vault)
    with spoil(vault, spool, 14_000 + 8 + 16) as again:  # the length of the second record
        with pytest.raises(VaultDamaged):
            save(again, spool)
        entry = save(again, spool, without_damage=True)
        assert again.recordings.sound(entry)[WAV_START.size :].startswith(PIECE)


def test_two_unsaved_recordings_exchanged_on_the_disk_are_refused(tmp_path: Path) -> None:
    vault = fresh_vault(tmp_path)
    first, second = (file_of(vault, recorded(vault)) for _ in range(2))
    vault.close()
    one, two = first.read_bytes(), second.read_bytes()
    first.write_bytes(two)
    second.write_bytes(one)
    with reopened(vault) as again:
        for spool in again.spools.unfinished():
            with pytest.raises(VaultDamaged):
                again.spools.read(spool.id, 0, 1)


def test_nothing_is_appended_to_one_that_became_an_entry_meanwhile(vault: Vault) -> None:
    running = vault.spools.begin(MORNING)
    running.append(PIECE)
    save(vault, running.id)
    with pytest.raises(RecordingNotFound):
        running.append(PIECE)


def test_one_that_is_appended_to_after_the_vault_was_closed_says_that_it_was_closed(tmp_path: Path) -> None:
    vault = fresh_vault(tmp_path)
    running = vault.spools.begin(MORNING)
    running.append(PIECE)
    vault.close()
    with pytest.raises(StorageFailed, match="closed"):
        running.append(PIECE)


def test_entries_that_wait_are_found_without_reading_the_others(vault: Vault) -> None:
    condition, values = condition_of(EntryFilter(transcript=Transcript.WAITING))
    plan = vault._database.rows(
        f"EXPLAIN QUERY PLAN {SELECT_ENTRY} WHERE {condition} ORDER BY happened DESC, id DESC",
        values,
    )
    assert "USING INDEX entries_by_transcript" in plan[0][3]


def test_it_is_read_by_one_thread_while_another_appends(vault: Vault) -> None:
    running = vault.spools.begin(MORNING)
    pieces = [bytes([number]) * 1_601 for number in range(120)]

    def speak() -> None:
        for piece in pieces:
            running.append(piece)

    speaker = threading.Thread(target=speak)
    speaker.start()
    found = b""
    while speaker.is_alive() or len(found) < 120 * 1_601:
        found += vault.spools.read(running.id, len(found), 4_000)
    speaker.join()
    assert found == b"".join(pieces)


def test_saving_a_long_recording_takes_little_memory_and_having_it_no_more_than_itself(vault: Vault) -> None:
    running = vault.spools.begin(MORNING)
    for _ in range(6):
        running.append(bytes(640_000))
    entry = EntryId(0)

    def saving() -> None:
        nonlocal entry
        entry = save(vault, running.id)

    assert peak_of(saving) < 800_000  # of 3,840,000 bytes of sound
    assert peak_of(lambda: vault.recordings.sound(entry)) < 4_600_000


def peak_of(act: Callable[[], object]) -> int:
    """Bytes that it held at most."""
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
