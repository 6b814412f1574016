"""What an engine says is checked before it goes further: a lie ends the engine and is told in a sentence."""

from collections.abc import Callable, Generator, Sequence

import numpy as np
import pytest

from diary.engine.embedder import EngineEmbedder
from diary.engine.language_model import EngineLanguageModel
from diary.engine.messages import (
    Busy,
    Done,
    Embed,
    EmbedTokens,
    Heard,
    Piece,
    Result,
    TokenVectors,
    Vectors,
    Work,
)
from diary.engine.models import Manifest, ModelFile, ModelFolder
from diary.errors import EngineFailed
from retrieval.ports import ChatMessage
from tests.unit.engine.conftest import TESTS

Answer = Callable[[Work], Sequence[Result]]
QUESTION = [ChatMessage("user", "What did I do?")]


class ScriptedClient:
    """In the place of an EngineClient: answers as a test says, and remembers."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.asked: list[Work] = []
        self.closed = 0
        self.last = Done()
        self.pid = None

    def stream(
        self, work: Work, *, timeout: float, beat: float | None = None, bulk: bytes = b""
    ) -> Generator[Result, None, None]:
        self.asked.append(work)
        yield from self._answer(work)

    def close(self) -> None:
        self.closed += 1


def folder(kind: str) -> ModelFolder:
    file = ModelFile("model.bin", 1, "0" * 64)
    return ModelFolder(TESTS, Manifest(kind=kind, name="toy", source="a test", files=[file], dimensions=3))


def embedder(answer: Answer) -> tuple[EngineEmbedder, ScriptedClient]:
    made, client = EngineEmbedder(folder("embedder")), ScriptedClient(answer)
    made._client = client
    return made, client


def language_model(answer: Answer) -> tuple[EngineLanguageModel, ScriptedClient]:
    made, client = EngineLanguageModel(folder("language")), ScriptedClient(answer)
    made._client = client
    return made, client


def vectors(rows: object) -> Vectors:
    array = np.array(rows, "<f4")
    return Vectors(len(array), array.shape[1], array.tobytes())


def honest(work: Work) -> list[Result]:
    assert isinstance(work, Embed)
    return [vectors([[len(text) % 3 == place for place in range(3)] for text in work.texts])]


LIES: dict[str, list[Result]] = {
    "nothing": [],
    "twice": [vectors([[1, 0, 0]]), vectors([[1, 0, 0]])],
    "too many": [vectors([[1, 0, 0], [1, 0, 0]])],
    "too long": [vectors([[1, 0, 0, 0]])],
    "not a number": [vectors([[float("nan"), 0, 1]])],
    "infinite": [vectors([[float("inf"), 0, 0]])],
    "not normalised": [vectors([[2, 0, 0]])],
    "zero": [vectors([[0, 0, 0]])],
    "short of bytes": [Vectors(1, 3, bytes(8))],
    "negative": [Vectors(-1, -3, bytes(12))],
    "words instead": [Piece("words")],
}


@pytest.mark.parametrize("lie", LIES)
def test_vectors_that_cannot_be_are_refused_and_the_engine_ended(lie: str) -> None:
    made, client = embedder(lambda _: LIES[lie])
    with pytest.raises(EngineFailed):
        made.embed(["x"])
    assert client.closed == 1


def test_honest_vectors_come_in_the_order_of_the_texts() -> None:
    made, client = embedder(honest)
    texts = ["x" * (number % 7) for number in range(1000)]
    found = made.embed(texts)
    assert found.argmax(axis=1).tolist() == [len(text) % 3 for text in texts]
    assert max(len(work.texts) for work in client.asked if isinstance(work, Embed)) <= 256


def test_texts_of_any_size_fit_into_frames() -> None:
    made, client = embedder(honest)
    assert made.embed(["\U0001f600" * 300_000] * 40).shape == (40, 3)
    for work in client.asked:
        assert isinstance(work, Embed)
        assert sum(len(text.encode()) for text in work.texts) < 8 * 1024 * 1024


def tokens(
    counts: list[int], vector: Sequence[int] = (127, 0, 0), span: Sequence[int] = (0, 1)
) -> TokenVectors:
    total = sum(counts)
    data = np.array([vector] * total, np.int8).tobytes()
    return TokenVectors(counts, 3, data, np.array([span] * total, "<u4").tobytes())


TOKEN_LIES: dict[str, list[Result]] = {
    "nothing": [],
    "twice": [tokens([1, 1]), tokens([1, 1])],
    "texts too many": [tokens([1, 1, 1])],
    "texts too few": [tokens([1])],
    "more tokens than asked for": [tokens([129, 1])],
    "fewer than none": [TokenVectors([2, -1], 3, bytes([127, 0, 0]), bytes(8))],
    "other dimensions": [TokenVectors([1, 1], 4, bytes(6), bytes(16))],
    "short of vectors": [TokenVectors([1, 1], 3, bytes([127, 0, 0]), bytes(16))],
    "short of places": [TokenVectors([1, 1], 3, bytes([127, 0, 0] * 2), bytes(8))],
    "zero": [tokens([1, 1], vector=(0, 0, 0))],
    "not normalised": [tokens([1, 1], vector=(127, 127, 127))],
    "outside the text": [tokens([1, 1], span=(0, 2))],
    "backwards": [tokens([1, 1], span=(1, 0))],
    "far outside": [tokens([1, 1], span=(0, 2**32 - 1))],
    "vectors of texts": [vectors([[1, 0, 0], [1, 0, 0]])],
}


@pytest.mark.parametrize("lie", TOKEN_LIES)
def test_tokens_that_cannot_be_are_refused_and_the_engine_ended(lie: str) -> None:
    made, client = embedder(lambda _: TOKEN_LIES[lie])
    with pytest.raises(EngineFailed):
        made.embed_tokens(["x", "y"])
    assert client.closed == 1


def test_honest_tokens_come_in_the_order_of_the_texts() -> None:
    def count(work: Work) -> list[Result]:
        assert isinstance(work, EmbedTokens)
        return [tokens([len(text) % 5 for text in work.texts], span=(0, 0))]

    made, _ = embedder(count)
    texts = ["x" * (number % 7) for number in range(1000)]
    assert [len(text.vectors) for text in made.embed_tokens(texts)] == [len(text) % 5 for text in texts]


def test_model_and_dimensions_are_known_without_an_engine() -> None:
    made = EngineEmbedder(folder("embedder"))
    assert made.dimensions == 3
    assert made.model.startswith("toy@")
    assert not made._client.running


def test_pieces_come_as_they_are_and_silence_as_empty_pieces() -> None:
    made, _ = language_model(lambda _: [Busy(), Piece("Walked "), Busy(), Piece("home.")])
    assert list(made.stream(QUESTION, max_tokens=9)) == ["", "Walked ", "", "home."]


@pytest.mark.parametrize(
    "lie",
    [[Piece("x" * 100_000)], [Piece("x")] * 50, [vectors([[1, 0, 0]])], [Heard(0, 1, "words", 1)]],
    ids=["a piece without end", "more than was asked for", "vectors", "speech"],
)
def test_text_that_cannot_be_is_refused_and_the_engine_ended(lie: list[Result]) -> None:
    made, client = language_model(lambda _: lie)
    with pytest.raises(EngineFailed):
        list(made.stream(QUESTION, max_tokens=9))
    assert client.closed == 1


def test_half_a_character_in_a_note_can_be_sent() -> None:
    made, client = language_model(lambda _: [Piece("ok")])
    assert list(made.stream([ChatMessage("user", "\ud83d broken")], max_tokens=1)) == ["ok"]
    assert "\ud83d" not in repr(client.asked)
