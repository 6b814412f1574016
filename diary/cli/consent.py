"""Asks before what cannot be taken back.

A command that would ask, and has nobody to ask, refuses: no script loses words by a word that was left out.
`--yes` is the answer given beforehand.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from diary.cli.context import Context
from diary.cli.waiting import answered
from diary.errors import UsageError


def agreed(context: Context, question: str, *, about: Sequence[str] = (), kept: str = "Kept.") -> bool:
    """Whether the person wants it, who was shown what it is `about`; `kept` is said when not.

    :raises diary.errors.UsageError: when there is no terminal to ask on, or --json, and no --yes.
    :raises diary.cli.waiting.LockedMeanwhile: when nobody answered for too long.
    """
    console, sure = context.console, context.arguments.yes
    if not sure and (console.json or not (sys.stdin and sys.stdin.isatty())):
        raise UsageError(
            "This asks first, and there is no terminal to ask on; nothing was changed.", hint="Add --yes."
        )
    for line in about:
        console.say(line)
    if sure:
        return True
    console.say(f"{question} Type yes:")
    if answered(context.settings.clinic, sys.stdin.readline).strip().lower() == "yes":
        return True
    console.say(kept)
    return False
