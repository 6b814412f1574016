"""How an answer of quotes begins."""

from __future__ import annotations

from datetime import date

import pytest

from diary.cli.output import Console
from diary.cli.wording import say_found
from diary.model.answer import Quote
from diary.model.entry import EntryId
from diary.model.time_range import TimeRange

MAY = TimeRange(date(2025, 5, 1), date(2025, 5, 31))


def quote(day: date) -> Quote:
    return Quote(id="q1", entry=EntryId(1), source_id=None, day=day, text="Rain.", start=0, end=5, score=1.0)


def said(capsys: pytest.CaptureFixture[str], quotes: tuple[Quote, ...], used: TimeRange | None) -> str:
    say_found(Console(json=False), True, quotes, (), used)
    return " ".join(capsys.readouterr().out.split())


def test_the_time_asked_about_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    begins = "These notes mention (Thu 1 May 2025 to Sat 31 May 2025): [q1]"
    assert said(capsys, (quote(date(2025, 5, 2)),), MAY).startswith(begins)


def test_notes_of_other_days_are_not_shown_as_if_of_that_time(capsys: pytest.CaptureFixture[str]) -> None:
    both = (quote(date(2025, 5, 2)), quote(date(2025, 6, 2)))
    assert "to Sat 31 May 2025; some are of other days):" in said(capsys, both, MAY)


def test_without_a_time_none_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, (quote(date(2025, 6, 2)),), None).startswith("These notes mention: [q1]")
