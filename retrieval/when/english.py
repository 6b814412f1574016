"""English: its rules, in the order in which they are tried, and the words between times."""

from __future__ import annotations

from retrieval.when.bare import LATE_RULES
from retrieval.when.days import DAY_RULES, NEAR_RULES
from retrieval.when.grammar import Rule
from retrieval.when.joints import Joints, before_a_time, gap
from retrieval.when.lazy import Lazy
from retrieval.when.spans import SPAN_RULES
from retrieval.when.words import NUMBER, NUMBERS, WEEKDAY_NAMES

ENGLISH_RULES: tuple[Rule, ...] = (*DAY_RULES, *SPAN_RULES, *NEAR_RULES, *LATE_RULES)

_THE = r"the|in|on|at|my|about|around"
_STOP = r"(?:[(),;:?!.]|\b(?:than|vs|versus|compared|against)\b|\Z)"
_UNITS = {
    "day": "day",
    "night": "day",
    "morning": "day",
    "evening": "day",
    "afternoon": "day",
    "week": "week",
    "weekend": "weekend",
    "fortnight": "fortnight",
    "month": "month",
    "year": "year",
    **{name: name for name in WEEKDAY_NAMES},
}

ENGLISH_JOINTS = Joints(
    to=gap(r"to|until|till|til|through|thru|up to|and up to|-|\.\.+|\u2192", r"the|in|on"),
    both=gap(r"and", r"the|in|on"),
    between=before_a_time(r"between|from|starting|since", _THE),
    halfway=Lazy(r"(?<!\w)between (?:(?! and )[^,;:?!])+\Z"),
    since=before_a_time(r"(?:ever )?since|starting(?: from)?|beginning(?: in| from)|as of", _THE),
    onwards=Lazy(r" (?:onwards?|forward)\b|,? on(?=\W*\Z|[?.!,;:)])"),
    starting=before_a_time(r"from|starting", _THE),
    until=before_a_time(r"until|till|til|up to|up until|through|by|no later than|to", r"the|in|on|end of"),
    before=before_a_time(r"before|prior to|earlier than|preceding", _THE),
    after=before_a_time(r"after|later than|following|past", _THE),
    around=before_a_time(r"around|about|near|close to|roughly|approximately|circa", r"the"),
    offset=before_a_time(
        rf"(?P<lead>(?:in |over |during |for |within )?the )?(?:first |last )?(?:(?P<count>{NUMBER}) )?"
        rf"(?P<unit>{'|'.join(_UNITS)})s?(?: (?:just|right|immediately))?"
        r" (?:(?P<back>before|prior to|preceding)|(?P<forward>after|following)|(?P<within>of))",
        r"the",
    ),
    preposition=before_a_time(
        r"in|on|during|over|within|throughout|at|all through|for|across",
        r"the|my|all(?: of)?|most of|these",
    ),
    recurring=before_a_time(
        r"every|each|any|most|many|some|other|several|a typical|a normal|an average|on an?|a",
        r"single|other|late|early",
    ),
    comparing=Lazy(r"\b(?:compar\w+|differ\w*)\b"),
    versus=Lazy(r"\b(?:vs|versus|than|against|compared|comparison|compare|with|differ\w*)\b"),
    anchored=Lazy(
        r"\b(?:before|after|since|following|until|till) "
        r"(?:my|his|her|their|our|your|i|i'm|i'd|i've|we|he|she|they|it|you)\b"
        r"(?! last\b)(?!\W*(?:[?.!,;)]|\Z))"
        rf".*?(?={_STOP})"
    ),
    counts=NUMBERS,
    units=_UNITS,
)
