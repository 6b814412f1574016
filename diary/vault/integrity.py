"""Whether the stored bytes are as they were written, read from the first page to the last.

`cipher_integrity_check` authenticates each page of the main file, so the log is emptied first (or it would
raise false alarms after a crash); it does not miss a changed bit, but does miss a file cut off between
pages, which `quick_check` finds. The full-text index is compared with the text it was made of.

What it cannot do: notice an old, authentic page or a whole older vault put back.
"""

from __future__ import annotations

import sqlcipher3.dbapi2 as sqlcipher

from diary.errors import VaultDamaged
from diary.vault.connection import Database


def findings(database: Database) -> list[str]:
    """What is wrong, in sentences without words of an entry."""
    database.checkpoint()
    found: list[str] = []
    try:
        found += page_findings(database)
        if database.rows("PRAGMA foreign_key_check"):
            found.append("some rows belong to nothing")
        if not database.read_only:  # the check has the form of a write
            database.run("INSERT INTO passages_fts(passages_fts, rank) VALUES ('integrity-check', 1)")
    except (VaultDamaged, sqlcipher.Error):
        found.append("the database or its full-text index cannot be read to the end")
    return found


def page_findings(database: Database) -> list[str]:
    """What is wrong with the pages of the main file and their structure; its log must be empty.

    :raises diary.errors.VaultDamaged: when they cannot be read to the end.
    """
    found: list[str] = []
    pages = database.rows("PRAGMA cipher_integrity_check")
    if pages:
        found.append(f"{len(pages)} pages of the database were changed")
    structure = [str(row[0]) for row in database.rows("PRAGMA quick_check(10)")]
    if structure != ["ok"]:
        found.append("the structure of the database is broken")
    return found
