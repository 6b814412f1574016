"""The check of everything: each thing by itself, so that what is wrong with one never hides the others.

First what needs no database: the folder, both copies of the header, every page by itself. Then the vault is
opened as ever, and its structure, its rows, its indexes and its files are looked at; a vault that does not
open is told as far as it can be. Nothing is repaired here but what every opening repairs: a spoilt copy of
the header, by the other one, after it was looked at.

Not here: the models and the wall, which are not the vault's (`diary.bootstrap`); getting words out
(`rescue`).
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import sqlcipher3.dbapi2 as sqlcipher

from diary.errors import (
    DiaryError,
    PolicyRefused,
    Stopped,
    VaultBusy,
    VaultDamaged,
    VaultMissing,
    VaultTooNew,
    WrongPassphrase,
)
from diary.model.audit import Event
from diary.model.checkup import Check
from diary.model.key import Secret
from diary.model.progress import Cancelled, Progress, Report, never, silent
from diary.rules import NO_CLINIC, Effective
from diary.vault import header as header_file
from diary.vault import keyed_files
from diary.vault.ballast import BALLAST, SIZE
from diary.vault.failures import told_to_the_reader
from diary.vault.files import open_plain, read_plain
from diary.vault.header import COPY, HEADER, MOST_BYTES, decode
from diary.vault.lock import InstanceLock
from diary.vault.noted import attempt
from diary.vault.presence import require_vault
from diary.vault.removal import ATTACHMENTS
from diary.vault.rescue.pages import PageFile
from diary.vault.rotation import DATABASE, settle
from diary.vault.spools import SPOOLS
from diary.vault.structure import free_pages_that_hold_something, segments_agree, structure_findings
from diary.vault.surroundings import NEARLY_FULL
from diary.vault.unlocking import Opened, open_header
from diary.vault.vault import Vault
from diary.vault.vector_check import vector_findings
from diary.vault.watch import look_closer

LEAST_ROOM = 100_000_000
"""Bytes free on the disk, below which it is told."""
OTHERS_MAY = "Other users of this machine can get at"
MAY_NOT_READ = "This user may not read"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_DAMAGE = frozenset({"structure", "full text", "manifest", "vectors", "files", "unsaved", "log"})
_OFTEN = 64  # pages between two reports


def examine(
    folder: Path,
    secret: Secret,
    *,
    now: Callable[[], datetime],
    policy: Effective = NO_CLINIC,
    report: Report = silent,
    cancelled: Cancelled = never,
) -> list[Check]:
    """Look at everything, and say what was seen.

    :param policy: the clinic's, as it is installed here.
    :raises diary.errors.PolicyRefused: when the vault belongs under another.
    :raises diary.errors.VaultTooNew: when a newer diary made it what it is.
    :raises diary.errors.VaultMissing: when there is none in the folder.
    :raises diary.errors.WrongPassphrase: when the secret opens no copy of the header.
    :raises diary.errors.VaultBusy: when another process has the vault open.
    :raises diary.errors.Stopped: when `cancelled` said so.
    """
    with told_to_the_reader():
        lock = InstanceLock(folder)
    try:
        checks = [_permissions(folder)]
        copies = _copies(folder)
        try:
            with attempt(folder, secret, now):
                opened = open_header(folder, secret)
        except WrongPassphrase:
            raise
        except VaultMissing:
            if not (folder / DATABASE).exists():
                raise
            return [*checks, copies, Check(name="keys", findings=("Nothing opens it without a header",))]
        except DiaryError as error:
            return [*checks, copies, Check(name="keys", findings=(_sentence(error),))]
        checks += [_authentic(copies, folder, opened), _ways_in(opened)]
        checks.append(_tolerant("pages", lambda: _pages(folder, opened, report, cancelled)))
        return checks + _of_the_open_vault(folder, opened, lock, now, policy, report, cancelled)
    finally:
        lock.release()


def _of_the_open_vault(
    folder: Path,
    opened: Opened,
    lock: InstanceLock,
    now: Callable[[], datetime],
    policy: Effective,
    report: Report,
    cancelled: Cancelled,
) -> list[Check]:
    vault_id = opened.header.vault_id
    try:
        require_vault(folder)
        settle(folder, opened)
        way = opened.slot.kind
        vault = Vault(folder, opened.key, opened.header, lock, way=way, now=now, policy=policy, report=report)
    except (PolicyRefused, VaultTooNew):  # neither is damage, nor helped by what helps against that
        opened.key.wipe()
        raise
    except (DiaryError, sqlcipher.Error) as error:
        opened.key.wipe()
        return [Check(name="opening", findings=(_sentence(error),))]
    with vault:
        elsewhere = {*vault.failed_attempts, NEARLY_FULL, *look_closer(vault.found_at_opening)}
        amiss = (one for one in vault.warnings if one not in elsewhere)
        tried = ". ".join(vault.failed_attempts)
        checks = [Check(name="opening", detail=tried, findings=tuple(_clause(one) for one in amiss))]
        for name, look in _looks(vault, vault_id, report, cancelled):
            checks.append(_tolerant(name, look))
            if cancelled():
                raise Stopped("Stopped. The vault is as it was.")
        damage = sum(len(check.findings) for check in checks if check.name in _DAMAGE)
        if damage:
            vault.audit.after(Event.DAMAGE_FOUND, findings=damage, by="doctor")
        told = vault.warnings
    late = tuple(_clause(one) for one in vault.warnings if one not in told)
    return [*checks, Check(name="closing", findings=late)] if late else checks


def _looks(
    vault: Vault, vault_id: bytes, report: Report, cancelled: Cancelled
) -> Iterator[tuple[str, Callable[[], Check]]]:
    database, attachments = vault._database, vault.folder / ATTACHMENTS

    def files() -> Check:
        count = sum(1 for _ in keyed_files.all_files(database))
        spoilt = keyed_files.unreadable(
            database,
            lambda file: open_plain(attachments / file),
            vault_id=vault_id,
            cancelled=cancelled,
        )
        found = (f"{spoilt} of {count} recordings and files are missing or were changed",) if spoilt else ()
        read = "1 recording or file" if count == 1 else f"{count} recordings and files"
        return Check(name="files", detail=f"{read} read through", findings=found)

    def manifest() -> Check:
        found = [*vault.found_at_opening, *vault._watch.findings(report=report, cancelled=cancelled)]
        told = tuple(dict.fromkeys(found))
        return Check(name="manifest", detail="every row is as last saved", findings=told)

    def backup() -> Check:
        last = vault.backups.last()
        told = "none was made yet" if last is None else f"the last good one is of {last.made:%Y-%m-%d}"
        return Check(name="backup", detail=told)

    def log() -> Check:
        found = tuple(f"In the log of what was done {one}" for one in vault.audit.findings())
        return Check(name="log", detail=f"{vault.audit.size()} events in their order", findings=found)

    yield "structure", lambda: _structure(vault)
    yield "full text", lambda: _full_text(vault)
    yield "manifest", manifest
    yield "log", log
    yield "vectors", lambda: Check(name="vectors", findings=tuple(vector_findings(database)))
    yield "files", files
    yield "unsaved", lambda: _unsaved(vault)
    yield "room", lambda: _room(vault)
    yield "backup", backup


def _tolerant(name: str, look: Callable[[], Check]) -> Check:
    try:
        with told_to_the_reader():
            return look()
    except (Stopped, VaultBusy):
        raise
    except VaultDamaged:
        return Check(name=name, findings=("It cannot be read to the end",))
    except (DiaryError, sqlcipher.Error) as error:
        return Check(name=name, findings=(_sentence(error),))


def _permissions(folder: Path) -> Check:
    modes = {path: path.lstat().st_mode for path in (folder, *folder.iterdir())}
    closed = [path.name for path in modes if not stat.S_ISLNK(modes[path]) and not os.access(path, os.R_OK)]
    for inner in (folder / ATTACHMENTS, folder / SPOOLS):
        if stat.S_ISDIR(modes.get(inner, 0)):
            try:
                modes |= {path: path.lstat().st_mode for path in inner.iterdir()}
            except PermissionError:
                closed.append(inner.name)
    opened = [path.name for path, mode in modes.items() if mode & _OTHERS and not stat.S_ISLNK(mode)]
    links = [path.name for path, mode in modes.items() if stat.S_ISLNK(mode)]
    found = []
    if opened:
        others = "" if len(opened) == 1 else f" and {len(opened) - 1} more of the vault"
        found.append(f"{OTHERS_MAY} {opened[0]}{others}")
    if closed:
        found.append(f"{MAY_NOT_READ} {', '.join(dict.fromkeys(closed))}")
    if links:
        found.append(f"{links[0]} is a link to somewhere else")
    return Check(name="permissions", detail="for you alone", findings=tuple(found))


def _copies(folder: Path) -> Check:
    contents: dict[str, bytes | None] = {}
    for name in (HEADER, COPY):
        contents[name] = None
        with suppress(OSError):
            contents[name] = read_plain(folder / name, MOST_BYTES + 1)
    closed = [name for name in contents if not os.access(folder / name, os.R_OK) and (folder / name).exists()]
    wrong = [name for name, content in contents.items() if content is None or decode(content) is None]
    found = [f"{name} was damaged or missing; the other copy takes its place" for name in wrong]
    if len(wrong) == 2 and closed:
        found = [f"{MAY_NOT_READ} {', '.join(closed)}"]
    elif len(wrong) == 2:
        found = ["Both copies of the header are damaged or missing: a backup has one"]
    elif not wrong and len(set(contents.values())) == 2:
        found = ["The two copies of the header are not the same; the newest one that is authentic counts"]
    return Check(name="header", detail="both copies are whole", findings=tuple(found))


def _authentic(copies: Check, folder: Path, opened: Opened) -> Check:
    """Opening has made both copies one; unless the disk refused."""
    if copies.findings or all(stored.is_authentic(opened.key) for stored in header_file.load(folder)):
        return copies
    return Check(name="header", findings=("A copy of the header was changed by something other than diary",))


def _ways_in(opened: Opened) -> Check:
    kinds = [slot.kind for slot in opened.header.slots]
    words = ", ".join(f"{kinds.count(kind)} {kind.replace('-', ' ')}" for kind in dict.fromkeys(kinds))
    return Check(name="keys", detail=f"{len(kinds)} ways in: {words}")


def _pages(folder: Path, opened: Opened, report: Report, cancelled: Cancelled) -> Check:
    path, size = folder / DATABASE, opened.header.page_size
    damaged = 0
    if not path.exists():
        return Check(name="pages", findings=("The database, vault.db, is missing",))
    with PageFile(path, opened.key, size) as pages:
        for number, page in pages.pages():
            damaged += page is None
            if number % _OFTEN == 0 or number == pages.count:
                report(Progress("Reading pages", number, pages.count))
                if cancelled():
                    raise Stopped("Stopped. The vault is as it was.")
        found = [f"{damaged} of {pages.count} pages of the database were changed"] if damaged else []
        if missing := pages.missing:
            found.append(f"The database is cut off: {missing} of {pages.count + missing} pages are missing")
        if not pages.count:
            found.append("The database is empty")
        if not damaged and not missing and (held := free_pages_that_hold_something(pages)):
            found.append(f"{held} pages of the database that are free hold something all the same")
        if path.stat().st_size % size:
            found.append("The database does not end with a whole page")
        return Check(name="pages", detail=f"{pages.count} pages authentic", findings=tuple(found))


def _structure(vault: Vault) -> Check:
    found = structure_findings(vault._database)
    return Check(name="structure", detail="tables and indexes agree", findings=tuple(found))


def _full_text(vault: Vault) -> Check:
    if vault.read_only:  # the check has the form of a write
        return Check(name="full text", detail="not looked at where nothing may be written")
    same = segments_agree(vault._database)
    try:
        vault._database.run("INSERT INTO passages_fts(passages_fts, rank) VALUES ('integrity-check', 1)")
    except (VaultDamaged, sqlcipher.Error):
        same = False
    found = () if same else ("The full-text index is not that of the entries",)
    return Check(name="full text", detail="says what the entries say", findings=found)


def _unsaved(vault: Vault) -> Check:
    count = len(vault.spools.unfinished())
    detail = "no unsaved recordings" if not count else f"{count} unsaved recordings"
    found = tuple(_upper(finding) for finding in vault.spools.findings())
    return Check(name="unsaved", detail=detail, findings=found)


def _room(vault: Vault) -> Check:
    free = shutil.disk_usage(vault.folder).free
    if vault.read_only:
        return Check(name="room", detail="none is needed where nothing may be written")
    found = [] if free >= LEAST_ROOM else [f"Only {free // 1_000_000} MB are free on the disk"]
    with suppress(OSError):
        if (vault.folder / BALLAST).stat().st_size >= SIZE:
            return Check(name="room", detail=f"{free // 1_000_000} MB free", findings=tuple(found))
    found.append("There is no room for the ballast, which lets you delete on a full disk")
    return Check(name="room", findings=tuple(found))


def _sentence(error: BaseException) -> str:
    return _clause(error.message) if isinstance(error, DiaryError) else "The database cannot be read"


def _clause(sentence: str) -> str:
    return sentence.removesuffix(".")


def _upper(finding: str) -> str:
    return finding[:1].upper() + finding[1:]
