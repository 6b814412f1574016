"""What is left of an entry that is condensed: its fields, word for word, and a sign for what is gone; pure.

A field stays as far as its first sentence goes, when that has a number or is a word or two (`mood:: calm`): a
longer value is prose, which is what a rule that condenses is to take. What stays is a quotation, so `[…]`
stands where words were left out, as it does in print; nothing is put in the person's mouth. Condensing twice
changes nothing.
"""

from __future__ import annotations

import re

from ingest.observations.fields import find_fields
from ingest.observations.reading import read_observations

LEFT_OUT = "[…]"
_LONGEST_WORD = 24
"""Characters of a value without a number that stays."""
_LONGEST_NUMBER = 80
"""Characters of a value with one."""
_SENTENCE_END = re.compile(r"[.!?…](?=\s)")


def condensed(text: str) -> str:
    """The fields that stay, each on a line of its own, in their order, and `LEFT_OUT` when there was more."""
    lines = []
    for field in find_fields(text):
        sentence_end = _SENTENCE_END.search(text, field.value, field.end)
        end = sentence_end.start() if sentence_end else field.end
        line = text[field.start : end]
        if end - field.value <= (_LONGEST_NUMBER if _has_number(line) else _LONGEST_WORD):
            lines.append(line)
    words = "".join(text.split())
    left_out = words != "".join("".join(lines).split())
    return "\n".join([*lines, LEFT_OUT] if left_out else lines)


def _has_number(field: str) -> bool:
    return any(one.value is not None for one in read_observations(field))
