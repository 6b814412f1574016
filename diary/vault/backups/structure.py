"""SQLite's own check of a database that was put together (`quick_check`), in two halves side by side.

One looks at every tree of pages, at the list of free ones, and that each page belongs to one of them; the
other at the full-text index, whose pages it reads word by word. Together they took twice as long, one after
the other in one thread. SQLite does the second within the first for each virtual table that it knows: so the
first half forgets them, by a change to the list of tables that is taken back and never written, and the other
looks at that list as it is.

They mean different things, too. Where a tree is broken, words may be lost; a full-text index holds no word
that the entries do not hold, and is made anew from them. No diary is refused for it.
"""

from __future__ import annotations

import sqlcipher3.dbapi2 as sqlcipher

from diary.errors import VaultDamaged
from diary.vault.connection import Database

_VIRTUAL = "type = 'table' AND rootpage = 0"
_SOUND = [("ok",)]
_TOLD = 10  # faults that are counted


def trees_are_sound(database: Database) -> bool:
    """Whether all pages are where they belong. Close the database afterwards: it knows no virtual tables.

    :param database: a connection of its own, in which nothing else is done; it may write, and does not.
    :raises diary.errors.VaultDamaged: when they cannot be read to the end.
    """
    listed = database.rows("PRAGMA quick_check(sqlite_schema)")
    database.run("BEGIN IMMEDIATE")
    try:
        database.rows("PRAGMA writable_schema = ON")
        database.run(f"DELETE FROM sqlite_schema WHERE {_VIRTUAL}")  # noqa: S608 - words of our own
        database.rows("PRAGMA writable_schema = RESET")
        return listed == database.rows(f"PRAGMA quick_check({_TOLD})") == _SOUND
    finally:
        database.run("ROLLBACK")


def indexes_are_sound(database: Database) -> bool:
    """Whether the virtual tables, of which the full-text index is one, say of themselves that they are."""
    try:
        names = database.rows(f"SELECT name FROM sqlite_schema WHERE {_VIRTUAL}")  # noqa: S608 - as above
        return all(database.rows(f'PRAGMA quick_check("{name}")') == _SOUND for (name,) in names)
    except (VaultDamaged, sqlcipher.Error):
        return False
