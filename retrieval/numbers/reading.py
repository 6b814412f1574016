"""A question → what is to be computed, or None when it is not one for numbers; pure.

The order: prose is recognised and left alone; a comparison's two sides, or the one time, are read and blanked
out; then the metric, a condition on its values and the function are named; at last every word must have been
understood. A question with a word that none of this explains ("the average pain after swimming") asks for
something narrower than code can select, so its answer is the person's own words, not a number about something
else. Only a word that says *which* pain, beside the metric's name, is left to be checked against the notes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from diary.model.number import Function
from diary.model.time_range import TimeRange
from retrieval.numbers.conditions import Condition, Unreadable, condition
from retrieval.numbers.functions import (
    COMPARATIVE,
    WHEN,
    Computation,
    aggregate,
    compared,
    is_change,
    is_value,
    when_asked,
)
from retrieval.numbers.metrics import Catalogue, Mention, Metric, Word, is_somebody, modifiers, named, words
from retrieval.numbers.selections import Selection, Sides, select, sides, since_then
from retrieval.numbers.times import TimeReader
from retrieval.numbers.understood import is_understood
from retrieval.numbers.well_known import MEDICINES, is_state
from retrieval.when.events import parse_events
from retrieval.when.ranges import parse_ranges
from retrieval.when.words import plain

LONGEST_QUESTION = 400

_SAYING = (
    "say|said|saying|tell|told|think|thought|feel|felt|mention\\w*|describ\\w*|explain\\w*"
    "|wrote(?! down)|written(?! down)|write(?! down)|about|gesagt|geschrieben"
)
_PROSE = re.compile(
    r"\b(?:why|who|whose|whom|where|warum|wieso|weshalb|wer|wo)\b"
    rf"|\b(?:{_SAYING})\b"
    r"|\b(?:what|how) (?:did|do|have|had) (?:i|we|he|she|they) (?:\w+ )?(?:notice|decide|learn|mean|note)d?\b"
    r"|\b(?:which|what) (?:month|year|season|weekday|day of the week)\b"
    r"|\bwelche[mnrs]? (?:monat|jahr|jahreszeit|wochentag)\b"
    r"|\b(?:what|which) time\b|\bwhat\b.*\bfor\W*$"
    r"|\b(?:costs?|price|pay|paid|owe|owed|charged?|rent|rental|fee|salary|borrow\w*|kostet|kosten)\b"
)
_GERMAN_MEAN = re.compile(r"\bdurchschnitts(?=[^\W\d_]{4})")  # of "Durchschnittsgewicht"; as long
# What he weighs is not what the person weighs, and code cannot tell who he is.
_SOMEBODY_ELSE = re.compile(
    r"\b(?:he|she|his|her|hers|him|seine?|ihre?)\b|\b(?:hat|ist|war|wiegt|schläft|schlief|wog) (?:er|sie)\b"
)
# "How many days between the first and the last": a stretch of time, not a number of observations.
_APART = re.compile(r"\b(?:between|apart|passed|elapsed|until|till|before|after|during)\b")
# "How many days was I on it" is told, not counted: a medicine is not noted on each day it is taken.
_TAKING = re.compile(
    r"\b(?:take|takes|took|taken|taking|log\w*|record\w*|noted?|doses?|tablets?|pills?|capsules?|times|often|oft|mal"
    r"|entries|readings?|last|latest|first|genommen)\b"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be computed.

    :ivar computation: of each selection; CHANGE for a course over time.
    :ivar selections: one, or two for a comparison.
    :ivar to_check: words that say which pain it is: the notes of the observations must know them.
    :ivar people: those of them that name somebody else ("how much does Anna weigh"): most of the notes must.
    :ivar unresolved: the words of a time whose event the notes do not tell, so that any time was taken.
    :ivar subject: the words that name the metric, as far as they stand together ("knee pain").
    """

    metric: Metric
    computation: Computation
    selections: tuple[Selection, ...]
    condition: Condition | None = None
    to_check: tuple[str, ...] = ()
    people: frozenset[str] = frozenset()
    subject: str = ""
    unresolved: str = ""

    @property
    def comparing(self) -> bool:
        """Whether two selections are compared."""
        return len(self.selections) == 2

    @property
    def range(self) -> TimeRange | None:
        """All the days that are asked about."""
        ranges = [one.range for one in self.selections]
        if None in ranges or not ranges:
            return None
        starts, ends = [one.start for one in ranges if one], [one.end for one in ranges if one]
        phrase = " / ".join(one.phrase for one in ranges if one and one.phrase)
        return TimeRange(
            None if None in starts else min(day for day in starts if day),
            None if None in ends else max(day for day in ends if day),
            phrase,
        )


