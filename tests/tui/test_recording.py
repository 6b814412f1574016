"""The recording screen: what it shows while a recording runs, and that nothing that ends it loses it."""

from __future__ import annotations

import threading

import pytest

from diary.errors import MicrophoneFailed, MicrophoneMissing
from diary.model.recording import Phase
from diary.tui.context import Outcome
from diary.tui.dialogs.microphones import MicrophoneDialog
from diary.tui.presence import Clocks
from diary.tui.screens.journal import JournalScreen
from diary.tui.screens.recording import RecordingScreen
from diary.tui.screens.transcript import TranscriptScreen
from tests.fakes.session import FakeSession
from tests.fakes.voice import FakeRecording, said
from tests.tui.driving import Opened, opened
from tests.tui.sample import sample_session


async def speak(diary: Opened) -> FakeRecording:
    """Press v; the recording that runs, its first sound not there yet."""
    await diary.until(lambda: isinstance(diary.screen, JournalScreen))
    await diary.press("v")
    await diary.until(lambda: isinstance(diary.screen, RecordingScreen))
    await diary.until(lambda: diary.session.voice.running is not None)
    running = diary.session.voice.running
    assert running is not None
    return running


async def record(diary: Opened) -> FakeRecording:
    """The same, with three seconds of sound."""
    running = await speak(diary)
    running.measures(phase=Phase.RECORDING, seconds=3.0, peak=-18.0, heard=True)
    await diary.sees("● Recording  0:03")
    return running


async def test_recording_is_said_at_the_first_sound_then_time_and_level_and_space_pauses() -> None:
    async with opened(sample_session()) as diary:
        running = await speak(diary)
        await diary.sees("Opening the microphone…")
        running.measures(phase=Phase.OPENING)
        await diary.pilot.pause(0.02)
        assert "Recording  " not in diary.text()
        running.measures(phase=Phase.RECORDING, seconds=3.0, peak=-18.0, heard=True)
        await diary.sees("● Recording  0:03    ♪ hears you")
        assert "█" * 21 + "░" * 9 + " -18 dB" in diary.text() and "Built-in Microphone" in diary.text()
        running.measures(seconds=64.0, peak=-0.4, heard=False)
        await diary.sees("1:04    silence")
        await diary.sees("0 dB, too loud")
        await diary.press("space")
        await diary.sees("Paused: nothing is heard  1:04")
        await diary.press("space")
        await diary.sees("● Recording  1:04")


async def test_words_appear_as_they_are_written_down_and_doubtful_ones_are_in_brackets() -> None:
    async with opened(sample_session()) as diary:
        running = await record(diary)
        running.hears(said(0, "I took my topiramade at eight.", doubted=["topiramade"]))
        await diary.sees("I took my [topiramade?] at eight.")
        running.hears(said(3.2, "Then I slept."))
        await diary.sees("at eight. Then I slept.")
        running.hears(said(9, "A new thought."))
        await diary.sees("A new thought.")
        lines = diary.text().splitlines()
        assert any(line.strip() == "A new thought." for line in lines), "a pause begins a paragraph"


async def test_what_is_wrong_is_told_while_it_runs_and_taken_back_when_it_is_over() -> None:
    silence = "The microphone gives silence: is it muted? m chooses another."
    async with opened(sample_session()) as diary:
        running = await record(diary)
        assert "lost" not in diary.text() and silence not in diary.text()
        running.measures(silent=True, peak=-96.0, lost=2.4)
        await diary.sees(f"! {silence}")
        await diary.sees("! 2.4 s of sound were lost, by the clock")
        running.measures(silent=False, behind=34.0)
        await diary.sees("Words are 34 s behind; nothing is lost.")
        assert silence not in diary.text()
        running.measures(behind=None)
        await diary.sees("No speech model: the sound is kept")
        await diary.sees("no words appear without a speech model")


@pytest.mark.slow
async def test_enter_stops_and_opens_the_words_for_reading_through() -> None:
    session = sample_session()
    async with opened(session) as diary:
        running = await record(diary)
        running.hears(said(0, "I slept well."))
        await diary.press("enter")
        await diary.until(lambda: isinstance(diary.screen, TranscriptScreen))
        await diary.sees("I slept well.")
        assert running.stopped and running.id in session.voice.spools


@pytest.mark.slow
async def test_escape_asks_once_and_the_recording_goes_on_meanwhile() -> None:
    session = sample_session()
    async with opened(session) as diary:
        running = await record(diary)
        await diary.press("escape")
        await diary.sees("The recording is not an entry yet.")
        assert not running.stopped
        await diary.press("enter")  # the safe choice has the focus
        await diary.until(lambda: isinstance(diary.screen, RecordingScreen))
        assert not running.stopped
        await diary.press("escape")
        await diary.sees("The recording is not an entry yet.")
        await diary.press("d")
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))
        assert running.stopped and session.voice.spools == {}


