"""What waits is written down when it can be, and words that a person wrote or vouched for are theirs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from diary.errors import (
    DiaryError,
    EngineFailed,
    EntryNotFound,
    ModelMissing,
    NoWordsHeard,
    Stopped,
    WordsChanged,
)
from diary.model.audit import Event
from diary.model.entry import EntryChanges, Transcript
from diary.model.glossary import TermDraft, TermKind
from diary.model.speech import Reached, Segment
from diary.settings import Speech
from tests.fakes.speech import FakeTranscriber
from tests.unit.speech.sounds import pcm
from tests.unit.voice.conversing import Conversation
from tests.unit.voice.sounds import SENTENCE
from tests.waiting import until

import numpy as np  # isort: skip

NOT_YET = "Recording of 0:03; its words are not written down yet."


def file(sentences: int = 2) -> bytes:
    """A recording as another program made it."""
    return pcm(np.frombuffer(SENTENCE * sentences, dtype="<i2") / 32768)


@pytest.fixture
def talk() -> Conversation:
    return Conversation(FakeTranscriber(words=["I slept badly.", "It is better now."]))


NEW = "I slept badly. It is better now."


# Files


def test_a_file_becomes_an_entry_with_the_words_that_the_glossary_wants(talk):
    talk.voice.add_term(TermDraft(text="Topiramate", kind=TermKind.MEDICINE, instead_of=("slept badly",)))
    done = talk.voice.dictate(file(), name="memo.wav")
    assert talk.text(done.entry) == "I Topiramate. It is better now."
    assert talk.installed.hearings[0].hotwords == ("Topiramate",)


def test_the_language_of_the_settings_is_heard_and_another_for_once():
    talk = Conversation(speech=Speech(language="de"))
    talk.voice.dictate(file(), name="memo.wav")
    talk.voice.dictate(file(), name="memo.wav", language="fr")
    assert talk.installed.asked == ["de", "fr"]


def test_observations_in_a_file_s_words_are_read(talk):
    talk.installed._words = ["sleep:: 6h40m"]
    done = talk.voice.dictate(file(1), name="memo.wav")
    assert [one.entry for one in talk.stores.observations.observations("sleep")] == [done.entry]


def test_a_rough_draft_is_made_by_the_rough_engine_alone(talk):
    done = talk.voice.dictate(file(), name="memo.wav", rough=True)
    assert (done.engine, done.status) == ("pocketsphinx", Transcript.ROUGH)
    assert talk.installed.hearings == []


# What waits


def test_what_waits_is_written_down_oldest_first_and_told_as_it_is_done(talk):
    second = talk.kept(file(1), NOT_YET)
    first = talk.kept(file(2), NOT_YET)
    talk.stores.entries.revise(first, EntryChanges(happened=datetime(2020, 1, 1, tzinfo=UTC)))
    done = [one.entry for one in talk.voice.write_down_waiting()]
    assert done == [first, second]
    assert [talk.status(one) for one in done] == [Transcript.TRANSCRIBED] * 2
    assert talk.voice.transcribe_waiting() == 0


def test_without_a_model_nothing_is_written_down_and_asking_for_it_says_why(talk):
    talk.installed.engine = None
    entry = talk.kept(file(), NOT_YET)
    assert talk.voice.transcribe_waiting() == 0
    with pytest.raises(ModelMissing):
        list(talk.voice.write_down_waiting())
    with pytest.raises(ModelMissing):
        talk.voice.transcribe_again(entry)
    assert talk.text(entry) == NOT_YET


def test_one_that_fails_is_passed_over_and_told_at_the_end(talk, monkeypatch):
    bad, good = talk.kept(file(1), NOT_YET), talk.kept(file(2), NOT_YET)
    sound = talk.stores.recordings.sound

    def fails(entry):
        if entry == bad:
            raise EngineFailed("It broke.")
        return sound(entry)

    monkeypatch.setattr(talk.stores.recordings, "sound", fails)
    with pytest.raises(EngineFailed):
        talk.voice.transcribe_waiting()
    assert (talk.status(bad), talk.status(good)) == (Transcript.WAITING, Transcript.TRANSCRIBED)


def test_after_three_failures_in_a_row_no_more_are_tried(talk):
    for _ in range(5):
        talk.kept(file(), NOT_YET)
    talk.installed._failure = EngineFailed("It broke.")
    with pytest.raises(EngineFailed):
        talk.voice.transcribe_waiting()
    assert len(talk.installed.hearings) == 3


def test_one_that_is_deleted_meanwhile_is_no_failure(talk):
    first, second = talk.kept(file(1), NOT_YET), talk.kept(file(1), NOT_YET)
    done = talk.voice.write_down_waiting()
    assert next(done).entry == first
    talk.stores.entries.delete(second)
    assert list(done) == []


def test_a_stop_ends_it_and_what_is_done_is_kept(talk):
    first, second = talk.kept(file(1), NOT_YET), talk.kept(file(1), NOT_YET)
    with pytest.raises(Stopped):
        talk.voice.transcribe_waiting(cancelled=lambda: talk.status(first) is Transcript.TRANSCRIBED)
    assert talk.status(second) is Transcript.WAITING


def test_a_person_s_words_in_a_waiting_entry_stay_on_top(talk):
    entry = talk.kept(file(), "For Tuesday.")
    talk.voice.transcribe_waiting()
    assert talk.text(entry) == f"For Tuesday.\n\n{NEW}"


# Rough drafts


def test_a_rough_draft_is_written_anew_when_a_model_is_there(talk):
    entry = talk.written(file(), Transcript.ROUGH)
    assert talk.voice.transcribe_waiting() == 1
    assert (talk.text(entry), talk.status(entry)) == (NEW, Transcript.TRANSCRIBED)
    assert [one.engine for one in talk.voice.transcripts(entry)] == ["whisper old", "whisper fake"]


def test_a_rough_draft_that_a_person_changed_or_vouched_for_is_theirs(talk):
    changed, vouched = talk.written(file(), Transcript.ROUGH), talk.written(file(), Transcript.ROUGH)
    talk.stores.entries.revise(changed, EntryChanges(text="It is as it always was."))
    assert talk.voice.confirm(vouched).transcript is Transcript.TRANSCRIBED
    assert talk.voice.transcribe_waiting() == 0
    assert talk.text(changed) == "It is as it always was."


def test_what_a_person_does_while_others_are_written_down_is_seen(talk):
    talk.kept(file(), NOT_YET)
    changed, vouched, alone = (talk.written(file(), Transcript.ROUGH) for _ in range(3))
    done = talk.voice.write_down_waiting()
    next(done)
    talk.session.edit(changed, EntryChanges(text="It is as it always was."))
    talk.voice.confirm(vouched)
    talk.voice.transcribe_again(alone)
    assert list(done) == []
    assert talk.text(changed) == "It is as it always was."
    assert talk.text(vouched) == "It is as it was."


def test_words_that_a_person_changes_while_their_sound_is_heard_stay_above_the_new_ones(talk):
    entry = talk.written(file(), Transcript.ROUGH)
    talk.installed._on_transcribe = lambda: talk.session.edit(entry, EntryChanges(text="It always was."))
    talk.voice.transcribe_waiting()
    assert talk.text(entry) == f"It always was.\n\n{NEW}"


def test_rough_drafts_are_made_of_what_waits_and_not_of_other_rough_drafts(talk):
    talk.written(file(), Transcript.ROUGH)
    entry = talk.kept(file(), NOT_YET)
    (done,) = talk.voice.write_down_waiting(rough=True)
    assert (done.entry, done.status) == (entry, Transcript.ROUGH)


def test_only_a_rough_draft_can_be_vouched_for(talk):
    with pytest.raises(EntryNotFound):
        talk.voice.confirm(talk.written(file()))


# Once more


def test_written_down_anew_both_versions_are_in_the_history(talk):
    entry = talk.written(file())
    assert talk.voice.transcribe_again(entry).text == NEW
    texts = [one.text for one in talk.session.history(entry)]
    assert texts[-2:] == ["It is as it was.", NEW]
    assert [one.revision for one in talk.voice.transcripts(entry)] == [2, 3]


def test_words_that_a_person_changed_are_replaced_only_by_force_and_stay_in_the_history(talk):
    entry = talk.written(file())
    talk.session.edit(entry, EntryChanges(text="It is as it was, said Ann."))
    with pytest.raises(WordsChanged, match=f"entry {entry} were changed by hand") as refused:
        talk.voice.transcribe_again(entry)
    assert "history" in refused.value.hint
    assert talk.installed.hearings == []
    assert talk.voice.transcribe_again(entry, force=True).text == NEW
    assert talk.session.history(entry)[-2].text == "It is as it was, said Ann."


def test_a_new_title_is_no_change_of_the_words(talk):
    entry = talk.written(file())
    talk.session.edit(entry, EntryChanges(title="Monday"))
    assert talk.voice.transcribe_again(entry).text == NEW


def test_a_waiting_one_may_be_written_down_alone_and_roughly(talk):
    entry = talk.kept(file(), NOT_YET)
    assert talk.voice.transcribe_again(entry, rough=True).transcript is Transcript.ROUGH


def test_words_typed_for_a_sound_that_nobody_wrote_down_stay_above_its_own(talk):
    entry = talk.kept(file(), "About my sister.", Transcript.TRANSCRIBED)
    assert talk.voice.transcribe_again(entry).text == f"About my sister.\n\n{NEW}"


def test_an_entry_without_a_recording_cannot_be_written_down(talk):
    with pytest.raises(EntryNotFound):
        talk.voice.transcribe_again(talk.session.write("Typed.").id)


# Whose turn it is


def test_what_waits_gives_way_to_what_is_being_said_and_goes_on_after_it(talk):
    entry = talk.kept(file(3), NOT_YET)
    in_the_middle, running = threading.Event(), []

    def report(_: object) -> None:
        if talk.installed.hearings and not running and talk.stores.recordings.partial(entry) is None:
            running.append(talk.record())
            in_the_middle.set()

    done: list[int] = []
    background = threading.Thread(
        target=lambda: done.append(talk.voice.transcribe_waiting(report=report)), daemon=True
    )
    background.start()
    assert in_the_middle.wait(30)
    talk.sound.capture.hears(SENTENCE)
    talk.words_come(1)
    assert talk.status(entry) is Transcript.WAITING
    running[0].stop()
    until(lambda: done == [1])
    assert talk.text(entry) == f"{NEW} It is better now."
    assert talk.installed.starts[-1] > 0


def test_what_waits_for_its_turn_can_be_stopped(talk):
    entry = talk.kept(file(), NOT_YET)
    running = talk.record()
    with pytest.raises(Stopped, match="its turn"):
        talk.voice.transcribe_waiting(cancelled=lambda: True)
    running.stop()
    assert talk.text(entry) == NOT_YET


# The sound afterwards

LONG_AGO = datetime(2026, 5, 1, 12, 0, tzinfo=timezone(timedelta(hours=2)))


class Clock:
    def __init__(self) -> None:
        self.moment = LONG_AGO

    def __call__(self) -> datetime:
        return self.moment


def of_age(keep: timedelta | None) -> tuple[Conversation, dict[str, int]]:
    """One entry of each kind, forty days old, and a fresh one."""
    clock = Clock()
    talk = Conversation(speech=Speech(keep_audio=keep), clock=clock)
    entries = {
        "written": talk.written(file()),
        "waiting": talk.kept(file(), NOT_YET),
        "rough": talk.written(file(), Transcript.ROUGH),
        "typed": talk.kept(file(), "About my sister.", Transcript.TRANSCRIBED),
        "silent": talk.kept(file(), "Recording of 0:03; no speech was heard.", Transcript.NO_SPEECH),
    }
    clock.moment = LONG_AGO + timedelta(days=40)
    return talk, {**entries, "fresh": talk.written(file())}


@pytest.mark.parametrize(
    ("keep", "gone"),
    [
        (None, set()),
        (timedelta(days=41), set()),
        (timedelta(days=30), {"written", "silent"}),
        (timedelta(0), {"written", "silent"}),
    ],
)
def test_old_sound_goes_when_it_is_written_down_and_its_time_has_come(keep, gone):
    talk, entries = of_age(keep)
    assert talk.voice.forget_old_sound() == len(gone)
    assert {name for name, entry in entries.items() if not talk.has_sound(entry)} == gone
    assert talk.text(entries["written"]) == "It is as it was."
    assert talk.voice.forget_old_sound() == 0
    assert talk.stores.audit.logged == [(Event.ERASED, {"sounds": 1, "by": "retention"})] * len(gone)


def test_a_clock_in_doubt_makes_no_sound_old():
    talk, entries = of_age(timedelta(days=30))
    talk.stores = replace(talk.stores, clock_in_doubt=lambda: "The clock went back")
    talk.session = talk.opened()
    assert talk.voice.forget_old_sound() == 0
    assert all(talk.has_sound(entry) for entry in entries.values())


def test_where_nothing_may_be_written_nothing_is_tried():
    talk, entries = of_age(timedelta(days=30))
    talk.stores = replace(talk.stores, read_only=True)
    talk.session = talk.opened()
    assert talk.voice.forget_old_sound() == 0
    assert talk.voice.transcribe_waiting() == 0
    assert all(talk.has_sound(entry) for entry in entries.values())


def test_forgetting_can_be_stopped():
    talk, _ = of_age(timedelta(days=30))
    assert talk.voice.forget_old_sound(cancelled=lambda: True) == 0


def test_a_rough_draft_that_is_vouched_for_or_written_anew_keeps_its_sound_no_longer():
    talk = Conversation(speech=Speech(keep_audio=timedelta(0)))
    vouched, anew = talk.written(file(), Transcript.ROUGH), talk.written(file(), Transcript.ROUGH)
    talk.voice.confirm(vouched)
    assert not talk.has_sound(vouched)
    talk.voice.transcribe_waiting()
    assert not talk.has_sound(anew)


def test_a_file_s_sound_goes_too_when_none_is_kept():
    talk = Conversation(speech=Speech(keep_audio=timedelta(0)))
    assert not talk.has_sound(talk.voice.dictate(file(), name="memo.wav").entry)


def test_a_full_disk_while_forgetting_costs_no_words(monkeypatch):
    def full(_):
        raise DiaryError("The disk is full.")

    talk = Conversation(speech=Speech(keep_audio=timedelta(0)))
    monkeypatch.setattr(talk.stores.recordings, "forget_sound", full)
    assert talk.voice.dictate(file(), name="memo.wav").status is Transcript.TRANSCRIBED


class DeafTranscriber(FakeTranscriber):
    """Finds speech, and makes no words of it."""

    def transcribe(self, *_: object, **__: object) -> Iterator[Segment | Reached]:
        yield from ()


def test_a_model_that_makes_no_words_of_speech_destroys_neither_the_sound_nor_the_words_there_were():
    talk = Conversation(speech=Speech(keep_audio=timedelta(0)), installed=DeafTranscriber("whisper deaf"))
    entry = talk.voice.dictate(file(), name="memo.wav").entry
    assert "no words were heard" in talk.text(entry)
    assert talk.voice.forget_old_sound() == 0
    assert talk.has_sound(entry)

    talk = Conversation()
    entry = talk.voice.dictate(file(), name="memo.wav").entry
    before = talk.text(entry)
    talk.installed.transcribe = DeafTranscriber().transcribe  # type: ignore[method-assign]
    with pytest.raises(NoWordsHeard, match="stays as it was"):
        talk.voice.transcribe_again(entry)
    assert talk.text(entry) == before
    assert len(talk.voice.transcripts(entry)) == 1
