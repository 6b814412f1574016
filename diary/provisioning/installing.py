"""A model folder is filled under a temporary name and takes its place in one step, or not at all.

What is installed already, whole, by the same recipe and from the same package, is left as it is: seeing
that reads the files once and imports no model library.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from diary.durable import sync
from diary.engine.models import MANIFEST, Manifest, ModelFile, read_model, sha256
from diary.errors import DiskFull, ModelDamaged, ModelMissing, StorageFailed


def is_installed(folder: Path, *, source: str, recipe: str) -> bool:
    """Whether this model stands there whole, made by this recipe from this source."""
    try:
        model = read_model(folder)
        model.verify()
    except (ModelMissing, ModelDamaged):
        return False
    return (model.manifest.source, model.manifest.recipe.partition(":")[0]) == (source, recipe)


@contextmanager
def alone(models: Path) -> Iterator[None]:
    """Wait until no other set-up fills these models, and keep others waiting.

    :raises diary.errors.StorageFailed: or DiskFull, when the folder cannot be written.
    """
    try:
        models.mkdir(parents=True, exist_ok=True)
        lock = (models / ".lock").open("w", encoding="utf-8")
    except OSError as error:
        raise _disk(error) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def unfinished(folder: Path) -> Iterator[Path]:
    """An empty folder beside `folder`, removed at the end unless `install` took it. Inside `alone`.

    :raises diary.errors.DiskFull: or StorageFailed, when the disk says no; nothing is left behind.
    """
    temporary = folder.with_name(f".unfinished-{folder.name}-{os.getpid()}")
    try:
        for leftover in folder.parent.glob(f".unfinished-{folder.name}-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        temporary.mkdir()
        yield temporary
    except OSError as error:
        raise _disk(error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def sweep(models: Path) -> None:
    """Remove what imports and set-ups left behind that were killed. Inside `alone`."""
    for leftover in models.glob(".unfinished-*"):
        if leftover.is_dir() and not leftover.is_symlink():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink(missing_ok=True)


def described(folder: Path) -> list[ModelFile]:
    """Every file of the folder with its size and hash, by name."""
    return [
        ModelFile(path.name, path.stat().st_size, sha256(path))
        for path in sorted(folder.iterdir())
        if path.name != MANIFEST
    ]


def install(temporary: Path, folder: Path, manifest: Manifest) -> None:
    """Write the manifest last, bring everything to the disk, and put the folder in its place."""
    (temporary / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")
    for path in (*temporary.iterdir(), temporary):
        sync(path)
    replaced = folder.with_name(f".unfinished-{folder.name}-{os.getpid()}-replaced")
    if folder.exists():
        folder.rename(replaced)
    temporary.rename(folder)
    sync(folder.parent)
    shutil.rmtree(replaced, ignore_errors=True)


def _disk(error: OSError) -> DiskFull | StorageFailed:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(
            "The disk is full, so the model was not installed; nothing was left behind.",
            hint="Make room and try again. Setting up needs 700 MB, an import twice the size of the model.",
        )
    return StorageFailed(
        f"The model was not installed ({error.strerror or 'disk error'}); nothing was left behind."
    )
