"""Where the thresholds of `retrieval.sufficiency` come from: fitted to decline most of the questions that the
notes do not answer, while most of the others are answered.

    python -m tests.eval.gate [FOLDER] [--write]

Two diaries are asked: the evaluation diary and our own second one. Every question goes the way that an answer
goes; only the threshold of the judgement changes. All combinations of the values below are tried, and what is
kept declines most, both diaries counting alike, while at least ANSWERED_AT_LEAST of each is answered; among
equals it is the middle one, which a change of the data moves least. What it does for a diary it has not seen
is measured by fitting on one and judging the other. `--write` puts the thresholds into the package, with the
name of the model they belong to. It takes some ten minutes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from unittest.mock import patch

import msgspec

import retrieval
from retrieval.sufficiency import Case, Verdict, judge
from retrieval.thresholds import Fitted, Thresholds, all_fitted, thresholds_for
from tests.eval.__main__ import DEFAULT, show
from tests.eval.inside import Inside, inside, installed_embedder
from tests.eval.measures import mean
from tests.eval.notebook import rows
from tests.eval.ways import Line

ANSWERED_AT_LEAST = 0.86
SECOND = Path(__file__).parent / "second_diary"
TRIED: dict[str, tuple[float, ...]] = {
    "near_topic": (0.30, 0.32, 0.34, 0.36, 0.38),
    "nowhere_near": (0.20, 0.25),
    "nowhere_near_without_words": (0.27, 0.30, 0.33),
    "covered_for_one_missing": (0.35, 0.40, 0.45),
    "on_topic_share": (0.4, 0.5, 0.6),
    "said_otherwise": (0.38, 0.40, 0.42, 0.44, 0.46),
    "several_missing": (0.26, 0.28, 0.30, 0.32),
}


@dataclass(frozen=True)
class Asked:
    """A question of a diary.

    :ivar case: what the judgement rests on; None for what is computed and not judged.
    :ivar answered: whether it was answered, where it was not judged.
    """

    answerable: bool
    case: Case | None
    answered: bool


@dataclass(frozen=True)
class Shares:
    """Answered of the questions with an answer, declined of those without."""

    answered: float
    declined: float


def shares(asked: Sequence[Asked], thresholds: Thresholds) -> Shares:
    """What these thresholds do for the questions of one diary."""
    said = [
        (one, one.answered if one.case is None else judge(one.case, thresholds) is Verdict.ENOUGH)
        for one in asked
    ]
    return Shares(
        mean([enough for one, enough in said if one.answerable]),
        mean([not enough for one, enough in said if not one.answerable]),
    )


Tried = Sequence[tuple[Thresholds, Sequence[Shares]]]
"""Thresholds, and what they do for each diary."""


def tried(diaries: Sequence[Sequence[Asked]]) -> Tried:
    """What every combination does for every diary."""
    combinations = (
        Thresholds(**dict(zip(TRIED, values, strict=True))) for values in product(*TRIED.values())
    )
    return [(one, [shares(asked, one) for asked in diaries]) for one in combinations]


def best(found: Tried, diaries: Sequence[int]) -> tuple[Thresholds, Sequence[Shares]]:
    """The combination that does best for the diaries of these places."""

    def worth(one: tuple[Thresholds, Sequence[Shares]]) -> tuple[float, float, float]:
        chosen = [one[1][place] for place in diaries]
        short = sum(min(share.answered - ANSWERED_AT_LEAST, 0.0) for share in chosen)
        return short, sum(share.declined for share in chosen), sum(share.answered for share in chosen)

    highest = max(worth(one) for one in found)
    equals = [one for one in found if worth(one) == highest]
    return equals[len(equals) // 2]


def asked_of(diary: Inside, questions: list[Line]) -> list[Asked]:
    """Each question as it went through the diary."""
    judged: list[Case] = []

    def remember(case: Case, thresholds: Thresholds) -> Verdict:
        judged.append(case)
        return judge(case, thresholds)

    found = []
    with patch("retrieval.judging.judge", remember):
        for row in questions:
            judged.clear()
            (answer,) = diary.ask([{"q": row["question"], "as_of": row["as_of"]}])
            found.append(Asked(row["answerable"], judged[0] if judged else None, answer["answered"]))
    return found


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.eval.gate", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=DEFAULT)
    parser.add_argument("--write", action="store_true", help="put the thresholds into the package")
    given = parser.parse_args(arguments)
    folders = [given.folder / "diary-dev", SECOND]
    if not folders[0].is_dir():
        show("There is no evaluation data beside the project (../shared/eval), so nothing was measured.")
        return 0
    model = installed_embedder().model
    diaries = []
    for folder in folders:
        with inside(rows(folder / "diary.jsonl")) as diary:
            diaries.append(asked_of(diary, rows(folder / "questions.jsonl")))
    found = tried(diaries)
    fitted, does = best(found, range(len(diaries)))
    unseen = [best(found, [1 - place])[1][place] for place in range(len(diaries))]
    now = thresholds_for(model)
    for folder, asked, seen, not_seen in zip(folders, diaries, does, unseen, strict=True):
        report(
            folder.name, asked, {"as they are": shares(asked, now), "fitted": seen, "on the other": not_seen}
        )
    for name in TRIED:
        show(f"  {name:<38}{getattr(now, name):>6.2f} -> {getattr(fitted, name):.2f}")
    if given.write:
        write(
            Fitted(
                model=model.rpartition("@")[0],
                questions=sum(len(asked) for asked in diaries),
                answered=round(mean([share.answered for share in does]), 3),
                declined=round(mean([share.declined for share in does]), 3),
                held_out=(
                    round(mean([share.answered for share in unseen]), 3),
                    round(mean([share.declined for share in unseen]), 3),
                ),
                thresholds=fitted,
            )
        )
    return 0


def report(name: str, asked: Sequence[Asked], found: dict[str, Shares]) -> None:
    """Print the shares of one diary."""
    judged = sum(one.case is not None for one in asked)
    show(f"{name}: {judged} questions judged, {len(asked) - judged} computed")
    show(f"  {'thresholds':<28}{'answered':>10}{'declined':>10}")
    for what, share in found.items():
        show(f"  {what:<28}{share.answered:>10.3f}{share.declined:>10.3f}")


def write(found: Fitted) -> None:
    """Put the thresholds in the place of those of the same model."""
    others = [one for one in all_fitted() if one.model != found.model]
    path = Path(retrieval.__file__).parent / "thresholds.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode([*others, found]), indent=2) + b"\n")
    show(f"written to {path.name}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
