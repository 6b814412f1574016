"""Where the constants of `retrieval.sufficiency` come from: how much each declines, rightly and wrongly.

    python -m tests.eval.gate [FOLDER]

Tries values around each constant, one at a time, on the fictional diary, and prints what share of the
questions with an answer is answered and of those without is declined. The chosen ones decline most while at
least 85 % of the questions with an answer are answered: more would be fitted to this one diary.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import retrieval.sufficiency as sufficiency
from retrieval.sufficiency import Verdict
from tests.eval.__main__ import DEFAULT, show
from tests.eval.inside import Inside, inside, question_of
from tests.eval.measures import mean
from tests.eval.notebook import rows
from tests.eval.ways import Line

TRIED: dict[str, tuple[float, ...]] = {
    "NEAR_TOPIC": (0.30, 0.34, 0.38, 0.42, 0.46),
    "NOWHERE_NEAR": (0.0, 0.20, 0.25, 0.30),
    "NOWHERE_NEAR_WITHOUT_WORDS": (0.0, 0.30, 0.33, 0.36),
    "COVERED_FOR_ONE_MISSING": (0.0, 0.35, 0.45, 0.55),
    "ON_TOPIC_SHARE": (0.0, 0.25, 0.5, 0.75),
}


def verdicts(diary: Inside, questions: list[Line]) -> list[Verdict]:
    """What is said of each question under the constants as they are."""
    asked = [question_of({"q": row["question"], "as_of": row["as_of"]}) for row in questions]
    return [diary.answerer.verdict(one, diary.searcher.passages(one)) for one in asked]


def shares(questions: list[Line], said: list[Verdict]) -> tuple[float, float]:
    """Answered of those with an answer, declined of those without."""
    enough = [verdict is Verdict.ENOUGH for verdict in said]
    answered = [one for row, one in zip(questions, enough, strict=True) if row["answerable"]]
    declined = [not one for row, one in zip(questions, enough, strict=True) if not row["answerable"]]
    return mean(answered), mean(declined)


def main(arguments: list[str]) -> int:
    folder = Path(arguments[0]) if arguments else DEFAULT
    if not (folder / "diary-dev").is_dir():
        show("There is no evaluation data beside the project (../shared/eval), so nothing was measured.")
        return 0
    questions = rows(folder / "diary-dev" / "questions.jsonl")
    with inside(rows(folder / "diary-dev" / "diary.jsonl")) as diary:
        said = verdicts(diary, questions)
        for answerable in (True, False):
            counts = Counter(
                verdict
                for row, verdict in zip(questions, said, strict=True)
                if row["answerable"] is answerable
            )
            show(f"answerable: {answerable}")
            for verdict, count in counts.most_common():
                show(f"  {verdict.value:<55}{count:>4}")
        show(f"{'constant':<30}{'value':>7}{'answered':>10}{'declined':>10}")
        for name, values in TRIED.items():
            kept = getattr(sufficiency, name)
            for value in values:
                setattr(sufficiency, name, value)
                answered, declined = shares(questions, verdicts(diary, questions))
                chosen = "   as chosen" if value == kept else ""
                show(f"{name:<30}{value:>7.2f}{answered:>10.3f}{declined:>10.3f}{chosen}")
            setattr(sufficiency, name, kept)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
