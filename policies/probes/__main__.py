"""Try all routes and print what became of them, as one JSON list of `{"name", "blocked", "by"}`.

Arguments: the number of a process outside the wall (default: the one that started this), and `engine` or
`recorder` to try the routes in a process that has first laid that wall, as such a process does; and after it
`--accept-unsealed` when a person accepted that the kernel lacks a part of it.
"""

from __future__ import annotations

import json
import os
import sys

from policies.enforcement import ACCEPT, close_network, enforce
from policies.policy import engine_policy, recorder_policy
from policies.probes import native, processes, programs, sockets
from policies.probes.attempt import Outcome, Route, Seal, keep_standard_descriptors, run, run_behind
from policies.profile import Profile

ORDER = (
    "tcp4", "tcp6", "mptcp", "fastopen", "udp", "udp6", "listen", "raw", "packet", "netlink", "vsock",
    "abstract", "pathunix", "sendmsg", "ctypes_tcp", "raw_syscall", "int80", "x32", "io_uring", "request_key",
    "userns", "setns", "pidfd_getfd", "ptrace", "process_vm_readv", "procmem", "TIOCSTI", "signal", "curl",
    "python", "bash",
)  # fmt: skip


def routes() -> dict[str, Route]:
    """All 31, in the order they are shown."""
    known = sockets.ROUTES | native.ROUTES | processes.ROUTES | programs.ROUTES
    return {name: known[name] for name in ORDER}


def as_engine() -> None:
    """The wall of an engine that has no model."""
    close_network(accept_unsealed=_accepting())
    enforce(engine_policy(read=[]))


def as_recorder() -> None:
    """The wall of the recorder; refused behind the core's."""
    close_network(Profile.RECORDER, accept_unsealed=_accepting())
    enforce(recorder_policy(read=[]))


def _accepting() -> bool:
    return sys.argv[3:] == [ACCEPT]


SEALS: dict[str, Seal] = {"engine": as_engine, "recorder": as_recorder}


def try_all(outside: int, seal: Seal | None = None) -> list[Outcome]:
    """Try every route, one after the other.

    :param outside: a process outside the wall; 0 when there is none.
    :param seal: lays a further wall first.
    """
    processes.Outside.process = outside
    if seal is not None:
        return run_behind(seal, routes())
    return [run(name, route) for name, route in routes().items()]


def main() -> None:
    """Print the outcomes."""
    outside = int(sys.argv[1]) if len(sys.argv) > 1 else os.getppid()
    seal = SEALS[sys.argv[2]] if len(sys.argv) > 2 else None
    os.write(1, json.dumps(try_all(outside, seal)).encode() + b"\n")


if __name__ == "__main__":
    keep_standard_descriptors()
    main()
