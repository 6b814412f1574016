"""What is weaker on a kernel that can do less, in sentences. Not here: what was accepted (`enforcement`)."""

from __future__ import annotations

_LACKS = (
    (2, "lets no file be moved from one folder to another"),
    (3, "does not govern truncation: a file outside the list could be emptied by its name, not read"),
    (5, "does not govern the control of devices, of which the filter refuses only typing into the terminal"),
    (6, "keeps no signals in, and no abstract sockets of the recorder"),
)
"""What an ABI below this number lacks. 4 adds refusing TCP, which the filter refuses on every kernel."""

_REFUSES_TCP = 4


def weaknesses(landlock_abi: int, *, offline: bool) -> list[str]:
    """What the file allow-list of this kernel lacks; empty on a current one.

    :param landlock_abi: of the list that stands; 0 when there is none.
    :param offline: whether the filter of system calls refuses every socket.
    """
    if not landlock_abi:
        refused = "sockets are refused" if offline else "sockets can be made"
        return [
            f"This kernel has no Landlock, or refused it: {refused}, files are protected only by their "
            "permissions, and other programs of this user can be signalled.",
        ]
    kernel = f"This kernel's Landlock (ABI {landlock_abi})"
    ending = "; sockets are refused all the same." if offline else "."
    found = [f"{kernel} {words}{ending}" for below, words in _LACKS if landlock_abi < below]
    if offline:
        return found
    refused = ", but for ordinary TCP, which Landlock refuses" if landlock_abi >= _REFUSES_TCP else ""
    return [f"Sockets can be made{refused}: only the diary's own code keeps it offline.", *found]
