"""Which metric a question names; pure.

A metric is named by a well-known word for it, by the words of its own key, by its key's last word when no
other key can be meant, by the name of a medicine, or by a word for practising when one metric alone is a
length of time. The longest name wins ("blood pressure" before "pressure"), a strong one before a weak one. A
question that names two metrics is none of ours: which of them is meant is not for code to guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from retrieval.numbers.well_known import BY_KEY, MEDICINES, PARTS, PRACTICE, called_alike
from retrieval.stems import stem
from retrieval.stop_words import is_stop_word

MINUTES = "min"
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_LEAST_OF_A_NAME = 4
STRONG, NAMED, WEAK = 3, 2, 1


@dataclass(frozen=True, slots=True)
class Metric:
    """What is asked for: a key, with a part ("systolic") or a name ("sertraline") when it was said.

    :ivar also: other keys of the diary that mean the same ("bp" and "blood_pressure").
    """

    key: str
    part: str = ""
    name: str = ""
    also: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ".".join(piece for piece in (self.key, self.part or self.name) if piece)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the diary has observations of.

    :ivar keys: every key with the number of its observations.
    :ivar names: the names a key's values have ("sertraline"), in lower case; asked for only when needed.
    :ivar unit: the unit most of a key's values are in; likewise.
    """

    keys: Mapping[str, int]
    names: Callable[[str], Sequence[str]]
    unit: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a question with its place; `text` in lower case."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mention:
    """A metric, and the words that name it."""

    metric: Metric
    words: tuple[Word, ...]
    strength: int

    @property
    def start(self) -> int:
        """Where its first word begins."""
        return self.words[0].start


def words(text: str) -> list[Word]:
    """The words of a question, without possessive endings, in order."""
    found = []
    for match in _WORD.finditer(text.lower()):
        word = re.sub(r"'s?\Z", "", match.group())
        found.append(Word(word, match.start(), match.end()))
    return found


def named(text: str, catalogue: Catalogue) -> Mention | None:
    """The one metric that the text names, or None when it names none or several."""
    spoken = words(text)
    found = [mention for key in catalogue.keys for mention in _mentions(key, spoken, catalogue)]
    found += [
        mention
        for key in catalogue.keys
        if key in MEDICINES
        for mention in _medicines(key, spoken, catalogue)
    ]
    found = _longest(found)
    if not any(mention.strength > WEAK for mention in found):
        found += _practised(spoken, catalogue)
    for strength in (STRONG, NAMED, WEAK):
        level = [mention for mention in found if mention.strength == strength]
        if level:
            alike = called_alike(level[0].metric.key, catalogue.keys)
            if not {mention.metric.key for mention in level} <= set(alike):
                return None
            return _one([one for one in found if one.metric.key in alike], alike, spoken, catalogue)
    return None


def _one(
    level: Sequence[Mention], alike: Sequence[str], spoken: Sequence[Word], catalogue: Catalogue
) -> Mention:
    """The mentions of one metric as one, under its most used key, with the part that a word names."""
    key = max(alike, key=lambda one: catalogue.keys[one])
    also = tuple(one for one in alike if one != key)
    part = next((PARTS[word.text] for word in spoken if word.text in PARTS and _has_parts(key)), "")
    names = {mention.metric.name for mention in level} - {""}
    name = names.pop() if len(names) == 1 else ""
    places = {word.start: word for mention in level for word in mention.words}
    strength = max(mention.strength for mention in level)
    return Mention(Metric(key, part, name, also), tuple(places[place] for place in sorted(places)), strength)


def _has_parts(key: str) -> bool:
    known = BY_KEY.get(key)
    return known is not None and "systolic" in known.phrases


