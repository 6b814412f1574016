"""The system-call filter: a small BPF program that the kernel runs before every call of this process and its
children.

Order of the program: the machine's own call table or nothing; no x32; no call newer than the last reviewed
one; then calls judged by an argument; then calls refused outright; whatever is left is allowed. The filter
sees numbers and register values, never what a pointer points to: what hides its arguments behind a pointer
(`clone3`, `io_uring_*`) is answered ENOSYS, which libraries take as an old kernel and do without.

Here: the rules as data, and the assembler. Not here: files (see `landlock`).
Sources: seccomp(2), Linux `Documentation/userspace-api/seccomp_filter.rst`.
"""

from __future__ import annotations

import errno
import struct

from policies.kernel import _libc
from policies.kernel.syscalls import AUDIT_ARCH, LAST_REVIEWED, X32_BIT, X86_64, number
from policies.profile import Profile

# --- The rules --------------------------------------------------------------------------------------------

SOCKETS = ("socket", "connect")
"""EACCES: no socket of any family can be made; what asks for one gets the answer it knows from other walls.
"""

SENDING = ("sendmsg", "sendmmsg")
"""EPERM: messages that carry an address, or a descriptor, behind a pointer."""

SERVING = ("bind", "listen", "accept", "accept4")
"""EPERM: nobody calls in either."""

BEHIND_POINTERS = ("io_uring_setup", "io_uring_enter", "io_uring_register", "clone3")
"""ENOSYS: io_uring makes any call, sockets too, past this filter; clone3 hides its namespace flags."""

OUTSIDE = (
    # namespaces
    "unshare", "setns",
    # other processes: their memory, their descriptors
    "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp", "process_madvise",
    # the kernel's helpers; request_key can start a program outside the wall that resolves names
    "keyctl", "add_key", "request_key", "bpf", "perf_event_open", "userfaultfd",
    # mounting, which would move files under allowed paths
    "mount", "umount2", "pivot_root", "chroot", "fsopen", "fsconfig", "fsmount", "fspick", "open_tree",
    "move_mount", "mount_setattr", "open_tree_attr",
    # the machine
    "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot", "swapon",
    "swapoff", "iopl", "ioperm", "modify_ldt", "quotactl", "acct", "open_by_handle_at", "name_to_handle_at",
    "lookup_dcookie", "vhangup", "personality", "syslog",
)  # fmt: skip
"""EPERM, in every profile: ways to reach another process, another namespace, or the kernel itself."""

STARTING = ("execve", "execveat", "fork", "vfork")
"""EPERM for an engine and the recorder: they start no program and no process."""

CHANGING = (
    "creat", "truncate", "rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat",
    "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir", "mknod", "mknodat", "chmod", "fchmod", "fchmodat",
    "fchmodat2", "chown", "lchown", "fchown", "fchownat", "utime", "utimes", "futimesat", "utimensat",
    "setxattr", "lsetxattr", "fsetxattr", "setxattrat", "removexattr", "lremovexattr", "fremovexattr",
    "removexattrat", "file_setattr",
)  # fmt: skip
"""EPERM for an engine and the recorder: changes to a file's name or attributes. Landlock does not govern
modes, owners, times.
"""

AF_UNIX = 1
CLONE_NAMESPACES = 0x7E020000
"""CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET."""
CLONE_THREAD = 0x00010000
TERMINAL_TRICKS = (0x5412, 0x541C, 0x5423)
"""ioctl requests TIOCSTI (types into the terminal), TIOCLINUX (pastes into it), TIOCSETD (changes its
driver).
"""

# --- The assembler ----------------------------------------------------------------------------------------

_LOAD, _IF_EQUAL, _IF_GREATER, _IF_AT_LEAST, _IF_BITS, _RETURN = 0x20, 0x15, 0x25, 0x35, 0x45, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_NUMBER_OFFSET, _ARCH_OFFSET, _ARGUMENTS_OFFSET = 0, 4, 16  # struct seccomp_data

Code = list[bytes]


def _op(code: int, operand: int, *, then: int = 0, otherwise: int = 0) -> bytes:
    """One instruction (struct sock_filter): jumps count instructions to skip."""
    return struct.pack("HBBI", code, then, otherwise, operand)


def _refuse(error: int) -> bytes:
    return _op(_RETURN, _ERRNO | error)


def _load_argument(index: int, *, upper: bool = False) -> bytes:
    """One 32-bit half of an argument; both machines are little-endian."""
    return _op(_LOAD, _ARGUMENTS_OFFSET + 8 * index + (4 if upper else 0))


def _always(call: str, error: int, machine: str) -> Code:
    wanted = number(call, machine)
    return [] if wanted is None else [_op(_IF_EQUAL, wanted, otherwise=1), _refuse(error)]


