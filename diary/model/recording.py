"""Recordings from the microphone: how one stands while it runs, and what is kept of one that is not an entry
yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from diary.model.speech import Segment

SpoolId = NewType("SpoolId", str)
"""Names an unsaved recording; random, 32 hexadecimal digits."""


class Phase(StrEnum):
    """What a recording is doing. RECORDING begins with the first block of sound, not with the key."""

    OPENING = "opening"
    RECORDING = "recording"
    PAUSED = "paused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """How a running recording stands.

    :ivar seconds: of sound that is on the disk, encrypted.
    :ivar peak: of the newest block, in dB of full scale: 0 is the loudest, -96 digital silence.
    :ivar heard: whether speech was heard in the last second or so.
    :ivar silent: nothing but zeros, or nearly, came for some seconds: the microphone is muted or broken.
    :ivar lost: seconds of sound that did not arrive, by the clock.
    :ivar behind: seconds of sound whose words are not written down yet; None without a speech model.
    :ivar note: a sentence for the reader, when there is one: the words will come later, another microphone is
        used than the chosen one.
    """

    phase: Phase
    seconds: float
    peak: float
    heard: bool
    silent: bool
    lost: float
    behind: float | None
    microphone: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """A recording that is no entry yet: its program ended, or its editor is open.

    :ivar started: aware local time. :ivar seconds: of whole sound.
    :ivar segments: what was written down so far. :ivar reached: seconds of sound that these cover.
    :ivar engine: what wrote them; None when nothing did yet.
    """

    id: SpoolId
    started: datetime
    seconds: float
    segments: tuple[Segment, ...] = ()
    reached: float = 0.0
    engine: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptVersion:
    """One writing-down of a kept recording; the entry's revision of that number holds its words.

    :ivar revision: number of the revision. :ivar made: aware time.
    """

    revision: int
    engine: str
    made: datetime
    segments: tuple[Segment, ...]
