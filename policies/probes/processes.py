"""The routes through somebody else: another process or namespace, the kernel's helpers, the terminal."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import pty
import resource
import signal
import struct
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from policies.kernel import _libc
from policies.probes.attempt import Refused, Route, Unavailable, code
from policies.probes.native import call

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PTRACE_SEIZE, _PIDFD_OPEN = 0x4206, 434
_KEY_SPEC_PROCESS_KEYRING = -2
_IPC_PRIVATE, _IPC_CREAT, _IPC_RMID = 0, 0o1600, 0
_YAMA = Path("/proc/sys/kernel/yama/ptrace_scope")


Ways = dict[str, Callable[[], object]]


class Outside:
    """The process that stands outside the wall, named by whoever started the probe; 0 when there is none."""

    process = 0


@contextmanager
def _victim() -> Iterator[int]:
    """A child of our own that does nothing, to be looked into; where none may be started, this process."""
    try:
        child = os.fork()
    except PermissionError:
        yield os.getpid()
        return
    if child == 0:
        signal.pause()
        os._exit(0)
    try:
        yield child
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _pidfd_getfd() -> str:
    mine = os.open(os.devnull, os.O_RDONLY)
    with _victim() as child:
        process = _libc.syscall(_PIDFD_OPEN, child, 0)
        stolen = call("pidfd_getfd", process, mine, 0)
        return f"another process's descriptor was taken as {stolen}"


def _ptrace() -> str:
    with _victim() as child:
        call("ptrace", _PTRACE_SEIZE, child, 0, 0)
        return "another process was held"


def _process_vm_readv() -> str:
    secret = ctypes.create_string_buffer(b"words", 5)
    found = ctypes.create_string_buffer(5)
    with _victim() as child:  # its memory has the same bytes at the same place
        here = struct.pack("QQ", ctypes.addressof(found), 5)
        there = struct.pack("QQ", ctypes.addressof(secret), 5)
        call("process_vm_readv", child, here, 1, there, 1, 0)
    return f"another process's memory was read: {found.raw.decode()}"


def _refused_outside(error: OSError) -> Refused:
    """Only Landlock stands here; for another user's process the ordinary permissions do too."""
    try:
        same_user = os.geteuid() in (0, Path(f"/proc/{Outside.process}").stat().st_uid)
        # 0 and 1 are Yama's levels; 1 forbids a process to look into any but its own children.
        yama = int(_YAMA.read_text()) > 0 if _YAMA.exists() else False
    except (OSError, ValueError):
        same_user, yama = False, False
    by = "ordinary permissions" if not same_user else "Landlock or Yama" if yama else "Landlock"
    return Refused(f"{by}: {code(error)}")


def _outside() -> int:
    if Outside.process <= 0:
        raise Unavailable("nothing to try: no process outside the wall can be seen")
    return Outside.process


def _procmem() -> str:
    process = _outside()
    try:
        descriptor = os.open(f"/proc/{process}/mem", os.O_RDONLY)
    except PermissionError as error:
        raise _refused_outside(error) from error
    os.close(descriptor)
    return "the memory of a process outside was opened"


def _signal() -> str:
    """By a signal, or by what a signal follows from: a limit of processor time; and what slows it down."""
    try:
        os.kill(_outside(), 0)
    except PermissionError as error:
        return _through_one_of(_STEERING, _refused_outside(error))
    return "a process outside could be signalled"


def _same_priority() -> None:
    os.setpriority(os.PRIO_PROCESS, Outside.process, os.getpriority(os.PRIO_PROCESS, Outside.process))


_STEERING: Ways = {
    "the limits of a process outside": lambda: resource.prlimit(Outside.process, resource.RLIMIT_CPU),
    "the priority of a process outside": _same_priority,
    "the processors of a process outside": lambda: os.sched_setaffinity(
        Outside.process, os.sched_getaffinity(Outside.process)
    ),
}
"""What steers a process without a signal; each is asked for as it is already."""


def _through_one_of(ways: Ways, refused: OSError | Refused) -> str:
    """Try the other ways of a route whose first was refused.

    :returns: which was not refused. :raises Refused: or OSError, as given, when all were.
    """
    for name, way in ways.items():
        try:
            way()
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EPERM, errno.ENOSYS):
                continue
            return f"{name}: let through, and answered {code(error)}"
        return f"{name}: possible"
    raise refused


def _request_key() -> str:
    """Words left with the kernel: in its key service, in shared memory, in a queue."""
    try:
        call("add_key", b"user\0", b"diary-probe\0", b"x", 1, _KEY_SPEC_PROCESS_KEYRING)
        key = call("request_key", b"user\0", b"diary-probe\0", None, 0)
    except OSError as error:
        return _through_one_of(_LEAVING, error)
    return f"the kernel's key service answered with {key}"


def _named_queue() -> None:
    name = b"diary-probe-%d\0" % os.getpid()
    os.close(call("mq_open", name, os.O_CREAT | os.O_RDWR, 0o600, None))
    call("mq_unlink", name)


_LEAVING: Ways = {
    "shared memory": lambda: call("shmctl", call("shmget", _IPC_PRIVATE, 1, _IPC_CREAT), _IPC_RMID, None),
    "a queue": lambda: call("msgctl", call("msgget", _IPC_PRIVATE, _IPC_CREAT), _IPC_RMID, None),
    "semaphores": lambda: call("semctl", call("semget", _IPC_PRIVATE, 1, _IPC_CREAT), 0, _IPC_RMID),
    "a queue with a name": _named_queue,
}


def _userns() -> str:
    flags = _CLONE_NEWUSER | _CLONE_NEWNET
    try:
        call("unshare", flags)
    except OSError as unshared:
        child = 0
        try:
            child = call("clone", flags | signal.SIGCHLD, 0, 0, 0, 0)
        except OSError:
            raise unshared from None
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
        return "a child got a user namespace by clone"
    return "a user namespace was made"


def _setns() -> str:
    descriptor = os.open("/proc/self/ns/net", os.O_RDONLY)
    call("setns", descriptor, _CLONE_NEWNET)
    return "a network namespace was entered"


_TIOCSTI_BY_ANY_NAME = (termios.TIOCSTI, 0x1_0000_0000 | termios.TIOCSTI, 0xDEAD_0000_0000 | termios.TIOCSTI)


def _tiocsti() -> str:
    terminal, other = _terminal()
    refusal: OSError | None = None
    for request in _TIOCSTI_BY_ANY_NAME:
        try:
            call("ioctl", terminal, request, b"x")
        except OSError as error:
            if error.errno == errno.EIO:
                raise Refused("the kernel's own setting dev.tty.legacy_tiocsti: EIO") from error
            if error.errno in (errno.ENOTTY, errno.EBADF):
                return "the request was let through; there was no terminal here to type into"
            refusal = error
        else:
            return "a key was typed into the terminal"
    os.close(other)
    assert refusal is not None  # noqa: S101 - the loop ran
    raise refusal


def _terminal() -> tuple[int, int]:
    """A new terminal of our own as the controlling one; behind the wall none can be made, and any descriptor
    serves.
    """
    try:
        master, terminal = pty.openpty()
        os.setsid()
        fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    except OSError:
        null = os.open(os.devnull, os.O_RDWR)
        return null, os.dup(null)
    return terminal, master


ROUTES: dict[str, Route] = {
    "request_key": _request_key, "userns": _userns, "setns": _setns, "pidfd_getfd": _pidfd_getfd,
    "ptrace": _ptrace, "process_vm_readv": _process_vm_readv, "procmem": _procmem, "signal": _signal,
    "TIOCSTI": _tiocsti,
}  # fmt: skip
