"""Kill -9 while the embedding model changes: search goes on with whole vectors, and the change is made."""

from __future__ import annotations

import multiprocessing
import random
from pathlib import Path

import numpy as np

from diary.model.entry import EntryFilter
from diary.vault.vault import Vault
from retrieval.indexing import Indexer
from tests.faults.renewer import AFTER, BEFORE, Letters, renew_until_killed
from tests.unit.vault.fresh import fresh_folder, fresh_vault, words

ENTRIES = 100
KILLS = 4


def started_and_killed(folder: Path, code: str, steps: int, dice: random.Random) -> bool:
    """Kill it after so many steps and up to 10 ms; whether it had finished before."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.renewer"])
    hear, tell = context.Pipe(duplex=False)
    renewer = context.Process(target=renew_until_killed, args=(folder, code, tell))
    renewer.start()
    tell.close()
    heard = [hear.recv() for _ in range(1)]
    while len(heard) < steps and heard[-1][0] != "done":
        heard.append(hear.recv())
    if heard[-1][0] != "done" and hear.poll(dice.uniform(0, 0.01)):
        heard.append(hear.recv())
    renewer.kill()
    renewer.join()
    return heard[-1][0] == "done"


def require_searchable(vault: Vault) -> None:
    """Whatever serves is complete, but for what is pending, and of one model."""
    serving = vault.passages.models[0]
    embedder = Letters(*(AFTER if serving == AFTER[0] else BEFORE))
    table = vault.passages.table()
    assert table.own.shape == (len(table.ids), embedder.dimensions)
    assert table.own.any(axis=1).all()
    assert len(table.ids) + vault.passages.pending_count() >= ENTRIES
    texts = [f"[x] {one.text}" for one in vault.passages.passages(table.ids.tolist())]
    assert len(vault.passages.matches("turn", limit=10_000)) == len(texts)
    assert vault.check() == []


def test_a_change_of_the_model_survives_being_killed_again_and_again(tmp_path: Path) -> None:
    folder, code = fresh_folder(tmp_path)
    before, after = Letters(*BEFORE), Letters(*AFTER)
    with Vault.unlock(folder, code) as vault:
        for number in range(ENTRIES):
            vault.entries.add(words(f"turn {number} of many", days=number))
        Indexer(vault.passages, before).run()
    dice = random.Random(20261121)
    for turn in range(KILLS):
        finished = started_and_killed(folder, code, 1 + turn % 2, dice)
        with Vault.unlock(folder, code) as vault:
            require_searchable(vault)
            vault.entries.add(words(f"turn meanwhile {turn}", days=200 + turn))
        if finished:
            break
    with Vault.unlock(folder, code) as vault:
        Indexer(vault.passages, after, {before.model: before}.get).run()
        require_searchable(vault)
        require_as_if_it_had_been_the_first(vault, after, tmp_path)
        assert len(vault._database.rows("SELECT 1 FROM sqlite_master WHERE sql LIKE '%USING vec0(%'")) == 1


def require_as_if_it_had_been_the_first(vault: Vault, after: Letters, tmp_path: Path) -> None:
    """The same entries, indexed with this model alone, have the same vectors."""
    (tmp_path / "other").mkdir()
    with fresh_vault(tmp_path / "other") as other:
        for entry in reversed(vault.entries.list(EntryFilter())):
            other.entries.add(words(entry.text, happened=entry.happened))
        Indexer(other.passages, after).run()
        expected, found = other.passages.table(), vault.passages.table()
        assert np.array_equal(found.own, expected.own)
        assert np.array_equal(found.window, expected.window)
