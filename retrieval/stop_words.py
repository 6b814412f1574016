"""Words that say nothing about what is looked for, in English and German; and what is left of a question."""

from __future__ import annotations

import re
from collections.abc import Sequence

_ENGLISH_WORDS = """
    a about above after again all also am an and any anything are as at be became because been
    before being below between both but by can could did do does doing done down during each either
    else ever every for from further get gets getting give given go goes going gone got had has have
    having he her here hers herself him himself his how i if in into is it its itself just last let
    like likely made make makes many may me might more most much must my myself no nor not now of
    off on once one only or other our ours out over own please s same say says she should show so
    some someone something such t tell than that the their them then there these they thing things
    this those though through to too under until up upon us use used very was we were what when
    where whether which while who whom whose why will with would yet you your yours d ll m re ve don
    didn doesn isn wasn weren won wouldn couldn shouldn hasn haven hadn aren find found mention
    mentioned notes note diary entry entries wrote written write long often kind type day days week
    weeks month months year years time times date ago yesterday today since
"""
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
_GERMAN_WORDS = """
    aber alle als am an auch auf aus bei bin bis bist da damit dann das dass dein deine dem den der
    des dich die dies diese dieser dieses dir doch du durch ein eine einem einen einer eines er es
    etwas euch für gegen gehabt habe haben hast hat hatte hatten hier ich ihm ihn ihr ihre im in ist
    ja jede jeder jetzt kann kein keine können man mein meine meinem meinen meiner mich mir mit nach
    nicht nichts noch nun nur ob oder ohne schon sehr sein seine seit sich sie sind so über um und
    uns unser unsere unter viel vom von vor wann war waren warum was wegen weil welche welcher
    welches wem wen wenn wer werden wie wieder will wir wird wo worden wurde würde zu zum zur gibt
    gab oft viele
"""
_GERMAN = frozenset(_GERMAN_WORDS.split())
# Function words that only one of the languages has: two of them in a question tell which it is.
_ONLY_GERMAN = (
    _GERMAN - _ENGLISH - {"war", "hat", "man", "die", "will", "den", "bin", "mir", "da", "bei", "wo"}
)

_WORD = re.compile(r"[^\W_]+")
MOST_TERMS = 24


def words_of(text: str) -> list[str]:
    """All words in lower case, in order."""
    return [word.lower() for word in _WORD.findall(text)]


def is_german(question: str) -> bool:
    """Whether two different words of the question are function words of German alone."""
    return len(_ONLY_GERMAN.intersection(words_of(question))) >= 2


def content_words(question: str) -> list[str]:
    """The words that say what is looked for, in order, each once; all words when nothing else is left."""
    words = list(dict.fromkeys(words_of(question)))
    dropped = _GERMAN if is_german(question) else _ENGLISH
    kept = [word for word in words if word not in dropped]
    return (kept or words)[:MOST_TERMS]


def match_expression_of(words: Sequence[str]) -> str:
    """An FTS5 expression for any of these words, each in quotes.

    They are of letters and digits alone, so that nothing of a question can be read as an operator.
    """
    return " OR ".join(f'"{word}"' for word in words)


def is_stop_word(word: str) -> bool:
    """Whether a word in lower case is a function word of English or German."""
    return word in _ENGLISH or word in _GERMAN
