"""Recordings into samples, to be played. Runs inside an engine process of its own, which is small and starts
at once: one recording can be played while another is being written down.

What was decoded waits in the pipe until the core takes it, so a recording of hours is decoded as it is played
and never piles up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from diary.engine.messages import Busy, Done, FailureCode, Pcm, Result, Samples, Work
from diary.engine.service import JobFailed
from ingest.engines.jobs import damage_told, stoppable
from ingest.engines.sound import RATE, blocks


def serve(paths: list[Path]) -> DecodingService:
    """The service; `paths` is empty, there is no model."""
    return DecodingService()


class DecodingService:
    """Satisfies `diary.engine.service.Service`."""

    def run(self, work: Work, bulk: bytes, cancelled: Callable[[], bool]) -> Iterator[Result | Done]:
        """Decode the recording in `bulk`."""
        if not isinstance(work, Samples):
            raise JobFailed(FailureCode.NOT_UNDERSTOOD)
        with damage_told():
            yield from _decoded(bulk, work.start, cancelled)
        yield Done()


def _decoded(untrusted_sound: bytes, start: float, cancelled: Callable[[], bool]) -> Iterator[Result]:
    """From `start` seconds on, in pieces of a second; `Busy` for those before."""
    skip = round(max(0.0, start) * RATE)
    for block in stoppable(blocks(untrusted_sound, seconds=1), cancelled):
        gone = min(skip, len(block))
        skip -= gone
        if gone == len(block):
            yield Busy()
        for at in range(gone, len(block), RATE):
            yield Pcm((block[at : at + RATE] * 32767).astype("<i2").tobytes())
