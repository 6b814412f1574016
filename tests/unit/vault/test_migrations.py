"""Older vaults open, forward only; a step that fails changes nothing."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from diary.errors import VaultDamaged, VaultTooNew
from diary.model.entry import EntryChanges, EntryFilter, Kind, Transcript
from diary.model.speech import Segment
from diary.vault.connection import Database
from diary.vault.migrations import STEPS, migrate, version_of
from diary.vault.schema import SCHEMA_VERSION
from diary.vault.vault import Vault
from ingest.observations.pending import read_pending
from tests.unit.vault import version_1, version_2, version_3, version_4
from tests.unit.vault.fresh import fresh_vault, words


@pytest.fixture
def frozen(tmp_path: Path) -> Vault:
    folder = Path(shutil.copytree(version_1.FOLDER, tmp_path / "vault"))
    return Vault.unlock(folder, version_1.CODE.read_text())


def test_a_vault_of_version_1_opens_with_everything_in_it(frozen: Vault) -> None:
    voice, imported, first = frozen.entries.list(EntryFilter())
    assert (first.text, first.title, first.tags, first.starred) == ("Edited words.", "One", ("a", "b"), True)
    assert [version.text for version in frozen.entries.history(first.id)] == ["First words.", "Edited words."]
    assert (imported.text, imported.source_id, imported.metadata) == ("Imported words.", "7", "k: v")
    assert frozen.imports.known(words("Imported words.", days=1), "another format")
    assert [batch.id for batch in frozen.imports.batches()] == [imported.batch]
    assert (voice.kind, voice.transcript, voice.text) == (Kind.VOICE, Transcript.TRANSCRIBED, "Spoken words.")
    assert frozen.recordings.sound(voice.id) == version_1.SOUND
    assert frozen.recordings.heard(voice.id) == ("an engine", (version_1.SEGMENT,))
    assert [draft.text for draft in frozen.drafts.list()] == ["Unsaved words."]
    frozen.close()


def test_the_index_of_a_vault_of_version_1_is_searched(frozen: Vault) -> None:
    ((hit, _),) = frozen.passages.matches("edited", limit=9)
    (passage,) = frozen.passages.passages([hit])
    assert passage.text == "Edited words."
    table = frozen.passages.table()
    assert table.own.tobytes() == version_1.VECTOR
    assert table.window.tobytes() == version_1.VECTOR[::-1]
    assert frozen.passages.pending_count() == 2
    frozen.close()


def test_a_vault_of_version_1_is_of_the_newest_version_after_opening_and_whole(frozen: Vault) -> None:
    assert version_of(frozen._database) == SCHEMA_VERSION
    assert frozen.check() == []
    frozen.entries.add(words())
    frozen.close()


def test_every_entry_of_a_vault_of_version_1_is_read_for_observations(frozen: Vault) -> None:
    kept = {entry.id for entry in frozen.entries.list(EntryFilter())}
    assert {entry.id for entry in frozen.observations.unread(limit=9)} == kept
    assert read_pending(frozen.observations) == len(kept) == 3
    assert frozen.observations.unread_count() == 0
    frozen.close()


def test_a_vault_of_version_2_opens_with_its_observations(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(version_2.FOLDER, tmp_path / "vault"))
    with Vault.unlock(folder, version_2.CODE.read_text()) as vault:
        (kept,) = vault.observations.observations("sleep")
        for field in ("key", "start", "end", "written", "value", "unit", "part", "name"):
            assert getattr(kept, field) == getattr(version_2.READ, field)
        assert vault.entries.get(kept.entry).text == version_2.TEXT
        assert vault.observations.unread_count() == 3
        assert version_of(vault._database) == SCHEMA_VERSION
        assert vault.check() == []


def test_what_a_vault_of_version_2_had_written_down_is_the_transcript_of_the_revision_with_its_words(
    tmp_path: Path,
) -> None:
    folder = Path(shutil.copytree(version_2.FOLDER, tmp_path / "vault"))
    with Vault.unlock(folder, version_2.CODE.read_text()) as vault:
        (voice,) = vault.entries.list(EntryFilter(transcript=Transcript.TRANSCRIBED))
        (version,) = vault.recordings.transcripts(voice.id)
        assert (version.revision, version.engine, version.segments) == (2, "an engine", (version_1.SEGMENT,))
        assert version.made == vault.entries.history(voice.id)[1].made
        assert vault.recordings.heard(voice.id) == ("an engine", (version_1.SEGMENT,))
        assert vault.recordings.sound(voice.id) == version_1.SOUND
        assert vault.recordings.partial(voice.id) is None
        assert (vault.spools.unfinished(), vault.glossary.terms()) == ([], [])


def test_a_vault_of_version_4_opens_with_its_files_what_was_deleted_and_its_manifest(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(version_4.FOLDER, tmp_path / "vault"))
    folder.chmod(0o700)  # which git does not keep, and others could get at
    with Vault.unlock(folder, version_4.CODE.read_text()) as vault:
        assert vault.warnings == ()
        (kept,) = vault.attachments.of()
        assert (kept.name, kept.media_type) == (version_4.NAME, version_4.MEDIA_TYPE)
        assert b"".join(vault.attachments.content(kept.id)) == version_4.CONTENT
        (deleted,) = vault.deleted.list()
        back = vault.deleted.restore(deleted.entry.id)
        assert back.text == version_4.DELETED
        (file,) = vault.attachments.of(back.id)
        assert b"".join(vault.attachments.content(file.id)) == version_4.CONTENT
        assert vault.check() == []


def test_a_transcript_of_version_2_is_found_among_the_revisions(tmp_path: Path) -> None:
    """Edited afterwards, edited all along, without any words, and never written down."""
    segments = msgspec.json.encode([msgspec.structs.asdict(_OldSegment(0.5, 2.0, " Slept  well. ", 0.75))])
    cases = [
        (("", "Slept well.", "Slept very well."), segments.decode(), "whisper", 2),
        (("", "Something else.", "Slept very well."), segments.decode(), "whisper", 3),
        (("", "Recording of 0:42; no speech was heard."), "[]", "silero", 2),
        (("",), "[]", None, None),
    ]
    with fresh_vault(tmp_path) as vault:
        back_to_version_2(vault._database)
        numbers = []
        for number, (texts, kept, engine, _) in enumerate(cases):
            entry = vault.entries.add(words(texts[0], kind=Kind.VOICE)).id
            for text in texts[1:]:
                vault.entries.revise(entry, EntryChanges(text=text))
            values = (entry, f"file {number}", b"key", "a.wav", 9, engine, kept)
            vault._database.run("INSERT INTO recordings VALUES (?, ?, ?, ?, ?, ?, ?)", values)
            numbers.append(entry)
        migrate(vault._database)
        assert [
            [one.revision for one in vault.recordings.transcripts(entry)] or [None] for entry in numbers
        ] == [[revision] for *_, revision in cases]
        (heard,) = vault.recordings.transcripts(numbers[0])[0].segments
        assert heard == Segment(start=0.5, end=2.0, text=" Slept  well. ", confidence=0.75)
        assert vault._database.rows("SELECT file, key, name, size FROM recordings ORDER BY entry") == [
            (f"file {number}", b"key", "a.wav", 9) for number in range(4)
        ]
        vault._database.run("DELETE FROM recordings")


class _OldSegment(msgspec.Struct):
    start: float
    end: float
    text: str
    confidence: float


def back_to_version_2(database: Database) -> None:
    """The tables that versions 3 and 4 changed, as they were."""
    database.hook = None  # there was no manifest
    for table in (
        *("attachments", "deleted_files", "deleted", "audit", "manifest"),
        *("recordings", "transcripts", "partials", "spools", "glossary"),
    ):
        database.run(f"DROP TABLE {table}")
    database.run("DROP INDEX entries_by_transcript")
    database.run(
        "CREATE TABLE recordings (entry INTEGER PRIMARY KEY, file TEXT NOT NULL UNIQUE, key BLOB NOT NULL, "
        "name TEXT NOT NULL, size INTEGER NOT NULL, engine TEXT, segments TEXT NOT NULL) STRICT"
    )
    database.run("PRAGMA user_version = 2")


def test_a_vault_of_version_3_opens_with_what_it_knows_of_voices(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(version_3.FOLDER, tmp_path / "vault"))
    sound = b"".join(version_3.SOUND)
    with Vault.unlock(folder, version_3.CODE.read_text()) as vault:
        (rough,) = vault.entries.list(EntryFilter(transcript=Transcript.ROUGH))
        (waiting,) = vault.entries.list(EntryFilter(transcript=Transcript.WAITING))
        (unsaved,) = vault.spools.unfinished()
        (term,) = vault.glossary.terms()
        assert vault.recordings.heard(rough.id) == ("an engine", (version_3.SEGMENT,))
        assert vault.recordings.partial(waiting.id) == ((version_3.SEGMENT,), 1.75, "an engine")
        assert vault.recordings.sound(rough.id)[-len(sound) :] == sound
        assert vault.spools.read(unsaved.id, 0, 9_999) == sound
        assert (unsaved.segments, unsaved.reached) == ((version_3.SEGMENT,), 1.75)
        assert (term.text, term.instead_of) == (version_3.TERM.text, version_3.TERM.instead_of)
        assert vault.preferences.get("microphone") == "frozen"
        assert version_of(vault._database) == SCHEMA_VERSION
        assert vault.check() == []


def test_an_older_vault_gets_the_same_tables_as_a_new_one(tmp_path: Path, frozen: Vault) -> None:
    def tables(vault: Vault) -> dict[str, str]:
        rows = vault._database.rows("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {name: " ".join(sql.split()) for name, sql in rows if not name.startswith("vectors")}

    with fresh_vault(tmp_path / "new") as new:
        assert tables(frozen) == tables(new)
    frozen.close()


KILLED_HALFWAY = """
import os, signal, sys
from pathlib import Path
from diary.vault import migrations
from diary.vault.vault import Vault

