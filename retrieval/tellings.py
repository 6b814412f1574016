"""Which day a passage of a diary tells an event to have happened on; pure.

A passage votes for days: its entry's own, unless it looks forward ("the operation is booked", "I may need")
or back ("first time since the operation"); a day it names ("Thursday 10 April", "yesterday"), taken as future
or past by its weekday or by what surrounds it; and a day so long ago as it says ("three days after the
operation", "nine months to the day since"). The votes are weighed by how much the passage is about the event.
Not here: how passages are found (`retrieval.events`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from retrieval.sentences import sentences
from retrieval.stems import plain_words, stem
from retrieval.stop_words import content_words
from retrieval.when.periods import plus
from retrieval.when.ranges import parse_ranges
from retrieval.when.words import MONTH, NUMBER, WEEKDAY, listed, number, plain, weekday_number

IN_FRONT, BEHIND = 45, 20
"""Characters beside a word of the event in which it is said to be past or to come."""
HALF_NAMED, UNNAMED, TOLD_TWICE = 0.5, 0.6, 1.4
LEAST_ABOUT, LEAST_ABOUT_TO_NAME = 0.2, 0.3
KIN_SHARE = 0.6
WORDS_SHARE, MEANING_SHARE, RANK_SHARE = 0.4, 0.3, 0.3

# What happens to a person is told in other words than it is asked for.
_KIN: tuple[frozenset[str], ...] = tuple(
    frozenset(words.split())
    for words in (
        "operation operated op surgery surgeon keyhole theatre anaesthetic anesthetic",
        "fall fell fallen slipped tripped tumble",
        "wedding married marriage",
        "move moved moving",
        "birth born",
        "death died funeral",
        "diagnosis diagnosed",
        "accident crash crashed collision",
        "discharge discharged",
        "baby pregnancy pregnant",
        "divorce divorced separation separated",
        "holiday vacation trip",
        "exam test",
        "jab vaccination vaccine vaccinated",
        "walk walked hike hiked",
        "run ran race",
        "message text wrote",
        "visit visited",
    )
)

_FORWARD = re.compile(
    r"\b(?:will|'ll|won't|going to|gonna|shall|booked|booking|appointment|option|would|'d|might|may|next"
    r"|tomorrow|soon|plan|planning|waiting|scheduled|if|must|should|need|needs|want|wants|hope|hoping|target"
    r"|goal|goals|ahead|until|till|coming up|date for|due|starts|begins|wird|werde|morgen|nächste[nrs]?)\b"
)
_BACK = re.compile(
    r"\b(?:since|after|afterwards|ago|remember|remembered|anniversary|before|used to|back then"
    r"|last (?:week|month|year|spring|summer|autumn|winter)|last time|had been|i'd|nearly \w+ weeks? of"
    r"|weeks? of|months? of|from (?:the|my|our)"
    r"|seit|nach|damals)\b"
)
_NOW = re.compile(
    r"\b(?:today|tonight|this (?:morning|afternoon|evening)|just|finally|at last|heute|day one|first day)\b"
)
_SO_LONG = re.compile(
    rf"\b(?P<count>{NUMBER}|the) (?P<unit>day|week|month|year)s?(?P<exact> to the day)?"
    r" (?:(?:on )?(?:after|since)|(?:on|post)) (?P<rest>[^.;!?]{0,60})"
)
_A_WORD = re.compile(r"[^\W\d_]+")
_A_DATE = re.compile(rf"(?<!\w)(?:{MONTH}|the \d{{1,2}}(?:st|nd|rd|th))")
_MAY_NAME = re.compile(
    rf"(?<!\w)(?:{MONTH}|{WEEKDAY}|yesterday|last night|days? ago|day before|\d{{4}}-\d|\d[./]\d|the \d"
    r"|gestern|vorgestern|ayer|hier|christmas|easter|new year)"
)
_HAS_WEEKDAY = re.compile(rf"(?<!\w)(?P<weekday>{WEEKDAY})")


@dataclass(frozen=True, slots=True)
class Telling:
    """A passage that may tell of the event.

    :ivar nearness: cosine of the event and the passage. :ivar rank: its score by that of the best, 0 to 1.
    """

    text: str
    title: str
    day: date
    entry: int
    nearness: float
    rank: float


@dataclass(frozen=True, slots=True)
class Vote:
    """A day that the passage at `place` speaks for, and how well, 0 to about 1; `own` is its entry's day."""

    day: date
    weight: float
    place: int
    own: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """The day chosen, how sure it is (0 to 1), and the place of the passage that tells it best."""

    day: date
    confidence: float
    place: int


