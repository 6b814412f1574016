"""Spoken entries in the journal and the reader, the glossary, and what is written down in the background."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from textual.widgets import Input

from diary.errors import EngineFailed, ModelMissing, WordsChanged
from diary.model.entry import Entry, Transcript
from diary.model.glossary import Doubt, Term, TermDraft, TermId, TermKind
from diary.model.recording import TranscriptVersion
from diary.tui.screens.glossary import GlossaryScreen
from diary.tui.screens.journal import JournalScreen
from diary.tui.screens.listening import ListeningEditor
from diary.tui.screens.reader import ReaderScreen
from diary.tui.screens.recording import RecordingScreen
from diary.tui.widgets.entry_list import EntryList
from tests.fakes.session import FakeSession
from tests.fakes.voice import STARTED, said
from tests.tui.driving import Opened, opened
from tests.tui.sample import sample_session


def spoken(session: FakeSession, transcript: Transcript) -> Entry:
    return next(v[-1] for v in session.kept.values() if v[-1].transcript is transcript)


def with_sound(session: FakeSession, entry: Entry) -> None:
    """Give it a transcript of two sentences."""
    text = "First I woke. Then I walked."
    session.kept[entry.id] = [replace(entry, text=text)]
    segments = (said(0.0, "First I woke."), said(4.0, "Then I walked."))
    session.voice.kept[entry.id] = [
        TranscriptVersion(revision=1, engine="pocketsphinx 5.1", made=STARTED, segments=segments)
    ]


async def on_entry(diary: Opened, entry: Entry) -> None:
    """Put the highlight of the journal on it."""
    await diary.sees("Today 20 November")
    listed = diary.screen.query_one(EntryList)
    await diary.until(lambda: listed.shown == 20)
    listed.highlighted = listed.get_option_index(str(entry.id))
    await diary.until(lambda: listed.current is not None and listed.current.id == entry.id)


async def read(diary: Opened, entry: Entry) -> ReaderScreen:
    await on_entry(diary, entry)
    await diary.press("enter")
    await diary.until(lambda: isinstance(diary.screen, ReaderScreen) and diary.screen.current is not None)
    assert isinstance(diary.screen, ReaderScreen)
    return diary.screen


async def test_marks_and_advice_say_how_the_words_of_a_recording_stand() -> None:
    session = sample_session()
    session.kept[max(session.kept)] = [
        replace(session.kept[max(session.kept)][-1], kind=spoken(session, Transcript.ROUGH).kind,
                transcript=Transcript.NO_SPEECH, text="Recording of 0:09; no speech was heard.", title=None)
    ]  # fmt: skip
    async with opened(session, size=(140, 40)) as diary:
        await diary.sees("18:05 ♪- Recording of 0:09; no speech was heard.")
        await diary.sees("No speech was heard; t listens again.")
        await on_entry(diary, spoken(session, Transcript.ROUGH))
        await diary.sees("Rough draft: expect wrong words; c confirms it, t writes it down again.")
        await on_entry(diary, spoken(session, Transcript.WAITING))
        await diary.sees("Its words are not written down yet; t does it now.")
        await on_entry(diary, spoken(session, Transcript.TRANSCRIBED))
        await diary.sees("talking because my hands are full")
        assert "expect wrong words" not in diary.text() and "t does it now" not in diary.text()


async def test_a_rough_draft_is_confirmed_by_a_key() -> None:
    session = sample_session()
    entry = spoken(session, Transcript.ROUGH)
    async with opened(session) as diary:
        await read(diary, entry)
        await diary.sees("Rough draft: expect wrong words")
        await diary.press("c")
        await diary.until(lambda: session.kept[entry.id][-1].transcript is Transcript.TRANSCRIBED)
        await diary.until(lambda: "Rough draft" not in diary.text())
        await diary.press("c")
        assert session.voice.calls.count("confirm") == 1, "there is nothing left to confirm"


@pytest.mark.slow
async def test_writing_down_again_shows_progress_keeps_the_words_before_and_names_both_engines() -> None:
    session = sample_session()
    entry = spoken(session, Transcript.ROUGH)
    with_sound(session, entry)
    gate = session.voice.gates["transcribe_again"] = threading.Event()
    async with opened(session, size=(140, 40)) as diary:
        await read(diary, entry)
        await diary.press("t")
        await diary.sees("writing down a recording, 50 %")
        gate.set()
        await diary.sees("Said again, and better.")
        await diary.until(lambda: "writing down" not in diary.text())
        await diary.press("h")
        await diary.sees("by pocketsphinx 5.1")
        await diary.sees("by whisper fake")
        assert [version.text for version in session.kept[entry.id]] == [
            "First I woke. Then I walked.", "Said again, and better."
        ]  # fmt: skip


@pytest.mark.slow
async def test_writing_down_again_can_be_stopped() -> None:
    session = sample_session()
    entry = spoken(session, Transcript.WAITING)
    gate = session.voice.gates["transcribe_again"] = threading.Event()
    async with opened(session) as diary:
        await on_entry(diary, entry)
        await diary.press("t")
        await diary.sees("writing down a recording")
        await diary.press("t")
        gate.set()
        await diary.sees("Stopped. The words are as they were.")
        assert session.kept[entry.id][-1].transcript is Transcript.WAITING


@pytest.mark.slow
async def test_without_a_model_a_rough_draft_is_offered_and_made_only_when_wanted() -> None:
    session = sample_session()
    entry = spoken(session, Transcript.WAITING)
    session.voice.broken["transcribe_again"] = ModelMissing("There is no speech model.", hint="Bring one.")
    async with opened(session) as diary:
        await on_entry(diary, entry)
        await diary.press("t")
        await diary.sees("There is no speech model. Make a rough draft?")
        del session.voice.broken["transcribe_again"]
        await diary.press("enter")
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))
        assert session.voice.calls.count("transcribe_again") == 1
        session.voice.broken["transcribe_again"] = ModelMissing("There is no speech model.")
        await diary.press("t")
        await diary.sees("Make a rough draft?")
        del session.voice.broken["transcribe_again"]
        await diary.press("y")
        await diary.until(lambda: len(session.kept[entry.id]) == 2)


@pytest.mark.slow
async def test_words_changed_by_hand_are_replaced_only_when_the_person_says_so() -> None:
    session = sample_session()
    entry = spoken(session, Transcript.TRANSCRIBED)
    session.voice.broken["transcribe_again"] = WordsChanged("They were changed by hand.")
    async with opened(session) as diary:
        await on_entry(diary, entry)
        await diary.press("t")
        await diary.sees("You changed these words since they were heard. Replace them?")
        del session.voice.broken["transcribe_again"]
        await diary.press("y")
        await diary.until(lambda: session.kept[entry.id][-1].text == session.voice.rewritten)


@pytest.mark.slow
async def test_a_spoken_entry_plays_with_its_words_highlighted_sentence_by_sentence() -> None:
    session = sample_session()
    entry = spoken(session, Transcript.TRANSCRIBED)
    with_sound(session, entry)
    voice = session.voice
    async with opened(session) as diary:
        await read(diary, entry)
        await diary.until(lambda: "heard" in voice.calls)
        await diary.press("p")
        await diary.until(lambda: voice.played == [(entry.id, 0.0)] and voice.position is not None)
        await diary.sees("► 0:00 · p stops")
        await diary.press("right")
        await diary.until(lambda: voice.played[1:] == [(entry.id, 4.0)])
        await diary.press("p")
        await diary.until(lambda: voice.position is None)
        await diary.press("p")
        await diary.until(lambda: voice.played[2:] == [(entry.id, 4.0)], "it goes on where it was stopped")
        await diary.press("escape")
        await diary.until(lambda: voice.position is None)


@pytest.mark.slow
async def test_keys_of_spoken_entries_do_nothing_on_written_ones() -> None:
    session = sample_session()
    async with opened(session) as diary:
        await read(diary, session.kept[max(session.kept)][-1])
        assert "p Play" not in diary.text()
        await diary.press("p", "t", "c", "right")
        assert not {"play", "transcribe_again", "confirm"} & set(session.voice.calls)


@pytest.mark.slow
async def test_a_medicine_in_doubt_is_told_to_the_reader_and_asked_about_in_the_editor() -> None:
    session = sample_session()
    entry = spoken(session, Transcript.TRANSCRIBED)
    with_sound(session, entry)
    meant = Term(id=TermId(1), text="Wakefulin", kind=TermKind.MEDICINE)
    session.voice.asked = lambda _: [Doubt(start=8, end=12, heard="woke", meant=meant)]
    async with opened(session) as diary:
        await read(diary, entry)
        await diary.sees("“woke” sounds like your Wakefulin: e asks.")
        await diary.press("e")
        await diary.until(lambda: isinstance(diary.screen, ListeningEditor))
        await diary.sees("“woke” sounds like your Wakefulin.  ^o replaces it")
        await diary.sees("0:04  Then I walked.")


# In the background


async def test_what_waits_is_written_down_in_the_background_and_the_list_shows_it() -> None:
    session = sample_session()
    entry = spoken(session, Transcript.WAITING)
    session.voice.waiting = 4
    gate = session.voice.gates["transcribe_waiting"] = threading.Event()
    async with opened(session) as diary:
        await diary.sees("writing down a recording, 0 %")
        session.kept[entry.id] = [replace(entry, text="Words at last.", transcript=Transcript.TRANSCRIBED)]
        gate.set()
        await diary.sees("Words at last.")
        await diary.until(lambda: "writing down" not in diary.text())
        await diary.until(lambda: "forget_old_sound" in session.voice.calls)


@pytest.mark.slow
async def test_the_background_makes_way_for_a_recording() -> None:
    session = sample_session()
    session.voice.waiting = 4
    gate = session.voice.gates["transcribe_waiting"] = threading.Event()
    async with opened(session) as diary:
        await diary.sees("writing down a recording")
        await diary.press("v")
        await diary.until(lambda: isinstance(diary.screen, RecordingScreen))
        gate.set()
        await diary.until(lambda: session.voice.waiting == 4 and "writing down" not in diary.text())
        diary.app._when_idle()  # type: ignore[attr-defined]  # what the timer calls
        await diary.pilot.pause(0.05)
        assert session.voice.calls.count("transcribe_waiting") == 1, "not while one speaks"


@pytest.mark.slow
async def test_a_failure_in_the_background_is_told_once() -> None:
    from datetime import timedelta

    session = sample_session()
    session.voice.waiting = 1
    session.voice.broken["transcribe_waiting"] = EngineFailed("The speech engine ended; nothing is lost.")
    clock = [session.now]
    async with opened(session, now=lambda: clock[0]) as diary:
        await diary.sees("The speech engine ended; nothing is lost.")
        session.voice.waiting = 1
        clock[0] += timedelta(minutes=5)
        diary.app._when_idle()
        await diary.pilot.pause(0.05)
        assert session.voice.calls.count("transcribe_waiting") == 1


# The glossary


@pytest.mark.slow
async def test_words_are_added_to_the_glossary_and_removed_after_asking() -> None:
    session = sample_session()
    async with opened(session, size=(140, 40)) as diary:
        await diary.sees("Today 20 November")
        await diary.press("g")
        await diary.until(lambda: isinstance(diary.screen, GlossaryScreen))
        await diary.sees("No words of yours are kept yet.")
        await diary.press("a")
        await diary.sees("A word of yours: what is it?")
        await diary.press("m")
        await diary.sees("A medicine of yours")
        await diary.type("Topiramate")
        diary.screen.query_one("#also", Input).value = "Topamax, Topamac"
        diary.screen.query_one("#instead", Input).value = "top a max"
        await diary.press("enter")
        await diary.sees("Topiramate               medicine  also Topamax, Topamac · instead of “top a max”")
        (term,) = session.voice.glossary
        assert (term.also, term.instead_of) == (("Topamax", "Topamac"), ("top a max",))
        await diary.press("d")
        await diary.sees("Remove “Topiramate” from your words?")
        assert session.voice.glossary
        await diary.press("y")
        await diary.until(lambda: session.voice.glossary == [])
        session.voice.proposed = [TermDraft(text="Ines", kind=TermKind.PERSON)]
        await diary.press("p")
        await diary.sees("Your entries name these")
        await diary.press("enter")
        await diary.until(lambda: [term.text for term in session.voice.glossary] == ["Ines"])
        await diary.press("escape")
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))
