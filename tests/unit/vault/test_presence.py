"""Whether there is a vault in a folder that this user may look into, or may not."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from diary.errors import StorageFailed
from diary.vault.presence import refuse_existing, require_vault

SOMEBODY = 65534


@contextmanager
def may_not_look_into(folder: Path) -> Iterator[None]:
    """Another user of the machine, where the tests run as root."""
    folder.chmod(0)
    if os.geteuid() == 0:
        os.seteuid(SOMEBODY)
    try:
        yield
    finally:
        if os.getuid() == 0:
            os.seteuid(0)
        folder.chmod(0o700)


@pytest.mark.parametrize("look", [require_vault, refuse_existing])
def test_a_folder_that_is_not_ours_to_look_into_is_no_fault_of_the_program(
    tmp_path: Path, look: Callable[[Path], None]
) -> None:
    folder = tmp_path / "hers"
    folder.mkdir()
    with may_not_look_into(folder), pytest.raises(StorageFailed) as told:
        look(folder)
    assert str(folder) in told.value.message and "permissions" in told.value.hint
