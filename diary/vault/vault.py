"""The vault as a whole: made, unlocked, checked, closed.

Making one: its files are written (`creating`). A folder that holds a vault, or a part of one, is never
written over.

Unlocking: one process at a time; the key; what a rotation left, settled; the database with all its refusals;
older tables made new; files without a row swept. A vault that needs none of it is only read where it must be.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Self

from diary.errors import DiskFull, StorageFailed
from diary.model.audit import FailedAttempts
from diary.model.key import Secret
from diary.model.progress import Report, silent
from diary.rules import NO_CLINIC, Effective
from diary.vault import binding, break_glass, keyed_files
from diary.vault import header as header_file
from diary.vault.ageing import Ageing
from diary.vault.attachments import Attachments
from diary.vault.audit import AuditLog
from diary.vault.backups.making import Backups
from diary.vault.ballast import Ballast
from diary.vault.connection import PAGE_SIZE, Database, open_database
from diary.vault.creating import write_new
from diary.vault.deleted import Deleted
from diary.vault.drafts import Drafts
from diary.vault.entries import Entries
from diary.vault.failures import told_to_the_reader
from diary.vault.files import FOLDER_OWNER_ONLY
from diary.vault.glossary import Glossary
from diary.vault.header import Header
from diary.vault.imports import Imports
from diary.vault.integrity import findings
from diary.vault.keys import VaultKey, passphrase_bytes, wipe
from diary.vault.lock import InstanceLock
from diary.vault.manifest_parts import NAMING_FILES
from diary.vault.migrations import migrate
from diary.vault.noted import attempt
from diary.vault.observations import Observations
from diary.vault.opening_log import MADE, Opening, log_opening
from diary.vault.passages import Passages
from diary.vault.preferences import Preferences
from diary.vault.presence import may_be_written, refuse_existing, require_vault
from diary.vault.recordings import Recordings
from diary.vault.recovery import new_code
from diary.vault.removal import ATTACHMENTS, Removal
from diary.vault.rotation import DATABASE, settle
from diary.vault.scrubbing import Scrubber
from diary.vault.settings import content_key
from diary.vault.slots import BREAK_GLASS, DEFAULT_KDF, KdfParameters
from diary.vault.spools import Spools
from diary.vault.strength import FLOOR, require_strong
from diary.vault.surroundings import Surroundings
from diary.vault.transcripts import Transcripts
from diary.vault.unlocking import Opened, open_header
from diary.vault.watch import Watch, look_closer

READ_ONLY = (
    "The diary is on a disk or in a folder where nothing may be written: what is there can be read and "
    "searched, nothing can be saved"
)
NO_LOOKING_IN = (
    "This user may not look into the folder of the diary's files: none of them opens. Look at its permissions"
)


def local_now() -> datetime:
    """The time on this machine's clock, with its UTC offset."""
    return datetime.now().astimezone()


