"""Engines of the tests: real processes behind the real wall, with services that misbehave on order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from diary.engine.client import EngineClient
from diary.engine.messages import Generate, Piece, Result, Turn
from tests.tiny_gguf import Tiny, write_tiny

TESTS = Path(__file__).parents[2]
NAME = "the test engine"
ROOM = "tests.unit.engine"


def order(text: str, max_tokens: int = 10) -> Generate:
    return Generate([Turn("user", text)], max_tokens)


def said(results: Iterator[Result]) -> list[str]:
    return [result.text for result in results if isinstance(result, Piece)]


@pytest.fixture
def make_engine() -> Iterator[Callable[..., EngineClient]]:
    """Makes clients of a service in `services`; all are closed afterwards."""
    made: list[EngineClient] = []

    def make(function: str = "serve", rooms: tuple[str, ...] = (ROOM,)) -> EngineClient:
        made.append(EngineClient(f"{ROOM}.services:{function}", [TESTS], name=NAME, rooms=rooms))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def engine(make_engine: Callable[..., EngineClient]) -> EngineClient:
    return make_engine()


@pytest.fixture(scope="session")
def tiny_gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tiny") / "tiny.gguf"
    write_tiny(path, Tiny())
    return path
