"""Events of the log in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from diary.cli.audit_words import event_words, lines, what_follows
from diary.model.audit import OF_ANOTHER_VAULT, Detail, Event, Logged

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
        (logged(0, Event.POLICY_CHANGED, change="bound", policy="00dd23ec", version=1),
         "policy changed: under a clinic's from now on, version 1, SHA-256 00dd23ec…"),
        (logged(0, Event.POLICY_CHANGED, change="new key", policy="00dd23ec", version=3),
         "policy changed: the clinic has another, signed with its next key, version 3, SHA-256 00dd23ec…"),
        (logged(0, Event.POLICY_CHANGED, change="released"),
         "policy changed: the clinic let go of the diary"),
        (logged(0, Event.KEY_ROTATED, ways=2), "vault key changed: 2 ways in"),
    ],
)  # fmt: skip
def test_an_event_is_told_in_words(event: Logged, words: str) -> None:
    assert event_words(event) == words


def test_a_time_that_is_none_is_shown_as_it_stands() -> None:
    assert event_words(logged(0, Event.RESTORED, at="never")) == "restored from a backup: never"


def test_a_checkpoint_of_another_vault_says_nothing_against_the_log() -> None:
    assert "believed" not in what_follows([OF_ANOTHER_VAULT], by_code=False)
    assert "not to be believed" in what_follows(["it was shortened", OF_ANOTHER_VAULT], by_code=False)
    assert "letter by letter" in what_follows(["it was shortened"], by_code=True)


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
