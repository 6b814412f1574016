"""Times for --at, read on Wednesday 17 June 2026 at 10:30, two hours east of Greenwich."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from diary.errors import TimeNotUnderstood
from retrieval.when import parse_moment

NOW = datetime(2026, 6, 17, 10, 30, tzinfo=timezone(timedelta(hours=2)))

TABLE = """
now | 2026-06-17 10:30
today | 2026-06-17 10:30
yesterday | 2026-06-16 12:00
yesterday 3am | 2026-06-16 03:00
yesterday at 15:45 | 2026-06-16 15:45
yesterday evening at 8 | 2026-06-16 20:00
last Tuesday evening | 2026-06-16 20:00
last night | 2026-06-16 22:00
last night at 3am | 2026-06-17 03:00
this morning | 2026-06-17 09:00
early morning | 2026-06-17 06:00
2 hours ago | 2026-06-17 08:30
an hour and a half ago | 2026-06-17 09:00
half an hour ago | 2026-06-17 10:00
20 minutes ago | 2026-06-17 10:10
three days ago | 2026-06-14 12:00
14:30 | 2026-06-16 14:30
9.30 | 2026-06-17 09:30
7am | 2026-06-17 07:00
noon | 2026-06-16 12:00
midnight | 2026-06-17 00:00
quarter past six | 2026-06-17 06:15
half past six yesterday | 2026-06-16 06:30
Friday | 2026-06-12 12:00
friday at 7 | 2026-06-12 07:00
monday night | 2026-06-15 22:00
3 March 2024 9pm | 2024-03-03 21:00
March 3rd 2024, 12:15 am | 2024-03-03 00:15
3/4/2024 10:15 | 2024-04-03 10:15
Christmas Eve | 2025-12-24 12:00
June 3rd at 5 o'clock | 2026-06-03 05:00
the day before yesterday, 6:15 pm | 2026-06-15 18:15
2024-03-03 | 2024-03-03 12:00
2024-03-03T21:00 | 2024-03-03 21:00
2024-03-03 21:00:05 | 2024-03-03 21:00:05
tomorrow 8am | 2026-06-18 08:00
2030-01-01 | 2030-01-01 12:00
gestern abend | 2026-06-16 20:00
um 15:30 Uhr | 2026-06-16 15:30
vor zwei Stunden | 2026-06-17 08:30
"""
CASES = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_a_moment_is_read_in_the_offset_of_now(case: list[str]):
    words, expected = case
    moment = parse_moment(words, NOW)
    assert moment == datetime.fromisoformat(expected).replace(tzinfo=NOW.tzinfo)
    assert moment.utcoffset() == NOW.utcoffset()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("2024-03-03T21:00:00Z", "2024-03-03T21:00:00+00:00"),
        ("2024-03-03 21:00+05:30", "2024-03-03T21:00:00+05:30"),
    ],
)
def test_an_offset_that_is_given_is_kept(words: str, expected: str):
    moment = parse_moment(words, NOW)
    assert moment.isoformat() == expected


@pytest.mark.parametrize(
    "words",
    [
        *("", "  ", "banana", "last week", "in May", "25:00", "13pm", "31 February", "2024-13-45"),
        *("yesterday banana", "yesterday yesterday", "at", "x" * 5000, "99999999 hours ago"),
    ],
)
def test_what_is_not_wholly_understood_is_refused_with_examples(words: str):
    with pytest.raises(TimeNotUnderstood) as refused:
        parse_moment(words, NOW)
    assert "nothing was saved" in refused.value.message
    assert "yesterday 3am" in refused.value.hint


@pytest.mark.parametrize("words", ["this evening", "tonight", "today 23:00"])
def test_a_time_to_come_must_say_that_it_is(words: str):
    with pytest.raises(TimeNotUnderstood, match="still to come"):
        parse_moment(words, NOW)


def test_a_part_of_the_day_that_has_begun_is_no_later_than_now():
    early = NOW.replace(hour=8, minute=0)
    assert parse_moment("this morning", early) == early
