"""Older vaults become of the newest version when they are opened: forward only, one step at a time.

Each step is one transaction with the number that tells its success, so a crash leaves the version before or
after, never between. A step is tested against a frozen vault of the version it starts from. A vault of a
newer version than this program knows is refused untouched: writing to it could destroy what we do not see.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from diary.errors import VaultTooNew
from diary.vault.connection import Database
from diary.vault.failures import damaged
from diary.vault.schema import SCHEMA_VERSION

Step = Callable[[Database], None]

# Written out, not taken from `schema`: a step makes the tables of its own version, whatever comes later.
_VERSION_2 = (
    """CREATE TABLE observations (
        id INTEGER PRIMARY KEY,
        entry INTEGER NOT NULL REFERENCES entries(id) ON DELETE CASCADE,
        ordinal INTEGER NOT NULL,
        key TEXT NOT NULL, part TEXT NOT NULL,
        start INTEGER NOT NULL, "end" INTEGER NOT NULL,
        written TEXT NOT NULL,
        value REAL, unit TEXT NOT NULL,
        name TEXT NOT NULL,
        UNIQUE (entry, ordinal)
    ) STRICT""",
    "CREATE INDEX observations_by_key ON observations(key, entry)",
    """CREATE TABLE unread (
        happened INTEGER NOT NULL,
        entry INTEGER NOT NULL UNIQUE REFERENCES entries(id) ON DELETE CASCADE,
        PRIMARY KEY (happened, entry)
    ) STRICT, WITHOUT ROWID""",
    "INSERT INTO unread(happened, entry) SELECT happened, id FROM entries",
)

_VERSION_3 = (
    """CREATE TABLE recordings (
        entry INTEGER PRIMARY KEY REFERENCES entries(id) ON DELETE CASCADE,
        file TEXT NOT NULL UNIQUE,
        key BLOB NOT NULL,
        name TEXT NOT NULL,
        size INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE transcripts (
        id INTEGER PRIMARY KEY,
        entry INTEGER NOT NULL REFERENCES entries(id) ON DELETE CASCADE,
        revision INTEGER NOT NULL,
        engine TEXT NOT NULL,
        made INTEGER NOT NULL, made_offset INTEGER NOT NULL,
        segments TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX transcripts_by_entry ON transcripts(entry)",
    """CREATE TABLE partials (
        entry INTEGER PRIMARY KEY REFERENCES entries(id) ON DELETE CASCADE,
        engine TEXT NOT NULL,
        reached REAL NOT NULL,
        segments TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE spools (
        file TEXT PRIMARY KEY,
        key BLOB NOT NULL,
        started INTEGER NOT NULL, started_offset INTEGER NOT NULL,
        engine TEXT,
        reached REAL NOT NULL,
        segments TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE glossary (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL,
        text TEXT NOT NULL,
        instead_of TEXT NOT NULL,
        also TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX entries_by_transcript ON entries(transcript) WHERE transcript IS NOT NULL",
)
_VERSION_4 = (
    """CREATE TABLE attachments (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        entry INTEGER NOT NULL REFERENCES entries(id) ON DELETE CASCADE,
        file TEXT NOT NULL UNIQUE,
        key BLOB NOT NULL,
        name TEXT NOT NULL,
        media_type TEXT NOT NULL,
        size INTEGER NOT NULL,
        added INTEGER NOT NULL, added_offset INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX attachments_by_entry ON attachments(entry)",
    """CREATE TABLE deleted (
        entry INTEGER PRIMARY KEY,
        removed INTEGER NOT NULL, removed_offset INTEGER NOT NULL,
        rows TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE deleted_files (
        file TEXT PRIMARY KEY,
        key BLOB NOT NULL,
        entry INTEGER NOT NULL REFERENCES deleted(entry) ON DELETE CASCADE,
        "table" TEXT NOT NULL,
        row TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX deleted_files_by_entry ON deleted_files(entry)",
    """CREATE TABLE audit (
        number INTEGER PRIMARY KEY,
        leaf BLOB NOT NULL,
        made INTEGER NOT NULL, made_offset INTEGER NOT NULL,
        event TEXT NOT NULL,
        details TEXT
    ) STRICT""",
    """CREATE TABLE manifest (
        part TEXT NOT NULL,
        level INTEGER NOT NULL,
        position INTEGER NOT NULL,
        mac BLOB NOT NULL,
        PRIMARY KEY (part, level, position)
    ) STRICT, WITHOUT ROWID""",
)
_VERSIONS_OF_ENTRY = """
    SELECT revision, revised, revised_offset, text FROM entries WHERE id = ?1
    UNION ALL SELECT number, made, made_offset, text FROM revisions WHERE entry = ?1
    ORDER BY 1 DESC
"""


def _add_observations(database: Database) -> None:
    """1 → 2: observations; every entry there is has yet to be read."""
    for statement in _VERSION_2:
        database.run(statement)


def _add_transcripts(database: Database) -> None:
    """2 → 3: who wrote down a recording, and the segments, move to a table of versions."""
    kept = database.rows("SELECT entry, file, key, name, size FROM recordings")
    heard = database.rows("SELECT entry, engine, segments FROM recordings WHERE engine IS NOT NULL")
    database.run("DROP TABLE recordings")
    for statement in _VERSION_3:
        database.run(statement)
    database.run_many("INSERT INTO recordings(entry, file, key, name, size) VALUES (?, ?, ?, ?, ?)", kept)
    for entry, engine, segments in heard:
        _add_transcript(database, entry, engine, msgspec.json.decode(segments))


def _add_transcript(database: Database, entry: int, engine: str, segments: list[dict[str, Any]]) -> None:
    """As of the newest revision that has just these words, or of the newest when none has them."""
    versions = database.rows(_VERSIONS_OF_ENTRY, (entry,))
    words = " ".join(str(segment["text"]) for segment in segments).split()
    same = (one for one in versions if words and str(one[3]).split() == words)
    revision, made, offset, _ = next(same, versions[0])
    rows = [[one["start"], one["end"], one["text"], one["confidence"], []] for one in segments]
    database.run(
        "INSERT INTO transcripts(entry, revision, engine, made, made_offset, segments) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (entry, revision, engine, made, offset, msgspec.json.encode(rows).decode()),
    )


def _add_attachments(database: Database) -> None:
    """3 → 4: attachments, what was deleted and can be brought back, the log, and the manifest, which is empty
    until the vault is opened with its key.
    """
    for statement in _VERSION_4:
        database.run(statement)


STEPS: Mapping[int, Step] = {1: _add_observations, 2: _add_transcripts, 3: _add_attachments}
"""By the version a step starts from; version 1 is the first there was."""


def migrate(database: Database, *, steps: Mapping[int, Step] = STEPS, newest: int = SCHEMA_VERSION) -> None:
    """Bring the database to the newest version.

    :raises diary.errors.VaultTooNew: when it is of a newer one already.
    :raises diary.errors.VaultDamaged: when it is of none.
    """
    version = version_of(database)
    if version > newest:
        raise VaultTooNew(
            f"This vault was last used by a newer diary (its version is {version}, "
            f"this program knows {newest}). Nothing was changed.",
            hint="Open it with the newer diary, or update this one.",
        )
    if version < 1:
        raise damaged("its database has no tables of ours")
    for start in range(version, newest):
        with database.transaction():
            steps[start](database)
            database.run(f"PRAGMA user_version = {start + 1}")


def version_of(database: Database) -> int:
    """The version of the tables; 0 in an empty database."""
    row = database.row("PRAGMA user_version")
    return int(row[0]) if row else 0
