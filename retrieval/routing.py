"""Which way a question is answered; pure, by rules.

Numbers come first, but only for what `retrieval.numbers.reading` understood wholly. Then whole requests for a
review or a plan, and for what lies ahead; then questions for the last or first time and for lists, which
order what is found by time; everything else is answered with quotes.
"""

from __future__ import annotations

import re
from enum import StrEnum

from diary.model.number import Function
from retrieval.numbers.reading import Asked
from retrieval.when.words import MONTH, WEEKDAY, plain

LONGEST_QUESTION = 400

_NAMED = (
    "(?:spring|summer|autumn|winter|january|february|march|april|may|june|july|august|september|october|november"
    "|december)"
)
_PERIOD = f"(?:day|week|weekend|fortnight|month|quarter|year|tag|woche|monat|jahr|{_NAMED})"
_ASKING = "^(?:please |and |so |can you |could you )*"
_WHOSE = "(?:my|the|this|last|meine?|die|der|das)"
_REVIEW = re.compile(
    rf"{_ASKING}(?:how (?:was|were|is|has|did)|wie war) (?:{_WHOSE} (?:past |last )?{_PERIOD}\w*|{_NAMED})"
    r"(?: (?:been|go(?:ing|ne)?|look(?:ing)?|\d{4}|like|so far))*\W*$"
    rf"|{_ASKING}(?:review|look back (?:at|on|over)|sum up|summari[sz]e|recap) (?:{_WHOSE} )?"
    rf"(?:past |last )?{_PERIOD}\b"
    rf"|{_ASKING}(?:an? |the )?(?:review|summary|recap) (?:of|for) (?:{_WHOSE} )?(?:past |last )?{_PERIOD}\b"
    rf"|{_ASKING}what happened (?:this|last|in the last|over the last) {_PERIOD}\b\W*$"
)
_PLAN = re.compile(
    rf"{_ASKING}(?:help me (?:to )?(?:plan|prepare|get ready|organi[sz]e)|plan|make (?:me )?a plan"
    r"|prepare me|draw up a plan|(?:what|how) should i prepare)\b"
)
_AHEAD = re.compile(
    rf"{_ASKING}(?:what|which|list|show)\b.*\b(?:coming up|upcoming|l(?:ie|y)(?:s|ing)? ahead"
    r"|still (?:need|have|got|want|mean|ought) to|left to do|to-dos?)\b"
    rf"|{_ASKING}what (?:do|must|should) i (?:still |also |yet )?(?:need to |have to )?"
    r"(?:do|book|buy|call|ring|pay|arrange|send|finish)(?: (?:next|today|tomorrow|this week|soon))?\W*$"
)
_DATES = (
    "(?:appointments?|check-?ups?|visits?|meetings?|plans|dates|engagements?|commitments?|deadlines?|trips?|events?"
    "|termine?)"
)
_DAYS_AHEAD = (
    rf"(?:next|this coming|the coming|tomorrow|tonight|later (?:today|this)|on {WEEKDAY}|in {MONTH}"
    rf"|this {_PERIOD}|today)"
)
_ARRANGED = re.compile(
    rf"{_ASKING}(?:what|which) (?:\w+ ){{0,2}}?{_DATES} (?:do (?:i|we) have|have (?:i|we) got|are there"
    r"|(?:are|is) (?:coming|due|still)|(?:are|is) (?:booked|planned|arranged))\b"
    rf"|{_ASKING}(?:do i have|have i got|are there) (?:\w+ ){{0,3}}?{_DATES}\b"
    rf"|{_ASKING}what(?:'s| is| am i| are we| have (?:i|we) got| do (?:i|we) have)"
    rf" (?:on|planned|booked|happening|doing|going on|due|lined up|ahead)\b.*\b{_DAYS_AHEAD}"
    rf"|{_ASKING}(?:welche|was für) termine? (?:habe|haben|stehen|kommen)\b(?!.*\b(?:gehabt|hatte)\b)"
)
_NOT_PLURAL = r"(?!(?:was|is|does|has|this|his|yes|as|us|its)\b)"
_VERB = "(?:have|has|did|do|does|are|were|am|was|should|must|will|can|could|would|that)"
_LIST = re.compile(
    rf"{_ASKING}(?:list|(?:show|give|tell) me (?:all|every|a list)|(?:name|find) (?:all|every))\b"
    rf"|{_ASKING}(?:which|what) (?:[\w'-]+ ){{0,3}}?{_NOT_PLURAL}[a-z]{{2,}}s {_VERB}\b"
    rf"|{_ASKING}(?:which|what) (?:\w+ )?(?:people|children|women|men) {_VERB}\b"
    r"|\ball the (?:times|places|people|things|books|entries|notes)\b"
    r"|\bevery (?:time|place|note|entry|mention)\b"
)
_LAST = re.compile(
    r"\bwhen\b.{0,60}\b(?:last|most recent(?:ly)?|latest)\b|\blast time\b|\b(?:most recent(?:ly)?|latest)\b"
    r"|\bhow long (?:ago|since|is it since)\b|\bzuletzt\b|\bletzte mal\b"
)
_FIRST = re.compile(
    r"\bwhen\b.{0,60}\b(?:first|earliest)\b|\b(?:first|earliest) time\b|\bzuerst\b|\berste mal\b"
)


class Route(StrEnum):
    """The way a question is answered."""

    NUMBERS = "numbers"
    COMPARE = "compare"
    TREND = "trend"
    WHEN_LAST = "when last"
    WHEN_FIRST = "when first"
    LIST = "list"
    REVIEW = "review"
    PLAN = "plan"
    AHEAD = "ahead"
    QUOTES = "quotes"


def route(question: str, asked: Asked | None = None) -> Route:
    """The route of a question; `asked` is what it asks of the observations, when it does."""
    if asked is not None:
        return _of_numbers(asked)
    text = plain(question[:LONGEST_QUESTION]).strip()
    for pattern, found in (
        (_PLAN, Route.PLAN),
        (_REVIEW, Route.REVIEW),
        (_AHEAD, Route.AHEAD),
        (_ARRANGED, Route.AHEAD),
        (_LAST, Route.WHEN_LAST),
        (_FIRST, Route.WHEN_FIRST),
        (_LIST, Route.LIST),
    ):
        if pattern.search(text):
            return found
    return Route.QUOTES


def _of_numbers(asked: Asked) -> Route:
    if asked.comparing:
        return Route.COMPARE
    match asked.computation.function:
        case Function.CHANGE:
            return Route.TREND
        case Function.LAST if asked.computation.dated:
            return Route.WHEN_LAST
        case Function.FIRST if asked.computation.dated:
            return Route.WHEN_FIRST
        case _:
            return Route.NUMBERS
