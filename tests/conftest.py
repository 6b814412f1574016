"""What holds for every test: libraries stay offline and keep quiet, also in tests that run outside the
wall; and the rooms whose files take longest come first, so that no worker is left with one at the end.
"""

import os

import pytest

from policies.enforcement import OFFLINE

_LONGEST_FIRST = tuple(
    f"tests/{room}/" for room in ("end_to_end", "unit/speech", "contracts", "tui", "forensics")
)

os.environ.update(OFFLINE)


def _turn(item: pytest.Item) -> int:
    """Of the room of this test, from 0; all others come last."""
    rooms = (number for number, room in enumerate(_LONGEST_FIRST) if item.nodeid.startswith(room))
    return next(rooms, len(_LONGEST_FIRST))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Otherwise as they stand: within a file, and from file to file of a room."""
    items.sort(key=_turn)
