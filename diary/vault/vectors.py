"""The vectors of the passages: a table of vec0 for each model, two vectors a passage.

Usually there is one table. While the embedding model changes there are two: the first serves search until
the second, which is filled beside it, is complete; then one transaction lets the second take its place. vec0
cannot rename a table, so each has a name of its own, kept in the settings. A table that no setting names is
left over and taken away chunk by chunk (`discard_some`): erasing 150 MB at once would keep a person who
writes waiting.

`chunk_after` reads whole chunks out of vec0's own tables: 1,024 passages a row, as three blobs. Their layout
belongs to the pinned version of sqlite-vec and is checked; a test compares it with what vec0 answers.
"""

# ruff: noqa: S608 - the names of tables are our own

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from diary.vault.connection import Database
from diary.vault.failures import damaged
from diary.vault.settings import forget_setting, keep_setting, kept_setting

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SERVING, NEXT = "embedding", "embedding.next"
_FIRST_NAME = "vectors"


@dataclass(frozen=True, slots=True)
class VectorTable:
    """One model's vectors.

    :ivar name: of the table. :ivar model: identity of the model. :ivar dimensions: width of a vector.
    """

    name: str
    model: str
    dimensions: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """Vectors that are stored together.

    :ivar number: of the chunk. :ivar passages: int64[k] their ids. :ivar vectors: int8[k, 2, d].
    """

    number: int
    passages: NDArray[np.int64]
    vectors: NDArray[np.int8]


def serving(database: Database) -> VectorTable | None:
    """The table that is complete but for what is pending; None when no model was named yet."""
    return _table(database, SERVING)


def following(database: Database) -> VectorTable | None:
    """The table that is being filled to take its place; None when there is none."""
    return _table(database, NEXT)


def tables(database: Database) -> list[VectorTable]:
    """The table that serves, then the one that follows."""
    return [table for table in (serving(database), following(database)) if table is not None]


def begin(database: Database, role: str, model: str, dimensions: int) -> VectorTable:
    """Make an empty table for a model, inside the transaction that is going on.

    :param role: SERVING or NEXT; the one there is must be gone.
    """
    taken = _existing(database)
    names = (_FIRST_NAME, *(f"{_FIRST_NAME}_{number}" for number in range(2, len(taken) + 3)))
    name = next(name for name in names if name not in taken)
    database.run(
        f'CREATE VIRTUAL TABLE "{name}" USING vec0('
        f"passage INTEGER PRIMARY KEY, own int8[{int(dimensions)}], window int8[{int(dimensions)}])"
    )
    table = VectorTable(name, model, dimensions)
    _name(database, role, table)
    return table


def give_up_following(database: Database) -> None:
    """Leave over the table that was being filled, inside the transaction that is going on."""
    _unname(database, NEXT)


def let_the_next_serve(database: Database) -> None:
    """Leave over the vectors that served and name the next ones, inside the transaction that is going on."""
    new = following(database)
    if new is None:
        raise RuntimeError("there is no next table of vectors")
    _unname(database, NEXT)
    _name(database, SERVING, new)


def discard_some(database: Database) -> bool:
    """Erase a chunk of a table that is left over, in a transaction of its own; False when there is none."""
    with database.held():
        name = next(iter(_left_over(database)), None)
        if name is None:
            return False
        with database.transaction(lasting=False):
            chunk = database.row(f'SELECT max(chunk_id) FROM "{name}_chunks"')
            if chunk is None or chunk[0] is None:
                database.run(f'DROP TABLE "{name}"')
            for part, key in (
                ("vector_chunks00", "rowid"),
                ("vector_chunks01", "rowid"),
                ("chunks", "chunk_id"),
            ):
                if chunk is not None and chunk[0] is not None:
                    database.run(f'DELETE FROM "{name}_{part}" WHERE {key} = ?', chunk)
        return True


def discard_all(database: Database) -> None:
    """Erase the tables that are left over, inside the transaction that is going on."""
    for name in _left_over(database):
        database.run(f'DROP TABLE "{name}"')


def insert(database: Database, table: VectorTable, passage: int, own: bytes, window: bytes) -> None:
    """Keep a passage's two vectors.

    :raises ValueError: when one has another width than the model's.
    """
    if not len(own) == len(window) == table.dimensions:
        raise ValueError("a vector of another width than the model's")
    database.run(
        f'INSERT INTO "{table.name}"(passage, own, window) VALUES (?, vec_int8(?), vec_int8(?))',
        (passage, own, window),
    )


