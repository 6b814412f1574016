"""Word error rate on read speech, through the product's own path: `python -m tests.eval_speech [FOLDER]`.

FOLDER is a Whisper for CTranslate2; without one PocketSphinx is measured, the rough draft. The data are in
`../shared/eval/speech-dev` beside the checkout: recordings, and `speech.tsv` with their transcripts. Without
them there is nothing to measure, and it says so.

The rate is `ingest.word_errors`' over all recordings, as if they were one.
"""

from __future__ import annotations

import csv
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from diary.engine.transcriber import EngineTranscriber
from diary.engine.whisper_folder import check_whisper_folder
from diary.model.speech import Hearing, Segment
from ingest.ports import Transcriber
from ingest.word_errors import WordErrors, word_errors

DATA = Path(__file__).parents[2] / "shared" / "eval" / "speech-dev"


@dataclass(frozen=True, slots=True)
class Measured:
    """Errors and words over all recordings, seconds of sound, seconds of work."""

    errors: WordErrors
    sound: float
    work: float


def measure(hearer: Transcriber, data: Path = DATA) -> Measured | None:
    """The error rate of `hearer`; None when there is no data."""
    if not (data / "speech.tsv").is_file():
        return None
    errors, sound, began = WordErrors(0, 0), 0.0, time.monotonic()
    with (data / "speech.tsv").open(newline="") as table:
        for row in csv.DictReader(table, delimiter="\t"):
            recording = (data / row["file"]).read_bytes()
            sound += hearer.examine(recording).seconds
            heard = " ".join(
                one.text
                for one in hearer.transcribe(recording, hearing=Hearing(language="en"))
                if isinstance(one, Segment)
            )
            errors += word_errors(row["transcript"], heard)
    return Measured(errors, sound, time.monotonic() - began)


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
    print(
        f"speech: {hearer.engine}: word error rate {100 * found.errors.rate:.1f} % "
        f"({found.errors.errors} of {found.errors.words}), "
        f"{found.work / found.sound:.2f} s of work for one of sound"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
