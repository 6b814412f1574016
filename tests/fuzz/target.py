"""A reader of bytes from outside, and what it may do with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Read = Callable[[bytes, Path], object]


@dataclass(frozen=True, kw_only=True)
class Target:
    """One reader.

    :ivar samples: makes whole inputs; called once in each process. :ivar read: gives it one input; the folder
        is the staging area, the only place where anything may be written. What it returns is not looked at.
    :ivar refuses: the errors that it is documented to raise: nothing else may come out of it.
    :ivar share: cases in the long form, in thousands. :ivar everyday: whether it is in the short form.
    :ivar seconds: of processor time that one case may take.
    """

    name: str
    samples: Callable[[], list[bytes]]
    read: Read
    refuses: tuple[type[Exception], ...] = ()
    share: int = 30
    everyday: bool = True
    seconds: float = 2.0
