"""What each idea of the search adds, on conversations and on a health diary: one row an idea.

    python -m tests.eval.ablation [FOLDER] [--model]

First the steps in the order they came, each with those before it; then each setting left out of the whole;
then ideas that rewrite the question, which are not part of the search because they do not earn their place.
`--model` adds the one that asks the local language model for other words; it takes some twenty minutes.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from diary.engine.language_model import EngineLanguageModel
from diary.engine.models import find_models
from diary.model.answer import Question
from diary.settings import load_settings
from retrieval.ports import ChatMessage
from retrieval.search import Searcher
from retrieval.stop_words import content_words
from retrieval.weights import Weights
from tests.eval.__main__ import DEFAULT, show
from tests.eval.workbench import HEAD, Rewrite, line, workbench

WHOLE = Weights()
NOTHING = replace(
    WHOLE,
    own=0,
    window=0,
    neighbours=(),
    parent=0,
    range=0,
    title=0,
    asking=0,
    late_interaction=0,
    episode_interaction=0,
    late=0,
    full_marks=0,
)
STEPS: tuple[tuple[str, dict[str, object]], ...] = (
    ("full text alone", {}),
    ("+ vectors of passages", {"own": WHOLE.own}),
    ("+ vectors with the passage before", {"window": WHOLE.window}),
    ("+ neighbours and episode", {"neighbours": WHOLE.neighbours, "parent": WHOLE.parent}),
    ("+ range in the words, first and last", {"range": WHOLE.range, "late": WHOLE.late}),
    ("+ full text by all the words asked for", {"full_marks": WHOLE.full_marks}),
    ("+ titles that are named", {"title": WHOLE.title}),
    ("+ passages that ask count less", {"asking": WHOLE.asking}),
    ("+ late interaction", {"late_interaction": WHOLE.late_interaction}),
    ("+ with the words of the episode", {"episode_interaction": WHOLE.episode_interaction}),
)
LEFT_OUT: tuple[tuple[str, dict[str, object]], ...] = (
    ("full text", {"text": 0}),
    ("vectors of passages", {"own": 0}),
    ("vectors with the passage before", {"window": 0}),
    ("neighbours", {"neighbours": ()}),
    ("episode", {"parent": 0}),
    ("range in the words", {"range": 0}),
    ("first and last", {"late": 0}),
    ("full text by all the words asked for", {"full_marks": 0}),
    ("titles that are named", {"title": 0}),
    ("passages that ask count less", {"asking": 0}),
    ("late interaction", {"late_interaction": 0}),
    ("late interaction with the episode", {"episode_interaction": 0}),
    ("late interaction altogether", {"late_interaction": 0, "episode_interaction": 0}),
)
FEEDBACK_PASSAGES, FEEDBACK_WORDS = 5, 4
_WORD = re.compile(r"[a-zA-Z]{3,}")


def without_asking(_: Searcher, question: Question) -> Question:
    """Only the content words."""
    return replace(question, text=" ".join(content_words(question.text)))


def with_feedback(searcher: Searcher, question: Question) -> Question:
    """With the words that the best passages of a first search share most (pseudo-relevance feedback)."""
    best = searcher.passages(question).passages[:FEEDBACK_PASSAGES]
    told = Counter(word for found in best for word in set(content_words(found.passage.text)))
    asked = set(content_words(question.text))
    shared = [word for word, count in told.most_common() if count > 1 and word not in asked]
    return replace(question, text=f"{question.text} {' '.join(shared[:FEEDBACK_WORDS])}")


def by_local_model(model: EngineLanguageModel) -> Rewrite:
    """With other words for it that the local language model writes."""
    known: dict[str, str] = {}

    def rewritten(_: Searcher, question: Question) -> Question:
        if question.text not in known:
            prompt = f"Write six other words that a diary entry answering this may use: {question.text}"
            with closing(model.stream([ChatMessage("user", prompt)], max_tokens=32)) as pieces:
                known[question.text] = " ".join(dict.fromkeys(_WORD.findall("".join(pieces))))
        return replace(question, text=f"{question.text} {known[question.text]}")

    return rewritten


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.eval.ablation", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=DEFAULT)
    parser.add_argument("--model", action="store_true")
    given = parser.parse_args(arguments)
    if not given.folder.is_dir():
        show("There is no evaluation data beside the project (../shared/eval), so nothing was measured.")
        return 0
    with workbench(given.folder) as bench:
        show(HEAD)
        weights = NOTHING
        for name, added in STEPS:
            weights = replace(weights, **added)  # type: ignore[arg-type]
            show(line(name, bench.score(weights)))
        show("\nthe whole without")
        for name, left_out in LEFT_OUT:
            show(line(f"- {name}", bench.score(replace(WHOLE, **left_out))))  # type: ignore[arg-type]
        show("\nthe whole with another question")
        show(line("only its content words", bench.score(WHOLE, without_asking)))
        show(line("with words of the first five (feedback)", bench.score(WHOLE, with_feedback)))
        if given.model:
            model = EngineLanguageModel(find_models(load_settings().models, "language")[0])
            try:
                show(line("with words of the local model", bench.score(WHOLE, by_local_model(model))))
            finally:
                model.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
