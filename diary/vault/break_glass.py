"""Emergency access (45 CFR 164.312(a)(2)(ii)): a way in that a clinic alone can use, and not unseen.

The slot: 32 random bytes wrap the vault key as any secret does, and stand in the slot sealed to the clinic's
public key (`policies.emergency`). There is one for as long as the policy names such a key: made with the
vault or at unlocking, made anew when the clinic has another key, taken away when it names none or let go of
the vault. Where it cannot be made and that is in the person's hands, the vault is not opened; a full disk, a
failing one and one that may only be read keep nobody out. The owner is told of each, the way in is listed
with the others, and the policy's key is the only one it is ever made for.

A use: the event is in the log, and beside it, in the settings, the reason in the words of whoever used it
(the log holds no words); both in one transaction, on the disk before anything is shown. From then on nothing
can be written. What cannot be logged is not opened.

The owner is told of uses, and of changes of the slot, until somebody has seen it: `told` says so.

What it cannot do: make a use visible where the clinic opens a copy of the vault's files, by this program or
by tools of its own; nor keep copies that were made before a slot was taken away from opening with it.
"""

from __future__ import annotations

import resource
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol

import msgspec

from diary.errors import DiskFull, EmergencyRefused, StorageFailed
from diary.model.audit import Event
from diary.model.emergency import EmergencyUse, fingerprint, use_words
from diary.model.key import EmergencyKey, Secret
from diary.rules import Effective
from diary.vault import header as header_file
from diary.vault.connection import Database, open_database
from diary.vault.failures import damaged, told_to_the_reader
from diary.vault.header import MOST_SLOTS, Header
from diary.vault.keys import KEY_BYTES, VaultKey, wipe
from diary.vault.presence import closed_by_its_owner
from diary.vault.rows import clean
from diary.vault.settings import forget_setting, keep_setting, kept_setting
from diary.vault.slots import BREAK_GLASS, KeySlot, make_slot
from diary.vault.unlocking import Opened

OPENED = (
    "This is emergency access: nothing can be changed, and its owner is told of it at the next opening, with "
    "the time, the key and the reason given"
)
_USES = "emergency.use."
_TOLD = "emergency.told"
_UNTOLD = "emergency.untold"
_MEANWHILE = "emergency.meanwhile"
_LONGEST_REASON = 300
_RULE = "people.break_glass"
_TOO_MANY = "{} keys are in the way of emergency access; take one away: diary keys remove NUMBER"
_IN_THE_WAY = (
    "what it asks for could not be written: vault.header and vault.header.copy have to be plain files in a "
    "folder that you may write, without a limit on the size of files (ulimit -f)"
)
_CLOSED = (
    "this diary was not opened under it yet, which writes into it, and its folder is closed by its mode; "
    "open it with: chmod -R u+w"
)
_NOT_READY = (
    "The policy of “{}” asks for emergency access, which could not be made ready, since the disk takes "
    "nothing; it is at the next opening"
)
_SHOWN = 12
Log = Callable[..., None]
"""Adds an event inside the transaction that is going on, as `AuditLog.log_within`."""


class Opening(Protocol):
    """What is asked of the vault that is being opened."""

    folder: Path
    policy: Effective
    failed_attempts: list[str]


class _Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    made: datetime
    key: str
    reason: str
    asked: str = ""


