"""A sentence for each way an engine can fail."""

from __future__ import annotations

from diary.engine.memory import in_words
from diary.engine.messages import Failed, FailureCode
from diary.errors import (
    DiaryError,
    EngineFailed,
    ImageDamaged,
    ModelDamaged,
    ModelMissing,
    RecordingDamaged,
    Stopped,
)
from diary.model.speech import SOUND_FORMATS

_NOTHING_LOST = "Your entries are safe."


_SENTENCES: dict[FailureCode, tuple[type[DiaryError], str, str]] = {
    FailureCode.MODEL_DAMAGED: (
        ModelDamaged,
        f"The file of {{name}} cannot be loaded; it is damaged or of another kind. {_NOTHING_LOST}",
        "Install it again: “make setup” for the embedded ones, “diary models import” for yours.",
    ),
    FailureCode.NO_TEMPLATE: (
        ModelDamaged,
        f"{{Name}} has no chat template that can be used, so nobody knows how to ask it. {_NOTHING_LOST}",
        "Use a GGUF file with a chat template in it.",
    ),
    FailureCode.PROMPT_TOO_LONG: (
        EngineFailed,
        f"The question and its notes are longer than {{name}} can read. {_NOTHING_LOST}",
        "Ask for fewer quotes with -n.",
    ),
    FailureCode.IMAGE_DAMAGED: (
        ImageDamaged,
        f"This is no image that can be shown to a model, or a damaged one. {_NOTHING_LOST}",
        "Check that it opens elsewhere: png and jpeg are understood.",
    ),
    FailureCode.IMAGE_TOO_LARGE: (
        ImageDamaged,
        f"The image is too large to be shown to a model. {_NOTHING_LOST}",
        "Make it smaller first: at most 64 megapixels and 32 MB.",
    ),
    FailureCode.NO_VISION: (
        ModelMissing,
        f"{{Name}} cannot see images. {_NOTHING_LOST}",
        "Import a model together with its mmproj file.",
    ),
    FailureCode.RECORDING_DAMAGED: (
        RecordingDamaged,
        "This is no recording, or a damaged or incomplete one; nothing was kept.",
        f"Check that it plays elsewhere. Understood are {SOUND_FORMATS}.",
    ),
    FailureCode.RECORDING_TOO_LONG: (
        RecordingDamaged,
        "The recording is longer than 6 hours; nothing was kept.",
        "Cut it into parts first.",
    ),
    FailureCode.RECORDING_CUT_OFF: (
        RecordingDamaged,
        "The recording is cut off: its last part is missing. Nothing was kept.",
        "Play it in another program, save what is there as a new file, and dictate that.",
    ),
    FailureCode.LANGUAGE_UNKNOWN: (
        ModelMissing,
        "{Name} does not know this language.",
        "Leave out --language, or import a model that knows it.",
    ),
    FailureCode.OUT_OF_MEMORY: (
        EngineFailed,
        f"There is not enough memory for {{name}}. {_NOTHING_LOST}",
        "Close other programs and try again.",
    ),
    FailureCode.CANCELLED: (Stopped, "Stopped. What was finished before is kept.", ""),
    FailureCode.SEAL_REFUSED: (
        EngineFailed,
        f"The wall around {{name}} could not be built, so it was not started. {_NOTHING_LOST}",
        "See: diary policy check",
    ),
}


def failure(failed: Failed, name: str) -> DiaryError:
    """The error of an engine called `name` ("the language model"), for the reader."""
    if failed.code is FailureCode.OUT_OF_MEMORY and failed.needed:
        return _too_big(name, failed.needed, failed.available)
    if failed.code not in _SENTENCES:
        return broken(name)
    kind, sentence, hint = _SENTENCES[failed.code]
    return kind(sentence.format(name=name, Name=name.capitalize()), hint=hint)


def _too_big(name: str, needed: int, available: int) -> EngineFailed:
    """Refused before it was loaded; the figures are the engine's."""
    return EngineFailed(
        f"{name.capitalize()} needs about {in_words(needed)} of memory and {in_words(available)} is free, "
        f"so it was not loaded. {_NOTHING_LOST}",
        hint="Close other programs and try again, or use a smaller model.",
    )


def broken(name: str) -> EngineFailed:
    """The engine crashed, hung, or said something that is no answer."""
    return EngineFailed(
        f"The process of {name} failed and was ended. {_NOTHING_LOST}",
        hint="Try again: it is started anew. If it fails again, install its model again.",
    )


def no_speech_model() -> ModelMissing:
    """Nothing is installed that hears words."""
    return ModelMissing(
        "No speech model is installed, so no words can be written down. Recordings are kept and wait.",
        hint="Install one with: diary models import DIR; or make rough drafts with --rough.",
    )


def occupied(name: str) -> EngineFailed:
    """Another job did not end in time."""
    return EngineFailed(
        f"{name.capitalize()} is still busy with something else. {_NOTHING_LOST}",
        hint="Wait a moment and try again.",
    )
