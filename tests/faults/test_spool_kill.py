"""Kill -9 while somebody speaks: what `append` acknowledged is there byte for byte, and readable nowhere."""

from __future__ import annotations

import io
import multiprocessing
import random
import wave
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from diary.model.entry import EntryFilter
from diary.model.recording import SpoolId
from diary.model.speech import RATE
from diary.vault.removal import ATTACHMENTS
from diary.vault.spools import SPOOLS
from diary.vault.vault import Vault
from tests.faults.speaker import (
    AT_ONCE,
    MARK,
    STEPS,
    piece_of,
    record_until_killed,
    said,
    save_and_die,
    save_until_killed,
)
from tests.unit.vault.fresh import MORNING, fresh_folder

WHOLE = b"".join(piece_of(number) for number in range(AT_ONCE))


def heard_and_killed(
    child: Callable[..., None], folder: Path, code: str, wanted: int, dice: random.Random
) -> list[Any]:
    """Kill it after so many messages and up to 8 ms; all that it told."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.speaker"])
    hear, tell = context.Pipe(duplex=False)
    speaker = context.Process(target=child, args=(folder, code, tell))
    speaker.start()
    tell.close()
    heard = [hear.recv() for _ in range(wanted)]
    if hear.poll(dice.uniform(0, 0.008)):
        heard.append(hear.recv())
    speaker.kill()
    heard += rest_of(hear)
    speaker.join()
    assert speaker.exitcode == -9  # it must not have ended by itself, with a traceback for instance
    return heard


def rest_of(hear: Connection) -> list[Any]:
    rest: list[Any] = []
    try:
        while True:
            rest.append(hear.recv())
    except (EOFError, OSError):
        return rest


def require_unreadable(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            assert MARK not in path.read_bytes(), path.name


def kill_recordings(tmp_path: Path, times: int) -> None:
    folder, code = fresh_folder(tmp_path)
    dice = random.Random(20261121)
    acknowledged = 0
    for _ in range(times):
        heard = heard_and_killed(record_until_killed, folder, code, dice.randrange(1, 60), dice)
        spool, numbers = SpoolId(heard[0]), heard[1:]
        require_unreadable(folder)
        acknowledged += len(numbers)
        with Vault.unlock(folder, code) as vault:
            require_kept(vault, spool, len(numbers))
            vault.spools.discard(spool)
            assert vault.check() == []
    assert acknowledged > times * 10
    assert list((folder / SPOOLS).iterdir()) == []


def require_kept(vault: Vault, spool: SpoolId, acknowledged: int) -> None:
    promised = b"".join(piece_of(number) for number in range(acknowledged))
    (found,) = vault.spools.unfinished()
    sound = vault.spools.read(spool, 0, len(promised) + 99_999)
    assert (found.id, found.started, found.seconds) == (spool, MORNING, len(sound) / (2 * RATE))
    assert sound in (promised, promised + piece_of(acknowledged))
    if acknowledged > 10:
        noted = round(found.reached * 10)
        assert (found.engine, found.segments) == ("whisper", (said(noted),))
        assert acknowledged - noted <= 11  # one note, of every tenth piece, may not have come to be


def test_a_recording_that_is_killed_keeps_all_that_was_acknowledged(tmp_path: Path) -> None:
    kill_recordings(tmp_path, 6)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_recording_killed_two_hundred_times_keeps_all_that_was_acknowledged(tmp_path: Path) -> None:
    kill_recordings(tmp_path, 200)


def require_one_of_both(vault: Vault) -> tuple[set[str], set[str]]:
    """Each recording is either unsaved or an entry, whole, with no file beside; the names of both."""
    unsaved = {str(one.id) for one in vault.spools.unfinished()}
    entries = vault.entries.list(EntryFilter())
    saved = {entry.text for entry in entries}
    assert not unsaved & saved
    for entry in entries:
        with wave.open(io.BytesIO(vault.recordings.sound(entry.id))) as file:
            assert file.readframes(len(WHOLE)) == WHOLE
        assert vault.recordings.heard(entry.id) == ("whisper", (said(AT_ONCE),))
    assert {path.name for path in (vault.folder / SPOOLS).iterdir()} == unsaved
    assert len(list((vault.folder / ATTACHMENTS).iterdir())) == len(entries) == len(saved)
    assert vault.check() == []
    return unsaved, saved


@pytest.mark.parametrize("step", STEPS)
def test_a_recording_killed_while_it_is_saved_is_unsaved_or_an_entry(tmp_path: Path, step: str) -> None:
    folder, code = fresh_folder(tmp_path)
    with Vault.unlock(folder, code) as vault:
        running = vault.spools.begin(MORNING)
        for number in range(AT_ONCE):
            running.append(piece_of(number))
        vault.spools.note(running.id, [said(AT_ONCE)], 1.0, "whisper")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.speaker"])
    doomed = context.Process(target=save_and_die, args=(folder, code, running.id, step))
    doomed.start()
    doomed.join()
    assert doomed.exitcode == -9
    require_unreadable(folder)
    with Vault.unlock(folder, code) as vault:
        unsaved, saved = require_one_of_both(vault)
        committed = list(STEPS).index(step) >= 4
        assert (unsaved, saved) == (set(), {running.id}) if committed else ({running.id}, set())
        if unsaved:
            assert vault.spools.read(running.id, 0, len(WHOLE) + 1) == WHOLE


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_recordings_saved_one_after_another_survive_fifty_kills(tmp_path: Path) -> None:
    folder, code = fresh_folder(tmp_path)
    dice = random.Random(20261122)
    for _ in range(50):
        heard = heard_and_killed(save_until_killed, folder, code, dice.randrange(1, 20), dice)
        told = {what: [name for told, name in heard if told == what] for what in ("begun", "saved")}
        recorded = {name for what, name in heard if what == "recorded"}
        require_unreadable(folder)
        with Vault.unlock(folder, code) as vault:
            unsaved, saved = require_one_of_both(vault)
            assert saved >= set(told["saved"])
            assert unsaved | saved >= set(told["begun"])
            for name in unsaved & recorded:
                assert vault.spools.read(SpoolId(name), 0, len(WHOLE) + 1) == WHOLE
            for name in unsaved:
                vault.spools.discard(SpoolId(name))
            for entry in vault.entries.list(EntryFilter()):
                vault.entries.delete(entry.id)
