"""A recording becomes an entry whose status is true, with nothing lost, whatever was heard of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from diary.errors import (
    DiskFull,
    EmptyEntry,
    EngineFailed,
    Stopped,
    TimeNotUnderstood,
    VaultDamaged,
)
from diary.model.entry import Kind, Transcript
from diary.settings import Speech
from ingest.heard import as_text
from tests.fakes.speech import FakeTranscriber
from tests.unit.voice.conversing import Conversation
from tests.unit.voice.sounds import SENTENCE, SENTENCE_SECONDS, hush

NEVER = Speech(keep_audio=timedelta(0))


@pytest.fixture
def talk() -> Conversation:
    return Conversation(FakeTranscriber(words=["I slept badly.", "It is better now."]))


def test_it_becomes_an_entry_of_the_time_it_began_with_sound_and_transcript(talk):
    spool = talk.recorded()
    segments = talk.voice.hear(spool)
    started = talk.unfinished().started
    entry = talk.voice.save_recording(spool, as_text(segments), title="Monday", tags=("sleep",))
    assert (entry.kind, entry.transcript, entry.happened) == (Kind.VOICE, Transcript.TRANSCRIBED, started)
    assert (entry.title, entry.tags) == ("Monday", ("sleep",))
    assert talk.voice.heard(entry.id) == segments
    assert [one.engine for one in talk.voice.transcripts(entry.id)] == ["whisper fake"]
    assert talk.stores.recordings.sound(entry.id).endswith(SENTENCE * 2)
    assert talk.voice.unfinished() == []


def test_another_time_may_be_told_and_one_that_is_none_leaves_it_unsaved(talk):
    spool = talk.recorded()
    with pytest.raises(TimeNotUnderstood):
        talk.voice.save_recording(spool, "Words.", at="flurb")
    entry = talk.voice.save_recording(spool, "Words.", at="yesterday 3am")
    assert (entry.happened.day, entry.happened.hour) == (14, 3)


def test_observations_in_its_words_are_read(talk):
    entry = talk.voice.save_recording(talk.left(), "sleep:: 6h40m")
    (read,) = talk.stores.observations.observations("sleep")
    assert read.entry == entry.id


def test_without_words_or_a_model_speech_waits_and_says_so(talk):
    talk.installed.engine = None
    entry = talk.voice.save_recording(talk.left(), " ")
    assert entry.transcript is Transcript.WAITING
    assert entry.text == "Recording of 0:03; its words are not written down yet."


def test_silence_is_no_speech_with_a_model_and_without(talk):
    entry = talk.voice.save_recording(talk.left(hush(4)), "")
    assert (entry.transcript, entry.text) == (
        Transcript.NO_SPEECH,
        "Recording of 0:04; no speech was heard.",
    )
    spool = talk.recorded(hush(4))
    talk.voice.hear(spool)
    entry = talk.voice.save_recording(spool, "")
    assert (entry.transcript, entry.text) == (
        Transcript.NO_SPEECH,
        "Recording of 0:04; no words were heard.",
    )


def test_words_that_were_all_deleted_again_wait_rather_than_say_that_nobody_spoke(talk):
    spool = talk.recorded()
    talk.voice.hear(spool)
    assert talk.voice.save_recording(spool, "").transcript is Transcript.WAITING


def test_words_that_a_stop_left_half_written_wait_for_the_rest_and_get_it(talk):
    spool = talk.left(SENTENCE * 3)
    told = []
    with pytest.raises(Stopped):
        talk.voice.hear(spool, heard=told.append, cancelled=lambda: bool(told))
    entry = talk.voice.save_recording(spool, "I slept badly.")
    assert entry.transcript is Transcript.WAITING
    assert talk.voice.transcribe_waiting() == 1
    assert talk.text(entry.id) == "I slept badly. It is better now. It is better now."
    assert talk.installed.starts[-1] > 0


def test_half_written_words_that_a_person_changed_stay_and_the_rest_goes_below(talk):
    spool = talk.left(SENTENCE * 2)
    told = []
    with pytest.raises(Stopped):
        talk.voice.hear(spool, heard=told.append, cancelled=lambda: bool(told))
    entry = talk.voice.save_recording(spool, "Monday. I slept badly.")
    talk.voice.transcribe_waiting()
    assert talk.text(entry.id) == "Monday. I slept badly.\n\nIt is better now."


def test_words_typed_for_a_recording_that_nobody_heard_are_the_person_s_and_wait_for_nothing(talk):
    talk.installed.engine = None
    entry = talk.voice.save_recording(talk.left(), "About my sister.")
    assert entry.transcript is Transcript.TRANSCRIBED
    talk.installed.engine = "whisper fake"
    assert talk.voice.transcribe_waiting() == 0
    assert talk.text(entry.id) == "About my sister."


def test_an_engine_that_cannot_measure_leaves_it_waiting(talk, monkeypatch):
    def crash(_):
        raise EngineFailed("It broke.")

    monkeypatch.setattr(talk.installed, "examine", crash)
    assert talk.voice.save_recording(talk.left(), "").transcript is Transcript.WAITING


def test_words_of_a_rough_engine_are_a_rough_draft(talk):
    spool = talk.left()
    segments = talk.voice.hear(spool)
    talk.stores.spools.note(spool, segments, 2 * SENTENCE_SECONDS, "pocketsphinx")
    assert talk.voice.save_recording(spool, as_text(segments)).transcript is Transcript.ROUGH


def test_a_recording_without_sound_is_a_note_of_its_words_or_nothing(talk):
    spool = talk.left(b"")
    with pytest.raises(EmptyEntry):
        talk.voice.save_recording(spool, " ")
    assert len(talk.voice.unfinished()) == 1
    assert talk.voice.save_recording(spool, "Typed.").kind is Kind.NOTE
    assert talk.voice.unfinished() == []


def test_a_running_recording_is_ended_and_saved(talk):
    running = talk.record()
    talk.sound.capture.hears(SENTENCE)
    talk.words_come(1)
    entry = talk.voice.save_recording(running.id, "I slept badly.")
    assert talk.sound.capture.stopped
    assert talk.stores.recordings.sound(entry.id).endswith(SENTENCE)


def test_a_full_disk_leaves_it_unsaved_and_it_can_be_saved_later(talk, monkeypatch):
    def full(*_, **__):
        raise DiskFull("The disk is full.")

    spool = talk.recorded()
    with monkeypatch.context() as patch:
        patch.setattr(talk.stores.recordings, "keep_spool", full)
        with pytest.raises(DiskFull):
            talk.voice.save_recording(spool, "Words.")
    assert talk.unfinished().id == spool
    assert talk.voice.save_recording(spool, "Words.")


def test_damaged_sound_is_saved_as_far_as_it_is_whole(talk, monkeypatch):
    keep, asked = talk.stores.recordings.keep_spool, []

    def damaged(draft, spool, *, name, without_damage=False):
        asked.append(without_damage)
        if not without_damage:
            raise VaultDamaged("Some of it is not as it was written.")
        return keep(draft, spool, name=name)

    monkeypatch.setattr(talk.stores.recordings, "keep_spool", damaged)
    entry = talk.voice.save_recording(talk.left(), "Words.")
    assert asked == [False, True]
    assert entry.text == "Words.\n\n(A part of this recording was damaged on the disk, and is silent.)"


def test_words_whose_sound_is_gone_are_saved_as_a_note(talk):
    spool = talk.left()
    segments = talk.voice.hear(spool)
    talk.stores.spools.sound_of(spool).clear()
    entry = talk.voice.save_recording(spool, "")
    assert (entry.kind, entry.text) == (Kind.NOTE, as_text(segments))


# The sound afterwards


def test_sound_that_is_never_kept_goes_when_the_words_are_saved():
    talk = Conversation(speech=NEVER)
    spool = talk.recorded()
    entry = talk.voice.save_recording(spool, as_text(talk.voice.hear(spool)))
    assert not talk.has_sound(entry.id)
    assert len(talk.voice.heard(entry.id)) == 2


def test_sound_that_is_never_kept_stays_while_its_words_wait_and_goes_with_them():
    talk = Conversation(speech=NEVER)
    talk.installed.engine = None
    entry = talk.voice.save_recording(talk.left(), "").id
    assert talk.has_sound(entry)
    assert talk.voice.forget_old_sound() == 0
    talk.installed.engine = "whisper fake"
    assert talk.voice.transcribe_waiting() == 1
    assert not talk.has_sound(entry)


def test_sound_that_nobody_wrote_down_is_kept_whatever_the_settings_say():
    talk = Conversation(speech=NEVER)
    talk.installed.engine = None
    entry = talk.voice.save_recording(talk.left(), "About my sister.").id
    assert talk.voice.forget_old_sound() == 0
    assert talk.has_sound(entry)
