"""What a recording says: segments with times and confidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from diary.model.entry import EntryId, Transcript


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundInfo:
    """What is in a recording before any words: length and how much of it is speech, in seconds.

    :ivar made: aware time it was made, as its file says; None when it does not say.
    """

    seconds: float
    speech_seconds: float
    made: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Words heard between `start` and `end` seconds; confidence 0 to 1 (mean token probability), 0 =
    unknown.
    """

    start: float
    end: float
    text: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Dictation:
    """A recording that became an entry. `engine` names what wrote the words, or is None while waiting."""

    entry: EntryId
    engine: str | None
    segments: tuple[Segment, ...]
    status: Transcript
    seconds: float
