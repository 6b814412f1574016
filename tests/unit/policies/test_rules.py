"""The rules of a policy: read strictly, merged so that a clinic only tightens, published as a schema."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.importers.detect import FORMATS
from policies.errors import PolicyError
from policies.reading import MOST_BYTES, SCHEMA, read_policy, schema
from policies.rules import (
    BY_NAME,
    FOLDER,
    IMPORTS,
    RULES,
    Rule,
    Source,
    Tighter,
    Value,
    beneath,
    effective,
    tighter_of,
)

HEAD = 'version = 1\nclinic = "A clinic"\nissued = 2026-11-21\n'
FOLDERS = ("/", "/media", "/media/a", "/media/ab", "/media/a/b", "/srv")


def values_of(rule: Rule) -> st.SearchStrategy[Value]:
    match rule.tighter:
        case Tighter.TRUE:
            return st.booleans()
        case Tighter.LESS | Tighter.MORE:
            return st.none() | st.integers(rule.lowest, rule.highest)
        case Tighter.LATER:
            return st.sampled_from(rule.choices)
        case Tighter.AMONG:
            texts = rule.choices or (FOLDERS if rule.form == FOLDER else ("a" * 64, "b" * 64, "c" * 64))
            return st.none() | st.sets(st.sampled_from(texts)).map(lambda found: tuple(sorted(found)))
        case Tighter.NAMED:
            return st.none() | st.sampled_from(["a" * 64, "b" * 64])


def allowed(rule: Rule, value: Value) -> set[object]:
    """What a value lets happen, for the rules that can be counted out."""
    match rule.tighter:
        case Tighter.TRUE:
            return set() if value else {"act"}
        case Tighter.LESS:
            return set(range(40_000 if value is None else int(value) + 1))  # type: ignore[arg-type]
        case Tighter.MORE:
            return set(range(0 if value is None else int(value), 40_000))  # type: ignore[arg-type]
        case Tighter.LATER:
            return set(rule.choices[rule.choices.index(str(value)) :])
        case _:
            assert value is None or isinstance(value, tuple)
            everything = FOLDERS if rule.form == FOLDER else rule.choices or ("a" * 64, "b" * 64, "c" * 64)
            if value is None:
                return set(everything)
            if rule.form == FOLDER:
                return {one for one in everything if any(beneath(one, folder) for folder in value)}
            return set(value)


COUNTED = [rule for rule in RULES if rule.tighter is not Tighter.NAMED]


@given(st.data())
def test_what_two_allow_together_is_what_both_allow(data: st.DataObject) -> None:
    rule = data.draw(st.sampled_from(COUNTED))
    one, other = data.draw(values_of(rule)), data.draw(values_of(rule))
    found = tighter_of(rule, one, other)
    assert allowed(rule, found) == allowed(rule, one) & allowed(rule, other)
    assert allowed(rule, tighter_of(rule, other, one)) == allowed(rule, found)


@given(st.data())
def test_a_person_can_loosen_nothing_that_a_clinic_set(data: st.DataObject) -> None:
    rule = data.draw(st.sampled_from(COUNTED))
    own, clinic = data.draw(values_of(rule)), data.draw(values_of(rule))
    held = effective({rule.name: own}, {rule.name: clinic})[rule.name]
    assert allowed(rule, held.value) <= allowed(rule, clinic)
    assert (held.source is Source.CLINIC) or held.value == own


def test_of_folders_too_a_person_loosens_none() -> None:
    """All lists of two at most: one folder lies in another, or only begins like it."""
    rule = BY_NAME["backup.folders"]
    lists = [None, (), *((one,) for one in FOLDERS), *combinations(FOLDERS, 2)]
    for own, clinic in product(lists, lists):
        held = effective({rule.name: own}, {rule.name: clinic})[rule.name].value
        assert allowed(rule, held) == allowed(rule, own) & allowed(rule, clinic), (own, clinic)


def test_each_value_says_who_set_it() -> None:
    found = effective({"lock.after_minutes": 10, "audio.keep_days": 3}, {"lock.after_minutes": 5})
    assert [
        (found[name].value, found[name].source) for name in ("lock.after_minutes", "audio.keep_days")
    ] == [
        (5, Source.CLINIC),
        (3, Source.PERSON),
    ]
    assert found["seal.level"].source is Source.DEFAULT
    assert set(found) == set(BY_NAME)


def test_a_key_that_only_the_clinic_may_name_is_not_taken_from_a_person() -> None:
    key = "people.break_glass"
    assert effective({key: "a" * 64}, {})[key].value is None
    assert effective({key: "a" * 64}, {key: "b" * 64})[key].value == "b" * 64


def test_names_may_be_listed_only_where_a_clinic_says_so() -> None:
    rule = "people.list_others"
    assert effective({rule: "allowed"}, {})[rule].value == "refused"
    assert effective({}, {rule: "allowed"})[rule].value == "allowed"
    assert effective({}, {rule: "refused"})[rule].value == "refused"


def test_every_rule_can_be_said_in_a_file() -> None:
    said: Mapping[str, tuple[str, Value]] = {
        "models.sha256": (f'["{"b" * 64}", "{"a" * 64}"]', ("a" * 64, "b" * 64)),
        "backup.folders": ('["/srv/a/b", "/media", "/srv/a"]', ("/media", "/srv/a")),
        "import.formats": ('["jrnl"]', ("jrnl",)),
        "export.formats": ("[]", ()),
        "people.break_glass": (f'"{"a" * 64}"', "a" * 64),
        "people.list_others": ('"allowed"', "allowed"),
    }
    for rule in RULES:
        table, _, key = rule.name.partition(".")
        usual = {
            Tighter.TRUE: ("true", True),
            Tighter.LATER: (f'"{rule.choices[-1:] and rule.choices[-1]}"', None),
        }
        text, value = said.get(rule.name) or usual.get(rule.tighter, (str(rule.lowest), rule.lowest))
        found = read_policy(f"{HEAD}[{table}]\n{key} = {text}".encode()).rules
        assert found == {rule.name: rule.choices[-1] if value is None else value}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[lock]\nafter = 5", "unknown rule .*lock.after"),
        ('[import]\nformats = ["markdwon"]', "list of jsonl, markdown"),
        ('[backup]\nfolders = ["//srv"]', "backup.folders"),
        ("lock = 5", "unknown rule"),
        ("[lock.after_minutes]\nx = 5", "lock.after_minutes"),
        ("[lock]\nafter_minutes = 0", "whole number from 1"),
        ("[lock]\nafter_minutes = true", "whole number"),
        ("[lock]\nafter_minutes = 5.0", "whole number"),
        ('[lock]\nafter_minutes = "5"', "whole number"),
        ("[lock]\nafter_minutes = 5\nafter_minutes = 6", "TOML"),
        ('[seal]\nlevel = "none"', "“network” or “files”"),
        ('[export]\nformats = ["markdown", "pdf"]', "list of markdown"),
        ('[export]\nformats = "markdown"', "list of"),
        ("[export]\nformats = [1]", "list of"),
        ('[models]\nsha256 = ["AB"]', "sha256"),
        ('[backup]\nfolders = ["media"]', "backup.folders"),
        ('[backup]\nfolders = ["/media/../home"]', "backup.folders"),
        ('[people]\nbreak_glass = "zz"', "people.break_glass"),
        ('["\\u001b[31m"]\nx = 1', "unknown rule"),
        ("release = true\n[lock]\nafter_minutes = 5", "release"),
    ],
)
def test_what_is_not_understood_is_refused_whole(text: str, says: str) -> None:
    with pytest.raises(PolicyError, match=says) as refused:
        read_policy((HEAD + text).encode())
    assert "nothing was opened" in refused.value.message
    assert refused.value.message.isprintable()


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ("", "no version"),
        ('version = 0\nclinic = "A"\nissued = 2026-01-01', "no version"),
        ("version = 1\nissued = 2026-01-01", "which clinic"),
        ('version = 1\nclinic = "\\u001b"\nissued = 2026-01-01', "which clinic"),
        ('version = 1\nclinic = "A"', "day of issue"),
        ('version = 1\nclinic = "A"\nissued = 2026-01-01T10:00:00', "day of issue"),
        ("\xff", "TOML"),
        ("\xef\xbb\xbfversion = 1", "byte order mark"),
        ("x = " + "[" * 5000, "TOML"),
        ("#" * (MOST_BYTES + 1), "too large"),
    ],
)
def test_a_policy_says_who_when_and_which_version(head: str, says: str) -> None:
    with pytest.raises(PolicyError, match=says):
        read_policy(head.encode("latin-1"))


def test_the_formats_that_a_policy_may_name_are_those_that_can_be_imported() -> None:
    assert set(IMPORTS) == {one.name for one in FORMATS}


@given(st.text("/.a", max_size=8))
def test_the_schema_takes_the_folders_that_the_program_takes(path: str) -> None:
    folders = schema()["properties"]["backup"]["properties"]["folders"]  # type: ignore[index]
    taken = re.fullmatch(folders["items"]["pattern"], path) is not None
    text = f'{HEAD}[backup]\nfolders = ["{path}"]'
    try:
        read_policy(text.encode())
    except PolicyError:
        assert not taken
    else:
        assert taken


def test_the_schema_takes_no_rules_beside_a_release() -> None:
    found = schema()
    assert found["if"] == {"properties": {"release": {"const": True}}, "required": ["release"]}
    read_policy((HEAD + "release = true").encode())
    assert found["then"] == {"propertyNames": {"enum": ["version", "clinic", "issued", "release"]}}


def test_the_published_schema_is_that_of_the_rules() -> None:
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == schema()
