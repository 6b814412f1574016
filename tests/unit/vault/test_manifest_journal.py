"""Changes of the manifest are kept in a journal, whose rows can neither be changed, moved nor left out."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from diary.model.audit import Event
from diary.model.entry import EntryChanges, EntryId
from diary.model.progress import Progress
from diary.vault import manifest, vectors
from diary.vault.manifest import BUILDING, Difference
from diary.vault.manifest_journal import journalled
from diary.vault.manifest_parts import FACTS, GROUP, WORDS, VectorsPart
from diary.vault.manifest_tree import JOURNAL_LEVEL
from diary.vault.rescue.gathering import entries_of, gather
from diary.vault.rescue.pages import PageFile
from diary.vault.rotation import DATABASE
from diary.vault.scrubbing import page_size
from diary.vault.vault import Vault
from tests.unit.vault import version_3, version_4
from tests.unit.vault.fresh import fresh_vault, reopened, words
from tests.unit.vault.test_manifest import behind_its_back, differences, settle
from tests.unit.vault.test_removal_and_recordings import VECTOR, index

JOURNAL = f"part = '' AND level = {JOURNAL_LEVEL}"


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with fresh_vault(tmp_path) as vault:
        settle(vault)
        for number in range(4):
            vault.entries.add(words(f"day {number}", days=number))
        yield vault


def rows(vault: Vault) -> int:
    ((count,),) = vault._database.rows(f"SELECT count(*) FROM manifest WHERE {JOURNAL}")
    return int(count)


def nodes(vault: Vault) -> int:
    ((count,),) = vault._database.rows("SELECT count(*) FROM manifest WHERE part = 'words'")
    return int(count)


def test_a_commit_adds_one_row_and_writes_no_node(vault: Vault) -> None:
    before, state = nodes(vault), vault._watch.manifest.state()
    assert rows(vault) == 4
    vault.entries.add(words("the fifth"))
    assert (rows(vault), nodes(vault)) == (5, before)
    assert differences(vault) == []
    assert state is not None
    assert vault._watch.manifest.state() != state
    with reopened(vault) as again:
        assert (again.warnings, differences(again), rows(again) > 5) == ((), [], True)


def test_many_rows_and_much_at_once_go_into_the_nodes(vault: Vault) -> None:
    vault.imports.add([words(f"more {day}", days=day) for day in range(600)], format="jrnl", source="x")
    assert rows(vault) == 0
    for number in range(300):
        vault.drafts.save("new", f"draft {number}")
    assert rows(vault) < 256
    assert differences(vault) == vault._watch.manifest.quick_differences() == []


@pytest.mark.parametrize(
    "spoil",
    [
        f"DELETE FROM manifest WHERE {JOURNAL} AND position = 1",
        f"DELETE FROM manifest WHERE {JOURNAL} AND position = 0",
        f"UPDATE manifest SET mac = zeroblob(40) WHERE {JOURNAL} AND position = 2",
        f"UPDATE manifest SET mac = (SELECT mac FROM manifest WHERE {JOURNAL} AND position = 0) "
        f"WHERE {JOURNAL} AND position = 3",
        f"INSERT INTO manifest SELECT part, level, 4, mac FROM manifest WHERE {JOURNAL} AND position = 3",
    ],
)
def test_a_row_that_is_missing_changed_or_another_is_told_quickly(vault: Vault, spoil: str) -> None:
    with behind_its_back(vault._database):
        assert vault._database.run(spoil) == 1
    assert vault._watch.manifest.quick_differences() == [Difference("", None)]
    assert differences(vault) == [Difference("", None)]


def test_rows_from_before_they_went_into_the_nodes_are_told_quickly(vault: Vault) -> None:
    kept = vault._database.rows(f"SELECT * FROM manifest WHERE {JOURNAL}")
    settle(vault)
    with behind_its_back(vault._database):
        vault._database.run_many("INSERT INTO manifest VALUES (?, ?, ?, ?)", kept)
    assert vault._watch.manifest.quick_differences() == [Difference("", None)]


@pytest.mark.parametrize("level", [0, 1, 2, JOURNAL_LEVEL])
def test_rows_of_another_table_in_the_place_of_nodes_are_told(vault: Vault, level: int) -> None:
    """As where an old page was one of another table; what STRICT keeps a statement from writing is there."""
    database = vault._database
    vault.entries.revise(1, EntryChanges(title="changed"))  # type: ignore[arg-type]
    with behind_its_back(database):
        database.run("ALTER TABLE manifest RENAME TO whole")
        database.run("CREATE TABLE manifest (part, level, position, mac)")
        database.run("INSERT INTO manifest SELECT * FROM whole")
        assert database.run("UPDATE manifest SET mac = NULL WHERE level = ?", (level,))
    found = vault._watch.manifest.quick_differences()
    assert any(one.unit is None for one in found)
    assert any(one.unit is None for one in differences(vault))


def test_the_last_row_left_out_is_an_entry_that_differs(vault: Vault) -> None:
    with behind_its_back(vault._database):
        vault._database.run(f"DELETE FROM manifest WHERE {JOURNAL} AND position = 3")
    assert Difference(WORDS, 4) in vault._watch.manifest.quick_differences()


@pytest.mark.parametrize(
    ("statement", "expected", "newest", "sample"),
    [
        ("DELETE FROM entries WHERE id = 1", Difference(WORDS, None), 1, 0),
        ("UPDATE settings SET value = 'x' WHERE name = 'told'", Difference(FACTS, 0), 1, 0),
        ("UPDATE entries SET title = 'x' WHERE id = 4", Difference(WORDS, 4), 1, 0),
        (
            "UPDATE entries SET title = 'x' WHERE id = 1",
            Difference(WORDS, 1),
            0,
            300,
        ),
    ],
    ids=["an older entry is gone", "a setting", "the newest entry", "one of the sample"],
)
def test_each_thing_that_is_looked_at_quickly_is_told_by_itself(
    vault: Vault,
    monkeypatch: pytest.MonkeyPatch,
    statement: str,
    expected: Difference,
    newest: int,
    sample: int,
) -> None:
    monkeypatch.setattr(manifest, "_NEWEST", newest)
    monkeypatch.setattr(manifest, "_SAMPLE", sample)
    vault._database.run("INSERT INTO settings(name, value) VALUES ('told', 'y')")
    assert vault._watch.manifest.quick_differences() == []
    with behind_its_back(vault._database):
        assert vault._database.run(statement) == 1
    assert expected in vault._watch.manifest.quick_differences()


def test_an_older_database_is_told_though_only_the_journal_is_longer(vault: Vault, tmp_path: Path) -> None:
    with reopened(vault) as again:
        pass
    old = shutil.copyfile(again.folder / DATABASE, tmp_path / "old")
    with reopened(again) as later:
        later.drafts.save("new", "some words")
    shutil.copyfile(old, again.folder / DATABASE)
    with reopened(later) as put_back:
        assert ["put back" in one for one in put_back.warnings] == [True]


def test_a_line_missing_at_the_end_of_the_log_is_told_before_the_opening_takes_its_number(
    vault: Vault,
) -> None:
    vault.audit.log(Event.EXPORTED, entries=4)
    with behind_its_back(vault._database):
        vault._database.run("DELETE FROM audit WHERE number = (SELECT max(number) FROM audit)")
    with reopened(vault) as again:
        assert [one.startswith("1 line of the log is") for one in again.warnings] == [True]


def test_an_entry_that_is_brought_back_with_its_number_is_in_the_manifest(vault: Vault) -> None:
    vault.deleted.take_out(1, kept_for=timedelta(days=30))  # type: ignore[arg-type]
    assert differences(vault) == []
    vault.deleted.restore(1)  # type: ignore[arg-type]
    assert vault.entries.get(1).text == "day 0"  # type: ignore[arg-type]
    assert differences(vault) == []


def test_what_is_erased_is_not_left_in_the_journal(vault: Vault) -> None:
    entry = vault.entries.add(words("to be erased"))
    vault.entries.revise(entry.id, EntryChanges(text="still to be erased"))
    leaf = vault._watch.manifest._tree.leaves(WORDS, entry.id, entry.id)[entry.id]
    assert any(leaf in row[0] for row in vault._database.rows("SELECT mac FROM manifest"))
    vault.entries.delete(entry.id)
    kept = vault._database.rows(f"SELECT mac FROM manifest WHERE {JOURNAL}")
    assert not any(leaf in row[0] or entry.id in journalled(row[0]).get(WORDS, {}) for row in kept)


def test_entries_that_only_the_journal_vouches_for_are_salvaged_as_whole(vault: Vault) -> None:
    assert vault._database.checkpoint()
    size = page_size(vault._database)
    with PageFile(vault.folder / DATABASE, vault._key, size) as pages:
        found = list(entries_of(gather(pages, vault._key), vault._key))
    assert [(one.number, one.vouched) for one in found] == [(number, True) for number in range(1, 5)]


def test_an_older_leaf_that_a_node_still_has_vouches_for_no_old_page(vault: Vault) -> None:
    columns = "text, revision, revised, revised_offset, content"
    with vault._database.transaction():
        vault._watch.manifest.settle()
    (before,) = vault._database.rows(f"SELECT {columns} FROM entries WHERE id = 1")
    vault.entries.revise(EntryId(1), EntryChanges(text="other words"))
    vault._database.hook = None
    vault._database.run("DELETE FROM revisions")
    settings = ", ".join(f"{column} = ?" for column in columns.split(", "))
    vault._database.run(f"UPDATE entries SET {settings} WHERE id = 1", before)
    assert vault._database.checkpoint()
    with PageFile(vault.folder / DATABASE, vault._key, page_size(vault._database)) as pages:
        found = list(entries_of(gather(pages, vault._key), vault._key))
    assert [(one.number, one.vouched) for one in found] == [(1, False), (2, True), (3, True), (4, True)]


# Vectors, which an older diary listed one by one


def listed_singly(parent: Path) -> Vault:
    """As an older diary left it, with vectors in more than one unit of today's."""
    vault = fresh_vault(parent)
    vault.passages.use_model("model", len(VECTOR))
    for number in range(GROUP + 3):
        index(vault, vault.entries.add(words(f"day {number}", days=number)).id, f"day {number}")
    manifest, database = vault._watch.manifest, vault._database
    (table,) = vectors.tables(database)
    single = VectorsPart(table, manifest._macs, group=1)
    with database.transaction():
        leaves = {
            unit: manifest._macs.leaf(single.name, unit, content)
            for unit, content in single.contents(database, 0, 999).items()
        }
        assert len(leaves) > GROUP
        manifest._tree.change({single.name: dict(leaves)}, gone=[VectorsPart(table, manifest._macs).name])
    database.hook = None
    return vault


