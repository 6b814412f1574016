"""What this process inherited that leads out: sockets, and rings that make system calls."""

from __future__ import annotations

import os
import stat

from policies.kernel import _libc, seccomp

STANDARD = ("input", "output", "error")


def close_sockets() -> tuple[int, str]:
    """Close inherited sockets and rings: the filter refuses to make one, but writing to one needs no such
    call.

    :returns: how many were closed; and which of the standard three is a network connection, in words, or "".
    """
    closed = 0
    for descriptor in _inherited():
        try:
            if not _leads_out(descriptor):
                continue
        except OSError:
            continue  # the descriptor of the listing itself
        if descriptor >= len(STANDARD):
            os.close(descriptor)
            closed += 1
        elif not _is_local(descriptor):
            return closed, f"Standard {STANDARD[descriptor]}"
    return closed, ""


def _inherited() -> list[int]:
    for folder in ("/proc/self/fd", "/dev/fd"):
        try:
            return [int(name) for name in os.listdir(folder)]  # noqa: PTH208 - pathlib is not imported yet
        except OSError:
            continue
    return list(range(os.sysconf("SC_OPEN_MAX")))


def _leads_out(descriptor: int) -> bool:
    if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
        return True
    try:
        link = os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115 - likewise
    except OSError:
        return False
    return link == "anon_inode:[io_uring]"


def _is_local(descriptor: int) -> bool:
    """Some programs start others with an AF_UNIX pair for standard input; anything else there is a
    connection.
    """
    try:
        return _libc.socket_family(descriptor) == seccomp.AF_UNIX
    except OSError:
        return False  # a system that cannot tell
