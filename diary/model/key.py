"""The ways into a vault, as they are shown: nothing here opens anything but the key file's own bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class KeyKind(StrEnum):
    """What a slot is opened with."""

    PASSPHRASE = "passphrase"  # noqa: S105 - the name of a kind
    RECOVERY_CODE = "recovery-code"
    KEY_FILE = "key-file"
    BREAK_GLASS = "break-glass"


@dataclass(frozen=True, slots=True)
class KeyFile:
    """The content of a key file, never shown.

    :ivar made: diary has just made it, of random bytes.
    """

    content: bytes = field(repr=False)
    made: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyKey:
    """A clinic's private key for emergency access: it opens a vault to be read, and leaves a trace.

    :ivar private: X25519, 32 bytes, never shown. :ivar reason: the words of whoever uses it.
    :ivar asked: what it is used for: a command's name, and the number that it was given.
    :ivar exports: whether that writes something into a file.
    """

    private: bytes = field(repr=False)
    reason: str = field(repr=False)
    asked: str = ""
    exports: bool = False


Secret = str | KeyFile | EmergencyKey
"""What may open a vault: a passphrase or recovery code as typed, a key file, a clinic's emergency key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivationCost:
    """What each guess of a passphrase costs: Argon2id's memory in KiB, passes over it, parallel lanes."""

    memory_kib: int
    iterations: int
    lanes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One way into the vault.

    :ivar number: its place in the list, from 1; what a person names it by.
    :ivar id: 8 hexadecimal digits that stay the same when others are removed.
    :ivar kind: one of KeyKind, or what a newer diary calls it.
    :ivar made: when; None when the header's words for it are not understood.
    :ivar label: what the person calls it, or None.
    :ivar cost: for a passphrase; the others are random and need no slow derivation.
    :ivar in_use: it opened the vault now.
    :ivar sealed_to: of emergency access: the clinic's public key (X25519), in hexadecimal; else None.
    """

    number: int
    id: str
    kind: str
    made: datetime | None
    label: str | None
    cost: DerivationCost | None
    in_use: bool
    sealed_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """What making a new vault key did.

    :ivar recovery_code: the new one, told only this once.
    :ivar kept: the ways in that open the new vault; the recovery code is the last.
    :ivar dropped: those that open nothing any more.
    :ivar files: how many recordings and attachments were encrypted anew.
    :ivar damaged: how many could not be, since they do not authenticate; they are as they were.
    """

    recovery_code: str = field(repr=False)
    kept: tuple[Key, ...]
    dropped: tuple[Key, ...]
    files: int
    damaged: int
