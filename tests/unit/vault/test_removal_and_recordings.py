"""What only the vault can show: nothing readable on the disk, and nothing left after removal."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

from diary.errors import EntryNotFound, VaultDamaged
from diary.model.entry import EntryChanges, EntryFilter, EntryId, Kind, Transcript
from diary.model.observation import ObservationDraft
from diary.model.passage import PassageDraft, PassageId
from diary.model.speech import Segment, Word
from diary.vault.removal import ATTACHMENTS
from diary.vault.vault import Vault
from tests.unit.vault.fresh import fresh_vault, reopened, words

CANARY = "zanahoria-9f3b"
VECTOR = bytes(range(17, 81))
ALL_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"


def canary_everywhere(vault: Vault) -> EntryId:
    """Put the canary through every method that stores."""
    entry = vault.entries.add(
        words(f"{CANARY} text", title=f"{CANARY} title", tags=(CANARY,), metadata=CANARY)
    )
    vault.entries.revise(entry.id, EntryChanges(text=f"{CANARY} revised"))
    vault.drafts.save(f"slot {CANARY}", f"{CANARY} draft", entry=entry.id)
    vault.imports.add(
        [words(f"{CANARY} imported", source_id=CANARY)], format="jsonl", source=f"{CANARY}.jsonl"
    )
    voice = vault.recordings.keep(
        words(f"{CANARY} voice", kind=Kind.VOICE), CANARY.encode() * 9000, name=f"{CANARY}.wav"
    )
    word = Word(start=0, end=1, text=CANARY, confidence=1)
    heard = [Segment(start=0, end=1, text=f"{CANARY} heard", confidence=1, words=(word,))]
    vault.recordings.set_transcript(voice.id, f"{CANARY} said", Transcript.TRANSCRIBED, heard, CANARY)
    vault.recordings.set_partial(voice.id, heard, 1.0, CANARY)
    said = ObservationDraft(
        key=CANARY, start=0, end=1, written=CANARY, value=987654.125, unit=CANARY, name=CANARY
    )
    vault.observations.record([(vault.entries.get(entry.id), [said])])
    vault.passages.use_model(CANARY, len(VECTOR))
    index(vault, entry.id, CANARY)
    return entry.id


def index(vault: Vault, entry: EntryId, text: str, context: str = "", vector: bytes = VECTOR) -> None:
    draft = PassageDraft(
        ordinal=0, start=0, end=len(text), header=text, text=text, context=context, own=vector, window=vector
    )
    vault.passages.replace(vault.entries.get(entry), [draft])


def everything(vault: Vault, *, without: Collection[str] = ()) -> bytes:
    """All that the open database holds, decrypted, shadow tables of the indexes included."""
    database = vault._database
    tables = [row[0] for row in database.rows(ALL_TABLES) if row[0] not in without]
    found = b""
    for table in tables:
        for row in database.rows(f'SELECT * FROM "{table}"'):
            found += b"|".join(cell if isinstance(cell, bytes) else str(cell).encode() for cell in row)
    return found


def test_no_word_is_readable_in_any_file_open_or_closed(tmp_path: Path) -> None:
    vault = fresh_vault(tmp_path)
    canary_everywhere(vault)
    for _ in ("open", "closed"):
        files = [path for path in vault.folder.rglob("*") if path.is_file()]
        assert len(files) >= 6
        for path in files:
            content = path.read_bytes()
            assert CANARY.encode() not in content, path.name
            assert CANARY not in str(path)
            assert VECTOR not in content, path.name
            assert b"SQLite format" not in content, path.name
        vault.close()
    with reopened(vault) as again:
        assert CANARY.encode() in everything(again)


def test_removing_an_entry_leaves_no_row_token_vector_or_file_of_it(tmp_path: Path) -> None:
    vault = fresh_vault(tmp_path)
    other = vault.entries.add(words("rain", days=5))
    canary_everywhere(vault)
    index(vault, other.id, "rain", context=CANARY)
    vault.entries.revise(other.id, EntryChanges(text="rain, edited"))
    assert VECTOR in everything(vault)
    for entry in vault.entries.list(EntryFilter()):
        if entry.id != other.id:
            vault.entries.delete(entry.id)
    assert CANARY.encode() in everything(vault)  # the import's source and the model's name
    vault._database.run("DELETE FROM imports")
    vault._database.run("DELETE FROM settings")
    vault._database.run("DELETE FROM sqlite_sequence")
    left = everything(vault)
    assert CANARY.encode() not in left
    assert b"zanahoria" not in left
    assert b"987654.125" not in left
    assert VECTOR not in left
    assert list((vault.folder / ATTACHMENTS).iterdir()) == []
    vault.close()


def test_neighbours_inserted_between_do_not_hide_whose_words_are_held(tmp_path: Path) -> None:
    with fresh_vault(tmp_path) as vault:
        vault.passages.use_model("tiny", len(VECTOR))
        first, secret = vault.entries.add(words("first", days=0)), vault.entries.add(words("secret", days=2))
        index(vault, first.id, "first", context="secret")
        vault.entries.add(words("between", days=1))
        vault.entries.delete(secret.id)
        assert vault.passages.matches("secret", limit=5) == []


def test_an_entry_moved_to_another_day_takes_its_words_from_its_old_neighbours(tmp_path: Path) -> None:
    with fresh_vault(tmp_path) as vault:
        vault.passages.use_model("tiny", len(VECTOR))
        first, moved = vault.entries.add(words("first", days=0)), vault.entries.add(words("moved", days=1))
        vault.entries.add(words("last", days=2))
        index(vault, first.id, "first", context="moved")
        vault.entries.revise(moved.id, EntryChanges(happened=moved.happened.replace(year=2027)))
        assert vault.passages.matches("moved", limit=5) == []
        assert first.id in {entry.id for entry in vault.passages.pending(limit=9)}


def test_an_index_made_beside_a_neighbour_that_is_gone_meanwhile_is_not_kept(tmp_path: Path) -> None:
    with fresh_vault(tmp_path) as vault:
        vault.passages.use_model("tiny", len(VECTOR))
        first, secret = vault.entries.add(words("first")), vault.entries.add(words("secret", days=1))
        assert vault.passages.adjacent(first) == (None, secret)
        vault.entries.delete(secret.id)  # while the first was being embedded
        index(vault, first.id, "first", context="secret")
        assert vault.passages.matches("secret", limit=5) == []
        assert vault.passages.pending_count() == 1


def test_a_draft_of_a_deleted_entry_goes_with_it_and_others_stay(tmp_path: Path) -> None:
    with fresh_vault(tmp_path) as vault:
        entry = vault.entries.add(words())
        vault.drafts.save("edit", "unsaved", entry=entry.id)
        vault.drafts.save("new", "stays")
        vault.entries.delete(entry.id)
        assert [draft.slot for draft in vault.drafts.list()] == ["new"]


def test_undo_leaves_an_entry_that_is_being_edited(tmp_path: Path) -> None:
    with fresh_vault(tmp_path) as vault:
        outcome = vault.imports.add([words("a"), words("b")], format="jrnl", source="x")
        vault.drafts.save("edit", "b, unsaved", entry=outcome.added[1])
        assert outcome.batch is not None
        assert vault.imports.undo(outcome.batch) == 1
        assert vault.entries.get(outcome.added[1]).text == "b"


def test_half_characters_are_kept_as_replacement_marks(tmp_path: Path) -> None:
    with fresh_vault(tmp_path) as vault:
        kept = vault.entries.add(
            words("a\ud800b \ud83d\ude42", title="\udfff", tags=("\ud800",), source_id="\udc80")
        )
        assert (kept.text, kept.title, kept.tags) == ("a\ufffdb 🙂", "\ufffd", ("\ufffd",))
        vault.drafts.save("new", "\ud800")
        assert vault.imports.known(words("x", source_id="\udc80"), "jsonl") is False


def test_who_heard_the_words_is_kept(tmp_path: Path) -> None:
    vault = fresh_vault(tmp_path)
    entry = vault.recordings.keep(words("", kind=Kind.VOICE), b"sound", name="a.wav").id
    assert vault.recordings.heard(entry) == (None, ())
    segments = (Segment(start=0.5, end=1.25, text="Hello.", confidence=0.75),)
    vault.recordings.set_transcript(entry, "Hello.", Transcript.TRANSCRIBED, segments, "whisper base")
    with reopened(vault) as again:
        assert again.recordings.heard(entry) == ("whisper base", segments)


def only_file(vault: Vault) -> Path:
    (path,) = (vault.folder / ATTACHMENTS).iterdir()
    return path


def test_a_recording_that_was_changed_or_lost_is_told_as_damaged(tmp_path: Path) -> None:
    with fresh_vault(tmp_path) as vault:
        entry = vault.recordings.keep(words("", kind=Kind.VOICE), b"sound" * 40000, name="a.wav").id
        content = bytearray(only_file(vault).read_bytes())
        content[70_000] ^= 1
        only_file(vault).write_bytes(content)
        with pytest.raises(VaultDamaged, match=f"recording of entry {entry}"):
            vault.recordings.sound(entry)
        only_file(vault).unlink()
        with pytest.raises(VaultDamaged):
            vault.recordings.sound(entry)
        assert vault.check() == ["1 recordings or attachments have lost their files"]


def test_two_recordings_exchanged_on_the_disk_are_refused(tmp_path: Path) -> None:
    with fresh_vault(tmp_path) as vault:
        entries = [
            vault.recordings.keep(words("", kind=Kind.VOICE), sound, name="a").id for sound in (b"a", b"b")
        ]
        one, two = (vault.folder / ATTACHMENTS).iterdir()
        first, second = one.read_bytes(), two.read_bytes()
        one.write_bytes(second)
        two.write_bytes(first)
        for entry in entries:
            with pytest.raises(VaultDamaged):
                vault.recordings.sound(entry)
        keys = [key for (key,) in vault._database.rows("SELECT key FROM recordings ORDER BY entry")]
        for entry, key in zip(entries, reversed(keys), strict=True):  # their keys, too
            vault._database.run("UPDATE recordings SET key = ? WHERE entry = ?", (key, entry))
        for entry in entries:
            with pytest.raises(VaultDamaged):
                vault.recordings.sound(entry)


def test_a_file_left_by_a_crash_is_swept_and_foreign_files_are_not(tmp_path: Path) -> None:
    vault = fresh_vault(tmp_path)
    entry = vault.recordings.keep(words("", kind=Kind.VOICE), b"sound", name="a.wav").id
    folder = vault.folder / ATTACHMENTS
    (folder / ("0" * 32)).write_bytes(b"left by a crash")
    (folder / "mine.txt").write_bytes(b"not ours")
    with reopened(vault) as again:
        assert not (folder / ("0" * 32)).exists()
        assert (folder / "mine.txt").exists()
        assert again.recordings.sound(entry) == b"sound"


def test_a_recording_whose_entry_cannot_be_kept_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fresh_vault(tmp_path) as vault:

        def refuse(*_: object, **__: object) -> EntryId:
            raise EntryNotFound("refused")

        monkeypatch.setattr(vault.entries, "keep", refuse)
        with pytest.raises(EntryNotFound):
            vault.recordings.keep(words("", kind=Kind.VOICE), b"sound", name="a.wav")
        assert list((vault.folder / ATTACHMENTS).iterdir()) == []
        assert vault.entries.count() == 0


def test_taking_back_a_large_import_leaves_no_vector_of_it_and_all_others(tmp_path: Path) -> None:
    with fresh_vault(tmp_path) as vault:
        vault.passages.use_model("tiny", len(VECTOR))
        mine = [vault.entries.add(words("mine", days=day)) for day in (899, 900, 901)][1]
        imported = [words("theirs", days=day) for day in range(450)]
        outcome = vault.imports.add(imported, format="jrnl", source="x")
        index(vault, mine.id, "mine", vector=VECTOR[::-1])
        for entry in outcome.added:
            index(vault, entry, "theirs")
        assert VECTOR in everything(vault)
        assert outcome.batch is not None
        assert vault.imports.undo(outcome.batch) == 450
        table = vault.passages.table()
        assert table.entries.tolist() == [mine.id]
        assert table.own.tobytes() == table.window.tobytes() == VECTOR[::-1]
        assert [entry for entry, _ in vault.passages.matches("mine OR theirs", limit=9)] == table.ids.tolist()
        left = everything(vault)
        assert VECTOR not in left
        assert b"their" not in left
        assert vault.check() == []


@pytest.mark.parametrize("finished", [False, True], ids=["being filled", "used before"])
def test_deleting_takes_the_vectors_of_each_model_there_are_tables_of(tmp_path: Path, finished: bool) -> None:
    with fresh_vault(tmp_path) as vault:
        gone, between, stays = (vault.entries.add(words(f"{day}", days=day)) for day in range(3))
        vault.passages.use_model("first", len(VECTOR))
        for entry, vector in ((gone, VECTOR), (between, VECTOR[1:] + VECTOR[:1]), (stays, VECTOR[::-1])):
            index(vault, entry.id, entry.text, vector=vector)
        vault.passages.use_model("second", 8)
        given = {gone.id: b"goneNEXT", between.id: b"betwNEXT", stays.id: b"staysNXT"}
        for indexed in vault.passages.renewal.lacking(after=PassageId(0), limit=9):
            new = given[indexed.entry.id]
            vault.passages.renewal.renew(dict.fromkeys(indexed.lacking, (new, new)))
        if finished:  # and what served before is still to be discarded, some at a time
            assert vault.passages.renewal.finish()
        assert b"goneNEXT" in everything(vault) and VECTOR in everything(vault)
        vault.entries.delete(gone.id)
        left = everything(vault)
        assert b"goneNEXT" not in left and VECTOR not in left
        assert b"staysNXT" in left and (VECTOR[::-1] in left) == (not finished)


def test_indexing_is_quick_and_words_are_forced_to_the_disk(tmp_path: Path) -> None:
    with fresh_vault(tmp_path) as vault:
        vault.passages.use_model("tiny", len(VECTOR))
        entry = vault.entries.add(words())
        index(vault, entry.id, "x")
        assert vault._database.rows("PRAGMA synchronous") == [(2,)]
        with pytest.raises(ValueError, match="width"):
            vault.passages.replace(entry, [PassageDraft(**{**bare_passage(), "own": b"1"})])
        assert vault._database.rows("PRAGMA synchronous") == [(2,)]


def bare_passage() -> dict[str, Any]:
    return {"ordinal": 0, "start": 0, "end": 1, "header": "", "text": "x", "context": ""}
