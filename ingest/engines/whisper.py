"""Whisper, by faster-whisper: utterances into segments. Runs inside the engine process.

The weights are read once, hashed, and the very bytes that were hashed are loaded: nothing on the disk is
opened again, and nothing is asked of a network (a missing file would make faster-whisper ask).

Decoding: int8, beam 5, the temperatures of the library when a result looks wrong, one language for the whole
recording, no text of one window given to the next (a mistake would be repeated), no limit on new tokens (half
of it would be used). Utterances are ours, not the library's, so memory is bounded and every second is
accounted for.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"  # read at import by what faster-whisper imports

from faster_whisper import WhisperModel
from faster_whisper.transcribe import Segment as Decoded

from diary.engine.messages import FailureCode, Heard
from diary.engine.models import read_model
from diary.engine.service import JobFailed
from diary.errors import DiaryError
from ingest.engines.service import SpeechService
from ingest.engines.silence import Utterance

BEAM = 5
LOOPING = 2.4
"""Text that gzip shrinks more than this repeats itself (Radford et al. 2022, section 4.5)."""

SAME_IN_A_ROW = 2
MOST_THREADS = 4


def serve(paths: list[Path]) -> SpeechService:
    """The service: Whisper from the imported folder `paths[0]`."""
    try:
        model = read_model(paths[0])
    except DiaryError as error:
        raise JobFailed(FailureCode.MODEL_DAMAGED) from error
    files = {file.name: file.sha256 for file in model.manifest.files}
    threads = min(MOST_THREADS, max(1, (os.cpu_count() or 2) - 1))
    return SpeechService(Whisper(paths[0], files, threads=threads).segments)


class Whisper:
    """A loaded model.

    :param folder: holds the files.
    :param files: their SHA-256 digests by name.
    :raises JobFailed: MODEL_DAMAGED, when bytes and digests differ, or the bytes are no model.
    """

    def __init__(self, folder: Path, files: Mapping[str, str], *, threads: int) -> None:
        contents: dict[str, bytes] = {}
        for name, digest in files.items():
            try:
                contents[name] = (folder / name).read_bytes()
            except OSError as error:
                raise JobFailed(FailureCode.MODEL_DAMAGED) from error
            if hashlib.sha256(contents[name]).hexdigest() != digest:
                raise JobFailed(FailureCode.MODEL_DAMAGED)
        try:
            self._model = WhisperModel(
                folder.name, device="cpu", compute_type="int8", cpu_threads=threads, files=contents
            )
        except Exception as error:  # the libraries raise RuntimeError, ValueError and bare Exception
            raise JobFailed(FailureCode.MODEL_DAMAGED) from error

    def segments(
        self, utterances: Iterable[Utterance], language: str | None, cancelled: Callable[[], bool]
    ) -> Iterator[Heard]:
        """Words of all utterances in order; without a language the first utterance decides for all.

        :raises JobFailed: LANGUAGE_UNKNOWN, at once, when the model was not trained on the language.
        """
        if language is not None and language not in self._model.supported_languages:
            raise JobFailed(FailureCode.LANGUAGE_UNKNOWN)
        return self._segments(utterances, language, cancelled)

    def _segments(
        self, utterances: Iterable[Utterance], language: str | None, cancelled: Callable[[], bool]
    ) -> Iterator[Heard]:
        last, repeated = "", 0
        for utterance in utterances:
            decoded, info = self._model.transcribe(
                utterance.samples,
                language=language,
                beam_size=BEAM,
                condition_on_previous_text=False,
                vad_filter=False,
            )
            language = info.language
            for segment in decoded:  # lazily: each is decoded when it is asked for
                if cancelled():
                    return
                text = " ".join(segment.text.split())
                repeated = repeated + 1 if text.casefold() == last else 1
                last = text.casefold()
                if text and repeated <= SAME_IN_A_ROW and segment.compression_ratio <= LOOPING:
                    yield _placed(segment, text, utterance)


def _placed(segment: Decoded, text: str, utterance: Utterance) -> Heard:
    """The segment in the recording's time; the model's own times may overrun its window."""
    start = min(utterance.start + max(0.0, segment.start), utterance.end)
    end = min(utterance.start + segment.end, utterance.end)
    confidence = min(1.0, math.exp(min(0.0, segment.avg_logprob)))
    return Heard(round(start, 2), round(max(start, end), 2), text, round(confidence, 3))
