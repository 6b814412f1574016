"""Kill -9 at any moment of any operation: nothing acknowledged is lost, nothing is torn, everything opens."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.faulty_disk import FaultyDisk
from tests.faults.killing import HEADING, Templates, killed
from tests.faults.operations import OPERATIONS

ALL = 2_000
SHARES = {
    name: ALL // len(OPERATIONS) + (number < ALL % len(OPERATIONS)) for number, name in enumerate(OPERATIONS)
}
"""Kills of each operation."""


def test_nothing_acknowledged_is_lost_when_the_process_is_killed(disk: FaultyDisk, root: Path) -> None:
    templates = Templates(root)
    names = ("write", "delete", "recording", "attachments")
    tallies = [killed(disk, name, root, templates, times=3) for name in names]
    assert sum(tally.amid for tally in tallies) > len(tallies)  # they did come in the middle


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("name", "times"), SHARES.items(), ids=SHARES)
def test_nothing_acknowledged_is_lost_and_nothing_is_torn_in_two_thousand_kills(
    disk: FaultyDisk, root: Path, name: str, times: int, tell: Callable[..., None]
) -> None:
    began = time.monotonic()
    tally = killed(disk, name, root, Templates(root), times=times)
    seconds = time.monotonic() - began
    tell(HEADING, tally.row(), f"{times} kills, {tally.amid} amid the operation, in {seconds:.0f} s")
    assert tally.kills == times
    assert tally.amid > times * 0.6
    assert all(tally.fell[quarter] for quarter in range(1, 5))


def test_the_long_form_is_two_thousand_kills() -> None:
    assert sum(SHARES.values()) == ALL
