"""A sentence for each way that recording or playing can fail."""

from __future__ import annotations

from diary.errors import DiaryError, MicrophoneFailed, MicrophoneMissing
from diary.recorder.messages import TroubleCode

KEPT = "What it heard before is kept."
_RESTART = "Start PipeWire or PulseAudio, or plug in a sound card, then start diary again."

_SENTENCES: dict[TroubleCode, tuple[type[DiaryError], str, str]] = {
    TroubleCode.NO_SERVER: (
        MicrophoneMissing,
        "No sound server answers, so nothing can be recorded or played.",
        "See in the sound settings whether sound works at all, and try again.",
    ),
    TroubleCode.NO_MICROPHONE: (
        MicrophoneMissing,
        "No microphone was found: the sound system knows of none.",
        "Plug one in, or switch it on in the sound settings, and try again.",
    ),
    TroubleCode.NOT_THIS_ONE: (
        MicrophoneMissing,
        "The chosen microphone is not there.",
        "Plug it in, or choose another one.",
    ),
    TroubleCode.NO_LOUDSPEAKER: (
        MicrophoneMissing,
        "There is nothing to play on: the sound system knows of no loudspeaker.",
        "Plug one in, or switch it on in the sound settings, and try again.",
    ),
    TroubleCode.IN_USE: (
        MicrophoneFailed,
        "A recording or a playback is running already.",
        "Stop it first.",
    ),
    TroubleCode.UNPLUGGED: (
        MicrophoneFailed,
        f"The microphone was unplugged or switched off. {KEPT}",
        "Plug it in again, or choose another one, and record on.",
    ),
    TroubleCode.SERVER_GONE: (
        MicrophoneFailed,
        f"The sound server went away. {KEPT}",
        "When sound works again, record on.",
    ),
    TroubleCode.NO_SOUND: (
        MicrophoneFailed,
        f"The microphone gave no sound any more, not even silence. {KEPT}",
        "Unplug it and plug it in again, or choose another one.",
    ),
    TroubleCode.NO_ANSWER: (
        MicrophoneFailed,
        "The sound system does not answer, so nothing is recorded or played.",
        "See in the sound settings whether sound works at all, and try again.",
    ),
    TroubleCode.SEAL_REFUSED: (
        MicrophoneFailed,
        "The wall around the recorder could not be built, so nothing was recorded.",
        "See: diary policy check",
    ),
}


def failure(code: TroubleCode) -> DiaryError:
    """The error for the reader."""
    if code not in _SENTENCES:
        return broken()
    kind, sentence, hint = _SENTENCES[code]
    return kind(sentence, hint=hint)


def broken() -> MicrophoneFailed:
    """The recorder crashed, hung, or said something that makes no sense."""
    return MicrophoneFailed(
        f"The process that records failed and was ended. {KEPT}",
        hint="Leave diary and start it again to record.",
    )


def absent(reason: str) -> MicrophoneMissing:
    """There is no recorder. :param reason: a sentence of `policies.before_the_wall`."""
    return MicrophoneMissing(reason, hint=_RESTART)
