"""What is typed into a search, read by code; pure, and never raises.

    knee walk             words, by meaning and by stem
    "head pounding"       a phrase, word for word; in double or typographic quotes
    -tea  -"green tea"    words and phrases that stand nowhere in the entry
    tag:health  #health   entries with this tag
    kind:voice            entries of this kind: note, voice, plan, condensed
    is:starred            starred entries
    from:2024-05  to:yesterday  from:"last march"

What ends with a question mark is a question in somebody's own words: people quote titles in questions
("What is “Emma” about?"), so all of its words are words, as they are in `diary ask`. A hyphen inside a
word, a dash between spaces, a negative number, a bare `#`, a quotation mark without its partner and a colon
after any other word are plain text. A filter that cannot be understood is told in `problems`, as errors for
the reader, and is left out of the words.

Not here: how phrases and words are compared with entries (`retrieval.filters`).
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from diary.errors import DiaryError, TimeNotUnderstood, UsageError
from diary.model.answer import Question
from diary.model.entry import Kind
from diary.model.time_range import TimeRange

_QUOTED = r"""(?:"(?P<{0}a>[^"]+)"|[“„](?P<{0}b>[^“”„]+)[“”]|«(?P<{0}c>[^«»]+)»|»(?P<{0}d>[^«»]+)«)"""
_PIECE = re.compile(
    rf"""(?<!\S)(?:
      (?P<name>(?i:tag|kind|is|from|to)):(?:{_QUOTED.format("v")}|(?P<value>[^\s"“„«»]+))(?!\S)
    | \#(?P<hashed>(?=[\w/-]*[^\W\d])\w[\w/-]*)(?=[\s.,;!]|$)
    | -{_QUOTED.format("n")}(?!\w)
    | -(?P<without>[^\W\d_][^\s"“„«»]*)
    | {_QUOTED.format("p")}(?!\w)
    )""",
    re.VERBOSE,
)
_WORD = re.compile(r"[^\W_]")
_QUESTION = re.compile(r"\?[\s\"”“»«)\]]*\Z")
_MONTH_OR_YEAR = re.compile(r"(?P<year>[12]\d{3})(-(?P<month>0[1-9]|1[0-2]))?")
_KINDS = ", ".join(kind.value for kind in Kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A search as it was meant.

    :ivar text: what to rank by: the words and the words of the phrases, in order; empty when only filters
        were typed, which lists by date.
    :ivar words: the words outside of phrases.
    :ivar start, end: the first and last day looked at; None leaves that side open.
    :ivar problems: what was not understood, each an error with its sentence for the reader.
    """

    text: str
    words: str
    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    tag: str | None = None
    kind: Kind | None = None
    starred: bool = False
    start: date | None = None
    end: date | None = None
    problems: tuple[DiaryError, ...] = ()

    @property
    def range(self) -> TimeRange | None:
        """The days looked at, or None for all."""
        return None if self.start is None and self.end is None else TimeRange(self.start, self.end)

    def question(self, *, as_of: date, limit: int) -> Question:
        """As the question that `retrieval.search` answers."""
        return Question(
            text=self.text,
            as_of=as_of,
            limit=limit,
            range=self.range,
            tag=self.tag,
            kind=self.kind,
            starred=self.starred,
            phrases=self.phrases,
            without=self.without,
        )


def read_query(text: str, as_of: date) -> Query:
    """Words and filters of what was typed.

    :param as_of: the day that "today" means.
    """
    if _QUESTION.search(text):
        plain = " ".join(text.split())
        return Query(text=plain, words=plain)
    filters = _Filters(as_of)
    ranked: list[str] = []
    words: list[str] = []
    for plain, piece in _pieces(text):
        ranked.append(plain)
        words.append(plain)
        phrase = _quoted(piece, "p") if piece else None
        if phrase is not None:
            ranked.append(phrase)
            filters.phrases += _with_words(phrase)
        elif piece is not None:
            filters.take(piece)
    return filters.query(" ".join(" ".join(ranked).split()), " ".join(" ".join(words).split()))


def read_bound(text: str, as_of: date) -> TimeRange:
    """The day or period that a bound of a range names: 2025-03-04, 2025-03, 2025, "yesterday", "last march".

    :raises diary.errors.TimeNotUnderstood: when it names none.
    """
    bare = _MONTH_OR_YEAR.fullmatch(text.strip())
    if bare:
        year, month = int(bare["year"]), int(bare["month"] or 1)
        last = month if bare["month"] else 12
        return TimeRange(date(year, month, 1), date(year, last, monthrange(year, last)[1]))
    # The command line takes every filter through here, with or without a time in words.
    from retrieval.when import parse_moment, parse_range

    period = parse_range(text, as_of)
    if period is not None:
        return period
    try:
        try:
            day = date.fromisoformat(text.strip())
        except ValueError:
            day = parse_moment(text, datetime.combine(as_of, time.max, UTC)).date()
    except TimeNotUnderstood:
        raise TimeNotUnderstood(
            f"The date “{text}” was not understood, so nothing was looked up.",
            hint="Try 2025-03-04, 2025-03, 2025, “yesterday”, “last march”.",
        ) from None
    return TimeRange(day, day)


def read_kind(text: str) -> Kind:
    """The kind of entry of this name.

    :raises diary.errors.UsageError: when there is none.
    """
    try:
        return Kind(text.strip().lower())
    except ValueError:
        raise UsageError(
            f"There are no entries of the kind “{text}”, so nothing was looked up.", hint=f"Kinds: {_KINDS}."
        ) from None


class _Filters:
    """The filters read so far."""

    def __init__(self, as_of: date) -> None:
        self._as_of = as_of
        self.phrases: list[str] = []
        self._without: list[str] = []
        self._tag: str | None = None
        self._kind: Kind | None = None
        self._starred = False
        self._start: date | None = None
        self._end: date | None = None
        self._problems: list[DiaryError] = []

    def take(self, piece: re.Match[str]) -> None:
        """Add what one piece says, or why it cannot be understood."""
        try:
            if piece["name"]:
                self._take_named(piece["name"].lower(), piece["value"] or _quoted(piece, "v") or "")
            elif piece["hashed"]:
                self._take_tag(piece["hashed"])
            else:
                self._without += _with_words(piece["without"] or _quoted(piece, "n") or "")
        except DiaryError as problem:
            self._problems.append(problem)

    def _take_named(self, name: str, value: str) -> None:
        match name:
            case "tag":
                self._take_tag(value.removeprefix("#"))
            case "kind":
                self._kind = read_kind(value)
            case "from":
                self._start = read_bound(value, self._as_of).start
            case "to":
                self._end = read_bound(value, self._as_of).end
            case _ if value.lower() in ("starred", "star"):
                self._starred = True
            case _:
                raise UsageError(
                    f"“is:{value}” was not understood, so nothing was looked up.", hint="Try is:starred."
                )

    def _take_tag(self, tag: str) -> None:
        if self._tag is not None and self._tag.casefold() != tag.casefold():
            raise UsageError(
                f"Two tags were given, “{self._tag}” and “{tag}”, so nothing was looked up.",
                hint="Give one tag.",
            )
        self._tag = tag

    def query(self, text: str, words: str) -> Query:
        if self._start and self._end and self._start > self._end:
            self._problems.append(
                UsageError(
                    "The day after from: lies after the one after to:, so no day is meant.",
                    hint="Exchange them.",
                )
            )
            self._start = self._end = None
        return Query(
            text=text,
            words=words,
            phrases=tuple(self.phrases),
            without=tuple(self._without),
            tag=self._tag,
            kind=self._kind,
            starred=self._starred,
            start=self._start,
            end=self._end,
            problems=tuple(self._problems),
        )


def _pieces(text: str) -> Iterator[tuple[str, re.Match[str] | None]]:
    """Plain text with the piece of grammar after it, None after the last."""
    start = 0
    for piece in _PIECE.finditer(text):
        yield text[start : piece.start()], piece
        start = piece.end()
    yield text[start:], None


def _quoted(piece: re.Match[str], group: str) -> str | None:
    return next((piece[group + form] for form in "abcd" if piece[group + form] is not None), None)


def _with_words(text: str) -> list[str]:
    """The text, when there is a letter or digit in it to look for."""
    plain = " ".join(text.split())
    return [plain] if _WORD.search(plain) else []
