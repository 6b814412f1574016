"""Times without an offset."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest

from diary.model.local_time import on_this_clock

HOUR = timedelta(hours=1)


@pytest.fixture
def london() -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = "Europe/London"
    time.tzset()
    yield
    os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
    time.tzset()


@pytest.mark.usefixtures("london")
def test_a_day_has_the_offset_of_its_own_season() -> None:
    summer_now = datetime(2026, 7, 1, 12, tzinfo=timezone(HOUR))
    assert on_this_clock(datetime(2026, 1, 5, 3), summer_now).utcoffset() == timedelta(0)
    assert on_this_clock(datetime(2026, 6, 5, 3), summer_now).utcoffset() == HOUR


@pytest.mark.usefixtures("london")
def test_elsewhere_the_offset_of_now_is_taken() -> None:
    away = datetime(2026, 7, 1, 12, tzinfo=timezone(9 * HOUR))
    assert on_this_clock(datetime(2026, 1, 5, 3), away).utcoffset() == 9 * HOUR
    assert on_this_clock(datetime(2026, 1, 5, 3), away.replace(tzinfo=UTC)).utcoffset() == timedelta(0)
