"""From what a person gives to the vault key: copies of the header, newest first, and their slots.

A text that reads as a recovery code is tried as one first, since that takes no time, and as a passphrase
after; a key file is tried as nothing else. A key that a slot gives is believed only when the whole header is
authentic under it. A spoilt copy is mended only after that. Nothing is written here when the secret is wrong;
that somebody tried is noted by who asks for a vault of the person's (`noted`).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from diary.errors import VaultDamaged, WrongPassphrase
from diary.model.key import KeyFile, Secret
from diary.vault import header as header_file
from diary.vault.failures import damaged
from diary.vault.header import Header, StoredHeader
from diary.vault.keys import VaultKey, passphrase_bytes, wipe
from diary.vault.recovery import read_code
from diary.vault.slots import KEY_FILE, PASSPHRASE, RECOVERY_CODE, KeySlot, open_slot


@dataclass(frozen=True, slots=True)
class Opened:
    """What a secret opened: the vault key, the slot that gave it, and the header that it authenticates."""

    key: VaultKey
    slot: KeySlot
    stored: StoredHeader

    @property
    def header(self) -> Header:
        """What the header says."""
        return self.stored.header


def open_header(folder: Path, secret: Secret) -> Opened:
    """The vault key, from the newest copy of the header that the secret opens.

    :param secret: a passphrase or a recovery code as typed, or a key file.
    :raises diary.errors.WrongPassphrase: when no slot opens.
    :raises diary.errors.VaultMissing: when there is no vault.
    :raises diary.errors.VaultDamaged: when no copy of the header is readable and authentic.
    """
    refusal: VaultDamaged | None = None
    for stored in header_file.load(folder):
        try:
            found = open_any(stored.header, secret)
        except VaultDamaged as error:
            refusal = error
            continue
        if found is None:
            continue
        key, slot = found
        if not stored.is_authentic(key):
            key.wipe()
            refusal = damaged("its header was changed by something other than diary")
            continue
        _mend(folder, stored)
        return Opened(key, slot, stored)
    raise refusal or _wrong(secret)


def unlock_header(folder: Path, secret: Secret) -> tuple[VaultKey, Header]:
    """The vault key and the header that it authenticates; raises as `open_header`."""
    opened = open_header(folder, secret)
    return opened.key, opened.header


def open_any(header: Header, secret: Secret) -> tuple[VaultKey, KeySlot] | None:
    """The vault key and the slot that this secret opens, or None; the header is not authentic yet.

    :raises diary.errors.VaultDamaged: when a slot's parameters are outside the limits.
    """
    for kind, given in forms_of(secret):
        try:
            for slot in header.slots:
                key = open_slot(slot, given, vault_id=header.vault_id) if slot.kind == kind else None
                if key is not None:
                    return key, slot
        finally:
            wipe(given)
    return None


def forms_of(secret: Secret) -> list[tuple[str, bytearray]]:
    """What a secret may be, each a kind of slot and the bytes to open it with; to be wiped."""
    if isinstance(secret, KeyFile):
        return [(KEY_FILE, bytearray(secret.content))]
    symbols = read_code(secret).symbols
    forms = [(RECOVERY_CODE, bytearray(symbols))] if symbols is not None else []
    return [*forms, (PASSPHRASE, passphrase_bytes(secret))] if secret.strip() else forms


def _mend(folder: Path, good: StoredHeader) -> None:
    # The vault opens all the same when its disk is full or may only be read.
    with suppress(OSError):
        header_file.repair(folder, good)


def _wrong(secret: Secret) -> WrongPassphrase:
    if isinstance(secret, KeyFile):
        return WrongPassphrase(
            "This key file does not open the vault. Nothing was changed.",
            hint="It may be another one, or changed. The passphrase and the recovery code work without it.",
        )
    if read_code(secret).mistyped:
        return WrongPassphrase(
            "This looks like a recovery code with a typing error: its check symbols do not agree. "
            "Nothing was changed.",
            hint="Compare it with the paper, symbol by symbol. There is no letter U in it.",
        )
    return WrongPassphrase(
        "This passphrase does not open the vault. Nothing was changed.",
        hint="Check the keyboard layout and Caps Lock. The recovery code can be typed here too.",
    )
