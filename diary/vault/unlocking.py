"""From what a person gives to the vault key: copies of the header, newest first, and their slots.

A text that reads as a recovery code is tried as one first, since that takes no time, and as a passphrase
after; a key file is tried as nothing else. A key that a slot gives is believed only when the whole header is
authentic under it. A spoilt copy is mended only after that. Nothing is written here when the secret is wrong;
that somebody tried is noted by who asks for a vault of the person's (`noted`).

A clinic's emergency key opens nothing unless the caller says that it will log the use and only read
(`reading`): so whatever else opens a vault, its backup or its keys refuses it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from diary.errors import DiaryError, EmergencyRefused, VaultDamaged, WrongPassphrase
from diary.model.key import EmergencyKey, KeyFile, Secret
from diary.vault import header as header_file
from diary.vault.failures import damaged
from diary.vault.header import Header, StoredHeader
from diary.vault.keys import VaultKey, passphrase_bytes, wipe
from diary.vault.mistyping import one_slip_away
from diary.vault.recovery import GROUP, GROUPS, plain_of, read_code
from diary.vault.slots import BREAK_GLASS, KEY_FILE, PASSPHRASE, RECOVERY_CODE, KeySlot, open_slot


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


def open_header(folder: Path, secret: Secret, *, reading: bool = False) -> Opened:
    """The vault key, from the newest copy of the header that the secret opens.

    :param secret: a passphrase or a recovery code as typed, or a key file.
    :param reading: an emergency key is allowed, too: the caller logs its use and lets nothing be changed.
    :raises diary.errors.EmergencyRefused: for an emergency key otherwise.
    :raises diary.errors.WrongPassphrase: when no slot opens.
    :raises diary.errors.VaultMissing: when there is no vault.
    :raises diary.errors.VaultDamaged: when no copy of the header is readable and authentic.
    """
    refusal: VaultDamaged | None = None
    for stored in header_file.load(folder):
        try:
            if reading and isinstance(secret, EmergencyKey):
                found = _open_sealed(stored.header, secret)
            else:
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
    raise refusal or _wrong(secret, folder)


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


def _open_sealed(header: Header, emergency: EmergencyKey) -> tuple[VaultKey, KeySlot] | None:
    """The vault key and the break-glass slot whose secret was sealed to this key."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    from policies.emergency import open_secret

    private = X25519PrivateKey.from_private_bytes(emergency.private)
    for slot in header.slots:
        if slot.kind != BREAK_GLASS or slot.sealed is None:
            continue
        given = open_secret(slot.sealed, private, vault_id=header.vault_id)
        key = None if given is None else open_slot(slot, given, vault_id=header.vault_id)
        if key is not None:
            return key, slot
    return None


def forms_of(secret: Secret) -> list[tuple[str, bytearray]]:
    """What a secret may be, each a kind of slot and the bytes to open it with; to be wiped.

    :raises diary.errors.EmergencyRefused: for an emergency key, whose slots are opened in another way.
    """
    if isinstance(secret, EmergencyKey):
        raise EmergencyRefused(
            "The clinic's emergency key opens a diary to be read and nothing else. Nothing was changed."
        )
    if isinstance(secret, KeyFile):
        return [(KEY_FILE, bytearray(secret.content))]
    symbols = read_code(secret).symbols
    forms = [(RECOVERY_CODE, bytearray(symbols))] if symbols is not None else []
    return [*forms, (PASSPHRASE, passphrase_bytes(secret))] if secret.strip() else forms


def _mend(folder: Path, good: StoredHeader) -> None:
    # The vault opens all the same when its disk is full or may only be read.
    with suppress(OSError):
        header_file.repair(folder, good)


def _mistyped_group(typed: str, folder: Path) -> int | None:
    """The group of a mistyped recovery code of this vault that is wrong; None when it cannot be told."""
    with suppress(DiaryError):
        slots = [
            (slot, stored.header.vault_id)
            for stored in header_file.load(folder)
            for slot in stored.header.slots
            if slot.kind == RECOVERY_CODE
        ]
        for symbols, group in one_slip_away(typed):
            for slot, vault_id in slots:
                key = open_slot(slot, symbols, vault_id=vault_id)
                if key is not None:
                    key.wipe()
                    return group
    return None


def _wrong(secret: Secret, folder: Path) -> WrongPassphrase:
    if isinstance(secret, EmergencyKey):
        return WrongPassphrase(
            "This emergency key does not open the vault. Nothing was changed.",
            hint="The vault may never have been opened under the policy that names this key, or under one "
            "that names another by now.",
        )
    if isinstance(secret, KeyFile):
        return WrongPassphrase(
            "This key file does not open the vault. Nothing was changed.",
            hint="It may be another one, or changed. The passphrase and the recovery code work without it.",
        )
    if read_code(secret).mistyped:
        group = _mistyped_group(secret, folder)
        typed, whole = len(plain_of(secret)), GROUP * GROUPS
        count = "" if typed == whole else f" A code has {whole} symbols, and this one {typed}."
        where, what = ("", "it") if group is None else (f" in group {group} of {GROUPS}", "that group")
        return WrongPassphrase(
            f"This looks like a recovery code with a typing error{where}: its check symbols do not agree. "
            "Nothing was changed.",
            hint=f"Compare {what} with the paper, symbol by symbol. There is no letter U in it.{count}",
        )
    return WrongPassphrase(
        "This passphrase does not open the vault. Nothing was changed.",
        hint="Check the keyboard layout and Caps Lock. The recovery code can be typed here too.",
    )
