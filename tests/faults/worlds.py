"""A vault and what is around it, as operations find it, and all that counts of it afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from diary.errors import VaultMissing
from diary.model.key import KeyFile
from diary.vault.backups.places import SUFFIX
from diary.vault.backups.restoring import BEFORE, drill
from diary.vault.keyring import KeyRing
from diary.vault.unlocking import open_any
from diary.vault.vault import Vault
from ingest.observations.pending import read_pending
from tests.faults.pictures import Picture, index_of, picture_of, require_tidy, require_whole_index
from tests.faults.renewer import indexer
from tests.unit.vault.fresh import MORNING, PASSPHRASE

Steps = Iterator[Any]
FILE = KeyFile(bytes(range(64)), made=True)
OTHER_FILE = KeyFile(bytes(range(64, 128)), made=True)
OTHER_PASSPHRASE = "nine patient herons under the bridge"
LATER = MORNING + timedelta(days=100)


@dataclass(frozen=True)
class World:
    """A folder with a vault and a stick for backups.

    :ivar code: the recovery code of the vault when it was furnished.
    :ivar secret: what opens it at any time, when that is another.
    """

    vault: Path
    stick: Path
    code: str = ""
    secret: str | KeyFile = ""

    def opened(self, secret: str | KeyFile = "") -> Vault:
        """The vault, with a clock that stands still, so that the same steps make the same rows."""
        return Vault.unlock(self.vault, secret or self.secret or self.code, now=lambda: LATER)


@dataclass(frozen=True)
class Operation:
    """What is killed, in steps that are acknowledged one by one.

    :ivar furnish: makes what every kill begins from; the recovery code.
    :ivar act: opens what it needs and yields; after that word the operation begins, and each further yield
        says that a step is done and kept, and what is told of it. It can be done again where it was killed.
    :ivar picture: all that counts, the same for the same steps.
    :ivar secret: what opens the vault whatever was done, when that is not its first recovery code.
    """

    name: str
    furnish: Callable[[World], str]
    act: Callable[[World], Steps]
    picture: Callable[[World], Picture]
    secret: str | KeyFile = ""


def vault_picture(world: World) -> Picture:
    """Everything in the vault; it passes its check, and nothing lies about."""
    return _picture(world)


def _picture(world: World, **more: Any) -> Picture:
    with world.opened() as vault:
        assert vault.ageing.finish()  # an erasure that was cut short goes on
        assert vault.check() == [] == vault._warnings
        require_tidy(vault)
        require_whole_index(vault)
        return {**picture_of(vault), **more}


def indexed_picture(world: World) -> Picture:
    """The words, and what they are found by once the index has caught up with the model that was begun."""
    picture = vault_picture(world)
    with world.opened() as vault:
        read_pending(vault.observations)
        indexer(vault).run()
        require_whole_index(vault)
        return {**picture, "index": index_of(vault)}


def missing_or_made(world: World) -> Picture:
    """No vault, or one that its passphrase opens."""
    try:
        return _picture(world)
    except VaultMissing:
        return {}


def keys_picture(world: World) -> Picture:
    """Everything, by the key file; which ways there are into it, and what opens it."""
    with KeyRing.open(world.vault, FILE) as keys:
        ways = [(key.kind, key.label) for key in keys.all()]
        header = keys._opened.header
        secrets = (PASSPHRASE, OTHER_PASSPHRASE, OTHER_FILE, world.code)
        opens = [open_any(header, secret) is not None for secret in secrets]
    return _picture(world, ways=ways, opens=opens)


def backups_picture(world: World) -> Picture:
    """Everything; and every file that has a backup's name restores. One more than is wanted of those named
    by their time does no harm: the newest counts.
    """
    restored = {
        file.name: drill(file, world.code, scratch=world.stick).contents.entries
        for file in sorted(world.stick.glob(f"*{SUFFIX}"))
    }
    older = sorted(name for name in restored if name.startswith("diary-"))[:-1]
    return {
        **vault_picture(world),
        "backups": {name: entries for name, entries in restored.items() if name not in older},
    }


def restored_picture(world: World) -> Picture:
    """Everything, and the vault that was moved aside. Where a kill came between two renames, both are beside
    the place, and the one that was goes back.
    """
    aside = sorted(world.vault.parent.glob(f"{world.vault.name}{BEFORE}*"))
    if not world.vault.exists():
        aside.pop().rename(world.vault)
    beside = [vault_picture(replace(world, vault=one)) for one in aside]
    return {**backups_picture(world), "aside": beside}
