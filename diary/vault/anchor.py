"""A file beside the header that says which state the database had when it was last closed.

The database alone, put back from an older copy of the folder, agrees with itself. This file tells: it names
the generation and the root of the manifest (`manifest`), under a MAC of the vault key. It is written when the
database is closed and everything is on the disk, so after a kill it names an older state, which is no fault.
Once the settings say that there is one, a missing one is a finding. A new vault key begins another.

What it found is kept in it, and told at every opening until the person has accepted it.

What it cannot do: tell the whole folder put back, this file included.
"""

from __future__ import annotations

import hmac
from pathlib import Path

import msgspec

from diary.vault.files import NotPlain, put_synced, read_plain, sweep_aside
from diary.vault.keys import VaultKey, wipe

ANCHOR = "vault.anchor"
_MAGIC = b"DIARYANC"
_MAC_BYTES = 32
_MOST_BYTES = 64 * 1024


class Anchor(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the file says.

    :ivar version: of this form. :ivar generation: of the manifest. :ivar root: its MAC, 16 bytes.
    :ivar found: sentences that the person has not accepted yet.
    """

    version: int = 1
    generation: int
    root: bytes
    found: tuple[str, ...] = ()


def write(folder: Path, anchor: Anchor, key: VaultKey) -> None:
    """Put it in the place of the one that is there, whole, and force it to the disk.

    :raises OSError: when the disk refuses; the one before is untouched.
    """
    signed = _MAGIC + msgspec.json.encode(anchor, order="sorted")
    put_synced(folder / ANCHOR, signed + _mac(signed, key))


def sweep(folder: Path) -> None:
    """Remove what a crash left of one that was being written."""
    sweep_aside(folder / ANCHOR)


def read(folder: Path, key: VaultKey) -> Anchor | None:
    """The anchor; None when it is not as diary wrote it.

    :raises FileNotFoundError: when there is none.
    """
    try:
        content = read_plain(folder / ANCHOR, _MOST_BYTES)
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not isinstance(error, NotPlain):
            raise
        return None
    signed, mac = content[:-_MAC_BYTES], content[-_MAC_BYTES:]
    if not signed.startswith(_MAGIC) or not hmac.compare_digest(_mac(signed, key), mac):
        return None
    try:
        found = msgspec.json.decode(signed[len(_MAGIC) :], type=Anchor)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return found if found.version == 1 else None


def _mac(signed: bytes, key: VaultKey) -> bytes:
    derived = key.derive(b"anchor")
    try:
        return hmac.digest(derived, signed, "sha256")
    finally:
        wipe(derived)
