"""The ranges of days a question names: single times, from … to, since, before, after, and comparisons."""

from __future__ import annotations

from datetime import date

from diary.model.time_range import TimeRange
from retrieval.when.bare import ALONE_RULES
from retrieval.when.comparing import completed
from retrieval.when.english import ENGLISH_JOINTS, ENGLISH_RULES
from retrieval.when.german import GERMAN_RULES
from retrieval.when.grammar import Found, all_found, first_found
from retrieval.when.joining import Joiner, Span
from retrieval.when.words import plain

LONGEST_QUESTION = 400
"""Characters that are read; a time further back in a longer question is not looked for."""


def parse_ranges(question: str, as_of: date, born: date | None = None) -> tuple[TimeRange, ...]:
    """The ranges of days named in a question, in the order named; empty when the calendar can tell none.

    "Compare May with June" names two, "from May to June" one. Each phrase is a part of the question.

    :param as_of: the day that "today" means.
    :param born: the person's day of birth; without it, "when I was twelve" names no range.
    """
    spans, _ = _read(question, as_of, born)
    return tuple(_range(span, question) for span in spans)


def parse_range(question: str, as_of: date, born: date | None = None) -> TimeRange | None:
    """The one range of days a question is about, or None when it names none that the calendar alone can tell.

    Of times that are compared, all days from the first to the last; of others the first named.

    :param as_of: the day that "today" means.
    :param born: the person's day of birth; without it, "when I was twelve" names no range.
    """
    spans, compared = _read(question, as_of, born)
    if not spans:
        return None
    if not compared:
        return _range(spans[0], question)
    starts = [span.start for span in spans if span.start is not None]
    ends = [span.end for span in spans if span.end is not None]
    whole = Span(
        min(starts) if len(starts) == len(spans) else None,
        max(ends) if len(ends) == len(spans) else None,
        spans[0].first,
        spans[-1].last,
    )
    return _range(whole, question) if whole.start or whole.end else None


def _range(span: Span, question: str) -> TimeRange:
    return TimeRange(span.start, span.end, question[span.first : span.last].strip())


def _read(question: str, as_of: date, born: date | None) -> tuple[list[Span], bool]:
    """The spans of a question, and whether it compares them."""
    text = plain(question[:LONGEST_QUESTION])
    joints, rules = ENGLISH_JOINTS, (*ENGLISH_RULES, *GERMAN_RULES)
    readable = joints.anchored.sub(lambda match: "\0" * len(match[0]), text)
    joiner = Joiner(readable, as_of, joints, rules)
    try:
        found = all_found(rules, readable, as_of) or _alone(readable, as_of)
        spans, compared = completed(joiner.spans(found), joiner)
    except (ValueError, OverflowError):
        return [], False
    floors = [0, *(span.last for span in spans)]
    spans = [joiner.phrased(span, floor) for span, floor in zip(spans, floors, strict=False)]
    return [span for span in spans if _in_order(span)], compared


def _alone(text: str, as_of: date) -> list[Found]:
    found = first_found(ALONE_RULES, text, as_of)
    return [found] if found else []


def _in_order(span: Span) -> bool:
    return span.start is None or span.end is None or span.start <= span.end
