"""Scrubbing leaves every row as it was and no gap with anything in it, and goes on when it was cut short."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from diary.model.entry import EntryChanges, EntryFilter
from diary.vault import scrubbing
from diary.vault.pages import PageFile
from diary.vault.scrubbing import Scrubber, _leaves
from diary.vault.vault import Vault
from tests.forensics.evidence import filled
from tests.unit.vault.fresh import fresh_vault, reopened, words
from tests.unit.vault.test_removal_and_recordings import ALL_TABLES

OWN = ("scrubbing.due",)


def rows_of(vault: Vault) -> dict[str, list[tuple[object, ...]]]:
    tables = [row[0] for row in vault._database.rows(ALL_TABLES)]
    found = {table: vault._database.rows(f'SELECT * FROM "{table}"') for table in tables}
    del found["manifest"]  # it counts commits; the check below reads it
    found["settings"] = [row for row in found["settings"] if row[0] not in OWN]
    return found


def dirty_gaps(vault: Vault) -> int:
    """Leaves of tables whose gap holds anything; that of the setting itself may hold where it stood."""
    assert vault._database.checkpoint()
    scrubber = vault.entries._removal._scrubber
    with scrubber._path.open("rb") as file:
        pages = PageFile(file, vault._key, scrubbing.page_size(vault._database))
        return sum(
            not leaf.clean
            for table in scrubber._tables()
            if table.name != "settings"
            for leaf in _leaves(pages, table.root, scrubbing._LOWEST)
        )


def due(vault: Vault) -> Scrubber:
    scrubber = vault.entries._removal._scrubber
    with vault._database.transaction():
        scrubber.make_due()
    return scrubber


def test_every_row_stays_as_it_was_and_every_gap_is_empty(tmp_path: Path) -> None:
    vault = filled(tmp_path, others=60).vault
    long = vault.entries.add(words("many words " * 30_000))
    vault.entries.revise(long.id, EntryChanges(text="other words " * 20_000))
    before = rows_of(vault)
    assert dirty_gaps(vault) > 0
    assert due(vault).run()
    assert dirty_gaps(vault) == 0
    assert rows_of(vault) == before
    assert vault.check() == []
    assert vault._database.rows("INSERT INTO passages_fts(passages_fts) VALUES ('integrity-check')") == []
    vault.close()


@pytest.mark.parametrize("seed", range(4))
def test_rows_of_any_length_are_cleaned_around(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    vault = fresh_vault(tmp_path)
    for _ in range(40):
        vault.entries.add(words("x" * dice.choice([1, 100, 3000, 8000, 16_000, 16_200, 17_000, 40_000])))
    for entry in dice.sample(vault.entries.list(EntryFilter()), 25):
        vault.entries.revise(entry.id, EntryChanges(text="y" * dice.choice([2, 900, 5000, 16_100, 33_000])))
    before = rows_of(vault)
    assert due(vault).run()
    assert dirty_gaps(vault) == 0
    assert rows_of(vault) == before
    vault.close()


def test_a_scrubbing_that_was_cut_short_is_due_after_the_next_opening(tmp_path: Path) -> None:
    vault = filled(tmp_path, others=20).vault
    assert not due(vault).run(cancelled=lambda: True)
    again = reopened(vault)
    scrubber = again.entries._removal._scrubber
    assert scrubber.due
    assert again.entries._removal.finish()
    assert not scrubber.due
    assert dirty_gaps(again) == 0
    again.close()


def test_while_a_backup_keeps_the_file_still_it_waits(tmp_path: Path) -> None:
    vault = filled(tmp_path, others=20).vault
    scrubber = due(vault)
    with vault._database.still():
        assert not scrubber.run()
        assert scrubber.due
    assert scrubber.run()
    vault.close()
