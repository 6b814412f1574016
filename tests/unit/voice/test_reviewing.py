"""The words beside their sound; the sound itself, played from anywhere, told as it goes, silent at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from diary.errors import EngineFailed, EntryNotFound, MicrophoneMissing, RecordingNotFound, TermRefused
from diary.model.entry import EntryId
from diary.model.glossary import TermDraft, TermKind
from diary.model.speech import RATE
from tests.fakes.sound import FakeSoundDevices
from tests.fakes.speech import FakeTranscriber
from tests.unit.speech.sounds import encoded
from tests.unit.voice.conversing import Conversation
from tests.unit.voice.sounds import SENTENCE, SENTENCE_SECONDS
from tests.waiting import until


@pytest.fixture
def talk() -> Conversation:
    return Conversation()


def play(talk: Conversation, sound: object, start: float = 0.0, **given: object) -> list[float]:
    """What was told of the position."""
    told: list[float] = []
    talk.voice.play(sound, start=start, **{"position": told.append, "cancelled": lambda: False} | given)
    return told


def saved(talk: Conversation) -> EntryId:
    return talk.voice.save_recording(talk.recorded(SENTENCE * 2), "Words.").id


# Words


def test_an_entry_without_a_recording_has_no_segments_and_no_transcripts(talk):
    entry = talk.session.write("Typed.").id
    assert talk.voice.heard(entry) == ()
    assert talk.voice.transcripts(entry) == []


def test_a_medicine_that_is_perhaps_meant_is_asked_about(talk):
    talk.voice.add_term(TermDraft(text="Topiramate", kind=TermKind.MEDICINE))
    (doubt,) = talk.voice.doubts("I took topiramat at eight.")
    assert (doubt.heard, doubt.meant.text) == ("topiramat", "Topiramate")


def test_what_was_told_in_words_is_offered_as_a_line(talk):
    (offer,) = talk.voice.spoken_observations("I slept six hours forty.")
    assert offer.line.startswith("sleep::")


def test_the_glossary_is_kept_proposed_and_forgotten(talk):
    for _ in range(3):
        talk.session.write("I met Dr Okafor today.")
    assert "Dr Okafor" in [one.text for one in talk.voice.proposed_terms()]
    term = talk.voice.add_term(TermDraft(text="Dr Okafor", kind=TermKind.PERSON))
    assert talk.voice.terms() == [term]
    assert talk.voice.proposed_terms() == []
    talk.voice.remove_term(term.id)
    assert talk.voice.terms() == []


# Sound


def test_an_unsaved_recording_is_played_from_a_second_to_its_end(talk):
    spool = talk.recorded(SENTENCE * 2)
    told = play(talk, spool, 1.0)
    assert talk.sound.playbacks[0].sound == (SENTENCE * 2)[2 * RATE :]
    assert told == sorted(told) and told[-1] == pytest.approx(2 * SENTENCE_SECONDS)
    assert not talk.sound.playbacks[0].stopped


def test_our_own_recording_is_played_without_asking_an_engine(talk, monkeypatch):
    monkeypatch.setattr(talk.installed, "samples", None)
    told = play(talk, saved(talk), 0.5)
    assert talk.sound.playbacks[0].sound == (SENTENCE * 2)[RATE:]
    assert told[-1] == pytest.approx(2 * SENTENCE_SECONDS)


def test_another_program_s_recording_is_decoded_by_the_engine(talk, monkeypatch):
    asked = []

    def samples(sound: bytes, *, start: float = 0.0) -> Iterator[bytes]:
        asked.append((sound, start))
        yield SENTENCE

    monkeypatch.setattr(talk.installed, "samples", samples)
    sound = encoded("flac", np.frombuffer(SENTENCE, dtype="<i2") / 32768)
    play(talk, talk.kept(sound, "waiting"), 0.25)
    assert asked == [(sound, 0.25)]
    assert talk.sound.playbacks[0].sound == SENTENCE


def test_playing_begins_at_the_beginning_when_asked_to_begin_before_it_and_ends_beyond_the_end(talk):
    spool = talk.recorded(SENTENCE)
    assert play(talk, spool, -3.0)[-1] == pytest.approx(SENTENCE_SECONDS)
    play(talk, spool, 99.0)
    assert talk.sound.playbacks[1].sound == b""


def test_playing_is_silent_at_once_whatever_the_loudspeaker_does(talk):
    stuck, stop = threading.Event(), threading.Event()
    pressed: list[float] = []
    talk.sound._plays_at_once = False
    spool = talk.recorded(SENTENCE * 2)
    device = talk.sound.play()
    device.write = lambda _: stuck.wait(20)
    talk.sound.play = lambda: device

    def press() -> None:
        pressed.append(time.monotonic())
        stop.set()

    threading.Timer(0.1, press).start()
    play(talk, spool, cancelled=stop.is_set)
    assert time.monotonic() - pressed[0] < 10  # the loudspeaker holds it for twenty
    assert device.stopped
    stuck.set()


def test_closing_the_diary_ends_playing(talk):
    talk.sound._plays_at_once = False
    spool = talk.recorded(SENTENCE)
    playing = threading.Thread(target=play, args=(talk, spool), daemon=True)
    playing.start()
    until(lambda: talk.sound.playbacks)
    talk.session.close()
    playing.join(30)
    assert not playing.is_alive()
    assert talk.sound.playbacks[0].stopped


def test_a_failure_of_the_sound_or_the_loudspeaker_is_told(talk, monkeypatch):
    def broken(sound: bytes, *, start: float = 0.0) -> Iterator[bytes]:
        yield SENTENCE
        raise EngineFailed("It broke.")

    monkeypatch.setattr(talk.installed, "samples", broken)
    with pytest.raises(EngineFailed):
        play(talk, talk.kept(b"not ours", "waiting"))
    assert talk.sound.playbacks[0].stopped
    with pytest.raises(EntryNotFound):
        play(talk, talk.session.write("Typed.").id)
    with pytest.raises(RecordingNotFound):
        play(talk, "0" * 32)


def test_no_loudspeaker_is_told():
    missing = MicrophoneMissing("There is nothing to play on.")
    talk = Conversation(FakeTranscriber(), sound=FakeSoundDevices(missing=missing))
    with pytest.raises(MicrophoneMissing):
        play(talk, talk.left())


@pytest.mark.parametrize("text", ["", "   ", "\x1b[31mred", "x" * 101])
def test_what_is_no_word_is_not_kept_in_the_glossary(text: str):
    talk = Conversation()
    with pytest.raises(TermRefused):
        talk.voice.add_term(TermDraft(text=text, kind=TermKind.OTHER))
    assert talk.voice.terms() == []


def test_names_are_kept_plain_and_each_once():
    talk = Conversation()
    told = TermDraft(text=" Dr\n Okafor ", kind=TermKind.PERSON, also=("", "the  doctor", "the doctor"))
    kept = talk.voice.add_term(told)
    assert (kept.text, kept.also, kept.instead_of) == ("Dr Okafor", ("the doctor",), ())
