"""The screen: what `diary` without a command opens. Locking leaves the terminal clean and executes the
program anew, so that no copy of a key stays in memory.
"""

from __future__ import annotations

from diary.cli.context import Context
from diary.errors import UsageError


def screen(context: Context) -> int:
    """Open the screen; the exit status."""
    if context.console.json:
        raise UsageError("--json needs a command; the screen is for a person.")
    if context.arguments.passphrase_file is not None:
        raise UsageError("The screen asks for the passphrase itself; --passphrase-file is for commands.")
    from diary.bootstrap import run_screen

    key_file = context.arguments.key_file
    return run_screen(context.enforced, context.settings, key_file, closed=context.console.warn)
