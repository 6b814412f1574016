"""What a rule says to be in all of its matches, checked against its pattern."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from re import _constants as parts  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from retrieval.when.bare import ALONE_RULES
from retrieval.when.grammar import Rule, all_found, rule
from retrieval.when.languages import ENGLISH, OTHERS
from tests.unit.retrieval.test_when_ranges import AS_OF

RULES = [*ENGLISH.rules, *ALONE_RULES, *(one for language in OTHERS for one in language.rules)]
MOST_STRINGS = 5_000
ANYWHERE = (parts.AT, parts.ASSERT, parts.ASSERT_NOT)

Parsed = Sequence[tuple[Any, Any]]


def strings(parsed: Parsed) -> set[str] | None:
    """All that a part of a pattern can match, looking around left out; None when that is too much to tell."""
    known = {""}
    for one in parsed:
        more = strings_of(*one)
        if more is None or len(known) * len(more) > MOST_STRINGS:
            return None
        known = {before + after for before in known for after in more}
    return known


def strings_of(kind: object, what: Any) -> set[str] | None:
    if kind in ANYWHERE:
        return {""}
    if kind is parts.LITERAL:
        return {chr(what)}
    if kind is parts.IN:
        if any(one not in (parts.LITERAL, parts.RANGE) for one, _ in what):
            return None
        ranges = [(code, code) if one is parts.LITERAL else code for one, code in what]
        return {chr(code) for low, high in ranges for code in range(low, high + 1)}
    if kind is parts.SUBPATTERN:
        return strings(what[3])
    if kind is parts.BRANCH:
        each = [strings(branch) for branch in what[1]]
        return None if None in each else set().union(*(one for one in each if one is not None))
    if kind is parts.MAX_REPEAT and what[1] == 1:
        once = strings(what[2])
        return None if once is None else once | ({""} if what[0] == 0 else set())
    return None


def always_holds(parsed: Parsed, words: Iterable[str]) -> bool:
    """Whether every match of a part of a pattern has one of the words in it."""
    run = {""}
    for kind, what in parsed:
        more = strings_of(kind, what)
        if more is not None and len(run) * len(more) <= MOST_STRINGS:
            run = {before + after for before in run for after in more}
        else:
            if hold(run, words) or holds_inside(kind, what, words):
                return True
            run = {""}
    return hold(run, words)


def holds_inside(kind: object, what: Any, words: Iterable[str]) -> bool:
    if kind is parts.SUBPATTERN:
        return always_holds(what[3], words)
    if kind is parts.BRANCH:
        return all(always_holds(branch, words) for branch in what[1])
    return kind is parts.MAX_REPEAT and what[0] > 0 and always_holds(what[2], words)


def hold(run: set[str], words: Iterable[str]) -> bool:
    return all(any(word in one for word in words) for one in run)


@pytest.mark.parametrize("tried", [one for one in RULES if one.holds], ids=lambda one: one.pattern.text[:60])
def test_every_match_of_a_rule_holds_what_the_rule_says(tried: Rule):
    assert always_holds(_parser.parse(tried.pattern.text), tried.holds)


@pytest.mark.parametrize("words", [("march",), ("in",), ("20", "19 ")])
def test_what_a_match_may_lack_is_noticed(words: tuple[str, ...]):
    pattern = r"(?:in )?(?:march|may|june) (?:19|20)\d\d"
    assert not always_holds(_parser.parse(pattern), words)
    assert always_holds(_parser.parse(pattern), ("mar", "y ", "june"))


def test_a_question_without_a_time_compiles_few_rules(monkeypatch: pytest.MonkeyPatch):
    fresh = [rule(one.pattern.text, one.read, one.holds) for one in ENGLISH.rules]
    assert all_found(fresh, "what did imke say about the knee?", AS_OF) == []
    compiled = sum(len(one.pattern.text) for one in fresh if one.pattern._compiled is not None)
    assert compiled < 0.1 * sum(len(one.pattern.text) for one in fresh)
