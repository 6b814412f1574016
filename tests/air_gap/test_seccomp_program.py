"""The filter's two tables, by interpretation: what each profile refuses and with which errno, on each
machine.
"""

from __future__ import annotations

import errno
import re
from pathlib import Path

import pytest

from policies.kernel.seccomp import MOST_FILTERS, program
from policies.kernel.syscalls import AUDIT_ARCH, MACHINES, names, number
from policies.profile import Profile
from tests.air_gap.bpf import judge

REFUSED = """
    bind listen accept accept4 sendmmsg unshare setns ptrace process_vm_readv process_vm_writev pidfd_getfd
    kcmp process_madvise keyctl add_key request_key bpf perf_event_open userfaultfd mount umount2 pivot_root
    chroot fsopen fsconfig fsmount fspick open_tree move_mount mount_setattr open_tree_attr init_module
    finit_module delete_module kexec_load kexec_file_load reboot swapon swapoff iopl ioperm modify_ldt
    quotactl acct open_by_handle_at name_to_handle_at lookup_dcookie vhangup personality syslog execveat
    shmget shmat shmctl shmdt semget semop semctl semtimedop msgget msgsnd msgrcv msgctl mq_open mq_unlink
    mq_timedsend mq_timedreceive mq_notify mq_getsetattr sched_setparam sched_setattr inotify_init
    inotify_init1 inotify_add_watch fanotify_init fanotify_mark
""".split()  # noqa: SIM905 - to be read beside the list it states
NOT_THERE = ["io_uring_setup", "io_uring_enter", "io_uring_register", "clone3"]
ENGINE_REFUSED = """
    execve fork vfork creat truncate rename renameat renameat2 link linkat symlink symlinkat unlink
    unlinkat mkdir mkdirat rmdir mknod mknodat chmod fchmod fchmodat fchmodat2 chown lchown fchown fchownat
    utime utimes futimesat utimensat setxattr lsetxattr fsetxattr setxattrat removexattr lremovexattr
    fremovexattr removexattrat file_setattr getxattr lgetxattr fgetxattr getxattrat listxattr llistxattr
    flistxattr listxattrat
""".split()  # noqa: SIM905 - likewise
# read, write, openat, close, mmap, futex, exit_group, recvfrom, kill: a program lives on these
EVERYDAY = {
    "x86_64": (0, 1, 257, 3, 9, 202, 231, 45, 62),
    "aarch64": (63, 64, 56, 57, 222, 98, 94, 207, 129),
}
AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_VSOCK = 1, 2, 10, 16, 40
SIGCHLD, THREAD_FLAGS = 17, 0x3D0F00
PRIO_PROCESS, IOPRIO_WHO_PROCESS = 0, 1


def answer(profile: Profile, machine: str, call: str, *arguments: int) -> int | None:
    wanted = number(call, machine)
    assert wanted is not None
    return judge(program(profile, machine), arch=AUDIT_ARCH[machine], number=wanted, arguments=arguments)


def on(machine: str, calls: list[str]) -> list[str]:
    return [call for call in calls if number(call, machine) is not None]


everywhere = pytest.mark.parametrize("machine", MACHINES)
every_profile = pytest.mark.parametrize("profile", list(Profile))


@everywhere
@every_profile
def test_the_deny_list_is_refused_in_every_profile(profile: Profile, machine: str) -> None:
    wrong = {
        call: got for call in on(machine, REFUSED) if (got := answer(profile, machine, call)) != errno.EPERM
    }
    assert wrong == {}
    assert {answer(profile, machine, call) for call in NOT_THERE} == {errno.ENOSYS}


@everywhere
@every_profile
def test_what_a_program_lives_on_is_allowed(profile: Profile, machine: str) -> None:
    for call in EVERYDAY[machine]:
        assert judge(program(profile, machine), arch=AUDIT_ARCH[machine], number=call) is None, call


@everywhere
@pytest.mark.parametrize("profile", [Profile.CORE, Profile.ENGINE])
@pytest.mark.parametrize("family", [AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_VSOCK, 2**32 + AF_UNIX])
def test_no_family_of_sockets_is_open(profile: Profile, machine: str, family: int) -> None:
    assert answer(profile, machine, "socket", family, 1, 0) == errno.EACCES
    assert answer(profile, machine, "connect", 3, 0, 16) == errno.EACCES
    assert answer(profile, machine, "sendmsg", 3, 0, 0) == errno.EPERM


