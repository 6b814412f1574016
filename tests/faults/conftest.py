"""What tests of faults begin with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.faulty_disk import FaultyDisk, faulty_disk, in_memory


@pytest.fixture(scope="module")
def disk() -> Iterator[FaultyDisk]:
    """Processes that are started through it are behind a disk that kills, refuses or is full."""
    with faulty_disk() as made:
        yield made


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A kill takes nothing from the kernel, so the disk may be one in memory, on which nobody waits."""
    with in_memory(tmp_path) as folder:
        yield folder
