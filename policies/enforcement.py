"""Lay the wall, in two stages, and prove that it stands. Whatever goes wrong, nothing is opened: PolicyError.

The order, in every process of the diary:
1. `close_network()`, the first statement, before any other import: it needs no path. No core file, no
   dumping, libraries told to stay offline, what was inherited closed, the system-call filter laid on all
   threads.
2. `enforce(policy)`, as soon as the paths are known and while one thread runs: the file allow-list, then
   both stages are tried by what they must refuse. It returns `Enforced`, which whoever opens the vault asks
   for.

Where the kernel lacks something of it, a person may accept that (`--accept-unsealed`, read by each process
before anything else), and never where a clinic's policy is installed. All the rest is laid and tried as ever
then, and `Enforced.sealed` is false. What is wrong here, as opposed to lacking, cannot be accepted.

A process that executes itself anew keeps its seal, and whoever started it could have laid one with a hole.
So the filter is laid each time, over whatever stands; the kernel takes more than `seccomp.MOST_FILTERS` of
them, and beyond that nothing is opened. Of file allow-lists it stacks 16 at most. So a marker in the
environment says which wall this process believes to stand behind, the same refusals are tried again, and only
when both agree is the file list not laid twice. The marker alone is never believed.

Kept small: of ours it imports only `kernel`, and of the standard library nothing that the interpreter has
not loaded for itself, but ctypes, errno and enum. The trials are in `standing`. Not here: what is forbidden
(`policy`), and the full check (`report`).
"""

from __future__ import annotations

import errno
import os
import sys
import time

from policies import descriptors, standing
from policies.errors import PolicyError
from policies.kernel import landlock, prctl, seccomp
from policies.kernel.syscalls import MACHINES
from policies.profile import Profile
from policies.weaknesses import weaknesses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from policies.policy import Policy

__all__ = ["ACCEPT", "Enforced", "PolicyError", "accepted", "close_network", "enforce", "room_for_another"]

ACCEPT = "--accept-unsealed"
"""With this word a person accepts what the kernel lacks; the diary tells it to the processes it starts."""

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

_NOTHING_OPENED = "so nothing was opened and nothing was changed."
_SHOW_WHY = (
    "A seal needs Linux on x86-64 or aarch64 with seccomp filters and /proc. On macOS and Windows a virtual "
    "machine with Linux has it, and on Windows WSL 2."
)
_MAY_ACCEPT = (
    "For a diary of your own you can accept that only the program's own code keeps it offline: "
    f"diary policy show {ACCEPT} says what holds then."
)
_ASK_THE_CLINIC = "Ask whoever looks after this machine for a kernel that can seal the diary."
_NOBODYS_TO_ACCEPT = (
    "and a clinic's policy is installed here, under which nobody can accept that: nothing was opened and "
    "nothing was changed."
)


class _Token:
    """Held by this module alone, so that nobody else can make a proof."""


_TOKEN = _Token()


class Enforced:
    """The proof that the wall stands; only `enforce` makes one. Not copied, not pickled, not changed.

    :ivar profile: the profile in force.
    :ivar sealed: False when a person accepted what the kernel lacks; `findings` begin with that.
    :ivar offline: whether the kernel refuses every socket (of a recorder all but AF_UNIX); True when sealed.
    :ivar fingerprint: which wall it is (`Policy.fingerprint`).
    :ivar landlock_abi: what the kernel's Landlock can do; 0 when it has none.
    :ivar handled: the rights Landlock governs, in words; what is governed and not granted is refused.
    :ivar seconds: what both stages took.
    :ivar closed_descriptors: inherited descriptors that were closed.
    :ivar standing: True when the file list was laid before this process image and was found standing.
    :ivar findings: sentences about what is weaker than it could be; empty on a current kernel.
    """

    __slots__ = (
        "closed_descriptors", "findings", "fingerprint", "handled", "landlock_abi", "offline", "profile",
        "sealed", "seconds", "standing",
    )  # fmt: skip

    profile: Profile
    sealed: bool
    offline: bool
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


class _Lacking(PolicyError):
    """The kernel cannot do it, or does not let us: the one kind of refusal that a person may accept.

    :ivar what: without what follows from it.
    """

    what = ""