@everywhere
@every_profile
def test_only_a_local_pair_may_be_made(profile: Profile, machine: str) -> None:
    assert answer(profile, machine, "socketpair", AF_UNIX, 1, 0, 0) is None
    for family in (AF_INET, AF_INET6, AF_NETLINK, 0):
        assert answer(profile, machine, "socketpair", family, 1, 0, 0) == errno.EACCES


@everywhere
@every_profile
@pytest.mark.parametrize("address", [1, 0x7FFF00001000, 2**32, 2**63])
def test_sending_to_an_address_is_refused_and_sending_on_a_pair_is_not(
    profile: Profile, machine: str, address: int
) -> None:
    assert answer(profile, machine, "sendto", 3, 1, 1, 0, address, 16) == errno.EPERM
    assert answer(profile, machine, "sendto", 3, 1, 1, 0, 0, 0) is None


@everywhere
def test_the_recorder_may_make_local_sockets_only(machine: str) -> None:
    assert answer(Profile.RECORDER, machine, "socket", AF_UNIX, 1, 0) is None
    assert answer(Profile.RECORDER, machine, "connect", 3, 1, 110) is None
    for family in (AF_INET, AF_INET6, AF_NETLINK, AF_VSOCK):
        assert answer(Profile.RECORDER, machine, "socket", family, 1, 0) == errno.EACCES


@everywhere
@every_profile
@pytest.mark.parametrize("bit", [17, 25, 26, 27, 28, 29, 30])
def test_no_namespace_comes_with_a_clone(profile: Profile, machine: str, bit: int) -> None:
    assert answer(profile, machine, "clone", 1 << bit | SIGCHLD) == errno.EPERM


OTHER = (1, 4242, 2**31, 2**32 - 1, 2**32 + 1)
"""Numbers of other processes, in the 32 bits that the kernel reads, whatever stands above them."""


@everywhere
@every_profile
@pytest.mark.parametrize("other", OTHER)
def test_nothing_is_set_for_another_process(profile: Profile, machine: str, other: int) -> None:
    for arguments in ((other, 0, 1, 1), (other, 0, 1, 0), (other, 0, 0, 1)):
        assert answer(profile, machine, "prlimit64", *arguments) == errno.EPERM
    assert answer(profile, machine, "sched_setaffinity", other, 8, 1) == errno.EPERM
    assert answer(profile, machine, "setpriority", PRIO_PROCESS, other, 19) == errno.EPERM
    assert answer(profile, machine, "ioprio_set", IOPRIO_WHO_PROCESS, other, 0) == errno.EPERM


@everywhere
@every_profile
@pytest.mark.parametrize("whose", [1, 2, 3])
def test_nothing_is_set_for_a_group_of_processes_or_a_user(
    profile: Profile, machine: str, whose: int
) -> None:
    """0 says the caller's own group, or user, in which there are others."""
    if whose != PRIO_PROCESS:
        assert answer(profile, machine, "setpriority", whose, 0, 19) == errno.EPERM
    if whose != IOPRIO_WHO_PROCESS:
        assert answer(profile, machine, "ioprio_set", whose, 0, 0) == errno.EPERM


@everywhere
@every_profile
def test_a_process_sets_its_own_limits_processors_and_priority(profile: Profile, machine: str) -> None:
    for itself in (0, 2**32):  # the kernel reads 32 bits
        assert answer(profile, machine, "prlimit64", itself, 4, 1, 0) is None
        assert answer(profile, machine, "prlimit64", itself, 7, 0, 1) is None
        assert answer(profile, machine, "sched_setaffinity", itself, 8, 1) is None
        assert answer(profile, machine, "setpriority", PRIO_PROCESS, itself, 19) is None


@everywhere
def test_only_the_recorder_gives_its_threads_a_policy_and_only_the_usual_one(machine: str) -> None:
    """Without it no device of sound can be opened."""
    thread, usual, real_time = 4242, 0, 2
    for profile in Profile:
        sound = None if profile is Profile.RECORDER else errno.EPERM
        assert answer(profile, machine, "sched_setscheduler", thread, usual) == sound
        assert answer(profile, machine, "sched_setscheduler", thread, real_time) == errno.EPERM


@everywhere
def test_only_the_recorder_makes_a_file_without_a_name(machine: str) -> None:
    """In the core it could be filled with a program and started; sound servers take sound in one."""
    assert answer(Profile.CORE, machine, "memfd_create", 1, 0) == errno.EPERM
    assert answer(Profile.ENGINE, machine, "memfd_create", 1, 0) == errno.EPERM
    assert answer(Profile.RECORDER, machine, "memfd_create", 1, 0) is None


