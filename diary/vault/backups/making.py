"""Making a backup of an open vault, and remembering the last good one.

In order: in a folder, an earlier backup is looked for that this one can go on from; everything, or what
changed since, is copied into a file of an unfinished name and forced to the disk (`writing`); that file, with
all that it goes on from, is read back and restored beside the vault, opened and compared (`verifying`);
only then it takes its name, and only then older ones go.

A backup goes on only from one that was proved, by this vault's own memory of its sum: what is in that one is
summed again and not proved again. Where the earlier one is spoilt by now, a whole one is made, and that told.

What was spoilt in the vault is told, and such a backup replaces nothing: the one before may hold it whole.
Nothing goes on from it.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from diary.errors import BackupDamaged, DiaryError, FileExists, NotABackup, StorageFailed, VaultReadOnly
from diary.model.audit import Event
from diary.model.backup import BackupContents, BackupMade, LastBackup
from diary.model.progress import Cancelled, Report, never, silent
from diary.printable import encodable
from diary.rules import Effective
from diary.vault.audit import AuditLog
from diary.vault.backups.blocks import NotAsWritten
from diary.vault.backups.chain import MOST_LINKS, Chain
from diary.vault.backups.moving import Mover
from diary.vault.backups.places import (
    Place,
    choose_place,
    create_unfinished,
    newest_of,
    remove_older,
    require_ours,
    take_name,
    told_of_backup,
)
from diary.vault.backups.verifying import (
    VERIFYING,
    require_as_written,
    scratch,
    take_out,
    unsaved_in,
)
from diary.vault.backups.writing import Source, Written, write_backup
from diary.vault.connection import Database
from diary.vault.failures import damaged
from diary.vault.keys import VaultKey
from diary.vault.preferences import Preferences

SCRATCH = "vault.restored"
_LAST = "backup.last"
_SPOILT = "backup.spoilt"
_PROVED = "backup.proved"
_MOST_REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class _Proved:
    """What a proof found out.

    :ivar sum: of the file. :ivar needs: names of what it goes on from.
    """

    contents: BackupContents
    findings: list[str]
    sum: str
    needs: tuple[str, ...]


_HELD = "Older ones stay: by the clinic's policy nothing is erased (retention.legal_hold)."


class Backups:
    """Makes backups of one open vault.

    :param vault_id: 16 bytes. :param page_size: of the database. :param now: the aware local time.
    :param found: what the opening of the vault, or one before it, found amiss, and nobody accepted yet:
        a backup of an older database that was put back must not take the place of one that has more.
    """

    def __init__(
        self,
        database: Database,
        folder: Path,
        key: VaultKey,
        preferences: Preferences,
        audit: AuditLog,
        *,
        vault_id: bytes,
        page_size: int,
        now: Callable[[], datetime],
        policy: Effective,
        found: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        self._policy = policy
        self._found = found
        self._source = Source(
            database=database, folder=folder, key=key, vault_id=vault_id, page_size=page_size
        )
        self._preferences = preferences
        self._audit = audit
        self._now = now

    def make(
        self,
        target: Path,
        *,
        keep: int | None = None,
        full: bool = False,
        report: Report = silent,
        cancelled: Cancelled = never,
    ) -> BackupMade:
        """Make one and prove that it restores; then it has its name, and not before.

        :param target: a file; or a folder, in which it is named by its time, and may be incremental.
        :param keep: in a folder, how many of this vault's stay there, this one included, and what they go on
            from; None: all. :param full: a whole one, whatever is in the folder.
        :raises diary.errors.PolicyForbids: when no backup may be written there.
        :raises diary.errors.FileExists: when something is there that is no backup of this vault, or one that
            a backup of a spoilt vault would replace.
        :raises diary.errors.VaultDamaged: when the vault's own pages are spoilt.
        :raises diary.errors.VaultReadOnly: when nothing may be written beside them.
        :raises diary.errors.DiskFull: or StorageFailed, or Stopped; then what was there before is untouched.
        """
        made, vault_id = self._now(), self._source.vault_id
        self._require_room_for_a_proof()
        place = choose_place(self._policy.backup_target(target), made, vault=self._source.folder)
        require_ours(place.file, vault_id)
        began, notes = time.monotonic(), list[str]()
        with told_of_backup(), self._unfinished(place) as handle:
            full = full or keep == 1 or not place.rotates  # one alone needs no other
            with self._base(place, notes, full=full) as base:
                try:
                    written, proved = self._attempt(place, handle, made, base, report, cancelled)
                except _BaseSpoilt as spoilt:
                    notes.append(spoilt.note)
                    handle = create_unfinished(place, vault_id)
                    written, proved = self._attempt(place, handle, made, None, report, cancelled)
            if proved.findings and place.file.exists():
                raise _spoilt(place, proved.findings)
            take_name(place)
        self._remember(place, proved)
        rotates = self._rotates(place, keep, proved, notes)
        return BackupMade(
            file=place.file,
            contents=proved.contents,
            findings=tuple(proved.findings),
            needs=proved.needs,
            notes=tuple(notes),
            removed=remove_older(place.file, vault_id, keep or 1) if rotates else (),
            written_seconds=written - began,
            verified_seconds=time.monotonic() - written,
        )

    def last(self) -> LastBackup | None:
        """The last good backup that was made, of a vault that had lost nothing; None when there was none."""
        return self._remembered(_LAST)

    def last_spoilt(self) -> LastBackup | None:
        """One that was made after the last good one, of a vault that had lost something; or None."""
        return self._remembered(_SPOILT)

    def sweep(self) -> None:
        """Remove what a kill left of a proof: copies under the vault's own key."""
        shutil.rmtree(self._source.folder / SCRATCH, ignore_errors=True)

    def _require_room_for_a_proof(self) -> None:
        if self._source.database.read_only:
            raise _cannot_be_proved(self._source.folder)

    def _rotates(self, place: Place, keep: int | None, proved: _Proved, notes: list[str]) -> bool:
        """Whether older ones go; `notes` learns why fewer go than were asked for."""
        if not place.rotates or keep is None or proved.findings:
            return False
        if self._policy.legal_hold:
            notes.append(_HELD)
            return False
        if len(proved.needs) >= keep:
            notes.append(_more_stay(1 + len(proved.needs), keep))
        return True

    # Remembering

    def _log(self, proved: _Proved) -> None:
        kind = "incremental" if proved.needs else "full"
        spoilt = {"findings": len(proved.findings)} if proved.findings else {}
        self._audit.after(Event.BACKED_UP, kind=kind, entries=proved.contents.entries, **spoilt)

    def _remembered(self, name: str) -> LastBackup | None:
        kept = self._preferences.get(name)
        if kept is None:
            return None
        with suppress(msgspec.DecodeError):
            return msgspec.json.decode(kept, type=LastBackup)
        return None

    def _remember(self, place: Place, proved: _Proved) -> None:
        self._log(proved)
        last = LastBackup(
            made=proved.contents.made,
            file=encodable(str(place.file)),
            entries=proved.contents.entries,
            findings=tuple(proved.findings),
            needs=proved.needs,
        )
        with suppress(DiaryError):  # the backup is good all the same
            self._preferences.set(_SPOILT if proved.findings else _LAST, msgspec.json.encode(last).decode())
            if not proved.findings:
                sums = [*self._proved_sums(), proved.sum][-_MOST_REMEMBERED:]
                self._preferences.set(_PROVED, " ".join(sums))
                self._preferences.set(_SPOILT, None)

    def _proved_sums(self) -> list[str]:
        return (self._preferences.get(_PROVED) or "").split()

    # One attempt

    @contextmanager
    def _unfinished(self, place: Place) -> Iterator[int]:
        """The empty file to write into; it goes again, unless it has its name by then."""
        handle = create_unfinished(place, self._source.vault_id)
        try:
            yield handle
        finally:
            with suppress(OSError):  # the stick may be gone
                place.unfinished.unlink(missing_ok=True)

    @contextmanager
    def _base(self, place: Place, notes: list[str], *, full: bool) -> Iterator[Chain | None]:
        """The newest of this vault's in the folder, when this one can go on from it."""
        newest = None if full else newest_of(place, self._source.vault_id)
        with ExitStack() as opened:
            try:
                chain = None if newest is None else opened.enter_context(Chain.open(newest))
            except (BackupDamaged, NotABackup) as error:
                notes.append(_whole_instead(error))
                chain = None
            yield chain if chain is not None and self._is_proved(chain) else None

    def _is_proved(self, chain: Chain) -> bool:
        return (
            len(chain.links) < MOST_LINKS
            and chain.links[0].sum in self._proved_sums()
            and chain.is_authentic(self._source.key)
        )

    def _attempt(
        self,
        place: Place,
        handle: int,
        made: datetime,
        base: Chain | None,
        report: Report,
        cancelled: Cancelled,
    ) -> tuple[float, _Proved]:
        """The time at which it was written, and what the proof found."""
        with ExitStack() as standing:
            try:
                known = standing.enter_context(
                    write_backup(handle, self._source, made, base, report, cancelled)
                )
                written = time.monotonic()
                chain = standing.enter_context(Chain.open(place.unfinished))
            except (NotAsWritten, NotABackup):
                raise _unreliable(place) from None
            except BackupDamaged as error:
                raise _of_what(error, place) from None
            folder = standing.enter_context(scratch(self._source.folder / SCRATCH))
            return written, self._proved(place, chain, folder, known, report, cancelled)

    def _proved(
        self, place: Place, chain: Chain, folder: Path, known: Written, report: Report, cancelled: Cancelled
    ) -> _Proved:
        unsaved = unsaved_in(chain)
        total = sum(chain.file_size(name) for name in unsaved)
        mover = Mover(VERIFYING, total, report=report, cancelled=cancelled)
        try:
            take_out(chain, folder, unsaved, mover, lasting=False)
        except BackupDamaged as error:
            raise _of_what(error, place) from None
        try:
            manifest, findings = require_as_written(
                chain, folder, self._source.key, known, place.unfinished, cancelled=cancelled
            )
        except BackupDamaged as error:
            if place.unfinished.name in error.message:
                raise _blamed(chain, place, cancelled) from None
            raise _of_what(error, place) from None
        mover.end()
        needs = tuple(link.name for link in chain.links[1:])
        told = list(dict.fromkeys([*self._found(), *findings]))
        return _Proved(manifest.contents(chain.size), told, chain.links[0].sum, needs)


