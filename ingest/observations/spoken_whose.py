"""Whether a number told in a sentence is the person's own, of this entry's day, and meant; pure.

Conservative: a line that is not offered can be typed, one that is offered wrongly may be accepted in haste.
In the words around it nothing may deny (“didn't”), compare (“used to”, “last year”, “than”), wish or suppose
(“should”, “if”), make it general (“usually”, “every night”), date it elsewhere (“yesterday”, “in March”) or
speak of somebody else (“her”, “my mother”, “Tom's”). What was done (“slept”) is the person's when “I” stands
right before it, or nothing but the beginning of a clause without a name.
"""

from __future__ import annotations

import re

BEFORE, AFTER = 90, 45
"""Characters of the line that are looked at on either side of what is told."""

MOST_ADDED = 2
"""Words behind a comma that still belong to what was told."""

_LONG_AGO = re.compile(r"\b(?:ago|used to|back then)\b")
_END = re.compile(r"(?:^| )[.!;?\n\u2026](?= |$)")
_QUOTED = re.compile(r"\"[^\"\n]*\"|\u201c[^\u201d\n]*\u201d|\u201e[^\u201c\u201d\n]*[\u201c\u201d]")
_QUOTED_LINE = re.compile(r"^[ \t]*>.*$", re.M)
_NOT_SO = (
    r"not|never|no|none|without|\w+n't|cannot|didnt|dont|wasnt|hardly|nicht|nie|niemals|kein\w*|ohne",
    r"used to|usual|usually|normal|normally|average|averages|generally|typically|often|always|sometimes"
    r"|every|each"
    r"|most (?:nights|days)|ago|yesterday|tomorrow|previous|previously|earlier than|than|compared|back then"
    r"|once"
    r"|last (?!night)\w+|when i was|since|gestern|vorgestern|morgen|früher|sonst|normalerweise|meistens"
    r"|immer|letzte[nrs]?"
    r"|vor <\d+>",
    r"before (?!bed|breakfast|lunch|dinner|supper|sleep|sleeping|work|going|noon|midnight)\w+",
    r"(?:in|on|since|until|last|next|by) (?:january|february|march|april|may|june|july|august|september"
    r"|october"
    r"|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday)",
    r"if|whether|would|should|could|might|may|must|wish|hope|hoping|want|wants|wanted|need|needs|needed|try"
    r"|trying"
    r"|tried to|aim|aiming|goal|target|limit|ideal|ideally|plan|planned|planning|going to|will|supposed"
    r"|meant|able"
    r"|recommended|recommends|maximum|minimum|forgot|forgotten|missed|skipped|skip|refused|instead of|stopped"
    r"|refill|wenn|ob|sollte\w*|würde\w*|möchte|will|werde|wollte|hätte|könnte|vergessen",
    r"said|says|told|asked|thinks|thought|dream|dreamt|dreamed|imagine|imagined|article|book|study|studies"
    r"|people"
    r"|film|movie|record|sagt\w*|meint\w*|geträumt",
)
_OTHERS = (
    r"(?!today|tonight|morning|evening|afternoon|night|it|that|there|here|what|let|this)\w+'s",
    r"he|she|they|him|her|his|hers|their|theirs|them|you|your|yours|our|we|everyone|everybody|someone"
    r"|somebody"
    r"|patients?|er|sie|ihr|ihre|ihrer|sein|seine|seiner|wir|du|dein|deine",
    r"(?:my|the|our|a|meine?|der|die|das) (?:\w+ )?(?:mother|mum|mom|father|dad|parents?|brother|sister|son"
    r"|daughter"
    r"|child|children|kids?|baby|toddler|wife|husband|partner|boyfriend|girlfriend|friend|aunt|uncle|cousin"
    r"|nephew"
    r"|niece|grandmother|grandfather|gran|grandma|grandpa|grandad|neighbour|neighbor|flatmate|roommate"
    r"|colleague"
    r"|boss|teacher|dog|cat|horse|mutter|mama|vater|papa|bruder|schwester|sohn|tochter|kind|frau|mann|freund"
    r"|freundin|oma|opa|hund|katze)|mum|mom|dad|mama|papa|grandma|grandpa|oma|opa",
)
_DENIED = re.compile(rf"(?<![\w'])(?:{'|'.join(_NOT_SO)})(?![\w'])")
_ANOTHERS = re.compile(rf"(?<![\w'])(?:{'|'.join(_OTHERS)})(?![\w'])")
_I = re.compile(
    r"(?:^| )(?:i|i've|ive|ich)(?: (?:have|had|only|just|also|then|actually|finally|still|only just|really"
    r"|probably|think|must have|went and|hab|habe)){0,4}\Z"
)
_BEGINNING = re.compile(
    r"(?:\A|(?:^| )(?:and|but|so|then|also|today|tonight|morning|night|afternoon|evening|only|just|well|ok"
    r"|okay|um"
    r"|uh|finally|after|,|:|-|\u2013|\u2014|\(|und|dann|heute|nacht|habe|hab|nur|etwa))\Z"
)
_NAME = re.compile(r"(?<=[\w,] )(?!I\b|I['\u2019])[A-ZÄÖÜ][\w'\u2019-]+")


def quoted(text: str) -> list[tuple[int, int]]:
    """Stretches of a text that are somebody else's words."""
    return [match.span() for pattern in (_QUOTED, _QUOTED_LINE) for match in pattern.finditer(text)]


def is_own(line: str, start: int, end: int, *, i_did: bool = False) -> bool:
    """Whether what stands between two places of a line (`spoken_numbers.Line`) is the person's, now and
    meant.

    :param i_did: it is told of “I”: whoever is spoken of before that does not matter.
    """
    before, after = _around(line, start, end)
    asked = re.match(r"[^.!;\n\u2026]*\?", line[end : end + 2 * BEFORE]) is not None
    around = (line[start:end], after) if i_did else (before, line[start:end], after)
    return (
        not asked
        and not any(map(_DENIED.search, (before, line[start:end], after)))
        and not any(map(_ANOTHERS.search, around))
    )


def i_did(line: str, start: int) -> bool:
    """Whether “I” stands right before the verb at a place of the line."""
    return _I.search(_around(line, start, start)[0].rstrip()) is not None


def did_it(line: str, start: int, text: str) -> bool:
    """Whether the verb at a place of the line is the person's.

    :param text: what stands before the verb in the person's text.
    """
    if i_did(line, start):
        return True
    before, _ = _around(line, start, start)
    sentence = re.split(r"[.!;?\n\u2026]", text)[-1]
    return _BEGINNING.search(before.rstrip()) is not None and _NAME.search(sentence) is None


def _around(line: str, start: int, end: int) -> tuple[str, str]:
    """The words of the same sentence before and after, not farther than what counts."""
    before = _END.split(line[max(start - BEFORE, 0) : start])[-1]
    after, *more = _END.split(line[end : end + AFTER])[0].split(" ,", maxsplit=1)
    if more and (len(more[0].split()) <= MOST_ADDED or _LONG_AGO.search(more[0])):
        after += more[0]  # “…, usually”, but not “…, worse than yesterday”
    return before, after
