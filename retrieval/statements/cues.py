"""The words by which a sentence wants, promises, arranges or forbids something: one table; pure.

Rules:
- a cue needs the person ("I will", "we must") or the beginning of a clause, where a diary leaves "I" out
  ("Must ring the bank", "Going to try earlier nights");
- what only sounds like one is taken out: "I'll never know", "I must say", "I want to scream", "can't
  believe";
- "I wanted to", "I had to", "I was going to" tell of the past and are no cues;
- a question ("Should I ring?") states nothing.

Patterns read text after `retrieval.when.words.plain`: lower case, straight apostrophes.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from diary.model.plan import PlanItemKind

_START = r"(?:(?:\A|[.;:,!?(]|\band|\bbut|\bso|\bthen|\balso|\bstill|\bnow|\bor)[\W_]*)"
_I = r"\b(?:i|we)"
_ADVERB = r"(?: (?:also|now|just|still|really|definitely|certainly|only|simply|probably|at least|therefore))?"
_NOT_MEANT = (
    r"(?! (?:not )?(?:say|admit|confess|know|bet|grant|spare|wonder|believe|think|remember|forget|miss|regret"
    r"|understand|see how|see if|see what|call (?:it|that)|put it|take it|leave it|never|always|live|survive"
    r"|laugh|cry|scream|die|guess|assume|hope|be honest"
    r"|be fair|be lucky|be fine|be sorry|be glad|be able|have (?:been|had|left|lost|looked|\w+ed)\b|be (?:a"
    r"|an|the)\b|be \w+ing\b(?<!being)))"
)
_DOING = (
    r"(?:stopping|quitting|giving up|starting|cutting|going back|applying|booking|switching|trying|leaving"
    r"|moving"
    r"|joining|cancelling|saving|selling|taking up|signing up|coming off|seeing|meeting|flying|visiting)"
)
_NEEDS = (
    r"(?:changing|booking|renewing|paying|ordering|ringing|calling|fixing|mending|sorting|replacing"
    r"|collecting|posting"
    r"|sending|returning|servicing|cleaning|checking|signing|filling in|cancelling|washing|repairing)"
)
_APART = (
    r"(?! (?:believe|sleep|wait|help|remember|stop|think|tell|imagine|stand|decide|complain|say|see"
    r"|be bothered|find|seem|afford to (?:be|think)|blame|quite|even|face|get over|bear|lose|win|be \w+ed))"
)


class Cue(NamedTuple):
    """A cue in a sentence.

    :ivar start, end: the characters of the cue itself; what is wanted stands after it.
    :ivar denied: whether it is a resolve not to: "no more", "never again", "I won't".
    """

    kind: PlanItemKind
    start: int
    end: int
    denied: bool


_COMMITMENT, _GOAL, _CONSTRAINT = PlanItemKind.COMMITMENT, PlanItemKind.GOAL, PlanItemKind.CONSTRAINT

# Kind, whether it denies, pattern; of two at the same place the earlier line counts.
_TABLE: tuple[tuple[PlanItemKind, bool, str], ...] = (
    # Resolves not to.
    (_COMMITMENT, True, rf"{_START}(?=(?:no more|never again|not another) \w)"),
    (_COMMITMENT, True, rf"{_I} (?:won't|will not|shan't|am not going to|'m not going to){_ADVERB}(?= "
                        rf"\w){_NOT_MEANT}"),
    (_COMMITMENT, True, rf"{_I}(?:'ll| will|'m going to)(?= never again\b)"),
    (_COMMITMENT, True, rf"{_I}(?:'ve| have)? decided (?:not to|against)\b"),
    (_COMMITMENT, True, rf"{_START}(?=(?:nie wieder|plus jamais|nunca más) \w)"),
    # What must not be, or cannot.
    (_CONSTRAINT, False, r"\b(?=(?:not allowed|not supposed|forbidden|nil by mouth|on an empty stomach)\b)"),
    (_CONSTRAINT, False, r"\b(?=(?:allergic|intolerant) to\b|allergisch gegen\b|alérgic[oa] a\b|allergique "
                         r"à\b)"),
    (_CONSTRAINT, False, r"\b(?=no (?:\w+ ){0,3}(?:until|till|before|after|for (?:\w+ )?(?:days?|weeks?"
                         r"|months?))\b)"),
    (_CONSTRAINT, False, r"\b(?=(?:is|are|'s|'re|was told) (?:away|closed|unavailable|off) (?:until|till|from"
                         r"|on)\b)"),
    (_CONSTRAINT, False, r"\b(?=(?:only|solely) (?:on|in the|after|before|from|works|works on"
                         r"|open)\b.{0,30}\b\w+)"),
    (_CONSTRAINT, False, r"\b(?=(?:at most|no more than|not more than|must not exceed|a maximum of) \S)"),
    (_CONSTRAINT, False, r"\b(?=(?:my|our|the) budget (?:is|of|for)\b)"),
    (_CONSTRAINT, False, rf"\b(?=(?:i|we|you|she|he|they) (?:can't|cannot|can not|mustn't|must not){_APART} "
                         rf"\w)"),
    (_CONSTRAINT, False, rf"{_START}(?=(?:can't|cannot|mustn't|must not){_APART} \w)"),
    (_CONSTRAINT, False, r"\b(?=ich darf (?:nicht|kein)|no puedo \w|je ne (?:peux|dois) pas)"),
    # Promised, decided, necessary.
    (_COMMITMENT, False, rf"{_I} (?:have |'ve )?promised(?: \w+){{0,3}}? (?:to|that i'd|that i would|i'd|i "
                         rf"would|i'll)\b"),
    (_COMMITMENT, False, rf"{_I}(?:'ve| have)? promised\b(?= \w)"),
    (_COMMITMENT, False, rf"{_I}(?:'ve| have)? (?:decided|resolved|vowed|agreed|sworn) (?:to|that)\b"),
    (_COMMITMENT, False, r"\b(?:remember|don't forget|mustn't forget|not forget|must remember) to\b"),
    (_COMMITMENT, False, r"\b(?:note to self|to do|todo|reminder)\s*:"),
    (_COMMITMENT, False, r"\A\W*\[ \] "),
    (_COMMITMENT, False, rf"{_START}still to (?=(?:\w+ing|\w+)\b)"),
    (_COMMITMENT, False, rf"(?:{_I}|{_START}){_ADVERB} ?\b(?:must(?! have\b)|need to|have to|'ve got to"
                         rf"|have got to|ought to)\b{_NOT_MEANT}"),
    (_COMMITMENT, False, rf"{_I}'ve got to\b{_NOT_MEANT}"),
    (_COMMITMENT, False, rf"{_I} (?:really )?should\b(?!'ve| have|n't){_NOT_MEANT}"),
    (_COMMITMENT, False, rf"{_I}(?:'ll| will| shall)\b{_ADVERB}{_NOT_MEANT}"),
    (_COMMITMENT, False, rf"{_START}will(?= (?:ring|call|write|ask|book|try|go|send|take|buy|see|do|start"
                         rf"|stop|tell|pay)\b)"),
    (_COMMITMENT, False, rf"(?:{_I}(?:'m| am|'re| are)|{_START}) ?(?:going to|gonna|about to)\b{_NOT_MEANT}"),
    (_COMMITMENT, False, rf"{_I}(?:'m| am|'re| are)(?= {_DOING}\b)"),
    (_COMMITMENT, False, rf"\b(?=needs? (?:{_NEEDS}|to be \w+ed)\b)"),
    (_COMMITMENT, False, rf"{_START}from now on\b"),
    (_COMMITMENT, False, r"\b(?:ich muss|ich werde|ich soll|nicht vergessen:?|tengo que|debo|voy a|no olvidar"
                         r"|je dois|je vais|il faut que je|ne pas oublier(?: de)?)\b"),
    # Wanted.
    (_GOAL, False, rf"{_I}(?:'d like| would like| want| hope| aim| intend| plan| mean|'d love| wish) "
                   rf"to\b{_NOT_MEANT}"),
    (_GOAL, False, rf"{_I}(?:'m| am|'re| are) (?:hoping|aiming|planning|intending|meaning|determined) to\b"),
    (_GOAL, False, rf"{_START}(?:want|would like|hoping|aiming|planning|hope|aim|plan) to\b{_NOT_MEANT}"),
    (_GOAL, False, r"\b(?:my|our|the) (?:\w+ )?(?:goal|aim|target|plan|resolution)s?(?: is| are|:)(?: "
                   r"to\b)?"),
    (_GOAL, False, r"\b(?:goals?|aims?|intentions?|resolutions?|targets?)\b[^.:!?]{0,40}:"),
    (_GOAL, False, r"\b(?:ich möchte|ich will|mein ziel ist|quiero|mi meta es|je veux|je voudrais|mon but "
                   r"est)\b(?= \w)"),
)  # fmt: skip
_CUES = tuple((kind, denied, re.compile(pattern)) for kind, denied, pattern in _TABLE)

_ANY = re.compile(
    r"\b(?:will|shall|won't|going|gonna|about to|promised|decided|resolved|vowed|agreed|sworn|must|mustn't"
    r"|need|needs"
    r"|have to|got to|ought|should|remember|forget|still to|want|like to|love to|hope|hoping|aim|aiming|plan"
    r"|planning"
    r"|intend|intending|mean|wish|determined|goals?|aims?|targets?|plans?|resolutions?|intentions?|allowed"
    r"|supposed"
    r"|forbidden|allergic|intolerant|only|most|no|not|never|budget|can't|cannot|away|closed|unavailable|off"
    r"|todo|to do"
    r"|note to self|reminder|nil by|empty stomach|from now on|nie wieder|plus jamais|nunca|ich|tengo|debo|voy"
    r"|je|il faut"
    r"|nicht vergessen|ne pas|quiero|mi meta|mon but|mein ziel|allergi\w+|alérgic\w)\b|'ll\b|'m \w+ing\b|'re "
    r"\w+ing\b|\bam \w+ing\b|\[ \]"
)
_CONDITIONAL_QUESTION = re.compile(r"\?[\"')\u201d\u2019]*\s*\Z")


def cues(words: str) -> list[Cue]:
    """The cues of a sentence, in its order; none overlap.

    :param words: the sentence after `retrieval.when.words.plain`.
    """
    if not _ANY.search(words) or _CONDITIONAL_QUESTION.search(words):
        return []
    found: list[Cue] = []
    for kind, denied, pattern in _CUES:
        for match in pattern.finditer(words):
            cue = Cue(kind, *_bare(words, match), denied)
            if not any(cue.start < other.end + 1 and other.start < cue.end + 1 for other in found):
                found.append(cue)
    return sorted(found, key=lambda cue: cue.start)


def _bare(words: str, match: re.Match[str]) -> tuple[int, int]:
    """The cue without the stop or "and" that let a clause begin before it."""
    start, end = match.span()
    lead = re.match(rf"{_START}", words[start:end])
    skipped = (
        lead.end()
        if lead is not None and re.match(r"[\W_]|and|but|so|then|also|still|now|or", words[start:end])
        else 0
    )
    return min(start + skipped, end), end