class Emergencies:
    """The emergency access of one open vault."""

    def __init__(self, database: Database, log: Log, *, now: Callable[[], datetime]) -> None:
        self._database = database
        self._log = log
        self._now = now
        self._in_use = False

    def begin(self, opened: Opened, secret: Secret, vault: Opening) -> list[str]:
        """What an opening has to do before anybody sees a word; sentences for who opened it.

        :raises diary.errors.EmergencyRefused: or another DiaryError, as `use`.
        """
        if isinstance(secret, EmergencyKey):
            self.use(opened.slot, secret, for_the_owner=vault.failed_attempts)
            return [OPENED]
        if not vault.policy.binds:
            return []
        if self._database.read_only:
            self._require_kept_before(vault.folder, opened.header, vault.policy)
            return []
        return self.keep_slot(vault.folder, opened, vault.policy)

    def _require_kept_before(self, folder: Path, header: Header, policy: Effective) -> None:
        """Refuse what the person has closed themselves, and what would be read past the policy for that."""
        slots = [slot.sealed_to for slot in header.slots if slot.kind == BREAK_GLASS]
        clinic = named_by(policy)
        lacks_slot = clinic is not None and clinic not in slots
        if (lacks_slot or (_binds(policy) and not header.bound)) and closed_by_its_owner(folder):
            raise policy.forbids(_RULE if lacks_slot else "clinic", _CLOSED)

    def use(self, slot: KeySlot, emergency: EmergencyKey, *, for_the_owner: Sequence[str] = ()) -> None:
        """Log that the vault was opened through this slot, and for what; let nothing be written from now on.

        What is to be written into a file is logged as given out before it is, since nothing can be after.

        :param for_the_owner: what this opening would have told, and no later one will.
        :raises diary.errors.EmergencyRefused: when it cannot be logged here, or no reason is given.
        :raises diary.errors.DiaryError: when the disk refuses.
        """
        if self._database.read_only:
            raise EmergencyRefused(
                "Emergency access is logged before anything is shown, and nothing can be written where this "
                "diary lies. Nothing was opened.",
                hint="Make its folder writable, or copy it to a disk that is.",
            )
        reason = plain_reason(emergency.reason)
        key = fingerprint(slot.sealed_to or b"")
        with self._database.transaction():
            asked = {"asked": emergency.asked} if emergency.asked else {}
            self._log(Event.BREAK_GLASS, key=key, slot=slot.id, **asked)
            ((number,),) = self._database.rows("SELECT max(number) FROM audit")
            kept = msgspec.json.encode(_Kept(self._now(), key, reason, emergency.asked)).decode()
            keep_setting(self._database, f"{_USES}{number:010}", kept)
            if emergency.exports:
                self._log(Event.EXPORTED, format="attachment", files=1, by="emergency")
            self._keep_for_the_owner(for_the_owner)
        self._end_writing()
        self._in_use = True

    def _keep_for_the_owner(self, sentences: Sequence[str]) -> None:
        if sentences:
            before = kept_setting(self._database, _MEANWHILE)
            lines = [*([before] if before else []), *sentences]
            keep_setting(self._database, _MEANWHILE, "\n".join(lines))

    def _end_writing(self) -> None:
        """Have SQLite refuse every change from now on, of any thread."""
        self._database.run("PRAGMA query_only = ON")
        self._database.read_only = True

    def uses(self) -> list[EmergencyUse]:
        """Every use, oldest first."""
        return uses_in(self._database)

    def notices(self) -> list[str]:
        """What the owner was not told yet, in sentences without a full stop."""
        if self._in_use:
            return []
        sentences = [] if (one := kept_setting(self._database, _UNTOLD)) is None else [one]
        told = int(kept_setting(self._database, _TOLD) or -1)
        new = [use for use in self.uses() if use.number > told]
        if new:
            sentences.append(_how_often(len(new)))
            sentences += [use_words(use) for use in new[-_SHOWN:]]
        sentences += (kept_setting(self._database, _MEANWHILE) or "").splitlines()
        return sentences

    def told(self) -> None:
        """The owner has seen them."""
        if self._database.read_only:
            return
        uses = self.uses()
        with self._database.transaction():
            forget_setting(self._database, _UNTOLD)
            forget_setting(self._database, _MEANWHILE)
            if uses:
                keep_setting(self._database, _TOLD, str(uses[-1].number))

    def keep_slot(self, folder: Path, opened: Opened, policy: Effective) -> list[str]:
        """Make the slot what the policy asks for, keep a sentence for the owner when that changes it, and let
        the header say whether the vault has a clinic.

        :return: why it could not be done, in sentences without a full stop; the vault opens all the same.
        :raises diary.errors.PolicyForbids: when it is in the person's hands that it could not be done.
        """
        header, clinic, name = opened.header, named_by(policy), policy.clinic
        others = tuple(slot for slot in header.slots if slot.kind != BREAK_GLASS)
        made = tuple(slot for slot in header.slots if slot.kind == BREAK_GLASS)
        before = [slot.sealed_to for slot in made]
        amiss: list[str] = []
        words = None
        if before != ([] if clinic is None else [clinic]):
            if clinic is not None and len(others) >= MOST_SLOTS:
                raise policy.forbids(_RULE, _TOO_MANY.format(len(others)))
            made, amiss = self._made(opened, clinic, name)
            if made or before:
                words = _change_words(made[0].sealed_to if made else None, name, anew=bool(before))
        if words is None and header.bound == _binds(policy):
            return amiss
        changed = msgspec.structs.replace(
            header, generation=header.generation + 1, slots=(*others, *made), bound=_binds(policy)
        )
        if self._saved(folder, changed, opened.key, words):
            return amiss
        if _hindered_by_hand(folder):
            raise policy.forbids(_RULE, _IN_THE_WAY)
        return [*amiss, _NOT_READY.format(name)] if words else amiss

    def _saved(self, folder: Path, header: Header, key: VaultKey, words: str | None) -> bool:
        """Whether the header is what it is to be, and its owner will be told; else neither."""
        told = kept_setting(self._database, _UNTOLD)
        try:
            with told_to_the_reader():
                # First: who is killed in between is told at the next opening, where the slot is made.
                self._keep_untold(words or told)
                header_file.save(folder, header, key)
        except (DiskFull, StorageFailed):
            with suppress(DiskFull, StorageFailed):
                self._keep_untold(told)
            return False
        return True

    def _keep_untold(self, words: str | None) -> None:
        if kept_setting(self._database, _UNTOLD) == words:
            return
        with self._database.transaction():
            if words is None:
                forget_setting(self._database, _UNTOLD)
            else:
                keep_setting(self._database, _UNTOLD, words)

    def _made(self, opened: Opened, clinic: bytes | None, name: str) -> tuple[tuple[KeySlot, ...], list[str]]:
        """The slot for the clinic, or why there is none."""
        if clinic is None:
            return (), []
        try:
            return (sealed_slot(clinic, opened, self._now()),), []
        except ValueError:
            return (), [f"The emergency key that the policy of “{name}” names is none: nobody can use it"]


