"""Properties of reading observations."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.observations.fields import find_fields
from ingest.observations.metrics import METRICS
from ingest.observations.reading import KnownUnits, read_observations

# Units that need no conversion, which would make a thousand examples slow.
VALUES = st.sampled_from(
    [
        *("6h40m", "400 min", "4/10", "124/79", "sertraline 50 mg", "8,4", "£1,210", "12.50 €", "-3", "½"),
        *("about 5 km", "30 min swim", "2 x zinc 5 mg", "zinc 5 mg, iron 1 g", "", " ", "::", "words only"),
    ]
)
KEYS = st.sampled_from([*(metric.keys[0] for metric in METRICS), "own", "Über-key", "std", "a_b", "9"])
GLUE = st.sampled_from(["::", ":: ", ":: ", ":::", ": "])
BETWEEN = st.sampled_from(
    [" ", "\n", "; ", " | ", " (", ") ", "[", "] ", "`", "```\n", "http://", "/", ". ", "\r"]
)
PIECES = st.tuples(KEYS, GLUE, VALUES, BETWEEN).map("".join)
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=8).map("".join)


@given(TEXTS)
def test_a_span_holds_the_key_and_ends_with_the_value_as_written(text: str) -> None:
    for one in read_observations(text):
        assert one.written
        assert text[: one.end].endswith(one.written)
        span = text[one.start : one.end]
        assert span.casefold().startswith(one.key) or not one.key.isascii()
        assert "::" in span[: len(span) - len(one.written)]
        assert "\n" not in span


@given(TEXTS)
def test_fields_come_in_order_and_apart(text: str) -> None:
    fields = find_fields(text)
    assert all(one.start < one.value < one.end <= len(text) for one in fields)
    assert all(one.end <= other.start for one, other in pairwise(fields))


@given(TEXTS)
def test_reading_again_with_the_units_it_learnt_changes_nothing(text: str) -> None:
    known = KnownUnits()
    first = read_observations(text, known)
    assert read_observations(text, known.copy()) == first
    assert read_observations(text) == first


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    for one in read_observations(f"own:: {text}"):
        assert one.value is None or one.value == one.value


@given(
    st.integers(0, 23),
    st.integers(0, 59),
    st.sampled_from(["{}h{:02}m", "{}h {}m", "{}:{:02}", "{} h {} min"]),
)
def test_a_duration_comes_back_as_its_minutes(hours: int, minutes: int, form: str) -> None:
    (one,) = read_observations(f"sleep:: {form.format(hours, minutes)}")
    assert (one.value, one.unit) == (hours * 60 + minutes, "min")


@given(st.decimals(-9999, 9999, places=2), st.sampled_from(".,"))
def test_a_decimal_comes_back_with_either_mark(value: object, mark: str) -> None:
    (one,) = read_observations(f"own:: {value}".replace(".", mark))
    assert one.value == pytest.approx(float(str(value)))


@given(st.integers(0, 10**9), st.sampled_from([",", "'", "’", "\u00a0", "\u202f"]))
def test_thousands_come_back_however_they_are_grouped(value: int, mark: str) -> None:
    (one,) = read_observations(f"own:: {value:,}".replace(",", mark))
    assert one.value == value


@pytest.mark.parametrize(
    "text",
    [
        *("a-" * 50_000, "`a``" * 25_000, "own:: " + "1,1" * 30_000, "own:: " * 15_000, "own:: (" * 15_000),
        *("own:: " + "1 km " * 20_000, "med:: " + "x 1 mg, " * 12_000, "::" * 50_000, "~~~\n" * 25_000),
    ],
)
def test_a_hostile_text_of_100_kb_is_read_at_once(text: str) -> None:
    began = time.process_time()
    read_observations(text + " own:: 1")
    assert time.process_time() - began < 2.0  # going back and forth takes minutes
