"""The part of the grammar that reads months, years and seasons which only the words beside them make times.

"May", "march" and "fall" are other words too, and four digits may count steps or milligrams: they are read
after "in", "since", "than" and the like, between two of their kind, or when the text is nothing else.
"""

from __future__ import annotations

import re
from datetime import date

from retrieval.when.grammar import Rule, rule
from retrieval.when.periods import Days, latest_month, month
from retrieval.when.wholes import DECADE, read_decade, read_season, whole_year
from retrieval.when.words import BARE_YEAR, MONTH, MONTH_HOLDS, YEAR, month_number

# "may", "mar" and "sun" mean other things unless a word before them says that they are times.
_MONTH_AFTER = (
    r"in|during|since|through|throughout|of|by|until|till|before|after|from|between|for|around|compare|over"
    r"|against|early|mid|late"
)
_JOINT = r"(?:to|until|till|through|thru|-|and|or|with|vs\.?|versus|against|than|compared (?:to|with))"
_YEAR_HOLDS = ("1", "2")  # the digit that it begins with
_AGAIN = r"(?: (?:in|the|early|mid|late|during))*"


def _month_alone(match: re.Match[str], as_of: date) -> Days:
    which = (match["lead"] or "").strip() if "lead" in match.re.groupindex else match["which"]
    found = latest_month(month_number(match["month"]), as_of)
    if which == "last" and found.end >= as_of:
        return month(found.start.year - 1, found.start.month)
    if which == "next":
        return found if found.start > as_of else month(found.start.year + 1, found.start.month)
    return found


def _latest_month(match: re.Match[str], as_of: date) -> Days:
    return latest_month(month_number(match["month"]), as_of)


LATE_RULES: tuple[Rule, ...] = (
    rule(
        rf"(?P<lead>{MONTH}(?: {YEAR})?,? ?{_JOINT}{_AGAIN} ?)(?P<month>{MONTH})",
        _latest_month,
        MONTH_HOLDS,
    ),
    rule(
        rf"(?P<month>{MONTH})(?=,? ?{_JOINT}{_AGAIN} ?{MONTH})",
        _latest_month,
        MONTH_HOLDS,
    ),
    rule(rf"(?P<which>last|this|next|past) (?P<month>{MONTH})", _month_alone, MONTH_HOLDS),
    rule(rf"(?P<lead>(?:{_MONTH_AFTER}|all of|most of) )(?P<month>{MONTH})", _month_alone, MONTH_HOLDS),
    rule(
        rf"(?P<lead>(?:to|and|with|vs\.?|versus|than|or) )(?!(?:may|mar|march|august)\b)(?P<month>{MONTH})",
        _month_alone,
        MONTH_HOLDS,
    ),
    rule(
        r"(?P<lead>(?:in|during|since|throughout|before|after|until|till|by|all of|around|year|between"
        r"|against|compare|in the year) )"
        rf"(?P<year>{BARE_YEAR})",
        whole_year,
        _YEAR_HOLDS,
    ),
    rule(
        rf"(?P<lead>{BARE_YEAR} ?{_JOINT}(?: in)? ?)(?P<year>{BARE_YEAR})",
        whole_year,
        _YEAR_HOLDS,
    ),
    rule(rf"(?P<year>{BARE_YEAR})(?= ?{_JOINT}(?: in)? ?{BARE_YEAR})", whole_year, _YEAR_HOLDS),
    rule(
        r"(?P<lead>(?:of|from|to|and|with|for|vs\.?|versus|(?<!more )(?<!less )(?<!fewer )than|year) )"
        rf"(?P<year>{BARE_YEAR})",
        whole_year,
        _YEAR_HOLDS,
    ),
    # Years before and after living memory need a word that says so and nothing that could be counted.
    rule(
        rf"(?P<lead>(?:in|during|since|throughout|before|after|until|till|year) )(?P<year>{YEAR})"
        r"(?=\W*\Z|[?!.,;:)]| (?:and|or|to|than|did|was|were|how|what|when|i|we|he|she|they)\b)",
        whole_year,
        _YEAR_HOLDS,
    ),
)

ALONE_RULES: tuple[Rule, ...] = (
    rule(rf"\A\W*(?P<which>(?!))?(?P<month>{MONTH})\W*\Z", _month_alone, MONTH_HOLDS),
    rule(rf"\A\W*(?P<year>{YEAR})\W*\Z", whole_year, _YEAR_HOLDS),
    rule(
        r"\A\W*(?P<lead>)(?P<which>(?!))?(?P<name>summer|autumn|winter|spring)(?P<year>(?!))?\W*\Z",
        read_season,
    ),
    rule(rf"\A\W*{DECADE}\W*\Z", read_decade),
)
