"""What around a vault may harm it: a network, a program that copies its folder elsewhere, other users of the
machine, a wrong clock.

Where a folder lies is read from the kernel's table of mounts; a synced folder is known by what its program
leaves in it, and by its usual name only where that cannot be known without reading other people's folders,
which the wall does not allow. A place that is wrong is told once a week, not at every command; a clock at
every opening, for as long as it is.

Rules: nothing is refused here; sentences are without a full stop, and for the reader.
Not here: what is erased by age. Whoever does that asks `Surroundings.clock_in_doubt` first.
"""

from __future__ import annotations

import os
import re
import shlex
import stat
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from diary.errors import DiaryError
from diary.vault.ballast import Ballast
from diary.vault.connection import Database
from diary.vault.settings import keep_setting, kept_setting

RELEASED: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""No clock is right that is before it."""

EVERY: Final = timedelta(days=7)
NEARLY_FULL: Final = (
    "The disk is nearly full: what you write is still saved, and soon may not be. "
    "Make room where the diary is"
)
_BACK: Final = timedelta(minutes=10)
"""So far a clock may go back unnoticed: they are set by hand, and by seconds all the time."""
_OTHERS_ENTER: Final = stat.S_IXGRP | stat.S_IXOTH
_OTHERS_READ: Final = stat.S_IRGRP | stat.S_IROTH | stat.S_IWGRP | stat.S_IWOTH
_PAUSE: Final = timedelta(days=366)
_TOLD: Final = "surroundings.told"
_MOUNTS: Final = Path("/proc/self/mountinfo")

_NETWORKS: Final = frozenset(
    [
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "ncpfs",
        "afs",
        "coda",
        "9p",
        "ceph",
        "lustre",
        "beegfs",
        "gpfs",
        "orangefs",
        "pvfs2",
        "davfs",
        "vboxsf",
        "vmhgfs",
        "prl_fs",
        "drvfs",
        "virtiofs",
        "gfs",
        "gfs2",
        "ocfs2",
        "fuse",
    ]
)
_LOCAL_BY_FUSE: Final = frozenset(
    [
        "fuseblk",
        "ntfs-3g",
        "exfat",
        "gocryptfs",
        "encfs",
        "cryfs",
        "securefs",
        "veracrypt",
        "bindfs",
        "mergerfs",
        "fuse-overlayfs",
        "unionfs",
        "unionfs-fuse",
        "ext2fs",
        "fuse-ext2",
        "zfs-fuse",
        "lxcfs",
        "btrfs",
        "apfs",
    ]
)
_SYNCED_BY: Final = (
    ("Syncthing", (".stfolder", ".stversions", ".stignore")),
    ("Dropbox", (".dropbox", ".dropbox.cache")),
    ("Google Drive", (".tmp.drivedownload", ".tmp.driveupload", ".grive", ".grive_state", ".gd")),
    ("Insync", (".insync-trash",)),
    ("Nextcloud", (".nextcloudsync.log", ".sync-exclude.lst")),
    ("ownCloud", (".owncloudsync.log", ".csync_journal.db", ".OwnCloudSync.log")),
    ("MEGA", (".megaignore", ".debris")),
    ("Resilio Sync", (".sync/ID", ".sync/root_acl_entry", ".SyncID")),
    ("Yandex.Disk", (".sync/core.log", ".sync/cli.log")),
    ("Seafile", ("seafile-ignore.txt",)),
    ("OneDrive", (".849C9593-D756-4E56-8D6E-42412F2A707B",)),
)
"""Programs, and what they leave in the folders that they copy."""

_USUAL_NAMES: Final = (
    ("Dropbox", re.compile(r"dropbox( \(.*\))?", re.IGNORECASE)),
    ("OneDrive", re.compile(r"onedrive( - .*)?", re.IGNORECASE)),
    ("Nextcloud", re.compile(r"nextcloud\d*", re.IGNORECASE)),
    ("ownCloud", re.compile(r"owncloud\d*", re.IGNORECASE)),
    ("Google Drive", re.compile(r"google ?drive|googledrive-.*", re.IGNORECASE)),
    ("iCloud", re.compile(r"com~apple~clouddocs|icloud ?drive", re.IGNORECASE)),
    ("pCloud", re.compile(r"pcloud ?(drive|sync)?", re.IGNORECASE)),
    ("MEGA", re.compile(r"mega ?sync|mega", re.IGNORECASE)),
    ("Seafile", re.compile(r"seafile", re.IGNORECASE)),
    ("kDrive", re.compile(r"kdrive\d*", re.IGNORECASE)),
    ("Proton Drive", re.compile(r"proton ?drive", re.IGNORECASE)),
)
"""Programs whose folders have no mark, or one whose name cannot be known, and what they call them."""


def of_the_place(folder: Path, *, mounts: Path = _MOUNTS) -> list[str]:
    """What is wrong with where a vault lies, in sentences; empty when nothing is."""
    folder = _real(folder)
    found = []
    network = network_under(folder, mounts=mounts)
    if network is not None:
        found.append(
            f"The diary's folder is on a network or shared drive ({network}): when the line breaks, or "
            "another machine opens it too, words can be lost. Keep it on a disk of this machine, and use "
            "diary backup to copy it there"
        )
    program = synced_by(folder)
    if program is not None:
        found.append(
            f"The diary's folder is in one that {program} seems to copy elsewhere: it copies files of an "
            "open diary one by one, which may not fit together, and can put old ones back. Move the folder "
            "out of it, and let it copy what diary backup makes"
        )
    others = who_else(folder)
    if others is not None:
        found.append(others)
    open_to_all = who_may_move(folder)
    if open_to_all is not None:
        found.append(open_to_all)
    return found


def who_else(folder: Path) -> str | None:
    """That other users of this machine can get at the files of a vault, as a sentence; None when none can.

    Where the folder is closed to them, so is everything in it, whatever the files say.
    """
    try:
        about = folder.stat()
        if about.st_uid not in (os.geteuid(), 0):
            return (
                "The diary's folder belongs to another user of this machine, who can take the encrypted "
                "files, or put old ones back"
            )
        if not about.st_mode & _OTHERS_ENTER:
            return None
        files = [path for path in (folder, *folder.rglob("*")) if path.lstat().st_mode & _OTHERS_READ]
    except OSError:
        return None
    if not files:
        return None
    return (
        "Other users of this machine can get at the diary's files: encrypted, but they can copy them, and "
        f"see when you write. Close them with: chmod -R go= {shlex.quote(str(folder))}"
    )


def who_may_move(folder: Path) -> str | None:
    """That other users of this machine can rename a vault's folder, or one that it lies in, as a sentence.

    A folder under one that is closed to them is out of their reach; in a sticky one (/tmp) each user moves
    only what is theirs. A group that is this user's own, as each user's is by default, is not told.

    :param folder: without links.
    """
    for place in reversed(folder.parents):
        try:
            about = place.stat()
        except OSError:
            return None
        if about.st_uid in (os.geteuid(), 0) and not about.st_mode & _OTHERS_ENTER:
            return None
        by_all = about.st_mode & stat.S_IWOTH
        by_group = about.st_mode & stat.S_IWGRP and about.st_gid not in (os.getegid(), 0)
        foreign = about.st_uid not in (os.geteuid(), 0)
        if foreign or ((by_all or by_group) and not about.st_mode & stat.S_ISVTX):
            return (
                f"Other users of this machine can rename what lies in {place}, and put another folder in the "
                "place of the diary's. Keep it where only you may write"
            )
    return None


def network_under(folder: Path, *, mounts: Path = _MOUNTS) -> str | None:
    """The kind of filesystem a folder is on, when what is written there goes to another machine or may.

    Source of the table: proc_pid_mountinfo(5). None as well where there is none.
    """
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
    longest, kind = -1, ""
    for line in lines:
        about, _, filesystem = line.partition(" - ")
        place = Path(_unescaped(about.split(" ")[4]))
        # Of two at the same place the later one covers the other.
        if folder.is_relative_to(place) and len(place.parts) >= longest:
            longest, kind = len(place.parts), filesystem.split(" ")[0]
    family, _, program = kind.partition(".")
    if family == "fuse" and program:
        return None if program in _LOCAL_BY_FUSE else kind
    return kind if kind in _NETWORKS else None


def synced_by(folder: Path) -> str | None:
    """The program that copies this folder, or one above it, to other machines, as far as can be told."""
    for place in (folder, *folder.parents):
        for program, marks in _SYNCED_BY:
            if any(_is_there(place / mark) for mark in marks):
                return program
    for program, usual in _USUAL_NAMES:
        if any(usual.fullmatch(part) for part in folder.parts[1:]):
            return program
    return None


class Surroundings:
    """The surroundings of an open vault.

    :param now: the clock that may be wrong; aware.
    """

    def __init__(self, database: Database, folder: Path, *, now: Callable[[], datetime]) -> None:
        self._database = database
        self._folder = folder
        self._now = now

    def clock_in_doubt(self) -> str | None:
        """Why the clock may be wrong, as a sentence; then nothing may be erased because of its age."""
        now, newest = self._now(), self._newest()
        if now < RELEASED:
            return (
                f"The clock of this machine says {_day(now)}, which cannot be; nothing is erased by its age "
                "until it is right"
            )
        if newest is not None and now < newest - _BACK:
            return (
                f"The clock of this machine says {_day(now)}, but something was saved on {_day(newest)} "
                "already; nothing is erased by its age until the clock is past that"
            )
        if newest is not None and now > newest + _PAUSE:
            return (
                f"The clock of this machine says {_day(now)}, and what was saved last is from "
                f"{_day(newest)}; nothing is erased by its age until you save something"
            )
        return None

    def due(self, *, to_the_owner: bool = True) -> list[str]:
        """What is to be told at this opening.

        :param to_the_owner: else nothing of the place, which is judged by who looks (to root, in an
            emergency, everybody's folder is another's), and which the owner is still to be told.
        """
        doubt = self.clock_in_doubt()
        full = not self._database.read_only and Ballast(self._folder).is_short
        of_the_place = self._once_a_week() if to_the_owner else []
        return ([doubt] if doubt else []) + ([NEARLY_FULL] if full else []) + of_the_place

    def all(self) -> list[str]:
        """Everything, for who asks."""
        doubt = self.clock_in_doubt()
        return ([doubt] if doubt else []) + of_the_place(self._folder)

    def _once_a_week(self) -> list[str]:
        told, now = kept_setting(self._database, _TOLD), self._now()
        if told is not None and abs(now - datetime.fromisoformat(told)) < EVERY:
            return []
        found = of_the_place(self._folder)
        if found:
            with suppress(DiaryError), self._database.transaction():  # where it may not be written: again
                keep_setting(self._database, _TOLD, now.isoformat())
        return found

    def _newest(self) -> datetime | None:
        """When something was saved last; not the latest of all times, for which all rows would be read."""
        row = self._database.row(_NEWEST)
        return None if row is None or row[0] is None else datetime.fromtimestamp(row[0] / 1e6, UTC)


_NEWEST: Final = """
    SELECT max(moment) FROM (
        SELECT * FROM (SELECT max(recorded, revised) AS moment FROM entries ORDER BY id DESC LIMIT 1)
        UNION ALL SELECT * FROM (SELECT made FROM revisions ORDER BY rowid DESC LIMIT 1)
        UNION ALL SELECT max(saved) FROM drafts
        UNION ALL SELECT max(removed) FROM deleted
    )
"""


def _real(folder: Path) -> Path:
    with suppress(OSError, RuntimeError):
        return folder.resolve()
    return folder.absolute()


def _is_there(path: Path) -> bool:
    try:
        path.lstat()
    except OSError:
        return False
    return True


def _unescaped(place: str) -> str:
    """Spaces and the like are octal in the table."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), place)


def _day(moment: datetime) -> str:
    local = moment.astimezone()
    return f"{local.day} {local:%B %Y, %H:%M}"
