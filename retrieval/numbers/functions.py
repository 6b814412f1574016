"""What a question asks to be computed; pure, over text whose times are blanked out.

The order matters: a rate is also a count, a comparison also a mean. What no pattern names is not computed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from diary.model.number import Function
from retrieval.numbers.well_known import Better, better, happens, is_speed, is_state


def _any(phrases: str) -> str:
    """A pattern for any of these phrases, which stand between bars, as whole words."""
    return rf"\b(?:{'|'.join(phrase.strip() for phrase in phrases.split('|'))})\b"


_SINCE_WHEN = (
    r"how (?:long|many (?:days|nights|weeks|months|years)) (?:ago|since|is it since|has it been since)"
    r"|wie (?:lange|viele (?:tage|wochen|monate)) (?:her|seit)"
)
WHEN = re.compile(
    _any(
        r"when|wann|(?:what|which) (?:day|date|night|morning|entry)|an welchem tag"
        rf"|{_SINCE_WHEN}"
    )
)
_ENTRY_OF = re.compile(_any("when|wann|(?:what|which) (?:day|date|night|morning|week|entry)"))
_LAST_TIME = re.compile(
    _any(rf"last|most recent|most recently|latest|zuletzt|letzte[nsr]? mal|{_SINCE_WHEN}")
)
_FIRST_TIME = re.compile(_any("first|earliest|zuerst|erste[nsr]? mal"))

_WORST = _any(r"worst|schlimmste\w*|schlechteste\w*")
_BEST = _any(r"best|beste\w*")
_MAX = _any(
    "highest|maximum|max|longest|largest|biggest|greatest|peak|heaviest|strongest|furthest|farthest|record"
    r"|most(?! recent)|höchste\w*|längste\w*|schwerste\w*|stärkste\w*|größte\w*"
)
_MIN = _any(
    "lowest|minimum|min|shortest|briefest|smallest|lightest|mildest|weakest|(?<!at )least|fewest"
    r"|niedrigste\w*|tiefste\w*|kürzeste\w*|wenigste\w*|schwächste\w*|kleinste\w*"
)
_SLOWEST = _any(r"slowest|langsamste\w*")
_FASTEST = _any(r"fastest|quickest|schnellste\w*")
_MEAN = _any(
    r"average|averages|averaged|averaging|mean|typical|typically|usual|usually|normally"
    r"|durchschnitt\w*|im schnitt|mittel|normalerweise|gewöhnlich"
)
_SUM = _any("total|totals|totalled|in all|altogether|all told|sum|summed|insgesamt|adds? up")
_STREAK = _any(
    "streaks?|in a row|consecutive|(?:running|straight) (?:days|nights)|(?:days|nights) (?:running|straight)"
    "|hintereinander"
)
_HOW_MANY = _any("how many|how often|number of|count of|count|wie ?viele|wie oft|anzahl|tally")
_UNITS_ASKED = _any(
    r"(?:how many|wie ?viele?) (?:hours|hrs|minutes|mins|kilos|kilograms|kgs?|pounds|lbs|stone|points|beats"
    r"|degrees|stunden|minuten|kilo|kilogramm|pfund|punkte|grad)"
)
_OFTEN = _any("how often|wie oft|how many times")
_NOTED = _any("log|logged|note|noted|record|recorded|write|written|wrote|entries|readings?|notiert")
_HOW_MUCH = _any("how much|how long|how far|wie ?viel|wie lange")
_STANDING = re.compile(r"\bhow much (?:is|are|was|were)\b")
_PER = re.compile(
    r"\b(?:per|a|an|each|every|pro) (?P<unit>day|night|week|month|year|tag|woche|monat|jahr)\b(?! ago)"
    r"|\b(?P<adverb>daily|nightly|weekly|monthly|yearly)\b"
)
_UNITS = {"night": "day", "nightly": "day", "daily": "day", "weekly": "week", "monthly": "month"}
_UNITS |= {"yearly": "year", "tag": "day", "woche": "week", "monat": "month", "jahr": "year"}

_TURNED = (
    r"chang\w*|mov(?:e[sd]?|ing)|gone|going|goe?s?|grow[ns]?|grew|growing|develop\w*|evolved|ris(?:e|en|ing)|rose"
    r"|fall(?:en|ing)?|fell|drop(?:ped|ping)?|improv(?:e|ed|ing)|worsen(?:ed|ing)?|progress(?:ed|ing)?"
    r"|increas(?:e|ed|ing)|decreas(?:e|ed|ing)|lost|los(?:e|ing)|gain(?:ed|ing)?|put on|trend\w*"
    r"|c[oa]m(?:e|ing) (?:down|up)|crept|climb(?:ed|ing)|shift(?:ed|ing)|verändert|entwickelt"
)
_TURNING = r"getting|becoming|got|gotten|get|become|became|grown?|grew|growing"
_CHANGE = re.compile(
    rf"\b(?:how|has|have|did|is|are|am|was|were|what|show|by|much|many|wie|hat|haben)\b.*\b(?:{_TURNED})\b"
    rf"|\bwhat (?:has|have|is|are|did) (?:my|the) .*\b(?:done|do|doing)\b"
    rf"|\b(?:trend|change|development|progress|verlauf|course)\b"
    rf"|\b(?:{_TURNING})\b (?:any |much |a (?:bit|little) )?(?:\w+er|worse|more|less)\b"
)
_OFTENER = _any("rarer|rarely|(?:more|less) (?:often|frequent|frequently)|seltener|häufiger|öfter")
_NUMEROUS = re.compile(r"\b(?:more|fewer|weniger|mehr) (?!than\b|als\b)")
COMPARATIVE = re.compile(
    _any(
        "more|less|fewer|better|worse|rarer|higher|lower|longer|shorter|milder|heavier|lighter|bigger|smaller"
        "|greater|stronger|weaker|calmer|happier|sadder|faster|slower|steadier|mehr|weniger|besser|schlechter"
        "|länger|kürzer|höher"
    )
)
_VALUE = re.compile(
    r"^(?:and |so |please )*(?:what(?:'s| is| was| were| are)|how (?:high|low|heavy)|what (?:did|do) i"
    r"|how much (?:did|do|does|is|was)|how long did|how (?:many|much|far)|current|my|the|show|tell|give"
    r"|wie (?:war|ist|hoch|schwer|viel)|was war)\b"
)
# "How many hours a day" does not count days.
COUNTED = re.compile(
    r"(?<!\ba )(?<!\ban )(?<!\bper )(?<!\beach )(?<!\bevery )(?<!\bpro )"
    r"\b(?P<what>entries|entry|notes?|days?|nights?|mornings?|times?|readings?|measurements?|scores?|sessions?"
    r"|doses?|tablets?|pills?|einträge|tage|nächte|mal)\b"
)
_DONE_FOR = ("min", "km", "mi", "m")
_DAY_WORDS = {"day": "days", "night": "nights", "morning": "mornings", "tage": "days", "nächte": "nights"}
_ENTRY_WORDS = {"entry", "entrie", "note", "einträge"}


@dataclass(frozen=True, slots=True)
class Computation:
    """What is to be computed.

    :ivar function: of one selection; of a comparison, what each side is.
    :ivar per: "day", "week", "month" or "year" of a rate.
    :ivar counted: "days", "nights" or "mornings" (each day once), "entries" or "" (observations) of a count.
    :ivar dated: the question asks when, so that the row matters more than the value.
    :ivar latest: of a streak, the latest one and not the longest.
    """

    function: Function
    per: str = ""
    counted: str = ""
    dated: bool = False
    latest: bool = False


def extreme(text: str, key: str) -> Function | None:
    """MAX or MIN when plain text asks for one."""
    if re.search(_MAX, text):
        return Function.MAX
    if re.search(_MIN, text):
        return Function.MIN
    if re.search(_SLOWEST, text):
        return Function.MIN if is_speed(key) else Function.MAX  # a slow run takes long
    if re.search(_FASTEST, text):
        return Function.MAX if is_speed(key) else Function.MIN
    lower = better(key) is Better.LOWER
    if re.search(_WORST, text):
        return Function.MAX if lower else Function.MIN
    if re.search(_BEST, text):
        return Function.MIN if lower else Function.MAX
    return None


def when_asked(text: str, key: str, *, conditional: bool) -> Computation | None:
    """For a question that asks when: the last, the first, the extreme, or all that meet the condition."""
    if not WHEN.search(text):
        return None
    found = extreme(text, key)
    if found is not None and _ENTRY_OF.search(text):
        return Computation(found, dated=True)
    if _LAST_TIME.search(text):
        return Computation(Function.LAST, dated=True)
    if _FIRST_TIME.search(text):
        return Computation(Function.FIRST, dated=True)
    return Computation(Function.COUNT, dated=True) if conditional else None


def aggregate(text: str, key: str, *, adds_up: bool, conditional: bool) -> Computation | None:
    """What a question about one stretch of time asks for, or None.

    :param adds_up: whether the metric's values are amounts, whose sum says something.
    """
    per = _per(text)
    if re.search(_STREAK, text):
        return Computation(Function.STREAK)
    if re.search(r"\bmedian\b", text):
        return Computation(Function.MEDIAN)
    if re.search(_HOW_MANY, text):
        if happens(key) and not conditional and re.search(_OFTEN, text) and not re.search(_NOTED, text):
            return Computation(Function.RATE if per else Function.SUM, per=per)
        return _counting(text, per, adds_up=adds_up and not conditional)
    if re.search(_MEAN, text):
        return Computation(Function.MEAN)
    found = extreme(text, key)
    if found is not None:
        return Computation(found)
    if re.search(_SUM, text):
        return Computation(Function.SUM)
    if re.search(_HOW_MUCH, text) and adds_up and not _STANDING.search(text):
        return Computation(Function.RATE if per else Function.SUM, per=per)
    return None


def _counting(text: str, per: str, *, adds_up: bool) -> Computation | None:
    """ "How many": observations, entries or days of a score; but the sum of what is itself an amount.

    "How many hours" of sleep, or kilos, asks for values: their mean or sum when it says so, else None.
    """
    if not adds_up and re.search(_UNITS_ASKED, text) and not COUNTED.search(text):
        if re.search(_MEAN, text) or per:
            return Computation(Function.MEAN)
        return Computation(Function.SUM) if re.search(_SUM, text) else None
    match = COUNTED.search(text)
    what = match["what"].rstrip("s") if match else ""
    often = re.search(_OFTEN, text) is not None
    if adds_up and not match and not often:
        if re.search(_MEAN, text):
            return Computation(Function.MEAN)
        return Computation(Function.RATE if per else Function.SUM, per=per)
    if per and what not in _DAY_WORDS:
        return Computation(Function.RATE, per=per, counted="times")
    counted = _DAY_WORDS.get(what) or ("entries" if what in _ENTRY_WORDS else "")
    return Computation(Function.COUNT, counted=counted)


def _per(text: str) -> str:
    match = _PER.search(text)
    if match is None:
        return ""
    word = match["unit"] or match["adverb"]
    return _UNITS.get(word, word)


def is_change(text: str) -> bool:
    """Whether plain text asks how something went over time."""
    return _CHANGE.search(text) is not None


def compared(text: str, key: str, unit: str, *, named: bool) -> Computation:
    """What each side of a comparison is: what is named, else a count of "fewer" or "rarer", else the mean.

    "Fewer" of a score counts its observations; of steps it is about the values themselves. "More" of what is
    done for a time or a distance is its sum.

    :param named: whether the metric is a medicine, of which there is nothing but the taking.
    """
    if re.search(_SUM, text):
        return Computation(Function.SUM)
    if re.search(r"\bmedian\b", text):
        return Computation(Function.MEDIAN)
    if named or _counts_more(text, rating=unit.startswith("/")):
        match = COUNTED.search(text)
        what = match["what"].rstrip("s") if match else ""
        return Computation(Function.COUNT, counted=_DAY_WORDS.get(what, ""))
    if not re.search(_MEAN, text):
        found = extreme(text, key)
        if found is not None:
            return Computation(found)
        if unit in _DONE_FOR and not is_state(key) and re.search(r"\b(?:more|less|mehr|weniger)\b", text):
            return Computation(Function.SUM)
    return Computation(Function.MEAN)


def _counts_more(text: str, *, rating: bool) -> bool:
    if re.search(_OFTENER, text) or re.search(_HOW_MANY, text):
        return True
    return rating and _NUMEROUS.search(text) is not None


def is_value(text: str) -> bool:
    """Whether plain text asks for nothing but a metric's value."""
    return _VALUE.search(text) is not None
