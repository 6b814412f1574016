"""Questions and answers: hits, verbatim quotes, checked summaries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from diary.model.entry import EntryId, Kind
from diary.model.number import Number
from diary.model.resolved_range import EventDate
from diary.model.time_range import TimeRange


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What was asked.

    :ivar as_of: the day that "today" means.
    :ivar limit: at most this many hits or quotes.
    :ivar list_limit: at most this many quotes when a list is asked for ("which appointments…"), which should
        be whole; `limit` when that is more.
    :ivar range: an explicit range that overrides the one read from the words, and filters.
    :ivar tag, kind, starred: filters, as in `EntryFilter`.
    :ivar phrases: each stands word for word in the passage or title of whatever is found.
    :ivar without: words that stand nowhere in the entry of whatever is found.
    """

    text: str
    as_of: date
    limit: int = 10
    list_limit: int = 0
    range: TimeRange | None = None
    tag: str | None = None
    kind: Kind | None = None
    starred: bool = False
    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An entry found, with its best passage: `text == entry.text[start:end]`; score 0 to about 1.

    :ivar rough: the words are a rough draft of a recording that nobody has confirmed.
    """

    entry: EntryId
    source_id: str | None
    day: date
    title: str | None
    text: str
    score: float
    start: int
    end: int
    rough: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """Hits, best first; the range that was used (None: any time); time taken in milliseconds.

    :ivar pending: entries that could not be found yet, because they are not indexed.
    :ivar events: the days of events that the range rests on, and what tells them.
    """

    hits: tuple[Hit, ...]
    range: TimeRange | None
    milliseconds: float
    pending: int = 0
    events: tuple[EventDate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A verbatim span of an entry: `text == entry.text[start:end]`, checked against the vault by code.

    :ivar rough: the words are a rough draft of a recording that nobody has confirmed: never summed up.
    """

    id: str
    entry: EntryId
    source_id: str | None
    day: date
    text: str
    start: int
    end: int
    score: float
    rough: bool = False


class AnswerKind(StrEnum):
    """What an answer is made of."""

    QUOTES = "quotes"
    NUMBERS = "numbers"
    REVIEW = "review"
    PLAN = "plan"
    NONE = "none"


class Exam(StrEnum):
    """How the language model did in the built-in exam."""

    PASSED = "passed"
    FAILED = "failed"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class SummarySentence:
    """A sentence a model wrote that its cited quotes support, as far as code can tell."""

    text: str
    quotes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The sentences that passed verification, and how many did not.

    :ivar failure: why the model stopped before its end, as a sentence for the reader; None when it did not.
    """

    sentences: tuple[SummarySentence, ...]
    dropped: int
    model: str
    exam: Exam = Exam.NONE
    failure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Milliseconds from the question to: the end of search, the model's first token, the end."""

    search_ms: float
    first_token_ms: float | None
    total_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The whole answer. `nearest` is filled only when nothing clears the threshold.

    :ivar numbers: for an answer of kind NUMBERS; the quotes then show the observations it rests on.
    :ivar events: the days of events that the range rests on, and what tells them.
    """

    question: Question
    answered: bool
    kind: AnswerKind
    range: TimeRange | None
    quotes: tuple[Quote, ...]
    timing: Timing
    summary: Summary | None = None
    nearest: tuple[Quote, ...] = ()
    numbers: tuple[Number, ...] = ()
    events: tuple[EventDate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NumbersFound:
    """First delta of an answer of numbers, before the quotes that show what they rest on; of a review the
    second, behind what happened.

    :ivar question: the question as it was understood, a follow-up completed.
    """

    range: TimeRange | None
    numbers: tuple[Number, ...]
    question: Question | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotesFound:
    """First delta of an answer: what was found, before any model writes.

    :ivar question: the question as it was understood, a follow-up completed.
    """

    answered: bool
    range: TimeRange | None
    quotes: tuple[Quote, ...]
    nearest: tuple[Quote, ...]
    events: tuple[EventDate, ...] = ()
    question: Question | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceKept:
    """A summary sentence that passed verification, as soon as it did."""

    sentence: SummarySentence


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceDropped:
    """A summary sentence failed verification; its words are not shown. `dropped` so far."""

    dropped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerDone:
    """Last delta: the whole answer."""

    answer: Answer


AnswerDelta = NumbersFound | QuotesFound | SentenceKept | SentenceDropped | AnswerDone
"""What `answering` yields, in order: NumbersFound when numbers were asked for, QuotesFound, then NumbersFound
when they only belong to a review, or sentences as they are checked, then AnswerDone."""
