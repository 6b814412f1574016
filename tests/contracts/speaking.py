"""What the screen and the command line may rely on of `Session.voice`; stand-in and real one pass it."""

from __future__ import annotations

from abc import ABC, abstractmethod

import pytest

from diary.errors import DiaryError, ModelMissing, Stopped
from diary.model.entry import Kind, Transcript
from diary.model.glossary import TermDraft, TermKind
from diary.model.progress import Progress
from diary.model.recording import Phase, SpoolId
from diary.model.speech import Segment
from diary.tui.voice_ports import Speaking
from tests.waiting import until

TOPIRAMATE = TermDraft(text="Topiramate", kind=TermKind.MEDICINE, also=("Topamax",))


class Desk(ABC):
    """A diary, with somebody who speaks to it."""

    voice: Speaking

    @abstractmethod
    def leave(self, sentences: int) -> SpoolId:
        """A recording that a kill left, with so many sentences in it that nobody wrote down."""

    @abstractmethod
    def take_the_model_away(self) -> None:
        """Nothing is installed that hears words."""

    @abstractmethod
    def speak(self) -> None:
        """The running recording hears a sentence."""


class SpeakingContract:
    """Subclasses give a fixture `desk`."""

    def test_a_running_recording_is_not_unfinished_and_one_that_was_stopped_is(self, desk: Desk):
        meters = []
        running = desk.voice.record(meter=meters.append, heard=lambda _: None)
        desk.speak()
        until(lambda: meters and meters[-1].phase is Phase.RECORDING)
        assert desk.voice.unfinished() == []
        running.stop()
        (one,) = desk.voice.unfinished()
        assert one.id == running.id and one.seconds > 0

    def test_the_meter_names_the_microphone_and_tells_of_a_pause(self, desk: Desk):
        meters = []
        name = desk.voice.microphones()[1]
        running = desk.voice.record(meter=meters.append, heard=lambda _: None, microphone=name.id)
        desk.speak()
        until(lambda: meters and meters[-1].phase is Phase.RECORDING)
        assert meters[-1].microphone == name.name
        running.pause()
        until(lambda: meters[-1].phase is Phase.PAUSED)
        running.resume()
        desk.speak()
        until(lambda: meters[-1].phase is Phase.RECORDING)
        running.stop()

    def test_a_microphone_is_remembered_until_it_is_not(self, desk: Desk):
        assert desk.voice.microphone() is None
        desk.voice.use_microphone("one")
        assert desk.voice.microphone() == "one"
        desk.voice.use_microphone(None)
        assert desk.voice.microphone() is None

    def test_hearing_tells_each_segment_in_order_and_notes_all(self, desk: Desk):
        spool = desk.leave(2)
        told: list[Segment] = []
        reports: list[Progress] = []
        segments = desk.voice.hear(spool, heard=told.append, report=reports.append)
        assert len(segments) == 2 and told == list(segments)
        (one,) = desk.voice.unfinished()
        assert one.segments == segments and one.engine
        assert [each.done for each in reports] == sorted(each.done for each in reports)

    def test_hearing_again_hears_nothing_twice(self, desk: Desk):
        spool = desk.leave(2)
        segments = desk.voice.hear(spool)
        told: list[Segment] = []
        assert desk.voice.hear(spool, heard=told.append) == segments
        assert told == []

    def test_a_stop_is_told_and_what_was_heard_is_kept(self, desk: Desk):
        spool = desk.leave(3)
        told: list[Segment] = []
        with pytest.raises(Stopped):
            desk.voice.hear(spool, heard=told.append, cancelled=lambda: bool(told))
        (one,) = desk.voice.unfinished()
        assert one.segments == tuple(told) != ()
        assert len(desk.voice.hear(spool)) == 3

    def test_without_a_model_hearing_says_so_and_saving_works(self, desk: Desk):
        spool = desk.leave(1)
        desk.take_the_model_away()
        with pytest.raises(ModelMissing):
            desk.voice.hear(spool)
        entry = desk.voice.save_recording(spool, "")
        assert entry.transcript is Transcript.WAITING
        assert desk.voice.transcribe_waiting() == 0

    def test_a_saved_recording_is_a_voice_entry_and_no_more_unfinished(self, desk: Desk):
        spool = desk.leave(2)
        started = desk.voice.unfinished()[0].started
        segments = desk.voice.hear(spool)
        entry = desk.voice.save_recording(spool, "As I said.", title="Monday", tags=("sleep",))
        assert (entry.kind, entry.transcript) == (Kind.VOICE, Transcript.TRANSCRIBED)
        assert (entry.text, entry.title, entry.tags) == ("As I said.", "Monday", ("sleep",))
        assert entry.happened == started
        assert desk.voice.unfinished() == []
        assert desk.voice.heard(entry.id) == segments
        assert [one.segments for one in desk.voice.transcripts(entry.id)] == [segments]

    def test_a_discarded_recording_is_gone(self, desk: Desk):
        desk.voice.discard_recording(desk.leave(1))
        assert desk.voice.unfinished() == []

    def test_written_down_anew_there_are_two_transcripts(self, desk: Desk):
        spool = desk.leave(1)
        words = " ".join(one.text for one in desk.voice.hear(spool))
        entry = desk.voice.save_recording(spool, words)
        again = desk.voice.transcribe_again(entry.id)
        assert again.transcript is Transcript.TRANSCRIBED
        assert len(desk.voice.transcripts(entry.id)) == 2

    def test_terms_are_kept_and_forgotten(self, desk: Desk):
        term = desk.voice.add_term(TOPIRAMATE)
        assert (term.text, term.kind, term.also) == ("Topiramate", TermKind.MEDICINE, ("Topamax",))
        assert desk.voice.terms() == [term]
        desk.voice.remove_term(term.id)
        assert desk.voice.terms() == []

    def test_no_sound_is_old_where_all_is_kept(self, desk: Desk):
        assert desk.voice.forget_old_sound() == 0

    def test_what_is_unknown_is_refused_in_a_sentence(self, desk: Desk):
        with pytest.raises(DiaryError):
            desk.voice.save_recording(SpoolId("f" * 32), "Words.")
