"""Operations on the vault as a whole, each killed at any moment of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import count
from pathlib import Path
from types import ModuleType

from diary.errors import KeyRefused
from diary.vault.backups.places import SUFFIX
from diary.vault.backups.restoring import BEFORE, restore
from diary.vault.header import COPY
from diary.vault.keyring import KeyRing
from diary.vault.removal import ATTACHMENTS
from diary.vault.vault import Vault
from tests.faults.operations_on_words import furnish
from tests.faults.worlds import (
    FILE,
    LATER,
    OTHER_FILE,
    OTHER_PASSPHRASE,
    Operation,
    Steps,
    World,
    backups_picture,
    keys_picture,
    missing_or_made,
    restored_picture,
    vault_picture,
)
from tests.unit.vault import version_1, version_2, version_3
from tests.unit.vault.fresh import CHEAPEST, PASSPHRASE, words


def nothing(world: World) -> str:
    """A place where no vault is."""
    return ""


def create(world: World) -> Steps:
    """A new vault."""
    yield
    if not (world.vault / "vault.db").exists():
        Vault.create(world.vault, PASSPHRASE, kdf=CHEAPEST)[0].close()
    yield "made"


def after_a_kill(world: World) -> str:
    """A vault as a kill leaves it: words in its log only, files of nobody, a copy of the header behind."""
    code = furnish(world)
    with world.opened(code) as vault:
        vault.entries.add(words("a turn in the log"))
        vault.spools.begin(LATER).append(b"sound" * 2_000)
        left = Path(shutil.copytree(vault.folder, world.vault.with_name("left")))
    shutil.rmtree(world.vault)
    left.rename(world.vault)
    (world.vault / ATTACHMENTS / ("0" * 32)).write_bytes(b"of nobody")
    (world.vault / COPY).write_bytes(b"spoilt")
    (world.vault / "vault.restored").mkdir()
    return code


def open_and_close(world: World) -> Steps:
    """What unlocking does: the log is read, what a kill left is swept, the header mended; and locking."""
    yield
    vault = world.opened()
    yield "opened"
    vault.close()
    yield "closed"


def with_key_file(world: World) -> str:
    """A vault that a key file opens, too."""
    code = furnish(world)
    with world.opened(code) as vault:
        for one in vault.spools.unfinished():
            vault.spools.discard(one.id)
    with KeyRing.open(world.vault, code) as keys:
        keys.add_key_file(FILE)
    return code


def change_keys(world: World) -> Steps:
    """A key file added, the passphrase changed, a recovery code added, the key file removed."""
    with KeyRing.open(world.vault, FILE) as keys:
        yield
        with suppress(KeyRefused):  # it was added before a kill
            keys.add_key_file(OTHER_FILE, label="other")
        yield "added"
        passphrase = next(key for key in keys.all() if key.kind == "passphrase")
        with suppress(KeyRefused):
            keys.change(str(passphrase.number), OTHER_PASSPHRASE, kdf=CHEAPEST)
        yield "changed"
        keys.add_recovery_code()
        yield "code"
        keys.remove(next(str(key.number) for key in keys.all() if key.label == "other"))
        yield "removed"


def rotate(world: World) -> Steps:
    """A new vault key."""
    with KeyRing.open(world.vault, FILE) as keys:
        yield
        keys.rotate()
        yield "rotated"


def backed_up(world: World) -> str:
    """A vault with a good backup."""
    code = furnish(world)
    world.stick.mkdir()
    with world.opened(code) as vault:
        vault.backups.make(world.stick / f"one{SUFFIX}")
        vault.entries.add(words("a turn since the backup"))
    return code


def back_up(world: World) -> Steps:
    """The one backup replaced, and two with rotation."""
    hours = iter(range(10**6))
    with Vault.unlock(world.vault, world.code, now=lambda: LATER + timedelta(hours=next(hours))) as vault:
        yield
        vault.backups.make(world.stick / f"one{SUFFIX}")
        yield "replaced"
        for turn in range(2):
            vault.backups.make(world.stick, keep=1)
            yield turn


def backed_up_by_time(world: World) -> str:
    """A vault with a backup that others can go on from."""
    code = furnish(world)
    world.stick.mkdir()
    with world.opened(code) as vault:
        vault.backups.make(world.stick)
    return code


def back_up_what_changed(world: World) -> Steps:
    """Incrementals, with rotation; the last is whole, so that those before can go."""
    hours = count(100 * len(list(world.stick.iterdir())))  # later than whatever a killed one left
    with Vault.unlock(world.vault, world.code, now=lambda: LATER + timedelta(hours=next(hours))) as vault:
        yield
        for turn in range(3):
            vault.preferences.set("turn", str(turn))
            yield f"turn {turn}"
            made = vault.backups.make(world.stick, keep=2, full=turn == 2)
            # Killed between its name and the memory of its proof, one is there that none goes on from.
            assert turn == 0 or bool(made.needs) == (turn == 1)
            yield turn


def put_back(world: World) -> Steps:
    """The backup in the vault's place."""
    yield
    before = len(list(world.vault.parent.glob(f"{world.vault.name}{BEFORE}*")))
    moment = LATER + timedelta(seconds=before)
    restore(world.stick / f"one{SUFFIX}", world.code, world.vault, now=moment, replace=True)
    yield "restored"


def frozen(version: ModuleType) -> Callable[[World], str]:
    """A vault that an older diary made."""

    def copied(world: World) -> str:
        shutil.copytree(version.FOLDER, world.vault)
        world.vault.chmod(0o700)  # as a vault's folder is; version control keeps no modes
        code: str = version.CODE.read_text().strip()
        return code

    return copied


FROZEN = {1: version_1, 2: version_2, 3: version_3}
OPERATIONS = (
    Operation("making a vault", nothing, create, missing_or_made, PASSPHRASE),
    Operation("opening after a kill", after_a_kill, open_and_close, vault_picture),
    Operation("keys", with_key_file, change_keys, keys_picture, FILE),
    Operation("new vault key", with_key_file, rotate, keys_picture, FILE),
    Operation("backup", backed_up, back_up, backups_picture),
    Operation("incremental backup", backed_up_by_time, back_up_what_changed, backups_picture),
    Operation("restore", backed_up, put_back, restored_picture),
    *(
        Operation(f"migration from {version}", frozen(made), open_and_close, vault_picture)
        for version, made in FROZEN.items()
    ),
)
