"""Terms for tests."""

from __future__ import annotations

from itertools import count

from diary.model.glossary import Term, TermId, TermKind

_NUMBERS = count(1)


def term(
    text: str,
    kind: TermKind = TermKind.MEDICINE,
    instead_of: tuple[str, ...] = (),
    also: tuple[str, ...] = (),
) -> Term:
    """A kept term."""
    return Term(id=TermId(next(_NUMBERS)), text=text, kind=kind, instead_of=instead_of, also=also)
