"""An entry → what it states about doing, each with its span, its own words and its times; pure.

The order: take out what is not the person's own (`whose`); for every sentence left, its times ahead
(`ahead`) and its cues (`cues`); a time that no cue owns is an appointment when the clause around it is one
(`arranged`).

Rules:
- `entry.text[start:end]` is the whole sentence, to be quoted; `text` is a stretch of it: what is promised,
  without "I must", or the clause that holds the appointment;
- a time belongs to the last cue before it, else to the first promise of the sentence;
- a title counts as said with every sentence of a short entry ("Dentist": "Thursday at 8.50");
- an entry that speaks to a language model, a plan, and a rough draft of a recording state nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time

from diary.model.entry import Entry, Kind
from diary.model.plan import PlanItemKind
from retrieval.prompting import addresses_a_model
from retrieval.sentences import is_key_value, sentences
from retrieval.statements.ahead import Ahead, times_ahead
from retrieval.statements.arranged import (
    is_arranging,
    is_future,
    is_moved,
    is_off,
    is_past,
    names_appointment,
)
from retrieval.statements.cues import Cue, cues
from retrieval.statements.whose import of_others, told_by_another
from retrieval.when.words import plain

SHORT_ENTRY = 240
"""Characters up to which a title is taken to be about every sentence."""

NEAR_DAYS = 300
"""A date without a year beside a past tense is the next one only when the one before lies further back than
the next one ahead: "asked me to play on 13 December", written in October."""

_CLAUSE_END = re.compile(
    r"[;\u2014]|(?<=\s)[-\u2013](?=\s)|,? (?:but|because|although|though|whereas|unless|aber|weil|pero|porque"
    r"|mais)\b"
    r"|, (?:so|which|while) |, (?=(?:the|my|his|her|our) (?:\w+ ){0,2}\w+(?:'s| is| are) (?:on|at|in)\b)"
    r"|, (?:and|then|und|y|et) (?=(?:i|we|he|she|they|it|ich|wir|yo|je)\b|the \w+(?:'s| is| was)\b)"
)
_CLAUSE_BEGIN = re.compile(rf"{_CLAUSE_END.pattern}|: |, (?:and|then|und|y|et) ")
_TRAILING = " \t\n,;:.!?\u2014\u2013-*_\"'\u201d\u2019)("


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Something a sentence states.

    :ivar start, end: the sentence in the entry's text. :ivar text: the words that say what it is.
    :ivar first, last: the days it is due or happens; None when none are named. :ivar at: the time of day.
    :ivar denied: whether it is a resolve not to do something.
    :ivar off, moved: whether it calls something off, or moves it.
    """

    kind: PlanItemKind
    entry: Entry
    start: int
    end: int
    text: str
    first: date | None = None
    last: date | None = None
    at: time | None = None
    denied: bool = False
    off: bool = False
    moved: bool = False

    @property
    def sentence(self) -> str:
        """The whole sentence, verbatim."""
        return self.entry.text[self.start : self.end]

    @property
    def said_on(self) -> date:
        """The day of the note."""
        return self.entry.happened.date()


def is_own_telling(entry: Entry) -> bool:
    """Whether an entry tells of the person's life in words that somebody has confirmed."""
    return entry.kind is not Kind.PLAN and not entry.is_rough and not addresses_a_model(entry.text)


def statements_of(entry: Entry) -> list[Statement]:
    """What an entry states, in its order."""
    if not is_own_telling(entry):
        return []
    others = of_others(entry.text)
    found: list[Statement] = []
    for span in sentences(entry.text):
        sentence = entry.text[span.start : span.end]
        if is_key_value(sentence):
            continue
        found += _read(
            entry,
            span.start,
            sentence,
            [(other.start - span.start, other.end - span.start) for other in others],
        )
    return found


def _read(entry: Entry, start: int, sentence: str, masked: list[tuple[int, int]]) -> list[Statement]:
    words = plain(sentence)
    hidden = [span for span in masked if span[1] > 0 and span[0] < len(sentence)]
    own_cues = [
        cue
        for cue in cues(words)
        if not _hidden(cue.start, cue.end, hidden)
        and (cue.kind is PlanItemKind.CONSTRAINT or not told_by_another(words[: cue.start]))
    ]
    times = [
        ahead
        for ahead in times_ahead(words, entry.happened.date())
        if not _hidden(ahead.start, ahead.end, hidden)
    ]
    owned, free = _shared(words, own_cues, times)
    title = plain(entry.title or "") if len(entry.text) <= SHORT_ENTRY else ""
    made = [
        _of_cue(entry, start, sentence, words, cue, next_cue, owned.get(cue))
        for cue, next_cue in zip(own_cues, _nexts(own_cues), strict=True)
    ]
    made += [
        statement
        for ahead in free
        if (statement := _of_time(entry, start, sentence, words, ahead, times, title)) is not None
    ]
    if not times and not own_cues and is_off(words) and names_appointment(words) and not hidden:
        made.append(
            _statement(PlanItemKind.APPOINTMENT, entry, start, sentence, (0, len(sentence)), words, None)
        )
    return [statement for statement in made if statement.text]


