"""What is to be logged and happened while nobody had the key: noted beside the database.

- `vault.attempts`: when somebody tried to open the vault and could not; 8 bytes each, a time and no more.
- `vault.noted`: what was done to models, and with the whole vault (restored, salvaged); 18 bytes each.

Both are for their owner only and of a fixed size at most: once one is full the newest takes the place of the
last. They are not encrypted and not authentic: whoever can write in the folder can add to them or take away,
but not change what is in the log already. A note that the disk refuses is lost, and nobody is kept from
anything by that. A crash between logging and forgetting has them logged twice.
"""

from __future__ import annotations

import fcntl
import os
import stat
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path

from diary.errors import WrongPassphrase
from diary.model.key import Secret
from diary.vault.files import OWNER_ONLY, leave_to_owner

ATTEMPTS = "vault.attempts"
NOTED = "vault.noted"
MOST_ATTEMPTS = 4096
MOST_NOTED = 512
MODEL_KINDS = ("none", "embedder", "language", "speech")
_TIME = struct.Struct("<q")  # microseconds since 1970
_NOTE = struct.Struct("<qBB8s")
_PLAUSIBLE = range(0, int(datetime(9000, 1, 1, tzinfo=UTC).timestamp()) * 10**6)
_FLAGS = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class What(IntEnum):
    """What was done; the number is what stands in the file."""

    IMPORTED = 1
    USED = 2
    REMOVED = 3
    VERIFIED = 4
    DAMAGED = 5
    RESTORED = 6
    SALVAGED = 7


@dataclass(frozen=True, slots=True)
class Note:
    """One of them.

    :ivar kind: of the model, one of MODEL_KINDS. :ivar value: the first 8 bytes of its hash; of what was
        salvaged, how many entries, big-endian.
    """

    made: datetime
    what: What
    kind: str = "none"
    value: bytes = bytes(8)


@contextmanager
def attempt(folder: Path, secret: Secret, now: Callable[[], datetime] | None = None) -> Iterator[None]:
    """Note it when the block ends with WrongPassphrase; not when nothing was typed."""
    try:
        yield
    except WrongPassphrase:
        if not isinstance(secret, str) or secret.strip():
            made = now() if now else datetime.now(UTC)
            _file(folder, ATTEMPTS).add(_TIME.pack(_microseconds(made)))
        raise


def attempts(folder: Path) -> list[datetime]:
    """When somebody failed to open it, in the order it was noted; UTC."""
    times = (_time(*_TIME.unpack(record)) for record in _file(folder, ATTEMPTS).read())
    return [time for time in times if time is not None]


def note(folder: Path, noted: Note) -> None:
    """Note something for the next opening; nothing where there is no vault's folder."""
    kind = MODEL_KINDS.index(noted.kind)
    record = _NOTE.pack(_microseconds(noted.made), noted.what, kind, noted.value)
    _file(folder, NOTED).add(record)


def notes(folder: Path) -> list[Note]:
    """What was noted; what does not read as a note is left out."""
    found = []
    for record in _file(folder, NOTED).read():
        time, what, kind, value = _NOTE.unpack(record)
        made = _time(time)
        if made is not None and what in set(What) and kind < len(MODEL_KINDS):
            found.append(Note(made, What(what), MODEL_KINDS[kind], value))
    return found


def forget(folder: Path, *, attempts: int, notes: int) -> None:
    """Remove the first ones of both, which are in the log by now."""
    _file(folder, ATTEMPTS).drop(attempts)
    _file(folder, NOTED).drop(notes)


def counts(folder: Path) -> tuple[int, int]:
    """How many records each file has, readable or not: what `forget` is to be told."""
    return len(_file(folder, ATTEMPTS).read()), len(_file(folder, NOTED).read())


class _Records:
    """A file of records of one size. What the disk refuses is not done, and not told."""

    def __init__(self, path: Path, *, size: int, most: int) -> None:
        self._path = path
        self._size = size
        self._most = most

    def add(self, record: bytes) -> None:
        with suppress(OSError), self._open(os.O_RDWR | os.O_CREAT) as handle:
            count = os.fstat(handle).st_size // self._size
            os.pwrite(handle, record, min(count, self._most - 1) * self._size)
            os.fsync(handle)

    def read(self) -> list[bytes]:
        with suppress(OSError), self._open(os.O_RDONLY) as handle:
            content = os.pread(handle, self._most * self._size, 0)
            whole = len(content) // self._size * self._size
            return [content[at : at + self._size] for at in range(0, whole, self._size)]
        return []

    def drop(self, count: int) -> None:
        if not count:
            return
        with suppress(OSError), self._open(os.O_RDWR) as handle:
            rest = os.pread(handle, max(self._most - count, 0) * self._size, count * self._size)
            if rest:
                os.pwrite(handle, rest, 0)
                os.ftruncate(handle, len(rest))
            else:
                self._path.unlink(missing_ok=True)

    @contextmanager
    def _open(self, flags: int) -> Iterator[int]:
        """The file, locked; not one that was removed while the lock was waited for."""
        while True:
            handle = os.open(self._path, flags | _FLAGS, OWNER_ONLY)
            try:
                about = os.fstat(handle)
                if not stat.S_ISREG(about.st_mode):
                    raise OSError("not a file")
                if flags & os.O_CREAT and not about.st_size:
                    leave_to_owner(handle, self._path.parent)
                fcntl.flock(handle, fcntl.LOCK_EX)
                if os.fstat(handle).st_nlink:
                    yield handle
                    return
            finally:
                os.close(handle)


def _file(folder: Path, name: str) -> _Records:
    if name == ATTEMPTS:
        return _Records(folder / name, size=_TIME.size, most=MOST_ATTEMPTS)
    return _Records(folder / name, size=_NOTE.size, most=MOST_NOTED)


def _microseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1e6)


def _time(microseconds: int) -> datetime | None:
    """None for what no clock of ours said: a time at the edge of the calendar is in no other zone."""
    return datetime.fromtimestamp(microseconds / 1e6, UTC) if microseconds in _PLAUSIBLE else None
