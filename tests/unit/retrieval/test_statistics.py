"""Arithmetic over values and days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diary.model.time_range import TimeRange
from retrieval import statistics

DAY = date(2024, 2, 1)
values = st.lists(st.integers(-10_000, 10_000).map(lambda tenths: tenths / 10), min_size=1, max_size=40)
days = st.lists(st.integers(0, 60).map(lambda days: DAY + timedelta(days)), min_size=1, max_size=40)


def test_decimals_are_added_as_they_were_written():
    assert statistics.total([0.1] * 3) == 0.3
    assert statistics.mean([69.8, 70.2]) == 70.0
    assert statistics.difference(70.6, 74.8) == -4.2
    assert statistics.difference_of_means([1, 1, 2], [1, 2, 2]) == pytest.approx(-1 / 3)


@given(values)
def test_mean_and_median_lie_between_the_extremes(found):
    assert min(found) <= statistics.mean(found) <= max(found)
    assert min(found) <= statistics.median(found) <= max(found)


@given(values, st.randoms())
def test_the_order_of_values_changes_nothing(found, random):
    shuffled = random.sample(found, len(found))
    for function in (statistics.mean, statistics.median, statistics.total):
        assert function(shuffled) == function(found)


@given(values, values)
def test_a_difference_turns_its_sign_with_its_sides(one, other):
    assert statistics.difference_of_means(one, other) == -statistics.difference_of_means(other, one)


@given(days)
def test_missing_days_and_days_with_an_observation_make_up_the_range(found):
    used = TimeRange(DAY, DAY + timedelta(60))
    assert statistics.missing_days(used, found) + len(set(found)) == 61


@given(days)
def test_every_day_of_the_longest_streak_has_an_observation(found):
    first, last = statistics.longest_streak(found)
    length = (last - first).days + 1
    assert {first + timedelta(step) for step in range(length)} <= set(found)
    assert first - timedelta(1) not in found
    assert last + timedelta(1) not in found


def test_the_latest_streak_may_be_shorter_than_the_longest():
    found = [*(DAY + timedelta(step) for step in range(3)), DAY + timedelta(5), DAY + timedelta(6)]
    assert statistics.latest_streak(found) == (found[3], found[4])
    assert statistics.latest_streak([]) is None


def test_a_rate_is_of_the_calendars_mean_month_and_year():
    assert statistics.rate(4, 28, "week") == 1
    assert statistics.rate(12, 1461, "year") == 3
    assert statistics.rate(48, 1461, "month") == 1


def test_open_sides_end_at_the_first_and_last_observation():
    found = [DAY + timedelta(3), DAY + timedelta(9)]
    assert statistics.looked_at(None, found, DAY + timedelta(30)) == TimeRange(found[0], found[1])
    assert statistics.looked_at(TimeRange(DAY, None), found, DAY) == TimeRange(DAY, found[1])
    assert statistics.looked_at(None, [], DAY) is None


def test_days_to_come_are_not_missing():
    used = statistics.looked_at(TimeRange(DAY, DAY + timedelta(28)), [DAY], DAY + timedelta(9))
    assert used == TimeRange(DAY, DAY + timedelta(9))
    assert statistics.missing_days(used, [DAY]) == 9
