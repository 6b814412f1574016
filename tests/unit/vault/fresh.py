"""Real vaults for tests, without paying for Argon2 each time: a copy of one template, opened by its code."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from diary.model.entry import EntryDraft
from diary.vault.ballast import BALLAST
from diary.vault.slots import KdfParameters
from diary.vault.vault import Vault
from tests.fakes.stores import TickingClock

PASSPHRASE = "correct horse battery staple"
CHEAPEST = KdfParameters(memory_kib=64 * 1024, iterations=1, lanes=4)
SUMMER = timezone(timedelta(hours=2))
MORNING = datetime(2026, 5, 8, 7, 30, tzinfo=SUMMER)


@functools.cache
def template() -> tuple[Path, str]:
    """A folder with an empty vault, and its recovery code."""
    folder = Path(tempfile.mkdtemp(prefix="diary-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    vault, code = Vault.create(folder / "vault", PASSPHRASE, kdf=CHEAPEST)
    vault.close()
    (folder / "vault" / BALLAST).rename(folder / BALLAST)
    return folder / "vault", code


def fresh_folder(parent: Path) -> tuple[Path, str]:
    """A copy of the template, closed, and its recovery code. All have one ballast between them: its bytes say
    nothing, a vault that finds too little of it fills it up, and making it took half the time of a test.
    """
    source, code = template()
    folder = Path(shutil.copytree(source, parent / "vault"))
    with suppress(OSError):  # on another filesystem a vault makes its own
        os.link(source.parent / BALLAST, folder / BALLAST)
    return folder, code


def fresh_vault(parent: Path, *, now: Callable[[], datetime] | None = None) -> Vault:
    """An empty vault, open."""
    folder, code = fresh_folder(parent)
    return Vault.unlock(folder, code, now=now or TickingClock())


def reopened(vault: Vault) -> Vault:
    """The vault closed and opened again."""
    vault.close()
    return Vault.unlock(vault.folder, template()[1], now=TickingClock())


@contextmanager
def never_waiting() -> Iterator[None]:
    """What waits inside for somebody who never comes is ended, and fails; nothing is timed."""

    def ended(*_: object) -> None:
        raise AssertionError("it waits for ever")

    before = signal.signal(signal.SIGALRM, ended)
    signal.alarm(20)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def words(text: str = "Slept badly, headache at noon.", *, days: float = 0, **fields: Any) -> EntryDraft:
    """A draft that happened some days after the first morning."""
    happened = fields.pop("happened", MORNING + timedelta(days=days))
    return EntryDraft(text=text, happened=happened, written=fields.pop("written", happened), **fields)


@contextmanager
def closed_by_mode(folder: Path) -> Iterator[None]:
    """A folder that its owner, who may change that, lets nobody write; root is told so, too."""
    access, mode = os.access, folder.stat().st_mode
    folder.chmod(0o500)
    try:
        os.access = lambda path, wanted, **more: wanted != os.W_OK and access(path, wanted, **more)  # type: ignore[assignment]
        yield
    finally:
        os.access = access
        folder.chmod(mode)