def _when(call: str, body: Code, machine: str) -> Code:
    """Run the body for one call only; it refuses by returning, and falls through to allow."""
    wanted = number(call, machine)
    if wanted is None:
        return []
    body = [*body, _op(_LOAD, _NUMBER_OFFSET)]  # the body used the accumulator
    return [_op(_IF_EQUAL, wanted, otherwise=len(body)), *body]


def _only_this_machine(machine: str) -> Code:
    code = [
        _op(_LOAD, _ARCH_OFFSET),
        _op(_IF_EQUAL, AUDIT_ARCH[machine], then=1),
        _refuse(errno.EPERM),
        _op(_LOAD, _NUMBER_OFFSET),
    ]
    if machine == X86_64:
        code += [_op(_IF_AT_LEAST, X32_BIT, otherwise=1), _refuse(errno.ENOSYS)]
    return [*code, _op(_IF_GREATER, LAST_REVIEWED, otherwise=1), _refuse(errno.ENOSYS)]


def _by_argument(profile: Profile, machine: str) -> Code:
    only_unix = [_load_argument(0), _op(_IF_EQUAL, AF_UNIX, then=1), _refuse(errno.EACCES)]
    no_address = [
        _load_argument(4), _op(_IF_EQUAL, 0, then=1), _refuse(errno.EPERM),
        _load_argument(4, upper=True), _op(_IF_EQUAL, 0, then=1), _refuse(errno.EPERM),
    ]  # fmt: skip
    no_namespace = [_load_argument(0), _op(_IF_BITS, CLONE_NAMESPACES, otherwise=1), _refuse(errno.EPERM)]
    # The kernel reads a request as 32 bits, so only those are compared (CVE-2019-10063).
    no_tricks = [_load_argument(1)]
    last = len(TERMINAL_TRICKS) - 1
    for index, request in enumerate(TERMINAL_TRICKS):
        no_tricks.append(_op(_IF_EQUAL, request, then=last - index, otherwise=int(index == last)))
    no_tricks.append(_refuse(errno.EPERM))

    code = _when("socketpair", only_unix, machine)
    if profile is Profile.RECORDER:
        code += _when("socket", only_unix, machine)
    code += _when("sendto", no_address, machine)
    code += _when("clone", no_namespace, machine)
    code += _when("ioctl", no_tricks, machine)
    if profile is not Profile.CORE:
        thread_only = [_load_argument(0), _op(_IF_BITS, CLONE_THREAD, then=1), _refuse(errno.EPERM)]
        code += _when("clone", thread_only, machine)
    return code


def _outright(profile: Profile) -> list[tuple[tuple[str, ...], int]]:
    refused = [(SERVING, errno.EPERM), (("sendmmsg",), errno.EPERM), (BEHIND_POINTERS, errno.ENOSYS),
               (OUTSIDE, errno.EPERM)]  # fmt: skip
    if profile is not Profile.RECORDER:
        # The recorder's connect and sendmsg stay open: the only sockets it can have are AF_UNIX.
        refused += [(SOCKETS, errno.EACCES), (SENDING, errno.EPERM)]
    if profile is not Profile.CORE:
        refused += [(STARTING, errno.EPERM), (CHANGING, errno.EPERM)]
    return refused


def program(profile: Profile, machine: str) -> bytes:
    """The filter of one profile for one machine, as an array of struct sock_filter.

    :param machine: `x86_64` or `aarch64`, as `os.uname().machine` says.
    :raises KeyError: for a machine without a table.
    """
    code = _only_this_machine(machine) + _by_argument(profile, machine)
    for calls, error in _outright(profile):
        for call in calls:
            code += _always(call, error, machine)
    return b"".join([*code, _op(_RETURN, _ALLOW)])


# --- Laying it --------------------------------------------------------------------------------------------

_SET_MODE_FILTER, _FLAG_TSYNC = 1, 1
_INSTRUCTION_BYTES = 8


def install(filter_program: bytes, machine: str) -> int:
    """Lay a filter on all threads of this process at once; the number of its instructions.

    It cannot be taken off again, and every child inherits it. `no_new_privs` must be set before.

    :raises OSError: with the kernel's errno.
    """
    instructions = bytearray(filter_program)
    count = len(instructions) // _INSTRUCTION_BYTES
    head = bytearray(struct.pack("HxxxxxxQ", count, _libc.address_of(instructions)))
    call = number("seccomp", machine)
    assert call is not None  # noqa: S101 - for the type checker: every machine has it
    failed_thread = _libc.syscall(call, _SET_MODE_FILTER, _FLAG_TSYNC, head)
    if failed_thread:
        raise OSError(errno.EBUSY, f"thread {failed_thread} stands behind another filter")
    return count
