"""The drill, which proves that a backup restores and leaves nothing, and the restoring itself.

Both check every byte first, which needs no key; then the header within has to open with the passphrase or
recovery code, the whole has to be authentic, and what is taken out is opened and compared.

A vault is restored beside the place it is to have, verified there, and renamed into it last: until then there
is nothing at that place, or the vault that was. One that was there is moved aside whole, by its name alone,
while nobody has it open; it is never opened or written to.
"""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from diary.durable import sync
from diary.errors import (
    DiskFull,
    FileExists,
    StorageFailed,
    VaultBusy,
    VaultDamaged,
    VaultExists,
    VaultReadOnly,
    WrongPassphrase,
)
from diary.model.backup import Drilled, Restored
from diary.model.key import Secret
from diary.model.progress import Cancelled, Report, never, silent
from diary.rules import NO_CLINIC, Effective
from diary.vault import binding
from diary.vault.anchor import ANCHOR
from diary.vault.backups.chain import Chain
from diary.vault.backups.index import HEADER_MEMBER
from diary.vault.backups.moving import Mover
from diary.vault.backups.pages import PageProof
from diary.vault.backups.verifying import (
    OpenFile,
    all_but_database,
    authentic_manifest,
    in_chain,
    in_folder,
    put_together,
    require_same,
    take_out,
    unsaved_in,
)
from diary.vault.ballast import BALLAST
from diary.vault.failures import told_to_the_reader
from diary.vault.files import ASIDE, FOLDER_OWNER_ONLY
from diary.vault.header import COPY, HEADER, MOST_SLOTS, Header, decode
from diary.vault.keys import VaultKey
from diary.vault.lock import LOCK, InstanceLock
from diary.vault.noted import NOTED, Note, What, note
from diary.vault.presence import BEFORE as BEFORE
from diary.vault.removal import ATTACHMENTS
from diary.vault.slots import DEFAULT_KDF
from diary.vault.spools import SPOOLS
from diary.vault.unlocking import unlock_header
from diary.vault.watch import anchor_restored

RESTORING = ".restoring"
_DATABASE = "vault.db"
_VAULT_FILES = (_DATABASE, HEADER, COPY)
_OURS = {
    *(_DATABASE + end for end in ("", "-wal", "-shm")),
    *(HEADER, COPY, ANCHOR, ANCHOR + ASIDE, LOCK, BALLAST, ATTACHMENTS, SPOOLS, NOTED),
}
_DRILL = "drill"
_MOST_KIB_PASSES = MOST_SLOTS * DEFAULT_KDF.memory_kib * DEFAULT_KDF.iterations
"""A header full of passphrases; a made-up one could ask for forty times as much, which is half an hour."""
_TASKS = {True: "Restoring (MB)", False: "Trying to restore (MB)"}


def drill(
    file: Path,
    secret: Secret,
    *,
    scratch: Path,
    policy: Effective = NO_CLINIC,
    report: Report = silent,
    cancelled: Cancelled = never,
) -> Drilled:
    """Restore a backup into a scratch folder, open it, compare it, and clean up.

    :param secret: passphrase, recovery code or key file, as of when it was made.
    :param scratch: a folder to make the scratch folder in.
    :param policy: the clinic's, as it is installed here: a diary of another is not opened.
    :raises diary.errors.NotABackup: or BackupDamaged, or WrongPassphrase.
    :raises diary.errors.DiskFull: when there is no room for the scratch folder.
    """
    with told_of_restoring(), Chain.open(file) as chain, empty_folder(scratch / _DRILL) as folder:
        return _restored_into(
            folder, chain, secret, in_chain(chain), report, cancelled, lasting=False, policy=policy
        )


