"""Where a clinic's policy lies, and whether there is one; apart from `clinic`, which most machines need not
load.
"""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path("/etc/diary")
NAME = "policy.toml"
SIGNATURE = "policy.toml.sig"
ROOT = 0
OWNER = ROOT
"""The user number that has to own it."""


def is_there(folder: Path) -> bool:
    """Whether a policy, or a part of one, lies in this folder; also where nobody lets us look."""
    return _may_be(folder / NAME) or _may_be(folder / SIGNATURE)


def _may_be(path: Path) -> bool:
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True  # a folder closed to us must not be taken for one without a policy
    return True
