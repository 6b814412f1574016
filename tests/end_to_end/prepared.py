"""Commands in processes that are forked from one which has imported the program: what a hundred commands of
a test would import a hundred times is imported once.

Each command still has a process, an environment, a wall, an end of its own, and begins with
`diary.__main__.main`. What it lacks is that its network is closed before anything is imported. So whatever is
about the wall, the start, memory, or what others see of a process runs the program itself (`Home.anew`); that
both say the same is tested in `test_prepared`.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

PROGRAM = Path(sys.executable).parent / "diary"
ROOT = Path(__file__).parents[2]
_LONGEST = 1 << 20
_LAZY = (
    "diary.backing_up", "diary.exchange", "diary.vault.strength", "zxcvbn", "diary.cli.export_file",
    "retrieval.search", "retrieval.answering",
)  # fmt: skip
"""What commands import only when they need it, but what starts threads."""


class Prepared:
    """The process that forks, started when it is first asked, and ended with the one that asks."""

    def __init__(self) -> None:
        self._asked: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._one = threading.Lock()

    def run(
        self, arguments: Sequence[str], environment: Mapping[str, str], stdin: bytes, *, seconds: float
    ) -> tuple[int, bytes, bytes]:
        """Run a command; its exit status, or minus its signal, and what it wrote.

        :raises TimeoutError: when it takes longer; it is killed.
        """
        with self._one:
            files = [os.memfd_create(name) for name in ("stdin", "stdout", "stderr")]
            try:
                os.pwrite(files[0], stdin, 0)
                status = self._ask(arguments, environment, files, seconds)
                return status, *(os.pread(file, os.fstat(file).st_size, 0) for file in files[1:])
            except BaseException:
                self.end(kill=True)
                raise
            finally:
                for file in files:
                    os.close(file)

    def _ask(
        self, arguments: Sequence[str], environment: Mapping[str, str], files: list[int], seconds: float
    ) -> int:
        asked = self._asked or self._start()
        asked.settimeout(seconds)
        words = [os.fsencode(word).hex() for word in arguments]
        request = {"argv": words, "environment": dict(environment), "folder": str(Path.cwd())}
        socket.send_fds(asked, [json.dumps(request).encode()], files)
        return int(asked.recv(64))

    def end(self, *, kill: bool = False) -> None:
        """Let it go."""
        if self._asked is not None and self._process is not None:
            self._asked.close()
            if kill:
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(30)
        self._asked = self._process = None

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _LONGEST)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", __name__, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)},
                start_new_session=True,
            )
        self._asked = ours
        return ours


PREPARED = Prepared()
atexit.register(PREPARED.end)


def _import_all() -> None:
    from diary.cli.main import _COMMANDS

    for name in sorted({module for module, _ in _COMMANDS.values()} - {"diary.cli.screen"}):
        importlib.import_module(name)
    for name in _LAZY:
        importlib.import_module(name)


def _forked(asked: socket.socket) -> None:
    """Fork for each request. Returns in each fork; the process itself ends when nobody asks any more."""
    while True:
        message, files, _, _ = socket.recv_fds(asked, _LONGEST, 3)
        if not message:
            os._exit(0)
        child = os.fork()
        if not child:
            _become(json.loads(message), files)
            asked.close()
            return
        for file in files:
            os.close(file)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        with suppress(BrokenPipeError):
            asked.send(str(status).encode())


def _become(request: dict[str, object], files: list[int]) -> None:
    """Take what the new process is given."""
    words, environment, folder = request["argv"], request["environment"], request["folder"]
    assert isinstance(words, list) and isinstance(environment, dict) and isinstance(folder, str)
    for standard, file in enumerate(files):
        os.dup2(file, standard)
        os.close(file)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(folder)
    sys.argv = [str(PROGRAM), *(os.fsdecode(bytes.fromhex(word)) for word in words)]


def main() -> int:
    """What each fork ends with."""
    from diary.__main__ import main as program

    _import_all()
    gc.collect()
    gc.freeze()
    _forked(socket.socket(fileno=int(sys.argv[1])))
    return program()


if __name__ == "__main__":
    sys.exit(main())
