"""The fakes, the tiny model and the embedded models keep the same promises."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from diary.engine.embedder import EngineEmbedder
from diary.engine.language_model import EngineLanguageModel
from diary.engine.models import ModelFolder, ModelKind, find_models
from tests.contracts.models import EmbedderContract, LanguageModelContract, TokenEmbedderContract
from tests.fakes.models import FakeEmbedder, FakeLanguageModel
from tests.tiny_gguf import Tiny, tiny_folder

INSTALLED = Path(sys.prefix) / "share" / "diary" / "models"


def installed(kind: ModelKind) -> ModelFolder:
    found = find_models([INSTALLED], kind)
    if not found:
        pytest.skip(f"no {kind} model is set up here: run “make setup”")
    return found[0]


class TestFakeEmbedder(EmbedderContract, TokenEmbedderContract):
    @pytest.fixture(scope="class")
    @classmethod
    def embedder(cls) -> FakeEmbedder:
        return FakeEmbedder()


class TestEmbeddedEmbedder(EmbedderContract, TokenEmbedderContract):
    @pytest.fixture(scope="class")
    @classmethod
    def embedder(cls) -> Iterator[EngineEmbedder]:
        embedder = EngineEmbedder(installed("embedder"))
        yield embedder
        embedder.close()


class TestFakeLanguageModel(LanguageModelContract):
    @pytest.fixture(scope="class")
    @classmethod
    def language_model(cls) -> FakeLanguageModel:
        return FakeLanguageModel(["You ", "walked ", "by ", "the ", "river."])


class TestTinyLanguageModel(LanguageModelContract):
    @pytest.fixture(scope="class")
    @classmethod
    def language_model(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineLanguageModel]:
        model = EngineLanguageModel(tiny_folder(tmp_path_factory.mktemp("models") / "tiny", Tiny()))
        yield model
        model.close()


class TestEmbeddedLanguageModel(LanguageModelContract):
    @pytest.fixture(scope="class")
    @classmethod
    def language_model(cls) -> Iterator[EngineLanguageModel]:
        model = EngineLanguageModel(installed("language"))
        yield model
        model.close()
