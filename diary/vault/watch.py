"""What is told when the vault is opened: whether its rows are those that were there when it was closed.

At opening: the anchor, then the quick part of the manifest's check. A vault that has no manifest yet, one of
an older version, gets it made; the anchor is there, empty, before the setting that says so is. At closing,
once everything is on the disk: the anchor.

Nothing here keeps a person from opening: what cannot be read, or not be written on a
full disk, is a sentence.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from contextlib import suppress
from pathlib import Path

import sqlcipher3.dbapi2 as sqlcipher

from diary.errors import DiskFull, StorageFailed, VaultDamaged
from diary.model.progress import Cancelled, Report, never, silent
from diary.vault import anchor as anchor_file
from diary.vault.anchor import Anchor
from diary.vault.connection import Database, open_database
from diary.vault.failures import told_to_the_reader
from diary.vault.keys import VaultKey, wipe
from diary.vault.manifest import Manifest
from diary.vault.manifest_words import PUT_BACK, UNREADABLE, UNUSABLE, in_words
from diary.vault.settings import forget_setting, keep_setting, kept_setting

ANCHORED = "manifest.anchored"
_MISSING = "The file vault.anchor, which tells an old database put back, is missing"
_CHANGED = "The file vault.anchor, which tells an old database put back, was changed"
_OTHER = "The database is not the one that was closed last"
UNANCHORED = (
    "The file vault.anchor, which tells an old database put back, could not be written: until it is, nobody "
    "is told when one is put back"
)


def manifest_of(database: Database, key: VaultKey) -> Manifest:
    """The manifest under the key that belongs to it."""
    derived = key.derive(b"manifest")
    try:
        return Manifest(database, derived)
    finally:
        wipe(derived)


def renew(database: Database, key: VaultKey) -> None:
    """Make the manifest of a database anew under another key, inside the transaction that is going on. It has
    no anchor until it is opened.
    """
    forget_setting(database, ANCHORED)
    manifest_of(database, key).build()


def anchor_restored(path: Path, key: VaultKey, *, page_size: int) -> None:
    """Give a vault that comes from a backup the anchor that belongs to it.

    :param path: of its database.
    :raises OSError: when the disk refuses.
    """
    database = open_database(path, key, page_size=page_size)
    try:
        state = manifest_of(database, key).state()
    finally:
        database.close()
    if state is not None:
        anchor_file.write(path.parent, Anchor(generation=state[0], root=state[1]), key)


def look_closer(found: Iterable[str]) -> list[str]:
    """What was found, each with what to do next."""
    return [f"{finding}. Look closer with: diary doctor" for finding in found]


def found_before(folder: Path, key: VaultKey) -> list[str]:
    """What earlier openings found and nobody accepted yet, without opening the database."""
    try:
        kept = anchor_file.read(folder, key)
    except FileNotFoundError:
        return []
    return [] if kept is None else look_closer(kept.found)


class Watch:
    """Watches over one open vault."""

    def __init__(self, database: Database, folder: Path, key: VaultKey) -> None:
        self._database = database
        self._folder = folder
        self._key = key
        self._anchor: Anchor | None = None
        self._found: tuple[str, ...] = ()
        self.manifest = manifest_of(database, key)

    def begin(self, report: Report = silent) -> list[str]:
        """Check quickly, and keep the manifest up to date from now on; what was found, in sentences."""
        anchor_file.sweep(self._folder)
        try:
            expected = kept_setting(self._database, ANCHORED) is not None
            found = self._read_anchor(expected=expected)
            if not (expected or self._anchored_at or self.manifest.is_begun()):
                self._build(report)
            state = self.manifest.state()
            if state is None:
                return self._remembered([*found, UNUSABLE])
            found = self._remembered(found + self._compared(*state))
            found += in_words(self.manifest.quick_differences())
            self.manifest.watch()
            if not (expected or self._database.read_only or self._anchor_from_now_on()):
                found.append(UNANCHORED)
        except (VaultDamaged, sqlcipher.Error):
            return [UNREADABLE]
        return found

    def findings(
        self,
        *,
        parts: Container[str] | None = None,
        report: Report = silent,
        cancelled: Cancelled = never,
    ) -> list[str]:
        """What is not as it was last written, in sentences. Reads all rows, of some parts or of all."""
        try:
            if self.manifest.state() is None:
                return [UNUSABLE]
            return in_words(self.manifest.differences(parts=parts, report=report, cancelled=cancelled))
        except (VaultDamaged, sqlcipher.Error):
            return [UNREADABLE]

    def all_findings(self, *, report: Report = silent, cancelled: Cancelled = never) -> list[str]:
        """What an opening finds, what openings before it found, and all else that differs; writes nothing.

        :raises diary.errors.Stopped: when `cancelled` said so.
        """
        expected = kept_setting(self._database, ANCHORED) is not None
        found = self._read_anchor(expected=expected)
        if not (expected or self._anchored_at or self.manifest.is_begun()):
            return found
        before = () if self._anchor is None else self._anchor.found
        state = self.manifest.state()
        compared = [] if state is None else self._compared(*state)
        every = (*before, *found, *compared, *self.findings(report=report, cancelled=cancelled))
        return list(dict.fromkeys(every))

    def end(self, *, emptied: bool) -> list[str]:
        """Write the anchor; why an older database put back now would not be told, in sentences.

        :param emptied: everything is on the disk, and the log is empty; else the anchor stays as it is.
        """
        state = self.manifest.state() if self.manifest.watching else None
        if state is None or self._database.read_only:
            return []
        kept = self._anchor or Anchor(generation=0, root=b"")
        if (kept.generation, kept.root, kept.found) == (*state, self._found):
            return []
        new = Anchor(generation=state[0], root=state[1], found=self._found)
        return [] if emptied and self._write(new) else [UNANCHORED]

    def accept(self) -> None:
        """Take the rows as they are for what they ought to be, and forget what was found.

        :raises diary.errors.DiaryError: when they cannot be read, or not be written.
        """
        with self._database.transaction():
            keep_setting(self._database, ANCHORED, "1")
            self.manifest.build()
        state = self.manifest.state()
        if state is not None:
            self._found = ()
            with told_to_the_reader():
                self._put(Anchor(generation=state[0], root=state[1]))

    def _build(self, report: Report) -> None:
        with suppress(DiskFull, StorageFailed), self._database.transaction():
            self.manifest.build(report=report)

    def _anchor_from_now_on(self) -> bool:
        """The file first: a setting without it would be a finding after a kill. Whether it is there."""
        if not self._write(Anchor(generation=0, root=b"")):
            return False
        with suppress(DiskFull, StorageFailed), self._database.transaction():
            keep_setting(self._database, ANCHORED, "1")
        return True

    def _read_anchor(self, *, expected: bool) -> list[str]:
        try:
            self._anchor = anchor_file.read(self._folder, self._key)
        except FileNotFoundError:
            return [_MISSING] if expected else []
        return [_CHANGED] if self._anchor is None and expected else []

    @property
    def _anchored_at(self) -> int:
        """The generation that the anchor names; 0 when there is none, or one that was not closed yet."""
        return 0 if self._anchor is None else self._anchor.generation

    def _compared(self, generation: int, root: bytes) -> list[str]:
        if generation < self._anchored_at:
            return [PUT_BACK]
        if generation == self._anchored_at and self._anchor is not None and root != self._anchor.root:
            return [_OTHER]
        return []

    def _remembered(self, found: list[str]) -> list[str]:
        """With what earlier openings found, kept for the next ones."""
        before = () if self._anchor is None else self._anchor.found
        all_found = self._found = tuple(dict.fromkeys((*before, *found)))
        if found:
            generation, root = self.manifest.state() or (self._anchored_at, b"")
            self._write(Anchor(generation=generation, root=root, found=all_found))
        return list(all_found)

    def _write(self, anchor: Anchor) -> bool:
        """Whether the disk took it; else the one before is there, and older, which is no fault."""
        try:
            self._put(anchor)
        except OSError:
            return False
        return True

    def _put(self, anchor: Anchor) -> None:
        anchor_file.write(self._folder, anchor, self._key)
        self._anchor = anchor
