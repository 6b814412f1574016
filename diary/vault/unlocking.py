"""From what a person typed to the vault key: copies of the header, newest first, and their slots.

A text that reads as a recovery code is tried as one first, since that takes no time, and as a passphrase
after. A key that a slot gives is believed only when the whole header is authentic under it. A spoilt copy
is mended only after that. Nothing is written when the secret is wrong.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from diary.errors import VaultDamaged, WrongPassphrase
from diary.vault import header as header_file
from diary.vault.failures import damaged
from diary.vault.header import Header, StoredHeader
from diary.vault.keys import VaultKey, passphrase_bytes, wipe
from diary.vault.recovery import ReadCode, read_code
from diary.vault.slots import PASSPHRASE, RECOVERY_CODE, KeySlot, open_slot


def unlock_header(folder: Path, typed: str) -> tuple[VaultKey, Header]:
    """The vault key and the header that it authenticates.

    :param typed: a passphrase or a recovery code.
    :raises diary.errors.WrongPassphrase: when no slot opens.
    :raises diary.errors.VaultMissing: when there is no vault.
    :raises diary.errors.VaultDamaged: when no copy of the header is readable and authentic.
    """
    code = read_code(typed)
    refusal: VaultDamaged | None = None
    for stored in header_file.load(folder):
        try:
            key = _open_any(stored.header, typed, code)
        except VaultDamaged as error:
            refusal = error
            continue
        if key is None:
            continue
        if not stored.is_authentic(key):
            key.wipe()
            refusal = damaged("its header was changed by something other than diary")
            continue
        _mend(folder, stored)
        return key, stored.header
    raise refusal or _wrong(code)


def _open_any(header: Header, typed: str, code: ReadCode) -> VaultKey | None:
    if code.symbols is not None:
        key = _try(header, RECOVERY_CODE, bytearray(code.symbols))
        if key is not None:
            return key
    return _try(header, PASSPHRASE, passphrase_bytes(typed)) if typed.strip() else None


def _try(header: Header, kind: str, secret: bytearray) -> VaultKey | None:
    try:
        for slot in _of_kind(header, kind):
            key = open_slot(slot, secret, vault_id=header.vault_id)
            if key is not None:
                return key
        return None
    finally:
        wipe(secret)


def _of_kind(header: Header, kind: str) -> list[KeySlot]:
    return [slot for slot in header.slots if slot.kind == kind]


def _mend(folder: Path, good: StoredHeader) -> None:
    # The vault opens all the same when its disk is full or may only be read.
    with suppress(OSError):
        header_file.repair(folder, good)


def _wrong(code: ReadCode) -> WrongPassphrase:
    if code.mistyped:
        return WrongPassphrase(
            "This looks like a recovery code with a typing error: its check symbols do not agree. "
            "Nothing was changed.",
            hint="Compare it with the paper, symbol by symbol. There is no letter U in it.",
        )
    return WrongPassphrase(
        "This passphrase does not open the vault. Nothing was changed.",
        hint="Check the keyboard layout and Caps Lock. The recovery code can be typed here too.",
    )
