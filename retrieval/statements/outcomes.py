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
from datetime import date, timedelta

from diary.model.plan import PlanItemKind
from diary.model.review import Shown
from retrieval.statements.arranged import is_off, is_past
from retrieval.statements.cues import cues
from retrieval.statements.gist import gist
from retrieval.statements.reading import Statement
from retrieval.stems import plain_words
from retrieval.when.words import plain

LEAST_SHARED = 2
LEAST_SHARE = 0.5
NEAR_SHARE = 0.34
"""Enough when the vectors of both sentences are near as well."""
NEAR, FAR = 0.55, 0.25
"""Cosines of two sentences (all-MiniLM-L6-v2) from which they are near, and below which they are of other
things."""
LONG_AFTER = timedelta(days=120)
CERTAIN_SHARE = 0.75
"""To say that a resolve was broken, more must be the same than to say that it was kept; so, too, long
after."""

_DONE = re.compile(
    r"\b(?:done|finished|finally|at last|sorted|ticked off|crossed off|completed|all paid|managed it|did it"
    r"|in the post|off the list|erledigt|geschafft|fertig|endlich|hecho|terminado|por fin|fait|terminé"
    r"|enfin)\b"
)
_OWN_DEED = re.compile(
    r"(?:\b(?:i|we|ich|yo|je)(?:'ve| have| had)?(?: \w+ly| just| also| even| finally| then)? "
    r"(?P<verb>[\w'-]+)|(?:\A|[.;:!?(])[\W_]*(?:(?:also|finally|then|just|even) )?(?P<bare>[\w'-]+))"
)
_AND_DEED = re.compile(r"(?:,|\band|\bthen) (?:then |finally |also )?(?P<bare>[\w'-]+)")
_NO_DEED_WORDS = """
    was were had said thought promised wanted meant tried hoped planned decided needed told wished used felt
"""
_NO_DEED = frozenset(_NO_DEED_WORDS.split())
_HAPPENED = re.compile(
    r"\b(?:went|is|are|was|were|has been|have been|came|got) (?:in|on|up|through|out|off|away|\w+ed|done|sent"
    r"|paid|built|made|sold|bought|hung|put|set|cut|gone|given|taken)\b"
)
_NOT = re.compile(
    r"\b(?:not|never|haven't|hasn't|hadn't|didn't|don't|doesn't|wasn't|weren't|couldn't|can't|won't|cannot"
    r"|without"
    r"|forgot|forgotten|failed|missed|skipped|gave up|given up|abandoned|no time|too late|changed my mind"
    r"|instead|put off|postponed|nicht|kein\w*|vergessen|no he|no pude|olvid\w+|pas|oublié)\b"
)
_NONE = re.compile(r"\b(?:no|none|without|zero|not a|haven't|didn't|kein\w*|ohne|sin|sans|ni un\w*)\b")
_CLAUSE = re.compile(r"[;,.!?:]| - |\u2014|\bbut\b|\bthough\b|\baber\b|\bpero\b|\bmais\b")


def shared(statement: Statement, text: str) -> float:
    """Share of what the promise is about that the text is about too; 0 when too few words are the same."""
    wanted = gist(statement.text)
    common = wanted & gist(text)
    least = 1 if statement.denied else LEAST_SHARED  # "no more sugar" is about one thing
    return len(common) / len(wanted) if len(common) >= least else 0.0


def shown_by(statement: Statement, text: str, day: date, nearness: float | None = None) -> Shown:
    """What a later sentence says of a promise; NOT_MENTIONED when it says nothing, or nothing certain.

    :param day: the day of the note that the sentence stands in.
    :param nearness: cosine of the vectors of promise and sentence, -1 to 1; None when it is not known.
    """
    share = shared(statement, text)
    least = NEAR_SHARE if nearness is not None and nearness >= NEAR else LEAST_SHARE
    if day - (statement.last or statement.said_on) > LONG_AFTER:
        least = CERTAIN_SHARE
    if share < least or (nearness is not None and nearness < FAR):
        return Shown.NOT_MENTIONED
    words = plain(text)
    if words.rstrip().endswith("?") or _is_promise(words):
        return Shown.NOT_MENTIONED
    if statement.denied:
        return _of_resolve_not_to(statement, words, share)
    clause = _weightiest(statement, words)
    if is_off(clause) or _NOT.search(clause):
        return Shown.CONTRADICTED
    if _DONE.search(words) or _HAPPENED.search(clause):
        return Shown.SHOWN
    same_deed = share >= CERTAIN_SHARE or bool(_deed(statement) & gist(text))
    return Shown.SHOWN if same_deed and _is_own_deed(clause, words) else Shown.NOT_MENTIONED


def _of_resolve_not_to(statement: Statement, words: str, share: float) -> Shown:
    clause = _weightiest(statement, words)
    if _NONE.search(clause):
        return Shown.SHOWN
    certain = share >= CERTAIN_SHARE and len(gist(statement.text)) >= LEAST_SHARED
    told = certain and is_past(clause) and not _NOT.search(clause)
    return Shown.CONTRADICTED if told else Shown.NOT_MENTIONED


def _is_promise(words: str) -> bool:
    """Whether the sentence itself promises: said again, it is not done."""
    promises = any(cue.kind is not PlanItemKind.CONSTRAINT for cue in cues(words))
    return promises and not _DONE.search(words)


def _weightiest(statement: Statement, words: str) -> str:
    """The clause that has most in common with the promise; the earliest of equals."""
    wanted = gist(statement.text)
    clauses = [clause for clause in _CLAUSE.split(words) if clause.strip()] or [words]
    return max(clauses, key=lambda clause: len(wanted & gist(clause)))


def _deed(statement: Statement) -> frozenset[str]:
    """The verb of a promise: the first of its words that says something."""
    for word in plain_words(statement.text):
        found = gist(word)
        if found:
            return found
    return frozenset()


def _is_own_deed(clause: str, words: str) -> bool:
    """Whether the person did it: somebody else's deed with the same words is not enough."""
    if any(_is_deed(found["verb"] or found["bare"]) for found in _OWN_DEED.finditer(clause)):
        return True
    begins = _OWN_DEED.match(words.lstrip())
    if begins is None or not _is_deed(begins["verb"] or begins["bare"]):
        return False
    return any(_is_deed(found["bare"]) for found in _AND_DEED.finditer(words))


def _is_deed(verb: str) -> bool:
    return is_past(verb) and verb not in _NO_DEED
