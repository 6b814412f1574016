"""Where a backup goes: its name, the unfinished file beside it, what it may replace, which older ones go.

A backup takes its name when it is verified and not before. What it replaces is a backup of the same diary;
anything else of that name is left alone. Unfinished files that a kill left are removed by the next backup
into the same folder.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from diary.durable import sync
from diary.errors import BackupDamaged, DiskFull, FileExists, NotABackup, StorageFailed
from diary.vault.backups.chain import SUFFIX, Chain
from diary.vault.backups.container import INCREMENT, OLD_WHOLE, OPENING, WHOLE, read_opening
from diary.vault.files import OWNER_ONLY

UNFINISHED = ".part"
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(frozen=True, slots=True)
class Place:
    """Where one backup goes.

    :ivar rotates: whether it has a name by its time, in a folder where others may go.
    """

    file: Path
    rotates: bool

    @property
    def unfinished(self) -> Path:
        """What it is called until it is verified."""
        return self.file.with_name(self.file.name + UNFINISHED)


def choose_place(target: Path, made: datetime, *, vault: Path) -> Place:
    """A file as it is named, or in a folder a new name by the time.

    :raises diary.errors.StorageFailed: when it would be in the vault, or the folder is not there.
    """
    folder = target if target.is_dir() else target.parent
    if not folder.is_dir():
        raise StorageFailed(
            f"There is no folder {folder}, so no backup was made. The diary is as it was.",
            hint="Is the stick plugged in? Name a folder that is there.",
        )
    if folder.resolve().is_relative_to(vault.resolve()):
        raise StorageFailed(
            "A backup inside the vault's own folder would be lost with it, so none was made.",
            hint="Name a place on another disk or stick.",
        )
    if folder != target:
        if not target.exists() and not os.access(folder, os.W_OK | os.X_OK):
            raise StorageFailed(
                f"There is no folder {target}, and nothing may be written into {folder}, so no backup was "
                "made. The diary is as it was.",
                hint="Is the stick plugged in? Name a folder that is there.",
            )
        return Place(target, rotates=False)
    stem = f"diary-{made:%Y-%m-%dT%H%M}"
    names = (f"{stem}{SUFFIX}", *(f"{stem}-{number}{SUFFIX}" for number in range(2, 10_000)))
    return Place(next(folder / name for name in names if not (folder / name).exists()), rotates=True)


def require_ours(file: Path, vault_id: bytes) -> None:
    """Refuse to replace anything but a backup of this vault, damaged or not.

    :raises diary.errors.FileExists: when something else is there.
    """
    if not os.path.lexists(file):
        return
    if file.is_symlink():
        raise FileExists(
            f"{file} is a link, so nothing was written.", hint="Name the file or folder that it leads to."
        )
    found = opening_of(file)
    if found is None:
        raise FileExists(
            f"{file} is there already and is no backup of a diary, or one that was cut off, so nothing was "
            "written.",
            hint="Choose another name.",
        )
    if found[0] != vault_id:
        raise FileExists(
            f"{file} is a backup of another diary, so nothing was written.", hint="Choose another name."
        )


def opening_of(file: Path) -> tuple[bytes, int] | None:
    """Whose backup a file is, and when it was made (microseconds since 1970); None when it is none, or a
    whole one without its end.
    """
    return _opening_of(file, read_opening)


def _opening_of(file: Path, read: Callable[[int, int], bytes]) -> tuple[bytes, int] | None:
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        content = read(handle, os.fstat(handle).st_size)
    except OSError:
        return None
    finally:
        os.close(handle)
    if len(content) < OPENING.size or not content.startswith((OLD_WHOLE, INCREMENT, WHOLE)):
        return None
    _, vault_id, made = OPENING.unpack(content)
    return vault_id, made


def _at_the_front(handle: int, _: int) -> bytes:
    return os.pread(handle, OPENING.size, 0)


def create_unfinished(place: Place, vault_id: bytes) -> int:
    """The empty file to write into; what kills left of this vault's is removed first.

    :raises diary.errors.FileExists: when something else has its name.
    :raises OSError: when the disk refuses.
    """
    _remove_left(place, vault_id)
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.open(place.unfinished, flags, OWNER_ONLY)
    except FileExistsError:
        raise FileExists(
            f"{place.unfinished} is in the way and was not made by diary, so nothing was written.",
            hint="Move it away, or choose another name.",
        ) from None


def _remove_left(place: Place, vault_id: bytes) -> None:
    left = [place.unfinished]
    if place.rotates:
        left += place.file.parent.glob(f"diary-*{SUFFIX}{UNFINISHED}")
    for path in left:
        if path.is_symlink() or not path.is_file():
            continue
        found = _opening_of(path, _at_the_front) or opening_of(path)
        # Killed before its first bytes were written, it is empty.
        if (found is not None and found[0] == vault_id) or path.stat().st_size == 0:
            path.unlink(missing_ok=True)


def take_name(place: Place) -> None:
    """Give the verified file its name, in the place of what was there.

    :raises OSError: when the disk refuses; what was there is untouched.
    """
    place.unfinished.replace(place.file)
    with suppress(OSError):  # some sticks cannot force a folder; the file itself is on the disk
        sync(place.file.parent)


def remove_older(newest: Path, vault_id: bytes, keep: int) -> tuple[Path, ...]:
    """Remove backups of this vault in the folder, but for `keep` of them; the newest always stays, and so
    does what one that stays goes on from, under whatever name.

    Only those count that were named by their time and can be restored: what is damaged, lacks its base or was
    renamed is left to the person.
    """
    folder = newest.parent
    chains = {
        path: chain
        for path in folder.glob(f"*{SUFFIX}")
        if (found := opening_of(path)) is not None and found[0] == vault_id and (chain := _paths_of(path))
    }
    older = [path for path in _by_time(folder, vault_id) if path in chains and path != newest]
    goes = set(older[keep - 1 :])
    goes -= {needed for path, chain in chains.items() if path not in goes for needed in chain}
    removed = []
    for path in older:  # the newest first: a kill in between leaves none without its base
        if path in goes:
            with suppress(OSError):  # one more than wanted does no harm
                path.unlink()
                removed.append(path)
    return tuple(removed)


def newest_of(place: Place, vault_id: bytes) -> Path | None:
    """The newest of this vault's in the folder that was named by its time; None where there is none."""
    return next(iter(_by_time(place.file.parent, vault_id)), None)


