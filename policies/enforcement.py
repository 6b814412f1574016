"""Lay the wall, in two stages, and prove that it stands. Whatever goes wrong, nothing is opened: PolicyError.

The order, in every process of the diary:
1. `close_network()`, the first statement, before any other import: it needs no path. No core file, no
   dumping, libraries told to stay offline, inherited sockets closed, the system-call filter laid on all
   threads.
2. `enforce(policy)`, as soon as the paths are known and while one thread runs: the file allow-list, then
   both stages are tried by what they must refuse. It returns `Enforced`, which whoever opens the vault asks
   for.

A process that executes itself anew keeps its seal, and the kernel stacks 16 layers at most. So a marker in
the environment says which wall this process believes to stand behind, the same refusals are tried again, and
only when both agree is nothing laid twice. The marker alone is never believed.

Kept small: of ours it imports only `kernel`, and of the standard library nothing that the interpreter has
not loaded for itself, but ctypes and enum. The trials are in `standing`. Not here: what is forbidden
(`policy`), and the full check (`report`).
"""

from __future__ import annotations

import os
import stat
import sys
import time

from policies import standing
from policies.errors import PolicyError
from policies.kernel import _libc, landlock, prctl, seccomp
from policies.kernel.syscalls import MACHINES
from policies.profile import Profile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from policies.policy import Policy

__all__ = ["Enforced", "PolicyError", "close_network", "enforce"]

MARKER = "DIARY_SEAL"
"""Environment variable: the fingerprint of the wall this process believes to stand behind."""

OFFLINE = {
    "HF_HUB_OFFLINE": "1",  # without these a missing model file is asked for again and again for a minute
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "ORT_DISABLE_TELEMETRY": "1",  # the wheel of onnxruntime carries an uploader and keeps a device number
    "TOKENIZERS_PARALLELISM": "false",  # it warns on standard error after a fork
    "GGML_NO_BACKTRACE": "1",  # a crash would start a debugger, and print memory
}

NOT_THERE = " was not there when the wall was laid, so it stays closed."
"""How the only finding ends that names a path of the person."""

_LACKS = (
    (2, "lets no file be moved from one folder to another"),
    (3, "does not govern truncation: a file outside the list could be emptied by its name, not read"),
    (5, "does not govern the control of devices, of which the filter refuses only typing into the terminal"),
    (6, "keeps no signals in, and no abstract sockets of the recorder"),
)
"""What an ABI below this number lacks. 4 adds refusing TCP, which the filter refuses on every kernel."""

_FIRST_INHERITED = 3
_NOTHING_OPENED = "so nothing was opened and nothing was changed."
_SHOW_WHY = (
    "diary policy show says what a seal needs: Linux on x86-64 or aarch64 with seccomp filters. On macOS and "
    "Windows a virtual machine with Linux has it, and on Windows WSL 2."
)


class _Token:
    """Held by this module alone, so that nobody else can make a proof."""


_TOKEN = _Token()


class Enforced:
    """The proof that the wall stands; only `enforce` makes one. Not copied, not pickled, not changed.

    :ivar profile: the profile in force.
    :ivar fingerprint: which wall it is (`Policy.fingerprint`).
    :ivar landlock_abi: what the kernel's Landlock can do; 0 when it has none.
    :ivar handled: the rights Landlock governs, in words; what is governed and not granted is refused.
    :ivar seconds: what both stages took.
    :ivar closed_descriptors: inherited sockets that were closed.
    :ivar standing: True when the wall was laid before this process image and was found standing.
    :ivar findings: sentences about what is weaker than it could be; empty on a current kernel.
    """

    __slots__ = (
        "closed_descriptors", "findings", "fingerprint", "handled", "landlock_abi", "profile", "seconds",
        "standing",
    )  # fmt: skip

    profile: Profile
    fingerprint: str
    landlock_abi: int
    handled: tuple[str, ...]
    seconds: float
    closed_descriptors: int
    standing: bool
    findings: tuple[str, ...]

    def __init__(self, token: object, **granted: object) -> None:
        if token is not _TOKEN:
            raise TypeError("Enforced is made by policies.enforcement.enforce alone.")
        for name in self.__slots__:
            object.__setattr__(self, name, granted[name])

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("A proof cannot be changed.")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("A proof cannot be changed.")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("A proof cannot be copied.")

    def __repr__(self) -> str:
        found = "found standing" if self.standing else "laid"
        return f"<Enforced {self.profile.value}, Landlock ABI {self.landlock_abi}, {found}>"


class _StageOne:
    """What `close_network` did in this process; there is one seal in a process."""

    profile: Profile | None = None
    closed_descriptors = 0
    seconds = 0.0
    laid = False


def close_network(profile: Profile = Profile.CORE) -> None:
    """Stage one: from here on no thread of this process, and nothing it starts, can make a socket.

    Calling it again does nothing. An engine calls it without a profile too; `enforce` narrows it.

    :param profile: RECORDER leaves AF_UNIX open, and can only be chosen before any other seal.
    :raises PolicyError: when the kernel refuses, or standard input or output is a network connection.
    """
    if _StageOne.profile is not None:
        if profile is Profile.RECORDER and _StageOne.profile is not Profile.RECORDER:
            _fail("A recorder was started behind the diary's own wall, where no microphone can be reached")
        return
    started = time.perf_counter()
    machine = _machine()
    os.environ.update(OFFLINE)
    try:
        prctl.forbid_dumping()
        prctl.set_no_new_privileges()
        _StageOne.closed_descriptors = _close_sockets()
        base = Profile.RECORDER if profile is Profile.RECORDER else Profile.CORE
        marked = os.environ.get(MARKER, "").partition(":")[0]
        if not (marked == base.value and not standing.network_failures(base, machine)):
            seccomp.install(seccomp.program(base, machine), machine)
            os.environ[MARKER] = base.value
            _StageOne.laid = True
    except OSError as error:
        _fail("The kernel refused to close the network", error)
    _StageOne.profile = base
    _StageOne.seconds = time.perf_counter() - started


