"""What is in no row, compared with what it is made of: each way in which it can disagree is told."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from diary.model.entry import Kind, Transcript
from diary.vault import vectors
from diary.vault.connection import Database
from diary.vault.doctor import examine
from diary.vault.structure import free_pages_that_hold_something, segments_agree, structure_findings
from diary.vault.vault import Vault
from diary.vault.vector_check import vector_findings
from tests.fakes.stores import TickingClock
from tests.unit.vault.fresh import fresh_vault, template, words
from tests.unit.vault.test_removal_and_recordings import VECTOR, index


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with fresh_vault(tmp_path) as vault:
        vault.passages.use_model("model", len(VECTOR))
        for day in range(3):
            index(vault, vault.entries.add(words(f"frost on day {day}", days=day)).id, f"frost on day {day}")
        draft = words("", kind=Kind.VOICE, transcript=Transcript.WAITING)
        vault.recordings.keep(draft, b"sound", name="a.wav")
        with vault._database.transaction():
            vectors.delete(vault._database, 3)
        yield vault


def redefined(database: Database, name: str, definition: str) -> None:
    """As if the pages of an index were those of another time: it is not what its definition says."""
    database.run("PRAGMA writable_schema = ON")
    assert database.run("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (definition, name)) == 1
    database.run("PRAGMA writable_schema = RESET")


def other_column(database: Database) -> None:
    redefined(database, "transcripts_by_entry", "CREATE INDEX transcripts_by_entry ON transcripts(id)")
    database.run("INSERT INTO transcripts VALUES (7, 1, 1, 'x', 1, 1, '[]')")
    redefined(database, "transcripts_by_entry", "CREATE INDEX transcripts_by_entry ON transcripts(entry)")


def more_than_rows(database: Database) -> None:
    sql = "CREATE INDEX entries_by_transcript ON entries(transcript) WHERE transcript IS NULL"
    redefined(database, "entries_by_transcript", sql)


def belongs_to_nothing(database: Database) -> None:
    database.run("PRAGMA foreign_keys = OFF")
    database.run("INSERT INTO pending(happened, entry) VALUES (1, 999)")


STRUCTURE: dict[str, tuple[Callable[[Database], None], str]] = {
    "an index": (other_column, "The structure of the database is broken"),
    "a part": (more_than_rows, "The index entries_by_transcript has other rows"),
    "strays": (belongs_to_nothing, "1 rows belong to nothing"),
}


@pytest.mark.parametrize(("spoil", "said"), STRUCTURE.values(), ids=STRUCTURE.keys())
def test_tables_and_indexes_that_disagree_are_told(
    vault: Vault, spoil: Callable[[Database], None], said: str
) -> None:
    assert structure_findings(vault._database) == []
    spoil(vault._database)
    assert [one for one in structure_findings(vault._database) if one.startswith(said)]


def test_segments_that_are_not_listed_are_told(vault: Vault) -> None:
    assert segments_agree(vault._database)
    vault._database.run("DELETE FROM passages_fts_idx")
    assert not segments_agree(vault._database)


def put(database: Database, statement: str, place: int, value: bytes) -> None:
    """Change some bytes of the one blob that a statement finds."""
    table, column = statement.split(".")
    ((blob,),) = database.rows(f'SELECT {column} FROM "{table}"')
    database.run(f'UPDATE "{table}" SET {column} = ?', (blob[:place] + value + blob[place + len(value) :],))


VECTORS = {
    "a deleted vector is there": ("vectors_vector_chunks00.vectors", 2 * len(VECTOR), b"x"),
    "a deleted one's window is": ("vectors_vector_chunks01.vectors", 2 * len(VECTOR), b"x"),
    "a deleted one counts": ("vectors_chunks.validity", 0, b"\x07"),
    "one does not count": ("vectors_chunks.validity", 0, b"\x02"),
    "another row is claimed": ("vectors_chunks.rowids", 0, struct.pack("<q", 9)),
    "a free place is claimed": ("vectors_chunks.rowids", 16, struct.pack("<q", 9)),
}


class TakenBack(Exception):
    pass


def test_vectors_that_are_not_laid_out_as_they_were_are_told(vault: Vault) -> None:
    assert vector_findings(vault._database) == []
    for name, spoil in VECTORS.items():
        with suppress(TakenBack), vault._database.transaction():
            put(vault._database, *spoil)
            told = vector_findings(vault._database)
            assert told == ["1 block of vectors are not laid out as they were"], name
            raise TakenBack
    assert vector_findings(vault._database) == []


class Pages:
    """A list of free pages: the first page names the second, which lists the third."""

    def __init__(self, *, following: int = 0, held: bytes | None = bytes(64)) -> None:
        self._pages = {
            1: bytes(32) + struct.pack(">I", 2) + bytes(28),
            2: struct.pack(">III", following, 1, 3).ljust(64, b"\0"),
            3: held,
        }

    def page(self, number: int) -> bytes | None:
        return self._pages.get(number)


def test_a_free_page_that_holds_something_or_leads_nowhere_is_told() -> None:
    found = [
        free_pages_that_hold_something(pages)  # type: ignore[arg-type]  # what is asked of them
        for pages in (
            Pages(),
            Pages(held=bytes(63) + b"x"),
            Pages(held=None),
            Pages(following=2),
            Pages(following=9),
        )
    ]
    assert found == [0, 1, 1, 1, 1]


def test_the_doctor_looks_at_each(vault: Vault) -> None:
    vault._database.run("DELETE FROM passages_fts_idx")
    put(vault._database, *VECTORS["a deleted vector is there"])
    belongs_to_nothing(vault._database)
    vault.close()
    checks = examine(vault.folder, template()[1], now=TickingClock())
    found = {check.name for check in checks if check.findings}
    assert {"structure", "full text", "vectors"} <= found
