"""The ranges of days a question names: single times, from … to, since, before, after, and comparisons."""

from __future__ import annotations

from datetime import date

from diary.model.time_range import TimeRange
from retrieval.when.ages import age_rules
from retrieval.when.bare import ALONE_RULES
from retrieval.when.comparing import completed
from retrieval.when.grammar import all_found, first_found
from retrieval.when.joining import Joiner, Span
from retrieval.when.languages import ENGLISH, Language, languages_of
from retrieval.when.lazy import Match
from retrieval.when.no_days import without_no_days
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
    text = without_no_days(plain(question[:LONGEST_QUESTION]))
    for language in languages_of(text):
        try:
            spans, compared = _read_in(language, text, as_of, born)
        except (ValueError, OverflowError):
            continue
        if spans:
            return spans, compared
    return [], False


def _read_in(language: Language, text: str, as_of: date, born: date | None) -> tuple[list[Span], bool]:
    ages = age_rules(born) if born is not None and language is ENGLISH else ()
    aged = all_found(ages, text, as_of)

    def hidden(match: Match) -> str:
        """Without what an event tells; the person's age is no event."""
        told = any(match.start() <= age.start < match.end() for age in aged)
        return match[0] if told else "\0" * len(match[0])

    readable = language.joints.anchored.sub(hidden, text)
    joiner = Joiner(readable, as_of, language.joints, language.rules)
    found = all_found((*ages, *language.rules), readable, as_of)
    if not found and language is ENGLISH:
        alone = first_found(ALONE_RULES, readable, as_of)
        found = [alone] if alone else []
    spans, compared = completed(joiner.spans(found), joiner)
    floors = [0, *(span.last for span in spans)]
    spans = [joiner.phrased(span, floor) for span, floor in zip(spans, floors, strict=False)]
    return [span for span in spans if _in_order(span)], compared


def _in_order(span: Span) -> bool:
    return span.start is None or span.end is None or span.start <= span.end
