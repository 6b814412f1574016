"""Fixtures of the tests of speech, imported by name where they are needed."""

from __future__ import annotations

import pytest

from diary.engine.whisper_folder import WhisperFolder, described
from tests.models import put_in
from tests.toy_whisper.folder import toy_whisper

FIRST_TIME = pytest.mark.timeout(600)
"""For tests that use `toy`: the first run on a machine trains it, which may take minutes on a busy one."""


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory) -> WhisperFolder:
    """The toy Whisper, imported as a user's model is."""
    return described(put_in(toy_whisper(), tmp_path_factory.mktemp("models")))
