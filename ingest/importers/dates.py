"""Dates as other programs write them, to aware times.

Order: ISO 8601 and its relatives (year first), day.month.year, English month names, slashes only when the
caller knows the order. A date without an offset is local time, with the daylight saving time of that day. A
date without a time of day is noon: the day then stays the same when it is read up to eleven hours east or
west. Wall-clock times are kept as written, with an offset in whole minutes.

Refused: years outside 1000 to 2199 (an old diary, copied out, is welcome), offsets beyond 18 hours (the
limit of java.time.ZoneOffset), offsets with seconds, and dates whose order of day and month cannot be
known. Not here: dates in a question (`retrieval.when`).
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone

from ingest.importers.unusable import Unusable

FIRST_YEAR, LAST_YEAR = 1000, 2199
_NOON = time(12, 0)
_LONGEST = 64
_MOST_OFFSET = timedelta(hours=18)

_TIME = (
    r"(?:(?:[T\s,]|\sat\s)\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?)?"
)
_OFFSET = r"(?:\s*(?P<offset>[Zz]|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2}))?"
_WEEKDAY = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}\.?,?\s+)?"
_MONTH = r"(?P<name>[A-Z][a-z]{2,8})\.?"
_FORMS = tuple(
    re.compile(_WEEKDAY + form + _TIME + _OFFSET, re.ASCII)
    for form in (
        r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})",
        r"(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4})",
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+{_MONTH},?\s+(?P<year>\d{{4}})",
        rf"{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})",
    )
)
_SLASHES = re.compile(
    _WEEKDAY + r"(?P<first>\d{1,2})[/-](?P<second_part>\d{1,2})[/-](?P<year>\d{4})" + _TIME + _OFFSET,
    re.ASCII,
)
_MONTH_NAMES = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTH_NUMBER = {
    short: number for number, name in enumerate(_MONTH_NAMES, 1) for short in (name, name[:3])
} | {"sept": 9}


class Zone:
    """Local time of the machine, or the zone of the clock that was given.

    :param now: aware; with a fixed offset that is the machine's own, the machine's zone and its daylight
        saving time are used for other days.
    """

    def __init__(self, now: datetime) -> None:
        self._zone = now.tzinfo
        if isinstance(now.tzinfo, timezone) and now.astimezone().utcoffset() == now.utcoffset():
            self._zone = None  # astimezone() then asks the machine, day by day

    def local(self, naive: datetime) -> datetime:
        """This wall-clock time here, with the offset of that day in whole minutes.

        :raises Unusable: when the year is out of bounds.
        """
        _check_year(naive.year)
        try:
            local = naive.astimezone() if self._zone is None else naive.replace(tzinfo=self._zone)
            return _whole_minutes(local)
        except (OverflowError, OSError, ValueError):
            raise Unusable("its date is out of range") from None

    def changed(self, seconds: float) -> datetime:
        """The local time this many seconds after 1970 UTC (a file's time of change).

        :raises Unusable: when the year is out of bounds.
        """
        try:
            moment = datetime.fromtimestamp(seconds, UTC).astimezone(self._zone)
        except (OverflowError, OSError, ValueError):
            raise Unusable("the file's time of change is out of range") from None
        _check_year(moment.year)
        return _whole_minutes(moment)


def moment(untrusted_text: str, zone: Zone, *, day_first: bool | None = None) -> datetime:
    """The aware time that a date names; `day_first` says how 5/6/2024 is to be read, if that is known.

    :raises Unusable: when it is no date, or one out of bounds.
    """
    text = untrusted_text.strip()
    if len(text) > _LONGEST:
        raise Unusable("its date is longer than any date")
    for form in _FORMS:
        if match := form.fullmatch(text):
            return _settled(match.groupdict(), zone)
    if match := _SLASHES.fullmatch(text):
        return _settled(_ordered(match.groupdict(), day_first), zone)
    return _other_iso(text, zone)


def has_date_shape(untrusted_text: str) -> bool:
    """Whether the whole text is written like a date, in the calendar and in bounds or not."""
    text = untrusted_text.strip()
    if len(text) > _LONGEST:
        return False
    match = next((match for form in (*_FORMS, _SLASHES) if (match := form.fullmatch(text))), None)
    return match is not None and ("name" not in match.re.groupindex or match["name"].lower() in _MONTH_NUMBER)


def slash_parts(untrusted_text: str) -> tuple[int, int] | None:
    """The first two numbers of a date such as 5/6/2024, or None: what tells the order in a whole file."""
    match = _SLASHES.fullmatch(untrusted_text.strip()) if len(untrusted_text) <= _LONGEST else None
    return (int(match["first"]), int(match["second_part"])) if match else None


def _ordered(parts: dict[str, str | None], day_first: bool | None) -> dict[str, str | None]:
    first, second = parts.pop("first"), parts.pop("second_part")
    if day_first is None:
        raise Unusable("its date can be read as day/month and as month/day; use 2024-01-31")
    return parts | ({"day": first, "month": second} if day_first else {"day": second, "month": first})


def _settled(parts: dict[str, str | None], zone: Zone) -> datetime:
    """The time that these matched groups name."""
    month = _month(parts["name"] or "") if parts.get("name") else int(parts["month"] or 0)
    year = int(parts["year"] or 0)
    _check_year(year)
    try:
        day = date(year, month, int(parts["day"] or 0))
        naive = datetime.combine(day, _time(parts))
    except ValueError:
        raise Unusable("its date is not in the calendar") from None
    offset = parts["offset"]
    return zone.local(naive) if offset is None else naive.replace(tzinfo=_offset(offset))


def _time(parts: dict[str, str | None]) -> time:
    if parts["hour"] is None:
        return _NOON
    hour = int(parts["hour"])
    if parts["half"] is not None:
        if not 1 <= hour <= 12:
            raise ValueError("no such hour on a twelve-hour clock")
        hour = hour % 12 + (12 if parts["half"].lower() == "p" else 0)
    microsecond = int((parts["fraction"] or "0")[:6].ljust(6, "0"))
    return time(hour, int(parts["minute"] or 0), int(parts["second"] or 0), microsecond)


def _month(name: str) -> int:
    number = _MONTH_NUMBER.get(name.lower())
    if number is None:
        raise Unusable("its date is not understood; use 2024-01-31 21:10")
    return number


def _offset(text: str) -> timezone:
    if text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if size > _MOST_OFFSET or int(digits[2:]) > 59:
        raise Unusable("the offset of its date is beyond 18 hours")
    return timezone(-size if text[0] == "-" else size)


def _other_iso(text: str, zone: Zone) -> datetime:
    """The rarer forms of ISO 8601: basic (20240131T2110), weeks (2024-W05-3)."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Unusable("its date is not understood; use 2024-01-31 21:10") from None
    if found.tzinfo is None:
        has_time = "T" in text or ":" in text or " " in text
        return zone.local(found if has_time else datetime.combine(found.date(), _NOON))
    offset = found.utcoffset() or timedelta()
    if abs(offset) > _MOST_OFFSET or offset % timedelta(minutes=1):
        raise Unusable("the offset of its date is no whole number of minutes within 18 hours")
    _check_year(found.year)
    return found.replace(tzinfo=timezone(offset))


def _check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Unusable(f"the year {year} is outside {FIRST_YEAR} to {LAST_YEAR}")


def _whole_minutes(moment: datetime) -> datetime:
    """The same wall clock; local mean times before about 1900 have seconds in their offset."""
    offset = moment.utcoffset() or timedelta()
    return moment.replace(tzinfo=timezone(offset - offset % timedelta(minutes=1)), fold=0)
