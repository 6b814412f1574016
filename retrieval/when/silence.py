"""Questions why nothing was written: the note that says why comes after the days without one; pure."""

from __future__ import annotations

import re
from datetime import date, timedelta

from diary.model.time_range import TimeRange
from retrieval.when.ranges import LONGEST_QUESTION
from retrieval.when.words import plain

EXPLAINED_WITHIN = timedelta(days=14)
"""How long after days without a note it may be told why there is none."""
_WHY_SILENT = re.compile(
    r"\b(?:why|warum|wieso)\b.*(?:\b(?:not|never|nothing|stop(?:ped)?|nicht|nichts)\b|n't\b)"
    r".*\b(?:writ\w+|wrote|geschrieben)\b"
    r"|\b(?:why|warum|wieso)\b.*\b(?:write|wrote) (?:nothing|so little)\b"
    r"|\b(?:why|warum|wieso)\b.*\b(?:no (?:notes?|entr(?:y|ies))|keine? (?:notizen?|einträge?|eintrag)|gaps?"
    r"|(?:is|was) there nothing)\b"
)


def past_the_silence(found: TimeRange, question: str, as_of: date) -> TimeRange:
    """The range a question names, and some days more when it asks why they are without a note."""
    if found.start is None or found.end is None or found.end >= as_of:
        return found
    if not _WHY_SILENT.search(plain(question[:LONGEST_QUESTION])):
        return found
    return TimeRange(found.start, min(found.end + EXPLAINED_WITHIN, as_of), found.phrase)
