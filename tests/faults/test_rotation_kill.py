"""Kill -9 while a new vault key is made: the vault opens with exactly one of the two, and nothing is lost."""

from __future__ import annotations

import multiprocessing
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from diary.errors import WrongPassphrase
from diary.model.entry import EntryFilter, Kind
from diary.model.key import KeyFile
from diary.vault.anchor import ANCHOR
from diary.vault.ballast import BALLAST
from diary.vault.header import COPY, HEADER
from diary.vault.keyring import KeyRing
from diary.vault.lock import LOCK
from diary.vault.noted import ATTEMPTS
from diary.vault.removal import ATTACHMENTS
from diary.vault.rotation import DATABASE
from diary.vault.vault import Vault
from tests.faults.rotator import open_until_killed, rotate_and_tell, rotate_until_killed
from tests.unit.vault.fresh import fresh_folder, words

FILE = KeyFile(bytes(range(64)), made=True)
SOUND = b"0123456789abcdef" * 5_000
RECORDINGS = 2


def filled(parent: Path, *, entries: int) -> tuple[Path, str]:
    """A vault that a key file and the recovery code open."""
    folder, code = fresh_folder(parent)
    with Vault.unlock(folder, code) as vault:
        for number in range(entries):
            vault.entries.add(words(f"turn {number} " + "of many words " * 400, days=number))
        for _ in range(RECORDINGS):
            vault.recordings.keep(words("", kind=Kind.VOICE), SOUND, name="a.wav")
    with KeyRing.open(folder, code) as keys:
        keys.add_key_file(FILE)
    return folder, code


def told_by(target: Callable[..., None], *given: Any, wait: float | None = None) -> list[Any]:
    """What a process told before it died; killed so long after it began, or by itself."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.rotator"])
    hear, tell = context.Pipe(duplex=False)
    process = context.Process(target=target, args=(*given, tell))
    process.start()
    tell.close()
    heard: list[Any] = []
    if wait is not None:
        heard.append(hear.recv())
        time.sleep(wait)
        process.kill()
    try:
        while True:
            heard.append(hear.recv())
    except (EOFError, OSError):
        pass
    process.join()
    assert process.exitcode in (0, -9)
    return heard


def opens(folder: Path, secret: str | KeyFile) -> bool:
    try:
        Vault.unlock(folder, secret).close()
    except WrongPassphrase:
        return False
    return True


def require_one_vault(folder: Path, code: str, entries: int, *, old_first: bool) -> bool:
    """Whole, of one key, nothing left over; whether it is the new one. `old_first`: what the old vault alone
    knows is the first to be tried.
    """
    was_old = opens(folder, code) if old_first else None
    with Vault.unlock(folder, FILE) as vault:
        assert vault.check() == []
        assert len(vault.entries.list(EntryFilter(kind=Kind.NOTE))) == entries
        for voice in vault.entries.list(EntryFilter(kind=Kind.VOICE)):
            assert vault.recordings.sound(voice.id) == SOUND
    still_old = opens(folder, code)
    assert was_old in (None, still_old)
    left = {path.name for path in folder.iterdir()}
    assert left <= {DATABASE, HEADER, COPY, LOCK, BALLAST, ATTACHMENTS, ANCHOR, ATTEMPTS}, left
    assert len(list((folder / ATTACHMENTS).iterdir())) == RECORDINGS
    assert (folder / HEADER).read_bytes() == (folder / COPY).read_bytes()
    return not still_old


def rotated_after(vault: tuple[Path, str], scratch: Path, last: int, *, again: int = 0) -> bool:
    """Whether the new key counts after a kill before that change, and another while it was opened next."""
    folder = Path(shutil.copytree(vault[0], scratch / str(last)))
    told_by(rotate_until_killed, folder, FILE, last)
    if again:
        told_by(open_until_killed, folder, FILE, again)
    rotated = require_one_vault(folder, vault[1], 3, old_first=last % 2 == 0)
    shutil.rmtree(folder)
    return rotated


def changes_in(vault: tuple[Path, str], scratch: Path) -> int:
    folder = Path(shutil.copytree(vault[0], scratch / "counted"))
    _, (code, changes) = told_by(rotate_until_killed, folder, FILE, 0)
    assert require_one_vault(folder, vault[1], 3, old_first=True)
    assert opens(folder, code)
    return int(changes)


def test_a_new_vault_key_survives_being_killed(tmp_path: Path) -> None:
    vault = filled(tmp_path, entries=3)
    changes = changes_in(vault, tmp_path)
    dice = random.Random(20261121)
    moments = [dice.randrange(1, changes // 2), *dice.sample(range(changes // 2, changes), 4)]
    outcomes = {rotated_after(vault, tmp_path, last) for last in moments}
    assert outcomes == {True, False}


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_new_vault_key_survives_being_killed_before_every_change_and_again_while_opened(
    tmp_path: Path,
) -> None:
    vault = filled(tmp_path, entries=3)
    changes = changes_in(vault, tmp_path)
    dice = random.Random(1)
    first = [rotated_after(vault, tmp_path, last) for last in range(1, changes + 1)]
    # One moment decides. Between the copies of the header it is the secret that comes first.
    for alike in (first[::2], first[1::2]):
        assert alike == sorted(alike)
        assert set(alike) == {True, False}
    for last in range(1, changes + 1):
        rotated_after(vault, tmp_path, last, again=dice.randrange(1, 25))


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_new_vault_key_survives_two_hundred_kills_at_any_moment(tmp_path: Path) -> None:
    folder, code = filled(tmp_path, entries=60)
    dice = random.Random(20261121)
    began = time.monotonic()
    code = told_by(rotate_and_tell, folder, FILE)[-1][0]
    length = time.monotonic() - began
    outcomes = {True: 0, False: 0}
    for turn in range(200):
        heard = told_by(rotate_and_tell, folder, FILE, wait=dice.uniform(0, length))
        finished = len(heard) > 1 and heard[-1][1] == 0 and "-" in heard[-1][0]
        length *= 0.9 if finished else 1.05  # half of them end before they are killed, whatever the load
        rotated = require_one_vault(folder, code, 60 + turn, old_first=turn % 3 == 0)
        assert rotated or not finished
        outcomes[rotated] += 1
        with Vault.unlock(folder, FILE) as vault:
            vault.entries.add(words(f"kept after kill {turn}"))
        with KeyRing.open(folder, FILE) as keys:
            if rotated:
                old = next(key for key in keys.all() if key.kind == "recovery-code")
                code = keys.add_recovery_code()[1]
                keys.remove(old.id)
    assert min(outcomes.values()) > 20, outcomes
