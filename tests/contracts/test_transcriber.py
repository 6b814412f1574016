"""The fake, Whisper and PocketSphinx keep the same promises."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from diary.engine.transcriber import EngineTranscriber
from diary.engine.whisper_folder import WhisperFolder
from tests.contracts.transcriber import TranscriberContract
from tests.fakes.speech import FakeTranscriber
from tests.unit.speech.fixtures import FIRST_TIME, toy  # noqa: F401  pytest finds the fixture by its name


class TestFakeTranscriber(TranscriberContract):
    @pytest.fixture(scope="class")
    @classmethod
    def transcriber(cls) -> FakeTranscriber:
        return FakeTranscriber()


@FIRST_TIME
class TestWhisper(TranscriberContract):
    @pytest.fixture(scope="class")
    @classmethod
    def transcriber(cls, toy: WhisperFolder) -> Iterator[EngineTranscriber]:  # noqa: F811  see above
        hearer = EngineTranscriber(toy)
        yield hearer
        hearer.close()


class TestPocketSphinx(TranscriberContract):
    @pytest.fixture(scope="class")
    @classmethod
    def transcriber(cls) -> Iterator[EngineTranscriber]:
        hearer = EngineTranscriber.rough()
        yield hearer
        hearer.close()
