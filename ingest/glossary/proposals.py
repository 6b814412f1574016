"""Names that the diary holds already, proposed as terms; pure.

A name is one or more capitalised words in a row inside a sentence (“Dr Okafor”), in LEAST_TEXTS entries or
more, and hardly ever in small letters. What it names is for the person to say: it comes as OTHER. Medicines
come from `med::` lines, as they are noted there. Left out: days, months and languages, and what is known
already.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from diary.model.glossary import TermDraft, TermKind
from ingest.observations import MARK
from ingest.observations.metrics import Form, metric_of
from ingest.observations.reading import read_observations

LEAST_TEXTS = 3
"""Entries that a name must stand in: a word to be proposed has come up again and again."""
LEAST_NOTED = 1
"""Entries that a medicine must be noted in."""
MOST_IN_SMALL = 0.2
"""Share of a name's places at which it may stand in small letters: names that are words are few."""

_CAPITALISED = r"[A-ZÄÖÜÀ-ÞŁŚŻČŠŽ][\w'\u2019-]*[^\W\d_]"
_NAME = re.compile(
    rf"(?<=[\w,;)][ \t])(?:(?:Dr|Mr|Mrs|Ms|Prof|St|Frau|Herr)\.?[ \t])?{_CAPITALISED}"
    rf"(?:[ \t](?:(?:of|de|von|van|der|la)[ \t])?{_CAPITALISED})*"
)
_AFTER_A_STOP = re.compile(r"[.!?:\u2026\"\u201c\u201d]['\u2019)]?[ \t]\Z")
_WORD = re.compile(r"[^\W\d_][\w'\u2019-]*")
_POSSESSIVE = re.compile(r"['\u2019]s?\Z")
_CALENDAR_AND_THE_LIKE = """
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december spring summer autumn winter christmas easter english german
    french spanish italian british american i i'm i'd i've i'll ok tv pm am gp nhs a&e bp mr mrs ms dr montag
    dienstag mittwoch donnerstag freitag samstag sonntag januar februar märz mai juni juli
    oktober dezember
"""
_NO_NAMES = frozenset(_CALENDAR_AND_THE_LIKE.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal(TermDraft):
    """A term that may be kept. :ivar count: in how many entries it stands."""

    count: int


def proposals(texts: Iterable[str], known: Sequence[TermDraft]) -> tuple[Proposal, ...]:
    """Medicines, then names, each by falling count and then by the alphabet.

    :param texts: of the person's own entries. :param known: what is not to be proposed again.
    """
    names: Counter[str] = Counter()
    medicines: Counter[str] = Counter()
    small: Counter[str] = Counter()
    for text in texts:
        names.update(set(_names(text)))
        medicines.update(set(_medicines(text)))
        small.update({word for word in _WORD.findall(text) if word.islower()})
    left = {one.casefold() for term in known for one in (term.text, *term.also, *term.instead_of)}
    proposed = list(_proposed(medicines, LEAST_NOTED, TermKind.MEDICINE, left))
    left |= {one.text.casefold() for one in proposed}
    rare = Counter(
        {name: count for name, count in names.items() if small[name.lower()] <= MOST_IN_SMALL * count}
    )
    return (*proposed, *_proposed(rare, LEAST_TEXTS, TermKind.OTHER, left))


def _proposed(found: Counter[str], least: int, kind: TermKind, left: set[str]) -> Iterator[Proposal]:
    for name, count in sorted(found.items(), key=lambda one: (-one[1], one[0].casefold(), one[0])):
        if count >= least and name.casefold() not in left:
            left = left | {name.casefold()}
            yield Proposal(text=name, kind=kind, count=count)


def _names(text: str) -> Iterator[str]:
    for match in _NAME.finditer(text):
        if _AFTER_A_STOP.search(text[max(match.start() - 3, 0) : match.start()]):
            continue
        name = _POSSESSIVE.sub("", " ".join(match.group().split()))
        if name.casefold() not in _NO_NAMES and not all(
            part.casefold() in _NO_NAMES for part in name.split()
        ):
            yield name


def _medicines(text: str) -> Iterator[str]:
    if MARK not in text:
        return
    for one in read_observations(text):
        metric = metric_of(one.key)
        if metric is not None and metric.form is Form.DOSE and one.value is not None and one.name:
            yield one.name