def restore(
    file: Path,
    secret: Secret,
    folder: Path,
    *,
    now: datetime,
    replace: bool = False,
    policy: Effective = NO_CLINIC,
    report: Report = silent,
    cancelled: Cancelled = never,
) -> Restored:
    """Make a vault of a backup.

    :param folder: where the vault is to be; missing, empty, or with `replace` a vault, which is moved aside.
    :param policy: the clinic's, as it is installed here.
    :raises diary.errors.PolicyRefused: when the diary within belongs under another policy.
    :raises diary.errors.VaultExists: when there is a vault, and it may not be moved aside.
    :raises diary.errors.FileExists: when other things are there, or it is inside a vault.
    :raises diary.errors.VaultBusy: when the vault that is there is open.
    :raises diary.errors.NotABackup: or BackupDamaged, or WrongPassphrase; and nothing was changed.
    """
    require_outside(folder)
    with told_of_restoring(), for_replacing(folder, replace=replace) as there, Chain.open(file) as chain:
        with empty_folder(folder.with_name(folder.name + RESTORING)) as new:
            drilled = _restored_into(
                new, chain, secret, in_folder(new), report, cancelled, lasting=True, policy=policy
            )
            aside = aside_of(folder, now) if there else None
            note(new, Note(now, What.RESTORED))
            exchange(new, folder, aside)
        return Restored(folder=folder, drilled=drilled, aside=aside)


def require_outside(folder: Path) -> None:
    """Refuse a place inside a vault.

    :raises diary.errors.FileExists: when it is.
    """
    for parent in folder.resolve().parents:
        if (parent / HEADER).exists() or (parent / COPY).exists():
            raise FileExists(
                f"{folder} is inside the vault {parent.name}. Nothing was changed.",
                hint="Choose a folder outside of it with --to DIR.",
            )


def aside_of(folder: Path, now: datetime) -> Path:
    """What a vault that is moved aside at this time is called: a name that nothing has."""
    stem = f"{folder.name}{BEFORE}{now:%Y-%m-%dT%H%M%S}"
    names = itertools.chain([stem], (f"{stem}-{number}" for number in itertools.count(2)))
    return next(path for name in names if not os.path.lexists(path := folder.with_name(name)))


def _restored_into(
    folder: Path,
    chain: Chain,
    secret: Secret,
    open_file: OpenFile,
    report: Report,
    cancelled: Cancelled,
    *,
    lasting: bool,
    policy: Effective,
) -> Drilled:
    mover = Mover(_TASKS[lasting], 2 * chain.whole_size, report=report, cancelled=cancelled)
    chain.check(moved=mover.moved)
    take_out(chain, folder, [HEADER_MEMBER], mover, lasting=lasting)
    key = _opened(chain, folder, secret)
    try:
        header, _ = authentic_manifest(chain, key)
        page_size = header.header.page_size
        names = all_but_database(chain) if lasting else unsaved_in(chain)
        others = [name for name in names if name != HEADER_MEMBER]
        take_out(chain, folder, others, mover, lasting=lasting)
        tags = put_together(chain, folder, PageProof(key, page_size), mover, lasting=lasting)
        manifest, findings = require_same(chain, folder, key, open_file, tags=tags, cancelled=cancelled)
        binding.require(folder / _DATABASE, key, policy, page_size=page_size)
        if lasting:
            anchor_restored(folder / _DATABASE, key, page_size=page_size)
    finally:
        key.wipe()
    mover.end()
    return Drilled(contents=manifest.contents(chain.size), findings=tuple(findings))


def _opened(chain: Chain, folder: Path, secret: Secret) -> VaultKey:
    stored = decode(chain.read(HEADER_MEMBER))
    if stored is None:
        raise chain.damaged("the header within cannot be read")
    if _cost(stored.header) > _MOST_KIB_PASSES:
        raise chain.damaged("the header within asks for more work than any diary's")
    try:
        return unlock_header(folder, secret)[0]
    except VaultDamaged:
        raise chain.damaged("the header within is not as diary wrote it") from None
    except WrongPassphrase as error:
        raise WrongPassphrase(
            error.message.replace("open the vault", "open this backup"),
            hint=f"{error.hint} A backup opens with what opened the diary when it was made.",
        ) from None


