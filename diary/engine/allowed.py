"""Which models may run at all, by a clinic's policy: asked where an engine is started, whatever starts it.

There is one answer for a process, as there is one policy: `only` sets it before an engine can be started. A
model is named by the hash over its files (`ModelFolder.sha256`). To be listed is told by the manifest
(`is_listed`); to run, every file is hashed anew and no other may lie beside them (`require`), since a
manifest is a file that its owner can edit. That takes a second for each gigabyte, where there is such a
policy and nowhere else.

Between that and the loading by an engine, and while the engine maps it into its memory, a file could be
exchanged and put back. So its folder and files are marked before they are hashed, by what no ordinary user
can set back (the time of the last change, which the kernel keeps), and have to be the same once the model is
loaded and before every job (`Hashed.require_unchanged`).

What it cannot do: see that a folder further above was exchanged and put back, that a file was changed within
the same tick of the kernel's clock as before, or what root does. That engine is behind a wall all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from diary.engine.models import MANIFEST, ModelFolder, read_model
from diary.errors import DiaryError, ModelDamaged, ModelMissing

_PACKAGED = "ingest.engines.pocketsphinx:"
"""Writes words by a model of its own package, which no list can name by its hash."""

Refusal = Callable[[str], DiaryError]
"""The error for a model of this name."""


class _State:
    """There is one policy for a process."""

    hashes: frozenset[str] | None = None
    refusal: Refusal = ModelMissing


def only(hashes: frozenset[str] | None, refusal: Refusal) -> None:
    """Let these models run, and no other, from now on.

    :param hashes: SHA-256 in hexadecimal; None allows all.
    """
    _State.hashes, _State.refusal = hashes, refusal


def is_listed(model: ModelFolder) -> bool:
    """Whether a model may run, if it is what its manifest says."""
    return _State.hashes is None or model.sha256 in _State.hashes


def require_listed(model: ModelFolder) -> None:
    """:raises diary.errors.ModelNotAllowed: when the policy does not list it."""
    if not is_listed(model):
        raise _State.refusal(model.manifest.name)


Mark = tuple[int, ...] | None
"""Device, inode, bytes, and when content and anything were last changed, in ns; None of what is not there."""


@dataclass(frozen=True, slots=True)
class Hashed:
    """The files that an engine may load.

    :ivar marks: of each as it was before it was hashed, and of the folder; nothing where no policy asks.
    """

    marks: Mapping[Path, Mark] = field(default_factory=dict)

    def require_unchanged(self) -> None:
        """:raises diary.errors.ModelNotAllowed: when one may be another by now."""
        for path, mark in self.marks.items():
            if mark is None or _mark(path) != mark:
                raise _State.refusal(path.name)


def _mark(path: Path) -> Mark:
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def require(service: str, paths: Sequence[Path]) -> Hashed:
    """Asked before an engine is started.

    :param service: what it is to run. :param paths: what it will read: folders of models, or files in them.
    :returns: what has to be unchanged when the engine has loaded it.
    :raises diary.errors.ModelNotAllowed: when one is no model that may run, or not what its manifest says.
    """
    if _State.hashes is None:
        return Hashed()
    marks: dict[Path, Mark] = {}
    folders = {path if path.is_dir() else path.parent for path in paths}
    if service.startswith(_PACKAGED):
        raise _State.refusal("pocketsphinx")
    for folder in sorted(folders):
        try:
            model = read_model(folder)
            marks |= {path: _mark(path) for path in (folder, *folder.iterdir())}
            require_listed(model)
            model.verify()
        except (ModelMissing, ModelDamaged):
            raise _State.refusal(folder.name) from None
        known = {MANIFEST, *(file.name for file in model.manifest.files)}
        if {path.name for path in folder.iterdir()} != known:
            raise _State.refusal(folder.name)
    return Hashed(marks)
