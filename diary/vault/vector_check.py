"""Whether the vectors are laid out as vec0 left them: its tables agree, and what is free holds nothing.

What each vector says is in the manifest. Here it is seen that the list of rows, the rows that each chunk
claims and the bits that say which are valid agree, and that the places of deleted vectors hold zeros, as
sqlite-vec 0.1.9 leaves them: an old page put back would show a deleted vector there.
"""

# ruff: noqa: S608 - the names of tables are our own

from __future__ import annotations

from array import array
from collections.abc import Iterator

from diary.vault.connection import Database
from diary.vault.vectors import VectorTable, tables

_PARTS = ("vector_chunks00", "vector_chunks01")


def vector_findings(database: Database) -> list[str]:
    """What is wrong, in sentences.

    :raises diary.errors.VaultDamaged: when they cannot be read to the end.
    """
    wrong = sum(1 for table in tables(database) for _ in _wrong_chunks(database, table))
    chunks = "1 block" if wrong == 1 else f"{wrong} blocks"
    return [f"{chunks} of vectors are not laid out as they were"] if wrong else []


def _wrong_chunks(database: Database, table: VectorTable) -> Iterator[int]:
    rows = database.rows(f'SELECT rowid, chunk_id, chunk_offset FROM "{table.name}_rowids"')
    places = {(chunk, offset): row for row, chunk, offset in rows}
    ids = [int(row[0]) for row in database.rows(f'SELECT chunk_id FROM "{table.name}_chunks"')]
    for chunk in ids:
        if not _agrees(database, table, chunk, places):
            yield chunk
    yield from sorted({chunk for chunk, _ in places} - set(ids))


def _agrees(database: Database, table: VectorTable, chunk: int, places: dict[tuple[int, int], int]) -> bool:
    size, validity, numbers = database.rows(
        f'SELECT size, validity, rowids FROM "{table.name}_chunks" WHERE chunk_id = ?', (chunk,)
    )[0]
    claimed = array("q", numbers)
    if len(validity) * 8 != size or len(claimed) != size:
        return False
    blobs = [
        (database.row(f'SELECT vectors FROM "{table.name}_{part}" WHERE rowid = ?', (chunk,)) or (b"",))[0]
        for part in _PARTS
    ]
    if any(len(blob) != size * table.dimensions for blob in blobs):
        return False
    for offset in range(size):
        if validity[offset // 8] >> offset % 8 & 1:
            if places.get((chunk, offset)) != claimed[offset]:
                return False
        elif (
            (chunk, offset) in places or claimed[offset] or any(_holds(blob, offset, table) for blob in blobs)
        ):
            return False
    return True


def _holds(blob: bytes, offset: int, table: VectorTable) -> bool:
    width = table.dimensions
    return any(blob[offset * width : (offset + 1) * width])
