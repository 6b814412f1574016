"""What the tests of backups share."""

from __future__ import annotations

from pathlib import Path

import pytest

from diary.vault.vault import Vault
from tests.unit.vault.fresh import MORNING, fresh_vault, template
from tests.unit.vault.test_removal_and_recordings import canary_everywhere

LOGGED = ("audit", "manifest")  # every opening is, and the manifest knows it
CODE = template()[1]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A stick."""
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def furnished(parent: Path) -> Vault:
    """A vault with one of everything that has a file or a row."""
    vault = fresh_vault(parent)
    canary_everywhere(vault)
    running = vault.spools.begin(MORNING)
    running.append(b"spoken" * 9000)
    return vault


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
