"""Switches of the process itself: no new privileges, no dumping, no core file; and reading them back.

Sources: prctl(2), PR_SET_DUMPABLE(2const), core(5).
"""

from __future__ import annotations

import os

from policies.kernel import _libc

_GET_DUMPABLE, _SET_DUMPABLE = 3, 4
_GET_SECCOMP = 21
_SET_NO_NEW_PRIVS, _GET_NO_NEW_PRIVS = 38, 39
SECCOMP_MODE_FILTER = 2


def set_no_new_privileges() -> None:
    """No set-uid program can lift this process or its children again; the kernel demands it before any
    filter.
    """
    _libc.prctl(_SET_NO_NEW_PRIVS, 1)


def has_no_new_privileges() -> bool:
    """Whether `set_no_new_privileges` holds."""
    return _libc.prctl(_GET_NO_NEW_PRIVS) == 1


def forbid_dumping() -> None:
    """No core file, and no other process of the same user may read this one's memory or attach to it.

    `execve` resets it, so every process says it again. The core limit is not honoured where the kernel pipes
    core files into a program; the dumpable flag is.
    """
    import resource  # Windows has none, and is refused in a sentence and not by this import

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _libc.prctl(_SET_DUMPABLE, 0)


def seccomp_filters() -> int:
    """How many filters stand on this process; 0 as well where the kernel does not tell, before Linux 5.9."""
    try:
        descriptor = os.open("/proc/self/status", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return 0
    try:
        status = os.read(descriptor, 65536)
    finally:
        os.close(descriptor)
    told = status.partition(b"\nSeccomp_filters:")[2].split()
    return int(told[0]) if told else 0


def is_dumpable() -> bool:
    """Whether others of the same user may read this process's memory."""
    return _libc.prctl(_GET_DUMPABLE) != 0


def seccomp_mode() -> int:
    """0 without a filter, as on a kernel that knows none; 2 with one."""
    try:
        return _libc.prctl(_GET_SECCOMP)
    except OSError:
        return 0
