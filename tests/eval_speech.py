"""Word error rate on read speech, through the product's own path: `python -m tests.eval_speech [FOLDER]`.

FOLDER is a Whisper for CTranslate2; without one PocketSphinx is measured, the rough draft. The data are in
`../shared/eval/speech-dev` beside the checkout: recordings, and `speech.tsv` with their transcripts. Without
them there is nothing to measure, and it says so.

The rate is (substitutions + deletions + insertions) / words of the transcript, summed over all recordings, on
lower-case words without punctuation.
"""

from __future__ import annotations

import csv
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from diary.engine.transcriber import EngineTranscriber
from diary.engine.whisper_folder import check_whisper_folder
from diary.model.speech import Hearing, Segment
from ingest.ports import Transcriber

DATA = Path(__file__).parents[2] / "shared" / "eval" / "speech-dev"


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """Errors and words over all recordings, seconds of sound, seconds of work."""

    errors: int
    words: int
    sound: float
    work: float


def measure(hearer: Transcriber, data: Path = DATA) -> ErrorRate | None:
    """The error rate of `hearer`; None when there is no data."""
    if not (data / "speech.tsv").is_file():
        return None
    errors, words, sound, began = 0, 0, 0.0, time.monotonic()
    with (data / "speech.tsv").open(newline="") as table:
        for row in csv.DictReader(table, delimiter="\t"):
            recording = (data / row["file"]).read_bytes()
            sound += hearer.examine(recording).seconds
            heard = " ".join(
                one.text
                for one in hearer.transcribe(recording, hearing=Hearing(language="en"))
                if isinstance(one, Segment)
            )
            wanted = normalised(row["transcript"])
            errors += distance(wanted, normalised(heard))
            words += len(wanted)
    return ErrorRate(errors, words, sound, time.monotonic() - began)


def normalised(text: str) -> list[str]:
    """Lower-case words, apostrophes kept, everything else between them dropped."""
    return re.findall(r"[a-z']+", text.lower())


def distance(wanted: Sequence[str], heard: Sequence[str]) -> int:
    """Fewest substitutions, deletions and insertions that make one the other (Levenshtein 1966)."""
    row = list(range(len(heard) + 1))
    for at, word in enumerate(wanted, start=1):
        before, row = row, [at, *([0] * len(heard))]
        for other, guess in enumerate(heard, start=1):
            row[other] = min(before[other] + 1, row[other - 1] + 1, before[other - 1] + (word != guess))
    return row[-1]


def main(arguments: Sequence[str]) -> int:
    """Measure and print one line."""
    hearer = (
        EngineTranscriber(check_whisper_folder(Path(arguments[0])))
        if arguments
        else EngineTranscriber.rough()
    )
    try:
        found = measure(hearer)
    finally:
        hearer.close()
    if found is None:
        print(f"speech: skipped, there is no {DATA}")
        return 0
    rate = 100 * found.errors / found.words
    print(
        f"speech: {hearer.engine}: word error rate {rate:.1f} % ({found.errors} of {found.words}), "
        f"{found.work / found.sound:.2f} s of work for one of sound"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
