"""What the wall really does, in words: the full check by trying, and what the kernel granted.

`check` starts `policies.probes` in a child that inherits the wall, because some trials crash, hang or fork,
and counts what it found. Rules: a route that is not reported counts as open; the child's words are checked
before they are shown. Not here: the trials themselves (`probes`), and whether to go on (that was
`enforcement`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from policies.enforcement import Enforced
from policies.policy import Policy
from policies.profile import Profile

ROUTES_KNOWN = 31
"""How many ways out the check tries; fewer reported means that the check itself failed."""

_SECONDS = 60
_LONGEST_WORDS = 200


@dataclass(frozen=True, slots=True)
class Route:
    """One way out that was tried.

    :ivar by: what blocked it with its errno, or what got through.
    """

    name: str
    blocked: bool
    by: str


@dataclass(frozen=True, slots=True)
class Report:
    """What the check found.

    :ivar sealed: every route was tried and blocked.
    :ivar findings: sentences about what is weaker than it could be.
    """

    sealed: bool
    routes: tuple[Route, ...]
    findings: tuple[str, ...]


def check(enforced: Enforced) -> Report:
    """Try every way out, in a child behind the same wall; about a third of a second.

    :param enforced: the proof; an engine may start no child, so its wall is checked through the core's.
    """
    root = os.fspath(Path(__file__).resolve().parent.parent)
    # -P and a path of our own: a folder named `policies` in the current folder must not be what runs.
    command = [sys.executable, "-S", "-s", "-P", "-m", "policies.probes", str(os.getppid())]
    environment = {"PYTHONPATH": root, "PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, timeout=_SECONDS, check=False,
        )  # fmt: skip
        routes = _read(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        routes = ()
    complete = len(routes) == len({route.name for route in routes}) == ROUTES_KNOWN
    findings = [*enforced.findings]
    if not complete:
        findings.append(f"Only {len(routes)} of {ROUTES_KNOWN} ways out could be tried: nothing is proven.")
    findings += [f"{route.name} is open: {route.by}" for route in routes if not route.blocked]
    return Report(complete and all(route.blocked for route in routes), routes, tuple(findings))


def _read(untrusted_output: bytes) -> tuple[Route, ...]:
    """The child's list; ValueError when it is not one."""
    untrusted = json.loads(untrusted_output)
    if not isinstance(untrusted, list):
        raise ValueError("not a list")
    return tuple(_route(item) for item in untrusted)


def _route(untrusted: object) -> Route:
    match untrusted:
        case {"name": str(name), "blocked": bool(blocked), "by": str(by)} if name.isidentifier():
            words = "".join(letter for letter in by if letter.isprintable())
            return Route(name, blocked, words[:_LONGEST_WORDS])
        case _:
            raise ValueError("not a route")


def describe(report: Report) -> str:
    """The report as a table for a reader, one route a line, the verdict last."""
    blocked = sum(route.blocked for route in report.routes)
    width = max((len(route.name) for route in report.routes), default=0)
    lines = [
        f"  {route.name:<{width}}  {'blocked' if route.blocked else 'OPEN   '}  {route.by}"
        for route in report.routes
    ]
    verdict = f"{blocked} of {ROUTES_KNOWN} ways out are blocked."
    ending = "Nothing can leave." if report.sealed else "The diary is NOT sealed."
    notes = [f"  note: {finding}" for finding in report.findings]
    return "\n".join([*lines, *notes, "", f"{verdict} {ending}"])


_KINDS = {
    Profile.CORE: "the diary itself: no socket of any family, files by allow-list",
    Profile.ENGINE: "a model's process: no socket, no change to any file, no other program",
    Profile.RECORDER: "the microphone's process: AF_UNIX sockets only, no change to any file, no program",
}


def show(policy: Policy, enforced: Enforced) -> str:
    """What is allowed and what the kernel granted, in words, for `diary policy show`."""
    found = "found standing" if enforced.standing else "laid"
    landlock = f"Landlock ABI {enforced.landlock_abi}" if enforced.landlock_abi else "no Landlock"
    lines = [
        f"Wall: {policy.profile.value}, {_KINDS[policy.profile]}.",
        f"Kernel: {os.uname().release} {os.uname().machine}; seccomp filter on all threads; {landlock}.",
        f"The wall was {found} and tried in {enforced.seconds * 1000:.1f} ms; "
        f"inherited sockets closed: {enforced.closed_descriptors}.",
        f"Governed by Landlock, refused unless listed: {', '.join(enforced.handled) or 'nothing'}.",
    ]
    for title, paths in (
        ("May be read and changed", policy.write),
        ("May be read", policy.read),
        ("May be listed, not read", policy.names),
        ("May be started", policy.execute),
        ("Devices", policy.devices),
    ):
        lines += [f"{title}:", *(f"  {path}" for path in paths)] if paths else [f"{title}: nothing"]
    return "\n".join([*lines, *(f"note: {finding}" for finding in enforced.findings)])
