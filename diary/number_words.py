"""Numbers in plain words, for the command line and the screen: the value with its unit first, then what it
rests on. Rounding happens here and nowhere before.
"""

from __future__ import annotations

import math
from datetime import date

from diary.model.number import Function, Number, metric_words
from diary.model.observation import ObservationDraft
from diary.model.time_range import TimeRange

_MINUS = "\u2212"
_MONEY = {"GBP": "£", "EUR": "€", "USD": "$"}
_NAMES = {
    Function.MEAN: "mean",
    Function.MEDIAN: "median",
    Function.MIN: "lowest",
    Function.MAX: "highest",
    Function.SUM: "total",
    Function.FIRST: "first",
    Function.LAST: "latest",
}
_PLACES = 2


def value_words(value: float, unit: str, *, signed: bool = False) -> str:
    """A value as a reader expects it: `6 h 38 m`, `5.45/10`, `£1,560`, `70.6 kg`; with its sign if asked."""
    sign = _MINUS if value < 0 else "+" if signed and value > 0 else ""
    size = abs(value)
    if unit == "min":
        return f"{sign}{_duration(size)}"
    digits = _digits(size)
    if unit in _MONEY:
        return f"{sign}{_MONEY[unit]}{digits}"
    if signed and unit.startswith("/"):
        return f"{sign}{digits} {'point' if size == 1 else 'points'}"
    if unit.startswith("/") or unit in ("%", "°"):
        return f"{sign}{digits}{unit}"
    return f"{sign}{digits} {_plural(unit, size)}".rstrip()


def _duration(minutes: float) -> str:
    whole = math.floor(minutes + 0.5)
    if whole < 10:
        return f"{_digits(minutes)} min"
    if whole < 60:
        return f"{whole} min"
    return f"{whole // 60} h {whole % 60} m" if whole % 60 else f"{whole // 60} h"


def _digits(size: float) -> str:
    words = f"{size:,.{_PLACES}f}"
    return words.rstrip("0").rstrip(".") if "." in words else words


def _plural(unit: str, size: float) -> str:
    singular = {
        "days": "day",
        "nights": "night",
        "mornings": "morning",
        "entries": "entry",
        "times": "time",
        "doses": "dose",
    }
    return singular.get(unit, unit) if size == 1 else unit


def short_day(day: date) -> str:
    """`4 Aug 2025`."""
    return f"{day.day} {day:%b} {day.year:04}"


def days_words(used: TimeRange | None) -> str:
    """`4 Aug 2025 to 31 Oct 2025`; empty when no time is known."""
    if used is None or used.start is None or used.end is None:
        return ""
    if used.start == used.end:
        return short_day(used.start)
    return f"{short_day(used.start)} to {short_day(used.end)}"


def observation_words(read: ObservationDraft) -> str:
    """`sleep 6 h 40 m`, `bp systolic 124 mmHg`, `med sertraline 50 mg`."""
    unit = "" if read.unit == read.key else read.unit
    value = "" if read.value is None else value_words(read.value, unit)
    return " ".join(part for part in (read.key, read.part, read.name, value) if part)


def span_words(used: TimeRange | None) -> str:
    """`4 Aug \N{EN DASH} 31 Oct 2025`, `since 4 Aug 2025`, one day; empty when no time is known."""
    if used is None or (used.start is None and used.end is None):
        return ""
    if used.start is None or used.end is None:
        return f"since {short_day(used.start)}" if used.start else f"until {short_day(used.end or date.max)}"
    if used.start == used.end:
        return short_day(used.start)
    first = f"{used.start.day} {used.start:%b}"
    if used.start.year != used.end.year:
        first = short_day(used.start)
    elif used.start.month == used.end.month:
        first = str(used.start.day)
    return f"{first} \N{EN DASH} {short_day(used.end)}"


def parted(number: Number) -> tuple[str, tuple[str, ...]]:
    """The value alone, and what it is and rests on, in pieces: for a reader who looks at the value first.

    `6 h 38 m` with `mean sleep`, `16 notes`, `4 Aug \N{EN DASH} 31 Oct 2025`, `73 days without one`.
    """
    metric, days = metric_words(number.metric), span_words(number.range)
    signed = number.function in (Function.CHANGE, Function.DIFFERENCE)
    value = value_words(number.value or 0.0, number.unit, signed=signed)
    limit = f" ({number.label})" if number.label else ""
    match number.function:
        case Function.COUNT | Function.STREAK:
            of = [f"of {_notes(number.among)}"] if number.among is not None else []
            what = metric if number.function is Function.COUNT else _streak_of(number)
            pieces = [f"{what}{limit}", *of, days]
        case Function.MIN | Function.MAX | Function.FIRST | Function.LAST:
            value, pieces = _of_a_day(number)
        case Function.CHANGE:
            pieces = [f"change in {metric}", _ends(number), f"over {_notes(number.n)}"]
        case Function.DIFFERENCE:
            pieces = [f"difference in {_inner(number)}{metric}", "the later minus the earlier"]
        case Function.RATE:
            amount, _, per = number.unit.rpartition(" a ")
            value = f"{value_words(number.value or 0.0, amount)} a {per}"
            pieces = [metric, *_basis_pieces(number)]
        case _:
            pieces = [f"{_NAMES[number.function]} {metric}", *_basis_pieces(number)]
    return value, tuple(piece for piece in pieces if piece)


def _basis_pieces(number: Number) -> list[str]:
    missing = number.missing_days
    without = f"{missing:,} {'day' if missing == 1 else 'days'} without one" if missing else ""
    return [_notes(number.n), span_words(number.range), without]


