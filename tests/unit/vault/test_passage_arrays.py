"""The table of passages: read whole in pieces, and kept up with changes, it is what the database says."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from diary.errors import VaultDamaged
from diary.model.entry import Entry, EntryChanges
from diary.model.passage import PassageDraft
from diary.model.passage_table import PassageTable
from diary.vault import passage_arrays, vectors
from diary.vault.passage_arrays import TableKeeper
from diary.vault.vault import Vault
from tests.unit.vault.fresh import fresh_vault, words

WIDTH = 8


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with fresh_vault(tmp_path) as made:
        made.passages.use_model("tiny", WIDTH)
        yield made


def index(vault: Vault, entry: Entry, count: int) -> None:
    """Give an entry passages with vectors that no other passage has."""
    drafts = []
    for ordinal in range(count):
        own = bytes(
            (entry.id * 7 + entry.revision * 31 + ordinal * 3 + place) % 256 for place in range(WIDTH)
        )
        drafts.append(
            PassageDraft(
                ordinal=ordinal,
                start=0,
                end=1,
                header="[x]",
                text=f"{entry.id}.{entry.revision}.{ordinal}",
                context="",
                own=own,
                window=own[::-1],
            )
        )
    vault.passages.replace(entry, drafts)


def as_vec0_says(vault: Vault) -> tuple[list[tuple[int, ...]], list[bytes], list[bytes]]:
    database = vault._database
    rows = database.rows(
        "SELECT p.id, p.entry, e.happened, e.happened_day FROM passages p JOIN entries e ON e.id = p.entry "
        "ORDER BY e.happened, e.id, p.ordinal"
    )
    stored = {row[0]: row[1:] for row in database.rows("SELECT passage, own, window FROM vectors")}
    return rows, [stored[row[0]][0] for row in rows], [stored[row[0]][1] for row in rows]


def require_same(table: PassageTable, vault: Vault) -> None:
    rows, own, window = as_vec0_says(vault)
    columns = zip(
        *(each.tolist() for each in (table.ids, table.entries, table.moments, table.days)), strict=True
    )
    assert list(columns) == rows
    assert [row.tobytes() for row in table.own] == own
    assert [row.tobytes() for row in table.window] == window
    assert table.version == vault.passages.version


def one_change(vault: Vault, kept: list[Entry], dice: random.Random) -> None:
    what = dice.random()
    if what < 0.5 or not kept:
        entry = vault.entries.add(words(str(dice.random()), days=dice.randrange(40)))
        index(vault, entry, dice.randrange(4))
        kept.append(entry)
    elif what < 0.7:
        vault.entries.delete(kept.pop(dice.randrange(len(kept))).id)
    else:
        place = dice.randrange(len(kept))
        changes = EntryChanges(text=str(dice.random()), happened=words(days=dice.randrange(40)).happened)
        kept[place] = vault.entries.revise(kept[place].id, changes)
        index(vault, kept[place], dice.randrange(5))


def test_after_any_changes_the_table_is_what_vec0_says(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passage_arrays, "BLOCK", 8)
    dice, kept = random.Random(8), list[Entry]()
    for turn in range(120):
        one_change(vault, kept, dice)
        if turn % 3 == 0:
            require_same(vault.passages.table(), vault)
        if turn % 40 == 0:
            require_same(TableKeeper(vault._database).table(vectors.serving(vault._database)), vault)
    assert max(len(block) for block in vault.passages.table().blocks) < 16


def test_many_chunks_of_vec0_with_gaps_are_read_as_vec0_says(vault: Vault) -> None:
    entries = [vault.entries.add(words(str(day), days=day)) for day in range(24)]
    for entry in reversed(entries):
        index(vault, entry, 100 if entry.id % 2 else 50)
    for entry in entries[5:20:7]:
        vault.entries.delete(entry.id)
    require_same(vault.passages.table(), vault)


def test_a_change_makes_anew_only_the_blocks_it_falls_into(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passage_arrays, "BLOCK", 8)
    entries = [vault.entries.add(words(str(day), days=day)) for day in range(40)]
    for entry in entries:
        index(vault, entry, 1)
    before = vault.passages.table()
    index(vault, vault.entries.revise(entries[20].id, EntryChanges(text="changed")), 1)
    after = vault.passages.table()
    assert [one is other for one, other in zip(before.blocks, after.blocks, strict=True)] == [
        number != 2 for number in range(5)
    ]


def test_a_table_that_nothing_changed_is_the_same_object(vault: Vault) -> None:
    index(vault, vault.entries.add(words("a")), 1)
    assert vault.passages.table() is vault.passages.table()


def test_what_is_written_while_the_table_is_read_is_in_it(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in range(5):
        index(vault, vault.entries.add(words(str(day), days=day)), 300)
    read, written = passage_arrays.chunk_after, list[Entry]()

    def reading(*given: object) -> object:
        if not written:
            written.append(vault.entries.add(words("meanwhile", days=2)))
            thread = threading.Thread(target=index, args=(vault, written[0], 2))
            thread.start()
            thread.join(30)
            assert not thread.is_alive() or pytest.fail("the database is held for the whole reading")
        return read(*given)  # type: ignore[arg-type]

    def between_pieces(*given: object) -> object:
        lock = vault._database._lock
        lock.release()  # as if the other thread came just before this piece
        try:
            return reading(*given)
        finally:
            lock.acquire()

    monkeypatch.setattr(passage_arrays, "chunk_after", between_pieces)
    require_same(vault.passages.table(), vault)
    assert written[0].id in vault.passages.table().entries


def test_chunks_of_another_layout_are_told_as_damage(vault: Vault) -> None:
    index(vault, vault.entries.add(words("a")), 1)
    vault._database.run("UPDATE vectors_vector_chunks01 SET vectors = substr(vectors, 2)")
    with pytest.raises(VaultDamaged):
        vault.passages.table()