class Vault:
    """An unlocked vault. Close it, or use it in a `with` statement."""

    def __init__(
        self,
        folder: Path,
        key: VaultKey,
        header: Header,
        lock: InstanceLock,
        *,
        way: str,
        now: Callable[[], datetime],
        policy: Effective = NO_CLINIC,
        report: Report = silent,
    ) -> None:
        self.folder = folder
        self._way = way
        self._key = key
        self._lock = lock
        self.policy = policy
        self._warnings: list[str] = []
        self.tried: FailedAttempts | None = None
        self.failed_attempts: list[str] = []
        self.read_only = not may_be_written(folder)
        self._database = self._open(header)
        try:
            before, after = binding.required(self._database, policy)
            self.audit = AuditLog(self._database, vault_id=header.vault_id, now=now)
            self._furnish(header, now, report)
            self.emergencies = break_glass.Emergencies(self._database, self.audit.log_within, now=now)
            if policy.binds and not self.read_only:
                binding.keep(self._database, before, after, log=self.audit.log_within)
        except BaseException:
            self._database.close()
            raise

    def _open(self, header: Header) -> Database:
        """The database; on a full disk with the room that the ballast takes, for reading needs some too."""
        path, size = self.folder / DATABASE, header.page_size
        while True:
            try:
                return open_database(path, self._key, page_size=size, writable=not self.read_only)
            except (DiskFull, StorageFailed):
                if self.read_only or not Ballast(self.folder).release_some():
                    raise

    def _furnish(self, header: Header, now: Callable[[], datetime], report: Report) -> None:
        self._database.require_erasable = self.policy.require_erasable
        found = self._begin(report)
        ballast, audit = Ballast(self.folder), self.audit
        self._scrubber = scrubber = Scrubber(self._database, self.folder / DATABASE, self._key)
        removal = Removal(self._database, self.folder, ballast, scrubber)
        recognised_by = content_key(self._database, self._key)
        self.entries = Entries(self._database, removal, audit, content_key=recognised_by, now=now)
        self.deleted = Deleted(self._database, self.entries, removal, audit, now=now)
        self.ageing = Ageing(self._database, self.entries, removal, audit)
        self.drafts = Drafts(self._database, now=now)
        self.imports = Imports(self._database, self.entries, removal, audit, now=now)
        self.spools = Spools(self._database, self.folder, ballast, vault_id=header.vault_id)
        self.recordings = Recordings(
            self._database,
            self.entries,
            self.spools,
            Transcripts(self._database, now=now),
            ballast,
            self.folder,
            scrubber,
            vault_id=header.vault_id,
        )
        self.attachments = Attachments(
            self._database, ballast, self.folder, scrubber, vault_id=header.vault_id, now=now
        )
        self.glossary = Glossary(self._database)
        self.preferences = Preferences(self._database)
        self.backups = Backups(
            self._database,
            self.folder,
            self._key,
            self.preferences,
            audit,
            vault_id=header.vault_id,
            page_size=header.page_size,
            now=now,
            policy=self.policy,
            found=lambda: self.found_at_opening,
        )
        self.passages = Passages(self._database)
        self.observations = Observations(self._database)
        self.surroundings = Surroundings(self._database, self.folder, now=now)
        if self.read_only:
            self.warn(READ_ONLY)
        else:
            self._sweep(ballast, told=bool(found))
            self._log_opening(Opening(header, self._way, found))
        self.warn(*self.surroundings.due(to_the_owner=self._way != BREAK_GLASS))

    def _begin(self, report: Report) -> list[str]:
        """The tables of the newest version, watched over; what the quick check found."""
        migrate(self._database)
        self._watch = Watch(self._database, self.folder, self._key)
        found = self._watch.begin(report)
        self.found_at_opening = tuple(found)
        self.warn(*look_closer(found))
        return found

    def _log_opening(self, opening: Opening) -> None:
        self.tried = log_opening(self.audit, self._database, self.folder, opening)
        self.failed_attempts = [self.tried.sentence] if self.tried else []
        self.warn(*self.failed_attempts)

    def _sweep(self, ballast: Ballast, *, told: bool) -> None:
        """Remove what a kill left.

        :param told: rows may be missing that were there; then files that none names stay.
        """
        if not told:
            try:
                self._sweep_files()
            except PermissionError:  # words are read and written all the same
                self.warn(NO_LOOKING_IN)
        self.backups.sweep()
        ballast.keep()

    def _sweep_files(self) -> None:
        """Remove files without a row; not when rows may be missing that were there."""
        attachments = self.folder / ATTACHMENTS
        if keyed_files.unknown(self._database, attachments) or self.spools.unknown():
            if self._watch.findings(parts=NAMING_FILES):
                return
            keyed_files.sweep(self._database, attachments)
            self.spools.sweep()

    @classmethod
    def create(
        cls,
        folder: Path,
        passphrase: str,
        *,
        kdf: KdfParameters = DEFAULT_KDF,
        page_size: int = PAGE_SIZE,
        floor: float = FLOOR,
        now: Callable[[], datetime] = local_now,
        policy: Effective = NO_CLINIC,
    ) -> tuple[Self, str]:
        """A new vault, unlocked, and its recovery code, which is told only this once.

        :param kdf: cost of each try of the passphrase; not below the floor of `slots`.
        :param page_size: of the database, in bytes; a power of two from 1024 to 65536.
        :param floor: guesses a passphrase must withstand, as a power of ten. :param policy: the clinic's.
        :raises diary.errors.WeakPassphrase: when the passphrase is empty or too easy to guess.
        :raises diary.errors.VaultExists: when the folder holds a vault, or a part of one.
        :raises diary.errors.VaultBusy: when another process is making or using it.
        :raises diary.errors.DiskFull: and there is no vault.
        """
        require_strong(passphrase, **policy.asked_of_passphrases(floor))
        secret, key = passphrase_bytes(passphrase), VaultKey.random()
        try:
            with told_to_the_reader():
                folder.mkdir(mode=FOLDER_OWNER_ONLY, parents=True, exist_ok=True)
                lock = InstanceLock(folder)
            try:
                refuse_existing(folder)
                code = new_code()
                header = header_file.first(key, secret, code, kdf, page_size, now())
                write_new(folder, key, header)
                made = Opened(key, header.slots[0], header_file.load(folder)[0])
                vault = cls(folder, key, header, lock, way=MADE, now=now, policy=policy)
                return vault._begun(made, passphrase), code
            except BaseException:
                lock.release()
                raise
        except BaseException:
            key.wipe()
            raise
        finally:
            wipe(secret)

    @classmethod
    def unlock(
        cls,
        folder: Path,
        secret: Secret,
        *,
        now: Callable[[], datetime] = local_now,
        policy: Effective = NO_CLINIC,
        report: Report = silent,
    ) -> Self:
        """Open a vault with a passphrase, recovery code or key file; with an emergency key only to be read.

        :param policy: the clinic's, as it is installed here: a vault that has a clinic opens under no other.
        :param report: told of what takes long: the first manifest of a vault of an older version.
        :raises diary.errors.PolicyRefused: when the vault belongs under another policy.
        :raises diary.errors.VaultMissing: when there is none in the folder.
        :raises diary.errors.WrongPassphrase: when it opens nothing; that it was tried is noted.
        :raises diary.errors.VaultBusy: when it is open in another process.
        :raises diary.errors.VaultDamaged: when its bytes are not as they were written.
        :raises diary.errors.VaultUnencrypted: when its database is readable without a key.
        :raises diary.errors.VaultTooNew: when a newer diary made it what it is.
        """
        require_vault(folder)
        with told_to_the_reader():
            lock = InstanceLock(folder)
        try:
            with attempt(folder, secret, now):
                opened = open_header(folder, secret, reading=True)
            try:
                settle(folder, opened)
                way = opened.slot.kind
                vault = cls(
                    folder, opened.key, opened.header, lock, way=way, now=now, policy=policy, report=report
                )
                return vault._begun(opened, secret)
            except BaseException:
                opened.key.wipe()
                raise
        except BaseException:
            lock.release()
            raise

    def _begun(self, opened: Opened, secret: Secret) -> Self:
        """Before anybody sees a word: log emergency access, or make it what the policy asks for."""
        try:
            self.warn(*self.emergencies.begin(opened, secret, self))
            self.read_only = self._database.read_only
            return self
        except BaseException:
            self._database.close()
            raise

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences for the reader: what is amiss, and keeps nobody from writing."""
        return tuple(self._warnings)

    def clock_in_doubt(self) -> str | None:
        """Why the clock may be wrong, as a sentence; then nothing may be erased because of its age."""
        return self.surroundings.clock_in_doubt()

    def warn(self, *sentences: str) -> None:
        """Add to the warnings, each once."""
        self._warnings += [sentence for sentence in sentences if sentence not in self._warnings]

    def accept(self) -> None:
        """Take all rows as they are for what they ought to be: what the manifest found is not told again.

        :raises diary.errors.DiaryError: when they cannot be read, or not be written.
        """
        self._watch.accept()
        self.found_at_opening = ()
        self._warnings.clear()

    def policy_notice(self) -> str | None:
        """What is to be told of a change of the vault's clinic, or of its policy; once."""
        return None if self.read_only else binding.take_notice(self._database)

    def check(self) -> list[str]:
        """What is wrong with the stored bytes, in sentences; empty when nothing is. Reads everything."""
        found = findings(self._database) + self._watch.findings()
        missing = keyed_files.missing(self._database, self.folder / ATTACHMENTS)
        if missing:
            found.append(f"{missing} recordings or attachments have lost their files")
        return found + self.spools.findings() + self.audit.findings()

    def close(self) -> None:
        """Empty the log, close, forget the key, let the next process in; what is amiss then is a warning."""
        self.warn(*self._watch.end(emptied=self._database.checkpoint()))
        self._database.close()
        self._scrubber.close()
        self.spools.close()
        self._key.wipe()
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
