"""A microphone by what a person calls it."""

from __future__ import annotations

from diary.errors import MicrophoneMissing, UsageError
from diary.model.speech import Microphone
from diary.tui.voice_ports import Recording

DEFAULT = "default"
"""Names the sound system's own choice."""


def named_microphone(voice: Recording, name: str) -> str:
    """The id of the one with this id or name, or the only one whose name holds it, in any case of letters.

    :raises diary.errors.MicrophoneMissing: when there is none at all, or none of this name.
    :raises diary.errors.UsageError: when several are meant.
    """
    there = voice.microphones()
    if name == DEFAULT:
        return next((one.id for one in there if one.default), there[0].id)
    for one in there:
        if name in (one.id, one.name):
            return one.id
    meant = [one for one in there if name.casefold() in one.name.casefold()]
    if len(meant) > 1:
        raise UsageError(
            f"“{name}” may be {names(meant)}; nothing was recorded or changed.",
            hint="Give more of the name, or the id that “diary voice list --json” shows.",
        )
    if not meant:
        raise MicrophoneMissing(
            f"There is no microphone called “{name}”; nothing was recorded or changed.",
            hint=f"There is {names(there)}.",
        )
    return meant[0].id


def names(microphones: list[Microphone]) -> str:
    """Their names, as a list in a sentence."""
    quoted = [f"“{one.name}”" for one in microphones]
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)
