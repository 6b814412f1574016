"""Why one item of a source could not be taken; caught by its reader and listed in the report."""

from __future__ import annotations


class Unusable(Exception):
    """One item cannot be taken. `why` ends the sentence "FILE, line N: …", without the item's words."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
