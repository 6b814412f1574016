"""What the other tests rest on: a command in a process forked from one that has imported the program does
what the program itself does.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.end_to_end.conftest import Home
from tests.end_to_end.prepared import Prepared


def test_a_prepared_process_says_what_the_program_says(home: Home) -> None:
    """Words and refusals, the same bytes on the same files, in the home's own time zone."""
    words = "Über die Brücke 🌉\r\n\x1b[2J sleep:: 7h"
    for each in (home, replace(home, anew=True)):
        made = each.json("write", "-", "--at", "2025-07-04T21:40", stdin=words)
        assert (made["date"], made["observations"][0]["value"]) == ("2025-07-04T21:40:00+01:00", 420)
    for command in (("read", "1"), ("--json", "history", "1"), ("read", "9"), ("list", "--kind", "dream")):
        assert home.run(*command) == replace(home, anew=True).run(*command), command


def test_a_prepared_process_stands_behind_the_wall_of_the_program(home: Home) -> None:
    checked = home.json("policy", "check")
    assert checked["sealed"] is True
    assert [route["name"] for route in checked["routes"] if not route["blocked"]] == []


def test_a_prepared_process_that_hangs_is_ended_and_the_next_one_works(home: Home) -> None:
    prepared, environment = Prepared(), home.environment()
    words = ["--passphrase-file", "-", "list"]
    with pytest.raises(TimeoutError):
        prepared.run(words, environment, f"{home.secret}\n".encode(), seconds=0.0001)
    try:
        assert prepared.run(words, environment, f"{home.secret}\n".encode(), seconds=110)[0] == 0
    finally:
        prepared.end()
