"""The stand-in that the screens are tried with speaks as the real voice does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from diary.model.recording import Phase, SpoolId
from diary.vault.vault import Vault
from tests.contracts.speaking import Desk, SpeakingContract
from tests.fakes.session import FakeSession
from tests.fakes.voice import FakeVoice, said
from tests.unit.vault.fresh import fresh_vault
from tests.unit.voice.conversing import Conversation
from tests.unit.voice.sounds import SENTENCE


class FakeDesk(Desk):
    def __init__(self) -> None:
        self.voice: FakeVoice = FakeSession().voice

    def leave(self, sentences: int) -> SpoolId:
        left = self.voice.leave_unfinished(seconds=2.0 * sentences)
        self.voice.to_hear[left.id] = [said(2.0 * at, f"Sentence {at}.") for at in range(sentences)]
        self.voice.hear_on.release(sentences)
        return left.id

    def take_the_model_away(self) -> None:
        self.voice.model = None

    def speak(self) -> None:
        assert self.voice.running is not None
        seconds = self.voice.running.standing.seconds + 1.5
        self.voice.running.measures(phase=Phase.RECORDING, seconds=seconds)


class RealDesk(Desk):
    def __init__(self, vault: Vault | None = None) -> None:
        self.talk = Conversation(vault=vault)
        self.voice = self.talk.voice

    def leave(self, sentences: int) -> SpoolId:
        return self.talk.left(SENTENCE * sentences)

    def take_the_model_away(self) -> None:
        self.talk.installed.engine = None

    def speak(self) -> None:
        self.talk.sound.capture.hears(SENTENCE)


class TestFakeVoice(SpeakingContract):
    @pytest.fixture
    def desk(self) -> Desk:
        return FakeDesk()


class TestVoice(SpeakingContract):
    @pytest.fixture
    def desk(self) -> Desk:
        return RealDesk()


class TestVoiceOverAVault(SpeakingContract):
    @pytest.fixture
    def desk(self, tmp_path: Path) -> Iterator[Desk]:
        with fresh_vault(tmp_path) as vault:
            yield RealDesk(vault)
