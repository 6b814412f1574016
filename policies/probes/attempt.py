"""Run one route in a process of its own, so that a crash or a hang cannot take the check along, and name the
outcome.

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

from policies.kernel import prctl

Route = Callable[[], str]
Outcome = dict[str, object]

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
            os.write(writing, json.dumps(_outcome(name, route)).encode())
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
    if os.WIFSIGNALED(status) and in_time:
        stopped = signal.Signals(os.WTERMSIG(status)).name
        return {"name": name, "blocked": True, "by": f"not available on this kernel: ended by {stopped}"}
    return {"name": name, "blocked": False, "by": f"no answer within {SECONDS_FOR_ONE:.0f} s"}


def _outcome(name: str, route: Route) -> Outcome:
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