def delete(database: Database, passage: int) -> None:
    """Remove a passage's vectors of every model."""
    for table in tables(database):
        database.run(f'DELETE FROM "{table.name}" WHERE passage = ?', (passage,))


def make_again(database: Database) -> None:
    """Copy the vectors of the passages there are into new tables, inside the transaction that is going on."""
    for role in (SERVING, NEXT):
        old = _table(database, role)
        if old is None:
            continue
        new = begin(database, role, old.model, old.dimensions)
        database.run(
            f'INSERT INTO "{new.name}"(passage, own, window) '
            f'SELECT v.passage, vec_int8(v.own), vec_int8(v.window) FROM "{old.name}" v '
            "JOIN passages p ON p.id = v.passage"
        )
        database.run(f'DROP TABLE "{old.name}"')


def vectors_of(database: Database, table: VectorTable, passage: int) -> tuple[bytes, bytes] | None:
    """A passage's own vector and its window's, or None."""
    row = database.row(f'SELECT own, window FROM "{table.name}" WHERE passage = ?', (passage,))
    return None if row is None else (row[0], row[1])


def passages_without(database: Database, table: VectorTable, *, after: int, limit: int) -> list[int]:
    """Passages with no vectors in this table, by rising id above `after`."""
    rows = database.rows(
        "SELECT p.id FROM passages p WHERE p.id > ? AND NOT EXISTS "
        f'(SELECT 1 FROM "{table.name}_rowids" v WHERE v.rowid = p.id) ORDER BY p.id LIMIT ?',
        (after, limit),
    )
    return [int(row[0]) for row in rows]


def count_without(database: Database, table: VectorTable) -> int:
    """How many passages have no vectors in this table."""
    row = database.row(
        f'SELECT (SELECT count(*) FROM passages) - (SELECT count(*) FROM "{table.name}_rowids")'
    )
    return max(0, int(row[0])) if row else 0


def chunk_after(database: Database, table: VectorTable, number: int) -> Chunk | None:
    """The chunk with the next higher number, or None.

    :raises diary.errors.VaultDamaged: when its bytes are not as vec0 lays them out.
    """
    import numpy as np

    name, width = table.name, table.dimensions
    row = database.row(
        f'SELECT chunk_id, size, validity, rowids FROM "{name}_chunks" '
        "WHERE chunk_id > ? ORDER BY chunk_id LIMIT 1",
        (number,),
    )
    if row is None:
        return None
    found, size, validity, rowids = row
    # One by one: joined, they are read at a fortieth of the speed.
    own, window = (
        (database.row(f'SELECT vectors FROM "{name}_{part}" WHERE rowid = ?', (found,)) or (b"",))[0]
        for part in ("vector_chunks00", "vector_chunks01")
    )
    if {len(validity) * 8, len(rowids) // 8, len(own) // width, len(window) // width} != {size}:
        raise damaged("its vectors are not laid out as they must be")
    valid = np.flatnonzero(np.unpackbits(np.frombuffer(validity, np.uint8), bitorder="little"))
    vectors = np.empty((len(valid), 2, width), np.int8)
    for which, blob in enumerate((own, window)):
        vectors[:, which] = np.frombuffer(blob, np.int8).reshape(size, -1)[valid]
    return Chunk(found, np.frombuffer(rowids, "<i8")[valid].astype(np.int64), vectors)


def _existing(database: Database) -> set[str]:
    rows = database.rows(
        "SELECT name FROM sqlite_master "
        "WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE % USING vec0(%'"
    )
    return {str(row[0]) for row in rows}


def _left_over(database: Database) -> list[str]:
    return sorted(_existing(database) - {table.name for table in tables(database)})


def _table(database: Database, role: str) -> VectorTable | None:
    model, dimensions = kept_setting(database, f"{role}.model"), kept_setting(database, f"{role}.dimensions")
    if model is None or dimensions is None:
        return None
    return VectorTable(kept_setting(database, f"{role}.table") or _FIRST_NAME, model, int(dimensions))


def _name(database: Database, role: str, table: VectorTable) -> None:
    keep_setting(database, f"{role}.model", table.model)
    keep_setting(database, f"{role}.dimensions", str(table.dimensions))
    keep_setting(database, f"{role}.table", table.name)


def _unname(database: Database, role: str) -> None:
    for what in ("model", "dimensions", "table"):
        forget_setting(database, f"{role}.{what}")
