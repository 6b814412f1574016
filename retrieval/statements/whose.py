"""Which characters of an entry are somebody else's words: quoted, pasted, forwarded; pure.

A letter that says "you must pay today" is no promise of the person's. Rules:
- a line that begins with ">", a fenced block, the head of an e-mail ("From: … Subject: …"), "Forwarded
  message" and "Original message", and whatever is announced as pasted or copied, with all that follows it to
  the end of the entry, is another's: where such a text ends cannot be told;
- words in quotation marks are another's, unless "I said", "I promised" or the like stands before them;
- what follows "she said", "the letter wants" is told, not meant: `told_by_another` sees it in a sentence.

Errs towards leaving out: a promise that is missed is mild, one that was never made is not.
"""

from __future__ import annotations

import re

from retrieval.sentences import Span

_TO_THE_END = re.compile(
    r"^[ \t>*_-]*(?:(?:from|von|de|to|an|subject|betreff|asunto|objet|sent|gesendet):[ \t]\S.*\n[ \t>*_-]*"
    r"(?:from|von|de|to|an|cc|date|datum|fecha|subject|betreff|asunto|objet|sent|gesendet):[ \t]"
    r"|(?:begin )?forwarded message|original message|weitergeleitete nachricht|mensaje reenviado"
    r"|message transféré)|^[ \t]*on .{6,80} wrote:[ \t]*$"
    r"|\b(?:pasted|pasting|copied|copying|forwarded|forwarding|typed out|eingefügt|kopiert)\b[^\n]{0,120}:?[ "
    r"\t]*\n",
    re.I | re.M,
)
_QUOTED_LINE = re.compile(r"^[ \t]*>.*$", re.M)
_FENCE = re.compile(r"^[ \t]*(?:```|~~~).*?(?:^[ \t]*(?:```|~~~)[ \t]*$|\Z)", re.M | re.S)
_QUOTES = re.compile(
    r"\u201c[^\u201d\n]{1,600}\u201d|\u201e[^\u201c\u201d\n]{1,600}[\u201c\u201d]"
    r"|\u00ab[^\u00bb\n]{1,600}\u00bb|\"[^\"\n]{1,600}\"|(?<!\w)\u2018[^\u2018\n]{1,400}?\u2019(?!\w)"
    r"|(?<!\w)'(?=\S)[^'\n]*?(?:\w'\w[^'\n]*?)*'(?!\w)"
)
_OWN_LEAD = re.compile(
    r"\b(?:i|we|ich|yo|je)(?:'ve| have| had|'d)? (?:\w+ )?(?:said|told (?:\w+ ){1,3}|promised(?: \w+){0,2}"
    r"|wrote|answered|replied|swore|vowed|decided|thought|sagte|versprach|dije|prometí)[ :,]*\Z",
    re.I,
)
_SAYS = (
    r"\b(?P<who>[\w']+)(?: (?:has|had|have|also|then|just|only|now|always|still))?"
    r" (?:said|says|say|told (?:me|us)|tells (?:me|us)|thinks?|thought|reckons?|reckoned|insists?|insisted"
    r"|swears|swore"
    r"|wants?|wanted|asked|asks|wrote|writes|claims|claimed|announced|promised|promises|wishes|hopes|hoped"
    r"|warned|suggests|suggested|replied|answered|texted|texts|sagt|sagte|meint|meinte|dice|dijo|dit|a dit)"
)
_TELLING = re.compile(_SAYS, re.I)
_TOLD = re.compile(
    rf"{_SAYS}(?: (?:me|us|that|i|we|if|whether|dass|que|he|she|they))*[^.;,:]{{0,24}}\Z", re.I
)
_THAT = re.compile(r"\b(?:that|dass|que)\W*\Z", re.I)
_ONESELF = frozenset(
    {"i", "we", "ich", "wir", "yo", "je", "nous", "nosotros", "i've", "we've", "i'd", "we'd"}
)


def of_others(text: str) -> list[Span]:
    """The stretches of an entry's text that are somebody else's words, in order."""
    found = [Span(*match.span()) for pattern in (_FENCE, _QUOTED_LINE) for match in pattern.finditer(text)]
    pasted = _TO_THE_END.search(text)
    if pasted is not None:
        start = text.find("\n", pasted.start()) if _announces(pasted.group()) else pasted.start()
        found.append(Span(max(start, pasted.start()), len(text)))
    for match in _QUOTES.finditer(text):
        if not _OWN_LEAD.search(text[max(match.start() - 60, 0) : match.start()]):
            found.append(Span(*match.span()))
    return sorted(found, key=lambda span: span.start)


def _announces(opening: str) -> bool:
    """Whether the line is the person's own ("Pasting it here:") and only what follows is another's."""
    return re.search(r"past|cop[iy]|forwarding|typed|eingef|kopiert", opening, re.I) is not None


def overlaps(start: int, end: int, spans: list[Span]) -> bool:
    """Whether characters `start` to `end` touch one of the spans."""
    return any(start < span.end and span.start < end for span in spans)


def told_by_another(before: str) -> bool:
    """Whether the words before a cue make it somebody else's: "she said …", but not "I said …"."""
    found = _TOLD.search(before)
    if found is None and _THAT.search(before):
        found = _TELLING.search(before)
    return found is not None and found["who"].lower() not in _ONESELF
