"""Older vaults open, forward only; a step that fails changes nothing."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from diary.errors import VaultDamaged, VaultTooNew
from diary.model.entry import EntryFilter, Kind, Transcript
from diary.vault.connection import Database
from diary.vault.migrations import STEPS, migrate, version_of
from diary.vault.schema import SCHEMA_VERSION
from diary.vault.vault import Vault
from ingest.observations.pending import read_pending
from tests.unit.vault import version_1, version_2
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
    for statement in migrations._VERSION_2[:-1]:
        database.run(statement)
    os.kill(os.getpid(), signal.SIGKILL)

migrations.migrate.__kwdefaults__["steps"] = {1: half}
Vault.unlock(Path(sys.argv[1]), sys.stdin.read())
"""


def test_a_migration_killed_in_the_middle_is_begun_again_from_the_version_before(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(version_1.FOLDER, tmp_path / "vault"))
    ran = subprocess.run(
        [sys.executable, "-c", KILLED_HALFWAY, str(folder)],
        input=version_1.CODE.read_text(),
        text=True,
        check=False,
    )
    assert ran.returncode == -signal.SIGKILL
    with Vault.unlock(folder, version_1.CODE.read_text()) as vault:
        assert version_of(vault._database) == SCHEMA_VERSION
        assert vault.observations.unread_count() == vault.entries.count() == 3
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
