"""How well and how fast each installed speech model hears a passage that somebody read, and which to use.

The words are compared with the passage (`ingest.word_errors`). No name of the glossary is hinted at: what is
asked is how well a model hears this voice over this microphone. Speed is wall time beside whatever else the
machine does, after the model was loaded.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from diary.engine.choosing import in_order
from diary.engine.transcriber import EngineTranscriber
from diary.engine.whisper_folder import described
from diary.errors import DiaryError, Stopped
from diary.model.progress import Cancelled, Progress, Report, never, silent
from diary.model.speech import Hearing, Segment
from ingest.word_errors import WordErrors, word_errors

KEEPS_UP = 1.5
"""Seconds of sound a second at which words come while somebody speaks, with something left for the rest."""

_ROUGH_LANGUAGES = (None, "en")  # PocketSphinx hears English only


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One model's hearing of the passage.

    :ivar name: of its folder, by which it is chosen; None is PocketSphinx, which needs none.
    :ivar engine: its name for the reader. :ivar in_use: whether recordings are written down with it.
    :ivar errors: None when it failed; `failure` says why.
    :ivar speed: seconds of sound in one second of work; 0 when it failed.
    """

    name: str | None
    engine: str
    in_use: bool
    errors: WordErrors | None
    speed: float
    heard: str
    failure: str = ""

    @property
    def keeps_up(self) -> bool:
        """Whether its words come while somebody speaks."""
        return self.speed >= KEEPS_UP


def samples_of(recording: bytes) -> bytes:
    """A recording of any format as PCM (`diary.model.speech.RATE`), decoded in an engine.

    :raises diary.errors.RecordingDamaged: when it does not decode.
    """
    with closing(EngineTranscriber(None)) as decoder:
        return b"".join(decoder.samples(recording))


def try_hearing(
    roots: Sequence[Path],
    recording: bytes,
    passage: str,
    language: str | None,
    *,
    report: Report = silent,
    cancelled: Cancelled = never,
) -> Iterator[Trial]:
    """Each installed model on the recording, the one in use first; one that fails says so.

    :raises diary.errors.Stopped: when `cancelled` said so.
    """
    models = in_order(roots, "speech")
    rough = language in _ROUGH_LANGUAGES
    total = len(models) + rough
    for number, model in enumerate(models):
        report(Progress("hearing", number, total))
        made = lambda model=model: EngineTranscriber(described(model))  # noqa: E731
        yield _tried(made, model.path.name, number == 0, recording, passage, language, cancelled)
    if rough:
        report(Progress("hearing", len(models), total))
        yield _tried(EngineTranscriber.rough, None, False, recording, passage, "en", cancelled)
    report(Progress("hearing", total, total))


def _tried(
    make: Callable[[], EngineTranscriber],
    name: str | None,
    in_use: bool,
    recording: bytes,
    passage: str,
    language: str | None,
    cancelled: Cancelled,
) -> Trial:
    engine = name or "pocketsphinx"
    try:
        with closing(make()) as hearer:
            engine = hearer.engine or engine
            seconds = hearer.examine(recording).seconds  # which loads the model, too
            began = time.perf_counter()
            events = hearer.transcribe(recording, hearing=Hearing(language=language), cancelled=cancelled)
            heard = " ".join(one.text for one in events if isinstance(one, Segment))
            took = time.perf_counter() - began
    except Stopped:
        raise
    except DiaryError as error:
        return Trial(
            name=name, engine=engine, in_use=in_use, errors=None, speed=0.0, heard="", failure=error.message
        )
    return Trial(
        name=name,
        engine=engine,
        in_use=in_use,
        errors=word_errors(passage, heard),
        speed=seconds / took,
        heard=heard,
    )


def best(trials: Sequence[Trial]) -> Trial | None:
    """The one with the fewest errors among those that keep up, or among all when none does; of two that hear
    equally well, the faster. PocketSphinx only when nothing else hears at all.
    """
    heard = [one for one in trials if one.errors is not None]
    models = [one for one in heard if one.name is not None] or heard
    quick = [one for one in models if one.keeps_up] or models
    return min(quick, key=lambda one: (one.errors.errors if one.errors else 0, -one.speed), default=None)