def _mentions(key: str, spoken: Sequence[Word], catalogue: Catalogue) -> Iterable[Mention]:
    own = [token for token in re.split(r"[\W_]+", key) if token]
    known = BY_KEY.get(key)
    phrases = [(phrase.split(), STRONG) for phrase in (known.phrases if known else ())]
    phrases += [(phrase.split(), WEAK) for phrase in (known.weak if known else ())]
    if own and not all(is_stop_word(token) for token in own) and known is None:
        phrases.append((own, STRONG))
        if len(own) > 1 and not any(_ends_with(other, own[-1]) for other in catalogue.keys if other != key):
            phrases.append((own[-1:], WEAK))
    for phrase, strength in phrases:
        for run in _runs(phrase, spoken):
            yield Mention(Metric(key), run, strength)


def _ends_with(key: str, token: str) -> bool:
    return stem(re.split(r"[\W_]+", key)[-1]) == stem(token)


def _runs(phrase: Sequence[str], spoken: Sequence[Word]) -> Iterable[tuple[Word, ...]]:
    """Where the words of a phrase stand one after the other, by their stems."""
    stems = [stem(token) for token in phrase]
    for place in range(len(spoken) - len(phrase) + 1):
        run = spoken[place : place + len(phrase)]
        if all(
            stem(word.text) == token and (len(word.text) > 2 or word.text == plain)
            for word, token, plain in zip(run, stems, phrase, strict=True)
        ):
            yield tuple(run)


def _medicines(key: str, spoken: Sequence[Word], catalogue: Catalogue) -> Iterable[Mention]:
    """Medicines are asked for by their names, with or without a word for medicine."""
    wanted = {token for name in catalogue.names(key) for token in tokens_of(name)}
    for word in spoken:
        if word.text in wanted:
            yield Mention(Metric(key, name=word.text), (word,), NAMED)


def tokens_of(name: str) -> set[str]:
    """The words of a name that tell it from others."""
    return {
        token
        for token in re.split(r"[^\w]+", name.lower())
        if len(token) >= _LEAST_OF_A_NAME and token.isalpha() and not is_stop_word(token)
    }


def _practised(spoken: Sequence[Word], catalogue: Catalogue) -> list[Mention]:
    practice = tuple(word for word in spoken if word.text in PRACTICE)
    if not practice:
        return []
    own = [key for key in catalogue.keys if key not in BY_KEY and catalogue.unit(key) == MINUTES]
    return [Mention(Metric(own[0]), practice, NAMED)] if len(own) == 1 else []


def _longest(found: Sequence[Mention]) -> list[Mention]:
    """Without mentions that lie inside longer ones."""

    def inside(one: Mention, other: Mention) -> bool:
        places = {word.start for word in one.words}
        return places < {word.start for word in other.words}

    return [one for one in found if not any(inside(one, other) for other in found)]


_KIN_WORDS = """
wife husband partner mum mom mam mother dad father son daughter brother sister gran granny grandma grandmother
grandad grandpa grandfather aunt uncle cousin niece nephew boyfriend girlfriend friend neighbour baby child
kid dog cat frau mann mutter vater mama papa sohn tochter bruder schwester oma opa
"""
_KIN = frozenset(_KIN_WORDS.split())


def is_somebody(word: str, question: str) -> bool:
    """Whether a word of the question, in lower case, names a person: kin, or a name by its capital."""
    if word in _KIN:
        return True
    return re.search(rf"(?<=[^\W\d_] ){re.escape(word.capitalize())}(?!\w)", question) is not None


def modifiers(mention: Mention, spoken: Sequence[Word], unknown: Sequence[Word]) -> list[Word]:
    """Unknown words before the metric, after it as "of my …", or last after "for": they say which one."""
    beside = []
    starts = {word.start for word in mention.words}
    strange = {word.start for word in unknown}
    for before, after in pairwise(spoken):
        if after.start in starts and before.start in strange:
            beside.append(before)
    ends = mention.words[-1].end
    rest = [word for word in spoken if word.start >= ends][:3]
    if [word.text for word in rest[:1]] in (["of"], ["in"]) and len(rest) > 1:
        beside += [word for word in rest[1:] if word.start in strange][:1]
    if [word.text for word in spoken[-2:-1]] == ["for"] and spoken[-1].start in strange:
        beside += [word for word in spoken[-1:] if word not in beside]  # "… have I logged for Anna?"
    return beside
