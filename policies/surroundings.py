"""What the wall stands in, as far as it changes what the wall can promise: root, a user namespace, a
container, WSL.

Rules: nothing here decides anything, and nothing is believed for a proof: these are signs, found by looking
for what such places leave behind, and somebody who builds one can hide them. `stat` is not governed by
Landlock, so the signs are seen behind the wall too. Not here: what the kernel lacks (`enforcement`).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_CONTAINER_FILES = ("/.dockerenv", "/run/.containerenv", "/run/systemd/container")
_CONTAINER_GROUPS = ("docker", "kubepods", "containerd", "lxc", "libpod")
_EVERYBODY = ["0", "0", "4294967295"]
"""The map of users where no namespace changes it: all of them, each as itself."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that was found. :ivar short: for a status line. :ivar sentence: what follows from it."""

    short: str
    sentence: str


ROOT = (
    "The diary runs as root: file permissions hold it back from nothing, so that nothing but Landlock can "
    "keep its files in; and root's other programs can read its memory and its files. Run it as an ordinary "
    "user."
)
NAMESPACE = (
    "The diary runs in a user namespace, as in some containers and sandboxes: whoever made it can show other "
    "files in the place of this system's (in /etc too, a clinic's policy among them), and read its memory. "
    "The wall is the kernel's, and holds inside as it does outside."
)
CONTAINER = (
    "The diary runs in a container: whoever runs the machine outside can read its memory and its files, and "
    "sees the container's disk. The wall is the kernel's, and holds inside as it does outside."
)
WSL = (
    "This is Windows with a Linux kernel of its own (WSL): the wall is that kernel's. Windows outside can "
    "read this system's files and memory, and shows its folders to every program of this user."
)


def signs() -> tuple[Sign, ...]:
    """What somebody who relies on the wall should know of this place; empty on an ordinary machine."""
    inside = in_user_namespace()
    found = (
        (_is_root() and not inside, Sign("as root", ROOT)),
        (inside, Sign("in a user namespace", NAMESPACE)),
        (in_container(), Sign("in a container", CONTAINER)),
        (in_wsl(), Sign("in WSL", WSL)),
    )
    return tuple(sign for there, sign in found if there)


def sentences() -> tuple[str, ...]:
    """The same for a reader who has room."""
    return tuple(sign.sentence for sign in signs())


def in_user_namespace() -> bool:
    """Whether numbers of users mean something else here than on the machine, as the kernel tells."""
    try:
        with Path("/proc/self/uid_map").open(encoding="ascii", errors="replace") as file:
            return file.read(4096).split() != _EVERYBODY
    except OSError:
        return False


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


def _is_root() -> bool:
    return os.geteuid() == 0