_BEGINNING = frozenset(
    listed(
        "start started starting begin began beginning begun first went go going put got get took take taking"
        " last"
    )
)


def event_words(event: str) -> list[str]:
    """The content words of an event, without those of its beginning."""
    words = [word for word in content_words(event) if word not in _BEGINNING]
    return words or content_words(event)


def kin_of(words: Iterable[str]) -> list[str]:
    """Other words by which the event may be told."""
    known = set(words)
    return sorted({other for kin in _KIN if kin & known for other in kin} - known)


def choose_day(tellings: Sequence[Telling], weights: Mapping[str, float], *, earliest: bool) -> Choice | None:
    """The day that the passages together tell, or None when none is about the event.

    :param weights: of each content word of the event, how much it says.
    :param earliest: of days nearly as good, the first: for what began.
    """
    cast = list(_votes(tellings, _Event(weights)))
    support = _support(cast, tellings)
    if not support:
        return None
    best = max(support.values())
    enough = 0.75 if earliest else 1.0
    day = min(day for day, weight in support.items() if weight >= enough * best)
    # What began is told of again and again; what happened once is not.
    rivals = (
        weight * (0.5 if earliest and other > day else 1.0)
        for other, weight in support.items()
        if abs((other - day).days) > 1
    )
    rival = min(max(rivals, default=0.0) / support[day], 1.0)
    telling = max((vote for vote in cast if vote.day == day), key=lambda vote: (vote.weight, vote.own))
    return Choice(day, min(support[day], 1.0) * (1 - rival**2), telling.place)


