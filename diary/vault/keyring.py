"""The ways into a vault: listed, added, changed, removed, and a new vault key made.

Only the header is written, so a way in can be changed whatever state the database is in; but where a vault
has a clinic, whose name stands there, its ways in are listed and no more while that cannot be read. The
vault's lock is held meanwhile. The next opening logs what was changed, for it compares (`opening_log`).
Every change is a new header of the next generation, whole in one of its two copies at any moment. The last
way in cannot be removed, and a slot of a kind unknown here counts for none.

A removed secret opens this header no more, but it does open copies of older ones, and with such a copy the
vault key can be had. `rotate` is what revokes: it makes another vault key.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Self

import msgspec

from diary.errors import KeyNotFound, KeyRefused, VaultDamaged, WrongPassphrase
from diary.model.emergency import EmergencyUse
from diary.model.key import Key, KeyFile, Rotated, Secret
from diary.model.progress import Cancelled, Report, never, silent
from diary.rules import NO_CLINIC, Effective
from diary.vault import binding, break_glass
from diary.vault import header as header_file
from diary.vault.failures import read_only, told_to_the_reader
from diary.vault.header import MOST_SLOTS, Header, StoredHeader
from diary.vault.key_file_checks import require_fit
from diary.vault.key_list import one_line, shown
from diary.vault.keys import VaultKey, passphrase_bytes, wipe
from diary.vault.lock import InstanceLock
from diary.vault.noted import attempt
from diary.vault.presence import may_be_written, require_vault
from diary.vault.recovery import new_code, read_code
from diary.vault.rotation import DATABASE, require_room, rotate, settle
from diary.vault.slots import (
    BREAK_GLASS,
    DEFAULT_KDF,
    KEY_FILE,
    PASSPHRASE,
    RECOVERY_CODE,
    KdfParameters,
    KeySlot,
    make_slot,
)
from diary.vault.strength import FLOOR, require_strong
from diary.vault.unlocking import Opened, forms_of, open_any, open_header
from diary.vault.vault import local_now
from diary.vault.watch import found_before

_KINDS = (PASSPHRASE, RECOVERY_CODE, KEY_FILE)


class KeyRing:
    """The ways into one vault, open to be changed. Close it, or use it in a `with` statement."""

    def __init__(
        self,
        folder: Path,
        opened: Opened,
        secret: Secret,
        lock: InstanceLock,
        *,
        now: Callable[[], datetime],
        policy: Effective,
    ) -> None:
        self._policy = policy
        self._folder = folder
        self._opened = opened
        self._proven = {opened.slot.id: secret}
        self._lock = lock
        self._now = now
        self._only_listed = False
        self._read_only = not may_be_written(folder)

    @classmethod
    def open(
        cls,
        folder: Path,
        secret: Secret,
        *,
        now: Callable[[], datetime] = local_now,
        policy: Effective = NO_CLINIC,
    ) -> Self:
        """With a passphrase or recovery code as typed, or a key file.

        :param policy: the clinic's, as it is installed here; it may ask more of new passphrases.
        :raises diary.errors.PolicyRefused: when the vault belongs under another policy.
        :raises diary.errors.DiaryError: as `Vault.unlock`, but for what concerns the database.
        """
        require_vault(folder)
        with told_to_the_reader():
            lock = InstanceLock(folder)
        try:
            with attempt(folder, secret, now):
                opened = open_header(folder, secret)
            try:
                settle(folder, opened)
                size, writable, unread = opened.header.page_size, may_be_written(folder), False
                try:
                    path = folder / DATABASE
                    binding.require(path, opened.key, policy, page_size=size, writable=writable)
                except VaultDamaged:  # a way in can be changed all the same, where nobody else has a say
                    unread = True
            except BaseException:
                opened.key.wipe()
                raise
            ring = cls(folder, opened, secret, lock, now=now, policy=policy)
            ring._only_listed = unread and opened.header.bound
            return ring
        except BaseException:
            lock.release()
            raise

    def warnings(self) -> list[str]:
        """What openings of the vault found amiss; the database is not opened here."""
        return found_before(self._folder, self._opened.key)

    def all(self) -> list[Key]:
        """All ways in, in the order they were made."""
        slots, used = self._opened.header.slots, self._opened.slot.id
        return [shown(number, slot, in_use=slot.id == used) for number, slot in enumerate(slots, 1)]

    def key(self, name: str) -> Key:
        """The one of this number, or of this id.

        :raises diary.errors.KeyNotFound: when there is none.
        """
        for key in self.all():
            if name in (str(key.number), key.id):
                return key
        raise KeyNotFound(
            f"There is no key {name} in this vault. Nothing was changed.",
            hint="List them with: diary keys list",
        )

    def add_passphrase(
        self,
        passphrase: str,
        *,
        label: str | None = None,
        kdf: KdfParameters = DEFAULT_KDF,
        floor: float = FLOOR,
    ) -> Key:
        """One more passphrase.

        :raises diary.errors.WeakPassphrase: when it is too easy to guess.
        :raises diary.errors.KeyRefused: when there are as many ways in as may be, or it is one already.
        """
        require_strong(passphrase, **self._policy.asked_of_passphrases(floor))
        self._require_place()
        self._require_new(passphrase)
        return self._add(self._slot(PASSPHRASE, passphrase_bytes(passphrase), label=label, kdf=kdf))

    def add_key_file(
        self, file: KeyFile, *, label: str | None = None, kdf: KdfParameters = DEFAULT_KDF
    ) -> Key:
        """One more key file; its content must be on its disk already.

        :param kdf: what each try of a file costs that was not made for this, as of a passphrase.
        :raises diary.errors.KeyRefused: as for a passphrase, and when it is one of the vault's own files.
        :raises diary.errors.PolicyForbids: when others might guess which file it is, and may not.
        """
        self._require_place()
        require_fit(file, self._folder, self._policy)
        self._require_new(file)
        cost = None if file.made else kdf
        return self._add(self._slot(KEY_FILE, bytearray(file.content), label=label, kdf=cost))

    def add_recovery_code(self, *, label: str | None = None) -> tuple[Key, str]:
        """One more recovery code, which is told only this once.

        :raises diary.errors.KeyRefused: when there are as many ways in as may be.
        """
        code = new_code()
        return self._add(self._slot(RECOVERY_CODE, _symbols(code), label=label)), code

    def change(
        self, name: str | None, passphrase: str, *, kdf: KdfParameters = DEFAULT_KDF, floor: float = FLOOR
    ) -> Key:
        """Put a new passphrase in the place of an old one, in one step; None means the one in use.

        :raises diary.errors.KeyRefused: when that is no passphrase.
        :raises diary.errors.WeakPassphrase: when the new one is too easy to guess.
        """
        changed = self.changeable(name)
        require_strong(passphrase, **self._policy.asked_of_passphrases(floor))
        self._require_new(passphrase)
        slot = self._slot(PASSPHRASE, passphrase_bytes(passphrase), label=changed.label, kdf=kdf)
        self._save(tuple(slot if old.id == changed.id else old for old in self._opened.header.slots))
        if changed.in_use:
            self._opened = replace(self._opened, slot=slot)
            self._proven[slot.id] = passphrase
        return self.key(slot.id)

    def changeable(self, name: str | None) -> Key:
        """The passphrase that `change` would put another in the place of.

        :raises diary.errors.KeyNotFound: when there is none of this number.
        :raises diary.errors.KeyRefused: when it is no passphrase.
        """
        self._require_checked()
        key = self.key(self._opened.slot.id if name is None else name)
        if key.kind != PASSPHRASE:
            raise KeyRefused(
                f"Key {key.number} is no passphrase, so there is nothing to change. Nothing was changed.",
                hint="Name the passphrase to be changed: diary keys change NUMBER",
            )
        return key

    def removable(self, name: str) -> Key:
        """The one that `remove` would remove.

        :raises diary.errors.KeyNotFound: when there is none of this number.
        :raises diary.errors.PolicyForbids: when the clinic's policy asks for it.
        :raises diary.errors.KeyRefused: when it is the last way in.
        """
        self._require_checked()
        key = self.key(name)
        if key.kind == BREAK_GLASS and break_glass.named_by(self._policy) is not None:
            raise self._policy.forbids("people.break_glass", "emergency access stays as long as it is named")
        if not [one for one in self.all() if one.id != key.id and one.kind in _KINDS]:
            raise KeyRefused(
                "This is the last way into the vault: without it everything would be lost. "
                "Nothing was changed.",
                hint="Add another one first: diary keys add",
            )
        return key

    def remove(self, name: str) -> Key:
        """Remove one; raises as `removable`."""
        key = self.removable(name)
        self._save(tuple(slot for slot in self._opened.header.slots if slot.id != key.id))
        return key

    def prove(self, secret: Secret) -> Key:
        """Show that this secret opens the vault, too: it will after `rotate`.

        :raises diary.errors.WrongPassphrase: when it opens nothing.
        """
        opened = open_any(self._opened.header, secret)
        if opened is None:
            raise WrongPassphrase("A key that was to be kept opens nothing here. Nothing was changed.")
        key, slot = opened
        key.wipe()
        self._proven[slot.id] = secret
        return self.key(slot.id)

    def kept_by_rotation(self) -> tuple[list[Key], list[Key]]:
        """Which ways in `rotate` would keep, and which it would drop. Neither a recovery code nor emergency
        access is among them: there is a new one after.

        :raises diary.errors.DiskFull: when there is no room for a second vault.
        :raises diary.errors.KeyRefused: when there would be nothing but the new recovery code.
        """
        self._require_checked()
        require_room(self._folder)
        random = [key for key in self.all() if key.kind not in (RECOVERY_CODE, BREAK_GLASS)]
        kept = [key for key in random if key.id in self._proven]
        if not kept:
            raise KeyRefused(
                "A new vault key must be kept by a passphrase or a key file, and the vault was opened with "
                "its recovery code. Nothing was changed.",
                hint="Set a passphrase first, and open the vault with it: diary keys add --passphrase",
            )
        return kept, [key for key in random if key not in kept]

    def rotate(self, *, report: Report = silent, cancelled: Cancelled = never) -> Rotated:
        """Make a new vault key and encrypt everything anew. What opened the vault opens it after, and so does
        what was proven; all other ways in are dropped, and there is a new recovery code.

        :raises diary.errors.DiaryError: as `kept_by_rotation`, and as `rotation.rotate` while the old vault
            is as it was.
        """
        kept, dropped = self.kept_by_rotation()
        ids = {key.id for key in kept}
        old, key, code = self._opened, VaultKey.random(), new_code()
        slots = [self._wrapped_anew(slot, key) for slot in old.header.slots if slot.id in ids]
        slots.append(self._slot(RECOVERY_CODE, _symbols(code), key=key))
        clinic = break_glass.named_by(self._policy)
        # One that the owner was not told of yet is made, and told, at the next opening.
        if clinic is not None and any(slot.sealed_to == clinic for slot in old.header.slots):
            slots.append(break_glass.sealed_slot(clinic, old, self._now(), key=key))
        header = msgspec.structs.replace(old.header, generation=old.header.generation + 1, slots=tuple(slots))
        stored = _readable(header_file.encode(header, key))
        done = rotate(self._folder, old, key, header, now=self._now, report=report, cancelled=cancelled)
        old.key.wipe()
        self._opened, self._proven = Opened(key, slots[0], stored), {}
        return Rotated(
            recovery_code=code,
            kept=tuple(self.all()),
            dropped=tuple(dropped),
            files=done.files,
            damaged=done.damaged,
        )

    def emergency_uses(self) -> list[EmergencyUse]:
        """Every use of emergency access, oldest first; raises as `Vault.unlock` for a damaged database."""
        path = self._folder / DATABASE
        return break_glass.uses_of(path, self._opened, writable=not self._read_only)

    def close(self) -> None:
        """Forget the key, and let the next process in."""
        self._opened.key.wipe()
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Inside

    def _wrapped_anew(self, slot: KeySlot, key: VaultKey) -> KeySlot:
        given = next(given for kind, given in forms_of(self._proven[slot.id]) if kind == slot.kind)
        return self._slot(slot.kind, given, label=slot.label, kdf=slot.kdf, key=key)

    def _slot(
        self,
        kind: str,
        given: bytearray,
        *,
        label: str | None = None,
        kdf: KdfParameters | None = None,
        key: VaultKey | None = None,
    ) -> KeySlot:
        try:
            return make_slot(
                kind,
                given,
                key or self._opened.key,
                vault_id=self._opened.header.vault_id,
                made=self._now(),
                kdf=kdf,
                label=one_line(label) if label else None,
            )
        finally:
            wipe(given)

    def _require_checked(self) -> None:
        if self._read_only:
            raise read_only()
        if self._only_listed:
            raise KeyRefused(
                "This vault has a clinic, and its database, which says which one, cannot be read: until it "
                "can, its keys are listed and not changed. Nothing was changed.",
                hint="See what is damaged with: diary doctor. Or restore your latest backup.",
            )

    def _require_place(self) -> None:
        """One place is left for a clinic's emergency access."""
        self._require_checked()
        most = MOST_SLOTS - 1
        if len([slot for slot in self._opened.header.slots if slot.kind != BREAK_GLASS]) >= most:
            raise KeyRefused(
                f"There are {most} keys, and no more may be. Nothing was changed.",
                hint="Remove one that is not needed: diary keys remove NUMBER",
            )

    def _require_new(self, secret: Secret) -> None:
        known = open_any(self._opened.header, secret)
        if known is not None:
            known[0].wipe()
            raise KeyRefused("This opens the vault already. Nothing was changed.")

    def _add(self, slot: KeySlot) -> Key:
        self._require_place()
        self._save((*self._opened.header.slots, slot))
        return self.key(slot.id)

    def _save(self, slots: tuple[KeySlot, ...]) -> None:
        self._require_checked()
        old = self._opened.header
        header: Header = msgspec.structs.replace(old, generation=old.generation + 1, slots=slots)
        with told_to_the_reader():
            content = header_file.save(self._folder, header, self._opened.key)
        self._opened = replace(self._opened, stored=_readable(content))


def _readable(content: bytes) -> StoredHeader:
    stored = header_file.decode(content)
    if stored is None:
        raise RuntimeError("a header that cannot be read again")
    return stored


def _symbols(code: str) -> bytearray:
    symbols = read_code(code).symbols
    if symbols is None:
        raise RuntimeError("a recovery code that does not read as one")
    return bytearray(symbols)
