"""An hour of use on a disk that is full, fails or may only be read from its n-th change on: what was
acknowledged is there and nothing else, what is refused is told in a sentence, and a full disk lets one read
and delete.
"""

from __future__ import annotations

import errno
import random
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.faults.faulty_disk import FaultyDisk
from tests.faults.killing import SEED
from tests.faults.sitting_through import Sitting, SittingThrough

PARTS = 4
"""Of the long form, for as many workers."""
Fault = Callable[[SittingThrough, Sitting, int], None]


def full(hour: SittingThrough, sitting: Sitting, at: int) -> None:
    hour.full_from(sitting, at)


def no_room_once(hour: SittingThrough, sitting: Sitting, at: int) -> None:
    hour.refused_once(sitting, at, errno.ENOSPC)


def failing_once(hour: SittingThrough, sitting: Sitting, at: int) -> None:
    hour.refused_once(sitting, at, errno.EIO)


def failing(hour: SittingThrough, sitting: Sitting, at: int) -> None:
    hour.refused_from(sitting, at, errno.EIO)


def read_only(hour: SittingThrough, sitting: Sitting, at: int) -> None:
    hour.refused_from(sitting, at, errno.EROFS)


def sat_through(hour: SittingThrough, fault: Fault, positions: Iterable[tuple[Sitting, int]]) -> None:
    for sitting, at in positions:
        try:
            fault(hour, sitting, at)
        except Exception as error:
            error.add_note(f"sitting {sitting.number}, change {at}")
            raise


def test_an_hour_on_a_disk_that_refuses_loses_nothing_acknowledged(disk: FaultyDisk, root: Path) -> None:
    hour, dice = SittingThrough(disk, root), random.Random(SEED)
    hour.rehearse()
    chosen = dice.sample(hour.sittings, 4)
    for sitting in chosen:
        sat_through(hour, full, [(sitting, dice.randint(1, sitting.changes))])
    for fault in (failing_once, read_only):
        sat_through(hour, fault, [dice.choice(hour.positions())])
    assert hour.tally.refusing > len(chosen) / 2
    hour.full_from_the_start()


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("fault", [full, no_room_once, failing_once, failing, read_only])
def test_an_hour_on_a_disk_that_refuses_at_any_change_loses_nothing_acknowledged(
    disk: FaultyDisk, root: Path, fault: Fault, part: int, tell: Callable[..., None]
) -> None:
    """Every change is in one part, and each part goes through the whole hour."""
    hour, began = SittingThrough(disk, root), time.monotonic()
    hour.rehearse()
    positions = hour.positions()
    sat_through(hour, fault, positions[part::PARTS])
    tally = hour.tally
    tell(
        f"{fault.__name__}, part {part + 1} of {PARTS}: {tally.positions} of {len(positions)} positions, "
        f"at {tally.refusing} something was refused, in {time.monotonic() - began:.0f} s",
        *(f"{times:6} {words}" for words, times in tally.told.most_common()),
    )
    assert tally.positions == len(positions[part::PARTS]) and tally.refusing > tally.positions / 2