class _Event:
    """The words of an event, by their stems."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        self._weights = {stem(word): (weight, self._kin(word)) for word, weight in weights.items()}
        self._total = sum(weights.values())
        self._read: dict[str, set[str]] = {}

    @staticmethod
    def _kin(word: str) -> frozenset[str]:
        return frozenset(stem(other) for other in kin_of([word]))

    def covered(self, text: str) -> float:
        """Share of the weight whose words stand in the text; kin count half."""
        if self._total <= 0:
            return 0.0
        stems = self._read.get(text)
        if stems is None:
            stems = self._read[text] = {stem(word) for word in plain_words(text)}
        shares = (
            weight * (1.0 if word in stems else KIN_SHARE if kin & stems else 0.0)
            for word, (weight, kin) in self._weights.items()
        )
        return sum(shares) / self._total

    def beside(self, text: str) -> str:
        """What stands beside the words of the event; the whole text when it has none of them."""
        known = set(self._weights).union(*(kin for _, kin in self._weights.values()))
        places = [match.span() for match in _A_WORD.finditer(text) if stem(match[0]) in known]
        pieces = [text[max(0, first - IN_FRONT) : last + BEHIND] for first, last in places]
        return " | ".join(pieces) if pieces else text

    def about(self, telling: Telling) -> float:
        """How much a passage is about the event, 0 to 1."""
        words = max(self.covered(telling.text), 0.8 * self.covered(f"{telling.title} {telling.text}"))
        meaning = min(max((telling.nearness - 0.15) / 0.45, 0.0), 1.0)
        return WORDS_SHARE * words**2 + MEANING_SHARE * meaning + RANK_SHARE * telling.rank


def _votes(tellings: Sequence[Telling], event: _Event) -> Iterator[Vote]:
    about = [event.about(telling) for telling in tellings]
    of_entry: dict[int, float] = {}
    for telling, share in zip(tellings, about, strict=True):
        of_entry[telling.entry] = max(share, of_entry.get(telling.entry, 0.0))
    for place, (telling, share) in enumerate(zip(tellings, about, strict=True)):
        yield from _of_one(telling, place, share, of_entry[telling.entry], event)


def _of_one(telling: Telling, place: int, about: float, of_entry: float, event: _Event) -> Iterator[Vote]:
    """The votes of one passage."""
    text = plain(telling.text)
    past = list(_so_long_ago(text, telling.day, event))
    moved = False
    for day in past:
        yield Vote(day, of_entry * 0.9, place, own=False)
    spoken_of = event.covered(text) > HALF_NAMED
    for sentence in sentences(telling.text) if of_entry >= LEAST_ABOUT_TO_NAME else ():
        words = text[sentence.start : sentence.end]
        beside = event.covered(words) > 0.3
        for day, sure in _named(words, telling.day):
            said = beside or (sure and spoken_of)
            moved = moved or said
            if said or sure:
                yield Vote(day, 0.85 * about if said else 0.6 * of_entry, place, own=False)
    if about >= LEAST_ABOUT:
        about *= 1.0 if event.covered(f"{telling.title} {telling.text}") >= HALF_NAMED else UNNAMED
        yield Vote(
            telling.day,
            about * _as_told_then(text, event.beside(text), moved=moved or bool(past)),
            place,
            own=True,
        )


def _as_told_then(text: str, beside: str, *, moved: bool) -> float:
    """How far a passage reads as if it told of its own day, by the words beside those of the event."""
    weight = 1.2 if _NOW.search(text) else 1.0
    weight *= 0.4 if _FORWARD.search(beside) else 1.0
    weight *= 0.5 if _BACK.search(beside) else 1.0
    return weight * (0.4 if moved else 1.0)


def _named(text: str, day: date) -> Iterator[tuple[date, bool]]:
    """The single days that a sentence names, and whether weekday and date together leave no doubt."""
    if not _MAY_NAME.search(text):
        return  # most sentences name no day, and reading them all would take longer than the search
    coming = {found.phrase: found.start for found in parse_ranges(text, _later(day, 300))}
    for found in parse_ranges(text, day):
        if found.start is None or found.start != found.end or found.start == day:
            continue
        words = found.phrase
        if not _A_DATE.search(words):
            weekday = _HAS_WEEKDAY.search(words)
            ahead = weekday is not None and _FORWARD.search(text) is not None and "last" not in words
            yield (found.start + timedelta(7) if ahead else found.start), False
            continue
        yield _which(words, text, found.start, coming.get(words))


def _which(phrase: str, text: str, past: date, coming: date | None) -> tuple[date, bool]:
    """The past or the coming day of a date: by its weekday, else by what the sentence looks at."""
    beside = _HAS_WEEKDAY.search(text[max(0, text.find(phrase) - 15) :])
    if beside is not None:
        weekday = weekday_number(beside["weekday"])
        fitting = [day for day in {past, coming or past} if day.weekday() == weekday]
        if len(fitting) == 1:
            return fitting[0], True
    if coming is not None and coming != past and _FORWARD.search(text):
        return coming, False
    return past, False


def _later(day: date, days: int) -> date:
    return day + timedelta(days) if (date.max - day).days > days else day


def _so_long_ago(text: str, day: date, event: _Event) -> Iterator[date]:
    """The day of "three days after the operation", when what follows is the event."""
    for match in _SO_LONG.finditer(text):
        if event.covered(match["rest"]) < 0.3:
            continue
        if match["unit"] != "day" and not match["exact"]:
            continue  # nobody counts weeks to the day
        count = 1 if match["count"] == "the" else number(match["count"])
        try:
            yield plus(day, -count, match["unit"])
        except (ValueError, OverflowError):
            continue


def _support(cast: Sequence[Vote], tellings: Sequence[Telling]) -> dict[date, float]:
    """The support of each day: the best vote, half that of the next entry, a quarter of those after.

    An entry speaks for a day once. A day that an entry announced or recalled and that has an entry of its own
    about the event is told twice.
    """
    by_day: dict[date, dict[int, float]] = {}
    for vote in cast:
        entries = by_day.setdefault(vote.day, {})
        entry = tellings[vote.place].entry
        entries[entry] = max(entries.get(entry, 0.0), vote.weight)
    pointed_at = {vote.day for vote in cast if not vote.own}
    support = {}
    for day, entries in by_day.items():
        ordered = sorted(entries.values(), reverse=True)
        support[day] = sum(weight * share for weight, share in zip(ordered, (1.0, 0.5, 0.25), strict=False))
        support[day] *= TOLD_TWICE if day in pointed_at and len(entries) > 1 else 1.0
    return support