def _nexts(own_cues: list[Cue]) -> list[Cue | None]:
    return [*own_cues[1:], None] if own_cues else []


def _hidden(start: int, end: int, hidden: list[tuple[int, int]]) -> bool:
    return any(start < last and first < max(end, start + 1) for first, last in hidden)


def _shared(words: str, own_cues: list[Cue], times: list[Ahead]) -> tuple[dict[Cue, Ahead], list[Ahead]]:
    """Which time belongs to which cue, and the times that are left."""
    owned: dict[Cue, Ahead] = {}
    free: list[Ahead] = []
    for ahead in times:
        before = [cue for cue in own_cues if cue.start <= ahead.start]
        later = [cue for cue in own_cues if cue.kind is not PlanItemKind.CONSTRAINT]
        owner = before[-1] if before else (later[0] if later else None)
        if owner is not None and not before and is_past(words[ahead.end : owner.end]):
            continue  # "in August I promised": told of then
        if owner is None or owner in owned or _apart(words, owner, ahead):
            free.append(ahead)
        else:
            owned[owner] = ahead
    return owned, free


def _apart(words: str, cue: Cue, ahead: Ahead) -> bool:
    """Whether a time stands in a clause of its own that names an appointment: "must ask him, the scan is on 2
    July"."""
    if cue.kind is PlanItemKind.CONSTRAINT or not _CLAUSE_END.search(
        words, cue.end, max(ahead.start, cue.end)
    ):
        return False
    return names_appointment(
        words[_clause_start(words, ahead.start) : _clause_end(words, ahead.end, len(words))]
    )


def _of_cue(
    entry: Entry, start: int, sentence: str, words: str, cue: Cue, next_cue: Cue | None, ahead: Ahead | None
) -> Statement:
    """What stands after a cue, to the end of its clause; a constraint keeps the words before it too."""
    limit = next_cue.start if next_cue is not None else len(words)
    end = _clause_end(words, cue.end, limit)
    if ahead is not None and ahead.start >= cue.start:
        end = max(end, ahead.end if ahead.end <= limit else end)
    first = cue.end
    if cue.start == cue.end:  # the cue is among the words that say what it is: "the boiler needs servicing"
        first = _clause_start(words, cue.start)
    return _statement(cue.kind, entry, start, sentence, (first, end), words, ahead, denied=cue.denied)


def _of_time(
    entry: Entry, start: int, sentence: str, words: str, ahead: Ahead, times: list[Ahead], title: str
) -> Statement | None:
    """An appointment, when the clause around the time is one."""
    alone = len(times) == 1
    span = (0, len(words)) if alone else _clause(words, ahead, times)
    narrow = (_clause_start(words, ahead.start), _clause_end(words, ahead.end, len(words)))
    clause = words[slice(*narrow)]
    named = names_appointment(words) or is_arranging(words) or names_appointment(title)
    if is_past(clause):
        near = ahead.sure or (ahead.dated and (ahead.first - entry.happened.date()).days <= NEAR_DAYS)
        if not (is_arranging(clause) or is_off(clause) or is_moved(clause) or (named and near)):
            return None
    elif not (named or ahead.at is not None or (ahead.sure and is_future(clause))):
        return None
    if alone and (names_appointment(clause) or is_arranging(clause)):
        span = narrow
    return _statement(PlanItemKind.APPOINTMENT, entry, start, sentence, span, words, ahead)


def _clause(words: str, ahead: Ahead, times: list[Ahead]) -> tuple[int, int]:
    """The stretch around one of several times, cut between it and its neighbours."""
    place = times.index(ahead)
    first, last = 0, len(words)
    if place > 0:
        cut = _between(words, times[place - 1].end, ahead.start)
        first = cut[1]
    if place + 1 < len(times):
        last = _between(words, ahead.end, times[place + 1].start)[0]
    return first, last


def _between(words: str, end: int, start: int) -> tuple[int, int]:
    """Where to part two times: at a stop or "and" between them, else at the second."""
    found = re.search(
        r"[;,\u2014]? ?(?:\b(?:and then|and|then|but|und|y|et)\b |[;,\u2014] ?)", words[end:start]
    )
    return (end + found.start(), end + found.end()) if found else (start, start)


def _clause_end(words: str, start: int, limit: int) -> int:
    found = _CLAUSE_END.search(words, start, limit)
    return found.start() if found is not None and found.start() > start + 2 else limit


def _clause_start(words: str, before: int) -> int:
    ends = [found.end() for found in _CLAUSE_BEGIN.finditer(words, 0, before)]
    return ends[-1] if ends else 0


def _statement(
    kind: PlanItemKind,
    entry: Entry,
    start: int,
    sentence: str,
    span: tuple[int, int],
    words: str,
    ahead: Ahead | None,
    *,
    denied: bool = False,
) -> Statement:
    text = " ".join(sentence[slice(*span)].split()).strip(_TRAILING)
    return Statement(
        kind=kind,
        entry=entry,
        start=start,
        end=start + len(sentence),
        text=text,
        first=ahead.first if ahead else None,
        last=ahead.last if ahead else None,
        at=ahead.at if ahead else None,
        denied=denied,
        off=is_off(words),
        moved=is_moved(words),
    )
