"""voice test: read a passage aloud, and learn how well you are heard and by which model.

Nothing is kept: the sound stays in memory, and is gone with the program.
"""

from __future__ import annotations

import io
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from diary.cli.context import Context
from diary.cli.keys import Interrupts, Keys
from diary.cli.memos import sound_of
from diary.cli.microphones import named_microphone
from diary.cli.output import Console
from diary.cli.recording import Choice, LiveRecording
from diary.errors import MicrophoneFailed, Stopped
from diary.model.speech import RATE
from diary.sample.read_aloud import passage

if TYPE_CHECKING:
    from diary.model_store.hearing import Trial
    from ingest.sound_check import SoundCheck

_QUIET = -38.0  # dB of full scale; speech below it comes with the noise of the converter
_LOUD = -8.0
_GOOD_RATIO = 20.0  # dB
_POOR_RATIO = 10.0
_WORTH_TELLING = 0.001  # share of samples cut off
_WORTH_HEARING = 0.1  # seconds
_LONGEST = 300.0  # seconds; somebody who went away must not fill the memory
_POOR_RATE = 0.3  # of the words wrong: no model is that bad at a voice that it hears


@dataclass(frozen=True, slots=True)
class _Read:
    """What was heard: PCM, and the seconds that did not arrive; None of a file, in which silence may be
    written as nothing at all.
    """

    sound: bytes
    lost: float | None

    def gaps(self, checked: SoundCheck) -> float | None:
        """Seconds that are missing."""
        return None if self.lost is None else self.lost + checked.dropouts


def voice_test(context: Context) -> int:
    """Hear somebody read, or take a recording of it; the exit status."""
    from diary.model_store.hearing import try_hearing
    from ingest.sound_check import check

    language, words = passage(context.settings.speech.language)
    read = _from_file(context) if context.arguments.file else _from_microphone(context, words)
    checked = check(read.sound)
    say_check(context.console, checked, read.gaps(checked))
    trials: list[Trial] = []
    if checked.heard:
        with Interrupts() as interrupts:
            for trial in try_hearing(
                context.settings.models,
                _wav(read.sound),
                words,
                language,
                report=context.console.progress,
                cancelled=interrupts.came,
            ):
                say_trial(context.console, trial)
                trials.append(trial)
        say_advice(context.console, trials, checked)
    context.console.document(_document(words, language, checked, read.gaps(checked), trials))
    return 0 if checked.heard else 1


def _from_file(context: Context) -> _Read:
    from diary.model_store.hearing import samples_of

    return _Read(samples_of(sound_of(context.arguments.file)), None)


def _from_microphone(context: Context, words: str) -> _Read:
    console, arguments = context.console, context.arguments
    with context.session() as session:
        tryout = session.voice.try_out()
        microphone = named_microphone(session.voice, arguments.microphone) if arguments.microphone else None
        console.say("Read this aloud, as you would speak to your diary; Enter ends it. Nothing is kept.")
        console.say()
        console.say(words, indent=2)
        console.say()
        with Interrupts() as interrupts, Keys(until_end=arguments.seconds is None) as keys:
            longest = arguments.seconds or _LONGEST
            live = LiveRecording(console, tryout, keys, interrupts, seconds=longest, asks=False)
            taken = live.run(microphone)
    if taken.choice is Choice.DISCARD:
        raise Stopped("Stopped. Nothing was kept.")
    if taken.failure is not None:
        raise taken.failure
    if tryout.newest is None or not tryout.newest.sound:
        raise MicrophoneFailed(
            "No sound came from the microphone.", hint="See which there are with: diary voice list"
        )
    return _Read(tryout.newest.sound, tryout.newest.lost)


