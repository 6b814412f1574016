"""A policy file, read strictly: TOML of tables of rules, and three keys of the clinic's above them.

    version = 3                  # grows with every change: an older one is refused
    clinic = "St Anna, Ghent"    # who is to be asked
    issued = 2026-11-21

    [lock]
    after_minutes = 5            # … and any of `rules.RULES`

A file that says anything unknown, twice, or of another type is refused whole. `release = true` beside the
version, and no rules, lets go of the vaults that are bound to this clinic.

The same description is published as a JSON schema, `policy.schema.json`, which `python -m policies.reading`
makes.
"""

from __future__ import annotations

import difflib
import json
import os.path
import re
import tomllib
from codecs import BOM_UTF8
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from policies.rules import BY_NAME, FOLDER, RULES, NotUnderstood, Rule, Tighter, Value, Values, outermost

MOST_BYTES = 1_000_000
_LONGEST_NAME = 200
_MOST_TEXTS = 1000
_ABOVE = ("version", "clinic", "issued", "release")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicPolicy:
    """What one policy file says.

    :ivar version: from 1 up. :ivar clinic: its name, printable. :ivar issued: the day.
    :ivar release: lets go of the vaults that are bound to this clinic; then there are no rules.
    :ivar rules: by the rule's name.
    """

    version: int
    clinic: str
    issued: date
    release: bool
    rules: Values


def read_policy(untrusted: bytes) -> ClinicPolicy:
    """What the file says.

    :raises policies.PolicyError: when it is not understood to its last word.
    """
    if len(untrusted) > MOST_BYTES:
        raise NotUnderstood("is too large", f"({len(untrusted)} bytes)")
    if untrusted.startswith(BOM_UTF8):
        raise NotUnderstood("begins with a byte order mark", "(save it as UTF-8 without one)")
    try:
        untrusted_tables = tomllib.loads(untrusted.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise NotUnderstood("cannot be read as TOML", f"({_one_line(error)})") from None
    above = {key: untrusted_tables.pop(key) for key in _ABOVE if key in untrusted_tables}
    rules = read_rules(untrusted_tables)
    version, clinic, issued = above.get("version"), above.get("clinic"), above.get("issued")
    release = above.get("release", False)
    if isinstance(version, bool) or not isinstance(version, int) or not 1 <= version < 2**31:
        raise NotUnderstood("has no version", "(a whole number from 1 up)")
    if (
        not isinstance(clinic, str)
        or not clinic.strip()
        or len(clinic) > _LONGEST_NAME
        or not clinic.isprintable()
    ):
        raise NotUnderstood("does not say which clinic issued it", "(clinic, a printable text)")
    if not isinstance(issued, date) or isinstance(issued, datetime):
        raise NotUnderstood("has no day of issue", "(issued, such as 2026-11-21)")
    if not isinstance(release, bool) or (release and rules):
        raise NotUnderstood("says release beside rules", "or as something else than true")
    return ClinicPolicy(version=version, clinic=clinic.strip(), issued=issued, release=release, rules=rules)


def read_rules(untrusted_tables: Mapping[str, object]) -> dict[str, Value]:
    """The rules of tables as TOML has them.

    :raises policies.PolicyError: at a rule that is unknown, or whose value is not allowed.
    """
    found: dict[str, Value] = {}
    for table, untrusted_keys in untrusted_tables.items():
        if not isinstance(untrusted_keys, dict):
            raise NotUnderstood("has an unknown rule", _unknown(table))
        for key, untrusted_value in untrusted_keys.items():
            rule = BY_NAME.get(f"{table}.{key}")
            if rule is None:
                raise NotUnderstood("has an unknown rule", _unknown(f"{table}.{key}"))
            found[rule.name] = _value(rule, untrusted_value)
    return found


def _unknown(untrusted_name: str) -> str:
    """The name, and the rule that it is most like."""
    like = difflib.get_close_matches(untrusted_name[:_LONGEST_SHOWN], BY_NAME, n=1)
    return f"(“{_shown(untrusted_name)}”{f'; is “{like[0]}” meant?' if like else ''})"


def _value(rule: Rule, untrusted: object) -> Value:
    match rule.tighter, untrusted:
        case Tighter.TRUE, bool(switch):
            return switch
        case ((Tighter.LESS | Tighter.MORE), int(number)) if not isinstance(number, bool):
            if rule.lowest <= number <= rule.highest:
                return number
        case Tighter.LATER, str(word):
            if word in rule.choices:
                return word
        case Tighter.NAMED, str(text):
            if re.fullmatch(rule.form, text):
                return text
        case Tighter.AMONG, list(untrusted_texts):
            texts = tuple(text for text in untrusted_texts if isinstance(text, str))
            if len(texts) == len(untrusted_texts) <= _MOST_TEXTS and all(
                _is_one(rule, text) for text in texts
            ):
                return outermost(texts) if rule.form == FOLDER else tuple(sorted(set(texts)))
        case _:
            pass
    raise NotUnderstood(f"says something else than {expected(rule)} for “{rule.name}”")


def _is_one(rule: Rule, text: str) -> bool:
    if not text.isprintable():
        return False
    if rule.form == FOLDER and (text != os.path.normpath(text) or text.startswith("//")):
        return False  # with `..` or doubled strokes, what lies beneath cannot be told by its beginning
    return text in rule.choices if rule.choices else re.fullmatch(rule.form, text) is not None


def expected(rule: Rule) -> str:
    """What a value of the rule looks like, in words."""
    match rule.tighter:
        case Tighter.TRUE:
            return "true or false"
        case Tighter.LESS | Tighter.MORE:
            return f"a whole number from {rule.lowest} to {rule.highest}"
        case Tighter.LATER:
            return " or ".join(f"“{choice}”" for choice in rule.choices)
        case Tighter.AMONG if rule.choices:
            return f"a list of {', '.join(rule.choices)}"
        case _:
            return f"a list of texts {rule.looks}" if rule.tighter is Tighter.AMONG else rule.looks


def schema() -> dict[str, object]:
    """The JSON schema (draft 2020-12) of a policy file, for editors and checkers."""
    tables: dict[str, dict[str, object]] = {}
    for rule in RULES:
        table, _, key = rule.name.partition(".")
        tables.setdefault(table, {})[key] = _schema_of(rule)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A clinic's policy for diary",
        "type": "object",
        "required": ["version", "clinic", "issued"],
        "additionalProperties": False,
        "properties": {
            "version": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
            "clinic": {"type": "string", "pattern": r"\S", "maxLength": _LONGEST_NAME},
            "issued": {"type": "string", "format": "date"},
            "release": {"type": "boolean"},
            **{
                table: {"type": "object", "additionalProperties": False, "properties": rules}
                for table, rules in tables.items()
            },
        },
        "if": {"properties": {"release": {"const": True}}, "required": ["release"]},
        "then": {"propertyNames": {"enum": list(_ABOVE)}},
    }


