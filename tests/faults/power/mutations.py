"""What the simulator must catch: the product without a safeguard, patched in the process that is recorded."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from diary.vault import attachments, connection, files, recordings
from diary.vault.backups import blocks
from diary.vault.header import COPY
from diary.vault.vault import Vault


def _commit_without_syncing() -> None:
    connection._REQUIRED = tuple(  # type: ignore[misc]
        ("synchronous", "NORMAL", 1) if one[0] == "synchronous" else one for one in connection._REQUIRED
    )


def _sync_no_folder_after_a_rename() -> None:
    def replace(path: Path, content: bytes) -> None:
        aside = path.with_name(path.name + files.ASIDE)
        files.write_synced(aside, [content])
        aside.replace(path)

    files.put_synced = replace


def _unsynced(path: Path, pieces: Iterable[bytes]) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, files.OWNER_ONLY), "wb") as file:
        file.writelines(pieces)
    files.sync(path.parent)


def _sync_no_copy_of_the_header() -> None:
    synced = files.write_synced

    def write(path: Path, pieces: Iterable[bytes]) -> None:
        (_unsynced if path.name.startswith(COPY) else synced)(path, pieces)

    files.write_synced = write


def _commit_before_the_file_is_synced() -> None:
    for store in (recordings, attachments):
        store.write_synced = _unsynced  # type: ignore[attr-defined]


def _anchor_before_the_log_is_emptied() -> None:
    close = Vault.close

    def early(vault: Vault) -> None:
        vault._watch.end(emptied=True)
        close(vault)

    Vault.close = early  # type: ignore[method-assign]


class _Forgetful:
    """The operating system, which forces nothing to the disk."""

    def __getattr__(self, name: str) -> object:
        return (lambda _: None) if name in ("fsync", "fdatasync") else getattr(os, name)


def _backup_is_not_forced() -> None:
    blocks.os = _Forgetful()  # type: ignore[assignment]


MUTATIONS: dict[str, Callable[[], None]] = {
    "synchronous=NORMAL": _commit_without_syncing,
    "no folder is synced after a rename": _sync_no_folder_after_a_rename,
    "the copy of the header is not synced": _sync_no_copy_of_the_header,
    "a row commits before its file is synced": _commit_before_the_file_is_synced,
    "the anchor is written before the log is emptied": _anchor_before_the_log_is_emptied,
    "a backup is not forced to the disk": _backup_is_not_forced,
}
