"""Numbers told in words or digits, found in a text; pure.

English whole: “six”, “twenty-four”, “a hundred and five”, “eight thousand two hundred”, “thirty eight point
two”, “seven and a half”, “three quarters”, and as readings are told: “one twenty four” (124), “one oh five”
(105). German plain: up to ninety-nine, with “komma” and “einhalb”. Digits as `numbers` reads them, and “8
thousand”.

The text becomes a line of words in small letters and of marks, with a space between any two, in which a
number is `<0>`, `<1>`, …: so that what is told is found by regular expressions, whatever way the numbers are
said.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ingest.observations.numbers import FRACTIONS, readings

_SIGNS = "".join(FRACTIONS)
_TOKEN = re.compile(rf"\d+(?:[.,]\d+)*[{_SIGNS}]?|[{_SIGNS}]|[^\W\d_]+(?:['\u2019][^\W\d_]+)*|\n|[^\s\w]|\w")
_HYPHENS = "-\u2010\u2011"
_UNDER_TWENTY = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen
"""
_BY_TENS = """
    twenty thirty forty fifty sixty seventy eighty ninety
"""
_SMALL = {word: value for value, word in enumerate(_UNDER_TWENTY.split())}
_TENS = {word: 10 * value for value, word in enumerate(_BY_TENS.split(), start=2)}
_DIGITS = {**{word: value for word, value in _SMALL.items() if value < 10}, "oh": 0, "o": 0}
_GERMAN_UNITS = ("null", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun")
_GERMAN_TENS = (
    *("zwanzig", "dreißig", "vierzig", "fünfzig"),
    *("sechzig", "siebzig", "achtzig", "neunzig"),
)
_GERMAN = {
    **{word: value for value, word in enumerate(_GERMAN_UNITS) if value != 1},
    **{"eins": 1, "zehn": 10, "elf": 11, "zwölf": 12, "sechzehn": 16, "siebzehn": 17},
    **{f"{word}zehn": 10 + value for value, word in enumerate(_GERMAN_UNITS) if value in (3, 4, 5, 8, 9)},
    **{ten: 10 * value for value, ten in enumerate(_GERMAN_TENS, start=2)},
    **{
        f"{unit}und{ten}": 10 * value + place
        for value, ten in enumerate(_GERMAN_TENS, start=2)
        for place, unit in enumerate(_GERMAN_UNITS)
        if place
    },
}
_HALF = "einhalb"


@dataclass(frozen=True, slots=True)
class Told:
    """A number as it was told. :ivar written: in digits, as a value of a field."""

    value: Decimal
    written: str


@dataclass(frozen=True, slots=True)
class Line:
    """A text as words and numbers. :ivar text: the line. :ivar numbers: by their place in it.

    :ivar spans: of each word, mark or number: first and last place in the line, first and last in the text.
    """

    text: str
    numbers: tuple[Told, ...]
    spans: tuple[tuple[int, int, int, int], ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The characters of the text that stand for a stretch of the line."""
        first = bisect_right(self.spans, start, key=lambda span: span[1])
        last = bisect_left(self.spans, end, key=lambda span: span[0]) - 1
        return self.spans[first][2], self.spans[last][3]


def told_in(text: str) -> Line:
    """The text with its numbers read."""
    found = [match for match in _TOKEN.finditer(text) if match.group() not in _HYPHENS]
    tokens = [match.group().lower().replace("\u2019", "'") for match in found]
    pieces: list[str] = []
    numbers: list[Told] = []
    spans: list[tuple[int, int, int, int]] = []
    place = length = 0
    while place < len(tokens):
        read = number_at(tokens, place)
        told, end = read if read else (None, place + 1)
        piece = tokens[place] if told is None else f"<{len(numbers)}>"
        if told is not None:
            numbers.append(told)
        pieces.append(piece)
        spans.append((length, length + len(piece), found[place].start(), found[end - 1].end()))
        length += len(piece) + 1
        place = end
    return Line(" ".join(pieces), tuple(numbers), tuple(spans))


def number_at(tokens: Sequence[str], place: int) -> tuple[Told, int] | None:
    """The number that begins at a token, and the place behind it; None when none does."""
    first = tokens[place]
    if first[0].isdigit() or first in FRACTIONS:
        return _digits(tokens, place)
    if first in _GERMAN or first.endswith(_HALF):
        return _german(tokens, place)
    fraction = _fraction(tokens, place)
    if fraction is not None:
        return _told(*fraction)
    whole = _whole(tokens, place)
    if whole is None:
        return _told(*_decimals(Decimal(0), tokens, place)) if _is_point(tokens, place) else None
    value, end = Decimal(whole[0]), whole[1]
    if _is_point(tokens, end):
        return _told(*_decimals(value, tokens, end))
    return _told(*_with_fraction(value, tokens, end))


def _told(value: Decimal, end: int) -> tuple[Told, int]:
    return Told(value, format(value.normalize(), "f")), end


def _at(tokens: Sequence[str], place: int) -> str:
    return tokens[place] if place < len(tokens) else ""


def _digits(tokens: Sequence[str], place: int) -> tuple[Told, int] | None:
    """“72.5”, “8 thousand”, “7 and a half”."""
    values = readings(tokens[place])
    if not values:
        return None
    value = Decimal(str(values[0]))
    if _at(tokens, place + 1) in ("thousand", "hundred"):
        return _told(value * (1000 if tokens[place + 1] == "thousand" else 100), place + 2)
    more, end = _with_fraction(value, tokens, place + 1)
    return _told(more, end) if more != value else (Told(value, tokens[place]), place + 1)


def _whole(tokens: Sequence[str], place: int) -> tuple[int, int] | None:
    """A whole number in English words."""
    start = place + 1 if tokens[place] == "a" and _at(tokens, place + 1) in ("hundred", "thousand") else place
    found = (1, start) if start > place else _below_hundred(tokens, start)
    if found is None:
        return None
    value, end = _hundreds(*found, tokens)
    if _at(tokens, end) != "thousand":
        return value, end
    value, end = value * 1000, end + 1
    after = end + 1 if _at(tokens, end) == "and" else end
    rest = _below_hundred(tokens, after)
    if rest is None:
        return value, end
    more, end = _hundreds(*rest, tokens)
    return value + more, end


def _hundreds(value: int, end: int, tokens: Sequence[str]) -> tuple[int, int]:
    """“… hundred and five”, “twelve hundred”, “… twenty four”, “… oh five”."""
    if _at(tokens, end) == "hundred":
        value, end = value * 100, end + 1
        after = end + 1 if _at(tokens, end) == "and" else end
        rest = _below_hundred(tokens, after)
        return (value + rest[0], rest[1]) if rest and rest[0] else (value, end)
    if 0 < value < 10 and _at(tokens, end) in ("oh", "o") and _at(tokens, end + 1) in _DIGITS:
        return value * 100 + _DIGITS[tokens[end + 1]], end + 2
    rest = _below_hundred(tokens, end) if 0 < value < 10 else None
    return (value * 100 + rest[0], rest[1]) if rest and rest[0] > 9 else (value, end)


def _below_hundred(tokens: Sequence[str], place: int) -> tuple[int, int] | None:
    word = _at(tokens, place)
    if word in _TENS:
        unit = _SMALL.get(_at(tokens, place + 1), 0)
        return (_TENS[word] + unit, place + 2) if 0 < unit < 10 else (_TENS[word], place + 1)
    return (_SMALL[word], place + 1) if word in _SMALL else None


def _is_point(tokens: Sequence[str], place: int) -> bool:
    return _at(tokens, place) == "point" and (
        _at(tokens, place + 1) in _DIGITS or _at(tokens, place + 1).isdecimal()
    )


def _decimals(value: Decimal, tokens: Sequence[str], place: int) -> tuple[Decimal, int]:
    """“… point two five”, each digit by itself."""
    digits, end = "", place + 1
    while (word := _at(tokens, end)) in _DIGITS or (word.isdecimal() and not digits):
        digits += str(_DIGITS.get(word, word))
        end += 1
    return value + Decimal(f"0.{digits}"), end


def _with_fraction(value: Decimal, tokens: Sequence[str], end: int) -> tuple[Decimal, int]:
    """“… and a half”, “… and three quarters”."""
    fraction = _fraction(tokens, end + 1) if _at(tokens, end) == "and" and value == int(value) else None
    return (value + fraction[0], fraction[1]) if fraction else (value, end)


def _fraction(tokens: Sequence[str], place: int) -> tuple[Decimal, int] | None:
    """“a half”, “half”, “a quarter”, “three quarters”; “half past” is a time."""
    start = place + 1 if _at(tokens, place) in ("a", "one") else place
    word, after = _at(tokens, start), _at(tokens, start + 1)
    if word in ("half", "quarter") and after not in ("past", "to"):
        return Decimal("0.5" if word == "half" else "0.25"), start + 1
    if _at(tokens, place) in ("three", "3") and _at(tokens, place + 1) in ("quarter", "quarters"):
        return Decimal("0.75"), place + 2
    return None


def _german(tokens: Sequence[str], place: int) -> tuple[Told, int] | None:
    """“siebenundzwanzig”, “sieben komma fünf”, “siebeneinhalb”."""
    word = tokens[place]
    if word not in _GERMAN:
        whole = _GERMAN.get(word.removesuffix(_HALF)) if word != _HALF else 0
        return _told(Decimal(whole) + Decimal("0.5"), place + 1) if whole is not None else None
    value = Decimal(_GERMAN[word])
    digit = _GERMAN.get(_at(tokens, place + 2), 10)
    if _at(tokens, place + 1) == "komma" and digit < 10:
        return _told(value + Decimal(digit) / 10, place + 3)
    return _told(value, place + 1)
