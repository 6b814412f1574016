"""Digits to numbers, as people of several countries write them; pure.

`74.2` and `74,2` are the same; both marks at once tell which of them is the decimal one (`1.234,5`). A comma
before exactly three digits groups thousands (`11,000`), a point before them is decimal, unless only whole
numbers make sense; where either could be meant the second reading is given after the first, and the caller
takes the one that is plausible.
"""

from __future__ import annotations

import re

_GROUPING = "'’\u00a0\u202f\u2009"
FRACTIONS = {"½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3}
NUMBER = rf"(?:[+\-−]?(?:\d+(?:[.,{_GROUPING}]\d+)*[½¼¾⅓⅔]?|[½¼¾⅓⅔]))"
"""A regular expression, without groups, for what `readings` takes."""

_MOST_DIGITS = 15  # what a float holds exactly


def readings(written: str, *, whole: bool = False) -> list[float]:
    """What the digits may mean, the likeliest first; empty when they are no number.

    :param whole: only whole numbers make sense, so that a point before three digits groups thousands.
    """
    sign = -1.0 if written.startswith(("-", "−")) else 1.0
    digits = written.lstrip("+-−")
    fraction = FRACTIONS.get(digits[-1:], 0.0)
    if fraction:
        digits = digits[:-1]
        if not digits:
            return [sign * fraction]
        return [sign * (value + fraction) for value in _plain(digits, whole) if value == int(value)]
    return [sign * value for value in _plain(digits, whole)]


def _plain(digits: str, whole: bool) -> list[float]:
    ungrouped = re.sub(f"[{_GROUPING}]", "", digits)
    if sum(map(str.isdigit, digits)) > _MOST_DIGITS or not ungrouped.isascii():
        return []
    if ungrouped != digits and not re.fullmatch(rf"\d{{1,3}}(?:[{_GROUPING}]\d{{3}})+(?:[.,]\d+)?", digits):
        return []
    marks = [mark for mark in ungrouped if mark in ".,"]
    if len(set(marks)) == 2:
        return _with_both(ungrouped, decimal=marks[-1])
    if len(marks) > 1:
        thousands = re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", ungrouped)
        return [float(re.sub("[.,]", "", ungrouped))] if thousands else []
    return _with_one(ungrouped, whole) if marks else [float(ungrouped)]


def _with_both(digits: str, *, decimal: str) -> list[float]:
    other = "," if decimal == "." else "."
    if not re.fullmatch(rf"\d{{1,3}}(?:\{other}\d{{3}})+\{decimal}\d+", digits):
        return []
    return [float(digits.replace(other, "").replace(decimal, "."))]


def _with_one(digits: str, whole: bool) -> list[float]:
    decimal = float(digits.replace(",", "."))
    if not re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", digits):
        return [decimal]
    thousands = float(re.sub("[.,]", "", digits))
    return [thousands, decimal] if whole or "," in digits else [decimal, thousands]
