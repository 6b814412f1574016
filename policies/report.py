"""What the wall really does, in words: the full check by trying, and what the kernel granted.

`check` starts `policies.probes` in a child that inherits the wall, because some trials crash, hang or fork,
and counts what it found; beside it a second child tries the same routes behind the wall that an engine lays.
Rules: a route that is not reported counts as open; the children's words are checked before they are shown.
Not here: the trials themselves (`probes`), and whether to go on (that was `enforcement`). The recorder's wall
cannot be tried from here, since it has to be laid before the core's; the tests do.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from policies import surroundings
from policies.enforcement import ACCEPT, Enforced, accepted
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

    :ivar sealed: every route was tried and blocked, behind the core's wall and behind an engine's, and nobody
        had to accept that the kernel lacks a part of them.
    :ivar routes: behind the core's. :ivar engine: behind an engine's.
    :ivar findings: sentences about what is weaker than it could be.
    :ivar surroundings: sentences about what the wall does not reach here: root, a container, another system.
    :ivar seconds: what the check took. :ivar quick_seconds: what sealing and the quick check took, at start.
    """

    sealed: bool
    routes: tuple[Route, ...]
    engine: tuple[Route, ...]
    findings: tuple[str, ...]
    surroundings: tuple[str, ...]
    seconds: float
    quick_seconds: float


def check(enforced: Enforced) -> Report:
    """Try every way out, in children behind the same wall; about a fifth of a second.

    :param enforced: the proof; an engine may start no child, so the check is made by the core.
    """
    started = time.perf_counter()
    engine = _start("engine")
    routes = _try_core()
    of_engine = _finished(engine)
    findings = [*enforced.findings, *_failings("", routes), *_failings("In an engine: ", of_engine)]
    return Report(
        sealed=enforced.sealed and _holds(routes) and _holds(of_engine),
        routes=routes,
        engine=of_engine,
        findings=tuple(findings),
        surroundings=surroundings.sentences(),
        seconds=time.perf_counter() - started,
        quick_seconds=enforced.seconds,
    )


def _complete(routes: tuple[Route, ...]) -> bool:
    return len(routes) == len({route.name for route in routes}) == ROUTES_KNOWN


def _holds(routes: tuple[Route, ...]) -> bool:
    return _complete(routes) and all(route.blocked for route in routes)


def _failings(where: str, routes: tuple[Route, ...]) -> list[str]:
    found = []
    if not _complete(routes):
        found.append(
            f"{where}Only {len(routes)} of {ROUTES_KNOWN} ways out could be tried: nothing is proven."
        )
    return found + [f"{where}{route.name} is open: {route.by}" for route in routes if not route.blocked]


def _command(*profile: str) -> tuple[list[str], dict[str, str]]:
    """The program of a check, and its environment."""
    root = os.fspath(Path(__file__).resolve().parent.parent)
    # -P and a path of our own: a folder named `policies` in the current folder must not be what runs.
    accept = [ACCEPT] if profile and accepted() else []
    command = [
        sys.executable,
        "-S",
        "-s",
        "-P",
        "-m",
        "policies.probes",
        str(os.getppid()),
        *profile,
        *accept,
    ]
    return command, {"PYTHONPATH": root, "PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}


def _try_core() -> tuple[Route, ...]:
    command, environment = _command()
    try:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, timeout=_SECONDS, check=False,
        )  # fmt: skip
        return _read(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return ()


def _start(profile: str) -> subprocess.Popen[bytes] | None:
    """The check behind another wall, which runs beside the core's."""
    command, environment = _command(profile)
    try:
        return subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
    except OSError:
        return None


def _finished(child: subprocess.Popen[bytes] | None) -> tuple[Route, ...]:
    if child is None:
        return ()
    with child:
        try:
            return _read(child.communicate(timeout=_SECONDS)[0])
        except (OSError, ValueError, subprocess.TimeoutExpired):
            child.kill()
            return ()


def _read(untrusted_output: bytes) -> tuple[Route, ...]:
    """The child's list; ValueError when it is not one."""
    try:
        untrusted = json.loads(untrusted_output)
    except RecursionError:
        raise ValueError("too deep") from None
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
    in_engine = sum(route.blocked for route in report.engine)
    width = max((len(route.name) for route in report.routes), default=0)
    lines = [
        f"  {route.name:<{width}}  {'blocked' if route.blocked else 'OPEN   '}  {route.by}"
        for route in report.routes
    ]
    verdict = f"{blocked} of {ROUTES_KNOWN} ways out are blocked, in an engine {in_engine} of {ROUTES_KNOWN}."
    ending = "Nothing can leave." if report.sealed else "The diary is NOT sealed."
    notes = [f"  note: {finding}" for finding in (*report.findings, *report.surroundings)]
    took = (
        f"The quick check, made at every start, took {report.quick_seconds * 1000:.1f} ms; this one "
        f"{report.seconds * 1000:.0f} ms."
    )
    return "\n".join([*lines, *notes, "", took, f"{verdict} {ending}"])


_KINDS = {
    Profile.CORE: "the diary itself: no socket of any family, files by allow-list",
    Profile.ENGINE: "a model's process: no socket, no change to any file, no other program",
    Profile.RECORDER: "the microphone's process: AF_UNIX sockets only, no change to any file, no program",
}


def in_few_words(enforced: Enforced) -> str:
    """What stands, for a status line."""
    files = "files by allow-list" if enforced.landlock_abi else "files not narrowed"
    if enforced.sealed:
        return f"sealed: no network, {files}"
    if enforced.offline:
        return f"not wholly sealed: no network, {files}"
    return "not sealed: only its own code keeps it offline"


def _lacking(enforced: Enforced) -> str:
    whole = enforced.offline and enforced.landlock_abi
    return "" if whole else "; that is what it is on a kernel that can do it, which this one cannot"


def show(policy: Policy, enforced: Enforced) -> str:
    """What is allowed and what the kernel granted, in words, for `diary policy show`."""
    found = "found standing" if enforced.standing else "laid"
    calls = "seccomp filter on all threads" if enforced.offline else "no seccomp filter that holds"
    landlock = f"Landlock ABI {enforced.landlock_abi}" if enforced.landlock_abi else "no Landlock"
    lines = [
        f"{in_few_words(enforced).capitalize()}.",
        f"Wall: {policy.profile.value}, {_KINDS[policy.profile]}{_lacking(enforced)}.",
        f"Kernel: {os.uname().release} {os.uname().machine}; {calls}; {landlock}.",
        f"The wall was {found} and tried in {enforced.seconds * 1000:.1f} ms; "
        f"inherited descriptors closed: {enforced.closed_descriptors}.",
        f"Governed by Landlock, refused unless listed: {', '.join(enforced.handled) or 'nothing'}.",
    ]
    if not enforced.landlock_abi:
        lines.append("Files are narrowed by nothing here. With Landlock these alone would be open:")
    for title, paths in (
        ("May be read and changed", policy.write),
        ("A new file may be named in", policy.make),
        ("May be read", policy.read),
        ("May be listed, not read", policy.names),
        ("May be started", policy.execute),
        ("Devices", policy.devices),
    ):
        lines += [f"{title}:", *(f"  {path}" for path in paths)] if paths else [f"{title}: nothing"]
    notes = (*enforced.findings, *surroundings.sentences())
    return "\n".join([*lines, *(f"note: {finding}" for finding in notes)])