class _StageOne:
    """What `close_network` did in this process; there is one seal in a process."""

    profile: Profile | None = None
    closed_descriptors = 0
    seconds = 0.0
    filtered = False
    accepting = False
    lacks: tuple[str, ...] = ()


def accepted() -> bool:
    """Whether this process goes on without something that the kernel lacks; those that it starts may too."""
    return bool(_StageOne.lacks)


def close_network(profile: Profile = Profile.CORE, *, accept_unsealed: bool = False) -> None:
    """Stage one: from here on no thread of this process, and nothing it starts, can make a socket.

    Calling it again does nothing. An engine calls it without a profile too; `enforce` narrows it.

    :param profile: RECORDER leaves AF_UNIX open, and can only be chosen before any other seal.
    :param accept_unsealed: a person accepts what this kernel lacks; refused under a clinic's policy.
    :raises PolicyError: when the kernel refuses, or standard input or output is a network connection.
    """
    if _StageOne.profile is not None:
        if profile is Profile.RECORDER and _StageOne.profile is not Profile.RECORDER:
            _fail("A recorder was started behind the diary's own wall, where no microphone can be reached")
        return
    started = time.perf_counter()
    os.environ.update(OFFLINE)
    _StageOne.accepting = accept_unsealed
    base = Profile.RECORDER if profile is Profile.RECORDER else Profile.CORE
    _or_accepted(_keep_memory)
    _StageOne.closed_descriptors, connection = descriptors.close_inherited()
    if connection:
        _fail(f"{connection} is a network connection")
    _or_accepted(_lay_filter, base)
    _StageOne.profile = base
    _StageOne.seconds = time.perf_counter() - started


def _keep_memory() -> None:
    """No core file, no looking in, no privileges to be gained."""
    _require_linux()
    try:
        prctl.forbid_dumping()
        prctl.set_no_new_privileges()
    except OSError as error:
        _lack("The kernel refused to guard this program's memory", error)


def _lay_filter(base: Profile) -> None:
    machine = _machine()
    if not room_for_another():
        _fail(
            f"This program was started behind {seccomp.MOST_FILTERS} filters of system calls, and the kernel "
            "might take no more"
        )
    _install(base, machine)
    if os.environ.get(MARKER, "").partition(":")[0] != base.value:
        os.environ[MARKER] = base.value
    _StageOne.filtered = True


def room_for_another() -> bool:
    """Whether this process, executed anew, could lay its filter once more."""
    return prctl.seccomp_filters() < seccomp.MOST_FILTERS


def _install(profile: Profile, machine: str) -> None:
    try:
        seccomp.install(seccomp.program(profile, machine), machine)
    except OSError as error:
        if error.errno == errno.EBUSY:  # of threads from before, not of the kernel
            _fail("The network could not be closed", error)
        _lack("The kernel refused to close the network", error)


def enforce(policy: Policy) -> Enforced:
    """Stage two: lay the file allow-list, or find it standing, and try both stages. Closes the network if
    nobody has.

    :raises PolicyError: when the kernel refuses, another thread already runs, or something forbidden was
        possible; what the kernel lacks only when nobody accepted that.
    """
    close_network(policy.profile)
    started = time.perf_counter()
    on_linux = sys.platform.startswith("linux")
    fingerprint, version = policy.fingerprint(), landlock.abi() if on_linux else 0
    if on_linux and policy.profile is Profile.ENGINE:
        _or_accepted(_narrow)
    stands = os.environ.get(MARKER) == fingerprint and not _failures(policy, version)
    findings: list[str] = []
    if not stands and on_linux:
        _one_thread_only()
        if version and not _or_accepted(_lay_files, policy, version, findings):
            version = 0
        _or_accepted(_try, policy, version)
        os.environ[MARKER] = fingerprint
    if on_linux and prctl.is_dumpable():
        _fail("The kernel would let other programs read this one's memory")
    offline = not accepted() or (_StageOne.filtered and not _network_failures())
    return Enforced(
        _TOKEN,
        profile=policy.profile,
        sealed=not accepted(),
        offline=offline,
        fingerprint=fingerprint,
        landlock_abi=version,
        handled=landlock.handled(version),
        seconds=_StageOne.seconds + time.perf_counter() - started,
        closed_descriptors=_StageOne.closed_descriptors,
        standing=stands,
        findings=(*_StageOne.lacks, *findings, *weaknesses(version, offline=offline)),
    )


