"""How the day of an event is shown: with the words of the diary that tell it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from diary.cli.documents import event_document
from diary.cli.output import Console
from diary.cli.wording import say_events
from diary.model.entry import EntryId
from diary.model.resolved_range import EventDate

MOVED = EventDate(
    event="we moved",
    day=date(2025, 8, 9),
    entry=EntryId(7),
    source_id="d-7",
    quote="Moved today.",
    start=3,
    end=15,
    told=date(2025, 8, 9),
    confidence=0.7512,
)


def test_the_day_is_shown_with_what_was_written(capsys: pytest.CaptureFixture[str]):
    say_events(Console(json=False), (MOVED,))
    assert capsys.readouterr().out.strip() == "we moved: Sat 9 Aug 2025, when you wrote “Moved today.”"


def test_a_long_telling_is_one_short_line(capsys: pytest.CaptureFixture[str]):
    long = replace(MOVED, quote="Moved today.\nsleep:: 7h\n" + "Boxes everywhere. " * 40)
    say_events(Console(json=False), (long,))
    said = " ".join(capsys.readouterr().out.split())
    assert "“Moved today. sleep:: 7h Boxes everywhere." in said
    assert said.endswith("…”")
    assert len(said) < 250


def test_a_day_told_later_says_when(capsys: pytest.CaptureFixture[str]):
    later = EventDate(
        event="the fire", day=date(2025, 8, 9), quote="Two days since the fire.", told=date(2025, 8, 11)
    )
    say_events(Console(json=False), (later,))
    assert "the fire: Sat 9 Aug 2025, as on Mon 11 Aug 2025 you wrote" in capsys.readouterr().out


def test_a_day_that_the_question_named_needs_no_words(capsys: pytest.CaptureFixture[str]):
    say_events(Console(json=False), (EventDate(event="the fall", day=date(2025, 1, 18)),))
    assert capsys.readouterr().out == ""


def test_the_document_points_into_the_entry():
    assert event_document(MOVED) == {
        "event": "we moved",
        "date": "2025-08-09",
        "entry": 7,
        "source_id": "d-7",
        "text": "Moved today.",
        "start": 3,
        "end": 15,
        "confidence": 0.751,
    }