def _schema_of(rule: Rule) -> dict[str, object]:
    found: dict[str, object] = {"description": rule.says}
    match rule.tighter:
        case Tighter.TRUE:
            found["type"] = "boolean"
        case Tighter.LESS | Tighter.MORE:
            found |= {"type": "integer", "minimum": rule.lowest, "maximum": rule.highest}
        case Tighter.LATER:
            found["enum"] = list(rule.choices)
        case Tighter.AMONG:
            form = _FOLDER_IN_SCHEMA if rule.form == FOLDER else f"^{rule.form}$"
            one = {"enum": list(rule.choices)} if rule.choices else {"pattern": form}
            found |= {"type": "array", "maxItems": _MOST_TEXTS, "items": {"type": "string", **one}}
        case Tighter.NAMED:
            found |= {"type": "string", "pattern": f"^{rule.form}$"}
    return found


def _shown(text: str) -> str:
    return "".join(letter if letter.isprintable() else "�" for letter in text)[:_LONGEST_SHOWN]


def _one_line(error: Exception) -> str:
    return _shown(str(error).splitlines()[0] if str(error) else type(error).__name__)


_LONGEST_SHOWN = 80
_FOLDER_IN_SCHEMA = r"^/$|^(/(?!\.{1,2}(/|$))[^/]+)+$"
"""An absolute path as `_is_one` takes it, as an expression of ECMAScript."""
SCHEMA = Path(__file__).with_name("policy.schema.json")

if __name__ == "__main__":
    SCHEMA.write_text(json.dumps(schema(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
