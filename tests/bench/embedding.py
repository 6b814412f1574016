"""Embedding beside sentence-transformers: the same model, the same texts, one core for each, in turns.

Ours is what the diary does: texts go to the engine process and vectors come back, checked.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

import numpy as np

from diary.engine.embedder import EngineEmbedder
from diary.engine.models import find_models
from diary.provisioning.sources import MINILM, checked_folder
from diary.settings import load_settings
from retrieval.indexing import own_text
from tests.bench.corpus import some_passages
from tests.bench.table import Figure, heading, show, times_ms

TEXTS = 192
ROUNDS = 9
GOAL = 4.0
SHORT_WORDS = 16


def measure() -> None:
    """Print texts a second, and how near the vectors are."""
    heading("Embedding, one core", plain="sent.-transformers")
    show(_figures())


def _figures() -> Iterator[Figure]:
    passages = [own_text(one) for one in some_passages(TEXTS)]
    short = [" ".join(text.split()[: SHORT_WORDS + 4]) for text in passages]
    folder = find_models(load_settings().models, "embedder")[0]
    with one_core(), closing(EngineEmbedder(folder)) as engine:
        plain = _plain()
        for what, texts in (("short notes", short), ("passages", passages)):
            engine.embed(texts[:16])
            plain(texts[:16])
            ours_ms, plain_ms = _in_turns(engine, plain, texts)
            ratio = statistics.median(b / a for a, b in zip(ours_ms, plain_ms, strict=True))
            yield Figure(
                what=f"{what}, {_words(texts):.0f} words each, texts a second",
                ours=f"{TEXTS / statistics.median(ours_ms) * 1000:.0f} /s",
                plain=f"{TEXTS / statistics.median(plain_ms) * 1000:.0f} /s",
                ratio=ratio,
                goal=f"{GOAL:g} x",
                met=ratio >= GOAL,
            )
        one, other = _in_turns(engine, plain, short[:1], rounds=40)
        yield Figure(
            what="one question, to its vector",
            ours=f"{statistics.median(one):.2f} ms",
            plain=f"{statistics.median(other):.2f} ms",
            ratio=statistics.median(other) / statistics.median(one),
        )
        cosines = (engine.embed(passages) * plain(passages)).sum(axis=1)
        yield Figure(
            what="cosine with the plain vector, mean (least)",
            ours=f"{cosines.mean():.3f} ({cosines.min():.3f})",
        )


def _in_turns(
    engine: EngineEmbedder, plain: object, texts: Sequence[str], rounds: int = ROUNDS
) -> tuple[list[float], list[float]]:
    ours, others = [], []
    for _ in range(rounds):
        ours += times_ms(lambda: engine.embed(texts), 1)
        others += times_ms(lambda: plain(texts), 1)  # type: ignore[operator]
    return ours, others


def _plain() -> object:
    """The model as sentence-transformers runs it, on one thread."""
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(1)
    model = SentenceTransformer(str(checked_folder(MINILM)), device="cpu")

    def embed(texts: Sequence[str]) -> np.ndarray:
        return model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)

    return embed


def _words(texts: Sequence[str]) -> float:
    return statistics.mean(len(text.split()) for text in texts)


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this process, and engines started meanwhile, to one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
