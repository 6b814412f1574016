"""Times told by the person's age: "when I was twelve", "in my thirties", "on my 40th birthday".

Read only when the day of birth is known (the setting `person.born`); in English.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from retrieval.when.grammar import Rule, rule, year_named
from retrieval.when.periods import Days, one, plus, plus_days, third, year
from retrieval.when.words import COUNTED, NUMBER, ORDINALS, YEAR, number

_TENS = ["twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties"]
_DECADE = rf"(?:(?P<tens>[2-9])0'?s|(?P<word>{'|'.join(_TENS)}))"
_OLD = rf"(?P<age>{NUMBER})(?: years old| years of age|(?!\w){COUNTED}(?! \w+(?:er|over)\b))"
_LEAD = r"(?P<lead>(?:before|after|since|until|till) )"
_YOUNG = {
    "child": (3, 12),
    "kid": (3, 12),
    "boy": (3, 12),
    "girl": (3, 12),
    "teenager": (13, 19),
    "teen": (13, 19),
}


@lru_cache(maxsize=4)
def age_rules(born: date) -> tuple[Rule, ...]:
    """The rules for somebody born on this day."""

    def birthday(age: int) -> date:
        return plus(born, age, "year")

    def at_ages(first: int, last: int) -> Days:
        return Days(birthday(first), plus_days(birthday(last + 1), -1))

    def at_age(match: re.Match[str], _: date) -> Days | None:
        age = number(match["age"])
        return at_ages(age, age) if age <= 120 else None

    def turned(match: re.Match[str], _: date) -> Days:
        return one(birthday(number(match["age"])))

    def in_my(match: re.Match[str], _: date) -> Days:
        tens = int(match["tens"]) if match["tens"] else _TENS.index(match["word"]) + 2
        whole = at_ages(10 * tens, 10 * tens + 9)
        if not match["part"]:
            return whole
        return third(whole, {"early": 0, "mid": 1, "middle": 1, "late": 2}[match["part"]])

    def when_young(match: re.Match[str], _: date) -> Days:
        return at_ages(*_YOUNG[match["who"]])

    def nth_birthday(match: re.Match[str], _: date) -> Days:
        word = match["nth"]
        return one(birthday(ORDINALS[word] if word in ORDINALS else int(re.sub(r"\D", "", word))))

    def any_birthday(match: re.Match[str], as_of: date) -> Days:
        named = year_named(match["year"], as_of)
        if named is not None:
            return one(birthday(named - born.year))
        latest = birthday(as_of.year - born.year)
        return one(latest if latest <= as_of else birthday(as_of.year - born.year - 1))

    return (
        rule(rf"(?:when|while) i (?:was|had been) (?:about |only )?{_OLD}", at_age),
        rule(rf"(?:at the age of|at age|aged) {_OLD}", at_age),
        rule(rf"when i (?:turned|became) {_OLD}", turned),
        rule(rf"{_LEAD}i (?:was|turned|became) {_OLD}", turned),
        rule(rf"(?P<lead>in )my (?:(?P<part>early|mid|middle|late)[ -])?{_DECADE}", in_my),
        rule(r"(?P<lead>in )my teens", lambda _, __: at_ages(13, 19)),
        rule(rf"(?:as|when i was) an? (?:young |small |little )?(?P<who>{'|'.join(_YOUNG)})", when_young),
        rule(r"(?P<lead>in )my childhood", lambda _, __: at_ages(0, 12)),
        rule(rf"my (?P<nth>\d{{1,3}}(?:st|nd|rd|th)|{'|'.join(ORDINALS)}) birthday", nth_birthday),
        rule(
            rf"my (?:last |latest )?birthday(?:,? (?:in |of )?(?P<year>{YEAR}|last year|this year))?",
            any_birthday,
        ),
        rule(r"the year i was born", lambda _, __: year(born.year)),
        rule(r"the day i was born", lambda _, __: one(born)),
    )
