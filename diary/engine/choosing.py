"""Which of several models of a kind is used: the one that was chosen, else the newest that was imported, else
the first that is found. The choice stands in `chosen.json` in the person's models folder.

A choice whose model is gone, or a file that cannot be read, is no choice: the diary goes on with the next.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from diary.durable import sync
from diary.engine import allowed
from diary.engine.models import ModelFolder, ModelKind, find_models

CHOSEN = "chosen.json"
_LONGEST = 65536  # bytes


def in_order(roots: Sequence[Path], kind: ModelKind) -> list[ModelFolder]:
    """The whole models of a kind, the one in use first.

    :param roots: folders of models; the first is the person's own.
    """
    found = find_models(roots, kind)
    name = _read(roots[0]).get(kind) if roots else None
    # Sorting is stable: what was imported at the same time, or never, keeps the order of the folders.
    found.sort(key=lambda model: model.manifest.imported, reverse=True)
    found.sort(key=lambda model: model.path.name != name)
    found.sort(key=lambda model: not allowed.is_listed(model))  # another would not be started
    return found


def in_use(roots: Sequence[Path], kind: ModelKind) -> ModelFolder | None:
    """The model of a kind that is used; None when none is installed."""
    return next(iter(in_order(roots, kind)), None)


def choose(own: Path, kind: ModelKind, name: str) -> None:
    """Use the model in the folder of this name from now on.

    :raises OSError: when the disk refuses.
    """
    _write(own, {**_read(own), kind: name})


def forget(own: Path, name: str) -> None:
    """Take back whatever was chosen by this name.

    :raises OSError: when the disk refuses.
    """
    chosen = _read(own)
    kept = {kind: other for kind, other in chosen.items() if other != name}
    if kept != chosen:
        _write(own, kept)


def _read(own: Path) -> dict[str, str]:
    try:
        with (own / CHOSEN).open("rb") as file:
            return msgspec.json.decode(file.read(_LONGEST), type=dict[str, str])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}


def _write(own: Path, chosen: dict[str, str]) -> None:
    unfinished = own / f".unfinished-{CHOSEN}-{os.getpid()}"
    unfinished.write_bytes(msgspec.json.encode(chosen))
    sync(unfinished)
    unfinished.replace(own / CHOSEN)
    sync(own)
