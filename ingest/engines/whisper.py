"""Whisper, by faster-whisper: utterances into segments and words. Runs inside the engine process.

The files are hashed, then loaded, and must be the same files, unchanged, when that is done: no write leaves a
file's times as they were. (Loading the hashed bytes themselves would keep a second copy of the weights in
memory for good: CTranslate2 4.8 does.) Nothing is asked of a network; a missing file would make
faster-whisper ask.

Decoding: int8, beam 5, the temperatures of the library when a result looks wrong, one language for the whole
recording, no text of one window given to the next (a mistake would be repeated), no limit on new tokens (half
of it would be used), the person's own names in every window. Utterances are ours, not the library's, so
memory is bounded and every second is accounted for.

Not here: how the library's words become ours (`spelling`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"  # read at import by what faster-whisper imports

from faster_whisper import WhisperModel

from diary.engine.messages import FailureCode, Heard
from diary.engine.models import read_model, sha256
from diary.engine.service import JobFailed
from diary.errors import DiaryError
from diary.model.speech import Hearing
from ingest.engines.hotwords import within_budget
from ingest.engines.service import SpeechService
from ingest.engines.silence import Utterance
from ingest.engines.spelling import placed

BEAM = 5
LOOPING = 2.4
"""Text that gzip shrinks more than this repeats itself (Radford et al. 2022, section 4.5)."""

SAME_IN_A_ROW = 2
MOST_THREADS = 4
FILLED = 14 / 15
"""Of what the encoder takes at once: 28 of 30 seconds."""

RESIDUE_SECONDS = 0.35
"""What is left of an utterance after its last words is the margin after speech: what is heard there is made
up.
"""

_SEEK = 100  # the library counts places in hundredths of a second


def serve(paths: list[Path]) -> SpeechService:
    """The service: Whisper from the imported folder `paths[0]`."""
    try:
        model = read_model(paths[0])
    except DiaryError as error:
        raise JobFailed(FailureCode.MODEL_DAMAGED) from error
    files = {file.name: file.sha256 for file in model.manifest.files}
    threads = min(MOST_THREADS, max(1, (os.cpu_count() or 2) - 1))
    return SpeechService(Whisper(paths[0], files, threads=threads))


class Whisper:
    """A loaded model. Satisfies `ingest.engines.recogniser.Recogniser`.

    :param folder: holds the files.
    :param files: their SHA-256 digests by name.
    :raises JobFailed: MODEL_DAMAGED, when bytes and digests differ, or the bytes are no model.
    """

    def __init__(self, folder: Path, files: Mapping[str, str], *, threads: int) -> None:
        try:
            seen = _stamps(folder, files)
            if any(sha256(folder / name) != digest for name, digest in files.items()):
                raise JobFailed(FailureCode.MODEL_DAMAGED)
            self._model = WhisperModel(
                str(folder), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
            )
            if _stamps(folder, files) != seen:
                raise JobFailed(FailureCode.MODEL_DAMAGED)
        except JobFailed:
            raise
        except Exception as error:  # the libraries raise RuntimeError, ValueError and bare Exception
            raise JobFailed(FailureCode.MODEL_DAMAGED) from error
        self.joins = True
        self.window = FILLED * self._model.feature_extractor.chunk_length

    def hearer(self, hearing: Hearing) -> WhisperHearer:
        """For a new recording.

        :raises JobFailed: LANGUAGE_UNKNOWN, when the model was trained on none of the languages.
        """
        known = self._model.supported_languages
        asked = (hearing.language,) if hearing.language else hearing.languages
        among = [code for code in asked if code in known]
        if asked and not among:
            raise JobFailed(FailureCode.LANGUAGE_UNKNOWN)
        if not self._model.model.is_multilingual:
            among = ["en"]
        return WhisperHearer(self._model, among, within_budget(hearing.hotwords, self._tokens) or None)

    def _tokens(self, text: str) -> int:
        return len(self._model.hf_tokenizer.encode(text, add_special_tokens=False).ids)


def _stamps(folder: Path, names: Iterable[str]) -> list[tuple[int, ...]]:
    """What changes when a file is replaced or written to."""
    return [
        (one.st_dev, one.st_ino, one.st_mode, one.st_size, one.st_mtime_ns, one.st_ctime_ns)
        for one in ((folder / name).lstat() for name in sorted(names))
    ]


class WhisperHearer:
    """Hears one recording. Satisfies `ingest.engines.recogniser.Hearer`.

    :param among: languages; one is fixed, none are all. :param hotwords: for every window.
    """

    def __init__(self, model: WhisperModel, among: Sequence[str], hotwords: str | None) -> None:
        self._model = model
        self._among = among
        self._language = among[0] if len(among) == 1 else None
        self._hotwords = hotwords
        self._last, self._repeated = "", 0

    def attune(self, first: Utterance) -> None:
        """Decide on the language: the likeliest of those that are allowed."""
        if self._language is None:
            best, _, likely = self._model.detect_language(first.samples)
            allowed = [code for code, _ in sorted(likely, key=lambda one: -one[1]) if code in self._among]
            self._language = next(iter(allowed), best)

    def words(self, utterance: Utterance, cancelled: Callable[[], bool]) -> Iterator[Heard]:
        """Segments with their words; the third of the same segments in a row is a loop, and dropped."""
        self.attune(utterance)
        decoded, info = self._model.transcribe(
            utterance.samples,
            language=self._language,
            beam_size=BEAM,
            condition_on_previous_text=False,
            vad_filter=False,
            word_timestamps=True,
            hotwords=self._hotwords,
        )
        for segment in decoded:  # lazily: each window is decoded when its first segment is asked for
            if cancelled() or segment.seek / _SEEK >= utterance.seconds - RESIDUE_SECONDS:
                return
            text = " ".join(segment.text.split())
            self._repeated = self._repeated + 1 if text.casefold() == self._last else 1
            self._last = text.casefold()
            if text and self._repeated <= SAME_IN_A_ROW and segment.compression_ratio <= LOOPING:
                yield from placed(segment, utterance, info.language)
