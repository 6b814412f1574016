"""Where a clinic's policy lies, and whether there is one; apart from `clinic`, which most machines need not
load.
"""

from __future__ import annotations

import os.path
from pathlib import Path

FOLDER = Path("/etc/diary")
NAME = "policy.toml"
SIGNATURE = "policy.toml.sig"
ROOT = 0
"""The user number that has to own it."""


def is_there(folder: Path) -> bool:
    """Whether a policy, or a part of one, lies in this folder."""
    return os.path.lexists(folder / NAME) or os.path.lexists(folder / SIGNATURE)
