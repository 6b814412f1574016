"""What core and recorder say to each other, over the frames of `diary.engine.frames`. Typed structs; a frame
that is anything else is refused.

The core opens streams with numbers that go up, `Record` and `Play`; everything about a stream carries its
number. The recorder answers `Find` with `Found`, opens a stream with `Opened`, and ends it with `Ended`, or
with `Trouble`. It also says when a pause has begun, with `Paused`, and that all is closed, with `Quieted`.
Nothing that it says is trusted: `diary.recorder.streams` checks it.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

FRAME_CAP = 64 * 1024
"""Bytes of one message, either way: half a second of sound is 16,000."""

# From the core


class Find(msgspec.Struct, tag="find", frozen=True):
    """Ask for the microphones."""


class Record(msgspec.Struct, tag="record", frozen=True):
    """Open a microphone, by its id; None: the sound system's own choice."""

    microphone: str | None = None


class Pause(msgspec.Struct, tag="pause", frozen=True):
    """Give the rest out and release the microphone."""


class Resume(msgspec.Struct, tag="resume", frozen=True):
    """Open it again."""


class Stop(msgspec.Struct, tag="stop", frozen=True):
    """End a stream: a recording gives its rest out first, a playback is silent at once."""


class Play(msgspec.Struct, tag="play", frozen=True):
    """Open the loudspeaker."""


class Sound(msgspec.Struct, tag="sound", frozen=True):
    """Samples to be played after those before."""

    data: bytes


class Last(msgspec.Struct, tag="last", frozen=True):
    """No more samples come: `Ended` when all are played."""


class Quiet(msgspec.Struct, tag="quiet", frozen=True):
    """Close everything; after `Quieted` nothing more is said until the next request."""


Request = Find | Record | Pause | Resume | Stop | Play | Sound | Last | Quiet

# From the recorder


class TroubleCode(StrEnum):
    """What went wrong; each has a sentence in `diary.recorder.failures`."""

    NO_SERVER = "no-server"
    NO_MICROPHONE = "no-microphone"
    NOT_THIS_ONE = "not-this-one"
    NO_LOUDSPEAKER = "no-loudspeaker"
    IN_USE = "in-use"
    UNPLUGGED = "unplugged"
    SERVER_GONE = "server-gone"
    NO_SOUND = "no-sound"
    TOO_FAST = "too-fast"
    SEAL_REFUSED = "seal-refused"
    NO_ANSWER = "no-answer"
    INTERNAL = "internal"


class Device(msgspec.Struct, frozen=True):
    """A microphone: its id to the sound system, its name for people."""

    id: str
    name: str
    default: bool


class Found(msgspec.Struct, tag="found", frozen=True):
    """The microphones there are."""

    devices: list[Device]


class Opened(msgspec.Struct, tag="opened", frozen=True):
    """The stream is open, on this device."""

    device: Device


class Block(msgspec.Struct, tag="block", frozen=True):
    """Samples that were heard, PCM as `diary.model.speech.RATE`.

    :ivar at: when the last of them arrived, in seconds of the system's monotonic clock.
    """

    data: bytes
    at: float


class Paused(msgspec.Struct, tag="paused", frozen=True):
    """The microphone is released."""


class Played(msgspec.Struct, tag="played", frozen=True):
    """So many samples were given to the loudspeaker so far."""

    samples: int


class Ended(msgspec.Struct, tag="ended", frozen=True):
    """The stream is closed."""


class Trouble(msgspec.Struct, tag="trouble", frozen=True):
    """The stream is closed, or was not opened, because something went wrong."""

    code: TroubleCode


class Quieted(msgspec.Struct, tag="quieted", frozen=True):
    """All is closed."""


Response = Found | Opened | Block | Paused | Played | Ended | Trouble | Quieted


class RequestFrame(msgspec.Struct, array_like=True, frozen=True):
    """What travels to the recorder."""

    stream: int
    body: Request


class ResponseFrame(msgspec.Struct, array_like=True, frozen=True):
    """What travels back."""

    stream: int
    body: Response
