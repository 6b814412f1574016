"""What this process inherited: closed, but for what was handed over.

Handed over are the standard three, the pipes of a recorder (`keep`), and what a word of the command line
names, as a shell does for `<(...)`. A socket, or a ring that makes system calls, is closed whoever handed it
over: the filter refuses to make one, but writing to one needs no such call.
"""

from __future__ import annotations

import os
import stat
import sys

from policies.kernel import _libc, seccomp

STANDARD = ("input", "output", "error")


FOLDERS = ("/dev/fd/", "/proc/self/fd/")
"""How a word of the command line names a descriptor."""


class _Kept:
    """What this process opened itself, or takes up, before its wall."""

    numbers: tuple[int, ...] = ()


def keep(*descriptors: int) -> None:
    """Leave these open; to be called before `close_inherited`."""
    _Kept.numbers += descriptors


def close_inherited() -> tuple[int, str]:
    """Close what was not handed over.

    :returns: how many were closed; and which of the standard three is a network connection, in words, or "".
    """
    closed, handed_over = 0, {*range(len(STANDARD)), *_Kept.numbers, *_named(sys.argv[1:])}
    for descriptor in _inherited():
        try:
            if descriptor in handed_over and not _leads_out(descriptor):
                continue
            if descriptor >= len(STANDARD):
                os.close(descriptor)
                closed += 1
            elif not _is_local(descriptor):
                return closed, f"Standard {STANDARD[descriptor]}"
        except OSError:
            continue  # the descriptor of the listing itself
    return closed, ""


def _named(words: list[str]) -> list[int]:
    """The descriptors that words name, `/dev/fd/63` or `--file=/dev/fd/63`."""
    ends = [word.rpartition(folder)[1:] for word in words for folder in FOLDERS]
    return [int(number) for folder, number in ends if folder and number.isdecimal() and len(number) < 10]


def _inherited() -> list[int]:
    for folder in ("/proc/self/fd", "/dev/fd"):
        try:
            return [int(name) for name in os.listdir(folder)]  # noqa: PTH208 - pathlib is not imported yet
        except OSError:
            continue
    return list(range(os.sysconf("SC_OPEN_MAX")))


def _leads_out(descriptor: int) -> bool:
    if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
        return True
    try:
        link = os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115 - likewise
    except OSError:
        return False
    return link == "anon_inode:[io_uring]"


def _is_local(descriptor: int) -> bool:
    """Some programs start others with an AF_UNIX pair for standard input; anything else there is a
    connection.
    """
    try:
        return _libc.socket_family(descriptor) == seccomp.AF_UNIX
    except OSError:
        return False  # a system that cannot tell