def read(
    question: str, as_of: date, catalogue: Catalogue, times: TimeReader, given: TimeRange | None = None
) -> Asked | None:
    """What a question asks of the observations, or None when it is not for numbers.

    :param given: a range from elsewhere, which overrides the one in the words.
    """
    text = _GERMAN_MEAN.sub("durchschnitt ", plain(question[:LONGEST_QUESTION]))
    if not catalogue.keys or _PROSE.search(text) or _SOMEBODY_ELSE.search(text):
        return None
    pair = sides(text, as_of, times)
    if pair is not None and given is None:
        found = _comparison(pair, catalogue)
        if found is not None:
            return _as_written(found, question, text)
    chosen = select(text, as_of, times)
    selection = Selection(range=given, label="") if given else chosen.selection
    found = _single(chosen.left, selection, catalogue)
    if found is None and given is None and (turned := since_then(chosen)) is not None:
        found = _comparison(turned, catalogue)
    return None if found is None else _as_written(found, question, text)


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of all names of a metric in a range; None is any time."""

    range: TimeRange | None


_LISTING = re.compile(
    r"^(?:please |and )*(?:(?:what|which) |(?:list|name|show me) (?:all |every )?(?:of )?(?:my |the )?)"
    r"(?:medicines?|medications?|meds|drugs|tablets|pills)\b"
)


def listing(question: str, as_of: date, catalogue: Catalogue, given: TimeRange | None) -> Listing | None:
    """The time for which all medicines are asked for; None when a question asks for anything else."""
    text = plain(question[:LONGEST_QUESTION])
    if not _LISTING.search(text) or _PROSE.search(text):
        return None
    chosen = select(text, as_of, parse_ranges)
    mention = named(chosen.left, catalogue)
    if mention is None or mention.metric.key not in MEDICINES or mention.metric.name:
        return None
    if parse_events(question, as_of) or _understood(_ANY, chosen.left, mention, None) is None:
        return None
    return Listing(given or chosen.selection.range)


def _as_written(asked: Asked, question: str, text: str) -> Asked:
    """The same with labels in the question's own letters; plain text has the same length."""

    def written(label: str) -> str:
        place = text.find(label)
        return question[place : place + len(label)] if label and place >= 0 else label

    def ranged(one: Selection) -> Selection:
        used = one.range
        if used is not None:
            used = TimeRange(used.start, used.end, written(used.phrase))
        return replace(one, range=used, label=written(one.label))

    selections = tuple(ranged(one) for one in asked.selections)
    people = frozenset(word for word in asked.to_check if is_somebody(word, question))
    return replace(asked, selections=selections, people=people, subject=written(asked.subject))


def _comparison(pair: Sides, catalogue: Catalogue) -> Asked | None:
    mention = named(pair.left, catalogue)
    if mention is None:
        return None
    metric = mention.metric
    try:
        limit = condition(pair.left, metric.key, catalogue.unit(metric.key))
    except Unreadable:
        return None
    unit = catalogue.unit(metric.key)
    computation = compared(pair.left, metric.key, unit, named=metric.key in MEDICINES)
    if limit is not None:
        computation = replace(computation, function=Function.COUNT)
    asked = Asked(metric, computation, (pair.first, pair.second), limit)
    return _understood(asked, pair.left, mention, limit)


def _single(left: str, selection: Selection, catalogue: Catalogue) -> Asked | None:
    # The time and "the last five" are blank in `left`; a question for *when* needs its "last" all the same.
    mention = named(left, catalogue)
    if mention is None:
        return None
    metric, unit = mention.metric, catalogue.unit(mention.metric.key)
    try:
        limit = condition(left, metric.key, unit)
    except Unreadable:
        return None
    computation = _computation(left, metric, unit, selection, limit)
    if computation is None and limit is None and selection.range and _is_bare(left, mention):
        computation = _value(selection)
    if computation is None or _APART.search(_without(left, limit)):
        return None
    if computation.function in (Function.FIRST, Function.LAST) and selection.one:
        selection = replace(selection, first=0, last=0)
    if computation.function is Function.STREAK and selection.last == 1:
        computation, selection = replace(computation, latest=True), replace(selection, last=0)
    return _understood(Asked(metric, computation, (selection,), limit), left, mention, limit)


