"""Why the wall does not stand, in a sentence for the reader."""

from __future__ import annotations


class PolicyError(Exception):
    """The kernel refused the seal, or what it granted does not hold: the process must end without opening
    anything.

    :param message: one or two sentences: what happened, and that nothing was opened.
    :param hint: what the reader can do next; may be empty.
    """

    code = "not-sealed"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