def half(database):
    statements = {{1: migrations._VERSION_2, 3: migrations._VERSION_4}}.get({start})
    if statements is None:
        migrations._add_transcripts(database)
    for statement in (statements or ())[:-1]:
        database.run(statement)
    os.kill(os.getpid(), signal.SIGKILL)

migrations.migrate.__kwdefaults__["steps"] = {{**migrations.STEPS, {start}: half}}
Vault.unlock(Path(sys.argv[1]), sys.stdin.read())
"""


@pytest.mark.parametrize("start", STEPS)
def test_a_migration_killed_in_the_middle_is_begun_again_from_the_version_before(
    tmp_path: Path, start: int
) -> None:
    folder = Path(shutil.copytree(version_1.FOLDER, tmp_path / "vault"))
    ran = subprocess.run(
        [sys.executable, "-c", KILLED_HALFWAY.format(start=start), str(folder)],
        input=version_1.CODE.read_text(),
        text=True,
        check=False,
    )
    assert ran.returncode == -signal.SIGKILL
    with Vault.unlock(folder, version_1.CODE.read_text()) as vault:
        assert version_of(vault._database) == SCHEMA_VERSION
        assert vault.observations.unread_count() == vault.entries.count() == 3
        (voice,) = vault.entries.list(EntryFilter(kind=Kind.VOICE))
        assert vault.recordings.heard(voice.id) == ("an engine", (version_1.SEGMENT,))
        assert vault.check() == []


def test_its_passphrase_opens_it_too(frozen: Vault) -> None:
    frozen.close()
    Vault.unlock(frozen.folder, version_1.PASSPHRASE).close()


def test_there_is_a_step_from_every_older_version() -> None:
    assert set(STEPS) == set(range(1, SCHEMA_VERSION))


def first_step(database: Database) -> None:
    database.run("ALTER TABLE drafts ADD COLUMN mood TEXT")


def second_step(database: Database) -> None:
    database.run("UPDATE drafts SET mood = 'calm'")


NOW = SCHEMA_VERSION


def test_steps_run_in_order_from_the_version_there_is(tmp_path: Path) -> None:
    with fresh_vault(tmp_path) as vault:
        vault.drafts.save("new", "x")
        migrate(vault._database, steps={NOW + 1: second_step, NOW: first_step}, newest=NOW + 2)
        assert version_of(vault._database) == NOW + 2
        assert vault._database.rows("SELECT mood FROM drafts") == [("calm",)]
        migrate(vault._database, steps={}, newest=NOW + 2)


def test_a_step_that_fails_leaves_the_version_before_it(tmp_path: Path) -> None:
    def broken(database: Database) -> None:
        second_step(database)
        raise RuntimeError("power cut")

    with fresh_vault(tmp_path) as vault:
        vault.drafts.save("new", "x")
        with pytest.raises(RuntimeError):
            migrate(vault._database, steps={NOW: first_step, NOW + 1: broken}, newest=NOW + 2)
        assert version_of(vault._database) == NOW + 1
        assert vault._database.rows("SELECT mood FROM drafts") == [(None,)]


def test_a_newer_version_and_none_at_all_are_refused(tmp_path: Path) -> None:
    with fresh_vault(tmp_path) as vault:
        with pytest.raises(VaultTooNew):
            migrate(vault._database, newest=0)
        vault._database.run("PRAGMA user_version = 0")
        with pytest.raises(VaultDamaged):
            migrate(vault._database)
