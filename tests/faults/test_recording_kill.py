"""Kill -9 while somebody talks to the whole core: half a second is lost at most, the rest is found at the
next unlock, and neither sound nor words are readable in any file.
"""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from diary.model.entry import Transcript
from diary.model.speech import RATE
from diary.vault.vault import Vault
from tests.fakes.sound import FakeSoundDevices
from tests.faults.talker import (
    COUNT,
    MARK,
    PIECE_BYTES,
    PIECE_SECONDS,
    SECRET,
    opened,
    piece_of,
    talk_until_killed,
)
from tests.unit.vault.fresh import fresh_folder

MOST_LOST = RATE  # bytes: half a second
LONGEST = 1.8  # seconds of a recording: a sentence is written down by then


@dataclass
class Tally:
    """What was seen in all kills: bytes lost at most, recordings found, those with words noted beside."""

    lost: int = 0
    found: int = 0
    with_words: int = 0


def killed_while_talking(folder: Path, code: str, seconds: float) -> int:
    """Kill somebody's diary so long after the first sound; bytes that the microphone had heard."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.talker"])
    hear, tell = context.Pipe(duplex=False)
    talker = context.Process(target=talk_until_killed, args=(folder, code, tell))
    talker.start()
    tell.close()
    assert hear.poll(30)
    time.sleep(seconds)
    talker.kill()
    talker.join()
    assert talker.exitcode == -9  # it must not have ended by itself, with a traceback for instance
    pieces = 0
    try:
        while True:
            (pieces,) = COUNT.unpack(hear.recv_bytes())
    except (EOFError, OSError):
        return pieces * PIECE_BYTES


def require_unreadable(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert MARK not in content and SECRET.encode() not in content, path.name


def require_found(folder: Path, code: str, heard: int, tally: Tally) -> None:
    session = opened(Vault.unlock(folder, code), FakeSoundDevices())
    unfinished = session.voice.unfinished()
    tally.lost = max(tally.lost, heard - sum(round(one.seconds * RATE * 2) for one in unfinished))
    if not (unfinished and unfinished[0].seconds):  # killed with the first sound in its hands
        for one in unfinished:
            session.voice.discard_recording(one.id)
        session.close()
        return
    (found,) = unfinished
    tally.found += 1
    tally.with_words += bool(found.segments)
    entry = session.voice.save_recording(found.id, "")
    whole = b"".join(piece_of(number) for number in range(heard // PIECE_BYTES + 1))
    sound = session._stores.recordings.sound(entry.id)[44:]
    assert sound and sound == whole[: len(sound)]
    if found.seconds > 2 * PIECE_SECONDS:  # more than a cough
        assert entry.transcript is Transcript.WAITING
        assert session.voice.transcribe_waiting() == 1
        assert SECRET in session.entry(entry.id).text
    assert session.voice.unfinished() == []
    session.delete(entry.id)
    session.close()


def kill_times(tmp_path: Path, times: int) -> Tally:
    folder, code = fresh_folder(tmp_path)
    dice = random.Random(20261121)
    tally = Tally()
    for turn in range(times):
        heard = killed_while_talking(folder, code, LONGEST * (turn + dice.random()) / times)
        require_unreadable(folder)
        require_found(folder, code, heard, tally)
        require_unreadable(folder)
    assert tally.lost <= MOST_LOST
    assert tally.with_words and tally.found > times / 2
    return tally


def test_half_a_second_is_lost_at_most_when_a_recording_is_killed(tmp_path: Path) -> None:
    kill_times(tmp_path, 4)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_half_a_second_is_lost_at_most_in_two_hundred_kills(
    tmp_path: Path, tell: Callable[..., None]
) -> None:
    tally = kill_times(tmp_path, 200)
    lost = f"{tally.lost / (2 * RATE):.2f} s lost at most"
    tell(f"200 kills: {lost}; {tally.found} found, {tally.with_words} of them with words")
