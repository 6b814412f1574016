"""What is in a vault and beside it, as sums, so that what a process acknowledged can be compared with what
is found later.

A picture has parts. `words` are the tables that hold what a person gave, each with the content of its
files; `noted` is what was written down of unsaved recordings, which is not forced to the disk by itself;
`sounds` are those recordings; `keys` is the header; `backups` are the finished files on the stick. Left out
is what is made again of the words: that it belongs to them is asked in `disagreements`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from diary.errors import VaultDamaged
from diary.vault import header as header_file
from diary.vault.backups.places import SUFFIX
from diary.vault.stream import NotAuthentic
from diary.vault.vault import Vault
from tests.faults import pictures

Part = dict[str, str]
Picture = dict[str, Part]
PARTS = ("words", "noted", "sounds", "keys", "backups")
_READ_AGAIN = ("observations", "unread")
_NOTED = ("segments", "reached", "engine")


def picture_of(vault: Vault, stick: Path) -> Picture:
    """The vault as it is now, and the backups on the stick.

    :raises AssertionError: when a row has no file, or one that does not authenticate.
    """
    try:
        tables = pictures.picture_of(vault)
    except (FileNotFoundError, NotAuthentic, VaultDamaged) as error:
        raise AssertionError(f"a file is not as its row says: {error!r}") from error
    spools = tables.pop("spools")
    return {
        "words": {name: _sum(rows) for name, rows in tables.items() if name not in _READ_AGAIN},
        "noted": {str(n): _sum([row[name] for name in _NOTED]) for n, row in enumerate(spools)},
        "sounds": {row["file"]: str(row["started"]) for row in spools},
        "keys": keys_of(vault.folder),
        "backups": {one.name: _sum(one.read_bytes()) for one in stick.glob(f"*{SUFFIX}")},
    }


def keys_of(folder: Path) -> Part:
    """The ways into the vault, of the newest header."""
    header = header_file.load(folder)[0].header
    return {"generation": str(header.generation), "slots": " ".join(slot.id for slot in header.slots)}


def _sum(value: object) -> str:
    return hashlib.sha256(value if isinstance(value, bytes) else repr(value).encode()).hexdigest()[:16]


def disagreements(vault: Vault) -> Iterator[str]:
    """What in the vault does not belong together; what it warned of when it was opened and what its own check
    finds: a cut is no fault of the vault, and nobody must be alarmed by it.
    """
    yield from vault.warnings
    yield from vault.check()
    for require in (pictures.require_tidy, pictures.require_whole_index):
        try:
            require(vault)
        except AssertionError as error:
            yield f"{require.__name__}: {error}"
    lost = vault._database.rows(
        "SELECT id FROM entries WHERE text <> '' AND id NOT IN (SELECT entry FROM pending) "
        "AND id NOT IN (SELECT entry FROM passages)"
    )
    if lost:
        yield f"{len(lost)} entries are neither indexed nor about to be"