def _lay_files(policy: Policy, version: int, findings: list[str]) -> None:
    """Lay the file allow-list; sentences about paths that are not there go to `findings`."""
    grants = [
        (os.fspath(path), rights)
        for paths, rights in (
            (policy.read, landlock.READ),
            (policy.write, landlock.WRITE),
            (policy.make, landlock.MAKE),
            (policy.names, landlock.LIST),
            (policy.execute, landlock.EXECUTE),
            (policy.devices, landlock.DEVICE),
        )
        for path in paths
    ]
    try:
        absent = landlock.restrict(grants, version)
    except OSError as error:
        _lack("The kernel refused the file allow-list", error)
    asked = {os.fspath(path) for path in policy.asked}
    findings += [f"{path}{NOT_THERE}" for path in absent if path in asked]


def _narrow() -> None:
    _install(Profile.ENGINE, _machine())


def _try(policy: Policy, version: int) -> None:
    failures = _failures(policy, version)
    if failures:
        _lack(f"The wall was laid, but something forbidden was still possible ({'; '.join(failures)})")


def _failures(policy: Policy, version: int) -> list[str]:
    """What does not hold of what was laid."""
    found = standing.call_failures(policy.profile, _machine()) if _StageOne.filtered else []
    return found + (standing.file_failures(policy) if version else [])


def _network_failures() -> list[str]:
    return standing.network_failures(_StageOne.profile or Profile.CORE, _machine())


def _or_accepted(lay: Callable[..., None], *arguments: object) -> bool:
    """Do a part of the wall; when the kernel lacks it, go on without, if a person may accept that and did.

    :returns: whether it was done.
    """
    try:
        lay(*arguments)
    except _Lacking as lack:
        if not _StageOne.accepting:
            raise
        from policies import place  # which most starts need not load

        if place.is_there(place.FOLDER):
            raise PolicyError(f"{lack.what}, {_NOBODYS_TO_ACCEPT}", hint=_ASK_THE_CLINIC) from None
        told = f"{lack.what}: accepted with {ACCEPT}."
        if told not in _StageOne.lacks:
            _StageOne.lacks += (told,)
        return False
    return True


def _require_linux() -> None:
    if sys.platform.startswith("linux"):
        return
    what = "The seal is Linux's: on this system the kernel cannot be told to keep the diary offline"
    if sys.platform == "win32":
        _fail(what)  # where the rest of the program cannot run either
    _lack(what)


def _machine() -> str:
    """The machine's name in the tables.

    A 32-bit interpreter on a 64-bit kernel would use another call table, so it is refused with the unknown
    ones.
    """
    _require_linux()
    machine = os.uname().machine
    if machine not in MACHINES or sys.maxsize < 2**32:
        _lack(f"The seal has no table of system calls for this machine ({machine})")
    return machine


def _one_thread_only() -> None:
    """Landlock binds the calling thread and what it starts; threads from before would stay outside."""
    try:
        threads = len(os.listdir("/proc/self/task"))  # noqa: PTH208 - pathlib is not imported yet
    except OSError as error:
        _fail("It cannot be seen whether other threads run, because /proc is closed", error)
    if threads != 1:
        _fail(f"{threads} threads were running before the wall was laid, and it would not hold them")


def _fail(what: str, error: OSError | None = None) -> NoReturn:
    raise PolicyError(f"{_with_reason(what, error)}, {_NOTHING_OPENED}", hint=_SHOW_WHY)


def _lack(what: str, error: OSError | None = None) -> NoReturn:
    lack = _Lacking(f"{_with_reason(what, error)}, {_NOTHING_OPENED}", hint=f"{_SHOW_WHY} {_MAY_ACCEPT}")
    lack.what = _with_reason(what, error)
    raise lack


def _with_reason(what: str, error: OSError | None) -> str:
    return f"{what} ({error.strerror})" if error is not None and error.strerror else what
