"""What somebody who controls the recorder would try: the recorder's own program, with this in the place of
what it serves with. Writes one JSON line down the recorder's pipe: the errno's name of each try, or
`possible`.

With UNSEALED in its environment nothing is sealed, so that the tries are seen to be able to succeed.
"""

from __future__ import annotations

import os

if "UNSEALED" not in os.environ:
    from diary.recorder import __main__ as program

import ctypes
import errno
import json
import signal
import socket
import stat
import sys
from collections.abc import Callable
from pathlib import Path

vault, parent = Path(os.environ["VAULT"]), os.getppid()
libc = ctypes.CDLL(None, use_errno=True)


def fork() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def abstract() -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.connect("\0" + os.environ["ABSTRACT"])


def local_path() -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(os.environ["LOCAL"])


def program_started() -> None:
    os.posix_spawn("/bin/true", ["true"], {})


def descriptor(number: int) -> str:
    """What it leads to; without /proc, which is closed to an ordinary user's process that is not dumpable."""
    try:
        status = os.fstat(number)
    except OSError:
        return ""
    if status.st_rdev == Path("/dev/null").stat().st_rdev:
        return "/dev/null"
    return "pipe" if stat.S_ISFIFO(status.st_mode) else f"something else, {status.st_mode:o}"


def watch(folder: Path) -> None:
    watching = libc.inotify_init1(0)
    if watching < 0 or libc.inotify_add_watch(watching, bytes(folder), 0xFFF) < 0:
        raise OSError(ctypes.get_errno(), "inotify")


def read_memory() -> None:
    here = ctypes.create_string_buffer(8)
    words = (ctypes.c_void_p * 2)(ctypes.addressof(here), 8)
    if libc.process_vm_readv(os.getpid(), words, 1, words, 1, 0) < 0:
        raise OSError(ctypes.get_errno(), "process_vm_readv")


TRIES: dict[str, Callable[[], object]] = {
    "AF_INET": lambda: socket.socket(socket.AF_INET).close(),
    "AF_INET datagram": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close(),
    "AF_INET6": lambda: socket.socket(socket.AF_INET6).close(),
    "AF_NETLINK": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close(),
    "AF_UNIX": lambda: socket.socket(socket.AF_UNIX).close(),
    "a local path": local_path,
    "an abstract socket": abstract,
    "a name of its own": lambda: socket.socket(socket.AF_UNIX).bind(str(vault / "s")),
    "reading the vault": lambda: (vault / "diary.db").read_bytes(),
    "listing the vault": lambda: list(vault.iterdir()),
    "watching the vault": lambda: watch(vault),
    "attributes of the vault": lambda: os.listxattr(vault / "diary.db"),
    "writing the vault": lambda: (vault / "diary.db").open("ab").close(),
    "a new file beside it": lambda: (vault / "new").touch(),
    "a new file in /dev/shm": lambda: os.open("/dev/shm", os.O_TMPFILE | os.O_WRONLY),
    "a new file in /tmp": lambda: os.open("/tmp", os.O_TMPFILE | os.O_WRONLY),
    "changing modes": lambda: (vault / "diary.db").chmod(0o644),
    "changing times": lambda: os.utime(vault / "diary.db"),
    "moving": lambda: (vault / "diary.db").rename(vault / "moved"),
    "removing": lambda: (vault / "moved").unlink(),
    "changing the program": lambda: Path(__file__).open("ab").close(),
    "a program": program_started,
    "a process": fork,
    "the diary's memory": lambda: Path(f"/proc/{parent}/mem").open("rb").close(),
    "the diary's environment": lambda: Path(f"/proc/{parent}/environ").read_bytes(),
    "memory by call": read_memory,
    "a signal to the diary": lambda: os.kill(parent, 0),
}


def outcome(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, "?")
    return "possible"


class Recorder:
    """Stands where `diary.recorder.service.Recorder` would."""

    def __init__(self, incoming: int, outgoing: int, backends: tuple[str, ...]) -> None:
        self._outgoing = outgoing

    def serve(self) -> None:
        said = {
            "tries": {name: outcome(attempt) for name, attempt in TRIES.items()},
            "descriptors": {number: kind for number in range(1024) if (kind := descriptor(number))},
            "environment": sorted(os.environ),
            "arguments": sys.orig_argv,
            "session": os.getsid(0) == os.getpid(),
        }
        os.write(self._outgoing, json.dumps(said).encode() + b"\n")
        signal.pause()


def refuse(incoming: int, outgoing: int) -> None:
    os.write(outgoing, b"null\n")


if "UNSEALED" in os.environ:
    Recorder(0, 1, ()).serve()
else:
    sys.modules["diary.recorder.service"] = sys.modules["__main__"]
    program.main()
