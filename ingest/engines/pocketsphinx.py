"""Rough drafts by PocketSphinx: its English model is in its wheel. Runs inside the engine process.

About every fifth word of read speech is wrong, and its own posterior says nothing about which. So the words
are a draft to recognise a recording by, marked as one, with confidence 0 = unknown and not told apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from pocketsphinx import Decoder, get_model_path, set_loglevel

from diary.engine.messages import FailureCode, Heard
from diary.engine.service import JobFailed
from diary.model.speech import Hearing
from ingest.engines.service import SpeechService
from ingest.engines.silence import Utterance


def serve(paths: list[Path]) -> SpeechService:
    """The service; `paths` is empty, the model is found in its package."""
    return SpeechService(RoughDraft())


class RoughDraft:
    """The loaded decoder, with its defaults: wider beams cost minutes and change nothing (measured).

    Satisfies `ingest.engines.recogniser.Recogniser`, and hears every recording alike.
    """

    window = 28.0
    joins = False

    def __init__(self) -> None:
        set_loglevel("FATAL")
        self._decoder = Decoder(
            hmm=get_model_path("en-us/en-us"),
            lm=get_model_path("en-us/en-us.lm.bin"),
            dict=get_model_path("en-us/cmudict-en-us.dict"),
            samprate=16000,
        )

    def hearer(self, hearing: Hearing) -> RoughDraft:
        """For a recording in English.

        :raises JobFailed: LANGUAGE_UNKNOWN for anything else.
        """
        allowed = (hearing.language,) if hearing.language else hearing.languages
        if allowed and "en" not in allowed:
            raise JobFailed(FailureCode.LANGUAGE_UNKNOWN)
        return self

    def attune(self, first: Utterance) -> None:
        """There is nothing to decide."""

    def words(self, utterance: Utterance, cancelled: Callable[[], bool]) -> Iterator[Heard]:
        """One draft, when words were found."""
        pcm = (np.clip(utterance.samples, -1.0, 1.0) * 32767).astype("<i2").tobytes()
        self._decoder.start_utt()
        # Whole, so that loudness is normalised over all of it: 22.6 % of words wrong, in parts 24.7 %.
        self._decoder.process_raw(pcm, no_search=False, full_utt=True)
        self._decoder.end_utt()
        best = self._decoder.hyp()
        if best is not None and best.hypstr.strip():
            yield Heard(round(utterance.start, 2), round(utterance.end, 2), best.hypstr.strip(), 0.0)
