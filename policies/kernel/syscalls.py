"""Numbers of the system calls that the filter names, as data: one column for x86-64, one for aarch64.

None means that the machine has no such call. Sources: Linux 6.18 `arch/x86/entry/syscalls/syscall_64.tbl` and
`include/uapi/asm-generic/unistd.h`. The x86-64 column is exercised by every test run; the aarch64 column
only by interpretation (`tests/air_gap/test_seccomp_program.py`) and against the kernel's header where that
is installed.
"""

from __future__ import annotations

X86_64, AARCH64 = "x86_64", "aarch64"
MACHINES = (X86_64, AARCH64)

AUDIT_ARCH = {X86_64: 0xC000003E, AARCH64: 0xC00000B7}
"""How seccomp names the machine whose call table is in use; a 32-bit call on a 64-bit kernel shows another.
"""

LAST_REVIEWED = 469
"""file_setattr, the last of Linux 6.18: whatever comes later is refused until somebody has looked at it."""

X32_BIT = 0x40000000
"""Marks x86-64's second call table, which reaches the same calls by other numbers."""

_TABLE: dict[str, tuple[int | None, int | None]] = {
    # sockets
    "socket": (41, 198), "connect": (42, 203), "socketpair": (53, 199), "bind": (49, 200),
    "listen": (50, 201), "accept": (43, 202), "accept4": (288, 242), "sendto": (44, 206),
    "sendmsg": (46, 211), "sendmmsg": (307, 269),
    # a second door to every call
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    # namespaces
    "clone": (56, 220), "clone3": (435, 435), "unshare": (272, 97), "setns": (308, 268),
    # other processes
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438), "kcmp": (312, 272), "process_madvise": (440, 440),
    "setpriority": (141, 140), "ioprio_set": (251, 30), "prlimit64": (302, 261),
    "sched_setaffinity": (203, 122), "sched_setparam": (142, 118), "sched_setscheduler": (144, 119),
    "sched_setattr": (314, 274),
    # words that are left with the kernel, for whoever asks
    "shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195), "shmdt": (67, 197), "semget": (64, 190),
    "semop": (65, 193), "semctl": (66, 191), "semtimedop": (220, 192), "msgget": (68, 186),
    "msgsnd": (69, 189), "msgrcv": (70, 188), "msgctl": (71, 187), "mq_open": (240, 180),
    "mq_unlink": (241, 181), "mq_timedsend": (242, 182), "mq_timedreceive": (243, 183),
    "mq_notify": (244, 184), "mq_getsetattr": (245, 185),
    # the kernel's own helpers
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    # mounting
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    "open_tree": (428, 428), "move_mount": (429, 429), "mount_setattr": (442, 442),
    "open_tree_attr": (467, 467),
    # the machine
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "reboot": (169, 142), "swapon": (167, 224),
    "swapoff": (168, 225), "iopl": (172, None), "ioperm": (173, None), "modify_ldt": (154, None),
    "quotactl": (179, 60), "acct": (163, 89), "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264), "lookup_dcookie": (212, 18), "vhangup": (153, 58),
    "personality": (135, 92), "syslog": (103, 116), "ioctl": (16, 29),
    # starting programs and processes
    "execve": (59, 221), "execveat": (322, 281), "memfd_create": (319, 279), "fork": (57, None),
    "vfork": (58, None),
    # changing files by name or by attribute
    "creat": (85, None), "truncate": (76, 45), "rename": (82, None), "renameat": (264, 38),
    "renameat2": (316, 276), "link": (86, None), "linkat": (265, 37), "symlink": (88, None),
    "symlinkat": (266, 36), "unlink": (87, None), "unlinkat": (263, 35), "mkdir": (83, None),
    "mkdirat": (258, 34), "rmdir": (84, None), "mknod": (133, None), "mknodat": (259, 33),
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, None), "lchown": (94, None), "fchown": (93, 55), "fchownat": (260, 54),
    "utime": (132, None), "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "setxattrat": (463, 463),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "removexattrat": (466, 466), "file_setattr": (469, 469),
    # seeing what goes on in folders, and reading attributes
    "inotify_init": (253, None), "inotify_init1": (294, 26), "inotify_add_watch": (254, 27),
    "fanotify_init": (300, 262), "fanotify_mark": (301, 263), "getxattr": (191, 8), "lgetxattr": (192, 9),
    "fgetxattr": (193, 10), "getxattrat": (464, 464), "listxattr": (194, 11), "llistxattr": (195, 12),
    "flistxattr": (196, 13), "listxattrat": (465, 465),
    # laying the wall itself
    "seccomp": (317, 277), "landlock_create_ruleset": (444, 444), "landlock_add_rule": (445, 445),
    "landlock_restrict_self": (446, 446),
}  # fmt: skip


def number(name: str, machine: str) -> int | None:
    """The call's number on this machine, or None when it has no such call."""
    return _TABLE[name][MACHINES.index(machine)]


def names() -> tuple[str, ...]:
    """Every call the tables know."""
    return tuple(_TABLE)
