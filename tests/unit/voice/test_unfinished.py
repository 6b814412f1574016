"""A recording is made, ended, written down to its end and kept until somebody decides what becomes of it."""

from __future__ import annotations

import threading

import pytest

from diary.errors import (
    DiaryError,
    DiskFull,
    EngineFailed,
    MicrophoneMissing,
    ModelMissing,
    RecordingNotFound,
    Stopped,
)
from diary.model.audit import Event
from diary.model.glossary import TermDraft, TermKind
from diary.model.progress import Progress
from diary.model.recording import Phase
from diary.settings import Speech
from ingest.heard import as_text
from tests.fakes.sound import FakeSoundDevices
from tests.fakes.speech import FakeTranscriber
from tests.unit.voice.conversing import Conversation
from tests.unit.voice.sounds import SENTENCE, SENTENCE_SECONDS, tone
from tests.waiting import until


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


def test_a_recording_that_was_being_begun_when_the_diary_was_closed_is_ended(talk):
    open_microphone = talk.sound.record

    def slowly(microphone):
        talk.session.close()
        return open_microphone(microphone)

    talk.sound.record = slowly
    with pytest.raises(Stopped):
        talk.record()
    assert talk.sound.capture.stopped
    assert len(talk.stores.spools.unfinished()) == 1


def test_two_recordings_cannot_be_begun_at_once(talk):
    open_microphone = talk.sound.record

    def meanwhile(microphone):
        with pytest.raises(DiaryError, match="running already"):
            talk.record()
        return open_microphone(microphone)

    talk.sound.record = meanwhile
    talk.record().stop()
    assert len(talk.sound.captures) == 1


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


def test_words_that_come_after_the_end_are_told_to_whoever_waits_for_them_and_to_nobody_else(talk):
    gate = threading.Event()
    talk.installed._on_transcribe = gate.wait
    spool = talk.recorded()
    told = []
    segments = talk.voice.hear(spool, heard=told.append, report=lambda _: gate.set())
    assert told == list(segments) and len(told) == 2
    assert talk.heard == []
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


# Discarding


def test_a_discarded_recording_is_gone_also_while_it_runs(talk):
    running = talk.record()
    talk.sound.capture.hears(SENTENCE)
    talk.voice.discard_recording(running.id)
    assert talk.sound.capture.stopped
    assert talk.stores.spools.unfinished() == []
    until(lambda: talk.meters[-1].phase is Phase.ENDED)
    talk.voice.discard_recording(running.id)
    assert talk.stores.audit.logged == [(Event.ERASED, {"recordings": 1, "by": "person"})]


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
