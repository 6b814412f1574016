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
    # a program by its descriptor, whichever file that leads to
    "execveat",
)  # fmt: skip
"""EPERM, in every profile: ways to reach another process, another namespace, or the kernel itself."""

LEAVING = (
    "shmget", "shmat", "shmctl", "shmdt", "semget", "semop", "semctl", "semtimedop", "msgget", "msgsnd",
    "msgrcv", "msgctl", "mq_open", "mq_unlink", "mq_timedsend", "mq_timedreceive", "mq_notify",
    "mq_getsetattr",
)  # fmt: skip
"""EPERM, in every profile: System V's shared memory, semaphores and queues, and POSIX queues. What is left
there outlives the process, and any program of the user takes it up, one with a network too. Semaphores of
threads (`sem_init`) are memory and futexes, and none of these.
"""

WATCHING = ("inotify_init", "inotify_init1", "inotify_add_watch", "fanotify_init", "fanotify_mark")
"""EPERM, in every profile: being told what goes on in a folder, with the names of its files. Landlock does
not govern it, and it would do for any folder that the user may read.
"""

SCHEDULING = ("sched_setparam", "sched_setattr")
"""EPERM, in every profile: how the processor is shared out; an ordinary user may only make it worse."""

OF_THREADS = ("sched_setscheduler",)
"""EPERM, but for the recorder and the usual policy: its library starts each thread of a device so, and has no
sound where that is refused.
"""
SCHED_OTHER = 0

ONESELF = {"prlimit64": (0,), "sched_setaffinity": (0,), "setpriority": (0, 1)}
"""EPERM, in every profile, unless these arguments are 0, which is the caller itself: limits (a limit of
processor time ends a process, without a signal of ours), processors and priority of others."""

IOPRIO_WHO_PROCESS = 1
"""The first argument of `ioprio_set` with which 0 as the second is the caller itself."""

NAMELESS = ("memfd_create",)
"""EPERM, but for the recorder, whose sound server may take sound in one: a file without a name could be
filled with a program and started by its descriptor. No library of the core or of an engine needs one.
"""

STARTING = ("execve", "fork", "vfork")
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

ATTRIBUTES = (
    "getxattr", "lgetxattr", "fgetxattr", "getxattrat", "listxattr", "llistxattr", "flistxattr",
    "listxattrat",
)  # fmt: skip
"""EPERM for an engine and the recorder: extended attributes of files can hold words, and Landlock does not
govern them.
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


def _any_of(calls: tuple[str, ...], error: int, machine: str) -> Code:
    """Refuse each of these calls; one instruction for each, and one that they share."""
    wanted = [each for call in calls if (each := number(call, machine)) is not None]
    last = len(wanted) - 1
    code = [_op(_IF_EQUAL, each, then=last - at, otherwise=int(at == last)) for at, each in enumerate(wanted)]
    return [*code, _refuse(error)] if wanted else []


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
    for call, zeros in ONESELF.items():
        code += _when(call, [one for index in zeros for one in _must_be(index, 0)], machine)
    own_disk_priority = [*_must_be(0, IOPRIO_WHO_PROCESS), *_must_be(1, 0)]
    code += _when("ioprio_set", own_disk_priority, machine)
    if profile is Profile.RECORDER:
        code += _when("socket", only_unix, machine)
        code += _when("sched_setscheduler", _must_be(1, SCHED_OTHER), machine)
    code += _when("sendto", no_address, machine)
    code += _when("clone", no_namespace, machine)
    code += _when("ioctl", no_tricks, machine)
    if profile is not Profile.CORE:
        thread_only = [_load_argument(0), _op(_IF_BITS, CLONE_THREAD, then=1), _refuse(errno.EPERM)]
        code += _when("clone", thread_only, machine)
    return code


def _must_be(index: int, value: int) -> Code:
    """Of an argument that the kernel reads as 32 bits, which are all that is compared."""
    return [_load_argument(index), _op(_IF_EQUAL, value, then=1), _refuse(errno.EPERM)]


def _outright(profile: Profile) -> list[tuple[tuple[str, ...], int]]:
    refused = [(SERVING, errno.EPERM), (("sendmmsg",), errno.EPERM), (BEHIND_POINTERS, errno.ENOSYS),
               (OUTSIDE, errno.EPERM), (LEAVING, errno.EPERM), (WATCHING, errno.EPERM),
               (SCHEDULING, errno.EPERM)]  # fmt: skip
    if profile is not Profile.RECORDER:
        # The recorder's connect and sendmsg stay open: the only sockets it can have are AF_UNIX.
        refused += [(SOCKETS, errno.EACCES), (SENDING, errno.EPERM), (NAMELESS, errno.EPERM)]
        refused += [(OF_THREADS, errno.EPERM)]
    if profile is not Profile.CORE:
        refused += [(STARTING, errno.EPERM), (CHANGING, errno.EPERM), (ATTRIBUTES, errno.EPERM)]
    return refused


def program(profile: Profile, machine: str) -> bytes:
    """The filter of one profile for one machine, as an array of struct sock_filter.

    :param machine: `x86_64` or `aarch64`, as `os.uname().machine` says.
    :raises KeyError: for a machine without a table.
    """
    code = _only_this_machine(machine) + _by_argument(profile, machine)
    for calls, error in _outright(profile):
        code += _any_of(calls, error, machine)
    return b"".join([*code, _op(_RETURN, _ALLOW)])


# --- Laying it --------------------------------------------------------------------------------------------

MOST_FILTERS = 100
"""How many filters a process may stand behind and still lay one. The kernel's own limit is 32,768
instructions in all of them together (MAX_INSNS_PER_PATH), four added for each; what is left is for engines.
"""

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
