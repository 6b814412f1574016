"""The forms in which numbers are told, one for each way of telling a metric, and the line each makes; pure.

A form is a regular expression over a line of words and numbers (`spoken_numbers.Line`), in which `<0>` is a
number. What stands between the metric and its number is taken from short lists (“was about a …”), so that
“lost two kilos” or “pain two days ago” is no value. Whether a number is the person's own is not here:
`spoken_whose`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from ingest.observations.metrics import METRICS, Form
from ingest.observations.spoken_numbers import Line, Told
from ingest.observations.units import unit_named

_ABOUT = (
    r"(?:(?:about|around|roughly|approximately|nearly|almost|only|just|maybe|perhaps|a|an|circa|etwa|nur|rund"
    r"|ungefähr) ){0,6}"
)
_IS = (
    r"(?:(?:levels?|score|rating|readings?|count|today|tonight|now|right now|currently|this (?:morning"
    r"|evening"
    r"|afternoon)|last night|overnight|is|was|were|are|of|at|read|reads|measured|still|as|it|came out|like"
    r"|(?:before|after) (?:breakfast|lunch|dinner|supper|food|meals|bed|work)"
    r"|liegt bei|lag bei|war|ist|bei|heute|von|[:,=]) ){0,6}"
)
_IS_PLAINLY = (
    r"(?:(?:levels?|score|rating|today|tonight|now|right now|this (?:morning|evening|afternoon)|last night"
    r"|is|was"
    r"|a|an|of|still|only|just|maybe|like|war|ist|eine?|heute|[:,=]) ){0,6}"
)
_THE_END = (
    r"(?= (?:[.,;!)\n\u2026\u2013\u2014]|and|but|so|today|tonight|now|this|when|after|with|again|at|then"
    r"|last night|und"
    r"|aber|heute)(?: |\Z)|\Z)"
)
_A, _B = r"<(?P<a>\d+)>", r"<(?P<b>\d+)>"
_MINUTES = r"(?:minutes?|mins?|min|m|minuten)\b"
_HOURS = (
    rf"(?:{_A} (?:an? )?(?:hours?|hrs?|h|stunden?|std)\b(?: (?:and |und )?(?:{_B} {_MINUTES}"
    rf"|<(?P<bare>\d+)>(?:(?= (?:of )?sleep\b| geschlafen\b)|{_THE_END})))?"
    rf"|<(?P<minutes>\d+)> {_MINUTES})"
)
_CLOCK = rf"<(?P<clock>\d+)> : <(?P<past>\d+)>{_THE_END}"
_HOW = (
    r"(?:(?:(?:well|badly|poorly|fine|okay|soundly|terribly|gut|schlecht)(?: ,)?|straight|through|for) ){0,4}"
)
_OUT_OF = r"(?:out of|of|/|over|von)"
_PLACE = (
    r"(?P<place>lower back|knee|back|neck|head|hip|shoulder|stomach|chest|leg|foot|hand|wrist|jaw|tooth|ear"
    r"|joint"
    r"|muscle|nerve|period|belly|ankle|elbow|arm|finger|thumb|heel)"
)
_WEIGHT = (
    r"(?P<unit>kilos?|kilograms?|kilogrammes?|kgs?|pounds?|lbs?|stones?)"
    r"(?: <(?P<more>\d+)>(?: (?:pounds?|lbs?))?)?"
)
_COUNTED = r"tablets?|capsules?|pills?|puffs?|drops?|sprays?|sachets?"
_SMALL_MASS = r"mg|milligrams?|mcg|micrograms?|milligramm|mikrogramm"
_DOSE_UNIT = rf"(?:{_SMALL_MASS}|g|grams?|ml|millilit(?:re|er)s?|units?|{_COUNTED})\b"
_NO_NAME = (
    r"(?!(?:of|the|my|a|an|at|in|on|and|or|for|with|this|that|it|more|each|before|after|again|today|tonight"
    r"|last|every|when|because|then|to|from|twice|once|later|him|her|them|me|about|only|just|another"
    r"|(?:tablet|capsule|pill|puff|drop|spray|sachet|dose|patch|photograph|med|medicine|medication)e?s?)\b)"
)
_MEDICINE = rf"{_NO_NAME}(?:vitamin [a-z]\b|(?:folic |fish )?[^\W\d_][\w'-]{{2,}})"
_DOSE = re.compile(
    r"(?: (?:(?:this|last) (?:morning|afternoon|evening|night)|today|tonight|at (?:night|bedtime|noon"
    r"|lunch)|before bed))?"
    rf"(?: ,)?(?: (?:and|plus|then|und))?(?: (?:my|the|a|another|about|only|just|meds|medicines?|medication"
    rf"|tablets|pills|,)){{0,4}} "
    rf"(?:<(?P<n>\d+)> (?:an? )?(?P<u>{_DOSE_UNIT}) (?:(?:tablets?|capsules?|pills?) )?(?:of )?(?:my "
    rf"|the )?(?P<name>{_MEDICINE})"
    rf"|(?P<before>{_MEDICINE}) (?:, )?<(?P<n2>\d+)> (?P<u2>{_DOSE_UNIT})(?! of\b))"
)

_ENGLISH = {key: metric.keys[0] for metric in METRICS if metric.form is Form.RATING for key in metric.keys}
_GERMAN = (
    *("stimmung", "migräne", "kopfschmerz", "kopfschmerzen", "angst", "übelkeit", "müdigkeit", "energie"),
    *("schmerz", "schmerzen"),
)
_RATED = {**_ENGLISH, **{key: key for key in _GERMAN}, "pains": "pain"}
_RATING = rf"(?P<key>{'|'.join(sorted(_RATED, key=len, reverse=True))})\b"

LEAST_STEPS = 100
"""“Took three steps back” is no count of a day."""
LEAST_SCALE = 3
_LEAST_BARE_MINUTES = 5


@dataclass(frozen=True, slots=True)
class Found:
    """What stands between two places of the `Line`, as the line of a field.

    :ivar did: place of the verb that says what was done; None when none does.
    """

    start: int
    end: int
    line: str
    did: int | None = None


Made = Callable[[re.Match[str], Line], str | None]


def found_in(line: Line, text: str) -> Iterator[Found]:
    """What is told, form by form; some of it twice."""
    for pattern, made, verb in _FORMS:
        for match in pattern.finditer(line.text):
            offered = made(match, line)
            if offered is not None:
                yield Found(match.start(), match.end(), offered, match.start() if verb else None)
    yield from _doses(line, text)


def _number(match: re.Match[str], line: Line, name: str = "a") -> Told:
    return line.numbers[int(match[name])]


def _duration(key: str) -> Made:
    def made(match: re.Match[str], line: Line) -> str | None:
        minutes = _minutes(match, line)
        if minutes is None or minutes <= 0:
            return None
        hours, rest = divmod(minutes, 60)
        told = "h".join(part for part in (str(hours) if hours else "", f"{rest}m" if rest else "") if part)
        return f"{key}:: {told if rest else f'{hours}h'}"

    return made


def _minutes(match: re.Match[str], line: Line) -> int | None:
    """The whole minutes of `_HOURS` or `_CLOCK`; None when it says none."""
    told = {name: line.numbers[int(place)].value for name, place in match.groupdict().items() if place}
    first = told.get("a", told.get("clock"))
    if first is None:
        return int(told["minutes"]) if told["minutes"] == int(told["minutes"]) else None
    more = told.get("b", told.get("bare", told.get("past", Decimal(0))))
    if 0 < more < 1:
        more *= 60  # “six hours and a half”
    elif more >= 60 or more != int(more) or ("bare" in told and more < _LEAST_BARE_MINUTES):
        return None
    if more and first != int(first):
        return None
    return round(first * 60 + more)


def _rated(match: re.Match[str], line: Line) -> str | None:
    value, scale = _number(match, line), _number(match, line, "b")
    if not (
        0 <= value.value <= scale.value and scale.value >= LEAST_SCALE and scale.value == int(scale.value)
    ):
        return None
    place = match["place"] if "place" in match.re.groupindex else None
    return f"{_RATED[match['key']]}:: {value.written}/{scale.written}{f' {place}' if place else ''}"


def _rated_plainly(match: re.Match[str], line: Line) -> str | None:
    place = f" {match['place']}" if match["place"] else ""
    return f"{_RATED[match['key']]}:: {_number(match, line).written}{place}"


def _pressure(match: re.Match[str], line: Line) -> str | None:
    high, low = _number(match, line), _number(match, line, "b")
    return f"bp:: {high.written}/{low.written}" if high.value > low.value else None


def _valued(key: str, unit: str = "") -> Made:
    def made(match: re.Match[str], line: Line) -> str | None:
        said = match["unit"] if "unit" in match.re.groupindex else None
        written = _UNITS.get(said) or _UNITS[said.removesuffix("s")] if said else unit
        return f"{key}:: {_number(match, line).written} {written}".rstrip()

    return made


_UNITS = {
    **dict.fromkeys(("kilo", "kilogram", "kilogramme", "kg"), "kg"),
    **dict.fromkeys(("pound", "lb"), "lb"),
    **dict.fromkeys(("celsius", "centigrade", "c"), "°C"),
    **dict.fromkeys(("fahrenheit", "f"), "°F"),
}
"""What units are called when they are said, in the singular."""


def _weight(match: re.Match[str], line: Line) -> str | None:
    unit, more = match["unit"], match["more"]
    if unit.startswith("stone"):
        pounds = f" {line.numbers[int(more)].written} lb" if more else ""
        return f"weight:: {_number(match, line).written} st{pounds}"
    return None if more else _valued("weight")(match, line)


def _glucose(match: re.Match[str], line: Line) -> str | None:
    said = match["unit"]
    unit = "" if said is None else "mg/dL" if said.startswith(("milligram", "mg")) else "mmol/L"
    return f"glucose:: {_number(match, line).written} {unit}".rstrip()


def _steps(match: re.Match[str], line: Line) -> str | None:
    steps = _number(match, line)
    if steps.value < LEAST_STEPS or steps.value != int(steps.value):
        return None
    return f"steps:: {steps.written}"


def _doses(line: Line, text: str) -> Iterator[Found]:
    """What was taken, one after the other behind one verb."""
    for verb in _TOOK.finditer(line.text):
        start, end = verb.start(), verb.end()
        while match := _DOSE.match(line.text, end):
            which = "name" if match["name"] else "before"
            first, last = line.span(match.start(which), match.end(which))
            said = match["u"] or match["u2"]
            unit = unit_named(said) if verb.group() not in _OF_MEALS_TOO or _OF_MEDICINE.match(said) else None
            number = line.numbers[int(match["n"] or match["n2"])]
            end = match.end()
            if unit is not None:
                offered = f"med:: {' '.join(text[first:last].split())} {number.written} {unit.symbol}"
                yield Found(start, end, offered, verb.start())
            start = end


_OF_MEALS_TOO = ("had", "used")
_OF_MEDICINE = re.compile(rf"(?:{_SMALL_MASS}|{_COUNTED})\Z")
_TOOK = re.compile(r"\b(?:took|taken|swallowed|injected|inhaled|used|had)\b")
_FORMS: tuple[tuple[re.Pattern[str], Made, bool], ...] = tuple(
    (re.compile(rf"(?<![\w<']){pattern}"), made, verb)
    for pattern, made, verb in (
        (rf"slept (?:[:=] )?{_HOW}{_ABOUT}{_HOURS}", _duration("sleep"), True),
        (rf"slept (?:for )?{_CLOCK}", _duration("sleep"), True),
        (rf"sleep {_IS_PLAINLY}{_ABOUT}{_HOURS}", _duration("sleep"), False),
        (rf"(?:(?:got|had|managed) )?{_ABOUT}{_HOURS} (?:of )?sleep\b", _duration("sleep"), True),
        (
            rf"(?:habe |hab )?{_HOW}{_ABOUT}{_HOURS} (?:gut |schlecht )?geschlafen\b",
            _duration("schlaf"),
            True,
        ),
        (rf"(?:schlaf {_IS}|geschlafen ){_ABOUT}{_HOURS}", _duration("schlaf"), False),
        (rf"(?:{_PLACE} )?{_RATING} {_IS}{_ABOUT}{_A} {_OUT_OF} {_B}", _rated, False),
        (rf"{_A} {_OUT_OF} {_B} (?:for |on )?(?:the |my )?(?:{_PLACE} )?{_RATING}", _rated, False),
        (rf"(?:{_PLACE} )?{_RATING} {_IS_PLAINLY}{_A}{_THE_END}", _rated_plainly, False),
        (rf"(?:blood pressure|bp|b p|blutdruck) {_IS}{_ABOUT}{_A} (?:over|/|on|zu) {_B}", _pressure, False),
        (
            rf"(?:heart rate|heartrate|pulse|puls) {_IS}{_ABOUT}{_A}(?: beats(?: (?:a|per) minute)?| bpm)?",
            _valued("pulse"),
            False,
        ),
        (rf"(?:weight|gewicht) {_IS}{_ABOUT}{_A} {_WEIGHT}", _weight, False),
        (rf"weight {_IS_PLAINLY}{_A}{_THE_END}", _valued("weight"), False),
        (rf"(?:weigh|weighed)(?: in)? {_IS}{_ABOUT}{_A} {_WEIGHT}", _weight, True),
        (
            rf"(?:temperature|temp|fever|fieber|temperatur) {_IS}{_ABOUT}{_A}(?: degrees?| grad)?"
            r"(?: (?P<unit>celsius|centigrade|c|fahrenheit|f)\b)?",
            _valued("temperature"),
            False,
        ),
        (
            rf"(?:blood glucose|blood sugar|glucose|blutzucker) {_IS}{_ABOUT}{_A}"
            r"(?: (?P<unit>millimoles?(?: (?:per|a) lit(?:re|er))?|mmol(?: / l)?|mg / dl"
            r"|milligrams per decilit(?:re|er)))?",
            _glucose,
            False,
        ),
        (
            rf"(?:oxygen saturation|oxygen|saturation|sats) {_IS}{_ABOUT}{_A}(?: percent| %)?",
            _valued("spo2", "%"),
            False,
        ),
        (rf"(?:steps|step count|schritte) {_IS}{_ABOUT}{_A}{_THE_END}", _steps, False),
        (rf"(?:walked|did|took|made|got|managed|done) {_ABOUT}{_A} steps\b", _steps, True),
    )
)
