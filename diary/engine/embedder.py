"""The embedder as retrieval sees it; the model runs in its engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from diary.engine.client import EngineClient
from diary.engine.failures import broken
from diary.engine.messages import Embed, Vectors
from diary.engine.models import ModelFolder, missing
from diary.engine.text import encodable

if TYPE_CHECKING:  # numpy is imported with the first vectors, not with the program
    import numpy as np
    from numpy.typing import NDArray

_NAME = "the embedding model"
_BATCH = 256  # texts in one job, so that a stop is never far
_BATCH_CHARACTERS = 1_000_000  # likewise; a character is four bytes at most, and a frame has a cap
_LONGEST_TEXT = 100_000  # characters; no embedder reads as many, and it would be cut inside
_TIMEOUT = 120.0  # seconds for one batch, on a very busy machine
_UNIT = 1e-2  # how far from 1 the length of a vector may be


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

    def close(self) -> None:
        """Nothing runs."""


class EngineEmbedder:
    """Satisfies `retrieval.ports.Embedder`.

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

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """L2-normalised vectors, shape [len(texts), dimensions]."""
        import numpy as np

        parts = [self._embed_batch(batch) for batch in _batches(texts)]
        if not parts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        return np.concatenate(parts)

    def _embed_batch(self, texts: list[str]) -> NDArray[np.float32]:
        found: NDArray[np.float32] | None = None
        work = Embed(texts)
        with closing(self._client.stream(work, timeout=_TIMEOUT)) as results:
            for untrusted_result in results:
                if found is not None or not isinstance(untrusted_result, Vectors):
                    self.close()
                    raise broken(_NAME)
                found = self._checked(untrusted_result, len(texts))
        if found is None:
            self.close()
            raise broken(_NAME)
        return found

    def _checked(self, untrusted_vectors: Vectors, count: int) -> NDArray[np.float32]:
        """The vectors, when they are as many, as long, finite and normalised as they must be."""
        import numpy as np

        shape = (count, self.dimensions)
        if (
            untrusted_vectors.count,
            untrusted_vectors.dimensions,
            len(untrusted_vectors.data),
        ) != (*shape, 4 * count * self.dimensions):
            self.close()
            raise broken(_NAME)
        vectors = np.frombuffer(untrusted_vectors.data, dtype="<f4").reshape(shape)
        lengths = np.linalg.norm(vectors, axis=1)
        if not (np.isfinite(vectors).all() and (np.abs(lengths - 1) < _UNIT).all()):
            self.close()
            raise broken(_NAME)
        return vectors.astype(np.float32)

    def close(self) -> None:
        """End the engine."""
        self._client.close()


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    """The texts as they are sent, in order: few enough, and short enough for a frame."""
    batch: list[str] = []
    room = _BATCH_CHARACTERS
    for text in texts:
        sent = encodable(text[:_LONGEST_TEXT])
        if batch and (len(batch) == _BATCH or len(sent) > room):
            yield batch
            batch, room = [], _BATCH_CHARACTERS
        batch.append(sent)
        room -= len(sent)
    if batch:
        yield batch