def parts_listed(vault: Vault) -> set[str]:
    return {row[0] for row in vault._database.rows("SELECT DISTINCT part FROM manifest")}


def test_vectors_listed_singly_are_put_together_at_the_next_opening(tmp_path: Path) -> None:
    vault = listed_singly(tmp_path)
    with reopened(vault) as again:
        assert (again.warnings, differences(again)) == ((), [])
        assert parts_listed(again) >= {f"vectors/{GROUP}"}
        assert "vectors" not in parts_listed(again)


def test_a_vector_put_back_before_they_were_put_together_is_told_after(tmp_path: Path) -> None:
    vault = listed_singly(tmp_path)
    (table,) = vectors.tables(vault._database)
    with vault._database.transaction():
        vectors.delete(vault._database, 1)
        vectors.insert(vault._database, table, 1, VECTOR[::-1], VECTOR)
    with reopened(vault) as again:
        assert differences(again) == [Difference(f"vectors/{GROUP}", 0)]


class Killed(BaseException):
    pass


def test_a_first_manifest_tells_how_far_it_has_come_and_when_killed_is_made_at_the_next_opening(
    tmp_path: Path,
) -> None:
    folder, code = Path(shutil.copytree(version_3.FOLDER, tmp_path / "vault")), version_3.CODE.read_text()
    folder.chmod(0o700)

    def die(progress: Progress) -> None:
        raise Killed(progress.task)

    with pytest.raises(Killed, match=BUILDING):
        Vault.unlock(folder, code, report=die)
    told: list[Progress] = []
    with Vault.unlock(folder, code, report=told.append) as vault:
        assert (vault.warnings, differences(vault)) == ((), [])
        assert vault.entries.count() > 0
    assert [one.task for one in told] == [BUILDING] * len(told)
    assert [one.done for one in told] == sorted(one.done for one in told)
    assert told[-1].done == told[-1].total
    with Vault.unlock(folder, code, report=die) as vault:
        assert vault.warnings == ()


def test_a_frozen_vault_with_a_manifest_opens_without_a_finding(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(version_4.FOLDER, tmp_path / "vault"))
    folder.chmod(0o700)
    for _ in range(2):
        with Vault.unlock(folder, version_4.CODE.read_text()) as vault:
            assert (vault.warnings, differences(vault)) == ((), [])
            assert "vectors" not in parts_listed(vault)
