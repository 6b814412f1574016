"""Kill -9 while an older vault becomes of the newest version: it is of one version, never between two."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from diary.vault.connection import Database, open_database
from diary.vault.migrations import STEPS, migrate, version_of
from diary.vault.rotation import DATABASE
from diary.vault.schema import SCHEMA_VERSION
from diary.vault.unlocking import unlock_header
from tests.faults import children
from tests.faults.faulty_disk import FaultyDisk
from tests.faults.killing import SEED, Killer, Templates
from tests.faults.operations import OPERATIONS
from tests.faults.operations_on_vaults import FROZEN
from tests.faults.worlds import World, vault_picture

_NAMES = """
    SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' AND name NOT LIKE 'vectors%'
"""


class Versions:
    """What tables and indexes a vault of each version has. :param root: a folder to look at them in."""

    def __init__(self, root: Path) -> None:
        self.names: dict[int, set[str]] = {}
        self.seen: Counter[int] = Counter()
        for version, made in FROZEN.items():
            folder = Path(shutil.copytree(made.FOLDER, root / "looked at"))
            database = opened(folder, made.CODE.read_text())
            self.names[version] = names(database)
            if version == max(FROZEN):
                migrate(database)
                self.names[SCHEMA_VERSION] = names(database)
            database.close()
            shutil.rmtree(folder)

    def require_one(self, world: World) -> None:
        """The vault is of one of them, as it lies there: nothing is migrated by looking."""
        database = opened(world.vault, world.code)
        version = version_of(database)
        assert names(database) == self.names[version], version
        database.close()
        self.seen[version] += 1


def opened(folder: Path, code: str) -> Database:
    key, header = unlock_header(folder, code)
    return open_database(folder / DATABASE, key, page_size=header.page_size)


def names(database: Database) -> set[str]:
    return {row[0] for row in database.rows(_NAMES)}


def kill_migrations(disk: FaultyDisk, root: Path, version: int, times: int, versions: Versions) -> None:
    name = f"migration from {version}"
    killer = Killer(disk, OPERATIONS[name], root, Templates(root / name), random.Random(f"{SEED} {name}"))
    killer.rehearse(1)
    for number in range(times):
        killer.kill(number, look=versions.require_one)


def kill_at_statements(disk: FaultyDisk, root: Path, version: int, versions: Versions, *, every: int) -> int:
    """Before every n-th statement; how many there are."""
    made = FROZEN[version]
    now = World(root / "now/vault", root / "now/stick", made.CODE.read_text())

    def opened_until(last: int) -> int | None:
        shutil.rmtree(root / "now", ignore_errors=True)
        shutil.copytree(made.FOLDER, now.vault)
        now.vault.chmod(0o700)
        process, hear, say = disk.start(children.migrate, now, last)
        say.send("go")
        try:
            total: int | None = hear.recv()
        except EOFError:
            total = None
        process.kill()
        process.join()
        return total

    total = opened_until(0)
    assert total is not None
    expected = vault_picture(now)
    for statement in range(1 + every // 2, total + 1, every):
        assert opened_until(statement) is None
        versions.require_one(now)
        assert vault_picture(now) == expected, statement
    return total


def test_a_killed_migration_leaves_the_version_before_or_after(disk: FaultyDisk, root: Path) -> None:
    versions = Versions(root)
    kill_migrations(disk, root, 2, 2, versions)
    kill_at_statements(disk, root, 1, versions, every=24)
    assert len(versions.seen) > 1


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("version", STEPS)
def test_a_migration_killed_fifty_times_and_before_each_statement_leaves_the_version_before_or_after(
    disk: FaultyDisk, root: Path, version: int, tell: Callable[..., None]
) -> None:
    versions = Versions(root)
    kill_migrations(disk, root, version, 50, versions)
    at_random = dict(sorted(versions.seen.items()))
    statements = kill_at_statements(disk, root, version, versions, every=1)
    tell(f"from version {version}: 50 kills, found at {at_random}; {statements} statements")
    assert set(versions.seen) == set(range(version, SCHEMA_VERSION + 1))
