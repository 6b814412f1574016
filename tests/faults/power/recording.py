"""Every change that a real process makes below one folder, recorded with its bytes and its order, by strace.

The process runs as it always does; strace stops it at each call that changes a file or a name, or forces one
to the disk. What it tells (its acknowledgements) it writes, a JSON document a line, into a file outside of
the folder, so each stands in the same order. What the model does not know ends the recording with an error: a
rename between folders, a mapping that can be written to, a second process that writes there. Nothing goes by
unseen: what the model makes of the recording is compared with the folder the process left, byte for byte.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.faults.power.calls import SHARED, CallReader, NotModelled
from tests.faults.power.disk import Disk, Operation

# Those that not every processor's Linux has are marked by “?”.
_TRACED = (
    "?open,openat,openat2,?creat,close,close_range,dup,?dup2,dup3,fcntl,lseek,"
    "write,pwrite64,writev,pwritev,pwritev2,sendfile,copy_file_range,splice,"
    "truncate,ftruncate,fallocate,fsync,fdatasync,sync_file_range,sync,syncfs,"
    "?rename,?renameat,renameat2,?link,linkat,?symlink,symlinkat,?unlink,unlinkat,?mkdir,mkdirat,?rmdir,"
    "mmap,?fork,?vfork,clone,clone3"
)
_LONGEST = 1 << 26  # bytes of one write; one that was cut off here is refused


def strace() -> str | None:
    """Where strace is, or None when there is none or it may not trace here."""
    program = shutil.which("strace")
    if program is None:
        return None
    tried = subprocess.run([program, "-f", "-qq", "-o", os.devnull, "true"], capture_output=True, check=False)
    return program if tried.returncode == 0 else None


def record(
    command: Sequence[str],
    root: Path,
    told: Path,
    *,
    environment: Mapping[str, str] | None = None,
    disk: Disk | None = None,
) -> list[Operation]:
    """Run the command to its end; what it did below `root` and wrote into `told`, in order.

    :param disk: as a recording before left it; None: everything below `root` is on the disk for certain.
    :raises NotModelled: when it did what the model does not know, or ended with an error.
    """
    disk = disk or Disk(root)
    log = told.with_suffix(".trace")
    ran = subprocess.run(
        [
            *(strace() or "strace", "-f", "--seccomp-bpf", "-qq", "-xx", "-s", str(_LONGEST)),
            *("-e", "signal=none", "-e", f"trace={_TRACED}", "-o", str(log), *command),
        ],
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise NotModelled(f"{command} ended with {ran.returncode}:\n{ran.stderr[-4000:]}")
    with log.open(encoding="ascii", errors="replace") as lines:
        operations = list(CallReader(disk, root, told).read(list(lines)))
    log.unlink()
    _require_same(disk, root)
    return operations


def python(module: str, *arguments: str) -> list[str]:
    """The command that runs a module of ours."""
    return [sys.executable, "-m", module, *arguments]


def _require_same(after: Disk, root: Path) -> None:
    there = {
        str(path.relative_to(root)): None if path.is_dir() else path.read_bytes() for path in root.rglob("*")
    }
    recorded = dict(after.shown())
    for content in (there, recorded):
        for name in [name for name in content if name.endswith(SHARED)]:
            del content[name]
    if recorded != there:
        differ = sorted(
            name for name in recorded.keys() | there if recorded.get(name, b"?") != there.get(name, b"?")
        )
        raise NotModelled(f"the recording and the folder differ in {differ}")