@everywhere
def test_the_core_starts_processes_and_the_others_only_threads(machine: str) -> None:
    assert answer(Profile.CORE, machine, "clone", SIGCHLD) is None
    assert answer(Profile.CORE, machine, "clone", THREAD_FLAGS) is None
    for profile in (Profile.ENGINE, Profile.RECORDER):
        assert answer(profile, machine, "clone", SIGCHLD) == errno.EPERM
        assert answer(profile, machine, "clone", THREAD_FLAGS) is None


@everywhere
def test_an_engine_and_the_recorder_start_no_program_and_change_no_file(machine: str) -> None:
    for call in on(machine, ENGINE_REFUSED):
        assert answer(Profile.ENGINE, machine, call) == errno.EPERM, call
        assert answer(Profile.RECORDER, machine, call) == errno.EPERM, call
        assert answer(Profile.CORE, machine, call) is None, call


@everywhere
@every_profile
@pytest.mark.parametrize(
    "request_bits", [0x5412, 0x541C, 0x5423, 0x100005412, 0xDEAD00005412, 0xFFFFFFFF0000541C]
)
def test_nothing_types_into_the_terminal_whatever_the_upper_bits_say(
    profile: Profile, machine: str, request_bits: int
) -> None:
    assert answer(profile, machine, "ioctl", 0, request_bits, 0) == errno.EPERM


@everywhere
@every_profile
@pytest.mark.parametrize("request_bits", [0x5401, 0x5402, 0x5413, 0x5410])
def test_a_terminal_may_still_be_set_up(profile: Profile, machine: str, request_bits: int) -> None:
    """TCGETS, TCSETS, TIOCGWINSZ and TIOCSPGRP are what a screen needs."""
    assert answer(profile, machine, "ioctl", 0, request_bits, 0) is None


@everywhere
@every_profile
def test_another_machines_call_table_is_refused_altogether(profile: Profile, machine: str) -> None:
    i386, arm = 0x40000003, 0x40000028
    for arch in (i386, arm, *(AUDIT_ARCH[other] for other in MACHINES if other != machine)):
        for call in EVERYDAY[machine]:
            assert judge(program(profile, machine), arch=arch, number=call) == errno.EPERM


@every_profile
def test_x32_calls_are_not_there(profile: Profile) -> None:
    for call in (0, 41, 42, 257, 512, 520):
        filter_program = program(profile, "x86_64")
        assert judge(filter_program, arch=AUDIT_ARCH["x86_64"], number=0x40000000 | call) == errno.ENOSYS


@everywhere
@every_profile
@pytest.mark.parametrize("call", [470, 471, 500, 1000, 0x3FFFFFFF])
def test_calls_newer_than_the_last_reviewed_one_are_not_there(
    profile: Profile, machine: str, call: int
) -> None:
    assert judge(program(profile, machine), arch=AUDIT_ARCH[machine], number=call) == errno.ENOSYS


@everywhere
@every_profile
def test_a_program_fits_the_kernels_limits(profile: Profile, machine: str) -> None:
    assert len(program(profile, machine)) % 8 == 0
    assert len(program(profile, machine)) // 8 < 4096


@everywhere
def test_a_hundred_filters_and_an_engines_own_fit_the_kernels_limit(machine: str) -> None:
    """The kernel counts each filter's instructions and four more, 32,768 in all (MAX_INSNS_PER_PATH)."""
    core, engine = (len(program(each, machine)) // 8 + 4 for each in (Profile.CORE, Profile.ENGINE))
    assert MOST_FILTERS * core + 2 * core + 4 * engine < 32_768


@pytest.mark.parametrize(
    ("machine", "header"),
    [
        ("x86_64", "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
        ("aarch64", "/usr/include/asm-generic/unistd.h"),
    ],
)
def test_the_numbers_are_the_kernels_own(machine: str, header: str) -> None:
    if not Path(header).exists():
        pytest.skip(f"the kernel's header {header} is not installed")
    found = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", Path(header).read_text(encoding="utf-8"))
    kernel = {name: int(value) for name, value in found}
    known = {
        name: value for name in names() if (value := number(name, machine)) is not None and name in kernel
    }
    assert len(known) > 60
    assert known == {name: kernel[name] for name in known}
    assert {name for name in names() if number(name, machine) is None and name in kernel} == set()
