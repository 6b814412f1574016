"""Kill -9 at any moment of any operation: nothing acknowledged is lost, nothing is torn, everything opens."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.faults.faulty_disk import FaultyDisk
from tests.faults.killing import HEADING, Templates, killed
from tests.faults.operations import OPERATIONS

ALL = 2_000


def test_nothing_acknowledged_is_lost_when_the_process_is_killed(disk: FaultyDisk, root: Path) -> None:
    templates = Templates(root)
    names = ("write", "delete", "recording", "attachments")
    tallies = [killed(disk, name, root, templates, times=3) for name in names]
    assert sum(tally.amid for tally in tallies) > len(tallies)  # they did come in the middle


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_nothing_acknowledged_is_lost_and_nothing_is_torn_in_two_thousand_kills(
    disk: FaultyDisk, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    templates, tallies, began = Templates(root), [], time.monotonic()
    for number, name in enumerate(OPERATIONS):
        times = ALL // len(OPERATIONS) + (number < ALL % len(OPERATIONS))
        tallies.append(killed(disk, name, root, templates, times=times))
    with capsys.disabled():
        print(f"\n{HEADING}", *(tally.row() for tally in tallies), sep="\n")
        amid = sum(tally.amid for tally in tallies)
        print(f"{ALL} kills, {amid} amid an operation, in {time.monotonic() - began:.0f} s")
    assert sum(tally.kills for tally in tallies) == ALL
    for tally in tallies:
        assert tally.amid > tally.kills * 0.6, tally.name
        assert all(tally.fell[quarter] for quarter in range(1, 5)), tally.name
