"""Copying a model's files: hashed while they are read, forced to the disk, read back and hashed again.

Hashing what was read and what lies on the disk finds a failing stick and a failing disk; the copy is asked of
the disk and not of the kernel's memory, as far as the kernel agrees to forget it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from diary.engine.models import ModelFile
from diary.errors import ModelDamaged, Stopped
from diary.model.progress import Cancelled, Progress, Report
from diary.model_store.source_files import SourceFile

_STEP = 1 << 20
_MEGABYTE = 1_000_000


def copy_all(
    files: Sequence[SourceFile], folder: Path, *, report: Report, cancelled: Cancelled
) -> list[ModelFile]:
    """Copy the files into an empty folder; their names, sizes and hashes, in the same order.

    Sources are opened for reading only and never changed.

    :raises diary.errors.ModelDamaged: when a file changed meanwhile, or the copy is not what was read.
    :raises diary.errors.Stopped: when `cancelled` said so.
    :raises OSError: when the disk refuses.
    """
    total = 2 * sum(file.size for file in files)
    megabytes = max(total // _MEGABYTE, 1)
    done = 0

    def step(count: int) -> None:
        nonlocal done
        if cancelled():
            raise Stopped("Stopped. Nothing was installed.")
        done += count
        report(Progress("copying (MB)", min(done // _MEGABYTE, megabytes - 1), megabytes))

    copied = []
    for file in files:
        target = folder / file.name
        target.parent.mkdir(exist_ok=True)
        copied.append(_copied(file, target, step))
    report(Progress("copying (MB)", megabytes, megabytes))
    return copied


def _copied(file: SourceFile, target: Path, step: Callable[[int], None]) -> ModelFile:
    digest = hashlib.sha256()
    size = 0
    source = os.open(file.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(source, "rb", buffering=0) as read, target.open("xb", buffering=0) as written:
        while data := read.read(_STEP):
            size += len(data)
            if size > file.size:
                raise _changed(file.name)
            digest.update(data)
            _write(written.fileno(), data)
            step(len(data))
        os.fsync(written.fileno())
        os.posix_fadvise(written.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    if size != file.size:
        raise _changed(file.name)
    if _read_back(target, step) != digest.hexdigest():
        raise ModelDamaged(
            f"The copy of {file.name} is not what was read, so it was removed. Nothing was installed.",
            hint="The stick or the disk may be failing. Try again, or from another place.",
        )
    return ModelFile(file.name, size, digest.hexdigest())


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _read_back(path: Path, step: Callable[[int], None]) -> str:
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while data := file.read(_STEP):
            digest.update(data)
            step(len(data))
    return digest.hexdigest()


def _changed(name: str) -> ModelDamaged:
    return ModelDamaged(
        f"The file {name} changed while it was copied, so the copy was removed. Nothing was installed.",
        hint="Wait until whatever writes it has finished, and try again.",
    )
