"""A running recording as one line: `● 0:12  ▕██████░░░░▏  I hear you`. Pure."""

from __future__ import annotations

from diary.model.recording import Meter, Phase

QUIETEST = -60.0
"""dB of full scale at which the bar is empty: a quiet room before a usual microphone."""

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
    parts = [f"● {elapsed(meter.seconds)}", f"▕{bar(meter.peak)}▏", _hears(meter)]
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


def bar(peak: float) -> str:
    """A level of so many dB of full scale."""
    share = min(max((peak - QUIETEST) / -QUIETEST, 0.0), 1.0)
    cells = round(_CELLS * share)
    return "█" * cells + "░" * (_CELLS - cells)


def elapsed(seconds: float) -> str:
    """0:42, 12:05, 1:02:03; whole seconds that have passed."""
    minutes, left = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
