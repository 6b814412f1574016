"""Other names of what a question names: who looks for Topamax finds Topiramate; pure.

The names are the person's own terms (`diary.model.glossary`), each with what else the same is called. A name
stands in a text as whole words, in any case and without accents, as the full-text index folds words. Without
a term of several names nothing is different anywhere.

Not here: where terms are kept; phrases in quotation marks, which are looked for word for word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from diary.model.glossary import Term
from retrieval.filters import folded_words, says

Terms = Callable[[], Sequence[Term]]
"""The person's terms, asked for once in a search. Satisfied by `terms` of `ingest.ports.GlossaryStore`."""

MOST_OTHERS = 12
"""Of a question; more would drown its own words."""


def no_terms() -> Sequence[Term]:
    """Of a diary without a glossary."""
    return ()


@dataclass(frozen=True, slots=True)
class Named:
    """A thing that a text names.

    :ivar name: as the text names it, folded words between single spaces. :ivar others: what else it is
        called, likewise, without names that the text has too.
    """

    name: str
    others: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        """The words of the name."""
        return self.name.split()


def named_in(text: str, terms: Iterable[Term]) -> tuple[Named, ...]:
    """What the text names that has other names, in the order of the terms."""
    found: list[Named] = []
    left = MOST_OTHERS
    for term in terms:
        names = list(dict.fromkeys(" ".join(folded_words(name)) for name in (term.text, *term.also)))
        inside = [name for name in names if name and says(name.split(), text)]
        others = tuple(name for name in names if name and name not in inside)[:left]
        if inside and others:
            found.append(Named(inside[0], others))
            left -= len(others)
    return tuple(found)


def in_use(text: str, named: Sequence[Named], counts: Mapping[str, int]) -> str:
    """The text with each name that stands in no note replaced by the most frequent other name that does: what
    no note says is near to none, by vectors.

    :param counts: in how many passages each name stands.
    """
    for one in named:
        most = max(one.others, key=lambda other: counts.get(other, 0))
        if not counts.get(one.name) and counts.get(most):
            text = as_named(text, [Named(most, (one.name,))])
    return text


def counted_together(counts: Mapping[str, int], named: Sequence[Named]) -> dict[str, int]:
    """The frequencies, with a word of a name as frequent as the most frequent other name of the thing."""
    together = dict(counts)
    for one in named:
        most = max(counts.get(other, 0) for other in one.others)
        for word in one.words:
            if word in together:
                together[word] = max(together[word], most)
    return together


def as_named(text: str, named: Sequence[Named]) -> str:
    """The text with the other names of a thing replaced by the one that was asked for: to compare, never to
    show.
    """
    for one in named:
        for other in one.others:
            spaced = r"[\W_]+".join(map(re.escape, other.split()))
            text = re.sub(rf"(?<!\w){spaced}(?!\w)", one.name, text, flags=re.I)
    return text
