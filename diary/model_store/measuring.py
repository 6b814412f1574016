"""How fast an installed model is on this machine, in a few seconds: what a person compares two models by.

Figures are wall time, beside whatever else the machine does: a busy machine gives lower ones.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from diary.engine.embedder import EngineEmbedder
from diary.engine.language_model import EngineLanguageModel
from diary.engine.models import ModelFolder
from diary.engine.transcriber import EngineTranscriber
from diary.engine.whisper_folder import described
from diary.errors import EngineFailed, Stopped
from diary.model.progress import Cancelled, Progress, Report, never, silent
from diary.model.speech import Hearing
from diary.model_store.trying import peak_of
from diary.provisioning.sample_sentences import SAMPLE_SENTENCES
from retrieval.ports import ChatMessage

_ROUNDS = 4  # times the sample sentences
_QUESTIONS = 10
_PROMPT = " ".join(SAMPLE_SENTENCES)
"""About 500 tokens in most vocabularies."""

_WRITTEN = 48  # tokens, as many as one sentence of a summary may have


@dataclass(frozen=True, slots=True)
class Speed:
    """Figures by name, in units that the name gives; `peak_memory` in bytes, 0 when nobody says."""

    figures: dict[str, float]
    peak_memory: int


def measure(model: ModelFolder, *, report: Report = silent, cancelled: Cancelled = never) -> Speed:
    """Load the model, warm it up, and time it.

    :raises diary.errors.DiaryError: when it cannot be loaded or fails; Stopped when `cancelled` said so.
    """
    report(Progress("measuring", 0, None))
    match model.manifest.kind:
        case "embedder":
            return _embedding(model, cancelled)
        case "language":
            return _writing(model, cancelled)
        case "speech":
            return _hearing(model, cancelled)


def _embedding(model: ModelFolder, cancelled: Cancelled) -> Speed:
    with closing(EngineEmbedder(model)) as embedder:
        began = time.perf_counter()
        embedder.embed(SAMPLE_SENTENCES[:1])
        loaded = time.perf_counter() - began
        began = time.perf_counter()
        for _ in range(_ROUNDS):
            _unless(cancelled)
            embedder.embed(SAMPLE_SENTENCES)
        whole = time.perf_counter() - began
        began = time.perf_counter()
        for question in SAMPLE_SENTENCES[:_QUESTIONS]:
            embedder.embed([question])
        one = (time.perf_counter() - began) / _QUESTIONS
        texts = _ROUNDS * len(SAMPLE_SENTENCES)
        figures = {"load_seconds": loaded, "texts_per_second": texts / whole, "query_ms": 1000 * one}
        return Speed(figures, peak_of(embedder.pid))


def _writing(model: ModelFolder, cancelled: Cancelled) -> Speed:
    with closing(EngineLanguageModel(model)) as language_model:
        began = time.perf_counter()
        for _ in _pieces(language_model, "Say hello.", 1, cancelled):
            pass
        loaded = time.perf_counter() - began
        began = time.perf_counter()
        first = 0.0
        for _ in _pieces(
            language_model, f"{_PROMPT}\n\nTell this again in your own words.", _WRITTEN, cancelled
        ):
            first = first or time.perf_counter()
        ended = time.perf_counter()
        counts = language_model.last
        if not first or not counts.evaluated:
            raise EngineFailed("The model wrote nothing, so there is nothing to measure.")
        figures = {
            "load_seconds": loaded,
            "prefill_tokens_per_second": counts.evaluated / (first - began),
            "prompt_tokens": float(counts.evaluated),
        }
        if counts.generated > 1 and ended > first:
            figures["decode_tokens_per_second"] = (counts.generated - 1) / (ended - first)
        return Speed(figures, peak_of(language_model.pid))


def _hearing(model: ModelFolder, cancelled: Cancelled) -> Speed:
    from diary.sample.recording import spoken_sample

    sound = spoken_sample()
    with closing(EngineTranscriber(described(model))) as transcriber:
        began = time.perf_counter()
        seconds = transcriber.examine(sound).seconds
        loaded = time.perf_counter() - began
        began = time.perf_counter()
        for _ in transcriber.transcribe(sound, hearing=Hearing(), cancelled=cancelled):
            pass
        took = time.perf_counter() - began
        figures = {"load_seconds": loaded, "seconds_of_sound_per_second": seconds / took}
        return Speed(figures, peak_of(transcriber.pid))


def _pieces(model: EngineLanguageModel, text: str, most: int, cancelled: Cancelled) -> Iterator[str]:
    """What the model writes, without the beats between."""
    for untrusted_piece in model.stream([ChatMessage("user", text)], max_tokens=most):
        _unless(cancelled)
        if untrusted_piece:
            yield untrusted_piece


def _unless(cancelled: Cancelled) -> None:
    if cancelled():
        raise Stopped("Stopped. Nothing was changed.")
