"""Whether the wall stands, by trying what it must refuse: a list of sentences, empty when everything was
refused.

Rules: every trial is harmless where no wall stands, and fails there with another errno than behind it, so
that a trial can fail; none makes an AF_INET or AF_INET6 socket. About thirty system calls; the full check of
31 ways out, in a process of its own, is `probes`.
"""

from __future__ import annotations

import errno
import os

from policies.kernel import _libc, prctl
from policies.kernel.syscalls import number
from policies.profile import Profile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from policies.policy import Policy

_BAD = -1  # no descriptor has this number: EBADF where no filter answers first
_AF_UNIX, _AF_NETLINK, _SOCK_STREAM, _SOCK_RAW = 1, 16, 1, 3
_TIOCSTI = 0x5412
_PTRACE_PEEKUSER, _PTRACE_ARGUMENTS = 3, (0, 0, 0)
_AT_EMPTY_PATH = 0x1000
_PRIVATE = 0  # no key: what is asked for would be new, and is refused for its size where no filter is
_NOBODY = 0x7FFFFFFF  # no process has this number: ESRCH where no filter answers first

Trial = tuple[str, tuple[int | bytes | None, ...], int]
"""A call's name, its arguments, and the errno with which the wall answers."""

_ALWAYS: tuple[Trial, ...] = (
    ("socket", (_AF_NETLINK, _SOCK_RAW, 0), errno.EACCES),
    ("socketpair", (_AF_NETLINK, _SOCK_RAW, 0, None), errno.EACCES),
    ("bind", (_BAD, None, 0), errno.EPERM),
    ("accept4", (_BAD, None, None, 0), errno.EPERM),
    ("sendto", (_BAD, None, 0, 0, b"\0" * 16, 16), errno.EPERM),
    ("sendmmsg", (_BAD, None, 0, 0), errno.EPERM),
    ("io_uring_setup", (0, None), errno.ENOSYS),
    ("clone3", (None, 0), errno.ENOSYS),
    ("setns", (_BAD, 0), errno.EPERM),
    ("ptrace", (_PTRACE_PEEKUSER, *_PTRACE_ARGUMENTS), errno.EPERM),
    ("pidfd_getfd", (_BAD, 0, 0), errno.EPERM),
    ("request_key", (None, None, None, 0), errno.EPERM),
    ("execveat", (_BAD, b"", None, None, _AT_EMPTY_PATH), errno.EPERM),
    ("shmget", (_PRIVATE, 0, 0), errno.EPERM),
    ("semget", (_PRIVATE, -1, 0), errno.EPERM),
    ("msgrcv", (_BAD, None, 0, 0, 0), errno.EPERM),
    ("mq_open", (None, 0, 0, None), errno.EPERM),
    ("inotify_add_watch", (_BAD, None, 0), errno.EPERM),
    ("prlimit64", (_NOBODY, 0, None, None), errno.EPERM),
    ("sched_setaffinity", (_NOBODY, 0, None), errno.EPERM),
    ("setpriority", (_BAD, 0, 0), errno.EPERM),
    ("ioctl", (_BAD, _TIOCSTI, None), errno.EPERM),
    ("ioctl", (_BAD, 0xDEAD00000000 | _TIOCSTI, None), errno.EPERM),
)

_NO_SOCKET_AT_ALL: tuple[Trial, ...] = (
    ("socket", (_AF_UNIX, _SOCK_STREAM, 0), errno.EACCES),
    ("memfd_create", (None, 0), errno.EPERM),
    ("connect", (_BAD, None, 0), errno.EACCES),
    ("connect", (_BAD, None, 16), errno.EACCES),
    ("connect", (_BAD, None, 28), errno.EACCES),
    ("sendmsg", (_BAD, None, 0), errno.EPERM),
)

_NOT_FOR_THE_CORE: tuple[Trial, ...] = (
    ("fchmod", (_BAD, 0), errno.EPERM),
    ("unlinkat", (_BAD, b"none", 0), errno.EPERM),
    ("flistxattr", (_BAD, None, 0), errno.EPERM),
)


def network_failures(profile: Profile, machine: str) -> list[str]:
    """What of stage one does not hold.

    :param profile: AF_UNIX is not tried for a RECORDER.
    """
    failures = []
    if not prctl.has_no_new_privileges():
        failures.append("no_new_privs is not set")
    if prctl.seccomp_mode() != prctl.SECCOMP_MODE_FILTER:
        return [*failures, "no system-call filter is in force"]
    trials = _ALWAYS if profile is Profile.RECORDER else _ALWAYS + _NO_SOCKET_AT_ALL
    return failures + [failure for trial in trials if (failure := _try_call(trial, machine))]


def call_failures(profile: Profile, machine: str) -> list[str]:
    """What of the filters does not hold: of stage one, and what stage two adds for an engine."""
    found = network_failures(profile, machine)
    if profile is not Profile.CORE:
        found += [failure for trial in _NOT_FOR_THE_CORE if (failure := _try_call(trial, machine))]
    return found


def _try_call(trial: Trial, machine: str) -> str:
    name, arguments, expected = trial
    call = number(name, machine)
    assert call is not None  # noqa: S101 - for the type checker: every machine has it
    try:
        result = _libc.syscall(call, *arguments)
    except OSError as error:
        if error.errno == expected:
            return ""
        return f"{name} was answered {errno.errorcode.get(error.errno or 0, error.errno)}"
    if name == "socket":
        os.close(result)
    return f"{name} was possible"


def file_failures(policy: Policy) -> list[str]:
    """What of the file allow-list does not hold: the root's listing, and for writing two places that every
    policy leaves closed unless they were asked for, by their own name or by a link that leads there.
    """
    granted = [os.path.realpath(path) for path in policy.write]
    found = _refused("the list of the root folder was readable", "/", os.O_RDONLY | os.O_DIRECTORY)
    for place in ("/", "/tmp"):  # noqa: S108 - nothing is left there: O_TMPFILE has no name
        if not any(os.path.commonpath((place, path)) == path for path in granted):
            found += _refused(f"a file could be made in {place}", place, os.O_TMPFILE | os.O_WRONLY)
    if policy.profile is not Profile.CORE:
        found += _refused("a program file could be changed", __file__, os.O_WRONLY)
    return found


def _refused(otherwise: str, path: str, flags: int) -> list[str]:
    try:
        descriptor = os.open(path, flags | os.O_CLOEXEC, 0o600)
    except OSError as error:
        # Anything else (a read-only disk, no such folder) says nothing about the wall, and is no way in
        # either.
        return (
            [] if error.errno in (errno.EACCES, errno.EROFS, errno.EOPNOTSUPP, errno.ENOENT) else [otherwise]
        )
    os.close(descriptor)
    return [otherwise]
