"""What has to start before the core closes its network, since a filter of system calls is inherited: the
recorder.

The order, in `diary.__main__` alone: `start_recorder()` for a command that may record, then
`close_network()`. The recorder is started only where a sound server listens or there is a sound card; it
lays a wall of its own as its first act (`recorder_policy`), waits, and ends when its pipe closes. Locking
executes the core anew: `hand_over` keeps the pipes open across that and says their numbers in one variable
of the environment; the fresh image takes them up here. No engine inherits them.

Standard library only, and little of it: this is imported before anything else. Not here: which commands may
record (`diary.__main__`), what is said over the pipes (`diary.recorder`).
"""

from __future__ import annotations

import os
import stat
import sys

from policies import descriptors
from policies.enforcement import ACCEPT

VARIABLE = "DIARY_RECORDER"
"""Environment variable, set across an execution anew only: the pipe to read, the pipe to write, the process.
"""

KEPT = ("PATH", "LANG", "HOME", "XDG_RUNTIME_DIR", "PULSE_SERVER", "PULSE_COOKIE", "PULSE_RUNTIME_PATH")
"""All that a recorder may know of its surroundings: where the sound server listens."""

SEALED = "DIARY_SEAL"
"""Set by `enforcement`: this image was executed behind the core's wall, and so would a new recorder be."""

NOT_ASKED = "This command does not record."
NOTHING_THERE = "No microphone was found: no sound server is running, and there is no sound card."
NOT_LOCAL = "The sound server is named by a network address (PULSE_SERVER), which the diary cannot reach."
NOT_STARTED = "The recorder could not be started."
GONE = "The recorder has ended."

_FIRST_FREE = 3

_Environment = os._Environ[str] | dict[str, str]


class Pipes:
    """A recorder that was started. :ivar incoming: what it says. :ivar outgoing: what it is asked.
    :ivar process: its number.
    """

    __slots__ = ("incoming", "outgoing", "process")

    def __init__(self, incoming: int, outgoing: int, process: int) -> None:
        self.incoming = incoming
        self.outgoing = outgoing
        self.process = process

    def hand_over(self) -> None:
        """The next `execv` keeps the pipes; to be called right before it."""
        for descriptor in (self.incoming, self.outgoing):
            os.set_inheritable(descriptor, True)
        os.environ[VARIABLE] = f"{self.incoming}:{self.outgoing}:{self.process}"


class _State:
    """There is one recorder for a process."""

    pipes: Pipes | None = None
    absent = NOT_ASKED


def recorder() -> Pipes | str:
    """The recorder of this process, or a sentence on why there is none."""
    return _State.pipes or _State.absent


def start_recorder(module: str = "diary.recorder", *, accept_unsealed: bool = False) -> None:
    """Start the recorder, or take up the one from before an execution anew. Never fails: see `recorder`.

    :param module: what to run; tests bring their own.
    :param accept_unsealed: as of `enforcement.close_network`, which the recorder calls.
    """
    handed = os.environ.pop(VARIABLE, "")
    if handed or SEALED in os.environ:
        _State.pipes, _State.absent = _taken_up(handed), GONE
    else:
        environment = surroundings(os.environ)
        _State.absent = _nothing_to_talk_to(environment)
        if not _State.absent:
            _State.absent = NOT_STARTED
            _State.pipes = spawn(module, environment, *([ACCEPT] if accept_unsealed else []))
    if _State.pipes:
        descriptors.keep(_State.pipes.incoming, _State.pipes.outgoing)


def surroundings(known: _Environment) -> dict[str, str]:
    """What a recorder's environment holds: the server by name, because libpulse, looking for it, would first
    make a folder, which the recorder may not.
    """
    kept = {name: known[name] for name in KEPT if name in known}
    usual = f"/run/user/{os.getuid()}"
    if "XDG_RUNTIME_DIR" not in kept and os.path.isdir(usual):  # noqa: PTH112 - pathlib is not imported yet
        kept["XDG_RUNTIME_DIR"] = usual
    if "PULSE_SERVER" not in kept:
        found = [path for path in server_sockets(kept) if path.endswith("/native") and _is_socket(path)]
        kept |= {"PULSE_SERVER": f"unix:{found[0]}"} if found else {}
    return kept


def spawn(module: str, environment: dict[str, str], *words: str) -> Pipes | None:
    """Start a module in a session of its own, between two pipes; None when that was refused."""
    theirs, outgoing = os.pipe()
    incoming, theirs_too = os.pipe()
    try:
        if min(theirs, outgoing, incoming, theirs_too) < _FIRST_FREE:
            raise OSError  # the diary itself was started without standard input or output
        process = os.posix_spawn(
            sys.executable,
            [sys.executable, "-I", "-m", module, *words],
            environment,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, theirs, 0),
                (os.POSIX_SPAWN_DUP2, theirs_too, 1),
                (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
            ],
            setsid=True,  # Ctrl-C reaches the diary, which decides what to stop
        )
    except OSError:
        os.close(incoming)
        os.close(outgoing)
        return None
    finally:
        os.close(theirs)
        os.close(theirs_too)
    return Pipes(incoming, outgoing, process)


def _taken_up(handed: str) -> Pipes | None:
    numbers = [int(part) for part in handed.split(":") if part.isdecimal() and len(part) < 10]
    if len(numbers) != 3:
        return None
    pipes = Pipes(*numbers)
    try:
        for descriptor in (pipes.incoming, pipes.outgoing):
            if not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
                return None
            os.set_inheritable(descriptor, False)
    except OSError:
        return None
    return pipes


def _nothing_to_talk_to(environment: dict[str, str]) -> str:
    """Why a recorder would hear nothing; empty when it may."""
    sockets = server_sockets(environment)
    if any(map(_is_socket, sockets)) or os.path.isdir("/dev/snd"):  # noqa: PTH112 - likewise
        return ""
    return NOTHING_THERE if sockets else NOT_LOCAL


def server_sockets(environment: dict[str, str]) -> list[str]:
    """Where a sound server would listen on this machine, as libpulse and PipeWire look for it."""
    named = environment.get("PULSE_SERVER", "").split()
    if named:
        # `unix:/path`, or a plain path, after the machine it holds for in braces
        paths = [word.rpartition("}")[2].removeprefix("unix:") for word in named]
        return [path for path in paths if path.startswith("/")]
    runtime = environment.get("XDG_RUNTIME_DIR", "/nonexistent")
    pulse = environment.get("PULSE_RUNTIME_PATH", f"{runtime}/pulse")
    return [f"{pulse}/native", f"{runtime}/pipewire-0", "/run/pulse/native", "/var/run/pulse/native"]


def _is_socket(path: str) -> bool:
    try:
        return stat.S_ISSOCK(os.stat(path).st_mode)  # noqa: PTH116 - likewise
    except OSError:
        return False
