"""The real speech service, which before each recording tries what an engine must not be able to do."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

from diary.engine.messages import Done, Heard, Result, Work
from ingest.engines import whisper
from ingest.engines.service import SpeechService


class Curious:
    """Whisper, loaded and at work, that says how each attempt ended."""

    def __init__(self, paths: list[Path]) -> None:
        self._service: SpeechService = whisper.serve(paths)
        self._place = paths[0]

    def run(self, work: Work, bulk: bytes, cancelled: Callable[[], bool]) -> Iterator[Result | Done]:
        """What the attempts say, then the recording's words."""
        for what, attempt in _attempts(self._place).items():
            try:
                attempt()
            except OSError as error:
                yield Heard(0.0, 0.0, f"{what} {errno.errorcode[error.errno or 0]}", 1.0)
            else:
                yield Heard(0.0, 0.0, f"{what} done", 1.0)
        yield from self._service.run(work, bulk, cancelled)


def serve(paths: list[Path]) -> Curious:
    return Curious(paths)


def _attempts(place: Path) -> dict[str, Callable[[], object]]:
    def opened(path: Path, flags: int) -> Callable[[], object]:
        return lambda: os.open(path, flags, 0o600)

    new = os.O_WRONLY | os.O_CREAT
    return {
        "write beside the model": opened(place / "new", new),
        "write into the model": opened(place / "model.bin", os.O_WRONLY),
        "write in tmp": opened(Path("/tmp/new-of-the-speech-engine"), new),
        "write in shared memory": opened(Path("/dev/shm/new-of-the-speech-engine"), new),
        "link": lambda: (place / "new").symlink_to("model.bin"),
        "directory": (place / "new").mkdir,
        "remove": (place / "model.bin").unlink,
        "anonymous file": lambda: os.open("/tmp", os.O_TMPFILE | os.O_RDWR),
        "internet": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
        "internet of six": lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM),
        "neighbour": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM),
    }
