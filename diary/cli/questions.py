"""From the command line, or one JSON line of a batch, to a Question.

What is typed after `find` may hold filters (`retrieval.query`); what is asked may not, because its words are
somebody's own. An option adds to the filters in the words and goes before one of the same kind; a field of a
batch line goes before the option.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from datetime import date

import msgspec

from diary.errors import UsageError
from diary.model.answer import Question
from diary.model.time_range import TimeRange
from retrieval.query import Query, read_bound, read_kind, read_query

QUOTES = 5
LONGEST_LIST = 50


class BatchLine(msgspec.Struct, rename={"from_": "from"}):
    """One line of a batch: the question, and the options of the command for this line alone; `follow` lets it
    follow up the line before ("and in June?").
    """

    q: str
    as_of: date | None = None
    n: int | None = None
    from_: str | None = None
    to: str | None = None
    tag: str | None = None
    kind: str | None = None
    starred: bool | None = None
    phrases: list[str] = []
    without: list[str] = []
    follow: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """The filters that were given beside the words, as written."""

    first: str | None = None
    last: str | None = None
    tag: str | None = None
    kind: str | None = None
    starred: bool = False
    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def over(self, others: Filters) -> Filters:
        """These, and the others where these say nothing."""
        return Filters(
            first=self.first or others.first,
            last=self.last or others.last,
            tag=self.tag or others.tag,
            kind=self.kind or others.kind,
            starred=self.starred or others.starred,
            phrases=self.phrases + others.phrases,
            without=self.without + others.without,
        )


def filters_of(arguments: argparse.Namespace) -> Filters:
    """The filters among the options of find and ask."""
    return Filters(
        first=arguments.from_,
        last=arguments.to,
        tag=arguments.tag,
        kind=arguments.kind,
        starred=arguments.starred,
        phrases=tuple(arguments.phrase),
        without=tuple(arguments.without),
    )


def search_for(text: str, filters: Filters, *, as_of: date, limit: int) -> Question:
    """What `find` looks for; with no words, the newest entries that the filters let through.

    :raises diary.errors.DiaryError: when a filter is not understood; nothing was looked up.
    """
    query = read_query(text, as_of)
    if query.problems:
        raise query.problems[0]
    return _question(query, filters, as_of=as_of, limit=limit)


def asked(text: str, filters: Filters, *, as_of: date, limit: int | None) -> Question:
    """What `ask` answers; without a limit a few quotes, but all that match when a list is asked for.

    :raises diary.errors.UsageError: when there are no words.
    :raises diary.errors.DiaryError: when a filter is not understood; nothing was looked up.
    """
    if not text.strip():
        raise UsageError("There is no question.", hint="Write it after the command.")
    question = _question(Query(text=text, words=text), filters, as_of=as_of, limit=limit or QUOTES)
    return question if limit else replace(question, list_limit=LONGEST_LIST)


def batch_line(line: str, number: int) -> tuple[BatchLine, Filters]:
    """One line of a batch, and its filters.

    :raises diary.errors.UsageError: when it is none.
    """
    try:
        given = msgspec.json.decode(line, type=BatchLine)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise UsageError(
            f'Line {number} of the batch is not {{"q", "as_of", "n"}}: {error}.',
            hint="Each line is one JSON object; also: from, to, tag, kind, starred, phrases, without, "
            "follow.",
        ) from None
    return given, Filters(
        first=given.from_,
        last=given.to,
        tag=given.tag,
        kind=given.kind,
        starred=bool(given.starred),
        phrases=tuple(given.phrases),
        without=tuple(given.without),
    )


def range_between(first: str | None, last: str | None, as_of: date) -> TimeRange | None:
    """The range of --from and --to; either may be a day or a period ("last march").

    :raises diary.errors.TimeNotUnderstood: when one names none.
    :raises diary.errors.UsageError: when they name no day together.
    """
    return _between(
        read_bound(first, as_of).start if first else None, read_bound(last, as_of).end if last else None
    )


def _question(query: Query, filters: Filters, *, as_of: date, limit: int) -> Question:
    start = read_bound(filters.first, as_of).start if filters.first else query.start
    end = read_bound(filters.last, as_of).end if filters.last else query.end
    words = [query.text, *filters.phrases]
    return Question(
        text=" ".join(part for part in words if part.strip()),
        as_of=as_of,
        limit=limit,
        range=_between(start, end),
        tag=filters.tag or query.tag,
        kind=read_kind(filters.kind) if filters.kind else query.kind,
        starred=filters.starred or query.starred,
        phrases=query.phrases + filters.phrases,
        without=query.without + filters.without,
    )


def _between(start: date | None, end: date | None) -> TimeRange | None:
    if start and end and start > end:
        raise UsageError(
            "The day of “from” lies after that of “to”, so no day is meant.", hint="Exchange them."
        )
    return TimeRange(start, end) if start or end else None