def _of_a_day(number: Number) -> tuple[str, list[str]]:
    """A value that was reached on a day, and that day."""
    name = f"{_NAMES[number.function]} {metric_words(number.metric)}"
    if number.function in (Function.FIRST, Function.LAST):
        row = number.rows[-1]
        return _row_value(number), [name, short_day(row.day)]
    days = [short_day(day) for day in dict.fromkeys(row.day for row in number.rows)]
    when = days[0] if len(days) == 1 else f"on {len(days)} days, last {days[-1]}"
    return value_words(number.value or 0.0, number.unit), [name, when, f"of {_notes(number.n)}"]


def sentence(number: Number) -> str:
    """The number with what it rests on, as a sentence; why there is none when there is none."""
    if not number.known:
        return number.why or "Not enough data."
    words = _HEADS.get(number.function, _plain)(number)
    return f"{words[:1].upper()}{words[1:]}."


def part_sentence(number: Number) -> str:
    """A side of a comparison or an end of a change, after the words that say which it is."""
    if number.label and number.known:
        return f"{number.label[:1].upper()}{number.label[1:]}: {_HEADS.get(number.function, _plain)(number)}."
    return sentence(number)


def notes_on(number: Number) -> list[str]:
    """What a reader should mind, as sentences."""
    found = [number.caution] if number.caution and number.known else []
    if number.left_out:
        notes = "1 note was" if number.left_out == 1 else f"{number.left_out} notes were"
        found.append(f"{notes} left out: in another unit, or without a number.")
    return found


def _plain(number: Number) -> str:
    value = value_words(number.value or 0.0, number.unit)
    return f"{_NAMES[number.function]} {metric_words(number.metric)} {value}{_basis(number)}"


def _basis(number: Number) -> str:
    """`, from 16 notes, 4 Aug 2025 to 31 Oct 2025; 73 days without one`."""
    days = days_words(number.range)
    words = f", from {_notes(number.n)}{f', {days}' if days else ''}"
    if number.missing_days:
        words += f"; {number.missing_days} {'day' if number.missing_days == 1 else 'days'} without one"
    return words


def _notes(count: int) -> str:
    return "1 note" if count == 1 else f"{count:,} notes"


def _extreme(number: Number) -> str:
    value = value_words(number.value or 0.0, number.unit)
    days = [short_day(day) for day in dict.fromkeys(row.day for row in number.rows)]
    when = f" on {days[0]}" if len(days) == 1 else f" on {len(days)} days, first {days[0]}, last {days[-1]}"
    return f"{_NAMES[number.function]} {metric_words(number.metric)} {value}{when}, of {_notes(number.n)}"


def _at_the_end(number: Number) -> str:
    what = f"{_NAMES[number.function]} {metric_words(number.metric)}"
    return f"{what} {_row_value(number)}, on {short_day(number.rows[-1].day)}"


def _row_value(number: Number) -> str:
    """The value of one observation, or its words."""
    row = number.rows[0 if number.function is Function.FIRST else -1]
    value = row.name or row.written if number.value is None else value_words(number.value, number.unit)
    return f"{row.name} {value}" if number.value is not None and row.name not in number.metric else value


def _count(number: Number) -> str:
    limit = f" ({number.label})" if number.label and number.among is not None else ""
    of = f", of {_notes(number.among)}" if number.among is not None else ""
    days = days_words(number.range)
    counted = value_words(number.value or 0.0, number.unit)
    return f"{metric_words(number.metric)}{limit}: {counted}{of}{f', {days}' if days else ''}"


def _streak(number: Number) -> str:
    limit = f" ({number.label})" if number.label else ""
    days = days_words(number.range) if number.rows else ""
    length = value_words(number.value or 0.0, number.unit)
    return f"{_streak_of(number)}{limit}: {length}{f', {days}' if days else ''}"


def _streak_of(number: Number) -> str:
    return f"{'latest' if number.latest else 'longest'} streak of {metric_words(number.metric)}"


def _rate(number: Number) -> str:
    amount, _, per = number.unit.rpartition(" a ")
    value = value_words(number.value or 0.0, amount)
    return f"{metric_words(number.metric)} {value} a {per}{_basis(number)}"


def _change(number: Number) -> str:
    value = value_words(number.value or 0.0, number.unit, signed=True)
    ends = _ends(number)
    series = f": {ends}" if ends else ""
    return f"change in {metric_words(number.metric)} {value}{series}, over {_notes(number.n)}"


def _ends(number: Number) -> str:
    """`from 6 h (3 Jul 2025) to 7 h (2 Aug 2025)`; empty when the ends are not known."""
    ends = [
        f"{value_words(part.value or 0.0, part.unit)} ({short_day(part.rows[0].day)})"
        for part in number.parts
    ]
    return f"from {ends[0]} to {ends[1]}" if len(ends) == 2 else ""


def _difference(number: Number) -> str:
    value = value_words(number.value or 0.0, number.unit, signed=True)
    return f"difference in {_inner(number)}{metric_words(number.metric)} {value}, the later minus the earlier"


def _inner(number: Number) -> str:
    """What the two sides of a difference are, where it must be said: "mean "."""
    inner = {part.function for part in number.parts}
    return f"{_NAMES[inner.pop()]} " if len(inner) == 1 and inner <= {Function.MEAN, Function.MEDIAN} else ""


_HEADS = {
    Function.MIN: _extreme,
    Function.MAX: _extreme,
    Function.FIRST: _at_the_end,
    Function.LAST: _at_the_end,
    Function.COUNT: _count,
    Function.STREAK: _streak,
    Function.RATE: _rate,
    Function.CHANGE: _change,
    Function.DIFFERENCE: _difference,
}
