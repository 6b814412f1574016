"""Words that sound like one of the person's medicines and are none of their terms: questions, never changes.

“Cetirizine” in the diary of somebody who takes sertraline may be what was said, or what was heard: only they
know. How alike two names are is the mean of three figures, each 0 to 1: how alike their letters are from the
front on (Jaro and Winkler; Winkler 1990) and how few letters must be changed (Damerau 1964), and how alike
they sound from the front on (Metaphone; Philips 1990). How alike is enough depends on what stands there:

- a name beside an amount of medicine (“50 mg of …”) is asked about soonest, whatever it is: AS_A_DOSE;
- else an ordinary word is never asked about unless it ends as medicines do, and a word that is none from
  A_WORD on, for a short name a little later;
- two words written as one (“topira mate”) from TOGETHER on, because many pairs sound like anything.

The figures are in `tests/unit/glossary/test_doubts.py`, with the pairs of medicines they were chosen on.
Nothing is asked where a term or another name of it stands, with “'s” or not. Of overlapping doubts the surest
is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import jellyfish

from diary.model.glossary import Doubt, Term, TermKind
from ingest.glossary.dictionary import is_ordinary

AS_A_DOSE, A_WORD, TOGETHER = 0.58, 0.64, 0.80
MORE_FOR_A_WORD = 0.1
"""How much more alike two words must be than one of them: “cetirizine at” is no better than “cetirizine”."""
SHORT, MORE_WHEN_SHORT = 6, 0.05
LEAST_LETTERS = 4
"""Shorter names sound like too much."""
_NEVER_ENOUGH = 2.0

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_POSSESSIVE = re.compile(r"['\u2019]s?\Z")
_UNIT = (
    r"(?:mgs?|mcg|µg|ug|g|grams?|milligrams?|micrograms?|milligramm?|mikrogramm|mls?|millilit(?:re|er)s?|units"
    r"|tablets?|tabs?|capsules?|pills?|puffs?|drops?|tabletten?|kapseln?|tropfen)"
)
_NUMBER = (
    r"(?:\d[\d.,]*|half|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty"
    r"|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|point|and)"
)
_AMOUNT_BEFORE = re.compile(rf"(?:\b{_NUMBER}|\d)[ -]?{_UNIT}(?: (?:of|von))?(?: (?:my|the))? \Z", re.I)
_AMOUNT_AFTER = re.compile(rf" (?:{_NUMBER}[ -]?){{1,6}}{_UNIT}\b", re.I)
_STEM = re.compile(
    r"..(?:azepam|azolam|idine|ipine|ramine|phrine|oxetine|statin|nopril|sartan|olol|cillin|mycin|cycline|azole"
    r"|codone|morphone|adone|profen|caine|triptan)\Z"
)
"""Stems that the World Health Organization gives to medicines of one kind; no everyday word ends so."""
_USUAL = """
    also and again another before each every extra from have instead just like more once only same still that
    them then this today tonight twice were when with yesterday
