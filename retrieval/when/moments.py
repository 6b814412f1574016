"""A moment in words → an aware time, for `--at`: a day, a time of day, or both, or how long ago.

Rules:
- every word must be understood, or nothing is: a date read wrongly files an entry where nobody looks;
- without an offset of its own, a moment has the offset of `now`;
- a day without a time is at noon, "today" is now; "morning" is 9:00, "afternoon" 15:00, "evening" 20:00 and
  "night" 22:00, or now when that is still to come;
- a time without a day is the last such time; the future needs a year, "tomorrow" or "next".
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from diary.errors import TimeNotUnderstood
from retrieval.when.days import DAY_RULES, NEAR_RULES
from retrieval.when.german import GERMAN_DAY_RULES
from retrieval.when.grammar import first_found
from retrieval.when.words import NUMBER, NUMBERS, number, plain

LONGEST = 100

_EXAMPLES = (
    'Try "yesterday 3am", "last Tuesday evening", "2 hours ago", "3 March 2024 9pm" or "2024-03-03 21:00".'
)
_ISO = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})[t ] ?(?P<time>\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)"
    r" ?(?P<offset>z|[+-]\d{2}:?\d{2})?"
)
_AGO = re.compile(
    rf"(?P<count>half an?|{NUMBER})(?P<half> and a half)? (?P<unit>second|sec|minute|min|hour|hr|h)s?"
    r"(?P<also> and a half)?"
    r" (?:ago|back|earlier)"
    r"|vor (?P<zahl>\d{1,3}|einer|zwei|drei) (?P<einheit>minute|stunde)n?"
)
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_DAY_PARTS = re.compile(
    r"(?P<day>last) (?P<last_part>night|evening)\b|(?P<today>this) (?P<this_part>morning|afternoon|evening)\b"
    r"|\b(?P<tonight>tonight)\b"
)
_PARTS: dict[str, tuple[int, int]] = {
    "early morning": (6, 4),
    "late morning": (11, 9),
    "morning": (9, 4),
    "früh": (9, 4),
    "morgens": (9, 4),
    "lunchtime": (12, 11),
    "nachmittag": (15, 12),
    "afternoon": (15, 12),
    "evening": (20, 17),
    "abend": (20, 17),
    "tonight": (20, 17),
    "night": (22, 20),
    "nacht": (22, 20),
}
"""Part of the day → the hour it stands for, and the hour at which it begins."""

_PART = re.compile(rf"\b(?:in the |at |am )?(?P<part>{'|'.join(_PARTS)})\b")
_HOURS = "|".join(
    word for word, value in NUMBERS.items() if 1 <= value <= 12 and len(word) > 2 and " " not in word
)
_HALF = r"(?: ?(?P<half>[ap]\.?m\b\.?))"
_CLOCK = (
    re.compile(
        rf"\b(?:at |um )?(?P<hour>\d{{1,2}})[:.](?P<minute>\d{{2}})(?::(?P<second>\d{{2}}))?{_HALF}?"
        r"(?: uhr\b)?(?![\d.:])"
    ),
    re.compile(rf"\b(?:at )?(?P<hour>\d{{1,2}}){_HALF}"),
    re.compile(r"\b(?:at |um )?(?P<hour>\d{1,2}) ?(?:o'clock|uhr|h)\b"),
    re.compile(rf"\b(?:at )?(?P<way>half|quarter) (?P<to>past|to) (?P<word>\d{{1,2}}|{_HOURS})\b{_HALF}?"),
    re.compile(r"\b(?:at )?(?P<named>noon|midday|midnight|mittag|mitternacht)\b"),
)
_BARE_HOUR = re.compile(r"\bat (?P<hour>\d{1,2})\b")
_FILLER = re.compile(r"\b(?:at|on|the|in|around|about|um|am|of)\b|[,.\s]")
_FUTURE = re.compile(r"\b(?:19|20)\d\d\b|\btomorrow\b|\bnext\b")


def parse_moment(text: str, now: datetime) -> datetime:
    """The moment that `text` names, seen from `now`.

    :param now: aware local time.
    :raises diary.errors.TimeNotUnderstood: when it names none, or one still to come without saying so.
    """
    words = plain(" ".join(text.split()))
    if not words or len(words) > LONGEST:
        raise _not_understood()
    try:
        moment = _exact(words, now) or _ago(words, now) or _composed(words, now)
    except (ValueError, OverflowError):
        raise _not_understood() from None
    if moment is None:
        raise _not_understood()
    if moment > now and not _FUTURE.search(words):
        raise TimeNotUnderstood(
            "That time is still to come, so nothing was saved.",
            hint='For a time to come, give the whole date, or say "tomorrow".',
        )
    return moment


def _not_understood() -> TimeNotUnderstood:
    return TimeNotUnderstood("That time was not understood, so nothing was saved.", hint=_EXAMPLES)


def _exact(words: str, now: datetime) -> datetime | None:
    match = _ISO.fullmatch(words)
    if match is None:
        return now if words in ("now", "just now", "right now", "today", "jetzt", "heute") else None
    offset = (match["offset"] or "").upper()
    moment = datetime.fromisoformat(f"{match['day']}T{match['time']}{offset}")
    return moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)


def _ago(words: str, now: datetime) -> datetime | None:
    match = _AGO.fullmatch(words)
    if match is None:
        return None
    if match["zahl"]:
        count = float({"einer": 1, "zwei": 2, "drei": 3}.get(match["zahl"]) or match["zahl"])
        return now - timedelta(seconds=count * (60 if match["einheit"] == "minute" else 3600))
    count = 0.5 if match["count"].startswith("half") else float(number(match["count"]))
    count += 0.5 if match["half"] or match["also"] else 0
    return now - timedelta(seconds=count * _SECONDS[match["unit"][0]])


def _composed(words: str, now: datetime) -> datetime | None:
    """A day, a part of the day and a time, in any order; every word must belong to one of them."""
    rest, day, part = _day_part(words, now)
    if part is None:
        rest, part = _taken(_PART, rest, "part")
    rest, clock = _clock(rest)
    if day is None:
        found = first_found((*DAY_RULES, *GERMAN_DAY_RULES, *NEAR_RULES), rest, now.date())
        if found is not None and found.days.start == found.days.end:
            day = found.days.start
            rest = f"{rest[: found.start]} {rest[found.end :]}"
    if clock is None:
        match = _BARE_HOUR.search(rest)
        if match:
            clock = time(int(match["hour"]))
            rest = f"{rest[: match.start()]} {rest[match.end() :]}"
    if _FILLER.sub("", rest) or (day is None and part is None and clock is None):
        return None
    if clock is not None and part is not None:
        clock = _in_part(clock, part)
        if words.startswith("last ") and clock.hour < 6 and day is not None and "last night" in words:
            day += timedelta(days=1)
    return _at(day, part, clock, now)


def _day_part(words: str, now: datetime) -> tuple[str, date | None, str | None]:
    """Last night, this morning and tonight name a day and a part of it at once."""
    match = _DAY_PARTS.search(words)
    if match is None:
        return words, None, None
    rest = f"{words[: match.start()]} {words[match.end() :]}"
    if match["day"]:
        return rest, now.date() - timedelta(days=1), match["last_part"]
    return rest, now.date(), match["this_part"] or "tonight"


def _taken(pattern: re.Pattern[str], words: str, group: str) -> tuple[str, str | None]:
    match = pattern.search(words)
    if match is None:
        return words, None
    return f"{words[: match.start()]} {words[match.end() :]}", match[group]


def _clock(words: str) -> tuple[str, time | None]:
    for pattern in _CLOCK:
        match = pattern.search(words)
        if match is not None:
            read = _read_clock({key: value for key, value in match.groupdict().items() if value})
            return f"{words[: match.start()]} {words[match.end() :]}", read
    return words, None


def _read_clock(found: dict[str, str]) -> time:
    if "named" in found:
        return time(0) if found["named"] in ("midnight", "mitternacht") else time(12)
    if "way" in found:
        hour = int(found["word"]) if found["word"].isdecimal() else NUMBERS[found["word"]]
        minutes = hour * 60 + (30 if found["way"] == "half" else 15) * (1 if found["to"] == "past" else -1)
        return _twelve(time(minutes // 60 % 24, minutes % 60), found.get("half"))
    read = time(int(found["hour"]), int(found.get("minute", 0)), int(found.get("second", 0)))
    return _twelve(read, found.get("half"))


def _twelve(clock: time, half: str | None) -> time:
    """A time of a twelve-hour clock; 13 pm is no time."""
    if half is None:
        return clock
    if not 1 <= clock.hour <= 12:
        raise ValueError("not on a twelve-hour clock")
    return clock.replace(hour=clock.hour % 12 + (12 if half[0] == "p" else 0))


def _in_part(clock: time, part: str) -> time:
    """ "At 8" in the evening is 20:00."""
    afternoon = part in ("afternoon", "evening", "tonight", "nachmittag", "abend")
    at_night = part in ("night", "nacht") and 6 <= clock.hour < 12
    return clock.replace(hour=clock.hour + 12) if clock.hour < 12 and (afternoon or at_night) else clock


def _at(day: date | None, part: str | None, clock: time | None, now: datetime) -> datetime:
    if day is not None and clock is None and part is None:
        return now if day == now.date() else datetime.combine(day, time(12), now.tzinfo)
    hour, begins = _PARTS[part] if part else (0, 0)
    moment = datetime.combine(day or now.date(), clock or time(hour), now.tzinfo)
    if moment <= now:
        return moment
    if clock is None and moment.date() == now.date() and now.hour >= begins:
        return now
    return moment - timedelta(days=1) if day is None else moment
