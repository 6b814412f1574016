"""What the screen is told about the world it runs in, and how it can end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from diary.tui.presence import Clocks

WIDTHS: Final = [(0, "-narrow"), (110, "-wide")]
"""Classes a screen gets by its width in columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenContext:
    """Facts that hold while the program runs.

    :ivar vault: name of the vault, for the reader.
    :ivar seal: what the wall grants, in a few words: "sealed: no network".
    :ivar sealed: whether the kernel's seal stands; when not, `seal` is shown as a warning.
    :ivar caveats: what the seal stands in and does not reach, in a few words each: "as root".
    :ivar notes: the same, and what the kernel lacks, in sentences.
    :ivar now: the clock; aware local time. Its day is what "today" means in a question.
    :ivar models: the installed models, one line for each kind; called in a thread.
    :ivar key_file: whether a key file was named, which opens the diary when nothing is typed.
    :ivar exchange: the folder through which files come and go; None when there is none.
    :ivar config: the settings file, by name, for the reader.
    :ivar lock_after: lock when no key was pressed for this long; None never does.
    :ivar closed: is told, once the terminal is restored, what was amiss when the diary was closed.
    :ivar clocks: by which that is told, and whether the machine slept.
    """

    vault: str
    seal: str
    now: Callable[[], datetime]
    sealed: bool = True
    caveats: Sequence[str] = ()
    notes: Sequence[str] = ()
    lock_after: timedelta | None = None
    clocks: Clocks = field(default_factory=Clocks)
    models: Callable[[], Sequence[str]] = tuple
    key_file: bool = False
    exchange: Path | None = None
    config: str = "config.toml"
    closed: Callable[[Sequence[str]], object] = list


class Outcome(StrEnum):
    """How the person left the screen."""

    QUIT = "quit"
    LOCK = "lock"
    STOP = "stop"
    """To lock, and then to stop until the shell lets the program go on."""
