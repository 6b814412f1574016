"""Kill -9 while a new vault key is made: the vault opens with exactly one of the two, and nothing is lost."""

from __future__ import annotations

import multiprocessing
import random
import time
from pathlib import Path

import pytest

from diary.errors import WrongPassphrase
from diary.model.entry import EntryFilter, EntryId, Kind
from diary.model.key import KeyFile
from diary.vault import header as header_file
from diary.vault.ballast import BALLAST
from diary.vault.header import COPY, HEADER
from diary.vault.keyring import KeyRing
from diary.vault.lock import LOCK
from diary.vault.removal import ATTACHMENTS
from diary.vault.rotation import DATABASE
from diary.vault.vault import Vault
from tests.unit.vault.fresh import fresh_folder, words

FILE = KeyFile(bytes(range(64)))
SOUND = b"0123456789abcdef" * 20_000
ENTRIES, RECORDINGS = 60, 3


def filled(parent: Path) -> tuple[Path, str]:
    folder, code = fresh_folder(parent)
    with Vault.unlock(folder, code) as vault:
        for number in range(ENTRIES):
            vault.entries.add(words(f"turn {number} " + "of many words " * 400, days=number))
        for _ in range(RECORDINGS):
            vault.recordings.keep(words("", kind=Kind.VOICE), SOUND, name="a.wav")
    with KeyRing.open(folder, code) as keys:
        keys.add_key_file(FILE)
    return folder, code


def killed(folder: Path, wait: float) -> str | None:
    """Kill it after so long; the new recovery code when it had finished before."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.rotator"])
    hear, tell = context.Pipe(duplex=False)
    from tests.faults.rotator import rotate_until_killed

    rotator = context.Process(target=rotate_until_killed, args=(folder, FILE, tell))
    rotator.start()
    tell.close()
    assert hear.recv() == ("begun", 0)
    time.sleep(wait)
    rotator.kill()
    rotator.join()
    heard = [("begun", "")]
    try:
        while True:
            heard.append(hear.recv())
    except (EOFError, OSError):
        return heard[-1][1] if heard[-1][0] == "done" else None


def require_whole(vault: Vault, folder: Path, entries: int) -> None:
    assert vault.check() == []
    notes = vault.entries.list(EntryFilter(kind=Kind.NOTE))
    assert len(notes) == entries
    for voice in vault.entries.list(EntryFilter(kind=Kind.VOICE)):
        assert vault.recordings.sound(EntryId(voice.id)) == SOUND
    assert len(list((folder / ATTACHMENTS).iterdir())) == RECORDINGS


def opens(folder: Path, secret: str | KeyFile) -> bool:
    try:
        Vault.unlock(folder, secret).close()
    except WrongPassphrase:
        return False
    return True


def kill_times(parent: Path, times: int) -> None:
    folder, code = filled(parent)
    began = time.monotonic()
    done = killed(folder, 60.0 if times == 0 else 0.0)
    length = max(time.monotonic() - began, 0.3)
    dice = random.Random(20261121)
    entries, outcomes = ENTRIES, {False: 0, True: 0}
    for turn in range(times):
        # The moments of switching are few: half of the kills aim at the end.
        wait = dice.uniform(0, length) if turn % 2 else dice.uniform(length * 0.6, length)
        began = time.monotonic()
        done = killed(folder, wait)
        if done is not None:
            length = 0.9 * length
        else:
            length = 1.05 * length
        # What opens it first is sometimes what only the old vault knows.
        old_first = turn % 3 == 0
        was_old = opens(folder, code) if old_first else None
        with Vault.unlock(folder, FILE) as vault:
            require_whole(vault, folder, entries)
            vault.entries.add(words(f"kept after kill {turn}"))
            entries += 1
        rotated = not opens(folder, code)
        assert was_old in (None, not rotated)
        assert done is None or rotated
        outcomes[rotated] += 1
        left = {path.name for path in folder.iterdir()}
        assert left <= {DATABASE, HEADER, COPY, LOCK, BALLAST, ATTACHMENTS}, left
        assert (folder / HEADER).read_bytes() == (folder / COPY).read_bytes()
        if rotated:
            if done is not None:
                assert opens(folder, done)
            with KeyRing.open(folder, FILE) as keys:
                code = keys.add_recovery_code()[1]
                for key in keys.all():
                    if key.kind == "recovery-code" and key.number != len(keys.all()):
                        keys.remove(key.id)
                        break
    assert all(outcomes.values()) or times < 10, outcomes
    assert header_file.load(folder)


def test_a_new_vault_key_survives_being_killed(tmp_path: Path) -> None:
    kill_times(tmp_path, 5)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_new_vault_key_survives_two_hundred_kills(tmp_path: Path) -> None:
    kill_times(tmp_path, 200)
