"""SQLite's check of a restored database: what breaks a tree is refused, what breaks an index is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from diary.errors import BackupDamaged
from diary.model.entry import EntryFilter
from diary.vault.backups.restoring import drill, restore
from diary.vault.backups.structure import indexes_are_sound, trees_are_sound
from diary.vault.connection import Database, open_database
from diary.vault.vault import DATABASE, Vault
from tests.unit.vault.backed_up import CODE, furnished
from tests.unit.vault.backed_up import out as out
from tests.unit.vault.fresh import MORNING, words

Breaks = Callable[[Vault], None]


def another(vault: Vault) -> Database:
    """A connection of its own to the same database."""
    return open_database(vault.folder / DATABASE, vault._key, page_size=vault.backups._source.page_size)


def break_a_tree(vault: Vault) -> None:
    """Two tables with the same pages, each of which is whole: only looking at all of them tells it."""
    database = another(vault)
    database.rows("PRAGMA writable_schema = ON")
    database.run(
        "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'drafts') "
        "WHERE name = 'glossary'"
    )
    database.close()


def lose_a_page(vault: Vault) -> None:
    """Pages that belong to nothing."""
    database = another(vault)
    database.rows("PRAGMA writable_schema = ON")
    database.run("DELETE FROM sqlite_schema WHERE tbl_name = 'unread'")
    database.close()


def break_the_index(vault: Vault) -> None:
    vault._database.run("DELETE FROM passages_fts_data WHERE id > 10")


def lose_the_index(vault: Vault) -> None:
    """So that it cannot even be opened."""
    vault._database.run("DELETE FROM passages_fts_config")


def looked_at(vault: Vault) -> tuple[bool, bool, list[object]]:
    """What each half says, and what SQLite says of all of it."""
    whole, half, other = another(vault), another(vault), another(vault)
    try:
        told = [row[0] for row in whole.rows("PRAGMA quick_check")]
        return trees_are_sound(half), indexes_are_sound(other), told
    finally:
        for database in (whole, half, other):
            database.close()


def test_two_halves_say_what_the_whole_check_says_and_write_nothing(tmp_path: Path) -> None:
    with furnished(tmp_path) as vault:
        vault.entries.add(words("a text of many pages " * 20_000))
        vault._database.checkpoint()
        before = (vault.folder / DATABASE).read_bytes()
        assert looked_at(vault) == (True, True, ["ok"])
        vault._database.checkpoint()
        assert (vault.folder / DATABASE).read_bytes() == before
        break_the_index(vault)
        trees, indexes, told = looked_at(vault)
        assert (trees, indexes) == (True, False)
        assert "fts5" in str(told)


@pytest.mark.parametrize("breaks", [break_a_tree, lose_a_page])
def test_a_backup_whose_pages_are_authentic_and_broken_all_the_same_is_refused(
    tmp_path: Path, out: Path, breaks: Breaks
) -> None:
    with furnished(tmp_path) as vault:
        breaks(vault)
        assert looked_at(vault)[:2] == (False, True)
        made = vault.backups.make(out)
    with pytest.raises(BackupDamaged, match="the structure of its database is broken"):
        drill(made.file, CODE, scratch=tmp_path)
    with pytest.raises(BackupDamaged, match="the structure of its database is broken"):
        restore(made.file, CODE, tmp_path / "again", now=MORNING)
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize("breaks", [break_the_index, lose_the_index])
def test_a_diary_whose_full_text_index_was_broken_is_restored_and_that_is_told(
    tmp_path: Path, out: Path, breaks: Breaks
) -> None:
    """The index holds nothing that the entries do not hold; a diary that was lost is not refused for it."""
    with furnished(tmp_path) as vault:
        breaks(vault)
        made = vault.backups.make(out)
        entries = vault.entries.list(EntryFilter())
    (told,) = drill(made.file, CODE, scratch=tmp_path).findings
    assert "full-text index was broken in the diary already" in told
    restored = restore(made.file, CODE, tmp_path / "again", now=MORNING)
    assert restored.drilled.findings == (told,)
    with Vault.unlock(tmp_path / "again", CODE) as again:
        assert again.entries.list(EntryFilter()) == entries
