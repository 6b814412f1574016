"""Which values are asked for: "under five hours", "7 or worse", "a mood of 9 or 10"; pure."""

from __future__ import annotations

from dataclasses import dataclass

from retrieval.numbers.amounts import AMOUNT, amount, in_unit, may_hold_amount
from retrieval.numbers.well_known import Better, better
from retrieval.when.lazy import Lazy

_LESS = r"less|fewer|shorter|lower|lighter|smaller|weniger"
_MORE = r"more|greater|higher|longer|heavier|bigger|larger|mehr"
_A, _B = rf"(?P<a>{AMOUNT})", rf"(?P<b>{AMOUNT})"
_OR_LESS = r"(?:less|fewer|under|below|lower|shorter|lighter|down)"
_OR_MORE = r"(?:more|over|above|higher|longer|heavier|up|greater)"
_SAID = r"(?:of|exactly|was|were|is|at|scored|rated|logged|equal to|equals|a|an)"

# "Went up to 20 mg" tells where it went, not a bound.
_UP_TO = (
    "".join(rf"(?<!\b{verb} )" for verb in ("go", "goes", "gone", "going", "went", "put", "came", "come"))
    + "up to"
)

# Compiling them takes as long as a search, and most questions set no condition.
_FORMS: tuple[tuple[str, Lazy], ...] = tuple(
    (name, Lazy(pattern))
    for name, pattern in (
        ("between", rf"\b(?:between|from) {_A} (?:and|to) {_B}"),
        ("at most", rf"\b(?:at most|no more than|not more than|{_UP_TO}|not over|höchstens) {_A}"),
        ("at least", rf"\b(?:at least|no less than|no fewer than|not less than|not under|mindestens) {_A}"),
        ("less", rf"\b(?:(?:{_LESS}) (?:than|als)|under|below|unter) {_A}"),
        ("more", rf"\b(?:(?:{_MORE}) (?:than|als)|over|above|exceeding|exceeded|beyond|über) {_A}"),
        ("worse", rf"\bworse than {_A}"),
        ("better", rf"\bbetter than {_A}"),
        ("at most", rf"{_A} (?:or|and) {_OR_LESS}\b"),
        ("at least", rf"{_A} (?:or|and) {_OR_MORE}\b|{_A.replace('<a>', '<c>')}\+"),
        ("or worse", rf"{_A} or worse\b"),
        ("or better", rf"{_A} or better\b"),
        ("either", rf"\b{_SAID} {_A} or {_B}"),
        ("exactly", rf"\b{_SAID} {_A}"),
    )
)


@dataclass(frozen=True, slots=True)
class Condition:
    """Values from `low` to `high`, each in or out; None leaves the side open. `words` is how it was said."""

    low: float | None
    high: float | None
    with_low: bool = True
    with_high: bool = True
    among: tuple[float, ...] = ()
    words: str = ""
    start: int = 0

    def holds(self, value: float) -> bool:
        """Whether a value is asked for."""
        if self.among:
            return value in self.among
        above = self.low is None or value > self.low or (self.with_low and value == self.low)
        below = self.high is None or value < self.high or (self.with_high and value == self.high)
        return above and below


class Unreadable(Exception):
    """The question sets a condition in a unit that the metric does not have."""


def condition(text: str, key: str, unit: str) -> Condition | None:
    """The condition that plain text sets on a metric, or None when it sets none.

    :raises Unreadable: when its amount cannot be compared with the metric.
    """
    for name, pattern in _forms(text):
        match = pattern.search(text)
        if match is None:
            continue
        said = match.groupdict()
        values = [_value(said[group], key, unit) for group in ("a", "b", "c") if said.get(group)]
        found = _made(name, values, better(key) is Better.LOWER)
        return Condition(
            found.low,
            found.high,
            found.with_low,
            found.with_high,
            found.among,
            words=match.group(),
            start=match.start(),
        )
    return None


def condition_words(text: str) -> str:
    """The words of plain text that set a condition, whatever on; empty when none do."""
    found = next((match for _, pattern in _forms(text) if (match := pattern.search(text))), None)
    return found.group() if found else ""


def _forms(text: str) -> tuple[tuple[str, Lazy], ...]:
    return _FORMS if may_hold_amount(text) else ()


def _value(words: str, key: str, unit: str) -> float:
    said = amount(words)
    value = in_unit(said, unit, sleep=key.startswith(("sleep", "slept", "schlaf"))) if said else None
    if value is None:
        raise Unreadable(words)
    return value


def _made(name: str, values: list[float], lower_is_better: bool) -> Condition:
    first = values[0]
    if name in ("worse", "better"):
        name = "more" if (name == "worse") == lower_is_better else "less"
    if name in ("or worse", "or better"):
        name = "at least" if (name == "or worse") == lower_is_better else "at most"
    match name:
        case "between":
            return Condition(min(values), max(values))
        case "either":
            return Condition(None, None, among=tuple(values))
        case "exactly":
            return Condition(first, first)
        case "less":
            return Condition(None, first, with_high=False)
        case "more":
            return Condition(first, None, with_low=False)
        case "at most":
            return Condition(None, first)
        case _:
            return Condition(first, None)
