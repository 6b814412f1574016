"""A running recording: what the microphone gives is on the disk before anything else, however it ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from diary.errors import DiskFull, EngineFailed, MicrophoneFailed, ModelMissing
from diary.model.recording import Meter, Phase, Unfinished
from diary.model.speech import Hearing, Segment
from ingest.live_words import LiveWords
from ingest.recording import RunningRecording
from tests.fakes.recordings import FakeSpools
from tests.fakes.sound import FakeCapture
from tests.fakes.speech import FakeTranscriber
from tests.unit.voice.sounds import SENTENCE, SENTENCE_SECONDS, hum, hush, tone
from tests.waiting import until


class Running:
    """A recording with its microphone, its disk and what was told of it."""

    def __init__(self, transcriber: FakeTranscriber | None = None, **given: Any) -> None:
        self.spools = FakeSpools()
        self.microphone = FakeCapture()
        self.meters: list[Meter] = []
        self.heard: list[Segment] = []
        self.now = 0.0
        self.words = None
        if transcriber is not None:
            self.words = LiveWords(
                transcriber,
                Hearing(language="en"),
                self.spools,
                engine=str(transcriber.engine),
                write=given.pop("write", lambda segment: segment),
                heard=given.pop("heard", self.heard.append),
            )
        self.spool = self.spools.begin(datetime.now(UTC))
        self.recording = RunningRecording(
            self.microphone,
            self.spool,
            meter=given.pop("meter", self.meters.append),
            words=self.words,
            clock=lambda: self.now,
            **given,
        )
        self.recording.begin()

    @property
    def kept(self) -> bytes:
        return bytes(self.spools.sound_of(self.recording.id))

    @property
    def noted(self) -> Unfinished:
        (unfinished,) = self.spools.unfinished()
        return unfinished

    def says(self, sound: bytes) -> None:
        """Wait until it is on the disk."""
        length = len(self.kept) + len(sound)
        self.microphone.hears(sound)
        until(lambda: self.recording.seconds * 32_000 >= length, "the sound on the disk")

    def shows(self, **wanted: object) -> Meter:
        """The newest meter, once it says this."""

        def so() -> bool:
            return bool(self.meters) and all(getattr(self.meters[-1], k) == v for k, v in wanted.items())

        until(so, f"a meter with {wanted}")
        return self.meters[-1]


@pytest.fixture
def run() -> Iterator[Running]:
    running = Running()
    yield running
    running.microphone.stop()


def test_the_sound_is_kept_as_it_came_and_nothing_is_added(run: Running) -> None:
    sound = tone(1.3) + hush(0.4)
    run.microphone.hears(sound)
    run.recording.stop()
    assert run.kept == sound
    assert run.spool.closed
    assert run.recording.seconds == pytest.approx(1.7)


def test_recording_is_shown_with_the_first_sound_and_not_before(run: Running) -> None:
    run.shows(phase=Phase.OPENING)
    run.says(tone(0.2))
    assert run.shows(phase=Phase.RECORDING).seconds == pytest.approx(0.2)
    run.recording.stop()
    run.shows(phase=Phase.ENDED)


def test_the_meter_never_says_more_seconds_than_are_on_the_disk(run: Running) -> None:
    on_disk: list[tuple[float, int]] = []
    run.recording._meter = lambda meter: on_disk.append((meter.seconds, len(run.kept)))
    run.microphone.hears(tone(3))
    run.recording.stop()
    assert on_disk and all(seconds * 32_000 <= kept for seconds, kept in on_disk)


def test_the_meter_tells_level_voice_loss_and_microphone(run: Running) -> None:
    run.microphone.loses(0.7)
    run.says(tone(1))
    meter = run.shows(heard=True)
    assert meter.peak == pytest.approx(-20, abs=0.5)
    assert (meter.lost, meter.microphone, meter.silent, meter.behind) == (0.7, "Desk microphone", False, None)


def test_silence_is_told_after_three_seconds_of_it_and_no_more_when_sound_comes(run: Running) -> None:
    run.says(hush(2.75))
    assert not run.shows(seconds=2.75).silent
    run.says(hush(0.5))
    run.shows(silent=True)
    run.says(hum(0.25))
    run.shows(silent=False)


def test_a_microphone_that_gives_nothing_at_all_is_told_as_silent(run: Running) -> None:
    run.shows(silent=False)
    run.now = 3.5
    run.shows(silent=True, phase=Phase.OPENING)


def test_a_microphone_that_never_gives_sound_is_given_up_and_one_that_did_is_waited_for(run: Running) -> None:
    run.says(tone(0.2))
    run.now = 100.0
    run.shows(silent=True, phase=Phase.RECORDING)
    run.recording.pause()
    run.recording.resume()
    run.shows(phase=Phase.OPENING)
    run.now = 119.0
    run.shows(silent=True, phase=Phase.OPENING)
    run.now = 121.0
    run.shows(phase=Phase.ENDED)
    with pytest.raises(MicrophoneFailed, match="no sound came from it for 20 seconds"):
        run.recording.stop()
    assert run.kept == tone(0.2)


def test_a_pause_hears_nothing_and_going_on_is_shown_with_the_next_sound(run: Running) -> None:
    run.says(tone(0.5))
    run.recording.pause()
    assert run.microphone.paused
    run.microphone.hears(tone(9))
    run.now = 60.0
    meter = run.shows(phase=Phase.PAUSED)
    assert (meter.silent, meter.heard) == (False, False)
    run.recording.resume()
    run.shows(phase=Phase.OPENING)
    run.says(hush(0.5))
    assert run.shows(phase=Phase.RECORDING).seconds == pytest.approx(1.0)


def test_pausing_and_going_on_after_the_end_do_nothing(run: Running) -> None:
    run.recording.stop()
    run.recording.pause()
    run.recording.resume()
    run.recording.stop()
    assert not run.microphone.paused
    assert not run.recording.running


def test_a_microphone_that_goes_away_ends_it_and_everything_until_then_is_kept(run: Running) -> None:
    run.microphone.hears(tone(0.6))
    run.microphone.fails()
    run.shows(phase=Phase.ENDED)
    assert run.kept == tone(0.6)
    for _ in range(2):
        with pytest.raises(MicrophoneFailed, match="unplugged"):
            run.recording.stop()
    assert run.microphone.stopped and run.spool.closed


def test_a_full_disk_ends_it_with_its_sentence_and_lets_the_microphone_go(run: Running) -> None:
    run.says(tone(0.5))
    run.spool.failure = DiskFull("The disk is full. What was recorded before is kept.")
    run.microphone.hears(tone(0.5))
    run.shows(phase=Phase.ENDED)
    assert run.kept == tone(0.5)
    assert run.microphone.stopped
    with pytest.raises(DiskFull, match="is kept"):
        run.recording.stop()


def test_a_fault_of_the_program_is_told_in_a_sentence_and_what_was_kept_stays(run: Running) -> None:
    run.says(tone(0.5))
    run.spool.append = lambda _: 1 / 0  # type: ignore[assignment]
    run.microphone.hears(tone(0.5))
    run.shows(phase=Phase.ENDED)
    with pytest.raises(MicrophoneFailed, match=r"\(ZeroDivisionError\)"):
        run.recording.stop()


def test_a_microphone_that_does_not_stop_is_left_behind(run: Running, monkeypatch) -> None:
    monkeypatch.setattr("ingest.recording._STOP_SECONDS", 0.05)
    run.says(tone(0.5))
    run.microphone.stop = lambda: None  # type: ignore[method-assign]
    with pytest.raises(MicrophoneFailed, match="did not stop"):
        run.recording.stop()
    run.microphone.hears(tone(0.25))
    assert run.microphone.wait_until_read()
    run.microphone.fails()
    assert run.kept == tone(0.5)


def test_a_screen_that_is_gone_does_not_end_the_recording() -> None:
    def gone(_: object) -> None:
        raise RuntimeError("no screen")

    run = Running(FakeTranscriber(), meter=gone, heard=gone)
    run.says(SENTENCE)
    run.says(tone(0.3))
    run.recording.stop()
    assert run.words is not None and run.words.ended(10)
    assert run.kept == SENTENCE + tone(0.3)
    assert [one.text for one in run.noted.segments] == ["something was said"] * 2


def test_words_are_told_while_it_runs_and_noted_with_how_far_they_are() -> None:
    run = Running(FakeTranscriber(words=["I slept badly.", "It is better now."]))
    run.says(SENTENCE)
    until(lambda: [one.text for one in run.heard] == ["I slept badly."])
    assert run.recording.running
    assert run.noted.engine == "whisper fake"
    assert 0.7 < run.noted.reached <= SENTENCE_SECONDS
    run.says(SENTENCE)
    run.recording.stop()
    assert run.words is not None and run.words.ended(10)
    assert [one.text for one in run.noted.segments] == ["I slept badly.", "It is better now."]
    assert run.noted.reached == pytest.approx(run.noted.seconds, abs=0.05)
    assert run.noted.segments == tuple(run.heard)


def test_a_pause_ends_a_sentence_and_times_are_those_of_the_sound_all_the_same() -> None:
    run = Running(FakeTranscriber(words=["I slept badly.", "It is better.", "Good night."]))
    for number in range(1, 4):
        run.says(tone(0.8))
        run.recording.pause()
        until(lambda: len(run.heard) == number)  # noqa: B023  waited for here
        run.recording.resume()
    run.recording.stop()
    assert run.words is not None and run.words.ended(10)
    assert run.kept == tone(0.8) * 3
    assert [one.start for one in run.heard] == pytest.approx([0.0, 0.8, 1.6], abs=0.05)
    assert [one.words[-1].end for one in run.heard] == pytest.approx([0.8, 1.6, 2.4], abs=0.05)
    assert run.noted.reached == pytest.approx(2.4, abs=0.05)


def test_a_segment_is_on_the_disk_before_it_is_told() -> None:
    def look(segment: Segment) -> None:
        assert segment in run.noted.segments
        seen.append(segment)

    seen: list[Segment] = []
    run = Running(FakeTranscriber(), heard=look)
    run.says(SENTENCE)
    until(lambda: seen)
    run.recording.stop()


def test_what_is_to_be_written_is_written_told_and_noted() -> None:
    from dataclasses import replace

    run = Running(FakeTranscriber(), write=lambda segment: replace(segment, text="Dr Okafor called"))
    run.says(SENTENCE)
    until(lambda: run.heard)
    run.recording.stop()
    assert run.heard[0].text == run.noted.segments[0].text == "Dr Okafor called"


def test_an_engine_that_crashes_is_asked_again_from_where_it_was_and_nothing_is_told_twice() -> None:
    class CrashesOnce(FakeTranscriber):
        def listen(self, *args: Any, **named: Any) -> Iterator[Any]:
            self._failure = EngineFailed("It crashed.") if not self.hearings else None
            self._fails_after = 1
            return super().listen(*args, **named)

    transcriber = CrashesOnce(words=["One."])
    run = Running(transcriber)
    run.says(SENTENCE)
    until(lambda: run.heard)
    run.says(SENTENCE)
    run.says(SENTENCE)
    run.recording.stop()
    assert run.words is not None and run.words.ended(10)
    assert len(transcriber.hearings) == 2
    starts = [one.start for one in run.noted.segments]
    assert starts == pytest.approx([at * SENTENCE_SECONDS for at in range(3)], abs=0.1)
    assert run.heard == list(run.noted.segments)
    assert run.words.note == ""


def test_an_engine_that_crashes_twice_is_given_up_with_a_note_and_the_recording_goes_on() -> None:
    transcriber = FakeTranscriber(failure=EngineFailed("The speech model crashed."))
    run = Running(transcriber)
    run.says(SENTENCE)
    note = "The speech model crashed. The words will be written down when the recording has ended."
    until(lambda: run.words is not None and run.words.note == note)
    run.says(SENTENCE)
    meter = run.shows(note=note, seconds=2 * SENTENCE_SECONDS)
    assert meter.phase is Phase.RECORDING
    assert meter.behind == pytest.approx(2 * SENTENCE_SECONDS)
    assert len(transcriber.hearings) == 2
    run.recording.stop()
    assert run.kept == SENTENCE * 2


@pytest.mark.parametrize("failure", [ModelMissing("No such language."), ZeroDivisionError()])
def test_what_a_second_try_would_not_mend_is_given_up_at_once(failure) -> None:
    transcriber = FakeTranscriber(failure=failure)
    run = Running(transcriber)
    run.says(SENTENCE)
    until(lambda: run.words is not None and run.words.note)
    run.recording.stop()
    assert len(transcriber.hearings) == 1
    assert run.kept == SENTENCE


def test_an_engine_that_hangs_holds_no_sound_up_and_is_told_as_behind() -> None:
    import threading

    gate = threading.Event()
    run = Running(FakeTranscriber(on_transcribe=gate.wait))
    run.says(SENTENCE * 3)
    assert run.shows(seconds=3 * SENTENCE_SECONDS).behind == pytest.approx(3 * SENTENCE_SECONDS)
    run.recording.stop()
    assert run.kept == SENTENCE * 3
    gate.set()
    assert run.words is not None and run.words.ended(10)
    assert len(run.noted.segments) == 3


def test_words_that_are_stopped_keep_what_was_noted_and_claim_no_more() -> None:
    run = Running(FakeTranscriber())
    run.says(SENTENCE)
    until(lambda: run.heard)
    assert run.words is not None
    run.words.stop()
    assert run.words.ended(10)
    run.says(SENTENCE)
    run.recording.stop()
    assert len(run.noted.segments) == 1
    assert run.noted.reached <= SENTENCE_SECONDS
