"""Run routes in processes of their own, so that a crash or a hang cannot take the check along, and name the
outcomes. Behind the core's wall each route has its own; behind a narrower one, which takes longer to lay, one
process tries route after route, and another goes on after the one that it died of.

A route is a function: it returns words when it got through, raises OSError when it was refused, and
`Unavailable` when there is nothing here to try.
"""

from __future__ import annotations

import errno
import json
import os
import select
import signal
from collections.abc import Callable

from policies import descriptors
from policies.kernel import prctl

Route = Callable[[], str]
Outcome = dict[str, object]
Seal = Callable[[], object]

SECONDS_FOR_ONE = 5.0

_WALL = (errno.EACCES, errno.EPERM, errno.ENOSYS)
_MISSING = (
    errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT, errno.ESOCKTNOSUPPORT, errno.ENODEV, errno.EADDRNOTAVAIL,
    errno.ENETUNREACH, errno.ENOSYS, errno.EOPNOTSUPP,
)  # fmt: skip


class Unavailable(Exception):
    """There is nothing on this machine that could be tried; the message says what is missing."""


class Refused(Exception):
    """Refused, by something the route itself can name better than an errno does."""


def run(name: str, route: Route) -> Outcome:
    """Try one route.

    :returns: `name`, `blocked`, and in `by` what blocked it, or what got through.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            os.write(writing, json.dumps(try_here(name, route)).encode())
        finally:
            os._exit(0)
    os.close(writing)
    try:
        return _collect(name, child, reading)
    finally:
        os.close(reading)


def _collect(name: str, child: int, reading: int) -> Outcome:
    said, in_time = b"", True
    while in_time:
        in_time = bool(select.select([reading], [], [], SECONDS_FOR_ONE)[0])
        piece = os.read(reading, 65536) if in_time else b""
        if not piece:
            break
        said += piece
    if not in_time:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if said:
        outcome: Outcome = json.loads(said)
        return outcome
    return _silent(name, status, in_time)


def _silent(name: str, status: int, in_time: bool) -> Outcome:
    """The outcome of a route that said nothing, by how its process ended."""
    if os.WIFSIGNALED(status) and in_time:
        stopped = signal.Signals(os.WTERMSIG(status)).name
        return {"name": name, "blocked": True, "by": f"not available on this kernel: ended by {stopped}"}
    if in_time:
        return {"name": name, "blocked": False, "by": "could not be tried: its process ended"}
    return {"name": name, "blocked": False, "by": f"no answer within {SECONDS_FOR_ONE:.0f} s"}


def run_behind(seal: Seal, routes: dict[str, Route]) -> list[Outcome]:
    """Try routes in a process that first lays a wall behind which nothing can be started.

    :param seal: lays it; when it raises, every route counts as open.
    :returns: as `run`, for each route in order.
    """
    outcomes: list[Outcome] = []
    left = list(routes.items())
    while left:
        said, status, in_time = _in_one_process(seal, left)
        outcomes += said
        left = left[len(said) :]
        if left:
            outcomes.append(_silent(left[0][0], status, in_time))
            left = left[1:] if said or os.WIFSIGNALED(status) else []
    return outcomes


def _in_one_process(seal: Seal, routes: list[tuple[str, Route]]) -> tuple[list[Outcome], int, bool]:
    """What one process said, a line for each route; how it ended, and whether it did so by itself."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            descriptors.keep(writing)  # the wall closes what is not handed over
            seal()
            for name, route in routes:
                os.write(writing, json.dumps(try_here(name, route)).encode() + b"\n")
        finally:
            os._exit(0)
    os.close(writing)
    said, in_time = b"", True
    try:
        while said.count(b"\n") < len(routes):
            in_time = bool(select.select([reading], [], [], SECONDS_FOR_ONE)[0])
            piece = os.read(reading, 65536) if in_time else b""
            if not piece:
                break
            said += piece
    finally:
        os.close(reading)
    if not in_time:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return (
        [json.loads(line) for line in said.splitlines(keepends=True) if line[-1:] == b"\n"],
        status,
        in_time,
    )


def try_here(name: str, route: Route) -> Outcome:
    """Try one route in this very process."""
    try:
        return {"name": name, "blocked": False, "by": route()}
    except Unavailable as missing:
        return {"name": name, "blocked": True, "by": str(missing)}
    except Refused as refused:
        return {"name": name, "blocked": True, "by": str(refused)}
    except OSError as error:
        by = _who_refused(error.errno or 0)
        return {"name": name, "blocked": by is not None, "by": by or f"unexpected: {code(error)}"}
    except Exception as error:  # a mistake in a route must show as a hole, not as a wall
        return {"name": name, "blocked": False, "by": f"could not be tried: {type(error).__name__}: {error}"}


def _who_refused(number: int) -> str | None:
    """The wall, the ordinary permissions, or nothing there to use; None when it is no refusal at all."""
    word = errno.errorcode.get(number, str(number))
    if number in _WALL and prctl.seccomp_mode() == prctl.SECCOMP_MODE_FILTER:
        return f"seccomp: {word}"
    if number in _MISSING:
        return f"not available on this kernel: {word}"
    if number in _WALL:
        return f"ordinary permissions: {word}"
    return None


def code(error: OSError) -> str:
    """The errno's name, EACCES and the like."""
    return errno.errorcode.get(error.errno or 0, str(error.errno))


def keep_standard_descriptors() -> None:
    """A probe started with standard input closed would get pipes and sockets under those numbers."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)
