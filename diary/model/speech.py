"""What a recording says: segments and words with times and confidence, and what helps to hear them."""

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


SOUND_FORMATS = "wav, flac, mp3, m4a, ogg, opus, webm, amr"
"""The recordings that are understood, as a person names them; what is in a file decides."""

RATE = 16_000
"""Samples a second of all sound between processes: signed 16 bit, little-endian, one channel."""


SILERO = "silero"
"""What says that there is no speech, so that no model is asked for words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word as it stands in its segment's text, with its punctuation; seconds of the recording;
    confidence 0 to 1 (the probability the model gave it).
    """

    start: float
    end: float
    text: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Words heard between `start` and `end` seconds; confidence 0 to 1 (mean token probability), 0 =
    unknown.

    :ivar words: one by one, in order; joined by spaces they are the text. Empty when the engine does not tell
        them apart.
    """

    start: float
    end: float
    text: str
    confidence: float
    words: tuple[Word, ...] = ()


UNSURE = 0.5
"""A word, or a segment whose words are not told apart, of a lower confidence is marked; 0 is unknown."""


def unsure(confidence: float) -> bool:
    """Whether words of this confidence are to be checked."""
    return 0 < confidence < UNSURE


@dataclass(frozen=True, slots=True)
class Reached:
    """All speech before so many seconds of the recording is written down: how far it is, and where to go on
    after a stop.
    """

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """What helps to hear.

    :ivar language: ISO 639-1 code that the words are in; None lets the model decide once for the recording.
    :ivar languages: among which it decides; empty: among all it knows.
    :ivar hotwords: names and medicines of the glossary, the most useful first.
    """

    language: str | None = None
    languages: tuple[str, ...] = ()
    hotwords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Microphone:
    """Something that hears. :ivar id: names it to the sound system. :ivar name: for the reader."""

    id: str
    name: str
    default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dictation:
    """A recording that became an entry. `engine` names what wrote the words, or is None while waiting."""

    entry: EntryId
    engine: str | None
    segments: tuple[Segment, ...]
    status: Transcript
    seconds: float