def _binds(policy: Effective) -> bool:
    return policy.installed is not None and not policy.installed.policy.release


def _hindered_by_hand(folder: Path) -> bool:
    """Whether something that a person can put there, or set, is in the way of the header; not a full disk, a
    failing one, or one that may only be read.
    """
    limit, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    if limit != resource.RLIM_INFINITY or closed_by_its_owner(folder):
        return True
    copies = [folder / name for name in (header_file.HEADER, header_file.COPY)]
    return any(path.exists() and not path.is_file() for path in copies)


def named_by(policy: Effective) -> bytes | None:
    """The public key for which there has to be a slot, 32 bytes; None for a clinic that lets go."""
    return None if policy.installed is None or policy.installed.policy.release else policy.break_glass


def sealed_slot(clinic: bytes, opened: Opened, made: datetime, *, key: VaultKey | None = None) -> KeySlot:
    """A slot that only this clinic can open.

    :param clinic: its public key (X25519), 32 bytes.
    :param opened: the vault. :param key: of it, when it is to get another than it has.
    :raises ValueError: when the public key is none.
    """
    from policies.emergency import seal_secret

    secret, vault_id = bytearray(secrets.token_bytes(KEY_BYTES)), opened.header.vault_id
    try:
        sealed = seal_secret(bytes(secret), clinic, vault_id=vault_id)
        return make_slot(
            BREAK_GLASS,
            secret,
            key or opened.key,
            vault_id=vault_id,
            made=made,
            sealed=sealed,
            sealed_to=clinic,
        )
    finally:
        wipe(secret)


def uses_in(database: Database) -> list[EmergencyUse]:
    """Every use of emergency access that a database remembers, oldest first.

    :raises diary.errors.VaultDamaged: when one cannot be read.
    """
    rows = database.rows(
        "SELECT name, value FROM settings WHERE name GLOB ? ORDER BY name", (_USES + "[0-9]*",)
    )
    found = []
    for name, value in rows:
        try:
            kept = msgspec.json.decode(value, type=_Kept)
            number = int(name.removeprefix(_USES))
        except (msgspec.MsgspecError, ValueError):
            raise damaged("what it remembers of emergency access cannot be read") from None
        found.append(
            EmergencyUse(number=number, made=kept.made, key=kept.key, reason=kept.reason, asked=kept.asked)
        )
    return found


def uses_of(path: Path, opened: Opened, *, writable: bool = True) -> list[EmergencyUse]:
    """Likewise, of a database that nobody has open, by its path."""
    database = open_database(path, opened.key, page_size=opened.header.page_size, writable=writable)
    try:
        return uses_in(database)
    finally:
        database.close()


def plain_reason(words: str) -> str:
    """The reason as one line without signs that steer a terminal.

    :raises diary.errors.EmergencyRefused: when nothing is left of it.
    """
    plain = " ".join("".join(sign if sign.isprintable() else " " for sign in clean(words)).split())
    if not plain:
        raise EmergencyRefused(
            "Emergency access needs a reason, which the owner of the diary is told. Nothing was opened.",
            hint="Give it in a few words: --reason WORDS",
        )
    return plain[:_LONGEST_REASON]


def _change_words(clinic: bytes | None, name: str, *, anew: bool) -> str:
    if clinic is None:
        return (
            "The clinic's emergency access was taken away: its key opens this diary no more. Copies made "
            "before still open with it; with diary keys rotate they do not show what you write later"
        )
    key = f"with its emergency key, {fingerprint(clinic)}…"
    if anew:
        return f"“{name}” has another emergency key: it can open this diary in an emergency {key}; you see it"
    return (
        f"“{name}” can open this diary in an emergency, to read it, {key}. Each time, you will see when, and "
        "the reason given. It is listed by: diary keys list"
    )


def _how_often(count: int) -> str:
    times = "once" if count == 1 else f"{count} times"
    rest = f" The last {_SHOWN} are:" if count > _SHOWN else ""
    return f"EMERGENCY ACCESS: this diary was opened {times} with a clinic's emergency key.{rest}"
