"""A sentence for each way an engine can fail."""

from __future__ import annotations

from diary.engine.messages import FailureCode
from diary.errors import DiaryError, EngineFailed, ModelDamaged, ModelMissing, RecordingDamaged, Stopped

_NOTHING_LOST = "Your entries are safe."


def failure(code: FailureCode, name: str) -> DiaryError:
    """The error of an engine called `name` ("the language model"), for the reader."""
    match code:
        case FailureCode.MODEL_DAMAGED:
            return ModelDamaged(
                f"The file of {name} cannot be loaded; it is damaged or of another kind. {_NOTHING_LOST}",
                hint="Install it again: “make setup” for the embedded ones, “diary models import” for yours.",
            )
        case FailureCode.NO_TEMPLATE:
            return ModelDamaged(
                f"{name.capitalize()} has no chat template, so nobody knows how to ask it. {_NOTHING_LOST}",
                hint="Use a GGUF file with a chat template in it.",
            )
        case FailureCode.PROMPT_TOO_LONG:
            return EngineFailed(
                f"The question and its notes are longer than {name} can read. {_NOTHING_LOST}",
                hint="Ask for fewer quotes with -n.",
            )
        case FailureCode.RECORDING_DAMAGED:
            return RecordingDamaged(
                "This is no recording, or a damaged or incomplete one; nothing was kept.",
                hint="Check that it plays elsewhere: wav, flac, mp3, m4a, ogg and webm are understood.",
            )
        case FailureCode.RECORDING_TOO_LONG:
            return RecordingDamaged(
                "The recording is longer than 6 hours; nothing was kept.", hint="Cut it into parts first."
            )
        case FailureCode.RECORDING_CUT_OFF:
            return RecordingDamaged(
                "The recording is cut off: its last part is missing. Nothing was kept.",
                hint="Play it in another program, save what is there as a new file, and dictate that.",
            )
        case FailureCode.LANGUAGE_UNKNOWN:
            return ModelMissing(
                f"{name.capitalize()} does not know this language.",
                hint="Leave out --language, or import a model that knows it.",
            )
        case FailureCode.OUT_OF_MEMORY:
            return EngineFailed(
                f"There is not enough memory for {name}. {_NOTHING_LOST}",
                hint="Close other programs and try again.",
            )
        case FailureCode.CANCELLED:
            return Stopped("Stopped. What was finished before is kept.")
        case FailureCode.SEAL_REFUSED:
            return EngineFailed(
                f"The wall around {name} could not be built, so it was not started. {_NOTHING_LOST}",
                hint="See: diary policy check",
            )
        case _:
            return broken(name)


def broken(name: str) -> EngineFailed:
    """The engine crashed, hung, or said something that is no answer."""
    return EngineFailed(
        f"The process of {name} failed and was ended. {_NOTHING_LOST}",
        hint="Try again: it is started anew. If it fails again, install its model again.",
    )


def occupied(name: str) -> EngineFailed:
    """Another job did not end in time."""
    return EngineFailed(
        f"{name.capitalize()} is still busy with something else. {_NOTHING_LOST}",
        hint="Wait a moment and try again.",
    )
