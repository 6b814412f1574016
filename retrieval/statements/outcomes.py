"""Whether a later sentence shows that something was done, or that it was not; pure.

Only words that stand there count, and only enough of them: a sentence shows it when it shares most of what
the promise is about, is in the past tense or says "done", and is no promise itself. "Rang the insurer" shows
"must ring the insurer"; "must still ring the insurer" does not, nor does "the insurer rang". When in doubt
the notes do not mention it.

For a resolve not to ("no more coffee after noon") it is the other way round: "no coffee today" shows it,
"had coffee at five" contradicts it.
"""

from __future__ import annotations

import re

from diary.model.review import Shown
from retrieval.statements.arranged import is_off, is_past
from retrieval.statements.cues import cues
from retrieval.statements.gist import gist
from retrieval.statements.reading import Statement
from retrieval.when.words import plain

LEAST_SHARE = 0.5
LEAST_SHARED = 2
SHARE_FOR_A_BREACH = 0.75
"""To say that a resolve was broken, more must be the same than to say that it was kept."""

_DONE = re.compile(
    r"\b(?:done|finished|finally|at last|sorted|ticked off|crossed off|completed|all paid|booked|managed it"
    r"|did it"
    r"|in the post|off the list|erledigt|geschafft|fertig|endlich|hecho|terminado|por fin|fait|terminé"
    r"|enfin)\b"
)
_FIRST_PERSON_PAST = re.compile(
    r"(?:\b(?:i|we|ich|yo|je)(?:'ve| have|'d| had)?(?: \w+ly| just| also| even| finally| then)? "
    r"(?P<verb>[\w'-]+)"
    r"|(?:\A|[.;:,!?(]|\band|\bthen|\bbut)[\W_]*(?:(?:also|finally|then|just|even) )?(?P<bare>[\w'-]+))"
)
_HAPPENED = re.compile(
    r"\b(?:went|is|are|was|were|has been|have been|came|got) (?:in|on|up|through|out|off|away|\w+ed|done|sent"
    r"|paid|built|made"
    r"|sold|bought|hung|put|set|cut|gone|given|taken)\b"
)
_NOT = re.compile(
    r"\b(?:not|never|haven't|hasn't|hadn't|didn't|don't|doesn't|wasn't|weren't|couldn't|can't|won't|cannot"
    r"|without"
    r"|forgot|forgotten|failed|missed|skipped|gave up|given up|abandoned|no time|too late|changed my mind"
    r"|instead"
    r"|put off|postponed|nicht|kein\w*|vergessen|no he|no pude|olvid\w+|pas|oublié)\b"
)
_NONE = re.compile(r"\b(?:no|none|without|zero|not a|haven't|didn't|kein\w*|ohne|sin|sans|ni un\w*)\b")
_CLAUSE = re.compile(r"[;,.!?:]| - |\u2014|\bbut\b|\bthough\b|\baber\b|\bpero\b|\bmais\b")


def shared(statement: Statement, text: str) -> float:
    """Share of what the promise is about that the text is about too; 0 when too few words are the same."""
    wanted = gist(statement.text)
    common = wanted & gist(text)
    if (
        not wanted
        or len(common) < min(LEAST_SHARED, len(wanted))
        or (len(wanted) == 1 and not _weighty(wanted))
    ):
        return 0.0
    return len(common) / len(wanted)


def _weighty(wanted: frozenset[str]) -> bool:
    """Whether a single word says enough: "practise" does, "go" does not."""
    return all(len(word) > 3 for word in wanted)


def shown_by(statement: Statement, text: str) -> Shown:
    """What a later sentence says of a promise; NOT_MENTIONED when it says nothing, or nothing certain."""
    share = shared(statement, text)
    if share < LEAST_SHARE:
        return Shown.NOT_MENTIONED
    words = plain(text)
    if words.rstrip().endswith("?") or _is_promise(words):
        return Shown.NOT_MENTIONED
    if statement.denied:
        return _of_resolve_not_to(statement, words, share)
    clause = _weightiest(statement, words)
    if is_off(clause) or _NOT.search(clause):
        return Shown.CONTRADICTED
    return Shown.SHOWN if _tells_of_doing(clause, words) else Shown.NOT_MENTIONED


def _of_resolve_not_to(statement: Statement, words: str, share: float) -> Shown:
    clause = _weightiest(statement, words)
    if _NONE.search(clause):
        return Shown.SHOWN
    told = is_past(clause) and share >= SHARE_FOR_A_BREACH and not _NOT.search(clause)
    return Shown.CONTRADICTED if told else Shown.NOT_MENTIONED


def _is_promise(words: str) -> bool:
    """Whether the sentence itself promises: said again, it is not done."""
    return bool(cues(words)) and not _DONE.search(words)


def _weightiest(statement: Statement, words: str) -> str:
    """The clause that has most in common with the promise; the earliest of equals."""
    wanted = gist(statement.text)
    clauses = [clause for clause in _CLAUSE.split(words) if clause.strip()] or [words]
    return max(clauses, key=lambda clause: len(wanted & gist(clause)))


def _tells_of_doing(clause: str, words: str) -> bool:
    """Done by the person, or done at all: somebody else's deed with the same words is not enough."""
    if _DONE.search(words) or _HAPPENED.search(clause):
        return True
    return any(is_past(found["verb"] or found["bare"] or "") for found in _FIRST_PERSON_PAST.finditer(clause))
