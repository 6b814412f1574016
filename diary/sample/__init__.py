"""The sample diary of the demo: an invented person's year in the interchange format, and questions about it.

The person, everyone she meets and all that happens are made up, for this program. Five questions come with
the entries that answer them: a fact, a paraphrase that shares no content word with its entry, a range of
time, a number, and one that the diary does not answer.

Not here: importing it (`ingest.importing`) and asking (`diary.cli.demo`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from importlib import resources
from pathlib import Path

from diary.sample.recording import spoken_sample

__all__ = ["DemoQuestion", "diary_file", "questions", "spoken_sample"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoQuestion:
    """A question to the sample diary.

    :ivar as_of: the day that "today" means.
    :ivar evidence: source ids of the entries that answer it; empty when the diary does not say.
    :ivar value: the number that answers it, in the metric's unit; None when it asks for none.
    :ivar about: what the question shows, for the reader of the demo.
    """

    question: str
    as_of: date
    evidence: tuple[str, ...]
    about: str
    value: float | None = None


def diary_file() -> Path:
    """The sample diary, JSON lines; a file of the installed package (never unpacked to a temporary place)."""
    return _file("diary.jsonl")


def questions() -> tuple[DemoQuestion, ...]:
    """The questions, in the order in which the demo asks them."""
    return tuple(
        DemoQuestion(
            question=asked["question"],
            as_of=date.fromisoformat(asked["as_of"]),
            evidence=tuple(asked["evidence"]),
            about=asked["about"],
            value=asked.get("value"),
        )
        for asked in json.loads(_file("questions.json").read_text(encoding="utf-8"))
    )


def _file(name: str) -> Path:
    found = resources.files("diary.sample").joinpath(name)
    if not isinstance(found, Path):
        raise FileNotFoundError(f"{name} is not a file on the disk: the program must be installed unpacked")
    return found
