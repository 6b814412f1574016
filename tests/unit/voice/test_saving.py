"""A recording becomes an entry whose status is true, with nothing lost, whatever was heard of it."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from diary.errors import (
    DiskFull,
    EmptyEntry,
    EngineFailed,
    MicrophoneMissing,
    ModelMissing,
    RecordingNotFound,
    Stopped,
    TimeNotUnderstood,
    VaultDamaged,
)
from diary.model.entry import Kind, Transcript
from diary.model.glossary import TermDraft, TermKind
from diary.model.progress import Progress
from diary.model.recording import Phase
from diary.settings import Speech
from ingest.heard import as_text
from tests.fakes.sound import FakeSoundDevices
from tests.fakes.speech import FakeTranscriber
from tests.unit.voice.conversing import Conversation
from tests.unit.voice.sounds import SENTENCE, SENTENCE_SECONDS, hush, tone
from tests.waiting import until

NEVER = Speech(keep_audio=timedelta(0))


@pytest.fixture
def talk() -> Conversation:
    return Conversation(FakeTranscriber(words=["I slept badly.", "It is better now."]))


# Recording


def test_the_running_recording_is_not_shown_as_unfinished_and_is_once_it_ended(talk):
    running = talk.record()
    assert talk.voice.unfinished() == []
    talk.sound.capture.hears(SENTENCE)
    running.stop()
    assert talk.unfinished().seconds == pytest.approx(SENTENCE_SECONDS)


def test_a_second_recording_is_refused_while_one_runs_and_possible_after_it(talk):
    running = talk.record()
    with pytest.raises(Exception, match="running already"):
        talk.record()
    assert len(talk.sound.captures) == 1
    running.stop()
    talk.record().stop()


def test_the_remembered_microphone_is_used_and_can_be_another_for_once(talk):
    talk.voice.use_microphone("headset")
    assert talk.voice.microphone() == "headset"
    talk.record().stop()
    talk.record(microphone="desk").stop()
    assert [one.microphone.id for one in talk.sound.captures] == ["headset", "desk"]
    talk.voice.use_microphone(None)
    talk.record().stop()
    assert talk.sound.capture.microphone.id == "desk"


def test_a_remembered_microphone_that_is_gone_is_told_and_the_system_s_own_is_used(talk):
    talk.voice.use_microphone("gone")
    talk.record().stop()
    until(lambda: talk.meters)
    assert talk.meters[-1].note == "The chosen microphone is not there, so this is Desk microphone."


def test_a_named_microphone_that_is_gone_is_refused_and_nothing_is_begun(talk):
    with pytest.raises(MicrophoneMissing):
        talk.record(microphone="gone")
    assert talk.stores.spools.unfinished() == []


def test_a_full_disk_at_the_beginning_lets_the_microphone_go(talk, monkeypatch):
    def full(_):
        raise DiskFull("The disk is full.")

    monkeypatch.setattr(talk.stores.spools, "begin", full)
    with pytest.raises(DiskFull):
        talk.record()
    assert talk.sound.capture.stopped


def test_what_is_said_is_heard_with_language_and_glossary_and_written_by_its_rules():
    talk = Conversation(FakeTranscriber(words=["Dr okay for called."]), speech=Speech(languages=("en", "de")))
    talk.voice.add_term(TermDraft(text="Dr Okafor", kind=TermKind.PERSON, instead_of=("dr okay for",)))
    spool = talk.recorded(SENTENCE)
    assert as_text(talk.voice.hear(spool)) == "Dr Okafor called."
    (hearing,) = talk.installed.hearings
    assert (hearing.language, hearing.languages, hearing.hotwords) == (None, ("en", "de"), ("Dr Okafor",))


# Closing


def test_closing_the_diary_ends_a_recording_and_keeps_it(talk):
    running = talk.record()
    talk.sound.capture.hears(SENTENCE + tone(0.3))
    talk.session.close()
    assert talk.sound.capture.stopped and not running.running
    assert bytes(talk.stores.spools.sound_of(running.id)) == SENTENCE + tone(0.3)
    assert talk.opened().voice.unfinished()[0].id == running.id


def test_closing_stops_what_is_being_written_down(talk):
    spool = talk.left()
    talk.session.voice._closing.set()
    with pytest.raises(Stopped):
        talk.voice.hear(spool)


def test_closing_a_diary_in_which_nobody_spoke_makes_no_voice(talk):
    talk.session.close()
    assert talk.session._voice is None


# Hearing


def test_words_that_were_written_down_while_it_ran_are_not_heard_again(talk):
    running = talk.record()
    talk.sound.capture.hears(SENTENCE)
    talk.words_come(1)
    talk.sound.capture.hears(SENTENCE)
    running.stop()
    told = []
    segments = talk.voice.hear(running.id, heard=told.append)
    assert as_text(segments) == "I slept badly. It is better now."
    assert [*talk.heard, *told] == list(segments)
    assert len(talk.installed.hearings) == 1


def test_a_recording_that_a_kill_left_is_written_down_to_its_end(talk):
    reports: list[Progress] = []
    told = []
    segments = talk.voice.hear(talk.left(), report=reports.append, heard=told.append)
    assert as_text(segments) == "I slept badly. It is better now."
    assert told == list(segments)
    counts = [one.done for one in reports]
    assert counts == sorted(counts)
    assert (counts[0], counts[-1], reports[0].total) == (0, 3, 3)
    assert talk.unfinished().reached == talk.unfinished().seconds


def test_it_goes_on_where_it_was_and_the_times_are_of_the_whole(talk):
    spool = talk.left()
    first = talk.voice.hear(spool)[:1]
    talk.stores.spools.note(spool, first, SENTENCE_SECONDS, "whisper fake")
    segments = talk.voice.hear(spool)
    assert [one.start for one in segments] == pytest.approx([0.0, SENTENCE_SECONDS], abs=0.05)
    assert segments[1].words[0].start == pytest.approx(SENTENCE_SECONDS, abs=0.05)
    assert segments[0] == first[0]
    assert talk.installed.starts == [0.0, SENTENCE_SECONDS]


def test_another_engine_than_before_begins_anew(talk):
    spool = talk.left()
    talk.stores.spools.note(spool, (), SENTENCE_SECONDS, "whisper old")
    assert len(talk.voice.hear(spool)) == 2


def test_a_stop_keeps_what_was_heard_and_it_goes_on_from_there(talk):
    spool = talk.left(SENTENCE * 3)
    told = []
    with pytest.raises(Stopped, match="is kept"):
        talk.voice.hear(spool, heard=told.append, cancelled=lambda: bool(told))
    noted = talk.unfinished()
    assert (len(noted.segments), noted.engine) == (1, "whisper fake")
    assert 0 < noted.reached < 2 * SENTENCE_SECONDS
    assert len(talk.voice.hear(spool)) == 3


def test_a_stop_while_it_is_still_followed_ends_that_too(talk):
    gate = threading.Event()
    talk.installed._on_transcribe = gate.wait
    spool = talk.recorded()
    with pytest.raises(Stopped):
        talk.voice.hear(spool, cancelled=lambda: True)
    gate.set()
    talk.installed._on_transcribe = None
    assert len(talk.voice.hear(spool)) == 2


def test_a_recording_that_runs_is_not_heard_by_this(talk):
    running = talk.record()
    with pytest.raises(Exception, match="still running"):
        talk.voice.hear(running.id)
    running.stop()


def test_an_engine_that_fails_says_that_the_recording_is_kept(talk):
    talk.installed._failure = EngineFailed("It broke.", hint="Try again.")
    with pytest.raises(EngineFailed, match=r"It broke\. The recording is kept") as failed:
        talk.voice.hear(talk.left())
    assert failed.value.hint == "Try again."


def test_without_a_model_it_says_so_and_that_it_can_be_saved(talk):
    talk.installed.engine = None
    with pytest.raises(ModelMissing, match="kept"):
        talk.voice.hear(talk.left())


def test_there_is_nothing_to_hear_in_a_recording_without_sound(talk):
    assert talk.voice.hear(talk.left(b"")) == ()
    assert talk.installed.hearings == []


def test_a_name_that_is_none_is_told(talk):
    with pytest.raises(RecordingNotFound):
        talk.voice.hear("0" * 32)
    with pytest.raises(RecordingNotFound):
        talk.voice.save_recording("0" * 32, "words")


# Saving


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


# Discarding


def test_a_discarded_recording_is_gone_also_while_it_runs(talk):
    running = talk.record()
    talk.sound.capture.hears(SENTENCE)
    talk.voice.discard_recording(running.id)
    assert talk.sound.capture.stopped
    assert talk.stores.spools.unfinished() == []
    until(lambda: talk.meters[-1].phase is Phase.ENDED)
    talk.voice.discard_recording(running.id)


def test_a_try_out_keeps_nothing(talk):
    trial = talk.voice.try_out()
    running = trial.record(meter=talk.meters.append, heard=talk.heard.append)
    talk.sound.capture.hears(SENTENCE)
    talk.sound.capture.loses(0.2)
    running.stop()
    assert trial.newest is not None
    assert (trial.newest.sound, trial.newest.lost) == (SENTENCE, 0.2)
    assert talk.stores.spools.unfinished() == [] and talk.installed.hearings == []


def test_no_microphone_is_told_by_the_list_of_them():
    talk = Conversation(sound=FakeSoundDevices([]))
    with pytest.raises(MicrophoneMissing):
        talk.voice.microphones()
