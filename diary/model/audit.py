"""What was done to a diary, without its contents: the nouns of the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

Detail = int | str
"""A number, or a word from a fixed list such as a format's name: never anything a person wrote."""


class Event(StrEnum):
    """What can be done."""

    CREATED = "vault made"
    UNLOCKED = "unlocked"
    UNLOCK_FAILED = "unlock failed"
    BREAK_GLASS = "opened by emergency access"
    IMPORTED = "imported"
    IMPORT_UNDONE = "import undone"
    EXPORTED = "exported"
    BACKED_UP = "backed up"
    RESTORED = "restored from a backup"
    KEYS_CHANGED = "keys changed"
    KEY_ROTATED = "vault key changed"
    POLICY_CHANGED = "policy changed"
    MODEL_CHANGED = "model changed"
    DELETED = "deleted"
    DELETION_UNDONE = "deletion undone"
    ERASED = "erased"
    CONDENSED = "condensed"
    DAMAGE_FOUND = "damage found"
    LOG_SHORTENED = "log shortened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """One event.

    :ivar number: from 0, without gaps. :ivar made: when, by the clock of the machine.
    :ivar details: None once they were removed, after the time that they are kept for.
    """

    number: int
    event: Event
    made: datetime
    details: Mapping[str, Detail] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The log at one moment, signed: whoever has it can tell later whether it was shortened or rewritten.

    :ivar vault: which log, 16 bytes. :ivar size: how many events.
    :ivar root: of the tree over them, 32 bytes.
    :ivar key: the public key that signed, Ed25519, 32 bytes. :ivar signature: 64 bytes.
    """

    vault: bytes
    size: int
    root: bytes
    made: datetime
    key: bytes
    signature: bytes


OF_ANOTHER_VAULT = "the checkpoint is of another vault, so the log was not compared with it"
"""What is found of such a checkpoint: nothing about the log."""


@dataclass(frozen=True, slots=True)
class ShortCode:
    """A checkpoint as it was copied by hand.

    :ivar size: how many events. :ivar letters: the first 60 bits of the root, in base 32, 12 letters.
    """

    size: int
    letters: str


@dataclass(frozen=True, slots=True)
class FailedAttempts:
    """Attempts to open the diary that failed, since it was last opened.

    :ivar count: of those that are noted, at least 1. :ivar first: when the first was, aware.
    :ivar more: whether there may have been more than are noted.
    """

    count: int
    first: datetime
    more: bool = False

    @property
    def sentence(self) -> str:
        """In a sentence, without a full stop."""
        if self.count == 1:
            return f"There was a failed attempt to open the diary on {self._since}"
        return f"There were {self._number} failed attempts to open the diary since {self._since}"

    @property
    def in_a_line(self) -> str:
        """In few words."""
        if self.count == 1:
            return f"a failed attempt to open it on {self._since}"
        return f"{self._number} failed attempts to open it since {self._since}"

    @property
    def _number(self) -> str:
        return f"{self.count} or more" if self.more else str(self.count)

    @property
    def _since(self) -> str:
        first = self.first.astimezone()
        return f"{first.day} {first:%B %Y, %H:%M}"
