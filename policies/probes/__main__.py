"""Try all routes and print what became of them, as one JSON list of `{"name", "blocked", "by"}`.

Argument: the number of a process outside the wall (default: the one that started this).
"""

from __future__ import annotations

import json
import os
import sys

from policies.probes import native, processes, programs, sockets
from policies.probes.attempt import Outcome, Route, keep_standard_descriptors, run

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


def try_all(outside: int) -> list[Outcome]:
    """Try every route, one after the other.

    :param outside: a process outside the wall; 0 when there is none.
    """
    processes.Outside.process = outside
    return [run(name, route) for name, route in routes().items()]


def main() -> None:
    """Print the outcomes."""
    outside = int(sys.argv[1]) if len(sys.argv) > 1 else os.getppid()
    os.write(1, json.dumps(try_all(outside)).encode() + b"\n")


if __name__ == "__main__":
    keep_standard_descriptors()
    main()
