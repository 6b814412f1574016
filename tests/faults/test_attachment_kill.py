"""Kill -9 while files are attached, removed and deleted with their entries: no file stays that no row names,
no row names a file that is not there, and what was acknowledged is whole.
"""

from __future__ import annotations

import multiprocessing
import random
from pathlib import Path
from typing import Any

import pytest

from diary.errors import AttachmentNotFound
from diary.model.entry import EntryFilter
from diary.vault.keyed_files import all_files, missing
from diary.vault.removal import ATTACHMENTS
from diary.vault.vault import Vault
from tests.faults.attacher import TOGETHER, attach_until_killed, content_of
from tests.unit.vault.fresh import fresh_folder

Told = tuple[str, int, Any]
CHANGES_IN_A_TURN = 10  # three files made, one removed, and names beside them


def promised_before_the_kill(
    folder: Path, code: str, *, last: int = 0, after: float | None = None
) -> list[Told]:
    """Killed before so many changes of names, or so many seconds after its first promise."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.attacher"])
    hear, tell = context.Pipe(duplex=False)
    process = context.Process(target=attach_until_killed, args=(folder, code, last, tell))
    process.start()
    tell.close()
    heard: list[Told] = []
    try:
        while True:
            heard.append(hear.recv())
            if after is not None and not hear.poll(after):
                process.kill()
    except (EOFError, OSError):
        pass
    process.join()
    assert process.exitcode == -9  # it must not have ended by itself, with a traceback for instance
    return heard


def require_kept(folder: Path, code: str, promised: list[Told]) -> int:
    """Open the vault as a person would; how many attachments there are."""
    with Vault.unlock(folder, code) as vault:
        assert vault.check() == []
        named = {one.file for one in all_files(vault._database)}
        assert {path.name for path in (folder / ATTACHMENTS).iterdir()} == named
        assert missing(vault._database, folder / ATTACHMENTS) == 0
        for one in vault.attachments.of():
            assert b"".join(vault.attachments.content(one.id)) == content_of(one.name)
        leaving = {entry for what, entry, _ in promised if what == "deleting"}
        removing = {detail for what, _, detail in promised if what == "removing"}
        for what, entry, detail in promised:
            if what == "added" and entry not in leaving:
                kept = {one.id for one in vault.attachments.of(entry)}  # type: ignore[arg-type]
                assert kept | removing >= set(detail)
            elif what == "removed":
                with pytest.raises(AttachmentNotFound):
                    vault.attachments.get(detail)
            elif what == "deleted":
                assert vault.attachments.of(entry) == []  # type: ignore[arg-type]
        for entry in vault.entries.list(EntryFilter()):
            assert len(vault.attachments.of(entry.id)) in (0, TOGETHER - 1, TOGETHER)
        return len(vault.attachments.of())


def test_attaching_and_removing_survive_being_killed(tmp_path: Path) -> None:
    folder, code = fresh_folder(tmp_path)
    dice = random.Random(20261121)
    everything: list[Told] = []
    for last in dice.sample(range(1, 4 * CHANGES_IN_A_TURN), 5):
        everything += promised_before_the_kill(folder, code, last=last)
        require_kept(folder, code, everything)
    assert {"added", "removed", "deleted"} <= {what for what, _, _ in everything}


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_attaching_and_removing_survive_two_hundred_kills(tmp_path: Path) -> None:
    folder, code = fresh_folder(tmp_path)
    dice = random.Random(1)
    everything: list[Told] = []
    for turn in range(200):
        if turn % 2:
            everything += promised_before_the_kill(folder, code, after=dice.uniform(0, 0.02))
        else:
            everything += promised_before_the_kill(folder, code, last=turn // 2 + 1)
        require_kept(folder, code, everything)
        with Vault.unlock(folder, code) as vault:  # so that the vault stays small
            for entry in sorted({one.entry for one in vault.attachments.of()})[:-8]:
                vault.entries.delete(entry)
                everything = [told for told in everything if told[1] != entry]
