"""What a statement says, in words for whoever checks it, and its program compared with the one that checks.

A statement is believed no further than its signature: every value is looked at before it is shown, and what
is not of the expected kind is shown as unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policies.evidence import program_files
from policies.report import ROUTES_KNOWN

_UNKNOWN = "unknown"
_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the program of a statement differs from the one here.

    :ivar version: stated there. :ivar different: paths of files that differ, or are on one side only.
    :ivar words: the same for a reader.
    """

    version: str
    different: tuple[str, ...]
    words: str


def compared(untrusted: Mapping[str, object]) -> Comparison:
    """Compare the stated hashes with the files of the program that runs here; what Python compiled is left
    out, because it differs between machines.
    """
    version = _text(untrusted, "program", "version")
    theirs = _at(untrusted, "program", "files")
    stated = theirs if isinstance(theirs, Mapping) else {}
    ours = program_files()[0]
    different = tuple(sorted(str(name) for name in {*stated, *ours} if stated.get(name) != ours.get(name)))
    if not different:
        return Comparison(version, (), f"All {len(ours)} files of its program are the same as here.")
    named = ", ".join(different[:_MOST_NAMED]) + (" …" if len(different) > _MOST_NAMED else "")
    words = f"{len(different)} of its program's files are not the same as here: {named}."
    return Comparison(version, different, words)


def in_words(untrusted: Mapping[str, object]) -> str:
    """What it says, a line for each thing."""
    lines = [
        f"Made: {_text(untrusted, 'made')}, nonce: {_text(untrusted, 'nonce') or 'none'}",
        f"Program: diary {_text(untrusted, 'program', 'version')}, on Python "
        f"{_text(untrusted, 'interpreter', 'version').split(' ')[0]}, {_count(untrusted, 'libraries')} "
        f"libraries, {_count(untrusted, 'models')} models",
        f"Machine: {_text(untrusted, 'kernel', 'system')} {_text(untrusted, 'kernel', 'release')} "
        f"{_text(untrusted, 'kernel', 'machine')}",
        f"Policy: {policy_words(_at(untrusted, 'policy'))}",
        f"Ways out blocked: {_blocked(untrusted, 'core')} in the diary itself, "
        f"{_blocked(untrusted, 'engine')} in an engine, of {ROUTES_KNOWN} each",
    ]
    for name in ("findings", "surroundings"):
        told = _at(untrusted, name)
        lines += [f"  note: {one}" for one in told if isinstance(one, str)] if isinstance(told, list) else []
    lines.append("It says: sealed." if _at(untrusted, "sealed") is True else "It says: NOT sealed.")
    return "\n".join(lines)


def policy_words(untrusted: object) -> str:
    """The policy that is in force, as `evidence.policy_in_force` gives it."""
    match untrusted:
        case None:
            return "none of a clinic"
        case {"refused": str(why)}:
            return f"one that is refused: {why}"
        case {"clinic": str(clinic), "version": int(version), "key": str(key)}:
            return f"“{clinic}”, version {version}, signed with {key}"
        case _:
            return _UNKNOWN


def _blocked(untrusted: Mapping[str, object], profile: str) -> int:
    """How many different routes it says were tried and blocked."""
    routes = _at(untrusted, "profiles", profile)
    if not isinstance(routes, list):
        return 0
    blocked = (
        str(route.get("name")) for route in routes if isinstance(route, dict) and route.get("blocked") is True
    )
    return len(set(blocked))


def _count(untrusted: Mapping[str, object], name: str) -> int:
    found = _at(untrusted, name)
    return len(found) if isinstance(found, Mapping) else 0


def _text(untrusted: Mapping[str, object], *names: str) -> str:
    found = _at(untrusted, *names)
    return found if isinstance(found, str) else _UNKNOWN


def _at(untrusted: Mapping[str, object], *names: str) -> object:
    found: object = untrusted
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found
