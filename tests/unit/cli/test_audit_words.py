"""Events of the log in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from diary.cli.audit_words import event_words, lines
from diary.model.audit import Detail, Event, Logged

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def logged(number: int, event: Event, **details: Detail) -> Logged:
    return Logged(number=number, event=event, made=NOON + timedelta(hours=number), details=details)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (logged(0, Event.CREATED), "vault made"),
        (logged(0, Event.UNLOCKED, way="key-file"), "unlocked with a key file"),
        (logged(0, Event.KEYS_CHANGED, at="2026-11-21T12:00:00+00:00", kind="passphrase", what="added"),
         "keys changed: a passphrase added"),
        (logged(0, Event.ERASED, entries=1, by="person"), "erased: 1 entry, by person"),
        (logged(0, Event.ERASED, versions=12, by="retention"), "erased: 12 versions, by retention"),
        (logged(0, Event.KEY_ROTATED, ways=2), "vault key changed: 2 ways in"),
    ],
)  # fmt: skip
def test_an_event_is_told_in_words(event: Logged, words: str) -> None:
    assert event_words(event) == words


def test_a_time_that_is_none_is_shown_as_it_stands() -> None:
    assert event_words(logged(0, Event.RESTORED, at="never")) == "restored from a backup: never"


def test_openings_in_a_row_share_a_line_and_nothing_else_does() -> None:
    events = [
        logged(0, Event.CREATED),
        *(logged(number, Event.UNLOCKED, way="passphrase") for number in (1, 2, 3)),
        logged(4, Event.UNLOCKED, way="key-file"),
        *(logged(number, Event.ERASED, entries=1, by="person") for number in (5, 6)),
        logged(7, Event.UNLOCKED, way="passphrase"),
    ]
    shown = lines(events)
    assert [line.split()[0] for line in shown] == ["0", "1\N{EN DASH}3", "4", "5", "6", "7"]
    assert "unlocked with a passphrase, 3 times until" in shown[1]
