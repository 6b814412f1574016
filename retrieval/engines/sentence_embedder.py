"""The embedder inside its engine process: onnxruntime and tokenizers, without torch.

The exported transformer gives the last hidden state; the mean over the tokens of a text, divided by its
length, is the text's vector, as sentence-transformers computes it (Reimers and Gurevych 2019); for models
trained so, the first token's vector, or the largest of each number. Texts longer than the model reads are
cut at its maximum length: passages are made shorter than that. Texts run in batches of similar length, so
that little is spent on padding: 1.8 to 2 times the texts a second.
The rows of the last hidden state are the vectors of the tokens, for late interaction.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from diary.engine.messages import (
    Done,
    Embed,
    EmbedTokens,
    FailureCode,
    TokenVectors,
    Vectors,
    Work,
)
from diary.engine.models import read_model
from diary.engine.service import JobFailed
from diary.model.embedded_text import EmbeddedText

BATCH_TOKENS = 384
"""Tokens in one run, padding included: about 16 short notes or 7 passages. With many more, what is computed
leaves the processor's cache; with fewer, the weights are read too often."""

# onnxruntime 1.31 computes Add and LayerNormalization one after the other faster than fused into one:
# 204 passages a second of processor time instead of 165, 486 short notes instead of 389.
_SLOWER_FUSIONS = ["SkipLayerNormFusion"]

_MODEL_FILE, _TOKENIZER_FILE = "model.onnx", "tokenizer.json"

Vector = NDArray[np.float32]


class SentenceEmbedder:
    """A loaded model.

    :param max_length: tokens that the model reads at most, its own marks included.
    :param pooling: from tokens to the text: "mean", "cls" (the first token) or "max".
    """

    def __init__(self, model: Path, tokenizer: Path, *, max_length: int, pooling: str = "mean") -> None:
        self._pooling = pooling
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = max(1, (os.cpu_count() or 2) - 1)
        options.inter_op_num_threads = 1
        # Spinning threads slow down whatever else the person runs.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 4
        self._session = onnxruntime.InferenceSession(
            str(model),
            sess_options=options,
            providers=["CPUExecutionProvider"],
            disabled_optimizers=_SLOWER_FUSIONS,
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
        found: Vector | None = None
        for rows in _batches(encoded, cancelled):
            hidden, mask = self._hidden([encoded[row] for row in rows])
            vectors = _unit(_pooled(hidden, mask, self._pooling))
            if found is None:
                found = np.empty((len(texts), vectors.shape[1]), np.float32)
            found[rows] = vectors
        return found if found is not None else np.empty((0, 0), np.float32)

    def embed_tokens(
        self, texts: list[str], most: int, cancelled: Callable[[], bool] = lambda: False
    ) -> list[EmbeddedText]:
        """The tokens of each text, of its first `most`, in the order of the texts.

        :raises diary.engine.service.JobFailed: with CANCELLED, between two texts.
        """
        found = []
        for text in texts:
            if cancelled():
                raise JobFailed(FailureCode.CANCELLED)
            found.append(self._tokens(text, most))
        return found

    def _tokens(self, text: str, most: int) -> EmbeddedText:
        """One text alone: an int8 model rounds by the largest number of a whole batch, so what stands beside
        a text in one would move its vectors, and the same question could get another answer.
        """
        encoding = self._tokenizer.encode(text)
        hidden, _ = self._hidden([encoding.ids[:most]])
        own = np.array(encoding.special_tokens_mask[:most]) == 0
        vectors = _unit(hidden[0, : len(own)][own])
        spans = np.array(encoding.offsets[:most], np.int64).reshape(-1, 2)[own]
        return EmbeddedText(np.rint(127 * vectors).astype(np.int8), spans)

    def _hidden(self, encoded: Sequence[list[int]]) -> tuple[Vector, NDArray[np.int64]]:
        """The last hidden state, float32[texts, tokens, d], and 1 where a token is, int64[texts, tokens]."""
        longest = max(len(ids) for ids in encoded)
        ids = np.zeros((len(encoded), longest), np.int64)
        mask = np.zeros_like(ids)
        for row, text in enumerate(encoded):
            ids[row, : len(text)] = text
            mask[row, : len(text)] = 1
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        (hidden,) = self._session.run(None, {name: given[name] for name in self._inputs})
        return hidden, mask


def _batches(encoded: Sequence[list[int]], cancelled: Callable[[], bool]) -> Iterator[list[int]]:
    """Places of the texts, those of similar length together.

    :raises diary.engine.service.JobFailed: with CANCELLED, between two batches.
    """
    order = sorted(range(len(encoded)), key=lambda row: len(encoded[row]))
    batch: list[int] = []
    for row in order:
        # By rising length: this one is the longest so far, so that the others are padded to it.
        if batch and (len(batch) + 1) * len(encoded[row]) > BATCH_TOKENS:
            yield _unless_cancelled(batch, cancelled)
            batch = []
        batch.append(row)
    if batch:
        yield _unless_cancelled(batch, cancelled)


def _unless_cancelled(batch: list[int], cancelled: Callable[[], bool]) -> list[int]:
    if cancelled():
        raise JobFailed(FailureCode.CANCELLED)
    return batch


def _pooled(hidden: Vector, mask: NDArray[np.int64], pooling: str) -> Vector:
    """The vectors of the texts, float32[texts, d], of the last hidden state and its mask."""
    if pooling == "cls":
        return np.asarray(hidden[:, 0], np.float32)
    weights = mask[..., None].astype(np.float32)
    if pooling == "max":
        return np.asarray(np.where(weights > 0, hidden, -np.inf).max(axis=1), np.float32)
    return np.asarray((hidden * weights).sum(axis=1) / weights.sum(axis=1), np.float32)


def _unit(vectors: Vector) -> Vector:
    """The vectors, float32[…, d], at length 1."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32)


class EmbeddingService:
    """Answers `Embed` and `EmbedTokens`."""

    def __init__(self, embedder: SentenceEmbedder) -> None:
        self._embedder = embedder

    def run(
        self, work: Work, bulk: bytes, cancelled: Callable[[], bool]
    ) -> Iterator[Vectors | TokenVectors | Done]:
        """One `Vectors` with a vector for each text, or one `TokenVectors`."""
        if bulk:
            raise JobFailed(FailureCode.NOT_UNDERSTOOD)
        match work:
            case Embed(texts=texts):
                vectors = self._embedder.embed(texts, cancelled)
                yield Vectors(len(vectors), vectors.shape[1], vectors.astype("<f4").tobytes())
            case EmbedTokens(texts=texts, most=most) if texts:
                found = self._embedder.embed_tokens(texts, most, cancelled)
                yield TokenVectors(
                    counts=[len(text.vectors) for text in found],
                    dimensions=found[0].vectors.shape[1],
                    data=b"".join(text.vectors.tobytes() for text in found),
                    spans=b"".join(text.spans.astype("<u4").tobytes() for text in found),
                )
            case _:
                raise JobFailed(FailureCode.NOT_UNDERSTOOD)
        yield Done()


def serve(paths: list[Path]) -> EmbeddingService:
    """The service over the model folder that is given alone."""
    (folder,) = paths
    model = read_model(folder)
    embedder = SentenceEmbedder(
        folder / _MODEL_FILE,
        folder / _TOKENIZER_FILE,
        max_length=model.manifest.max_length,
        pooling=model.manifest.pooling,
    )
    return EmbeddingService(embedder)
