"""What SQLite's own check leaves out, and an old page put back could hide in.

`integrity_check` looks for every row in each index, but not for more in an index of a part of a table than
there are rows; FTS5 compares its words with the passages, but not its list of segments with the segments; and
neither looks into pages that are free, which hold zeros here, since what is deleted is overwritten.
"""

# ruff: noqa: S608 - the names of tables and indexes are our own

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from diary.vault.connection import Database
from diary.vault.rescue.pages import PageFile

_TOLD = 20  # faults that are counted
_PARTIAL = "SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'index' AND sql LIKE '% WHERE %'"
_SEGMENT_BITS = 37  # of a number in FTS5's table of pages, what is below that of the segment (fts5_index.c)
_FIRST_SEGMENT = 1 << _SEGMENT_BITS
_FREE_LIST = 32  # where the first page names the first trunk page of the free list


def structure_findings(database: Database) -> list[str]:
    """What is wrong with tables and indexes, in sentences.

    :raises diary.errors.VaultDamaged: when they cannot be read to the end.
    """
    found = []
    told = [str(row[0]) for row in database.rows(f"PRAGMA integrity_check({_TOLD})")]
    if told != ["ok"]:
        found.append(f"The structure of the database is broken, in {len(told)} places at least")
    found += [f"The index {name} has other rows than its table" for name in _wrong_partial_indexes(database)]
    strays = len(database.rows("PRAGMA foreign_key_check"))
    if strays:
        found.append(f"{strays} rows belong to nothing")
    return found


def segments_agree(database: Database) -> bool:
    """Whether the full-text index lists the segments that it has."""
    listed = database.rows("SELECT DISTINCT segid FROM passages_fts_idx ORDER BY 1")
    there = database.rows(
        f"SELECT DISTINCT id >> {_SEGMENT_BITS} FROM passages_fts_data WHERE id >= ? ORDER BY 1",
        (_FIRST_SEGMENT,),
    )
    return listed == there


def free_pages_that_hold_something(pages: PageFile) -> int:
    """How many; a list of free pages that leads nowhere counts as one."""
    try:
        return sum(any(page) for page in _free_pages(pages))
    except (_Broken, struct.error):
        return 1


class _Broken(Exception):
    """The list of free pages is not one."""


def _free_pages(pages: PageFile) -> Iterator[bytes]:
    """The free pages that are no trunk of the list (SQLite file format, section 1.5)."""
    first = pages.page(1)
    if first is None:
        return  # told as a damaged page
    (trunk,) = struct.unpack_from(">I", first, _FREE_LIST)
    seen: set[int] = set()
    while trunk:
        page = pages.page(trunk)
        if trunk in seen or page is None:
            raise _Broken
        seen.add(trunk)
        trunk, count = struct.unpack_from(">II", page)
        for leaf in struct.unpack_from(f">{count}I", page, 8):
            free = pages.page(leaf)
            if free is None:
                raise _Broken
            yield free


def _wrong_partial_indexes(database: Database) -> Iterator[str]:
    for name, table, sql in database.rows(_PARTIAL):
        condition = re.split(" WHERE ", sql, maxsplit=1)[1]
        counts = {
            database.rows(f'SELECT count(*) FROM "{table}" {how} WHERE {condition}')[0][0]
            for how in (f'INDEXED BY "{name}"', "NOT INDEXED")
        }
        if len(counts) > 1:
            yield name
