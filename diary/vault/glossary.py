"""The person's own words: people, places, medicines, and what is to be written instead of what is heard.

One term for each text and kind, whatever the case. Not here: how terms are applied to what is heard.
"""

from __future__ import annotations

from diary.errors import DiaryError, TermRefused
from diary.model.glossary import Term, TermDraft, TermId, TermKind
from diary.vault.connection import Database, Row
from diary.vault.rows import clean, tags_from_row, tags_to_row

_ALL = "SELECT id, kind, text, instead_of, also FROM glossary ORDER BY kind, casefold(text), id"
_ONE = "SELECT id, kind, text, instead_of, also FROM glossary WHERE id = ?"
_SAME = "SELECT id FROM glossary WHERE kind = ? AND casefold(text) = ?"


class Glossary:
    """The GlossaryStore of a vault."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def terms(self) -> list[Term]:
        """All, by kind and text."""
        return [_term(row) for row in self._database.rows(_ALL)]

    def add(self, term: TermDraft) -> Term:
        """Keep one; one of the same text, whatever its case, and kind is replaced and keeps its number.

        :raises diary.errors.PolicyForbids: when that would take a word that has to stay.
        """
        text = clean(term.text)
        values = (term.kind.value, text, tags_to_row(term.instead_of), tags_to_row(term.also))
        with self._database.transaction():
            same = self._database.row(_SAME, (term.kind.value, text.casefold()))
            if same is not None:
                self._require_kept(same[0], values)
            number = self._database.insert(
                "INSERT OR REPLACE INTO glossary(id, kind, text, instead_of, also) VALUES (?, ?, ?, ?, ?)",
                (None if same is None else same[0], *values),
            )
        return _term((number, *values))

    def change(self, term: Term) -> Term:
        """Put this in the place of the one of its number.

        :raises diary.errors.DiaryError: when there is none of this number.
        :raises diary.errors.TermRefused: when there is another of its text and kind.
        :raises diary.errors.PolicyForbids: when that would take a word that has to stay.
        """
        text = clean(term.text)
        values = (term.kind.value, text, tags_to_row(term.instead_of), tags_to_row(term.also))
        with self._database.transaction():
            same = self._database.row(_SAME, (term.kind.value, text.casefold()))
            if same is not None and same[0] != term.id:
                raise TermRefused(
                    f"Term {same[0]} has the same text and kind. Nothing was changed.",
                    hint=f"Change that one, or remove it first: diary glossary remove {same[0]}",
                )
            self._require_kept(term.id, values)
            changed = "UPDATE glossary SET kind = ?, text = ?, instead_of = ?, also = ? WHERE id = ?"
            if not self._database.run(changed, (*values, term.id)):
                raise _no_term(term.id)
        return _term((term.id, *values))

    def remove(self, term: TermId) -> None:
        """Forget one.

        :raises diary.errors.DiaryError: when there is none of this number.
        :raises diary.errors.PolicyForbids: when nothing may be erased.
        """
        self._database.require_erasable()
        with self._database.transaction():
            if not self._database.run("DELETE FROM glossary WHERE id = ?", (term,)):
                raise _no_term(term)

    def _require_kept(self, number: int, values: tuple[str, str, str, str]) -> None:
        """Where nothing may be erased a term may get more words, and lose none."""
        row = self._database.row(_ONE, (number,))
        if row is None:
            return
        before, after = _term(row), _term((number, *values))
        same = (before.kind, before.text.casefold()) == (after.kind, after.text.casefold())
        if not (same and {*before.instead_of} <= {*after.instead_of} and {*before.also} <= {*after.also}):
            self._database.require_erasable()


def _no_term(term: TermId) -> DiaryError:
    return DiaryError(
        f"There is no term {term} in the glossary. Nothing was changed.",
        hint="See what there is with: diary glossary list",
    )


def _term(row: Row) -> Term:
    return Term(
        id=TermId(row[0]),
        kind=TermKind(row[1]),
        text=row[2],
        instead_of=tags_from_row(row[3]),
        also=tags_from_row(row[4]),
    )
