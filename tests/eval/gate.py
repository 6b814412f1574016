"""Where the thresholds of `retrieval.sufficiency` come from: fitted to decline most of the questions that the
notes do not answer, while most of the others are answered.

    python -m tests.eval.gate [FOLDER] [--write]

Two diaries are asked: the evaluation diary and our own second one. Only questions that reach the judgement
count: what is computed from observations is not judged by nearness. The fit goes round the thresholds, one at
a time over the values below, and keeps what declines most while at least ANSWERED_AT_LEAST is answered; among
equals it takes the middle, which a change of the data moves least. What it does for a diary it has not seen
is measured by fitting on one and judging the other. `--write` puts the thresholds into the package, with the
name of the model they belong to.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
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

ANSWERED_AT_LEAST = 0.87
SECOND = Path(__file__).parent / "second_diary"
ROUNDS = 3
TRIED: dict[str, tuple[float, ...]] = {
    "near_topic": (0.30, 0.32, 0.34, 0.36, 0.38, 0.40, 0.42),
    "nowhere_near": (0.0, 0.15, 0.20, 0.25, 0.30),
    "nowhere_near_without_words": (0.0, 0.27, 0.30, 0.33, 0.36),
    "covered_for_one_missing": (0.0, 0.25, 0.35, 0.40, 0.45, 0.50, 0.55, 0.65),
    "on_topic_share": (0.25, 0.4, 0.5, 0.6, 0.75),
    "said_otherwise": (0.36, 0.38, 0.40, 0.42, 0.44, 0.46, 0.48, 0.50),
    "several_missing": (0.0, 0.24, 0.26, 0.28, 0.30, 0.32, 0.34),
}


@dataclass(frozen=True)
class Known:
    """A case, and whether the notes answer it."""

    case: Case
    answerable: bool


def shares(known: Sequence[Known], thresholds: Thresholds) -> tuple[float, float]:
    """Answered of those with an answer, declined of those without."""
    enough = [(one, judge(one.case, thresholds) is Verdict.ENOUGH) for one in known]
    return (
        mean([said for one, said in enough if one.answerable]),
        mean([not said for one, said in enough if not one.answerable]),
    )


def worth(known: Sequence[Known], thresholds: Thresholds) -> tuple[float, float]:
    """What the fit makes large: enough answered first, then declined, then answered."""
    answered, declined = shares(known, thresholds)
    return min(answered - ANSWERED_AT_LEAST, 0.0) * 100 + declined, answered


def fit(known: Sequence[Known], start: Thresholds) -> Thresholds:
    """The thresholds after a few rounds of one at a time."""
    found = start
    for _ in range(ROUNDS):
        for name, values in TRIED.items():
            tried = [msgspec.structs.replace(found, **{name: value}) for value in values]
            worths = [worth(known, one) for one in tried]
            best = [place for place, one in enumerate(worths) if one == max(worths)]
            found = tried[best[len(best) // 2]]
    return found


def held_out(diaries: Sequence[Sequence[Known]], start: Thresholds) -> tuple[float, float]:
    """Shares over all questions, each diary judged by thresholds that were fitted on the others."""
    said: list[tuple[Known, bool]] = []
    for left_out in diaries:
        others = [one for diary in diaries if diary is not left_out for one in diary]
        fitted = fit(others, start)
        said += [(one, judge(one.case, fitted) is Verdict.ENOUGH) for one in left_out]
    return (
        mean([enough for one, enough in said if one.answerable]),
        mean([not enough for one, enough in said if not one.answerable]),
    )


def known_cases(diary: Inside, questions: list[Line]) -> tuple[list[Known], list[tuple[bool, bool]]]:
    """The cases of the questions that are judged; of the others whether they are answerable and answered."""
    judged: list[Case] = []

    def remember(case: Case, thresholds: Thresholds) -> Verdict:
        judged.append(case)
        return judge(case, thresholds)

    known, others = [], []
    with patch("retrieval.judging.judge", remember):
        for row in questions:
            judged.clear()
            (answer,) = diary.ask([{"q": row["question"], "as_of": row["as_of"]}])
            if judged:
                known.append(Known(judged[0], row["answerable"]))
            else:
                others.append((row["answerable"], answer["answered"]))
    return known, others


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
    now = thresholds_for(model)
    diaries = []
    for folder in folders:
        with inside(rows(folder / "diary.jsonl")) as diary:
            known, others = known_cases(diary, rows(folder / "questions.jsonl"))
        rest = [answered is answerable for answerable, answered in others]
        show(
            f"{folder.name}: {len(known)} questions judged, {len(rest)} computed, {sum(rest)} of them rightly"
        )
        diaries.append(known)
    known = [one for diary in diaries for one in diary]
    fitted = fit(known, now)
    answered, declined = (round(share, 3) for share in shares(known, fitted))
    unseen_answered, unseen_declined = (round(share, 3) for share in held_out(diaries, now))
    found = Fitted(
        model=model.rpartition("@")[0],
        questions=len(known),
        answered=answered,
        declined=declined,
        held_out=(unseen_answered, unseen_declined),
        thresholds=fitted,
    )
    report(known, now, found)
    if given.write:
        write(found)
    return 0


def report(known: Sequence[Known], now: Thresholds, found: Fitted) -> None:
    """Print what is declined and why, and the shares now, fitted and held out."""
    for answerable in (True, False):
        counts = Counter(judge(one.case, now) for one in known if one.answerable is answerable)
        show(f"answerable: {answerable}")
        for verdict, count in counts.most_common():
            show(f"  {verdict.value:<55}{count:>4}")
    answered, declined = shares(known, now)
    show(f"{'thresholds':<30}{'answered':>10}{'declined':>10}")
    show(f"{'as they are':<30}{answered:>10.3f}{declined:>10.3f}")
    show(f"{'fitted':<30}{found.answered:>10.3f}{found.declined:>10.3f}")
    show(f"{'fitted on the other diary':<30}{found.held_out[0]:>10.3f}{found.held_out[1]:>10.3f}")
    for name in TRIED:
        show(f"  {name:<38}{getattr(now, name):>6.2f} -> {getattr(found.thresholds, name):.2f}")


def write(found: Fitted) -> None:
    """Put the thresholds in the place of those of the same model."""
    others = [one for one in all_fitted() if one.model != found.model]
    path = Path(retrieval.__file__).parent / "thresholds.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode([*others, found]), indent=2) + b"\n")
    show(f"written to {path.name}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
