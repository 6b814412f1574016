"""A process that records into a vault until it is killed, and tells what it was promised is kept."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from diary.model.entry import Kind, Transcript
from diary.model.recording import SpoolId
from diary.model.speech import Segment
from diary.vault import recordings
from diary.vault.entries import Entries
from diary.vault.spools import Spools
from diary.vault.vault import Vault
from tests.unit.vault.fresh import MORNING, words

MARK = b"zanahoria-9f3b-"
"""Stands in every piece of sound, many times over: it must not be readable anywhere."""
AT_ONCE = 12  # pieces of a recording that is saved


def piece_of(number: int) -> bytes:
    """Sound that can be told from its number; up to half a second, of many lengths."""
    mark = MARK + number.to_bytes(6, "big").hex().encode()
    return (mark * 600)[: 320 + number * 1_237 % 15_680 & ~1]


def said(number: int) -> Segment:
    """What is noted with so many pieces."""
    return Segment(start=0.0, end=number / 10, text=f"{MARK.decode()} {number}", confidence=0.5)


def record_until_killed(folder: Path, code: str, told: Connection) -> None:
    """Append piece after piece to one recording; tell each number once `append` has returned."""
    with Vault.unlock(folder, code) as vault:
        running = vault.spools.begin(MORNING)
        told.send(running.id)
        for number in itertools.count():
            running.append(piece_of(number))
            told.send(number)
            if number % 10 == 9:
                vault.spools.note(running.id, [said(number)], number / 10, "whisper")


def save_until_killed(folder: Path, code: str, told: Connection) -> None:
    """Record and save one recording after another; tell each name, before and after."""
    with Vault.unlock(folder, code) as vault:
        while True:
            running = vault.spools.begin(MORNING)
            told.send(("begun", running.id))
            for number in range(AT_ONCE):
                running.append(piece_of(number))
            vault.spools.note(running.id, [said(AT_ONCE)], 1.0, "whisper")
            told.send(("recorded", running.id))
            _save(vault, running.id)
            told.send(("saved", running.id))


def save_and_die(folder: Path, code: str, spool: SpoolId, step: str) -> None:
    """Save a recording, and be killed at one step of it."""
    STEPS[step]()
    with Vault.unlock(folder, code) as vault:
        _save(vault, spool)


def _save(vault: Vault, spool: SpoolId) -> None:
    draft = words(spool, kind=Kind.VOICE, transcript=Transcript.TRANSCRIBED)
    vault.recordings.keep_spool(draft, spool, name="spoken.wav")


def _die(*_: Any, **__: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def _die_after(owner: Any, name: str) -> None:
    before: Callable[..., Any] = getattr(owner, name)

    def doomed(*values: Any, **named: Any) -> None:
        before(*values, **named)
        _die()

    setattr(owner, name, doomed)


def _die_while_sealing() -> None:
    seal = recordings.seal

    def doomed(*values: Any, **named: Any) -> Iterator[bytes]:
        for number, piece in enumerate(seal(*values, **named)):
            if number == 2:
                _die()
            yield piece

    recordings.seal = doomed  # type: ignore[attr-defined]


STEPS: dict[str, Callable[[], None]] = {
    "while it is sealed": _die_while_sealing,
    "once it is sealed": lambda: setattr(Entries, "keep", _die),
    "once the entry is inserted": lambda: _die_after(Entries, "keep"),
    "before the commit": lambda: _die_after(Spools, "take"),
    "after the commit": lambda: setattr(Spools, "remove_file", _die),
    "once the file is removed": lambda: _die_after(Spools, "remove_file"),
}
"""Moments of saving, in order; the first four are before the commit."""
