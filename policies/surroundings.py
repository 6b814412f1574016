"""What the wall stands in, as far as it changes what the wall can promise: root, a container, WSL.

Rules: nothing here decides anything, and nothing is believed for a proof: these are signs, found by looking
for what such places leave behind, and somebody who builds one can hide them. `stat` is not governed by
Landlock, so the signs are seen behind the wall too. Not here: what the kernel lacks (`enforcement`).
"""

from __future__ import annotations

import os
from pathlib import Path

_CONTAINER_FILES = ("/.dockerenv", "/run/.containerenv", "/run/systemd/container")
_CONTAINER_GROUPS = ("docker", "kubepods", "containerd", "lxc", "libpod")

ROOT = (
    "The diary runs as root: file permissions hold it back from nothing, so that only Landlock keeps its "
    "files in; and root's other programs can read its memory and its files. Run it as an ordinary user."
)
CONTAINER = (
    "The diary runs in a container: whoever runs the machine outside can read its memory and its files, and "
    "sees the container's disk. The wall is the kernel's, and holds inside as it does outside."
)
WSL = (
    "This is Windows with a Linux kernel of its own (WSL): the wall is that kernel's. Windows outside can "
    "read this system's files and memory, and shows its folders to every program of this user."
)


def sentences() -> tuple[str, ...]:
    """What somebody who relies on the wall should know of this place; empty on an ordinary machine."""
    signs = ((os.geteuid() == 0, ROOT), (in_container(), CONTAINER), (in_wsl(), WSL))
    return tuple(sentence for found, sentence in signs if found)


def in_container() -> bool:
    """Whether this looks like a container: Docker, Podman, Kubernetes, LXC, systemd-nspawn."""
    if any(os.path.lexists(name) for name in _CONTAINER_FILES):
        return True
    try:
        with Path("/proc/1/cgroup").open(encoding="utf-8", errors="replace") as file:
            groups = file.read(65536)
    except OSError:
        return False
    return any(name in groups for name in _CONTAINER_GROUPS)


def in_wsl() -> bool:
    """Whether the kernel is the one that Microsoft builds for WSL, by its name."""
    return "microsoft" in os.uname().release.lower()
