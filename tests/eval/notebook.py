"""Finding, quoting and declining: a fictional health diary with gold questions, some without an answer."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from tests.eval.figures import show_figures
from tests.eval.injected import show_injections, without_injections
from tests.eval.measures import hit, mean, recall
from tests.eval.summaries import show_summaries
from tests.eval.ways import Line, Way

DEPTH = 10


def rows(path: Path) -> list[Line]:
    """The JSON lines of a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


Open = Callable[[list[Line]], AbstractContextManager[Way]]


def measure(
    folder: Path,
    way: Open,
    quotes_only: Open,
    show: Callable[[str], None],
    *,
    name: str = "health diary",
) -> None:
    """Print evidence found by type, and how often the diary answers, declines, and quotes verbatim.

    :param quotes_only: the same way without a model that writes, for what does not hang on one.
    """
    entries, questions = rows(folder / "diary.jsonl"), rows(folder / "questions.jsonl")
    lines = [{"q": row["question"], "as_of": row["as_of"], "n": DEPTH} for row in questions]
    with way(entries) as diary:
        found = diary.find(lines)
        answers = diary.ask(lines)
    with quotes_only(without_injections(entries)) as diary:
        untouched = diary.ask(lines)
    _show_found(name, questions, found, show)
    texts = {entry["id"]: entry["text"] for entry in entries}
    _show_answers(questions, answers, texts, show)
    show_summaries(answers, show)
    show_injections(questions, answers, untouched, show)
    show_figures(list(zip(questions, answers, strict=True)), show, misses=True)


def _show_found(diary: str, questions: list[Line], found: list[Line], show: Callable[[str], None]) -> None:
    by_type: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row, document in zip(questions, found, strict=True):
        if row["answerable"] and row["gold_ids"]:
            ids = [result["source_id"] for result in document["hits"]]
            pair = (hit(ids, row["gold_ids"], DEPTH), recall(ids, row["gold_ids"], DEPTH))
            by_type[row["type"]].append(pair)
    show(f"{diary:<28}{'n':>6}{'hit@10':>8}{'R@10':>9}")
    everything = [pair for pairs in by_type.values() for pair in pairs]
    for name, pairs in [*by_type.items(), ("all answerable", everything)]:
        goal = {"all answerable": "   goal: hit@10 .88", "paraphrase": "   goal: hit@10 .76"}.get(name, "")
        hits, recalls = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        show(f"{name:<28}{len(pairs):>6}{mean(hits):>8.3f}{mean(recalls):>9.3f}{goal}")


def _show_answers(
    questions: list[Line], answers: list[Line], texts: dict[str, str], show: Callable[[str], None]
) -> None:
    pairs = list(zip(questions, answers, strict=True))
    answered = [answer["answered"] for row, answer in pairs if row["answerable"]]
    declined = [not answer["answered"] for row, answer in pairs if not row["answerable"]]
    all_declined = sum(declined) + answered.count(False)
    gold = [
        float(any(quote["source_id"] in row["gold_ids"] for quote in answer["quotes"]))
        for row, answer in pairs
        if row["answerable"] and answer["answered"]
    ]
    quotes = [quote for _, answer in pairs for quote in answer["quotes"]]
    verbatim = [texts[quote["source_id"]][quote["start"] : quote["end"]] == quote["text"] for quote in quotes]
    show(f"answered, of those with an answer      {mean(answered):.3f}   goal .85")
    show(f"declined, of those without             {mean(declined):.3f}   goal .80")
    show(f"right when declining                   {sum(declined) / max(1, all_declined):.3f}")
    show(f"evidence among the quotes, if answered {mean(gold):.3f}")
    show(f"quotes verbatim                        {mean(verbatim):.3f}   of {len(quotes)}; must be 1")
