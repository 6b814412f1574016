"""glossary: the person's own people, places and medicines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from diary.cli.context import Context
from diary.errors import DiaryError
from diary.model.glossary import Term, TermDraft, TermId, TermKind

_HEADINGS = {
    TermKind.MEDICINE: "Medicines",
    TermKind.PERSON: "People",
    TermKind.PLACE: "Places",
    TermKind.OTHER: "Other words",
}


def glossary(context: Context) -> None:
    """Run one action."""
    _ACTIONS[context.arguments.action](context)


def _list(context: Context) -> None:
    with context.session() as session:
        terms = session.voice.terms()
    context.console.document({"terms": [term_document(term) for term in terms]})
    for kind, heading in _HEADINGS.items():
        of_kind = [term for term in terms if term.kind is kind]
        if of_kind:
            context.console.say(heading)
        for term in of_kind:
            context.console.say(f"{term.id:>4}  {term.text}{_details(term)}")
    if not terms:
        context.console.say("There are no words of yours yet.")
        context.console.say("Add one: diary glossary add Topiramate --kind medicine --also Topamax")


def _details(term: TermDraft) -> str:
    """What else it is called, and what is replaced by it."""
    parts = [f", also {_quoted(term.also)}"] if term.also else []
    parts += [f", instead of {_quoted(term.instead_of)}"] if term.instead_of else []
    return "".join(parts)


def _quoted(words: tuple[str, ...]) -> str:
    return ", ".join(f"“{one}”" for one in words)


def term_document(term: Term) -> dict[str, Any]:
    """A kept term."""
    return {"term": term.id, **draft_document(term)}


def draft_document(term: TermDraft) -> dict[str, Any]:
    """A term that is kept, or could be."""
    return {
        "text": term.text,
        "kind": term.kind.value,
        "also": list(term.also),
        "instead_of": list(term.instead_of),
    }


def _add(context: Context) -> None:
    arguments = context.arguments
    draft = TermDraft(
        text=" ".join(arguments.text),
        kind=TermKind(arguments.kind),
        also=tuple(arguments.also),
        instead_of=tuple(arguments.instead_of),
    )
    with context.session() as session:
        term = session.voice.add_term(_with_what_is_kept(draft, session.voice.terms()))
    context.console.document(term_document(term))
    context.console.say(f"Kept as {term.id}: {term.text}{_details(term)}.")


def _with_what_is_kept(draft: TermDraft, terms: Sequence[Term]) -> TermDraft:
    """With the names and rules that the same word has already: adding takes nothing away."""
    wanted = (draft.kind, " ".join(draft.text.split()).casefold())
    for kept in terms:
        if (kept.kind, kept.text.casefold()) == wanted:
            also, instead_of = (*kept.also, *draft.also), (*kept.instead_of, *draft.instead_of)
            return replace(draft, also=also, instead_of=instead_of)
    return draft


def _change(context: Context) -> None:
    """What is given takes the place of what was; the rest stays."""
    arguments = context.arguments
    number = TermId(arguments.term)
    with context.session() as session:
        kept = next((term for term in session.voice.terms() if term.id == number), None)
        if kept is None:
            raise DiaryError(
                f"There is no term {number} in the glossary. Nothing was changed.",
                hint="See what there is with: diary glossary list",
            )
        term = session.voice.change_term(
            replace(
                kept,
                text=" ".join(arguments.text) or kept.text,
                kind=TermKind(arguments.kind or kept.kind),
                also=kept.also if arguments.also is None else tuple(arguments.also),
                instead_of=kept.instead_of if arguments.instead_of is None else tuple(arguments.instead_of),
            )
        )
    context.console.document(term_document(term))
    context.console.say(f"Term {term.id} is now: {term.text}, {term.kind.value}{_details(term)}.")


def _remove(context: Context) -> None:
    number = TermId(context.arguments.term)
    with context.session() as session:
        session.voice.remove_term(number)
    context.console.document({"removed": number})
    context.console.say(f"Term {number} is forgotten; what was written with it stays.")


def _propose(context: Context) -> None:
    """Words that the entries hold already; nothing is kept."""
    with context.session() as session:
        proposed = session.voice.proposed_terms()
    context.console.document({"proposed": [draft_document(term) for term in proposed]})
    for term in proposed:
        context.console.say(f"{term.kind.value:<8}  {term.text}{_details(term)}")
    if proposed:
        context.console.say("Keep one with: diary glossary add TEXT --kind KIND")
    else:
        context.console.say("Your entries name nothing that could be proposed.")


_ACTIONS = {"list": _list, "add": _add, "change": _change, "remove": _remove, "propose": _propose}