def newest_in(folder: Path) -> Path:
    """The newest in a folder, of whichever vault, that was named by its time.

    :raises diary.errors.NotABackup: where there is none.
    """
    for path in _by_time(folder):
        return path
    raise NotABackup(
        f"In the folder {folder} there is no backup that was named by its time. Nothing was changed.",
        hint="Name a file, or the folder into which diary backup FOLDER writes.",
    )


def _by_time(folder: Path, vault_id: bytes | None = None) -> list[Path]:
    """The newest first."""
    found = [
        (opening[1], path)
        for path in folder.glob(f"diary-*{SUFFIX}")
        if (opening := opening_of(path)) is not None and vault_id in (None, opening[0])
    ]
    return [path for _, path in sorted(found, reverse=True)]


def _paths_of(path: Path) -> tuple[Path, ...]:
    """The file and all that it goes on from; empty when it cannot be restored."""
    try:
        with Chain.open(path) as chain:
            return chain.paths
    except (OSError, BackupDamaged, NotABackup):
        return ()


@contextmanager
def told_of_backup() -> Iterator[None]:
    """Errors of the disk as sentences about a backup.

    :raises diary.errors.DiskFull: no room. :raises diary.errors.StorageFailed: refused for another reason.
    """
    try:
        yield
    except DiskFull:
        raise no_room() from None
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise no_room() from None
        name = errno.errorcode.get(error.errno or 0, "unknown")
        raise StorageFailed(
            f"The disk refused to read or write ({name}), so no backup was made. "
            "The diary and the backups before are as they were.",
            hint="Is the stick still plugged in, and may it be written? One that was plugged in after diary "
            "started is outside its wall: start it again.",
        ) from None


def no_room() -> DiskFull:
    """For the backup, or for the copy beside the vault that proves it."""
    return DiskFull(
        "There is not enough room, so no backup was made. The diary and the backups before are as they were.",
        hint="Make room where the backup goes, and as much as the diary takes where the diary is.",
    )
