"""Whether quotes support a sentence that a model wrote, as far as code can tell; pure.

A sentence is kept only when all of these hold; anything else is dropped, because a wrong sentence about
somebody's health is worse than none:
1. it is one statement of 3 to 40 words that comes to an end, and the quotes it cites exist;
2. one single sentence of those quotes says it: words from two of them make claims that neither makes ("I'd
   never take money from Nora", of a note that names Ingrid there and Nora in the next sentence);
3. every number in it, in digits or in words, stands in that sentence or is part of the note's date;
4. so does every name, month and weekday; "he" and "she" are those of that sentence, and so are "before",
   "after" and their like, which no other rule sees: the night before the exam is not the night after it;
5. it says "not" exactly when that sentence does;
6. at least nine tenths of its content words stand in that sentence, by their stems, and nearly all in
   the same order: "I told Nora about Dad" does not support "Dad told Nora";
7. what it puts between quotation marks stands there word for word.

What code cannot tell: whether a sentence made of a note's own words leaves out what mattered.
So the quote always stands beside it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from diary.model.answer import Quote
from retrieval.sentences import sentences
from retrieval.stems import plain_words, stem
from retrieval.stop_words import is_stop_word

LEAST_COVERED = 0.9
LEAST_IN_ORDER = 0.85
LEAST_WORDS = 3
MOST_WORDS = 40

_DIGITS = re.compile(r"\d+(?:[.,:/]\d+)*")
_NUMBER_WORDS = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million
half quarter dozen once twice double triple
"""
_NUMBERS = {word: str(value) for value, word in enumerate(_NUMBER_WORDS.split()[:21])} | {
    word: word for word in _NUMBER_WORDS.split()[21:]
}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NEGATION = re.compile(
    r"\b(?:not|never|no|none|nobody|nothing|neither|nor|without|cannot|hardly|barely|stopped|refused|nicht|nie"
    r"|niemals|kein\w*|nichts|ohne)\b|n['\u2019]t\b"
)
_ORDER_WORDS = """
before after until till since during while vor nach seit bis antes después desde avant après depuis
"""
_ORDER = frozenset(_ORDER_WORDS.split())
_ENDED = re.compile(r"[.!][\"\u201d\u2019)]*\s*\Z")
_QUOTED = re.compile(r"[\"\u201c\u201e]([^\"\u201c\u201d\u201e]*)[\"\u201d\u201c]")
_MARKS = re.compile(r"[\"\u201c\u201d\u201e]")
_NAME = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_THIRD_PERSON = {
    "he": ("he", "him", "his", "himself"),
    "she": ("she", "her", "hers", "herself"),
}
# What a retelling says that a note does not: who speaks, and that it is a note.
_RETELLING_WORDS = "note notes diary entry writer write writes wrote say says said mention mentions"
_RETELLING = frozenset(stem(word) for word in _RETELLING_WORDS.split())


def supported(untrusted_sentence: str, quotes: Sequence[Quote]) -> bool:
    """Whether one of the cited quotes supports the sentence under the rules of this module."""
    words = untrusted_sentence.split()
    if not LEAST_WORDS <= len(words) <= MOST_WORDS or not _ENDED.search(untrusted_sentence):
        return False
    return any(
        _says(quote.text[span.start : span.end], date_words(quote), untrusted_sentence)
        for quote in quotes
        for span in sentences(quote.text)
    )


def _says(source: str, day: str, untrusted_sentence: str) -> bool:
    """Whether this sentence of a note, written on that day, says it."""
    dated = f"{source} {day}"
    return (
        numbers_in(untrusted_sentence) <= numbers_in(dated)
        and names_in(untrusted_sentence) <= {word.lower() for word in _NAME.findall(_unpossessed(dated))}
        and _persons(untrusted_sentence) <= _persons(source)
        and _order(untrusted_sentence) <= _order(source)
        and _negates(untrusted_sentence) == _negates(source)
        and _quotes_honestly(untrusted_sentence, source)
        and _covered(untrusted_sentence, source, dated)
    )


def _quotes_honestly(untrusted_sentence: str, source: str) -> bool:
    """Whether its quotation marks come in pairs, with words of the source between them."""
    marked = _QUOTED.findall(untrusted_sentence)
    if _MARKS.search(_QUOTED.sub("", untrusted_sentence)):
        return False
    told = " ".join(source.split())
    return all(piece.strip(" .,!").replace("  ", " ") in told for piece in marked)


def date_words(quote: Quote) -> str:
    """The date of a quote in all the words that a sentence may use for it."""
    day = quote.day
    return f"{day.isoformat()} {day.day} {_MONTHS[day.month - 1]} {day.year} {_WEEKDAYS[day.weekday()]}"


def numbers_in(text: str) -> set[str]:
    """The numbers of a text: digits without leading zeros, number words up to twenty as digits."""
    found = {_normal(number) for number in _DIGITS.findall(text)}
    return found | {_NUMBERS[word] for word in re.findall(r"[a-z]+", text.lower()) if word in _NUMBERS}


def _normal(number: str) -> str:
    plain = number.replace(",", "") if re.fullmatch(r"\d{1,3}(?:,\d{3})+", number) else number
    return plain.lstrip("0") or "0"


def names_in(text: str) -> set[str]:
    """Capitalised words in lower case, except a first word that any sentence may begin with."""
    found = set()
    for place, match in enumerate(_NAME.finditer(_unpossessed(text))):
        word = match.group()
        if word[0].isupper() and not is_stop_word(word.lower()) and (place or word[1:] != word[1:].lower()):
            found.add(word.lower())
    return found


def _unpossessed(text: str) -> str:
    return re.sub(r"['\u2019]s\b", "", text)


def _persons(text: str) -> set[str]:
    words = set(plain_words(text))
    return {person for person, forms in _THIRD_PERSON.items() if words.intersection(forms)}


def _order(text: str) -> frozenset[str]:
    return _ORDER.intersection(plain_words(text))


def _negates(text: str) -> bool:
    return _NEGATION.search(text.lower()) is not None


def _content(text: str) -> list[str]:
    words = plain_words(text)
    return [stem(word) for word in words if not is_stop_word(word) and word not in _NUMBERS]


def _covered(untrusted_sentence: str, source: str, dated: str) -> bool:
    wanted = [word for word in _content(untrusted_sentence) if word not in _RETELLING]
    available = set(_content(dated))
    if not wanted:
        return False
    found = [word for word in wanted if word in available]
    if len(found) < LEAST_COVERED * len(wanted):
        return False
    told = _content(source)
    in_source = [word for word in found if word in set(told)]
    return bool(in_source) and common_order(in_source, told) >= LEAST_IN_ORDER * len(in_source)


def common_order(wanted: Sequence[str], told: Sequence[str]) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(told) + 1)
    for word in wanted:
        diagonal = 0
        for place, other in enumerate(told, start=1):
            diagonal, row[place] = (
                row[place],
                diagonal + 1 if word == other else max(row[place], row[place - 1]),
            )
    return row[-1]
