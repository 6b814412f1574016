"""A process that indexes and changes the embedding model until it is killed."""

from __future__ import annotations

from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from diary.model.progress import Progress
from diary.vault.vault import Vault
from retrieval.indexing import Indexer

BEFORE, AFTER = ("before", 16), ("after", 24)


class Letters:
    """An embedder: counts of letters, told apart by the model's name. The same in every process."""

    def __init__(self, model: str, dimensions: int) -> None:
        self.model, self.dimensions = model, dimensions

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        found = np.full((len(texts), self.dimensions), float(len(self.model)), np.float32)
        for row, text in enumerate(texts):
            for letter in text:
                found[row, ord(letter) % self.dimensions] += 1
        unit: NDArray[np.float32] = found / np.linalg.norm(found, axis=1, keepdims=True)
        return unit


def indexer(vault: Vault, embedder: Letters | None = None) -> Indexer:
    """Of this model, or of the newest that the vault knows; the other one has served before."""
    if embedder is None:
        embedder = Letters(*(AFTER if AFTER[0] in vault.passages.models else BEFORE))
    former = [Letters(*BEFORE), Letters(*AFTER)]
    return Indexer(vault.passages, embedder, {one.model: one for one in former}.get)


def renew_until_killed(folder: Path, code: str, told: Connection) -> None:
    """Embed everything with the other model; tell each step."""
    with Vault.unlock(folder, code) as vault:

        def report(progress: Progress) -> None:
            told.send((progress.task, progress.done))

        indexer(vault, Letters(*AFTER)).run(report=report)
        told.send(("done", 0))