def _of_what(error: BackupDamaged, place: Place) -> Exception:
    """What to raise of the new one, or of what it goes on from."""
    if place.unfinished.name in error.message:
        return _unreliable(place)
    return _BaseSpoilt(_whole_instead(error))


def _blamed(chain: Chain, place: Place, cancelled: Cancelled) -> DiaryError:
    """Why what was written and came back as it was does not open: the disk gives something else by now, or
    the diary is spoilt in a way that its pages do not show.
    """
    try:
        chain.check(moved=Mover(VERIFYING, chain.whole_size, cancelled=cancelled).moved)
    except BackupDamaged:
        return _unreliable(place)
    return damaged("a copy of it cannot be read to the end")


class _BaseSpoilt(Exception):
    def __init__(self, note: str) -> None:
        super().__init__(note)
        self.note = note


def _whole_instead(error: DiaryError) -> str:
    return f"{error.message.removesuffix(' Nothing was changed.')} A whole backup was made instead."


def _more_stay(linked: int, keep: int) -> str:
    left = MOST_LINKS - linked
    when = "the next one is whole" if left == 0 else f"after {left} more a whole one is made"
    return (
        f"{linked} stay and not {keep}, since the newest goes on from the others; they go once none that "
        f"stays needs them. By itself {when}; at once with: diary backup --full."
    )


def _cannot_be_proved(folder: Path) -> VaultReadOnly:
    return VaultReadOnly(
        "The diary is on a disk or in a folder where nothing may be written, and a backup is proved by a "
        "copy beside it, so none was made.",
        hint=f"Copy the folder itself, at once if the disk may be failing: cp -a {folder} PLACE. The copy is "
        "whole and encrypted; it opens as this one does, and backups can be made of it.",
    )


def _unreliable(place: Place) -> StorageFailed:
    return StorageFailed(
        f"What was written for {place.file.name} does not come back as it was, so no backup was made. "
        "The diary and the backups before are as they were.",
        hint="The disk or stick it was written to may be failing: use another.",
    )


def _spoilt(place: Place, findings: list[str]) -> FileExists:
    return FileExists(
        f"{findings[0]}, so {place.file.name}, which may hold what is lost, was not replaced. "
        "Nothing was changed.",
        hint="Give this backup another name. What is amiss is told by: diary doctor",
    )
