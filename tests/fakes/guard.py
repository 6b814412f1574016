"""Keeps stand-ins out of the product."""

from __future__ import annotations

import sys


def refuse_outside_tests() -> None:
    """Raise RuntimeError unless a test run is going on: a fake store keeps words unencrypted."""
    if "pytest" not in sys.modules:
        raise RuntimeError("A fake store keeps words unencrypted: it is for tests only.")
