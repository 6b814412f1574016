"""Reading through a recording before it is saved: playing, words that come meanwhile, questions, leaving."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence

import pytest
from rich.style import Style
from textual.widgets import Input, TextArea

from diary.errors import DiskFull
from diary.model.entry import Draft, Kind, Transcript
from diary.model.glossary import Doubt, SpokenObservation, Term, TermId, TermKind
from diary.model.recording import Unfinished
from diary.tui.context import Outcome
from diary.tui.dialogs.drafts import DraftsDialog
from diary.tui.drafting import Page, decode, encode, recording_slot
from diary.tui.screens.journal import JournalScreen
from diary.tui.screens.transcript import TranscriptScreen
from diary.tui.widgets.fields import Words
from tests.fakes.session import NOW, FakeSession
from tests.fakes.voice import said
from tests.tui.driving import Opened, opened
from tests.tui.sample import sample_session

FIRST = said(0.0, "I took my topiramade at eight.", doubted=["topiramade"])
SECOND = said(4.0, "Then I slept six hours forty.")
TOPIRAMATE = Term(id=TermId(1), text="Topiramate", kind=TermKind.MEDICINE)


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diary.tui.screens.drafted.PAUSE", 0.1)
    monkeypatch.setattr("diary.tui.widgets.questions.PAUSE", 0.05)
    monkeypatch.setattr("diary.tui.screens.listening.FOLLOW_PAUSE", 0.05)


def recorded(session: FakeSession, *, seconds: float = 7.0) -> Unfinished:
    return session.voice.leave_unfinished(FIRST, SECOND, seconds=seconds)


async def read_through(diary: Opened) -> TextArea:
    """Open the recording that is offered when the diary opens; its words."""
    await diary.until(lambda: isinstance(diary.screen, DraftsDialog))
    await diary.press("enter")
    await diary.until(lambda: isinstance(diary.screen, TranscriptScreen))
    await diary.until(lambda: not diary.screen.query_one("#sheet").disabled)
    return diary.screen.query_one(TextArea)


def in_reverse(diary: Opened) -> list[str]:
    """What is drawn in reverse on the screen, but for the cursor."""
    strips = diary.app.screen._compositor.render_strips()
    drawn = [segment for strip in strips for segment in strip if segment.style and segment.style.reverse]
    return [segment.text for segment in drawn if len(segment.text) > 1]


def in_bold(words: TextArea) -> list[int]:
    """Columns in the first line where something bold begins."""
    return [
        span.start for span in words.get_line(0).spans if isinstance(span.style, Style) and span.style.bold
    ]


def about_medicines(text: str) -> Sequence[Doubt]:
    return [
        Doubt(start=found.start(), end=found.end(), heard=found.group(), meant=TOPIRAMATE)
        for found in re.finditer("topiramade", text)
    ]


def about_sleep(text: str) -> Sequence[SpokenObservation]:
    if "sleep::" in text or "six hours forty" not in text:
        return []
    start = text.index("six hours forty")
    return [SpokenObservation(start=start, end=start + 15, line="sleep:: 6h40m")]


@pytest.mark.slow
async def test_an_unfinished_recording_is_offered_when_the_diary_opens_and_saved_with_its_sound() -> None:
    session = sample_session()
    recorded(session)
    async with opened(session) as diary:
        await diary.sees("A recording from 21:35 is not saved as an entry yet.")
        await diary.sees("♪ 0:07  I took my topiramade at eight.")
        words = await read_through(diary)
        assert words.text == "I took my topiramade at eight. Then I slept six hours forty."
        await diary.sees("Recording of 0:07")
        diary.screen.query_one("#title", Input).value = "Tablets"
        await diary.press("ctrl+s")
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))
        await diary.sees("Tablets")
        (entry,) = [v[-1] for v in session.kept.values() if v[-1].title == "Tablets"]
        assert (entry.kind, entry.transcript) == (Kind.VOICE, Transcript.TRANSCRIBED)
        assert session.voice.spools == {} and session.slots == {}


@pytest.mark.slow
async def test_the_sentences_stand_under_the_words_with_their_seconds_and_doubts_are_marked() -> None:
    session = sample_session()
    recorded(session)
    async with opened(session) as diary:
        words = await read_through(diary)
        assert isinstance(words, Words)
        await diary.sees("0:00  I took my [topiramade?] at eight.")
        await diary.sees("0:04  Then I slept six hours forty.")
        line = words.get_line(0)
        underlined = [
            line.plain[span.start : span.end]
            for span in line.spans
            if isinstance(span.style, Style) and span.style.underline
        ]
        assert underlined == ["topiramade"], "found in the text too, where nothing may be added"


async def test_a_sentence_plays_from_its_second_with_its_words_highlighted_and_stops_at_once() -> None:
    session = sample_session()
    spool = recorded(session)
    voice = session.voice
    async with opened(session) as diary:
        words = await read_through(diary)
        assert isinstance(words, Words)
        words.insert("Well: ", (0, 0))  # the words are found again where they are now
        await diary.press("tab")
        await diary.until(lambda: diary.screen.query_one("#sentences").has_focus)
        await diary.press("down", "enter")
        await diary.until(lambda: voice.played == [(spool.id, 4.0)])
        await diary.until(lambda: voice.position is not None)
        assert voice.position is not None
        voice.position(5.1)
        await diary.sees("► 0:05 of 0:07 · ^t stops")
        await diary.sees("► 0:04  Then")
        await diary.until(lambda: in_reverse(diary) == ["slept"])
        await diary.press("ctrl+t")
        await diary.until(lambda: voice.position is None)
        assert voice.stopped_after is not None and voice.stopped_after < 0.2
        await diary.until(lambda: "stops" not in diary.text() and in_reverse(diary) == [])
        words.focus()
        await diary.until(lambda: words.has_focus)
        words.move_cursor((0, 10))  # in the first sentence
        await diary.press("ctrl+t")
        await diary.until(lambda: voice.played[1:] == [(spool.id, 0.0)])
        await diary.press("escape", "escape")


@pytest.mark.slow
async def test_leaving_the_screen_ends_the_playing() -> None:
    session = sample_session()
    recorded(session)
    async with opened(session) as diary:
        await read_through(diary)
        await diary.press("ctrl+t")
        await diary.until(lambda: session.voice.position is not None)
        await diary.press("escape")
        await diary.sees("The recording is not saved as an entry yet.")
        await diary.press("k")
        await diary.until(lambda: session.voice.position is None)


async def test_words_that_come_meanwhile_are_added_at_the_end_and_never_over_what_is_typed() -> None:
    session = sample_session()
    spool = recorded(session, seconds=30.0)
    more = [said(8.0, "It rained."), said(11.0, "I read."), said(13.0, "Late.")]
    session.voice.to_hear[spool.id] = list(more)
    async with opened(session) as diary:
        words = await read_through(diary)
        await diary.sees("Writing down 0:07 of 0:30 · ^r stops")
        words.replace("take", (0, 2), (0, 6))
        session.voice.hear_on.release()
        await diary.until(
            lambda: words.text.endswith("forty. It rained.") or words.text.endswith("It rained.")
        )
        assert words.text.startswith("I take my"), "a correction elsewhere stays"
        await diary.sees("0:08  It rained.")
        await diary.sees("Writing down 0:09 of 0:30")
        words.move_cursor(words.document.end)
        await diary.type(" Not much.")
        session.voice.hear_on.release()
        await diary.sees("Heard meanwhile (2 more): “I read.”  ^o adds it at the end")
        assert words.text.endswith("It rained. Not much.")
        session.voice.hear_on.release()
        await diary.sees("Heard meanwhile (3 more): “I read. Late.”")
        await diary.press("ctrl+o")
        assert words.text.endswith("It rained. Not much. I read. Late.")
        await diary.until(lambda: "Writing down" not in diary.text())


@pytest.mark.slow
async def test_the_writing_down_can_be_stopped_and_goes_on_and_saving_before_its_end_asks() -> None:
    session = sample_session()
    spool = recorded(session, seconds=30.0)
    session.voice.to_hear[spool.id] = [said(8.0, "It rained.")]
    async with opened(session) as diary:
        words = await read_through(diary)
        await diary.sees("^r stops")
        await diary.press("ctrl+r")
        await diary.sees("Not everything is written down · ^r goes on")
        await diary.press("ctrl+s")
        await diary.sees("The words reach to 0:07 of 0:30.")
        await diary.press("g")
        await diary.until(lambda: isinstance(diary.screen, TranscriptScreen))
        await diary.press("ctrl+r")
        session.voice.hear_on.release()
        await diary.until(lambda: words.text.endswith("It rained."))
        await diary.until(lambda: "goes on" not in diary.text() and "stops" not in diary.text())
        await diary.press("ctrl+s")
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))


@pytest.mark.slow
@pytest.mark.parametrize("typed", ["", "Tired."])
async def test_without_a_speech_model_it_is_saved_all_the_same_and_asks_nothing(typed: str) -> None:
    session = sample_session()
    session.voice.model = None
    session.voice.leave_unfinished(seconds=20.0)
    async with opened(session) as diary:
        await diary.sees("♪ 0:20  not written down yet")
        await read_through(diary)
        await diary.sees("No speech model: the sound is kept")
        await diary.press(*typed)
        await diary.press("ctrl+s")
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))
        newest = session.kept[max(session.kept)][-1]
        assert newest.text == typed if typed else newest.transcript is Transcript.WAITING


async def test_a_medicine_is_asked_about_never_changed_and_several_are_gone_through() -> None:
    session = sample_session()
    session.voice.asked = about_medicines
    session.voice.leave_unfinished(FIRST, said(4.0, "And topiramade again, topiramade."), seconds=7.0)
    async with opened(session) as diary:
        words = await read_through(diary)
        before = words.text
        await diary.sees("“topiramade” sounds like your Topiramate.  ^o replaces it · ^g it is right")
        assert "(1 of 3)" in diary.text() and words.text == before
        await diary.press("ctrl+n")
        await diary.sees("(2 of 3)")
        await diary.until(lambda: in_bold(words) == [words.text.index("topiramade again")], "which one")
        await diary.press("ctrl+o")
        await diary.until(lambda: "And Topiramate again, topiramade." in words.text)
        assert words.text.startswith("I took my topiramade"), "only the one that was asked about"
        await diary.sees("of 2)")
        await diary.press("ctrl+z")
        await diary.until(lambda: words.text == before, "the change undone")
        await diary.sees("of 3)")
        await diary.press("ctrl+g", "ctrl+g", "ctrl+g")
        await diary.until(lambda: "sounds like" not in diary.text())
        assert words.text == before, "what is right stays"


@pytest.mark.slow
async def test_spoken_observations_are_offered_as_lines_and_then_read() -> None:
    session = sample_session()
    session.voice.told = about_sleep
    recorded(session)
    async with opened(session) as diary:
        words = await read_through(diary)
        await diary.sees("You said: sleep:: 6h40m  ^o adds the line · ^g leaves it")
        assert "::" not in words.text
        await diary.press("ctrl+o")
        await diary.until(lambda: words.text.endswith("forty.\n\nsleep:: 6h40m"))
        await diary.sees("reads: sleep 6 h 40 m")
        assert "You said" not in diary.text()


async def test_a_crash_loses_neither_the_typing_nor_the_sound_and_no_sentence_comes_twice() -> None:
    session = sample_session()
    spool = recorded(session)
    page = Page(text="I took it. And slept.", heard="7.00")
    slot = recording_slot(spool.id)
    session.slots[slot] = Draft(slot=slot, text=encode(page), saved=NOW)
    session.voice.change(
        spool.id, segments=(FIRST, SECOND, said(7.0, "Late news.")), reached=8.0, seconds=8.5
    )
    async with opened(session) as diary:
        await diary.until(lambda: isinstance(diary.screen, DraftsDialog))
        assert "I took it." not in diary.text(), "the draft is not offered beside its recording"
        words = await read_through(diary)
        assert words.text == "I took it. And slept."
        await diary.sees("Heard meanwhile (2 more): “Late news.”")
        await diary.press("ctrl+o")
        await diary.until(lambda: words.text == "I took it. And slept. Late news.")
        await diary.until(lambda: decode(session.slots[slot].text).heard == "8.00")
        await diary.press("ctrl+l")
        await diary.until(lambda: diary.app.return_value is Outcome.LOCK)
    assert decode(session.slots[slot].text).text == "I took it. And slept. Late news."
    assert spool.id in session.voice.spools


@pytest.mark.slow
async def test_escape_keeps_it_for_later_or_discards_it_with_its_draft() -> None:
    session = sample_session()
    spool = recorded(session)
    async with opened(session) as diary:
        words = await read_through(diary)
        words.insert("Well. ", (0, 0))
        await diary.press("escape")
        await diary.sees("The recording is not saved as an entry yet.")
        await diary.press("k")
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))
        assert spool.id in session.voice.spools
        await diary.press("u")
        words = await read_through(diary)
        assert words.text.startswith("Well. I took")
        await diary.press("escape")
        await diary.sees("The recording is not saved as an entry yet.")
        await diary.press("d")
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))
        assert session.voice.spools == {} and session.slots == {}


@pytest.mark.slow
async def test_a_recording_that_cannot_be_saved_stays_open() -> None:
    session = sample_session()
    spool = recorded(session)
    session.voice.broken["save_recording"] = DiskFull("The disk is full; nothing is lost.")
    async with opened(session) as diary:
        await read_through(diary)
        await diary.press("ctrl+s")
        await diary.sees("The disk is full; nothing is lost.")
        assert isinstance(diary.screen, TranscriptScreen) and spool.id in session.voice.spools


@pytest.mark.slow
async def test_an_unfinished_recording_is_thrown_away_only_after_asking() -> None:
    session = sample_session()
    recorded(session)
    async with opened(session) as diary:
        await diary.until(lambda: isinstance(diary.screen, DraftsDialog))
        await diary.press("d")
        await diary.sees("Throw this recording away?")
        assert session.voice.spools
        await diary.press("y")
        await diary.until(lambda: session.voice.spools == {})


@pytest.mark.slow
async def test_typing_goes_on_while_medicines_are_looked_for() -> None:
    session = sample_session()
    recorded(session)
    gate = session.voice.gates["doubts"] = threading.Event()
    async with opened(session) as diary:
        words = await read_through(diary)
        await diary.until(lambda: "doubts" in session.voice.calls)
        await diary.type(" More.")
        assert words.text.startswith(" More.I took")
        gate.set()


@pytest.mark.slow
async def test_another_model_that_hears_all_anew_adds_only_what_no_words_were_there_for() -> None:
    session = sample_session()
    spool = recorded(session, seconds=30.0)
    again = said(0.0, "I took my Topiramate at eight. Then I slept six hours forty.")
    session.voice.change(spool.id, segments=(FIRST, SECOND), reached=7.5)
    session.voice.to_hear[spool.id] = [again, said(8.0, "It rained.")]
    async with opened(session) as diary:
        words = await read_through(diary)
        session.voice.hear_on.release(2)
        await diary.until(lambda: words.text.endswith("forty. It rained."))
        assert words.text.startswith("I took my topiramade")
        await diary.until(lambda: "Writing down" not in diary.text())
        assert words.text.count("rained") == 1


@pytest.mark.slow
async def test_unsaved_words_are_offered_although_the_recordings_cannot_be_read() -> None:
    session = sample_session()
    session.slots["new-1"] = Draft(slot="new-1", text=encode(Page(text="Half a thought")), saved=NOW)
    session.voice.broken["unfinished"] = DiskFull("The recordings could not be read; they are still there.")
    async with opened(session) as diary:
        await diary.sees("Half a thought")
        await diary.sees("The recordings could not be read; they are still there.")
