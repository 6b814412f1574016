"""Kill -9 at any moment: what was acknowledged is there, what was not is there whole or not at all."""

from __future__ import annotations

import multiprocessing
import random
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from diary.errors import EntryNotFound
from diary.model.entry import BatchId, EntryFilter, EntryId, Kind
from diary.vault.vault import Vault
from tests.faults.writer import sound_of, write_until_killed
from tests.unit.vault.fresh import fresh_folder

Told = tuple[str, int, Any]


def run_and_kill(folder: Path, code: str, run: int, dice: random.Random) -> list[Told]:
    """Start a writer, kill it after some acknowledgements and up to 10 ms; what it was promised."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.writer"])
    hear, tell = context.Pipe(duplex=False)
    writer = context.Process(target=write_until_killed, args=(folder, code, run, tell))
    writer.start()
    tell.close()
    promised: list[Told] = []
    wanted = dice.randrange(0, 40)
    while len(promised) < wanted:
        promised.append(hear.recv())
    if hear.poll(dice.uniform(0, 0.01)):
        promised.append(hear.recv())
    writer.kill()
    promised += _rest(hear)
    writer.join()
    assert writer.exitcode == -9  # it must not have ended by itself, with a traceback for instance
    return promised


def _rest(hear: Connection) -> list[Told]:
    rest: list[Told] = []
    try:
        while True:
            rest.append(hear.recv())
    except (EOFError, OSError):
        return rest


def require_kept(vault: Vault, promised: list[Told]) -> None:
    perhaps_deleted = {number for what, number, _ in promised if what == "deleting"}
    drafted = [text for what, _, text in promised if what == "drafted"]
    for what, number, detail in promised:
        if what == "deleted":
            with pytest.raises(EntryNotFound):
                vault.entries.get(EntryId(number))
        elif what in ("drafted", "indexed", "deleting") or (what == "added" and number in perhaps_deleted):
            continue
        elif what == "imported":
            assert len(vault.entries.list(EntryFilter(batch=BatchId(number)))) == detail
        elif what == "recorded":
            assert vault.recordings.sound(EntryId(number)) == sound_of(int(detail))
        else:
            assert vault.entries.get(EntryId(number)).text == detail
    if drafted:
        (draft,) = vault.drafts.list()
        # The next one may have been kept without the writer living to tell.
        assert draft.text == drafted[-1] or turn_of(draft.text) == turn_of(drafted[-1]) + 1


def turn_of(text: str) -> int:
    return int(text.split()[1])


def require_whole(vault: Vault) -> None:
    assert vault.check() == []
    for batch in vault.imports.batches():
        assert len(vault.entries.list(EntryFilter(batch=batch.id))) == batch.added
    for voice in vault.entries.list(EntryFilter(kind=Kind.VOICE)):
        assert vault.recordings.sound(voice.id)
    table = vault.passages.table()
    assert len(vault.passages.matches("turn", limit=100_000)) == len(table.ids)
    assert (table.own == (table.entries % 99 + 1)[:, None]).all()


def kill_times(tmp_path: Path, times: int) -> None:
    folder, code = fresh_folder(tmp_path)
    dice = random.Random(20260508)
    acknowledged = 0
    for run in range(times):
        promised = run_and_kill(folder, code, run, dice)
        acknowledged += len(promised)
        with Vault.unlock(folder, code) as vault:
            require_kept(vault, promised)
            require_whole(vault)
    assert acknowledged > times * 5


def test_nothing_acknowledged_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    kill_times(tmp_path, 20)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_nothing_acknowledged_is_lost_in_a_hundred_kills(tmp_path: Path) -> None:
    kill_times(tmp_path, 100)
