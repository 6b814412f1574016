"""Landlock: an allow-list of files, no TCP, and no signal or abstract socket across the wall.

A ruleset first names the rights it governs (everything the running kernel knows), then grants some of them
beneath given paths; what is governed and not granted is refused. Each `restrict` adds a layer that only
narrows; the kernel stacks 16 at most and binds the calling thread and what it starts, so it is laid while
one thread runs.

Files opened before stay open. Not governed: modes, owners and times of files, `stat`, reading links; and
extended attributes, being told of what goes on in a folder, and pathname AF_UNIX sockets (these `seccomp`
closes). Sources: landlock(7), Linux
`Documentation/userspace-api/landlock.rst` (ABI 7).
"""

from __future__ import annotations

import os
import stat
import struct

from policies.kernel import _libc

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every machine
_CREATE_VERSION, _RULE_PATH_BENEATH = 1, 1

FILE_RIGHTS = {  # name: (bit, the ABI it came with)
    "execute": (1 << 0, 1), "write file": (1 << 1, 1), "read file": (1 << 2, 1), "list folder": (1 << 3, 1),
    "remove folder": (1 << 4, 1), "remove file": (1 << 5, 1), "make char device": (1 << 6, 1),
    "make folder": (1 << 7, 1), "make file": (1 << 8, 1), "make socket": (1 << 9, 1),
    "make fifo": (1 << 10, 1), "make block device": (1 << 11, 1), "make link": (1 << 12, 1),
    "move between folders": (1 << 13, 2), "truncate": (1 << 14, 3), "control device": (1 << 15, 5),
}  # fmt: skip
NETWORK_RIGHTS = {"bind TCP": (1 << 0, 4), "connect TCP": (1 << 1, 4)}
SCOPES = {"abstract sockets": (1 << 0, 6), "signals": (1 << 1, 6)}


def _bits(*names: str) -> int:
    return sum(FILE_RIGHTS[name][0] for name in names)


LIST = _bits("list folder")
MAKE = _bits("make file")
READ = _bits("read file", "list folder")
EXECUTE = _bits("read file", "execute")
WRITE = READ | _bits(
    "write file",
    "remove folder",
    "remove file",
    "make folder",
    "make file",
    "move between folders",
    "truncate",
)
DEVICE = READ | _bits("write file", "truncate", "control device")
_OF_A_FILE = _bits("execute", "write file", "read file", "truncate", "control device")


def abi() -> int:
    """Which Landlock the kernel has; 0 when it has none, or it is switched off."""
    try:
        return _libc.syscall(_CREATE_RULESET, None, 0, _CREATE_VERSION)
    except OSError:
        return 0


def handled(version: int) -> tuple[str, ...]:
    """The rights, in words, that a ruleset governs on a kernel with this ABI."""
    return tuple(
        name
        for table in (FILE_RIGHTS, NETWORK_RIGHTS, SCOPES)
        for name, (_, since) in table.items()
        if since <= version
    )


def _mask(table: dict[str, tuple[int, int]], version: int) -> int:
    return sum(bit for bit, since in table.values() if since <= version)


def restrict(grants: list[tuple[str, int]], version: int) -> list[str]:
    """Lay one layer: nothing but these rights beneath these paths, no TCP, no signals out.

    :param grants: path and rights (`LIST`, `MAKE`, `READ`, `EXECUTE`, `WRITE`, `DEVICE`).
    :param version: what `abi()` said; at least 1.
    :returns: paths that could not be granted because they are not there.
    :raises OSError: E2BIG at the 17th layer; otherwise what the kernel refused.
    """
    files = _mask(FILE_RIGHTS, version)
    attributes = struct.pack("QQQ", files, _mask(NETWORK_RIGHTS, version), _mask(SCOPES, version))
    known = 8 if version < 4 else 16 if version < 6 else 24  # an older kernel refuses bytes it does not know
    ruleset = _libc.syscall(_CREATE_RULESET, bytearray(attributes[:known]), known, 0)
    try:
        absent = [path for path, rights in grants if not _grant(ruleset, path, rights & files)]
        _libc.syscall(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return absent


def _grant(ruleset: int, path: str, rights: int) -> bool:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return False  # what cannot be reached now stays closed
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _OF_A_FILE
        if rights:
            beneath = bytearray(struct.pack("=Qi", rights, descriptor))
            _libc.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, beneath, 0)
    finally:
        os.close(descriptor)
    return True
