"""Stand-ins for the models: vectors that know shared words only, and text that a test wrote."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from diary.model.embedded_text import EmbeddedText
from retrieval.ports import ChatMessage
from tests.fakes.guard import refuse_outside_tests

_MOST_TOKENS = 128
_MOST_CHARACTERS = 10_000

Script = Sequence[str] | Callable[[Sequence[ChatMessage]], Sequence[str]]


class FakeEmbedder:
    """An Embedder and a TokenEmbedder: hashed bags of words, so that texts which share words are near.
    The same in every process.

    :ivar embedded: every text that was embedded, in order.
    :ivar failure: raised by the next calls while it is set.
    """

    def __init__(self, dimensions: int = 64, model: str = "fake-embedder") -> None:
        refuse_outside_tests()
        self.model = model
        self.dimensions = dimensions
        self.embedded: list[str] = []
        self.failure: Exception | None = None

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if self.failure is not None:
            raise self.failure
        self.embedded.extend(texts)
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in enumerate(texts):
            # A text without words has a direction too, as with a real model.
            for word in re.findall(r"\w+", text.lower()) or [""]:
                digest = hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=8).digest()
                place = int.from_bytes(digest, "big")
                vectors[row, place % self.dimensions] += 1.0 if place >> 63 else -1.0
            if not vectors[row].any():  # two words may cancel each other out
                vectors[row, 0] = 1.0
        normalised: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return normalised

    def embed_tokens(self, texts: Sequence[str]) -> list[EmbeddedText]:
        """Each word is a token, and its vector its own, whatever stands beside it."""
        return [self._tokens(text[:_MOST_CHARACTERS]) for text in texts]

    def _tokens(self, text: str) -> EmbeddedText:
        spans = [found.span() for found in re.finditer(r"\w+", text)][:_MOST_TOKENS]
        vectors = self.embed([text[start:end] for start, end in spans])
        return EmbeddedText(
            np.rint(127 * vectors).astype(np.int8), np.array(spans, np.int64).reshape(len(spans), 2)
        )


class FakeLanguageModel:
    """A LanguageModel that says the pieces of a script: a list, or a function of the messages.

    :ivar asked: the messages of every call, in order. :ivar closed: streams stopped before their end.
    :ivar failure: raised after the last piece while it is set.
    """

    def __init__(self, script: Script = (), model: str = "fake-language-model") -> None:
        refuse_outside_tests()
        self.model = model
        self.script = script
        self.asked: list[tuple[ChatMessage, ...]] = []
        self.closed = 0
        self.failure: Exception | None = None

    def stream(self, messages: Sequence[ChatMessage], *, max_tokens: int) -> Iterator[str]:
        """The script's pieces, at most `max_tokens` of them."""
        self.asked.append(tuple(messages))
        pieces = self.script(messages) if callable(self.script) else self.script
        try:
            yield from pieces[:max_tokens]
            if self.failure is not None:
                raise self.failure
        except GeneratorExit:
            self.closed += 1
            raise
