"""The manifest follows every write by itself, and tells every row that is not what was last written."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from diary.errors import DiskFull, EntryNotFound
from diary.model.entry import EntryChanges, EntryFilter
from diary.vault import vectors
from diary.vault.anchor import ANCHOR
from diary.vault.connection import Database
from diary.vault.manifest import Difference, Manifest
from diary.vault.manifest_parts import FACTS, GROUP, INDEX, PARTS, WORDS, FactsPart
from diary.vault.manifest_tree import FAN_OUT, decode_slots, encode_slots
from diary.vault.removal import ATTACHMENTS, make_indexes_again
from diary.vault.rotation import DATABASE
from diary.vault.vault import Vault
from tests.unit.vault import version_1, version_2, version_3
from tests.unit.vault.backed_up import furnished
from tests.unit.vault.fresh import fresh_vault, reopened, template, words
from tests.unit.vault.test_removal_and_recordings import VECTOR, index

OLDER = "an earlier one was put back"
NOT_IN_IT = {  # checked in other ways: by FTS5, by vec0's layout, by the tree itself
    "manifest",
    *(f"passages_fts{end}" for end in ("", "_config", "_data", "_docsize", "_idx")),
    *(f"vectors{end}" for end in ("", "_chunks", "_info", "_vector_chunks00", "_vector_chunks01")),
}

OTHER = {
    "entries": "title = 'x'",
    "revisions": "text = 'x'",
    "recordings": "key = x'07'",
    "transcripts": "engine = 'x'",
    "partials": "reached = 7",
    "attachments": "key = x'07'",
    "passages": "text = 'x'",
    "indexed_with": "after = 7",
    "pending": "happened = 7",
    "observations": "value = 7",
    "unread": "happened = 7",
    "deleted": "rows = 'x'",
    "deleted_files": "key = x'07'",
    "audit": "event = 'x'",
    "drafts": "text = 'x'",
    "glossary": "text = 'x'",
    "imports": "undone = 7",
    "spools": "reached = 7",
}
ROWS_OF_OTHERS = (
    "INSERT INTO attachments VALUES (1, 1, 'a', x'00', 'a', 'a', 1, 1, 1)",
    "INSERT INTO audit VALUES (99, x'00', 1, 1, 'a', NULL)",
    "INSERT INTO deleted VALUES (77, 1, 1, '[]')",
    "INSERT INTO deleted_files VALUES ('a', x'00', 77, 'a', 'a')",
    "INSERT INTO glossary VALUES (1, 'person', 'a', '[]', '[]')",
)


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with furnished(tmp_path) as vault:
        yield vault


@contextmanager
def behind_its_back(database: Database) -> Iterator[None]:
    """What is written inside is not noted: as if an old page were put back."""
    hook = database.hook
    database.hook = None
    yield
    assert hook is not None
    hook.forget()
    database.hook = hook


def differences(vault: Vault) -> list[Difference]:
    return list(vault._watch.manifest.differences())


def settle(vault: Vault) -> None:
    with vault._database.transaction():
        vault._watch.manifest.settle()


def test_after_every_kind_of_write_the_manifest_says_what_is_there(vault: Vault) -> None:
    assert differences(vault) == vault._watch.manifest.quick_differences() == []
    assert vault._watch.manifest.state() is not None
    for entry in vault.entries.list(EntryFilter()):
        vault.entries.revise(entry.id, EntryChanges(title="another"))
        assert differences(vault) == []
        vault.entries.delete(entry.id)
        assert differences(vault) == []
    with reopened(vault) as again:
        assert (again.warnings, differences(again)) == ((), [])


def test_every_table_is_in_a_part_or_named_as_checked_otherwise(vault: Vault) -> None:
    listed = vault._database.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")
    parts = vault._watch.manifest.parts()
    watched = {table for part in parts for table, _ in part.watched} | {"sqlite_sequence"}
    assert {row[0] for row in listed} == watched | NOT_IN_IT


class TakenBack(Exception):
    pass


def test_a_row_that_is_gone_or_other_without_a_write_is_found(vault: Vault) -> None:
    """In every table; the manifest is asked inside a transaction, before it follows."""
    database = vault._database
    for statement in ROWS_OF_OTHERS:
        database.run(statement)
    database.run("PRAGMA foreign_keys = OFF")
    assert differences(vault) == []
    for part in PARTS:
        for table in (table for table, _ in part.watched if table in OTHER):
            if (part.name, table) == (WORDS, "deleted"):
                continue  # which tells what is brought back, and is a part by itself
            for statement in (f"UPDATE {table} SET {OTHER[table]}", f"DELETE FROM {table}"):
                with suppress(TakenBack), database.transaction():
                    assert database.run(statement), table
                    assert {one.part for one in differences(vault)} == {part.name}, statement
                    raise TakenBack
    assert differences(vault) == []


def test_a_setting_that_is_another_one_is_found(vault: Vault) -> None:
    vault.preferences.set("microphone", "mine")
    with behind_its_back(vault._database):
        vault.preferences.set("microphone", "another")
    assert differences(vault) == [Difference(FACTS, 0)]


def test_a_vector_that_is_another_one_is_found(vault: Vault) -> None:
    database = vault._database
    (table,) = vectors.tables(database)
    with behind_its_back(database), database.transaction():
        vectors.delete(database, 1)
        vectors.insert(database, table, 1, VECTOR[::-1], VECTOR)
    assert Difference(f"vectors/{GROUP}", 0) in differences(vault)


def test_an_entry_that_was_never_written_is_found(vault: Vault) -> None:
    with behind_its_back(vault._database):
        entry = vault.entries.add(words("slipped in"))
    found = differences(vault)
    assert {Difference(WORDS, entry.id), Difference(INDEX, entry.id)} < set(found)
    assert Difference(FACTS, FactsPart.WATCHED + 1) in found
    (first, *_) = vault._watch.findings()
    assert first.startswith(f"1 entry is (number {entry.id}) not as last saved")


def test_what_was_rolled_back_is_not_in_the_manifest(vault: Vault) -> None:
    state = vault._watch.manifest.state()
    with pytest.raises(EntryNotFound), vault._database.transaction():
        vault.entries.keep(words("taken back"))
        vectors.begin(vault._database, vectors.NEXT, "taken back", 8)
        vault.entries.get(999)
    assert vault._watch.manifest.state() == state
    assert differences(vault) == []
    vault.entries.add(words("kept"))
    assert differences(vault) == []


class RefusedCommit:
    """As a commit that the disk refuses: everything is written by then."""

    due = True

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest

    def flush(self) -> None:
        self.manifest.flush()
        raise DiskFull("no room")

    def settle(self) -> None:
        self.manifest.settle()

    def committed(self) -> None:
        self.manifest.committed()

    def forget(self) -> None:
        self.manifest.forget()


def test_a_commit_that_is_refused_is_not_in_the_manifest(vault: Vault) -> None:
    """The next entry gets the same number; the list of numbers is then another than the manifest has."""
    manifest, database = vault._watch.manifest, vault._database
    database.hook = RefusedCommit(manifest)
    with pytest.raises(DiskFull):
        vault.entries.add(words("refused"))
    database.hook = manifest
    vault.entries.add(words("kept"))
    assert differences(vault) == []


def test_a_statement_outside_of_a_transaction_is_followed(vault: Vault) -> None:
    vault._database.run("UPDATE entries SET title = 'other'")
    assert differences(vault) == []


def test_the_vectors_of_a_model_that_follows_and_then_serves_are_in_the_manifest(tmp_path: Path) -> None:
    with fresh_vault(tmp_path) as vault:
        entries = [vault.entries.add(words(f"day {day}", days=day)) for day in range(6)]
        vault.passages.use_model("first", len(VECTOR))
        for entry in entries:
            index(vault, entry.id, entry.text)
        vault.passages.use_model("second", 8)
        for indexed in vault.passages.renewal.lacking(after=0, limit=99):
            vault.passages.renewal.renew({one: (bytes(8), bytes(8)) for one in indexed.lacking})
        assert differences(vault) == []
        assert vault.passages.renewal.finish()
        assert differences(vault) == []
        while vault.passages.renewal.discard():
            assert differences(vault) == []
        vault.passages.use_model("third", 8)
        vault.passages.use_model("second", 8)
        assert vault.passages.renewal.discard()
        assert differences(vault) == []


def test_vectors_that_are_copied_into_another_table_are_in_the_manifest(vault: Vault) -> None:
    with vault._database.transaction():
        make_indexes_again(vault._database)
    (table,) = vectors.tables(vault._database)
    assert table.name != "vectors"
    assert vault._watch.manifest._tree.leaves(f"{table.name}/{GROUP}", 0, 99)
    assert differences(vault) == []


def test_nodes_of_every_level_come_and_go_with_their_entries(tmp_path: Path) -> None:
    vault = fresh_vault(tmp_path)
    vault.entries.add(words("the first"))
    with vault._database.transaction():
        vault._database.run("UPDATE sqlite_sequence SET seq = ? WHERE name = 'entries'", (FAN_OUT**2 - 3,))
    with reopened(vault) as again:
        assert again.warnings == ()
        many = [words(f"day {day}", days=day) for day in range(6)]
        again.imports.add(many, format="jrnl", source="x")
        settle(again)
        levels = "SELECT level, count(*) FROM manifest WHERE part = 'words' GROUP BY level ORDER BY level"
        assert again._database.rows(levels) == [(0, 3), (1, 2)]
        assert differences(again) == []
        again.imports.undo(again.imports.batches()[0].id)
        settle(again)
        assert again._database.rows(levels) == [(0, 1), (1, 1)]
        assert differences(again) == again._watch.manifest.quick_differences() == []


def test_a_node_that_disagrees_with_the_one_above_is_found_quickly(vault: Vault) -> None:
    settle(vault)
    with behind_its_back(vault._database):
        assert vault._database.run(
            "UPDATE manifest SET mac = zeroblob(24) WHERE part = 'index' AND level = 0"
        )
    assert Difference(INDEX, None) in vault._watch.manifest.quick_differences()


def test_slots_come_back_as_they_were() -> None:
    slots = {0: bytes(16), 5: b"a" * 16, 63: b"b" * 16}
    assert decode_slots(encode_slots(slots)) == slots
    assert decode_slots(encode_slots(slots)[:-1]) == {0: bytes(16), 5: b"a" * 16}
    assert decode_slots(b"") == {}


@pytest.mark.parametrize("frozen", [version_1, version_2, version_3])
def test_an_older_vault_gets_its_manifest_when_it_is_opened(tmp_path: Path, frozen: object) -> None:
    folder = Path(shutil.copytree(frozen.FOLDER, tmp_path / "vault"))  # type: ignore[attr-defined]
    folder.chmod(0o700)  # which git does not keep
    code = frozen.CODE.read_text()  # type: ignore[attr-defined]
    with Vault.unlock(folder, code) as vault:
        assert (vault.warnings, differences(vault)) == ((), [])
    with Vault.unlock(folder, code) as vault:
        assert vault.warnings == ()


# The anchor


def put_back(kept: Path, vault: Path) -> None:
    shutil.copyfile(kept / DATABASE, vault / DATABASE)


def kept_copy(vault: Vault, aside: Path) -> Path:
    vault.close()
    return Path(shutil.copytree(vault.folder, aside))


def unlocked(folder: Path) -> Vault:
    return Vault.unlock(folder, template()[1])


def test_an_older_database_put_back_is_told_at_every_opening_until_it_is_accepted(tmp_path: Path) -> None:
    vault = furnished(tmp_path)
    kept = kept_copy(vault, tmp_path / "kept")
    with unlocked(vault.folder) as again:
        again.entries.add(words("later"))
    put_back(kept, vault.folder)
    for _ in range(2):
        with unlocked(vault.folder) as rolled_back:
            assert [OLDER in sentence for sentence in rolled_back.warnings] == [True]
            for number in range(9):
                rolled_back.entries.add(words(f"and on {number}"))
    with unlocked(vault.folder) as rolled_back:
        rolled_back._watch.accept()
    with unlocked(vault.folder) as accepted:
        assert accepted.warnings == ()


def test_an_anchor_that_is_missing_changed_or_of_other_changes_is_told(tmp_path: Path) -> None:
    vault = furnished(tmp_path)
    first = kept_copy(vault, tmp_path / "first")
    for folder, text in ((vault.folder, "one way"), (first, "another way")):
        with unlocked(folder) as again:
            again.entries.add(words(text))
    put_back(first, vault.folder)
    with unlocked(vault.folder) as again:
        assert again.warnings[0].startswith("The database is not the one that was closed last")
    *kept, last = (first / ANCHOR).read_bytes()
    (first / ANCHOR).write_bytes(bytes((*kept, last ^ 1)))
    with unlocked(first) as again:
        assert again.warnings[0].count("was changed. Look") == 1
    (first / ANCHOR).unlink()
    with unlocked(first) as again:
        assert again.warnings[-1].count("is missing. Look") == 1


def test_a_kill_leaves_an_older_anchor_and_that_is_no_finding(tmp_path: Path) -> None:
    vault = furnished(tmp_path)
    before = (vault.folder / ANCHOR).read_bytes()
    vault.entries.add(words("written before the kill"))
    killed = Path(shutil.copytree(vault.folder, tmp_path / "killed"))
    assert (killed / ANCHOR).read_bytes() == before
    with unlocked(killed) as again:
        assert again.warnings == ()
        assert differences(again) == []
    assert (killed / ANCHOR).read_bytes() != before
    vault.close()


def test_a_manifest_that_is_gone_is_told_and_words_are_saved_all_the_same(tmp_path: Path) -> None:
    vault = furnished(tmp_path)
    with behind_its_back(vault._database):
        vault._database.run("DELETE FROM manifest WHERE part = ''")
    vault._database.hook = None
    vault.close()
    with unlocked(vault.folder) as again:
        assert len(again.warnings) == 1
        entry = again.entries.add(words("saved all the same"))
    with unlocked(vault.folder) as again:
        assert again.entries.get(entry.id).text == "saved all the same"
        assert len(again.warnings) == 1
        again._watch.accept()
    with unlocked(vault.folder) as again:
        assert (again.warnings, again.check()) == ((), [])
    assert (again.folder / ATTACHMENTS).is_dir()
