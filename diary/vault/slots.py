"""Key slots: the vault key, wrapped once for each secret that may open it.

A slot encrypts the key with ChaCha20-Poly1305 under a key derived from its secret. Everything the slot says
about itself, and the vault it belongs to, is authenticated with it: a slot with a weakened parameter, or
moved to another vault, opens nothing.

- passphrase: Argon2id (RFC 9106). 256 MiB and 3 passes take about a second; the floor is 64 MiB.
- recovery code: 130 random bits need no slow derivation; HKDF.
- key file that diary made: 64 random bytes; HKDF. One that was there before, of 32 bytes and more: Argon2id,
  as of a passphrase, over all of them.
- break-glass: 32 random bytes that nobody has; the slot carries them sealed to a clinic's public key
  (`break_glass`). HKDF.

A slot whose kind is unknown here is kept and passed over.

Parameters are checked before the derivation runs: a hostile file can neither ask for less than the floor
nor for all the memory of the machine.
"""

from __future__ import annotations

import secrets
from datetime import datetime

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from diary.errors import DiaryError
from diary.vault.failures import damaged
from diary.vault.keys import KEY_BYTES, SALT_BYTES, VaultKey, derive_from_uniform, wipe

PASSPHRASE = "passphrase"  # noqa: S105 - the name of a kind of slot
RECOVERY_CODE = "recovery-code"
KEY_FILE = "key-file"
BREAK_GLASS = "break-glass"
_NONCE_BYTES = 12
_TAG_BYTES = 16
_MEMORY_KIB = range(64 * 1024, 2 * 1024 * 1024 + 1)
_ITERATIONS = range(1, 17)
_LANES = range(1, 9)


class KdfParameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Cost of Argon2id: memory in KiB, passes over it, and parallel lanes."""

    memory_kib: int
    iterations: int
    lanes: int

    def require_allowed(self) -> None:
        """Refuse what is too cheap to protect or too dear to run.

        :raises diary.errors.VaultDamaged: outside 64 MiB to 2 GiB, 1 to 16 passes, 1 to 8 lanes.
        """
        if (
            self.memory_kib not in _MEMORY_KIB
            or self.iterations not in _ITERATIONS
            or self.lanes not in _LANES
        ):
            raise damaged("its header asks for a key derivation outside the allowed limits")


DEFAULT_KDF = KdfParameters(memory_kib=256 * 1024, iterations=3, lanes=4)


# omit_defaults: a slot without a label is written, and bound to its key, as before there were labels.
class KeySlot(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """One wrapped copy of the vault key.

    :ivar id: 8 random hexadecimal digits, by which a person names the slot.
    :ivar made: when, ISO 8601.
    :ivar kdf: for passphrases, and for key files that diary did not make.
    :ivar wrapped: key and salt, encrypted, with the tag.
    :ivar label: what the person calls it, readable by anybody.
    :ivar sealed: of a break-glass slot: its secret, as only the clinic can open it.
    :ivar sealed_to: the clinic's public key, 32 bytes.
    """

    id: str
    kind: str
    made: str
    salt: bytes
    nonce: bytes
    kdf: KdfParameters | None
    wrapped: bytes
    label: str | None = None
    sealed: bytes | None = None
    sealed_to: bytes | None = None


def make_slot(
    kind: str,
    secret: bytes | bytearray,
    key: VaultKey,
    *,
    vault_id: bytes,
    made: datetime,
    kdf: KdfParameters | None = None,
    label: str | None = None,
    sealed: bytes | None = None,
    sealed_to: bytes | None = None,
) -> KeySlot:
    """Wrap the vault key under a secret; `kdf` must be given for passphrases, and may be for key files.

    :raises diary.errors.VaultDamaged: when the parameters are outside the limits.
    """
    slot = KeySlot(
        id=secrets.token_hex(4),
        kind=kind,
        made=made.isoformat(timespec="seconds"),
        salt=secrets.token_bytes(SALT_BYTES),
        nonce=secrets.token_bytes(_NONCE_BYTES),
        kdf=kdf,
        wrapped=b"",
        label=label,
        sealed=sealed,
        sealed_to=sealed_to,
    )
    wrapping = _wrapping_key(slot, secret)
    try:
        wrapped = ChaCha20Poly1305(wrapping).encrypt(slot.nonce, key.secret, _bound(slot, vault_id))
    finally:
        wipe(wrapping)
    return msgspec.structs.replace(slot, wrapped=wrapped)


def open_slot(slot: KeySlot, secret: bytes | bytearray, *, vault_id: bytes) -> VaultKey | None:
    """The vault key, or None when the secret is another or the slot was changed.

    :raises diary.errors.VaultDamaged: when the slot's parameters are outside the limits.
    """
    if len(slot.nonce) != _NONCE_BYTES or len(slot.wrapped) != KEY_BYTES + SALT_BYTES + _TAG_BYTES:
        return None
    opened = bytearray(KEY_BYTES + SALT_BYTES)
    wrapping = _wrapping_key(slot, secret)
    try:
        ChaCha20Poly1305(wrapping).decrypt_into(slot.nonce, slot.wrapped, _bound(slot, vault_id), opened)
    except InvalidTag:
        return None
    finally:
        wipe(wrapping)
    return VaultKey(opened)


def _wrapping_key(slot: KeySlot, secret: bytes | bytearray) -> bytearray:
    if slot.kind != PASSPHRASE and slot.kdf is None:
        return derive_from_uniform(secret, purpose=b"slot|" + slot.kind.encode(), salt=slot.salt)
    if slot.kdf is None or len(slot.salt) != SALT_BYTES:
        raise damaged("a slot of its header is incomplete")
    slot.kdf.require_allowed()
    derived = bytearray(KEY_BYTES)
    try:
        Argon2id(
            salt=slot.salt,
            length=KEY_BYTES,
            iterations=slot.kdf.iterations,
            lanes=slot.kdf.lanes,
            memory_cost=slot.kdf.memory_kib,
        ).derive_into(secret, derived)  # type: ignore[arg-type]  # any buffer will do; the stub says bytes
    except MemoryError:
        raise DiaryError(
            f"There is not enough free memory to check the passphrase: "
            f"{slot.kdf.memory_kib // 1024} MiB are needed. Nothing was changed.",
            hint="Close other programs, then try again.",
        ) from None
    return derived


def _bound(slot: KeySlot, vault_id: bytes) -> bytes:
    """What is authenticated with the wrapped key: the vault, and all the slot says of itself."""
    return (
        b"diary slot 1|"
        + vault_id
        + msgspec.json.encode(msgspec.structs.replace(slot, wrapped=b""), order="sorted")
    )
