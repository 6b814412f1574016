"""A speech engine's jobs: examine a recording, transcribe one, hear one that is being made. Runs inside the
engine process.

Work happens in a thread, so that the core hears `Busy` every half second while a library computes, and a stop
is answered at once, whatever a library does. One that is in the middle of a window finishes it for nobody;
the next job waits for it, because two windows at a time would take twice the memory.

Without a recogniser there is still `Examine`: decoding and the detector of speech need no imported model.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from diary.engine.messages import Busy, Done, Examine, FailureCode, Listen, Result, Transcribe, Work
from diary.engine.service import IncomingSound, JobFailed
from ingest.engines.hearing import examined, followed, transcribed
from ingest.engines.jobs import damage_told
from ingest.engines.recogniser import Recogniser

BUSY_SECONDS = 0.5
_LOOK_SECONDS = 0.05
"""How often a stop is looked for."""


def serve(paths: list[Path]) -> SpeechService:
    """The service without a recogniser: it only examines."""
    return SpeechService(None)


class SpeechService:
    """Satisfies `diary.engine.service.ListeningService`."""

    def __init__(self, recogniser: Recogniser | None) -> None:
        self._recogniser = recogniser
        self._thread: threading.Thread | None = None

    def run(self, work: Work, bulk: bytes, cancelled: Callable[[], bool]) -> Iterator[Result | Done]:
        """Do one job on the recording in `bulk`."""
        match work:
            case Examine():
                yield from self._beside(examined(bulk, cancelled), cancelled)
            case Transcribe(hearing=hearing, start=start) if self._recogniser is not None:
                heard = transcribed(self._recogniser, bulk, hearing, start, cancelled)
                yield from self._beside(heard, cancelled)
            case _:
                raise JobFailed(FailureCode.NOT_UNDERSTOOD)
        yield Done()

    def listen(
        self, work: Listen, sound: IncomingSound, cancelled: Callable[[], bool]
    ) -> Iterator[Result | Done]:
        """Hear sound while it comes."""
        if self._recogniser is None:
            raise JobFailed(FailureCode.NOT_UNDERSTOOD)
        yield from self._beside(followed(self._recogniser, sound, work.hearing, cancelled), cancelled)
        yield Done()

    def _beside(self, results: Iterator[Result], cancelled: Callable[[], bool]) -> Iterator[Result]:
        """What a thread finds, with `Busy` between."""
        found: queue.SimpleQueue[Result | JobFailed | None] = queue.SimpleQueue()
        thread = threading.Thread(target=_drain, args=(results, found, self._thread), daemon=True)
        self._thread = thread
        thread.start()
        told = time.monotonic()
        while True:
            try:
                item = found.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                item = Busy()
            if cancelled():
                raise JobFailed(FailureCode.CANCELLED)
            if item is None:
                return
            if isinstance(item, JobFailed):
                raise item
            if not isinstance(item, Busy) or time.monotonic() - told >= BUSY_SECONDS:
                told = time.monotonic()
                yield item


def _drain(
    results: Iterator[Result],
    found: queue.SimpleQueue[Result | JobFailed | None],
    before: threading.Thread | None,
) -> None:
    if before is not None:
        before.join()
    try:
        with damage_told():
            for result in results:
                found.put(result)
    except JobFailed as failure:
        found.put(failure)
    except MemoryError:
        found.put(JobFailed(FailureCode.OUT_OF_MEMORY))
    except Exception:  # a library's fault ends the job; its text could quote the person's words
        found.put(JobFailed(FailureCode.INTERNAL))
    else:
        found.put(None)
