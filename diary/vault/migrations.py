"""Older vaults become of the newest version when they are opened: forward only, one step at a time.

Each step is one transaction with the number that tells its success, so a crash leaves the version before or
after, never between. A step is tested against a frozen vault of the version it starts from. A vault of a
newer version than this program knows is refused untouched: writing to it could destroy what we do not see.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

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


def _add_observations(database: Database) -> None:
    """1 → 2: observations; every entry there is has yet to be read."""
    for statement in _VERSION_2:
        database.run(statement)


STEPS: Mapping[int, Step] = {1: _add_observations}
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
