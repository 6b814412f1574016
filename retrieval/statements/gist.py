"""What a sentence is about: the stems of its content words, so that "ring" and "rang" meet; pure.

Left out: function words, the words of wanting and of time, and names of days and months, which say when and
not what. Irregular verbs become their base form, and a few everyday verbs that mean the same become one.
"""

from __future__ import annotations

from functools import lru_cache

from retrieval.stems import plain_words, stem
from retrieval.stop_words import is_stop_word
from retrieval.when.words import MONTHS, NUMBERS, ORDINALS, SEASONS, WEEKDAYS

_IRREGULAR = """
    rang:ring rung:ring went:go gone:go bought:buy brought:bring wrote:write written:write sent:send paid:pay
    took:take taken:take saw:see seen:see told:tell spoke:speak spoken:speak ran:run swam:swim swum:swim
    met:meet found:find gave:give given:give began:begin begun:begin drove:drive driven:drive flew:fly
    flown:fly ate:eat eaten:eat drank:drink drunk:drink slept:sleep sold:sell taught:teach kept:keep
    left:leave lost:lose built:build hung:hang dug:dig stuck:stick swept:sweep chose:choose chosen:choose
    broke:break broken:break wore:wear worn:wear threw:throw thrown:throw grew:grow grown:grow sang:sing
    sung:sing sat:sit stood:stand won:win held:hold heard:hear caught:catch fought:fight spent:spend
    lent:lend laid:lay woke:wake woken:wake rode:ride ridden:ride shook:shake hid:hide children:child
    people:person teeth:tooth feet:foot knives:knife
"""
_SAME = """
    call:ring phone:ring telephone:ring purchase:buy order:buy repair:mend fix:mend fixed:mend begin:start
    finish:complete reserve:book schedule:book arrange:book appointment:book mail:post email:write
    e-mail:write text:write surgery:operation op:operation doctor:gp photo:picture photograph:picture
    stop:quit cease:quit examine:check collect:fetch jog:run
"""
_SAYING = """
    never will shall must need want going promise promised decide decided remember forget intend intention
    aim goal plan hope wish mean try trying ought note reminder todo soon later tonight tomorrow morning
    afternoon evening night noon midday midnight fortnight weekend today really definitely finally actually
    again already soon early late half quarter past o clock don didn won isn can couldn am pm next coming
    this que para con por los las una der die das ich pour avec les des dr mr mrs ms prof thing bit lot sort
    together properly ready everything something anything
"""


def _pairs(words: str) -> dict[str, str]:
    return dict(pair.split(":") for pair in words.split())


_BASE = _pairs(_IRREGULAR)
_ONE = _pairs(_SAME)
_LEFT_OUT = frozenset(_SAYING.split()) | MONTHS.keys() | WEEKDAYS.keys() | NUMBERS.keys() | ORDINALS.keys()
_LEFT_OUT |= SEASONS.keys() - {"fall"}


@lru_cache(maxsize=4096)
def _normal(word: str) -> str:
    base = _BASE.get(word, word)
    base = _ONE.get(base, base)
    stemmed = stem(base)
    return stem(_ONE.get(stemmed, stemmed)) if stemmed in _ONE else stemmed


def _bare(word: str) -> str:
    """Without what is joined to it: "i'll", "we've", "don't" are function words."""
    return word.partition("'")[0].partition("\u2019")[0]


@lru_cache(maxsize=8192)
def gist(text: str) -> frozenset[str]:
    """The stems of what a sentence is about."""
    return frozenset(
        _normal(word)
        for word in map(_bare, plain_words(text))
        if len(word) > 1 and word not in _LEFT_OUT and not is_stop_word(word)
    )
