"""All evaluation data indexed at once, to score many settings of the search in one run.

Every text is embedded once and remembered, so that scoring a setting takes seconds: for tuning, not for
times. What is scored is the product's own `Searcher`, given other weights or another question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from diary.engine.embedder import EngineEmbedder
from diary.model.answer import Question
from diary.model.embedded_text import EmbeddedText
from diary.vault.passages import Passages
from retrieval.search import Searcher
from retrieval.weights import Weights
from tests.eval import conversations, notebook
from tests.eval.inside import indexed, installed_embedder, question_of
from tests.eval.measures import hit, mean, ndcg, recall
from tests.eval.ways import Line

DEPTH = 10
Rewrite = Callable[[Searcher, Question], Question]


class RememberingEmbedder:
    """A TextEmbedder that embeds each text once."""

    def __init__(self, embedder: EngineEmbedder) -> None:
        self._embedder = embedder
        self.model, self.dimensions = embedder.model, embedder.dimensions
        self._vectors: dict[str, NDArray[np.float32]] = {}
        self._tokens: dict[str, EmbeddedText] = {}

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        missing = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        self._vectors.update(zip(missing, self._embedder.embed(missing), strict=True))
        return np.stack([self._vectors[text] for text in texts])

    def embed_tokens(self, texts: Sequence[str]) -> list[EmbeddedText]:
        missing = [text for text in dict.fromkeys(texts) if text not in self._tokens]
        self._tokens.update(zip(missing, self._embedder.embed_tokens(missing), strict=True))
        return [self._tokens[text] for text in texts]


@dataclass(frozen=True)
class Asked:
    """One question with its evidence. :ivar kind: its category or type."""

    question: Question
    kind: str
    evidence: frozenset[str]


@dataclass(frozen=True)
class Scored:
    """What one question scored, with the first ten."""

    kind: str
    recall: float
    ndcg: float
    hit: float


class Workbench:
    """The indexed diaries by name; "diary" is the health diary, the others are conversations."""

    def __init__(self) -> None:
        self.diaries: dict[str, tuple[Passages, RememberingEmbedder, list[Asked]]] = {}

    def score(
        self, weights: Weights, rewrite: Rewrite | None = None, *, only: Sequence[str] = ()
    ) -> dict[str, list[Scored]]:
        """The scores of every question, by diary."""
        found: dict[str, list[Scored]] = {}
        for name, (index, embedder, asked) in self.diaries.items():
            if not only or name in only:
                searcher = Searcher(index, embedder, weights=weights)
                found[name] = [_scored(searcher, one, rewrite) for one in asked]
        return found


def _scored(searcher: Searcher, asked: Asked, rewrite: Rewrite | None) -> Scored:
    question = rewrite(searcher, asked.question) if rewrite else asked.question
    ids = [str(found.source_id) for found in searcher.find(question).hits]
    right = asked.evidence
    return Scored(asked.kind, recall(ids, right, DEPTH), ndcg(ids, right, DEPTH), hit(ids, right, DEPTH))


@contextmanager
def workbench(folder: Path) -> Iterator[Workbench]:
    """Everything of the evaluation data that has evidence, and is not adversarial."""
    made = Workbench()
    engine = installed_embedder()
    embedder = RememberingEmbedder(engine)
    try:
        with ExitStack() as stack:
            for name, entries, asked in _data(folder):
                vault = stack.enter_context(indexed(entries, embedder))
                made.diaries[name] = (vault.passages, embedder, asked)
            yield made
    finally:
        engine.close()


def _data(folder: Path) -> Iterator[tuple[str, list[Line], list[Asked]]]:
    for path in sorted((folder / "locomo-dev").glob("*.jsonl")):
        entries, questions = conversations.load(path)
        asked = [
            _asked(row["question"], row["question_date"], row["category"], row["evidence"])
            for row in questions
            if row["category"] != "adversarial"
        ]
        yield path.stem, entries, asked
    diary = folder / "diary-dev"
    if diary.is_dir():
        asked = [
            _asked(row["question"], row["as_of"], row["type"], row["gold_ids"])
            for row in notebook.rows(diary / "questions.jsonl")
            if row["answerable"] and row["gold_ids"]
        ]
        yield "diary", notebook.rows(diary / "diary.jsonl"), asked


def _asked(text: str, as_of: str, kind: str, evidence: Sequence[str]) -> Asked:
    return Asked(question_of({"q": text, "as_of": as_of, "n": DEPTH}), kind, frozenset(evidence))


def of_kind(scored: Sequence[Scored], kind: str) -> list[Scored]:
    """Those of one category or type."""
    return [one for one in scored if one.kind == kind]


HEAD = f"{'':<46}{'R@10':>7}{'nDCG':>7}{'multi':>7}{'  | diary: hit':>14}{'phrased':>9}{'R@10':>7}"


def line(name: str, found: dict[str, list[Scored]]) -> str:
    """A row: conversations on the left, the health diary on the right."""
    talked = [one for key, scored in found.items() if key != "diary" for one in scored]
    diary = found.get("diary", [])
    figures = (
        mean([one.recall for one in talked]),
        mean([one.ndcg for one in talked]),
        mean([one.recall for one in of_kind(talked, "multi-hop")]),
        mean([one.hit for one in diary]),
        mean([one.hit for one in of_kind(diary, "paraphrase")]),
        mean([one.recall for one in diary]),
    )
    widths = (7, 7, 7, 14, 9, 7)
    return f"{name:<46}" + "".join(
        f"{figure:>{width}.3f}" for figure, width in zip(figures, widths, strict=True)
    )