@pytest.mark.slow
async def test_kept_for_later_it_is_there_for_later() -> None:
    session = sample_session()
    async with opened(session) as diary:
        running = await record(diary)
        await diary.press("escape")
        await diary.sees("The recording is not an entry yet.")
        await diary.press("k")
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))
        assert running.stopped and list(session.voice.spools) == [running.id]


@pytest.mark.parametrize(
    ("key", "outcome"),
    [("ctrl+l", Outcome.LOCK), pytest.param("ctrl+q", Outcome.QUIT, marks=pytest.mark.slow)],
)
async def test_locking_and_quitting_stop_the_recording_and_keep_it(key: str, outcome: Outcome) -> None:
    session = sample_session()
    async with opened(session) as diary:
        running = await record(diary)
        await diary.press(key)
        await diary.until(lambda: diary.app.return_value is outcome)
        assert running.stopped and list(session.voice.spools) == [running.id]


@pytest.mark.slow
async def test_leaving_while_the_microphone_opens_records_nothing() -> None:
    session = sample_session()
    gate = session.voice.gates["record"] = threading.Event()
    async with opened(session) as diary:
        await diary.press("v")
        await diary.until(lambda: "record" in session.voice.calls)
        await diary.press("escape")
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))
        gate.set()
        await diary.until(lambda: session.voice.running is not None and session.voice.running.stopped)
        await diary.until(lambda: session.voice.spools == {})


async def test_without_a_microphone_a_sentence_says_what_to_do_and_enter_tries_again() -> None:
    session = sample_session()
    session.voice.broken["record"] = MicrophoneMissing(
        "There is no microphone, so nothing was recorded.", hint="Plug one in."
    )
    async with opened(session) as diary:
        await diary.press("v")
        await diary.sees("There is no microphone, so nothing was recorded.")
        await diary.sees("Plug one in.")
        del session.voice.broken["record"]
        await diary.press("enter")
        await diary.until(lambda: session.voice.running is not None)
        await diary.sees("Opening the microphone…")


@pytest.mark.slow
async def test_a_microphone_that_goes_away_ends_the_recording_and_what_it_gave_is_read_through() -> None:
    session = sample_session()
    async with opened(session) as diary:
        running = await record(diary)
        session.voice.broken["stop"] = MicrophoneFailed("The microphone went away; what it gave is kept.")
        running.measures(phase=Phase.ENDED)
        await diary.until(lambda: isinstance(diary.screen, TranscriptScreen))
        await diary.sees("The microphone went away; what it gave is kept.")
        assert running.id in session.voice.spools


@pytest.mark.slow
async def test_a_recording_without_any_sound_leaves_nothing_behind() -> None:
    session = sample_session()
    async with opened(session) as diary:
        await speak(diary)
        await diary.pilot.pause(0.05)
        await diary.press("enter")
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))
        await diary.sees("There was no sound to keep.")
        assert session.voice.spools == {}


@pytest.mark.slow
async def test_another_microphone_is_remembered_and_used_at_once_while_nothing_was_said() -> None:
    session = sample_session()
    async with opened(session) as diary:
        first = await speak(diary)
        first.measures(phase=Phase.RECORDING, seconds=2.0, silent=True)
        await diary.sees("is it muted?")
        await diary.press("m")
        await diary.until(lambda: isinstance(diary.screen, MicrophoneDialog))
        await diary.sees("Built-in Microphone (the system's choice now)")
        await diary.press("end", "enter")
        await diary.until(lambda: session.voice.running not in (None, first))
        assert session.voice.chosen == "mic-2"
        second = session.voice.running
        assert second is not None and second.standing.microphone == "USB Headset"
        assert first.stopped and list(session.voice.spools) == [second.id]


@pytest.mark.slow
async def test_another_microphone_waits_for_the_next_recording_once_something_was_said() -> None:
    session = sample_session()
    async with opened(session) as diary:
        running = await record(diary)
        await diary.press("m")
        await diary.until(lambda: isinstance(diary.screen, MicrophoneDialog))
        await diary.press("end", "enter")
        await diary.sees("It is used from the next recording on.")
        assert session.voice.chosen == "mic-2" and not running.stopped


@pytest.mark.slow
async def test_who_talks_is_not_locked_out_and_who_is_silent_is() -> None:
    from datetime import timedelta

    session = FakeSession()
    clock = [0.0]
    clocks = Clocks(since_boot=lambda: clock[0], awake=lambda: clock[0])
    async with opened(session, clocks=clocks, lock_after=timedelta(seconds=4)) as diary:
        running = await record(diary)
        clock[0] += 3
        running.measures(seconds=6.0, heard=True)
        await diary.sees("0:06")
        clock[0] += 3
        await diary.pilot.pause(1.1)
        assert diary.app.return_value is None
        clock[0] += 3
        await diary.until(lambda: diary.app.return_value is Outcome.LOCK)
        assert running.stopped and running.id in session.voice.spools
