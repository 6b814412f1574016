"""The screen: what `diary` without arguments opens.

Rule: nothing of the environment may make the screen write down what it shows. Textual reads variables that
log keys to a file, save pictures of the screen or connect to a debugging server; all but the harmless ones
are removed here, before Textual is imported, because importing any module of this package runs this first.
"""

from __future__ import annotations

import os

_HARMLESS = frozenset(
    {
        "TEXTUAL_ANIMATIONS",
        "TEXTUAL_COLOR_SYSTEM",
        "TEXTUAL_DISABLE_KITTY_KEY",
        "TEXTUAL_FPS",
        "TEXTUAL_SMOOTH_SCROLL",
        "TEXTUAL_SNAPSHOT_TEMPDIR",  # read by the tests' snapshot plugin alone
    }
)


def forget_debugging_switches() -> None:
    """Remove every `TEXTUAL…` variable of the environment that is not known to be harmless."""
    for name in [name for name in os.environ if name.startswith("TEXTUAL")]:
        if name not in _HARMLESS:
            del os.environ[name]


forget_debugging_switches()
