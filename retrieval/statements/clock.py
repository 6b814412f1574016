"""Times of day in a sentence: "at 8.50", "ten past four", "4pm", "half past two", "14 Uhr", "a las 10"; pure.

Rules:
- what has a unit or a currency beside it ("£8.50", "5.10 km") is no time;
- an hour from 1 to 6 without am, pm or a leading zero is of the afternoon: "ten past four", "at 2"; with
  "in the morning" it is not, and with "evening" 7 to 11 are of the evening;
- "14:30" and "08:50" are what they say.
"""

from __future__ import annotations

import re
from datetime import time
from typing import NamedTuple

from retrieval.when.words import NUMBERS

_HOURS = {
    word: value for word, value in NUMBERS.items() if 1 <= value <= 12 and len(word) > 2 and " " not in word
}
_HOUR = rf"(?:\d{{1,2}}|{'|'.join(sorted(_HOURS, key=len, reverse=True))})"
_HALF = r"(?: ?(?P<half>[ap]\.?m\b\.?))"
_NO_UNIT = (
    r"(?! ?(?:%|°|kgs?\b|km\b|mg\b|mcg\b|ml\b|g\b|m\b|cm\b|mm\b|miles?\b|stone\b|lb|mmol|percent\b|euros?\b"
    r"|pounds?\b|quid\b|pence\b|€|£|\$|points?\b|degrees\b|hours?\b|minutes?\b|days?\b|weeks?\b|months?\b"
    r"|years?\b|stunden\b|tage\b|jahre\b|/|st\b|nd\b|rd\b|th\b))"
)
_CLOCK = (
    re.compile(
        rf"(?<![\d£$€.,/:#-])(?:\b(?:at|um|a las|à"
        rf"|@) ?)?(?P<hour>\d{{1,2}}) ?(?P<mark>[:.h])(?P<minute>[0-5]\d)"
        rf"{_HALF}?(?: uhr\b)?(?![\d:]|[.,]\d){_NO_UNIT}"
    ),
    re.compile(
        r"\b(?P<past>half|quarter|five|ten|twenty|twenty-five|\d{1,2})(?: minutes)? (?P<way>past|to)"
        rf" (?P<hour>{_HOUR})\b{_HALF}?"
    ),
    re.compile(rf"(?<![\d£$€.,/:])\b(?P<hour>\d{{1,2}}){_HALF}"),
    re.compile(rf"\b(?P<hour>{_HOUR}) ?(?:o'clock|uhr|heures|h\b)"),
    re.compile(rf"\b(?:at|um|a las|à) (?P<hour>{_HOUR})\b(?![.:]\d|-){_NO_UNIT}"),
    re.compile(r"\b(?:at )?(?P<named>noon|midday|midnight|mittags?|mitternacht|mediodía|midi)\b"),
)
_PAST = {"half": 30, "quarter": 15, "five": 5, "ten": 10, "twenty": 20, "twenty-five": 25}
_MORNING = re.compile(
    r"\bin the morning\b|\bmorgens\b|\bvormittags?\b|\bde la mañana\b|\bdu matin\b|\ba\.?m\b"
)
_EVENING = re.compile(r"\b(?:evening|tonight|night|abends?|noche|soir)\b")


class Clock(NamedTuple):
    """A time of day and the characters it was read from."""

    at: time
    start: int
    end: int


def clocks(words: str) -> list[Clock]:
    """The times of day in a text from `retrieval.when.words.plain`, in order; none overlap."""
    found: list[Clock] = []
    for pattern in _CLOCK:
        for match in pattern.finditer(words):
            if any(match.start() < other.end and other.start < match.end() for other in found):
                continue
            at = _read(match.groupdict(), words)
            if at is not None:
                found.append(Clock(at, *match.span()))
    return sorted(found, key=lambda clock: clock.start)


def _read(found: dict[str, str | None], words: str) -> time | None:
    if found.get("named"):
        return time(0) if str(found["named"]).startswith(("midn", "mitternacht")) else time(12)
    written = str(found["hour"])
    hour = _HOURS[written] if written in _HOURS else int(written)
    minute = int(found.get("minute") or 0)
    if found.get("way"):
        past = str(found["past"])
        minutes = _PAST[past] if past in _PAST else int(past)
        total = hour * 60 + (minutes if found["way"] == "past" else -minutes)
        hour, minute = total // 60 % 24, total % 60
    if hour > 23 or minute > 59:
        return None
    half = found.get("half")
    if half:
        return time(hour % 12 + (12 if half[0] == "p" else 0), minute) if 1 <= hour <= 12 else None
    return time(_likely(hour, words) if not written.startswith("0") else hour, minute)


def _likely(hour: int, words: str) -> int:
    """The hour of the day that a bare 1 to 12 most likely means."""
    if _MORNING.search(words):
        return hour
    if 1 <= hour <= 6 or (7 <= hour <= 11 and _EVENING.search(words)):
        return hour + 12
    return hour
