"""FTS5's list of pages keeps no word that is indexed no longer, and searching finds what it found before."""

from __future__ import annotations

from pathlib import Path

import pytest

from diary.model.passage import PassageDraft
from diary.vault import scrubbing
from diary.vault.vault import Vault
from tests.forensics.evidence import found_of
from tests.unit.vault.fresh import fresh_vault, words


def erase_a_separator(folder: Path) -> tuple[Vault, bytes]:
    """Erase the entry with a word that tells one page of the index from the one before it; that word."""
    vault = fresh_vault(folder)
    entries = [vault.entries.add(words(f"number {number}")) for number in range(60)]
    for number, entry in enumerate(entries):
        text = " ".join(f"querstrich{number:02}{word:03}" for word in range(40))
        draft = PassageDraft(ordinal=0, start=0, end=1, header="", text=text, context="")
        vault.passages.replace(entry, [draft])
    with vault._database.transaction():
        vault._database.run("INSERT INTO passages_fts(passages_fts) VALUES ('optimize')")
    listed = vault._database.rows("SELECT term FROM passages_fts_idx WHERE length(term) > 14")
    separator = bytes(listed[0][0])[1:]
    number = int(separator[10:12])
    assert found_of(vault, {"it": separator})
    vault.entries.delete(entries[number].id)
    return vault, separator


def test_the_list_of_pages_keeps_nothing_of_an_erased_word(tmp_path: Path) -> None:
    vault, separator = erase_a_separator(tmp_path)
    assert found_of(vault, {"it": separator}) == {}
    gone = int(separator[10:12])
    waiting = {gone - 1, gone, gone + 1}  # its neighbours are indexed again without its words
    for number in range(60):
        found = vault.passages.matches(f"querstrich{number:02}020", limit=9)
        assert len(found) == (number not in waiting), number
    vault._database.run("INSERT INTO passages_fts(passages_fts, rank) VALUES ('integrity-check', 1)")
    vault.close()


def test_without_that_it_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrubbing, "forget_separators", lambda _: None)
    vault, separator = erase_a_separator(tmp_path)
    assert found_of(vault, {"it": separator}) != {}
    vault.close()
