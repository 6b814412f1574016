"""Where the thresholds of `retrieval.sufficiency` come from: fitted to decline most of the questions that the
notes do not answer, while most of the others are answered.

    python -m tests.eval.gate [FOLDER] [--write]

Two diaries are asked: the evaluation diary and our own second one. Every question goes the way that an answer
goes; only the threshold of the judgement changes. What is kept declines most, both diaries counting alike,
while at least ANSWERED_AT_LEAST of each is answered; among equals it is the middle one, which a change of the
data moves least. Of the 5,400 combinations of the values below a coarse grid is tried first; then, around the
best, all combinations of any two thresholds, again and again until none does better. What it does for a diary
it has not seen is measured by fitting on one and judging the other. `--write` puts the thresholds into the
package, with the name of the model they belong to.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product
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


Place = tuple[int, ...]
"""Which of its values each of TRIED has."""


class Judged:
    """What thresholds do for the diaries, each combination tried at most once."""

    def __init__(self, diaries: Sequence[Sequence[Asked]]) -> None:
        self._diaries = diaries
        self._known: dict[Place, Sequence[Shares]] = {}

    def __len__(self) -> int:
        return len(self._known)

    def does(self, place: Place) -> Sequence[Shares]:
        """What the combination at this place does for each diary."""
        if place not in self._known:
            self._known[place] = [shares(asked, thresholds_at(place)) for asked in self._diaries]
        return self._known[place]


def thresholds_at(place: Place) -> Thresholds:
    """The values at this place."""
    return Thresholds(**{name: TRIED[name][at] for name, at in zip(TRIED, place, strict=True)})


def coarse() -> list[Place]:
    """Every second value of each threshold, in all combinations."""
    return list(product(*(range(0, len(values), 2) for values in TRIED.values())))


def beside(place: Place) -> list[Place]:
    """This place, and all that differ from it in one threshold or in two."""
    sizes = [range(len(values)) for values in TRIED.values()]
    found = {place}
    for one, other in combinations(range(len(place)), 2):
        for first, second in product(sizes[one], sizes[other]):
            moved = list(place)
            moved[one], moved[other] = first, second
            found.add(tuple(moved))
    return sorted(found)


def fit(judged: Judged, diaries: Sequence[int]) -> Place:
    """The combination that does best for the diaries of these numbers."""

    def worth(place: Place) -> tuple[float, float, float]:
        chosen = [judged.does(place)[number] for number in diaries]
        short = sum(min(share.answered - ANSWERED_AT_LEAST, 0.0) for share in chosen)
        return short, sum(share.declined for share in chosen), sum(share.answered for share in chosen)

    def middle_of_best(places: Sequence[Place]) -> Place:
        highest = max(map(worth, places))
        equals = [place for place in places if worth(place) == highest]
        return equals[len(equals) // 2]

    place = middle_of_best(coarse())
    while worth(better := middle_of_best(beside(place))) > worth(place):
        place = better
    return better


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
    judged = Judged(diaries)
    place = fit(judged, range(len(diaries)))
    fitted, does = thresholds_at(place), judged.does(place)
    unseen = [judged.does(fit(judged, [1 - number]))[number] for number in range(len(diaries))]
    show(f"{len(judged)} combinations tried")
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
