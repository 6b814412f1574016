"""What kind of thing a question asks for, and whether a note holds such a thing at all; pure.

"What did the smoke alarm cost?" is not answered by a note about the smoke alarm without an amount of money,
however near in words. A kind is told from the words of the question, and its presence from the form of the
note: amounts, percentages, times of day, ages, names, counts of a named thing. Questions of no such kind
ask for `ANYTHING`, which every note holds.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from enum import StrEnum

from retrieval.sentences import sentences
from retrieval.stems import plain_words, stem


class Asked(StrEnum):
    """Kinds of things that can be recognised in a text by their form."""

    MONEY = "money"
    PERCENTAGE = "percentage"
    DOSE = "dose"
    FIGURE = "figure"
    COLOUR = "colour"
    CLOCK = "time of day"
    AGE = "age"
    NAME = "name"
    PERSON = "person"
    COUNT = "count"
    ANYTHING = "anything"


_NUMBER_WORDS = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
    "|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|dozen|half"
)
# What is measured in a person, as blood tests and scales give it: asked for, it is a figure.
_MEASURED = (
    r"(?:cholesterol|potassium|sodium|creatinine|ferritin|iron|h(?:a|ae)moglobin|hba1c|tsh|psa|inr|e?gfr|glucose"
    r"|blood sugar|weight|pulse|heart rate|(?:blood )?pressure|temperature|bmi|saturation|peak flow)"
)
_COLOURS = (
    "red|orange|yellow|green|blue|purple|violet|pink|brown|black|white|grey|gray|cream|beige|gold|golden|silver"
    "|turquoise|lilac|magnolia|navy|maroon|crimson|scarlet|ivory|colou?red|rot|gelb|grün|blau|lila|braun"
    "|schwarz|weiß|grau|rosa"
)
# How many entries there are is counted, not read in one of them.
_HOW_MANY = re.compile(
    r"\b(?:how many|wie ?viele)\b(?!.*\b(?:logged|log|entries|did i (?:write|mention|record))\b)"
)
_QUESTIONS: tuple[tuple[Asked, re.Pattern[str]], ...] = (
    (Asked.PERCENTAGE, re.compile(r"\b(?:per ?cent|percentage|interest rate|what rate)\b")),
    (
        Asked.MONEY,
        re.compile(
            r"\b(?:cost|costs|price|salary|wage|wages|fee|fees|rent|rental)\b"
            r"|\bhow much\b.*\b(?:money|pay|paid|charged?|spen[dt]|owe|earn|len[dt]|sen[dt]|allowance"
            r"|quoted?)\b"
            r"|\bwhat (?:did|does|do|will|would) .*\b(?:charge|quote)\b"
            r"|\bwie ?viel\b.*\b(?:geld|kostet|gekostet|zahle|bezahlt)\b"
        ),
    ),
    (
        Asked.DOSE,
        re.compile(r"\b(?:what|which|how large a|how big a) dos(?:e|age)\b|\bhow many (?:mg|milligrams?)\b"),
    ),
    (
        Asked.FIGURE,
        re.compile(
            r"\bwhat (?:exactly )?(?:was|is|were|are) (?:my|his|her|their|the|our|\w+'s) (?:\w+ )?"
            rf"{_MEASURED}\b|\bwhat .*\b(?:value|reading|score|level)\b(?! of )"
            r"|\bhow (?:much|heavy) (?:does|did|do) \w+ weigh\b"
        ),
    ),
    (Asked.COLOUR, re.compile(r"\b(?:what|which) colou?r\b|\bwelche farbe\b")),
    (Asked.CLOCK, re.compile(r"\b(?:what time|at which hour|um wie ?viel uhr)\b")),
    (Asked.AGE, re.compile(r"\b(?:how old|what age|wie alt)\b")),
    (
        Asked.NAME,
        re.compile(
            r"\b(?:surname|last name|first name|full name|maiden name|name of|name was|named|called|title of"
            r"|which make|what make|brand|who made)\b|\bwhat is .{1,40} name\b"
        ),
    ),
    (Asked.PERSON, re.compile(r"^\W*(?:who|wer|whose|wem|wen)\b(?! (?:is|was|are|ist|war)\b)")),
    (Asked.COUNT, _HOW_MANY),
)
_FORMS: dict[Asked, re.Pattern[str]] = {
    Asked.MONEY: re.compile(
        rf"[£$€]\s?\d|\b(?:\d[\d,.]*|{_NUMBER_WORDS})\s?(?:pounds?|euros?|dollars?|quid|grand|pence|p|eur|gbp|usd)\b"
    ),
    Asked.PERCENTAGE: re.compile(r"\d\s?%|\bper ?cent\b"),
    Asked.DOSE: re.compile(
        rf"\b(?:\d[\d,.]*|{_NUMBER_WORDS})[\s-]?(?:m?g|mcg|µg|micrograms?|milligrams?|ml|units?|iu|tablets?|pills?|drops?)\b"
    ),
    Asked.FIGURE: re.compile(rf"\d|\b(?:{_NUMBER_WORDS})\b"),
    Asked.COLOUR: re.compile(rf"\b(?:{_COLOURS})\b"),
    Asked.CLOCK: re.compile(
        r"\b\d{1,2}[:.]\d{2}\b|\b\d{1,2}\s?[ap]\.?m\b|\bo'clock\b|\b(?:half|quarter) (?:past|to)\b"
        r"|\bnoon\b|\bmidnight\b"
        rf"|\bat (?:{_NUMBER_WORDS}|\d{{1,2}})\b(?! (?:per|percent|mg|km))|\b\d{{1,2}} uhr\b"
    ),
    Asked.AGE: re.compile(
        rf"\b(?:\d{{1,3}}|{_NUMBER_WORDS})(?:-| )(?:year|month|week)s?(?:-| )old\b"
        rf"|\baged? (?:\d|{_NUMBER_WORDS})"
        rf"|\b(?:is|was|turned|turns|am) (?:\d{{1,3}}|(?:{_NUMBER_WORDS})[a-z-]*)\b"
        rf"|\b(?:\d{{1,3}}|{_NUMBER_WORDS}) years\b"
        r"|\bborn\b|\bbirthday\b"
    ),
}
_NUMBER = re.compile(rf"\d|\b(?:{_NUMBER_WORDS})\b")
_COUNTED = re.compile(r"\b(?:how many|wie ?viele) ((?:[^\W\d_]+ ){0,2}[^\W\d_]+)")
_NAMING = re.compile(
    r"\b(?:called|named|names? (?:is|was)|christened|titled?|heißt|hieß)\b|[\"\u201c\u2018\u201e]\w"
)
_CAPITALISED = re.compile(r"\b[A-Z][^\W\d_]+")
_INNER_NAME = re.compile(r"(?<=[^\W\d_] |, |; )(?!I\b)[A-Z][^\W\d_]+")
_KIN = re.compile(
    r"\b(?:dad|mum|mom|father|mother|brother|sister|son|daughter|husband|wife|nurse|doctor|neighbour)\b"
)
_CLASS = re.compile(
    r"\b(?:which|what) (?!(?:did|do|does|was|is|are|were|have|has|had|will|would|should|can|could|may|might"
    r"|of|to|the|my|i)\b)(?:(?:kind|sort|make|type) of )?([^\W\d_]+)",
    re.I,
)
_GOES_ON = re.compile(
    r"\W*(?:it|that|they|this|which|cost|paid|for|only|just|about|around|and|but|so|now|all)\b|\W*\d|[£$€]"
)
_FEW_WORDS = 2
_NEAR_WORDS = 5
LONGEST_QUESTION = 400
"""Characters of a question that are looked at."""


def asked_for(question: str) -> Asked:
    """The first kind, in the order above, that the words of the question name."""
    lowered = question[:LONGEST_QUESTION].lower()
    return next((kind for kind, pattern in _QUESTIONS if pattern.search(lowered)), Asked.ANYTHING)


def class_asked_for(question: str) -> str | None:
    """The word that names what is asked for, in lower case: "which supplier …" asks for a supplier."""
    named = _CLASS.search(question[:LONGEST_QUESTION])
    return named[1].lower() if named else None


def holds(kind: Asked, question: str, text: str, asked: Collection[str] = ()) -> bool:
    """Whether `text` holds a thing of the kind that `question` asks for.

    :param asked: words of the question; an amount, an age or a time must stand in a sentence with one of
        them, or in a sentence that goes on about the one before. Without them any sentence will do.
    """
    match kind:
        case Asked.ANYTHING:
            return True
        case Asked.COUNT:
            return _holds_count(question, text)
        case Asked.NAME:
            return _holds_name(question, text)
        case Asked.PERSON:
            return _INNER_NAME.search(text) is not None or _KIN.search(text.lower()) is not None
        case _:
            return any(_FORMS[kind].search(sentence) for sentence in _about(text.lower(), asked))


def _about(text: str, asked: Collection[str]) -> Iterator[str]:
    """The sentences with one of the words, and those that go on: "Fitted the alarm. It was £30." """
    stems = {stem(word) for word in asked}
    before = False
    for span in sentences(text):
        sentence = text[span.start : span.end]
        goes_on = before and (_GOES_ON.match(sentence) or len(sentence.split()) <= _FEW_WORDS)
        before = not stems or bool(goes_on) or any(stem(word) in stems for word in plain_words(sentence))
        if before:
            yield sentence


def _holds_count(question: str, text: str) -> bool:
    """A number within a few words of one of the words counted, in one sentence."""
    counted = _COUNTED.search(question[:LONGEST_QUESTION].lower())
    stems = {stem(word) for word in plain_words(counted[1])} if counted else set()
    return any(_counts(text[span.start : span.end].lower().split(), stems) for span in sentences(text))


def _counts(words: list[str], stems: set[str]) -> bool:
    numbers = [place for place, word in enumerate(words) if _NUMBER.search(word)]
    named = [place for place, word in enumerate(words) if stems & {stem(part) for part in plain_words(word)}]
    return any(abs(number - name) <= _NEAR_WORDS for number in numbers for name in named)


def _holds_name(question: str, text: str) -> bool:
    """A name beside the name in the question ("Zofia Nowak"), or a word of naming."""
    asked = set(_CAPITALISED.findall(question)[1:]) - {"Dr", "Mr", "Mrs", "Ms"}
    if re.search(r"\b(?:surname|(?:last|first|full|maiden) name)\b", question[:LONGEST_QUESTION].lower()):
        for name in asked:
            if re.search(rf"\b{name} [A-Z]\w+|\b(?!Dr|Mr|Mrs|Ms|And|But|The|So)[A-Z]\w+ {name}\b", text):
                return True
        return False
    return _NAMING.search(text) is not None