def _wav(sound: bytes) -> bytes:
    """PCM as a file of it, in memory."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(RATE)
        writer.writeframes(sound)
    return file.getvalue()


def say_check(console: Console, checked: SoundCheck, missing: float | None) -> None:
    """The level, the noise, and what was cut off or is missing, each with what to do about it."""
    console.say(f"Heard for {checked.seconds:.0f} s.")
    if not checked.heard:
        console.say(
            f"Nothing stands out from the noise ({checked.noise:.0f} dB of full scale): no voice was heard. "
            "Is the microphone muted, or another one meant? See: diary voice list"
        )
        return
    console.say(f"Level: your voice is at {checked.speech:.0f} dB of full scale; {_level_words(checked)}")
    console.say(
        f"Noise: {checked.noise:.0f} dB; your voice is {checked.ratio:.0f} dB above it; "
        f"{_noise_words(checked)}"
    )
    if checked.clipped >= _WORTH_TELLING:
        console.say(f"Cut off: {100 * checked.clipped:.1f} % of the sound, because it was too loud.")
    if missing is not None:
        gaps = f"Gaps: {missing:.1f} s; the machine is busy, or sound is left out on its way."
        console.say(gaps if missing >= _WORTH_HEARING else "No gaps.")


def _level_words(checked: SoundCheck) -> str:
    if checked.clipped >= _WORTH_TELLING or checked.speech > _LOUD:
        return "too loud: move away, or turn the microphone down."
    if checked.speech < _QUIET:
        return "very quiet: come nearer, or turn the microphone up."
    return "good."


def _noise_words(checked: SoundCheck) -> str:
    if checked.ratio < _POOR_RATIO:
        return "too little: words will be heard wrong. Come nearer, or find a quieter place."
    return "good." if checked.ratio >= _GOOD_RATIO else "some noise; nearer would be better."


def say_trial(console: Console, trial: Trial) -> None:
    """How one model heard it."""
    if trial.errors is None:
        console.say(f"{trial.engine}: could not be tried. {trial.failure}")
        return
    used = ", in use" if trial.in_use else ""
    console.say(
        f"{trial.engine}{used}: {trial.errors.errors} of {trial.errors.words} words wrong "
        f"({100 * trial.errors.rate:.0f} %), {trial.speed:.1f} times as fast as you speak."
    )


def say_advice(console: Console, trials: Sequence[Trial], checked: SoundCheck) -> None:
    """Which model to use, in plain words."""
    from diary.model_store.hearing import best

    chosen = best(trials)
    if chosen is None or chosen.errors is None:
        console.say("No model could be tried.")
        return
    if chosen.name is None:
        console.say(
            "No speech model is installed; PocketSphinx makes rough drafts only. Install a Whisper with: "
            "diary models import DIR"
        )
    elif chosen.in_use:
        console.say(f"Stay with {chosen.engine}{_why(chosen)}.")
    else:
        console.say(f"Use {chosen.engine}{_why(chosen)}: diary models use {chosen.name}")
    if chosen.name is not None and chosen.errors.rate >= _POOR_RATE:
        cause = "the noise" if checked.ratio < _GOOD_RATIO else "another microphone, or another model"
        console.say(f"That is many words wrong if you read all of the passage; look to {cause} first.")


def _why(chosen: Trial) -> str:
    return "" if chosen.keeps_up else ", though its words come later than you speak"


def _document(
    words: str, language: str, checked: SoundCheck, missing: float | None, trials: Sequence[Trial]
) -> dict[str, Any]:
    from diary.model_store.hearing import best

    chosen = best(trials)
    return {
        "passage": words,
        "language": language,
        "seconds": round(checked.seconds, 2),
        "heard": checked.heard,
        "speech_dbfs": round(checked.speech, 1),
        "noise_dbfs": round(checked.noise, 1),
        "snr_db": round(checked.ratio, 1),
        "clipped": round(checked.clipped, 5),
        "gaps_seconds": None if missing is None else round(missing, 2),
        "models": [trial_document(trial) for trial in trials],
        "use": chosen.engine if chosen else None,
    }


def trial_document(trial: Trial) -> dict[str, Any]:
    """One model's hearing; `wer` and `speed` (times real time) null when it failed."""
    return {
        "name": trial.name,
        "engine": trial.engine,
        "in_use": trial.in_use,
        "wer": round(trial.errors.rate, 4) if trial.errors else None,
        "errors": trial.errors.errors if trial.errors else None,
        "words": trial.errors.words if trial.errors else None,
        "speed": round(trial.speed, 2) if trial.errors else None,
        "text": trial.heard,
        "failure": trial.failure or None,
    }
