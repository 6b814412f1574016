"""A running recording as one line: `● 0:12  ▕██████░░░░▏  I hear you`. Pure."""

from __future__ import annotations

from diary.model.placeholder import clock
from diary.model.recording import Meter, Phase
from diary.sound_words import level_bar

_CELLS = 12
_WORTH_TELLING = 10.0  # seconds that the words may be behind before it is said


def live_line(meter: Meter, *, keys: bool) -> str:
    """What a person needs to see while speaking: the level, how long, and whether they are heard.

    :param keys: whether the keys that can be pressed are named.
    """
    if meter.phase is Phase.OPENING:
        return f"… opening {meter.microphone or 'the microphone'}"
    if meter.phase is Phase.PAUSED:
        return f"‖ {elapsed(meter.seconds)}  paused{'; Space goes on, Enter ends' if keys else ''}"
    parts = [f"● {elapsed(meter.seconds)}", f"▕{level_bar(meter.peak, _CELLS)}▏", _hears(meter)]
    if meter.lost >= 0.1:
        parts.append(f"{meter.lost:.1f} s lost")
    if meter.behind is not None and meter.behind >= _WORTH_TELLING:
        parts.append(f"words {meter.behind:.0f} s behind")
    if keys:
        parts.append("Space pauses, Enter ends")
    return "  ".join(part for part in parts if part)


def _hears(meter: Meter) -> str:
    if meter.silent:
        return "silence: is it muted?"
    # As wide as the other, so that what follows stands still.
    return "I hear you" if meter.heard else " " * len("I hear you")


def elapsed(seconds: float) -> str:
    """0:42, 12:05, 1:02:03; whole seconds that have passed."""
    return clock(int(seconds))
