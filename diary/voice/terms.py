"""The glossary: the person's own words."""

from __future__ import annotations

from diary.model.entry import EntryFilter
from diary.model.glossary import Term, TermDraft, TermId
from diary.voice.base import Base


class Terms(Base):
    """Keeps the glossary."""

    def terms(self) -> list[Term]:
        """All, by kind and text."""
        return self._stores.glossary.terms()

    def add_term(self, term: TermDraft) -> Term:
        """Keep one; one of the same text and kind is replaced."""
        return self._stores.glossary.add(term)

    def proposed_terms(self) -> list[TermDraft]:
        """Names and medicines that the entries hold already and the glossary does not; nothing is kept."""
        from ingest.glossary.proposals import proposals

        entries = self._stores.entries.list(EntryFilter())
        return list(proposals((entry.text for entry in entries), self.terms()))

    def remove_term(self, term: TermId) -> None:
        """Forget one; what was written with it stays."""
        self._stores.glossary.remove(term)
