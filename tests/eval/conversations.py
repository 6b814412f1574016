"""Finding the turns of long conversations that answer a question: LoCoMo, one turn = one entry.

Questions of category adversarial ask for what was not said so; they are listed apart and not in the total.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from tests.eval.measures import mean, ndcg, percentile, recall
from tests.eval.ways import Line, Way

DEPTH = 10
CATEGORIES = ("single-hop", "multi-hop", "temporal", "open-domain", "adversarial")
GOALS = {"multi-hop": "goal: R@10 .52", "all but adversarial": "goal: R@10 .79, nDCG@10 .61"}


def load(path: Path) -> tuple[list[Line], list[Line]]:
    """Entries as interchange lines, and the questions that have evidence."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    entries = [
        {"id": row["id"], "date": row["date"], "title": row["speaker"], "text": row["text"]}
        for row in rows
        if row["type"] == "entry"
    ]
    return entries, [row for row in rows if row["type"] == "question" and row["evidence"]]


def measure(
    files: Sequence[Path],
    way: Callable[[list[Line]], AbstractContextManager[Way]],
    show: Callable[[str], None],
) -> None:
    """Print R@10 and nDCG@10 for each category and in all."""
    scores: dict[str, list[tuple[float, float]]] = {category: [] for category in CATEGORIES}
    times: list[float] = []
    for path in files:
        entries, questions = load(path)
        lines = [{"q": row["question"], "as_of": row["question_date"], "n": DEPTH} for row in questions]
        with way(entries) as diary:
            documents = diary.find(lines)
        times += [document["ms"] for document in documents]
        for row, document in zip(questions, documents, strict=True):
            found = [hit["source_id"] for hit in document["hits"]]
            gold = row["evidence"]
            scores[row["category"]].append((recall(found, gold, DEPTH), ndcg(found, gold, DEPTH)))
    show(f"{'conversations':<28}{'n':>6}{'R@10':>8}{'nDCG@10':>9}")
    for category in CATEGORIES:
        _row(show, category, scores[category])
    answerable = [score for category in CATEGORIES[:-1] for score in scores[category]]
    _row(show, "all but adversarial", answerable)
    show(f"search: median {percentile(times, 0.5):.1f} ms, 95th percentile {percentile(times, 0.95):.1f} ms")


def _row(show: Callable[[str], None], name: str, scores: list[tuple[float, float]]) -> None:
    recalls, gains = [score[0] for score in scores], [score[1] for score in scores]
    show(
        f"{name:<28}{len(scores):>6}{mean(recalls):>8.3f}{mean(gains):>9.3f}   {GOALS.get(name, '')}".rstrip()
    )
