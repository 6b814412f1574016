"""A follow-up question completed by the one before: "and in June?", "and the highest?", "why?"; pure.

Rules:
- a full question stands alone; a follow-up begins with "and" or "what about", or says too little to be one:
  only a time, only what to compute, or only a subject;
- what it says takes the place of the same thing in the question before, what it leaves out stays: the time,
  the subject, what is computed, a condition;
- a month without a year is of the year that was spoken of;
- the completed question is an ordinary one, in words, and an answer shows it: how it was understood can be
  read and corrected.

Not here: whose question came before (a screen's conversation, or a batch's line with "follow").
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from diary.model.answer import Question
from diary.model.time_range import TimeRange
from retrieval.numbers.conditions import condition_words
from retrieval.numbers.times import TimeReader
from retrieval.numbers.understood import is_understood
from retrieval.stop_words import is_stop_word
from retrieval.when import parse_ranges
from retrieval.when.words import plain

LONGEST_QUESTION = 400

_LEAD = re.compile(
    r"\A\s*(?:(?:ok|okay|oh|so|then|but|also|and|or|und|aber)\b[,\s]*)*"
    r"(?:(?:what|how) about|what of|was ist mit|wie (?:ist|war) es)?\s*",
    re.I,
)
_THAT = r"(?: (?:was|is|did|were) (?:that|it|this|so)| so)?"
_WHY = re.compile(rf"\A(?:why|how come|how so|warum|wieso){_THAT}\W*\Z")
_WHEN = re.compile(rf"\A(?:when|wann|on what day|what day|which day){_THAT}(?: happen)?\W*\Z")
_COMPARED = re.compile(
    r"\A(?:compared?|as compared|versus|vs\.?|against)\b(?: (?:with|to))?\s*(?P<rest>.*)\Z"
)
_FUNCTION = re.compile(
    r"\b(?:the |my )*(?P<word>average|mean|median|highest|lowest|longest|shortest|most|(?<!at )least|fewest"
    r"|maximum|minimum|max|min|total|sum|worst|best|first|last|latest|heaviest|lightest|durchschnitt|höchste|niedrigste)"
    r"\b(?: (?:one|value|night|day)s?\b)?"
    r"|\b(?:(?P<sum>in total|in all|altogether)|(?P<mean>on average)"
    r"|(?P<count>how (?:many|often)|number of|wie viele|wie oft))\b(?: (?:times|entries|readings)\b)?"
)
_ASKING = re.compile(
    r"\b(?:what|which|when|where|who|whose|how|did|do|does|is|are|was|were|has|have|had|can|could|should|compare"
    r"|list|show|was|wann|wie|wer|wo|welche\w*|hatte|habe)\b"
)
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_END = " \t?.!"
_LONGEST_SUBJECT = 5
_LONGEST_FOLLOW_UP = 5
"""Words that a follow-up has at most when nothing leads it in; "what was the highest one?" has five."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A question that was answered, with what follow-ups keep of it.

    :ivar subject: the words of `question.text` that name what was asked about ("sleep"); empty when they
        cannot be told apart.
    :ivar condition: the words of a condition ("under five hours"), kept when something else is computed.
    :ivar computed: whether the answer was a number.
    """

    question: Question
    subject: str = ""
    condition: str = ""
    computed: bool = False


def follow_up(question: Question, previous: Turn, times: TimeReader = parse_ranges) -> Question:
    """The question, completed by the one before where it follows it up.

    Range and filters that were given apart from the words are kept too, unless the new question has its own.
    """
    text = question.text[:LONGEST_QUESTION].strip()
    lead = _LEAD.match(text)
    rest = text[lead.end() :] if lead else text
    led = bool(lead and lead.group().strip())
    if not rest:
        return question
    completed = _completed(rest, led, question.as_of, previous, times)
    if completed is None:
        return question
    before = previous.question
    return replace(
        question,
        text=completed,
        range=question.range or (None if _named(rest, question.as_of, times) else before.range),
        tag=question.tag or before.tag,
        kind=question.kind or before.kind,
        starred=question.starred or before.starred,
    )


def _completed(rest: str, led: bool, as_of: date, previous: Turn, times: TimeReader) -> str | None:
    """The completed words, or None when the question stands alone."""
    lowered = plain(rest)
    before = previous.question.text.rstrip(_END)
    if _WHY.match(lowered):
        return _why(previous, as_of, times)
    if _WHEN.match(lowered):
        return f"{before}, and when?"
    compared = _COMPARED.match(lowered)
    if compared is not None and compared["rest"].strip(_END):
        return f"{before} compared with {rest[compared.start('rest') :].rstrip(_END)}?"
    if not led and len(rest.split()) > _LONGEST_FOLLOW_UP:
        return None
    limit = condition_words(lowered)
    if limit and previous.condition:
        return f"{_replaced(before, previous.condition, limit)}?"
    time = _named(rest, as_of, times)
    left = _blank(lowered, time.phrase.lower()) if time else lowered
    function = _FUNCTION.search(left)
    if function is not None:
        left = _blank(left, function.group())
    subject = _subject(rest, left)
    asking = _ASKING.search(left) is not None
    if subject and (asking or len(subject.split()) > _LONGEST_SUBJECT or not (led or _short(rest))):
        # A question of its own; with "and" before it, of the same time.
        kept = _time_of(before, previous.question.as_of, times) if led and time is None else None
        return f"{_sentence(rest)} {kept.phrase}?" if kept else None
    if not subject and not time and function is None:
        return None
    return _merged(previous, subject, function, time, as_of, times)


def _sentence(rest: str) -> str:
    """The words from a capital letter on, without their question mark."""
    return f"{rest[:1].upper()}{rest[1:].rstrip(_END)}"


def _short(rest: str) -> bool:
    """Whether the words are too few for a question of their own: "in June?", "my weight?"."""
    return rest.rstrip().endswith("?") and len(rest.split()) <= 3 and _ASKING.search(plain(rest)) is None


def _merged(
    previous: Turn,
    subject: str,
    function: re.Match[str] | None,
    time: TimeRange | None,
    as_of: date,
    times: TimeReader,
) -> str:
    """The question before with the new time, subject and function in the places of its own."""
    text = previous.question.text.rstrip(_END)
    old = _time_of(text, previous.question.as_of, times)
    phrase = _with_year(time, old, as_of, times) if time else (old.phrase if old else "")
    if function is not None and previous.computed and previous.subject:
        return _anew(function, subject or previous.subject, previous.condition, phrase)
    if subject:
        text = _replaced(text, previous.subject or _last_content(text, old), subject)
    if function is not None:
        text = f"{function.group()} {text}"
    if time is not None:
        text = _replaced(text, old.phrase, phrase) if old and old.phrase else f"{text} {phrase}"
    return f"{' '.join(text.split())}?"


def _anew(function: re.Match[str], subject: str, condition: str, phrase: str) -> str:
    """A new question from the pieces, because "how many" and "the highest" ask in other words."""
    word = function["word"] or ("total" if function["sum"] else "average" if function["mean"] else "")
    head = f"What was the {word}" if word else f"{function.group()[:1].upper()}{function.group()[1:]}"
    return f"{' '.join(' '.join((head, subject, condition, phrase)).split())}?"


def _why(previous: Turn, as_of: date, times: TimeReader) -> str:
    """ "Why?" is told, not computed: the subject and the time, in a question for quotes."""
    text = previous.question.text.rstrip(_END)
    if not (previous.computed and previous.subject):
        return f"{text}, and why?"
    old = _time_of(text, as_of, times)
    return f"Why was my {previous.subject} like that{f' {old.phrase}' if old else ''}?"


def _named(text: str, as_of: date, times: TimeReader) -> TimeRange | None:
    found = times(text, as_of)
    return found[0] if found else None


def _time_of(text: str, as_of: date, times: TimeReader) -> TimeRange | None:
    """The last time that a question names, which a new one replaces."""
    found = times(text, as_of)
    return found[-1] if found else None


def _with_year(time: TimeRange, old: TimeRange | None, as_of: date, times: TimeReader) -> str:
    """The new time's words; a month or season without a year is of the year spoken of."""
    year = re.search(r"\b(?:19|20)\d\d\b", old.phrase) if old else None
    bare = re.search(r"\d|last|this|next|ago|since|yesterday|today", time.phrase.lower()) is None
    if year is None or not bare or time.start is None or time.start == time.end:
        return time.phrase
    again = times(f"{time.phrase} {year[0]}", as_of)
    fits = bool(again) and again[0].start is not None and again[0].start.year == int(year[0])
    return f"{time.phrase} {year[0]}" if fits else time.phrase


def _subject(rest: str, left: str) -> str:
    """The words of a follow-up that are neither time nor function nor asking, as they were written."""
    found = [
        match
        for match in _WORD.finditer(left)
        if not is_stop_word(match.group()) and not is_understood(match.group())
    ]
    if not found:
        return ""
    return rest[found[0].start() : found[-1].end()]


def _last_content(text: str, old: TimeRange | None) -> str:
    """The last content words of a question, in front of its time: what it was about."""
    hidden = _blank(text, old.phrase) if old and old.phrase else text
    words = [match for match in _WORD.finditer(hidden) if not is_stop_word(match.group().lower())]
    return words[-1].group() if words else ""


def _replaced(text: str, old: str, new: str) -> str:
    place = text.lower().rfind(old.lower()) if old else -1
    return f"{text[:place]}{new}{text[place + len(old) :]}" if place >= 0 else f"{text} {new}"


def _blank(text: str, words: str) -> str:
    place = text.lower().find(words.lower()) if words else -1
    return text if place < 0 else text[:place] + " " * len(words) + text[place + len(words) :]
