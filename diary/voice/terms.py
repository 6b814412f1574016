"""The glossary: the person's own words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from diary.errors import TermRefused
from diary.model.entry import EntryFilter
from diary.model.glossary import Term, TermDraft, TermId
from diary.voice.base import Base

Kept = TypeVar("Kept", bound=TermDraft)

LONGEST = 100
"""Characters of one word, which may be several: “Dr Okafor of the knee clinic”."""


class Terms(Base):
    """Keeps the glossary."""

    def terms(self) -> list[Term]:
        """All, by kind and text."""
        return self._stores.glossary.terms()

    def add_term(self, term: TermDraft) -> Term:
        """Keep one; one of the same text and kind is replaced. White space is made plain, empty names go.

        :raises diary.errors.TermRefused: when there is no word in it, or it is no word.
        """
        return self._stores.glossary.add(_checked(term))

    def change_term(self, term: Term) -> Term:
        """Put this in the place of the one of its number.

        :raises diary.errors.TermRefused: as `add_term`, or when there is another of its text and kind.
        :raises diary.errors.DiaryError: when there is none of this number.
        """
        return self._stores.glossary.change(_checked(term))

    def proposed_terms(self) -> list[TermDraft]:
        """Names and medicines that the entries hold already and the glossary does not; nothing is kept."""
        from ingest.glossary.proposals import proposals

        entries = self._stores.entries.list(EntryFilter())
        return list(proposals((entry.text for entry in entries), self.terms()))

    def remove_term(self, term: TermId) -> None:
        """Forget one; what was written with it stays."""
        self._stores.glossary.remove(term)


def _checked(term: Kept) -> Kept:
    text, *names = (_plain(name) for name in (term.text, *term.also, *term.instead_of))
    if not text:
        raise TermRefused("There was no word, so nothing was kept.", hint="Say how it is to be written.")
    if any(len(name) > LONGEST or not name.isprintable() for name in (text, *names)):
        raise TermRefused(
            f"A word of the glossary has {LONGEST} characters at most, and no signs that cannot be seen. "
            "Nothing was kept."
        )
    return replace(term, text=text, also=_each(term.also), instead_of=_each(term.instead_of))


def _plain(name: str) -> str:
    return " ".join(name.split())


def _each(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(_plain, names))))
