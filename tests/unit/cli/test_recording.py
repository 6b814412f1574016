"""A recording at the terminal: keys, Ctrl-C, and the line that shows it."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import pytest

from diary.cli.keys import END, Interrupts
from diary.cli.live_line import elapsed, live_line
from diary.cli.output import Console
from diary.cli.recording import Choice, LiveRecording, Taken
from diary.errors import MicrophoneFailed
from diary.model.recording import Meter, Phase
from diary.sound_words import level_bar
from tests.fakes.session import FakeSession
from tests.fakes.voice import FakeVoice, said
from tests.unit.cli.desk import Keyboard


def meter(**facts: Any) -> Meter:
    usual = {
        "phase": Phase.RECORDING,
        "seconds": 12.7,
        "peak": -12.0,
        "heard": True,
        "silent": False,
        "lost": 0.0,
        "behind": 0.0,
        "microphone": "Desk microphone",
    }
    return Meter(**{**usual, **facts})


def ctrl_c() -> None:
    os.kill(os.getpid(), signal.SIGINT)


@pytest.fixture
def voice() -> FakeVoice:
    return FakeSession().voice


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody sees stderr."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)


def record(voice: FakeVoice, *presses: Any, terminal: bool = True, **how: Any) -> Taken:
    """Record while these things happen; callables are no keys."""
    keys = Keyboard(terminal, list(presses))
    with Interrupts() as interrupts:
        facts: dict[str, Any] = {"seconds": None, **how}
        live = LiveRecording(Console(json=False), voice, keys, interrupts, **facts)  # type: ignore[arg-type]
        return live.run(None)


def sound(voice: FakeVoice, seconds: float, **facts: Any) -> Any:
    def comes() -> None:
        assert voice.running is not None
        voice.running.measures(**{"phase": Phase.RECORDING, "seconds": seconds, **facts})

    return comes


def words(voice: FakeVoice, text: str, start: float = 0.0) -> Any:
    def come() -> None:
        assert voice.running is not None
        voice.running.hears(said(start, text))

    return come


@pytest.mark.parametrize("key", ["\n", "\r", END])
def test_enter_and_ctrl_d_end_it_and_it_is_to_be_saved(voice: FakeVoice, key: str) -> None:
    taken = record(voice, sound(voice, 3.0), key)
    assert (taken.choice, taken.seconds) == (Choice.SAVE, 3.0)
    assert voice.running is not None and voice.running.stopped


def test_words_are_shown_as_they_come_and_remembered_as_shown(
    voice: FakeVoice, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = record(voice, sound(voice, 2.0), words(voice, "Good morning."), words(voice, "Rain.", 2.0), "\n")
    assert capsys.readouterr().out == "Good morning.\nRain.\n"
    assert taken.shown == {0.0, 2.0}


@pytest.mark.parametrize("key", [" ", "p"])
def test_a_key_pauses_it_and_goes_on(voice: FakeVoice, key: str) -> None:
    phases = []
    look = lambda: phases.append(voice.running.standing.phase)  # noqa: E731
    record(voice, sound(voice, 1.0), key, look, key, look, "\n")
    assert phases == [Phase.PAUSED, Phase.RECORDING]


def test_it_ends_by_itself_after_so_much_sound(voice: FakeVoice) -> None:
    taken = record(voice, sound(voice, 4.9), None, sound(voice, 5.1), seconds=5.0)
    assert (taken.choice, taken.seconds) == (Choice.SAVE, 5.1)


def test_it_ends_when_the_microphone_goes_away_and_says_why(voice: FakeVoice) -> None:
    voice.broken["stop"] = MicrophoneFailed("It was unplugged.")
    taken = record(voice, sound(voice, 2.0), sound(voice, 2.0, phase=Phase.ENDED))
    assert (taken.choice, taken.failure) == (Choice.SAVE, voice.broken["stop"])


@pytest.mark.usefixtures("watched")
@pytest.mark.parametrize(("key", "choice"), [("s", Choice.SAVE), ("k", Choice.KEEP), ("D", Choice.DISCARD)])
def test_ctrl_c_asks_once_what_is_to_become_of_it(voice: FakeVoice, key: str, choice: Choice) -> None:
    taken = record(voice, sound(voice, 2.0), ctrl_c, key)
    assert (taken.choice, taken.unasked) == (choice, False)


@pytest.mark.usefixtures("watched")
def test_it_hears_nothing_while_it_asks_and_goes_on_with_any_other_key(voice: FakeVoice) -> None:
    phases = []
    look = lambda: phases.append(voice.running.standing.phase)  # noqa: E731
    taken = record(voice, sound(voice, 2.0), ctrl_c, look, "x", look, "\n")
    assert phases == [Phase.PAUSED, Phase.RECORDING]
    assert taken.choice is Choice.SAVE


@pytest.mark.usefixtures("watched")
def test_one_that_was_paused_is_still_paused_when_it_goes_on(voice: FakeVoice) -> None:
    phases = []
    look = lambda: phases.append(voice.running.standing.phase)  # noqa: E731
    record(voice, sound(voice, 2.0), " ", ctrl_c, "x", look, "\n")
    assert phases == [Phase.PAUSED]


@pytest.mark.usefixtures("watched")
def test_a_second_ctrl_c_keeps_it_for_later(voice: FakeVoice) -> None:
    taken = record(voice, sound(voice, 2.0), ctrl_c, ctrl_c)
    assert (taken.choice, taken.unasked) == (Choice.KEEP, True)


def test_where_nobody_can_be_asked_ctrl_c_keeps_it_for_later(voice: FakeVoice) -> None:
    taken = record(voice, sound(voice, 2.0), ctrl_c, terminal=False)
    assert (taken.choice, taken.unasked) == (Choice.KEEP, True)


def test_a_try_is_given_up_by_ctrl_c_without_a_question(voice: FakeVoice) -> None:
    assert record(voice, sound(voice, 2.0), ctrl_c, asks=False).choice is Choice.DISCARD


def test_a_note_of_the_recording_is_said_once_and_beside_the_words(
    voice: FakeVoice, capsys: pytest.CaptureFixture[str]
) -> None:
    note = "The words will come later."
    record(voice, sound(voice, 1.0, note=note), sound(voice, 2.0, note=note), "\n")
    assert capsys.readouterr() == ("", f"{note}\n")


def test_a_second_ctrl_c_that_nothing_answers_ends_the_program() -> None:
    with Interrupts():
        ctrl_c()
        with pytest.raises(KeyboardInterrupt):
            ctrl_c()


def test_ctrl_c_ends_the_program_again_after_a_recording() -> None:
    with Interrupts():
        ctrl_c()
    with pytest.raises(KeyboardInterrupt):
        ctrl_c()


def test_the_line_shows_level_time_and_that_somebody_is_heard() -> None:
    line = live_line(meter(), keys=True)
    assert line.startswith("● 0:12  ▕██████████░░▏  I hear you")
    assert line.endswith("Space pauses, Enter ends")
    assert "I hear you" not in live_line(meter(heard=False), keys=True)
    assert "Space" not in live_line(meter(), keys=False)


def test_the_line_stands_still_whether_or_not_somebody_is_heard() -> None:
    heard, unheard = (live_line(meter(heard=heard), keys=True) for heard in (True, False))
    assert len(heard) == len(unheard)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"silent": True, "heard": False}, "silence: is it muted?"),
        ({"lost": 1.25}, "1.2 s lost"),
        ({"behind": 42.0}, "words 42 s behind"),
        ({"phase": Phase.PAUSED}, "‖ 0:12  paused; Space goes on, Enter ends"),
        ({"phase": Phase.OPENING}, "… opening Desk microphone"),
    ],
)
def test_the_line_tells_what_is_not_as_it_should_be(facts: dict[str, Any], words: str) -> None:
    assert words in live_line(meter(**facts), keys=True)
    assert words not in live_line(meter(), keys=True)


@pytest.mark.parametrize(("peak", "full"), [(-96.0, 0), (-60.0, 0), (-30.0, 6), (0.0, 12), (3.0, 12)])
def test_the_bar_is_empty_in_a_quiet_room_and_full_at_full_scale(peak: float, full: int) -> None:
    assert level_bar(peak, 12) == "█" * full + "░" * (12 - full)


@pytest.mark.parametrize(("seconds", "words"), [(0.9, "0:00"), (59.9, "0:59"), (3723.0, "1:02:03")])
def test_time_is_what_has_passed(seconds: float, words: str) -> None:
    assert elapsed(seconds) == words
