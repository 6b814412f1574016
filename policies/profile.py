"""Which of the three walls a process stands behind. Apart from `policies.policy`, to keep the first import
small.
"""

from __future__ import annotations

from enum import Enum


class Profile(Enum):
    """A kind of process.

    CORE holds the keys and the screen: no socket of any family, files by allow-list.
    ENGINE runs a model: as CORE, and it changes no file, starts no program, reads only its model and the
    interpreter.
    RECORDER holds the microphone: as ENGINE, reading the settings of the sound libraries, but AF_UNIX sockets
    are open, because sound servers listen there.
    """

    CORE = "core"
    ENGINE = "engine"
    RECORDER = "recorder"
