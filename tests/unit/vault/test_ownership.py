"""A vault that root opened is its owner's afterwards, every file of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from diary.model.entry import EntryChanges
from diary.vault import noted
from diary.vault.vault import Vault
from tests.unit.vault.fresh import MORNING, fresh_vault, template, words

SOMEBODY = 65534


def files(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.stat().st_uid for path in folder.rglob("*") if path.is_file()}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root opens what is another user's")
def test_what_root_leaves_in_the_vault_of_another_is_the_other_s_and_rouses_no_suspicion(
    tmp_path: Path,
) -> None:
    vault = fresh_vault(tmp_path / "vault")
    entry = vault.entries.add(words("mine")).id
    vault.close()
    folder = vault.folder
    for path in (folder, *folder.rglob("*")):
        os.chown(path, SOMEBODY, SOMEBODY)
    with Vault.unlock(folder, template()[1]) as opened:
        opened.entries.revise(entry, EntryChanges(text="mine still"))
        noted.note(folder, noted.Note(MORNING, noted.What.RESTORED))
    assert set(files(folder).values()) == {SOMEBODY}
    with Vault.unlock(folder, template()[1]) as opened:
        assert opened.warnings == ()
        assert opened.entries.get(entry).text == "mine still"
