"""The embedder inside its engine process: onnxruntime and tokenizers, without torch.

The exported transformer gives the last hidden state; the mean over the tokens of a text, divided by its
length, is the text's vector, as sentence-transformers computes it (Reimers and Gurevych 2019). Texts
longer than the model reads are cut at its maximum length: passages are made shorter than that. Texts run
in batches of similar length, so that little is spent on padding: 1.8 to 2 times the texts a second.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from diary.engine.messages import Done, Embed, FailureCode, Vectors, Work
from diary.engine.models import read_model
from diary.engine.service import JobFailed

BATCH = 8
"""Texts in one run: 8 to 16 was best; larger batches are mostly padding and leave the cache."""

_MODEL_FILE, _TOKENIZER_FILE = "model.onnx", "tokenizer.json"

Vector = NDArray[np.float32]


class SentenceEmbedder:
    """A loaded model.

    :param max_length: tokens that the model reads at most, its own marks included.
    """

    def __init__(self, model: Path, tokenizer: Path, *, max_length: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = max(1, (os.cpu_count() or 2) - 1)
        options.inter_op_num_threads = 1
        # Spinning threads slow down whatever else the person runs.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 4
        self._session = onnxruntime.InferenceSession(
            str(model), sess_options=options, providers=["CPUExecutionProvider"]
        )
        self._inputs = {given.name for given in self._session.get_inputs()}
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length)

    def embed(self, texts: list[str], cancelled: Callable[[], bool] = lambda: False) -> Vector:
        """L2-normalised vectors, shape [len(texts), dimensions], in the order of the texts.

        :raises diary.engine.service.JobFailed: with CANCELLED, between two batches.
        """
        encoded = [self._tokenizer.encode(text).ids for text in texts]
        order = sorted(range(len(texts)), key=lambda row: len(encoded[row]))
        found: Vector | None = None
        for start in range(0, len(order), BATCH):
            if cancelled():
                raise JobFailed(FailureCode.CANCELLED)
            rows = order[start : start + BATCH]
            vectors = self._batch([encoded[row] for row in rows])
            if found is None:
                found = np.empty((len(texts), vectors.shape[1]), np.float32)
            found[rows] = vectors
        return found if found is not None else np.empty((0, 0), np.float32)

    def _batch(self, encoded: list[list[int]]) -> Vector:
        longest = max(len(ids) for ids in encoded)
        ids = np.zeros((len(encoded), longest), np.int64)
        mask = np.zeros_like(ids)
        for row, text in enumerate(encoded):
            ids[row, : len(text)] = text
            mask[row, : len(text)] = 1
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        (hidden,) = self._session.run(None, {name: given[name] for name in self._inputs})
        weights = mask[..., None].astype(np.float32)
        mean = (hidden * weights).sum(axis=1) / weights.sum(axis=1)
        return np.asarray(mean / np.linalg.norm(mean, axis=1, keepdims=True), np.float32)


class EmbeddingService:
    """Answers `Embed`."""

    def __init__(self, embedder: SentenceEmbedder) -> None:
        self._embedder = embedder

    def run(self, work: Work, bulk: bytes, cancelled: Callable[[], bool]) -> Iterator[Vectors | Done]:
        """One `Vectors` with a vector for each text."""
        if not isinstance(work, Embed) or bulk:
            raise JobFailed(FailureCode.NOT_UNDERSTOOD)
        vectors = self._embedder.embed(work.texts, cancelled)
        yield Vectors(len(vectors), vectors.shape[1], vectors.astype("<f4").tobytes())
        yield Done()


def serve(paths: list[Path]) -> EmbeddingService:
    """The service over the model folder that is given alone."""
    (folder,) = paths
    model = read_model(folder)
    embedder = SentenceEmbedder(
        folder / _MODEL_FILE, folder / _TOKENIZER_FILE, max_length=model.manifest.max_length
    )
    return EmbeddingService(embedder)