def enforce(policy: Policy) -> Enforced:
    """Stage two: lay the file allow-list, or find it standing, and try both stages. Closes the network if
    nobody has.

    :raises PolicyError: when the kernel refuses, another thread already runs, or something forbidden was
        possible.
    """
    close_network(policy.profile)
    started = time.perf_counter()
    machine, fingerprint, version = _machine(), policy.fingerprint(), landlock.abi()
    stands = os.environ.get(MARKER) == fingerprint and not standing.failures(policy, machine, version)
    findings: list[str] = []
    if not stands:
        _one_thread_only()
        try:
            findings += _lay(policy, machine, version)
        except OSError as error:
            _fail("The kernel refused the file allow-list", error)
        failures = standing.failures(policy, machine, version)
        if failures:
            _fail(f"The wall was laid, but something forbidden was still possible ({'; '.join(failures)})")
        os.environ[MARKER] = fingerprint
    if prctl.is_dumpable():
        _fail("The kernel would let other programs read this one's memory")
    return Enforced(
        _TOKEN,
        profile=policy.profile,
        fingerprint=fingerprint,
        landlock_abi=version,
        handled=landlock.handled(version),
        seconds=_StageOne.seconds + time.perf_counter() - started,
        closed_descriptors=_StageOne.closed_descriptors,
        standing=stands and not _StageOne.laid,
        findings=(*findings, *_weaknesses(version)),
    )


def _lay(policy: Policy, machine: str, version: int) -> list[str]:
    """Lay what this policy adds to stage one; sentences about paths that are not there."""
    absent: list[str] = []
    if version:
        grants = [
            (os.fspath(path), rights)
            for paths, rights in (
                (policy.read, landlock.READ),
                (policy.write, landlock.WRITE),
                (policy.names, landlock.LIST),
                (policy.execute, landlock.EXECUTE),
                (policy.devices, landlock.DEVICE),
            )
            for path in paths
        ]
        absent = landlock.restrict(grants, version)
    if policy.profile is Profile.ENGINE:
        seccomp.install(seccomp.program(Profile.ENGINE, machine), machine)
    asked = {os.fspath(path) for path in policy.asked}
    return [f"{path}{NOT_THERE}" for path in absent if path in asked]


def _weaknesses(version: int) -> list[str]:
    if not version:
        return [
            "This kernel has no Landlock: sockets are refused, but files are protected only by their "
            "permissions, and other programs of this user can be signalled.",
        ]
    kernel = f"This kernel's Landlock (ABI {version})"
    return [
        f"{kernel} {words}; sockets are refused all the same." for below, words in _LACKS if version < below
    ]


def _machine() -> str:
    """The machine's name in the tables.

    A 32-bit interpreter on a 64-bit kernel would use another call table, so it is refused with the unknown
    ones.
    """
    if not sys.platform.startswith("linux"):
        _fail("The seal is Linux's: on this system the kernel cannot be told to keep the diary offline")
    machine = os.uname().machine
    if machine not in MACHINES or sys.maxsize < 2**32:
        _fail(f"The seal has no table of system calls for this machine ({machine})")
    return machine


def _one_thread_only() -> None:
    """Landlock binds the calling thread and what it starts; threads from before would stay outside."""
    try:
        threads = len(os.listdir("/proc/self/task"))  # noqa: PTH208 - pathlib is not imported yet
    except OSError as error:
        _fail("It cannot be seen whether other threads run, because /proc is closed", error)
    if threads != 1:
        _fail(f"{threads} threads were running before the wall was laid, and it would not hold them")


def _close_sockets() -> int:
    """Close inherited sockets and rings: the filter refuses to make one, but writing to one needs no such
    call.
    """
    try:
        descriptors = [int(name) for name in os.listdir("/proc/self/fd")]  # noqa: PTH208 - likewise
    except OSError:
        descriptors = list(range(os.sysconf("SC_OPEN_MAX")))
    closed = 0
    for descriptor in descriptors:
        try:
            if not _leads_out(descriptor):
                continue
        except OSError:
            continue  # the descriptor of the listing itself
        if descriptor < _FIRST_INHERITED:
            _only_local(descriptor)
        else:
            os.close(descriptor)
            closed += 1
    return closed


def _leads_out(descriptor: int) -> bool:
    if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
        return True
    try:
        link = os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115 - likewise
    except OSError:
        return False
    return link == "anon_inode:[io_uring]"


def _only_local(descriptor: int) -> None:
    """Some programs start others with an AF_UNIX pair for standard input; anything else there is a
    connection.
    """
    family = _libc.socket_family(descriptor)
    if family != seccomp.AF_UNIX:
        _fail(f"Standard {('input', 'output', 'error')[descriptor]} is a network connection")


def _fail(what: str, error: OSError | None = None) -> NoReturn:
    because = f" ({error.strerror})" if error is not None and error.strerror else ""
    raise PolicyError(f"{what}{because}, {_NOTHING_OPENED}", hint=_SHOW_WHY)