"""
_NO_NAMES = frozenset(_USUAL.split())
"""Words of four letters and more that often stand beside an amount."""


@dataclass(frozen=True, slots=True)
class _Heard:
    """One word, or some written as one: its place in the text, and its letters."""

    start: int
    end: int
    letters: str
    words: int


def doubts(text: str, terms: Sequence[Term]) -> tuple[Doubt, ...]:
    """What is to be asked, in order of the text; never about a term that stands there."""
    names = [
        (letters, " ".join(name.split()), term)
        for term in terms
        if term.kind is TermKind.MEDICINE
        for name in (term.text, *term.also)
        if len(letters := _letters(name)) >= LEAST_LETTERS
    ]
    if not names:
        return ()
    taken = bytearray(len(text))  # characters of terms, then of doubts
    for match in _names(tuple(terms)).finditer(text):
        taken[match.start() : match.end()] = b"1" * len(match.group())
    found = [
        (sureness, heard, name, term)
        for heard in _heard(text, most=max(2, *(len(_WORD.findall(term.text)) for _, _, term in names)))
        if not any(taken[heard.start : heard.end])
        for sureness, name, term in _most_alike(heard, names)
        if sureness >= _enough(text, heard, sureness)
    ]
    kept: list[Doubt] = []
    for _, heard, name, term in sorted(found, key=_surest_first):
        if not any(taken[heard.start : heard.end]):
            said = text[heard.start : heard.end]
            taken[heard.start : heard.end] = b"1" * len(said)
            kept.append(Doubt(start=heard.start, end=heard.end, heard=said, meant=term, name=name))
    return tuple(sorted(kept, key=lambda doubt: doubt.start))


def _surest_first(one: tuple[float, _Heard, str, Term]) -> tuple[float, int, int]:
    sureness, heard, *_ = one
    return -sureness + MORE_FOR_A_WORD * (heard.words - 1), heard.start, heard.end


@lru_cache(maxsize=4096)
def alike(first: str, second: str) -> float:
    """How alike two names in small letters are, 0 to 1."""
    longer = max(len(first), len(second))
    if not longer:
        return 0.0
    edits: int = jellyfish.damerau_levenshtein_distance(first, second)
    letters: float = jellyfish.jaro_winkler_similarity(first, second)
    sound: float = jellyfish.jaro_winkler_similarity(_sound(first), _sound(second))
    return (letters + 1 - edits / longer + sound) / 3


@lru_cache(maxsize=4096)
def _sound(letters: str) -> str:
    code: str = jellyfish.metaphone(letters)
    return code


def _most_alike(heard: _Heard, names: Sequence[tuple[str, str, Term]]) -> Iterator[tuple[float, str, Term]]:
    """The name most like what was heard, if any is near enough to be looked at; the first of equals."""
    size = len(heard.letters)
    near = [one for one in names if len(one[0]) <= 2 * size and size <= 2 * len(one[0])]
    if near:
        sureness, place = max((alike(heard.letters, near[place][0]), -place) for place in range(len(near)))
        yield sureness, near[-place][1], near[-place][2]


def _enough(text: str, heard: _Heard, sureness: float) -> float:
    """How alike is enough for what stands there; above 1 where nothing is."""
    if heard.words > 1:
        return TOGETHER
    if sureness < AS_A_DOSE:
        return _NEVER_ENOUGH
    if _is_beside_an_amount(text, heard):
        return AS_A_DOSE if heard.letters not in _NO_NAMES else _NEVER_ENOUGH
    enough = A_WORD + (MORE_WHEN_SHORT if len(heard.letters) <= SHORT else 0.0)
    if sureness < enough:
        return _NEVER_ENOUGH
    parts = _plain(text[heard.start : heard.end]).split("-")
    return _NEVER_ENOUGH if all(map(_is_everyday, parts)) else enough


def _is_everyday(word: str) -> bool:
    return is_ordinary(word) and _STEM.search(word) is None


def _is_beside_an_amount(text: str, heard: _Heard) -> bool:
    before = _AMOUNT_BEFORE.search(text[max(heard.start - 40, 0) : heard.start])
    return before is not None or _AMOUNT_AFTER.match(text, heard.end) is not None


def _heard(text: str, *, most: int) -> Iterator[_Heard]:
    """Each word, and as many as `most` that follow each other with nothing but a space or hyphen between."""
    words = list(_WORD.finditer(text))
    for place, first in enumerate(words):
        letters, end = _letters(_plain(first.group())), first.end()
        if len(letters) >= LEAST_LETTERS:
            yield _Heard(first.start(), end, letters, 1)
        for number, word in enumerate(words[place + 1 : place + most], start=2):
            if text[end : word.start()] not in (" ", "-"):
                break
            letters, end = letters + _letters(_plain(word.group())), word.end()
            if len(letters) > LEAST_LETTERS:
                yield _Heard(first.start(), end, letters, number)


def _plain(word: str) -> str:
    return _POSSESSIVE.sub("", word.lower())


def _letters(name: str) -> str:
    return "".join(filter(str.isalpha, name.lower()))


@lru_cache(maxsize=4)
def _names(terms: tuple[Term, ...]) -> re.Pattern[str]:
    """Any term or other name of one, as whole words, possessive or plural."""
    names = sorted({" ".join(name.split()) for term in terms for name in (term.text, *term.also)}, key=len)
    any_name = "|".join(r"\s+".join(map(re.escape, name.split())) for name in reversed(names) if name)
    return re.compile(rf"(?<!\w)(?:{any_name})(?:['\u2019]?s|['\u2019])?(?!\w)", re.I)
