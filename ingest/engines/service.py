"""A speech engine's jobs: examine a recording, transcribe it. Runs inside the engine process.

Work happens in a thread, so that the core hears `Busy` every half second while a library computes, and can
stop. A library that does not see the stop in time is ended with its process: it holds nothing that is not
kept.

Without a recogniser there is still `Examine`: decoding and the detector of speech need no imported model.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from diary.engine.messages import Busy, Done, Examine, FailureCode, Heard, Measured, Result, Transcribe, Work
from diary.engine.service import JobFailed
from ingest.engines.silence import Listener, Utterance
from ingest.engines.sound import SoundCutOff, SoundDamaged, SoundTooLong, blocks, made

BUSY_SECONDS = 0.5

_Item = TypeVar("_Item")

Recogniser = Callable[[Iterable[Utterance], str | None, Callable[[], bool]], Iterator[Heard]]
"""Utterances of one recording, its language, and whether to stop, into words."""


def serve(paths: list[Path]) -> SpeechService:
    """The service without a recogniser: it only examines."""
    return SpeechService(None)


class SpeechService:
    """Satisfies `diary.engine.service.Service`."""

    def __init__(self, recogniser: Recogniser | None) -> None:
        self._recogniser = recogniser

    def run(self, work: Work, bulk: bytes, cancelled: Callable[[], bool]) -> Iterator[Result | Done]:
        """Do one job on the recording in `bulk`."""
        match work:
            case Examine():
                yield from _with_busy(_examined(bulk, cancelled), cancelled)
            case Transcribe(hearing=hearing) if self._recogniser is not None:
                heard = _heard(self._recogniser, bulk, hearing.language, cancelled)
                yield from _with_busy(heard, cancelled)
            case _:
                raise JobFailed(FailureCode.NOT_UNDERSTOOD)
        yield Done()


def _examined(untrusted_sound: bytes, cancelled: Callable[[], bool]) -> Iterator[Result]:
    listener = Listener()
    for _ in listener.utterances(_stoppable(blocks(untrusted_sound), cancelled)):
        pass
    yield Measured(listener.seconds, listener.speech_seconds, made(untrusted_sound) or "")


def _heard(
    recogniser: Recogniser, untrusted_sound: bytes, language: str | None, cancelled: Callable[[], bool]
) -> Iterator[Result]:
    sound = _stoppable(blocks(untrusted_sound), cancelled)
    heard = recogniser(_stoppable(Listener().utterances(sound), cancelled), language, cancelled)
    yield from _stoppable(heard, cancelled)


def _stoppable(items: Iterable[_Item], cancelled: Callable[[], bool]) -> Iterator[_Item]:
    for item in items:
        if cancelled():
            raise JobFailed(FailureCode.CANCELLED)
        yield item


def _with_busy(results: Iterator[Result], cancelled: Callable[[], bool]) -> Iterator[Result]:
    """What the thread finds, with `Busy` between; after a stop nothing more is said until the thread ends."""
    found: queue.SimpleQueue[Result | JobFailed | None] = queue.SimpleQueue()
    thread = threading.Thread(target=_drain, args=(results, found), daemon=True)
    thread.start()
    while True:
        try:
            item = found.get(timeout=BUSY_SECONDS)
        except queue.Empty:
            item = Busy()
        if cancelled():
            thread.join()
            raise JobFailed(FailureCode.CANCELLED)
        if item is None:
            return
        if isinstance(item, JobFailed):
            raise item
        yield item


def _drain(results: Iterator[Result], found: queue.SimpleQueue[Result | JobFailed | None]) -> None:
    try:
        for result in results:
            found.put(result)
    except JobFailed as failure:
        found.put(failure)
    except SoundTooLong:
        found.put(JobFailed(FailureCode.RECORDING_TOO_LONG))
    except SoundCutOff:
        found.put(JobFailed(FailureCode.RECORDING_CUT_OFF))
    except SoundDamaged:
        found.put(JobFailed(FailureCode.RECORDING_DAMAGED))
    except MemoryError:
        found.put(JobFailed(FailureCode.OUT_OF_MEMORY))
    except Exception:  # a library's fault ends the job; its text could quote the person's words
        found.put(JobFailed(FailureCode.INTERNAL))
    else:
        found.put(None)
