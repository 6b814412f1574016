"""A new vault key: everything encrypted anew beside the old vault, and one rename that decides.

The order, with the vault's lock held all the time:

0. what the rows are is compared with what was last written: under a new key that is written anew, and what
   is amiss would never be told again;
1. the database is copied, page by page, into `vault.db.rotated` under the new key; each recording and other
   file gets a new file and a new key of its own, since the old keys could be read with the old vault key;
2. the copy is checked: every page authenticates, the structure is whole, every table has as many rows;
3. the header is replaced, the spare copy first. That rename decides: the newest header names the key;
4. the copy takes the name of the database; the old one, kept under a second name until then, is shredded.

Killed before 3, the old header opens the old database, and the next opening removes what was begun. Killed
later, the new header opens the copy, and the next opening finishes (`settle`). Between the two copies of the
header either opens, by its own secrets; the first to be used makes both copies its own before anything else.

What it cannot do: reach copies of the old vault elsewhere; they open with the old secrets as ever.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from diary.durable import sync
from diary.errors import DiskFull, KeyRefused, Stopped, StorageFailed, VaultDamaged, VaultUnencrypted
from diary.model.progress import Cancelled, Progress, Report
from diary.vault import header as header_file
from diary.vault import watch
from diary.vault.anchor import ANCHOR
from diary.vault.audit import AuditLog
from diary.vault.ballast import Ballast
from diary.vault.connection import Database, open_database
from diary.vault.failures import damaged, told_to_the_reader
from diary.vault.files import open_plain, shred, write_synced
from diary.vault.header import COPY, HEADER, Header
from diary.vault.integrity import findings
from diary.vault.keyed_files import all_files, identity, rename
from diary.vault.keys import KEY_BYTES, VaultKey
from diary.vault.migrations import migrate
from diary.vault.opening_log import log_rotation
from diary.vault.removal import ATTACHMENTS
from diary.vault.settings import content_key, keep_content_key
from diary.vault.stream import NotAuthentic, Pieces, seal, unseal
from diary.vault.unlocking import Opened

DATABASE = "vault.db"
ROTATED = "vault.db.rotated"
OLD = "vault.db.old"
BESIDE = ("", "-wal", "-shm", "-journal")
_MADE_ANEW = ("settings", "manifest")  # their rows are not as many as before
_ROOM_TO_SPARE = 16 * 1024 * 1024
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Renewed:
    """How many files were encrypted anew, and how many could not be."""

    files: int
    damaged: int


def rotate(
    folder: Path,
    old: Opened,
    key: VaultKey,
    header: Header,
    *,
    now: Callable[[], datetime],
    report: Report,
    cancelled: Cancelled,
) -> Renewed:
    """Encrypt the vault anew under `key` and make `header` its header. Its lock is held; nobody has it open.

    :param now: the aware local time.
    :raises diary.errors.KeyRefused: when there are unsaved recordings, or rows that are not as last saved.
    :raises diary.errors.DiskFull: when there is no room for a second vault; nothing was changed.
    :raises diary.errors.VaultDamaged: when the old vault is not whole; nothing was changed.
    :raises diary.errors.Stopped: when it was cancelled; nothing was changed.
    """
    made = _Files(folder, header.vault_id)
    try:
        with told_to_the_reader():
            renewed = _write_beside(folder, old, key, header, made, now, report, cancelled)
            if cancelled():
                raise _stopped()
    except BaseException:
        with suppress(OSError):  # what it cannot remove now is removed at the next opening
            _discard(folder)
        made.remove_new()
        raise
    with told_to_the_reader():
        _commit(folder, old, key, header)
    with suppress(OSError):  # it is decided: what the disk refuses now is done at the next opening
        _switch(folder)
        made.remove_old()
    return renewed


def settle(folder: Path, opened: Opened) -> None:
    """Finish, or take back, what a rotation left that was ended in the middle; nothing in any other case.
    A full disk has room for it in the ballast.

    :raises diary.errors.StorageFailed: when the disk refuses; then the vault must not be opened.
    """
    while (folder / ROTATED).exists() or (folder / OLD).exists():
        try:
            _settle(folder, opened)
            return
        except DiskFull:
            if not Ballast(folder).release_some():
                raise


def _settle(folder: Path, opened: Opened) -> None:
    with told_to_the_reader():
        # Both copies, or the other one would open the other database tomorrow, without what is written now.
        header_file.repair(folder, opened.stored)
        if (folder / ROTATED).exists():
            if _opens(folder / DATABASE, opened):
                _discard(folder)
            elif _opens(folder / ROTATED, opened):
                _switch(folder)
        if (folder / OLD).exists() and _opens(folder / DATABASE, opened):
            shred(folder / OLD)


class _Files:
    """The files that a rotation makes, beside those that they replace."""

    def __init__(self, folder: Path, vault_id: bytes) -> None:
        self._folder = folder / ATTACHMENTS
        self._vault_id = vault_id
        self._made: list[str] = []
        self._replaced: list[str] = []

    def renew(self, file: str, key: bytes) -> tuple[str, bytes] | None:
        """The name and key of the same content under a new key; None when it does not authenticate."""
        name, fresh = secrets.token_hex(16), secrets.token_bytes(KEY_BYTES)
        try:
            with open_plain(self._folder / file) as source:
                content = unseal(source, key, identity=identity(self._vault_id, file))
                sealed = seal(Pieces(content), fresh, identity=identity(self._vault_id, name))
                write_synced(self._folder / name, sealed)
        except (NotAuthentic, FileNotFoundError):
            return None
        self._made.append(name)
        self._replaced.append(file)
        return name, fresh

    def remove_new(self) -> None:
        """Take them back."""
        self._remove(self._made)

    def remove_old(self) -> None:
        """Nothing names them any more, and their keys are gone."""
        self._remove(self._replaced)

    def _remove(self, names: list[str]) -> None:
        for name in names:
            with suppress(OSError):  # swept at the next opening
                (self._folder / name).unlink(missing_ok=True)


def _write_beside(
    folder: Path,
    old: Opened,
    key: VaultKey,
    header: Header,
    made: _Files,
    now: Callable[[], datetime],
    report: Report,
    cancelled: Cancelled,
) -> Renewed:
    _discard(folder)
    source = open_database(folder / DATABASE, old.key, page_size=header.page_size)
    try:
        migrate(source)
        _require_no_spools(source)
        source.checkpoint()
        require_room(folder)
        _require_as_saved(folder, source, old.key, report, cancelled)
        _copy(folder, source, key, header, report, cancelled)
        copy = open_database(folder / ROTATED, key, page_size=header.page_size)
        try:
            with copy.transaction():
                keep_content_key(copy, content_key(source, old.key))
                renewed = _renew_files(copy, made, report, cancelled)
                logged = log_rotation(
                    AuditLog(copy, vault_id=header.vault_id, now=now), copy, old.header, header
                )
                watch.renew(copy, key)
            report(Progress("Checking the new vault", 0, None))
            _require_same(source, copy, added={"audit": logged})
            copy.checkpoint()
        finally:
            copy.close()
    finally:
        source.close()
    for name in (DATABASE, ROTATED):
        _require_no_log(folder / name)
    sync(folder / ROTATED)
    sync(folder)
    return renewed


def _require_no_spools(database: Database) -> None:
    if database.rows("SELECT 1 FROM spools LIMIT 1"):
        raise KeyRefused(
            "There are unsaved recordings, and those are not encrypted anew. Nothing was changed.",
            hint="Save or discard them first; they are listed by: diary voice unfinished",
        )


def _require_as_saved(
    folder: Path, database: Database, key: VaultKey, report: Report, cancelled: Cancelled
) -> None:
    found = watch.Watch(database, folder, key).all_findings(report=report, cancelled=cancelled)
    if cancelled():
        raise _stopped()
    if found:
        raise KeyRefused(
            f"{'. '.join(found)}. Under a new vault key nothing would tell that any more, so none was made. "
            "Nothing was changed.",
            hint="Look closer with: diary doctor. If you know why, and the entries are as you want them: "
            "diary doctor --accept, and then this again.",
        )


def require_room(folder: Path) -> None:
    """Look before anything is written: an opened database may need the disk itself.

    :raises diary.errors.DiskFull: when there is no room for a second vault.
    """
    sizes = [_ROOM_TO_SPARE]
    with told_to_the_reader():
        for path in (*(folder / (DATABASE + end) for end in BESIDE), *(folder / ATTACHMENTS).glob("*")):
            with suppress(FileNotFoundError):
                sizes.append(path.stat().st_size)
        needed, free = sum(sizes), shutil.disk_usage(folder).free
    if free < needed:
        raise DiskFull(
            f"A new vault key needs room for a second vault: {-(-needed // _MEGABYTE)} MB, and there are "
            f"{free // _MEGABYTE} MB. Nothing was changed.",
            hint="Free some space, then try again.",
        )


def _copy(
    folder: Path, source: Database, key: VaultKey, header: Header, report: Report, cancelled: Cancelled
) -> None:
    def step(done: int, total: int) -> None:
        if cancelled():
            raise _stopped()
        size = header.page_size / _MEGABYTE
        report(Progress("Encrypting the diary anew (MB)", round(done * size), round(total * size)))

    write_synced(folder / ROTATED, [])
    copy = open_database(folder / ROTATED, key, page_size=header.page_size)
    try:
        source.copy_to(copy, step=step)
    finally:
        copy.close()


def _renew_files(copy: Database, made: _Files, report: Report, cancelled: Cancelled) -> Renewed:
    files = list(all_files(copy))
    done, spoilt = 0, 0
    for one in files:
        if cancelled():
            raise _stopped()
        renewed = made.renew(one.file, one.key)
        if renewed is None:
            spoilt += 1
        else:
            rename(copy, one, *renewed)
            done += 1
        report(Progress("Encrypting files anew", done + spoilt, len(files)))
    return Renewed(done, spoilt)


def _require_same(source: Database, copy: Database, *, added: Mapping[str, int]) -> None:
    """Every page of the copy authenticates, its structure is whole, and nothing is missing.

    :param added: how many rows each table has got.
    """
    if findings(copy):
        raise damaged("what was copied of it is not whole; a check of the vault tells more")
    for table, count in _counts(source):
        if table not in _MADE_ANEW and count + added.get(table, 0) != _count(copy, table):
            raise damaged(f"its copy has other rows in {table}")


def _counts(database: Database) -> Iterator[tuple[str, int]]:
    for (name,) in database.rows("SELECT name FROM sqlite_schema WHERE type = 'table'"):
        yield name, _count(database, name)


def _count(database: Database, table: str) -> int:
    return int(database.rows(f'SELECT count(*) FROM "{table}"')[0][0])  # noqa: S608 - a name of ours


def _require_no_log(path: Path) -> None:
    """A log left behind would be read into the other database once the names change."""
    log = path.with_name(path.name + "-wal")
    if log.exists() and log.stat().st_size:
        raise StorageFailed(
            "The disk did not take all that was written to the database, so nothing was changed.",
            hint="Look at the disk: its space, its health, and whether it may be written.",
        )


def _stopped() -> Stopped:
    return Stopped("Stopped. The old key is in use as before; nothing was changed.")


def _commit(folder: Path, old: Opened, key: VaultKey, header: Header) -> None:
    try:
        header_file.save(folder, header, key)
    except OSError:
        # Both or none: if this fails too, the next opening makes them one.
        with suppress(OSError):
            _take_back(folder, old)
        if any(stored.header.generation != header.generation for stored in header_file.load(folder)):
            raise
        # Both are the new one, refused only after that: the old recovery code opens nothing any more.


def _take_back(folder: Path, old: Opened) -> None:
    try:
        header_file.repair(folder, old.stored)
    except OSError:
        # A copy that names the new key would win at the next opening, and nobody has seen its recovery code.
        if (folder / HEADER).read_bytes() != old.stored.content:
            raise
        (folder / COPY).unlink(missing_ok=True)  # needs no room; made again from the other one
        sync(folder)
    _discard(folder)


def _switch(folder: Path) -> None:
    """Give the copy the database's name; may be done again after a crash at any point of it."""
    database, old = folder / DATABASE, folder / OLD
    (folder / ANCHOR).unlink(missing_ok=True)  # of the old key; the copy says that it has none
    for end in BESIDE[1:]:  # empty, as `_require_no_log` saw
        for name in (DATABASE, ROTATED):
            (folder / (name + end)).unlink(missing_ok=True)
    with suppress(OSError):  # a filesystem without second names: then the old one is only removed
        old.hardlink_to(database)
    (folder / ROTATED).replace(database)
    sync(folder)
    if old.exists():
        shred(old)


def _discard(folder: Path) -> None:
    for end in reversed(BESIDE):
        (folder / (ROTATED + end)).unlink(missing_ok=True)


def _opens(path: Path, opened: Opened) -> bool:
    try:
        database = open_database(path, opened.key, page_size=opened.header.page_size)
    except (VaultDamaged, VaultUnencrypted):
        return False
    database.close()
    return True
