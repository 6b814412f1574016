"""Any value, told in words: the line offered is read back to that value."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.observations.metrics import metric_of
from ingest.observations.reading import read_observations
from ingest.observations.spoken import spoken_observations

_UNDER_TWENTY = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen
"""
_BY_TENS = """
    - - twenty thirty forty fifty sixty seventy eighty ninety
"""
_ONES, _TENS = _UNDER_TWENTY.split(), _BY_TENS.split()


def in_words(value: Decimal, joint: str = " ", hundred: str = "hundred and") -> str:
    """A number below a million as it is said."""
    whole, _, decimals = format(value, "f").partition(".")
    said = _whole(int(whole), joint, hundred)
    return said if not decimals else f"{said} point {' '.join(_ONES[int(digit)] for digit in decimals)}"


def _whole(number: int, joint: str, hundred: str) -> str:
    if number < 20:
        return _ONES[number]
    if number < 100:
        return _TENS[number // 10] + (f"{joint}{_ONES[number % 10]}" if number % 10 else "")
    if number < 1000:
        rest = number % 100
        told = f" {hundred} {_whole(rest, joint, hundred)}" if rest else " hundred"
        return f"{_ONES[number // 100]}{told}"
    head, rest = f"{_whole(number // 1000, joint, 'hundred and')} thousand", number % 1000
    between = " and " if 0 < rest < 100 else " "
    return f"{head}{between}{_whole(rest, joint, 'hundred and')}" if rest else head


def tenths(least: int, most: int) -> st.SearchStrategy[Decimal]:
    """Values with at most one decimal place."""
    return st.integers(least * 10, most * 10).map(lambda number: (Decimal(number) / 10).normalize())


SAID = st.tuples(st.sampled_from((" ", "-")), st.sampled_from(("hundred and", "hundred")), st.booleans())
WHERE = st.sampled_from(("{}", "Up at six. {}.", "{}, then rain.", "I think {} today", "Woke. So {}; tea."))


def told(value: Decimal, said: tuple[str, str, bool]) -> str:
    """A number in words or in digits."""
    joint, hundred, words = said
    return in_words(value, joint, hundred) if words else format(value, "f")


def read_back(text: str) -> list[float | None]:
    """What the one line that is offered says."""
    [one] = spoken_observations(text)
    return [read.value for read in read_observations(one.line)]


@given(
    st.integers(0, 23),
    st.integers(0, 59),
    SAID,
    st.sampled_from(("{} hours {} minutes", "{} hours and {} minutes")),
)
def test_hours_and_minutes_slept(hours: int, minutes: int, said: tuple[str, str, bool], form: str) -> None:
    if hours + minutes:
        words = form.format(told(Decimal(hours), said), told(Decimal(minutes), said))
        assert read_back(f"I slept {words}.") == [hours * 60 + minutes]


@given(st.integers(1, 23), st.sampled_from((("", 0), (" and a half", 30), (" and a quarter", 15))), SAID)
def test_fractions_of_hours_slept(hours: int, part: tuple[str, int], said: tuple[str, str, bool]) -> None:
    assert read_back(f"slept {told(Decimal(hours), said)}{part[0]} hours") == [hours * 60 + part[1]]


@given(
    tenths(0, 10),
    st.sampled_from(("pain", "mood", "headache", "anxiety", "my stress was", "energy is a")),
    SAID,
    WHERE,
)
def test_ratings_of_ten(value: Decimal, what: str, said: tuple[str, str, bool], where: str) -> None:
    text = where.format(f"{what} {told(value, said)} out of ten")
    assert read_back(text) == [pytest.approx(float(value))]


@given(st.integers(2, 299), st.integers(20, 298), SAID, WHERE)
def test_blood_pressures(high: int, low: int, said: tuple[str, str, bool], where: str) -> None:
    if 20 <= low < high:
        text = where.format(f"blood pressure {told(Decimal(high), said)} over {told(Decimal(low), said)}")
        assert read_back(text) == [high, low]


@given(
    st.sampled_from(
        (
            *(
                ("pulse", "heart rate {}"),
                ("pulse", "pulse was {} beats a minute"),
                ("weight", "weight {} kilos"),
            ),
            *(
                ("weight", "I weigh {} kilograms"),
                ("temperature", "temperature {}"),
                ("glucose", "glucose {}"),
            ),
            *(
                ("spo2", "oxygen saturation {} percent"),
                ("temperature", "temperature was {} degrees celsius"),
            ),
        )
    ),
    st.data(),
    SAID,
)
def test_what_is_measured(form: tuple[str, str], data: st.DataObject, said: tuple[str, str, bool]) -> None:
    key, words = form
    metric = metric_of(key)
    assert metric is not None
    value = data.draw(tenths(int(metric.low) + 1, int(metric.high)))
    assert read_back(words.format(told(value, said))) == [pytest.approx(float(value))]


@given(
    st.integers(100, 249_999), SAID, st.sampled_from(("steps {}", "walked {} steps", "I did about {} steps"))
)
def test_steps(steps: int, said: tuple[str, str, bool], form: str) -> None:
    assert read_back(form.format(told(Decimal(steps), said))) == [steps]


@given(
    tenths(1, 2000),
    st.sampled_from(
        ("took {} milligrams of sertraline", "I took sertraline {} mg", "took {} micrograms levothyroxine")
    ),
    SAID,
    WHERE,
)
def test_doses(amount: Decimal, form: str, said: tuple[str, str, bool], where: str) -> None:
    assert read_back(where.replace("I think ", "").format(form.format(told(amount, said)))) == [
        pytest.approx(float(amount))
    ]


@given(st.text("abINot pain slept 0123456789./:<>\n,’'-sevenhours", max_size=80))
def test_nothing_that_is_said_breaks_it(text: str) -> None:
    offered = spoken_observations(text)
    assert all(0 <= one.start < one.end <= len(text) for one in offered)
    assert all(one.end <= other.start for one, other in pairwise(offered))
