"""The embedder as retrieval sees it; the model runs in its engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import pairwise
from typing import TYPE_CHECKING, NoReturn

from diary.engine.client import EngineClient
from diary.engine.failures import broken
from diary.engine.messages import Embed, EmbedTokens, Result, TokenVectors, Vectors, Work
from diary.engine.models import ModelFolder, missing
from diary.engine.text import encodable
from diary.model.embedded_text import EmbeddedText

if TYPE_CHECKING:  # numpy is imported with the first vectors, not with the program
    import numpy as np
    from numpy.typing import NDArray

_NAME = "the embedding model"
_BATCH = 256  # texts in one job, so that a stop is never far
_BATCH_CHARACTERS = 1_000_000  # likewise; a character is four bytes at most, and a frame has a cap
_LONGEST_TEXT = 100_000  # characters; no embedder reads as many, and it would be cut inside
_TIMEOUT = 120.0  # seconds for one batch, on a very busy machine
_UNIT = 1e-2  # how far from 1 the length of a vector may be
_TOKENS = 128  # of a text, for late interaction: about 90 words, half as much again as a passage has
_TOKEN_BYTES = 4_000_000  # of an answer with token vectors; a frame has a cap


class AbsentEmbedder:
    """Stands where no embedder is installed: entries can be written and read, and each search says what is
    missing.
    """

    @property
    def model(self) -> str:
        """Raises ModelMissing."""
        raise missing("search")

    @property
    def dimensions(self) -> int:
        """Raises ModelMissing."""
        raise missing("search")

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Raises ModelMissing."""
        raise missing("search")

    def embed_tokens(self, texts: Sequence[str]) -> list[EmbeddedText]:
        """Raises ModelMissing."""
        raise missing("search")

    def close(self) -> None:
        """Nothing runs."""


class EngineEmbedder:
    """Satisfies `retrieval.ports.Embedder` and `TokenEmbedder`.

    :param folder: the installed embedder.
    """

    def __init__(self, folder: ModelFolder) -> None:
        self._folder = folder
        self._client = EngineClient("retrieval.engines.sentence_embedder:serve", [folder.path], name=_NAME)

    @property
    def model(self) -> str:
        """Name and hash of the model."""
        return self._folder.identity

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return self._folder.manifest.dimensions

    @property
    def pid(self) -> int | None:
        """Process number of the engine while it runs."""
        return self._client.pid

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """L2-normalised vectors, shape [len(texts), dimensions]."""
        import numpy as np

        parts = [
            self._checked(self._only(Embed(batch)), len(batch)) for batch in _batches(texts, most=_BATCH)
        ]
        if not parts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        return np.concatenate(parts)

    def embed_tokens(self, texts: Sequence[str]) -> list[EmbeddedText]:
        """The vectors of the tokens of each text, of its first 128 with the tokenizer's own marks."""
        most = max(1, min(_BATCH, _TOKEN_BYTES // (_TOKENS * self.dimensions)))
        found: list[EmbeddedText] = []
        for batch in _batches(texts, most=most):
            found += self._checked_tokens(self._only(EmbedTokens(batch, _TOKENS)), batch)
        return found

    def _only(self, work: Work) -> Result | None:
        """The one result of a job, not checked yet; None when there was none."""
        only: Result | None = None
        with closing(self._client.stream(work, timeout=_TIMEOUT)) as results:
            for untrusted_result in results:
                if only is not None:
                    self._refuse()
                only = untrusted_result
        return only

    def _checked(self, untrusted_vectors: Result | None, count: int) -> NDArray[np.float32]:
        """The vectors, when they are as many, as long, finite and normalised as they must be."""
        import numpy as np

        if not isinstance(untrusted_vectors, Vectors):
            self._refuse()
        shape = (count, self.dimensions)
        if (
            untrusted_vectors.count,
            untrusted_vectors.dimensions,
            len(untrusted_vectors.data),
        ) != (*shape, 4 * count * self.dimensions):
            self._refuse()
        vectors = np.frombuffer(untrusted_vectors.data, dtype="<f4").reshape(shape)
        lengths = np.linalg.norm(vectors, axis=1)
        if not (np.isfinite(vectors).all() and (np.abs(lengths - 1) < _UNIT).all()):
            self._refuse()
        return vectors.astype(np.float32)

    def _checked_tokens(self, untrusted_tokens: Result | None, texts: list[str]) -> list[EmbeddedText]:
        """The tokens, when there are no more than asked for, all of length 1 and inside their texts."""
        import numpy as np

        if not isinstance(untrusted_tokens, TokenVectors):
            self._refuse()
        counts, dimensions = untrusted_tokens.counts, self.dimensions
        if len(counts) != len(texts) or not all(0 <= count <= _TOKENS for count in counts):
            self._refuse()
        total = sum(counts)
        if (untrusted_tokens.dimensions, len(untrusted_tokens.data), len(untrusted_tokens.spans)) != (
            dimensions,
            total * dimensions,
            total * 8,
        ):
            self._refuse()
        vectors = np.frombuffer(untrusted_tokens.data, np.int8).reshape(total, dimensions)
        spans = np.frombuffer(untrusted_tokens.spans, "<u4").reshape(total, 2).astype(np.int64)
        lengths = np.linalg.norm(vectors.astype(np.float32), axis=1) / 127
        rounding = 0.5 * dimensions**0.5 / 127
        ends = np.repeat([len(text) for text in texts], counts)
        if (np.abs(lengths - 1) > _UNIT + rounding).any():
            self._refuse()
        if (spans[:, 0] > spans[:, 1]).any() or (spans[:, 1] > ends).any():
            self._refuse()
        places = np.cumsum([0, *counts])
        return [
            EmbeddedText(vectors[first:last], spans[first:last]) for first, last in pairwise(places.tolist())
        ]

    def _refuse(self) -> NoReturn:
        """End an engine that said what cannot be."""
        self.close()
        raise broken(_NAME)

    def close(self) -> None:
        """End the engine."""
        self._client.close()


class FormerEmbedders:
    """Embedders of models that were used before and are still installed, each started when it is asked for.

    :param folders: all installed embedders.
    """

    def __init__(self, folders: Sequence[ModelFolder]) -> None:
        self._folders = {folder.identity: folder for folder in folders}
        self._started: dict[str, EngineEmbedder] = {}

    def embedder(self, model: str) -> EngineEmbedder | None:
        """The embedder of a model by its name and hash; None when it is not installed any more."""
        if model in self._folders and model not in self._started:
            self._started[model] = EngineEmbedder(self._folders[model])
        return self._started.get(model)

    def close(self) -> None:
        """End their engines."""
        for embedder in self._started.values():
            embedder.close()


def _batches(texts: Sequence[str], *, most: int) -> Iterator[list[str]]:
    """The texts as they are sent, in order: at most `most`, and short enough for a frame."""
    batch: list[str] = []
    room = _BATCH_CHARACTERS
    for text in texts:
        sent = encodable(text[:_LONGEST_TEXT])
        if batch and (len(batch) == most or len(sent) > room):
            yield batch
            batch, room = [], _BATCH_CHARACTERS
        batch.append(sent)
        room -= len(sent)
    if batch:
        yield batch
