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
_NAMED_YEAR = rf"(?:{YEAR}|last year|this year)"
OLDEST = 120
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
    life = _Life(born)
    return (
        rule(rf"(?:when|while) i (?:was|had been) (?:about |only )?{_OLD}", life.at_age),
        rule(rf"(?:at the age of|at age|aged) {_OLD}", life.at_age),
        rule(rf"when i (?:turned|became) {_OLD}", life.turned),
        rule(rf"{_LEAD}i (?:was|turned|became) {_OLD}", life.turned),
        rule(rf"(?P<lead>in )my (?:(?P<part>early|mid|middle|late)[ -])?{_DECADE}", life.decade),
        rule(r"(?P<lead>in )my teens", lambda _, __: life.ages(13, 19)),
        rule(rf"(?:as|when i was) an? (?:young |small |little )?(?P<who>{'|'.join(_YOUNG)})", life.young),
        rule(r"(?P<lead>in )my childhood", lambda _, __: life.ages(0, 12)),
        rule(rf"my (?P<nth>\d{{1,3}}(?:st|nd|rd|th)|{'|'.join(ORDINALS)}) birthday", life.nth_birthday),
        rule(rf"my (?:last |latest )?birthday(?:,? (?:in |of )?(?P<year>{_NAMED_YEAR}))?", life.any_birthday),
        rule(r"the year i was born", lambda _, __: year(born.year)),
        rule(r"the day i was born", lambda _, __: one(born)),
    )


class _Life:
    """The readings of a life that began on a day."""

    def __init__(self, born: date) -> None:
        self._born = born

    def birthday(self, age: int) -> date:
        """The day of an age; in common years on 28 February of who was born on the 29th."""
        return plus(self._born, age, "year")

    def ages(self, first: int, last: int) -> Days:
        """From one birthday to the day before another."""
        return Days(self.birthday(first), plus_days(self.birthday(last + 1), -1))

    def at_age(self, match: re.Match[str], _: date) -> Days | None:
        """When I was twelve."""
        age = number(match["age"])
        return self.ages(age, age) if age <= OLDEST else None

    def turned(self, match: re.Match[str], _: date) -> Days:
        """When I turned forty."""
        return one(self.birthday(number(match["age"])))

    def decade(self, match: re.Match[str], _: date) -> Days:
        """In my (early) thirties."""
        tens = int(match["tens"]) if match["tens"] else _TENS.index(match["word"]) + 2
        whole = self.ages(10 * tens, 10 * tens + 9)
        part = match["part"]
        return third(whole, {"early": 0, "mid": 1, "middle": 1, "late": 2}[part]) if part else whole

    def young(self, match: re.Match[str], _: date) -> Days:
        """As a child."""
        return self.ages(*_YOUNG[match["who"]])

    def nth_birthday(self, match: re.Match[str], _: date) -> Days:
        """My 40th birthday."""
        word = match["nth"]
        return one(self.birthday(ORDINALS[word] if word in ORDINALS else int(re.sub(r"\D", "", word))))

    def any_birthday(self, match: re.Match[str], as_of: date) -> Days:
        """My birthday: the latest, or that of a year."""
        named = year_named(match["year"], as_of)
        if named is not None:
            return one(self.birthday(named - self._born.year))
        latest = self.birthday(as_of.year - self._born.year)
        return one(latest if latest <= as_of else self.birthday(as_of.year - self._born.year - 1))