def _cost(header: Header) -> int:
    """What trying a passphrase on every slot costs, in KiB times passes over them."""
    costs = (slot.kdf for slot in header.slots if slot.kdf is not None)
    return sum(cost.memory_kib * cost.iterations for cost in costs)


def sweep(scratch: Path) -> None:
    """Remove what a killed drill left in the folder that scratch folders are made in."""
    folder = scratch / _DRILL
    if folder.is_dir() and not folder.is_symlink():
        with suppress(OSError, FileExists, VaultBusy):
            _remove_left(folder)


@contextmanager
def empty_folder(folder: Path) -> Iterator[Path]:
    """An empty folder that is gone afterwards, unless it has another name by then. What a kill left of one
    goes first; another's, and one that is in use, stays.

    :raises diary.errors.FileExists: or VaultBusy.
    """
    if folder.is_symlink() or folder.exists():
        _remove_left(folder)
    folder.mkdir(mode=FOLDER_OWNER_ONLY, parents=True)
    lock = InstanceLock(folder)
    try:
        yield folder
    finally:
        with suppress(OSError):
            shutil.rmtree(folder)
        lock.release()


def _remove_left(folder: Path) -> None:
    in_the_way = FileExists(
        f"{folder} is in the way and was not made by diary. Nothing was changed.", hint="Move it away."
    )
    if folder.is_symlink() or not folder.is_dir() or not {path.name for path in folder.iterdir()} <= _OURS:
        raise in_the_way
    try:
        lock = InstanceLock(folder)
    except VaultBusy:
        raise VaultBusy(
            "Another backup is being restored right now. Nothing was changed.",
            hint="Wait until it is done, then try again.",
        ) from None
    shutil.rmtree(folder)
    lock.release()


@contextmanager
def for_replacing(folder: Path, *, replace: bool) -> Iterator[bool]:
    """Whether there is a vault to be moved aside; nobody opens it meanwhile.

    :raises diary.errors.VaultExists: or FileExists, or VaultBusy.
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise FileExists(f"{folder} is no folder. Nothing was changed.", hint="Choose another with --to DIR.")
    names = {path.name for path in folder.iterdir()} if folder.exists() else set()
    if not names:
        yield False
        return
    if not names & set(_VAULT_FILES):
        raise FileExists(
            f"The folder {folder} holds other things. Nothing was changed.",
            hint="Choose another with --to DIR.",
        )
    if not replace:
        raise VaultExists(
            f"There is a diary in {folder} already. Nothing was changed.",
            hint="Restore beside it with --to DIR, or move it aside with --replace.",
        )
    lock = InstanceLock(folder)
    try:
        yield True
    finally:
        lock.release()


def exchange(new: Path, folder: Path, aside: Path | None) -> None:
    """Give the verified vault its name; between the two renames both are there, whole, beside it."""
    if aside is not None:
        folder.rename(aside)
    try:
        new.rename(folder)
    except BaseException:
        if aside is not None:
            aside.rename(folder)
        raise
    with suppress(OSError):
        sync(folder.parent)


@contextmanager
def told_of_restoring() -> Iterator[None]:
    """Errors of the disk as sentences that fit what is restored: nothing was changed.

    :raises diary.errors.DiskFull: or StorageFailed, or as `told_to_the_reader`.
    """
    try:
        with told_to_the_reader():
            yield
    except DiskFull:
        raise DiskFull(
            "There is not enough room to restore the backup, so nothing was changed.",
            hint="Free as much space as the backup takes, then try again.",
        ) from None
    except VaultReadOnly:
        raise VaultReadOnly(
            "Nothing may be written where the diary was to be restored. Nothing was changed.",
            hint="Choose another place, on a disk of your own, with --to DIR.",
        ) from None
    except StorageFailed as error:
        raise StorageFailed(
            error.message.replace("Everything saved before is safe", "Nothing was changed"), hint=error.hint
        ) from None
