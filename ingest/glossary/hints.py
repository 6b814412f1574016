"""What is worth listening for: a speech model hears a name it was told of; pure."""

from __future__ import annotations

from collections.abc import Iterable

from diary.model.glossary import Term, TermKind

MOST = 40
"""Whisper has room for about 220 tokens of hotwords, and 3,500 terms help no more than none (faster-whisper
issue 438)."""

_ORDER = (TermKind.MEDICINE, TermKind.PERSON, TermKind.PLACE, TermKind.OTHER)


def hotwords(terms: Iterable[Term], most: int = MOST) -> tuple[str, ...]:
    """Names, at most so many, each once: of medicines, of people, of places, of other things, by the
    alphabet; then their other names in the same order.
    """
    ordered = sorted(terms, key=lambda term: (_ORDER.index(term.kind), term.text.casefold(), term.text))
    names = [term.text for term in ordered] + [name for term in ordered for name in term.also]
    once: dict[str, str] = {}
    for name in names:
        plain = " ".join(name.split())
        if plain:
            once.setdefault(plain.casefold(), plain)
    return tuple(once.values())[: max(most, 0)]