def _is_bare(left: str, mention: Mention) -> bool:
    """Whether a metric is named and nothing else ("mood in May"); a medicine has no value but its taking."""
    named_at = {word.start for word in mention.words}
    rest = [word.text for word in words(left) if word.start not in named_at]
    return mention.metric.key not in MEDICINES and set(rest) <= _JOINING


def _computation(
    left: str, metric: Metric, unit: str, selection: Selection, limit: Condition | None
) -> Computation | None:
    medicine = metric.key in MEDICINES
    if WHEN.search(left) and not re.search(r"\bwhen (?:i|we|my|the)\b(?!.*\?$)", left):
        place_words = left + (" last" if selection.last == 1 else " first" if selection.first == 1 else "")
        return when_asked(place_words, metric.key, conditional=limit is not None)
    adds_up = not unit.startswith("/") and not is_state(metric.key) and not medicine
    if medicine and not _TAKING.search(left):
        return None
    if (_FAR.search(left) and unit not in _DISTANCES) or (_LONG.search(left) and unit not in _LENGTHS):
        return None
    if limit is None and not medicine and _LOST.search(left):
        return Computation(Function.CHANGE)
    said = aggregate(left, metric.key, adds_up=adds_up, conditional=limit is not None)
    if said is not None and not (
        medicine and said.function is not Function.COUNT and said.function not in _OF_DOSES
    ):
        return said
    if selection.one:
        return Computation(Function.FIRST if selection.first else Function.LAST)
    if medicine:
        return None
    if limit is not None and _WHETHER.search(left):
        return Computation(Function.COUNT)
    if is_change(left) and limit is None:
        return Computation(Function.CHANGE)
    if limit is None and is_value(left) and not COMPARATIVE.search(left):
        return _value(selection)
    return None


_JOINING_WORDS = "my the in on for of during over at from im am vom mein meine der die das"
_JOINING = frozenset(_JOINING_WORDS.split())
_FAR = re.compile(
    r"\b(?:how far|wie weit)\b(?!.*\b(?:fallen|fall|come|came|gone|risen|moved|changed|up|down)\b)"
)
_LONG = re.compile(r"\b(?:how long|wie lange)\b(?! (?:ago|since|is it since|her))")
_DISTANCES = ("", "km", "mi", "m", "steps")
_LENGTHS = ("", "min", "h", "s", "days", "d")
_ANY = Asked(Metric("med"), Computation(Function.LAST), (Selection(),))
_LOST = re.compile(
    r"\b(?:how much|how many|by what)\b(?!.*\b(?:times|often|entries|days|nights)\b)"
    r".*\b(?:(?:am i|are we|is (?:my|it)(?: \w+)?) (?:down|up|lighter|heavier)"
    r"|lost|los(?:e|ing)|gain(?:ed|ing)?|put on|drop(?:ped)?|ros?en?|fell|fallen|grew|grown?|increased?"
    r"|decreased?|changed?|improved?)\b"
)
_WHETHER = re.compile(r"^\W*(?:did|do|does|have|has|was|were|is|am|hatte|habe|war) ")
_OF_DOSES = (Function.RATE, Function.STREAK, Function.MEAN, Function.MAX, Function.MIN, Function.SUM)


def _value(selection: Selection) -> Computation:
    used = selection.range
    if used is None or (used.start is not None and used.start == used.end):
        return Computation(Function.LAST)
    return Computation(Function.MEAN)


def _without(left: str, limit: Condition | None) -> str:
    """The words with blanks in the place of the condition."""
    if limit is None:
        return left
    return left[: limit.start] + " " * len(limit.words) + left[limit.start + len(limit.words) :]


def _understood(asked: Asked, left: str, mention: Mention, limit: Condition | None) -> Asked | None:
    """The same, when every word of the question is explained; else None."""
    spoken = words(_without(left, limit))
    places = {word.start for word in mention.words}
    unknown = [word for word in spoken if word.start not in places and not is_understood(word.text)]
    beside: list[Word] = modifiers(mention, spoken, unknown)
    if {word.start for word in unknown} - {word.start for word in beside}:
        return None
    named_by = sorted([*mention.words, *beside], key=lambda word: word.start)
    first, last = named_by[0].start, named_by[-1].end
    apart = any(
        word.start not in {one.start for one in named_by} for word in spoken if first < word.start < last
    )
    subject = left[mention.words[0].start : mention.words[0].end] if apart else left[first:last]
    return replace(asked, to_check=tuple(word.text for word in beside), subject=subject)
