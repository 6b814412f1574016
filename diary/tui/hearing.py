"""How sound is shown in words and signs; pure functions, no widgets.

Rules: nothing is told by colour alone. A word that was heard with doubt stands in brackets with a question
mark, as in transcripts on paper; a level is a bar and a number.
"""

from __future__ import annotations

from typing import Final

from textual.content import Content

from diary.model.placeholder import clock
from diary.model.recording import Meter, Phase
from diary.model.speech import Segment, unsure
from diary.sound_words import FLOOR
from diary.tui.plain import one_line

TOO_LOUD: Final = -1.0
"""dB of full scale from which words are cut off."""

BEHIND: Final = 10.0
"""Seconds; fewer are no news."""

DOUBTED: Final = "underline"

SILENT: Final = "The microphone gives silence: is it muted? m chooses another."
NO_MODEL: Final = "No speech model: the sound is kept; its words can be written down later."


def marked(segment: Segment) -> Content:
    """The words of a segment, those heard with doubt in brackets and underlined."""
    if not segment.words:
        words = one_line(segment.text, 4_000)
        return _doubted(words) if unsure(segment.confidence) else Content(words)
    told = [(one_line(word.text), unsure(word.confidence)) for word in segment.words]
    return Content(" ").join(_doubted(text) if doubt else Content(text) for text, doubt in told if text)


def _doubted(words: str) -> Content:
    return Content.styled(f"[{words}?]", DOUBTED)


def level_words(peak: float) -> str:
    """`-18 dB`; what is too loud is told."""
    if peak <= FLOOR:
        return "quiet"
    return f"{peak:.0f} dB" + (", too loud" if peak >= TOO_LOUD else "")


def phase_words(meter: Meter) -> str:
    """What the recording does; recording is said only when sound came."""
    match meter.phase:
        case Phase.OPENING:
            return "Opening the microphone…"
        case Phase.RECORDING:
            return "Recording"
        case Phase.PAUSED:
            return "Paused: nothing is heard"
        case Phase.ENDED:
            return "Ended"


def warnings(meter: Meter) -> list[str]:
    """What is wrong, as sentences."""
    told = []
    if meter.silent and meter.phase is Phase.RECORDING:
        told.append(SILENT)
    if meter.lost >= 0.5:
        told.append(f"{_seconds(meter.lost)} of sound were lost, by the clock: the machine was too busy.")
    return told


def remark(meter: Meter) -> str:
    """What is good to know of the words and the microphone; empty when there is nothing."""
    if meter.note:
        return meter.note
    if meter.behind is None:
        return NO_MODEL
    if meter.behind >= BEHIND:
        return f"Words are {_seconds(meter.behind)} behind; nothing is lost."
    return ""


def position(seconds: float, length: float) -> str:
    """`0:42 of 3:10`."""
    now = clock(int(seconds))  # the second it is in, as the sentences have theirs
    return f"{now} of {clock(length)}" if length else now


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
