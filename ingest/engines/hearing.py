"""From sound to words and how far they reach; pure of processes. Runs inside the engine process.

A file is decoded block by block, cut, joined to what the recogniser hears at once, and told utterance by
utterance. One that was stopped is decoded and cut from its beginning again, which costs a hundredth of
hearing it, so that what comes after `start` is cut and heard as if nothing had happened.

Sound that is still being spoken is cut at shorter pauses. What waited while the recogniser was at work is
taken at once, and its parts are joined: one that is slower than speech catches up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np

from diary.engine.messages import FailureCode, HeardUpTo, Measured, Result
from diary.engine.service import IncomingSound, JobFailed
from diary.model.speech import Hearing
from ingest.engines.jobs import stoppable
from ingest.engines.recogniser import Recogniser
from ingest.engines.silence import Listener, Part, Utterance, packed
from ingest.engines.sound import Samples, blocks, made
from ingest.utterances import LIVE, Cutting

WAIT_SECONDS = 0.1
"""How long a stop waits at most while nobody speaks."""

PROGRESS_SECONDS = 0.5
"""How often silence is told to be behind us."""


def examined(untrusted_sound: bytes, cancelled: Callable[[], bool]) -> Iterator[Result]:
    """One `Measured`."""
    listener = Listener()
    for _ in listener.parts(stoppable(blocks(untrusted_sound), cancelled)):
        pass
    yield Measured(listener.seconds, listener.speech_seconds, made(untrusted_sound) or "")


def transcribed(
    recogniser: Recogniser,
    untrusted_sound: bytes,
    hearing: Hearing,
    start: float,
    cancelled: Callable[[], bool],
) -> Iterator[Result]:
    """Words of a recording, from `start` seconds on; the end of each utterance is told."""
    hearer = recogniser.hearer(hearing)
    limits, live = Cutting().within(recogniser.window), LIVE.within(recogniser.window)

    def parts(listener: Listener) -> Iterator[Part]:
        return listener.parts(stoppable(blocks(untrusted_sound), cancelled))

    if start > 0:
        for first in islice(parts(Listener(limits, first=live)), 1):
            hearer.attune(Utterance((first,)))
    soon = recogniser.joins and start <= 0
    listener = Listener(limits, first=live if soon else limits, start=max(0.0, start))
    for utterance in packed(parts(listener), recogniser.window if recogniser.joins else 0.0, soon=soon):
        yield from stoppable(hearer.words(utterance, cancelled), cancelled)
        yield HeardUpTo(round(utterance.end, 3))
    yield HeardUpTo(round(max(start, listener.seconds), 3))


def followed(
    recogniser: Recogniser, sound: IncomingSound, hearing: Hearing, cancelled: Callable[[], bool]
) -> Iterator[Result]:
    """Words of sound while it comes, as soon as a pause ends them."""
    hearer = recogniser.hearer(hearing)
    limits = LIVE.within(recogniser.window)
    listener = Listener(limits, first=limits)
    reached, rest, ended = 0.0, b"", False
    while not ended:
        taken = sound.take(WAIT_SECONDS)
        if cancelled():
            raise JobFailed(FailureCode.CANCELLED)
        ended = taken is None
        fresh = rest + (taken or b"")
        rest = fresh[len(fresh) // 2 * 2 :]
        parts = list(listener.heard(_floats(fresh[: len(fresh) // 2 * 2])))
        if ended:
            parts += listener.ended()
        for utterance in packed(parts, recogniser.window if recogniser.joins else 0.0, soon=False):
            yield from stoppable(hearer.words(utterance, cancelled), cancelled)
            reached = round(utterance.end, 3)
            yield HeardUpTo(reached)
        quiet = listener.quiet
        if quiet is not None and quiet.seconds >= reached + PROGRESS_SECONDS:
            reached = round(quiet.seconds, 3)
            yield HeardUpTo(reached)
    yield HeardUpTo(round(max(reached, listener.seconds), 3))


def _floats(pcm: bytes) -> Samples:
    return np.frombuffer(pcm, dtype="<i2").astype(np.float32) / np.float32(32768)
