"""The installed models: listed with what a person wants to know of them, checked, chosen between, removed.

The person's own models folder comes first; what set-up installed lies in the program's, is listed and checked
like the others, and is never changed from here.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from diary.durable import sync
from diary.engine import allowed, choosing
from diary.engine.memory import in_words
from diary.engine.models import MANIFEST, ModelFolder, ModelKind, find_models, read_model, sha256
from diary.errors import DiaryError, ModelDamaged, ModelMissing, StorageFailed
from diary.model.progress import Cancelled, Progress, Report, never, silent
from diary.model_store import exams

KINDS: tuple[ModelKind, ...] = ("embedder", "language", "speech")
MEANS = {
    "embedder": "search",
    "language": "summaries",
    "speech": "writing down what you say",
}
"""What a person cannot do without a model of the kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A whole model.

    :ivar in_use: whether it is the one of its kind that works. :ivar embedded: whether set-up installed it.
    :ivar allowed: whether a clinic's policy lets it run.
    :ivar exam: how a language model did; None when it has not sat the exam, or is no language model.
    """

    model: ModelFolder
    in_use: bool
    embedded: bool
    allowed: bool
    exam: exams.ExamResult | None

    @property
    def size_in_words(self) -> str:
        """What its files take on the disk."""
        size = self.model.size
        return in_words(size) if size >= 10**8 else f"{size / 10**6:.3g} MB"

    @property
    def memory_in_words(self) -> str:
        """What its process takes at most; empty when nobody knows."""
        peak = self.model.manifest.peak_memory
        return in_words(peak) if peak else ""


@dataclass(frozen=True, slots=True)
class Damaged:
    """A model that is passed over: its folder, and why."""

    folder: Path
    why: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one file of a model: "missing", "changed" or "added"."""

    file: str
    what: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A model and what is wrong with it: nothing when all is well."""

    name: str
    folder: Path
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Removed:
    """What is gone, what stayed in its folder because it was never part of it, and what works no longer.

    :ivar without: what a person cannot do now; empty when another model takes over. :ivar instead: that one.
    """

    name: str
    kept: tuple[str, ...]
    without: str
    instead: str


def listed(roots: Sequence[Path]) -> tuple[list[Installed], list[Damaged]]:
    """All models, by kind, the one in use first; and the damaged ones."""
    whole = [
        Installed(
            model=model,
            in_use=place == 0 and allowed.is_listed(model),
            allowed=allowed.is_listed(model),
            embedded=not _is_own(model, roots),
            exam=exams.result_of(model, roots[0]) if kind == "language" else None,
        )
        for kind in KINDS
        for place, model in enumerate(choosing.in_order(roots, kind))
    ]
    return whole, _damaged(roots)


def named(roots: Sequence[Path], name: str, kind: ModelKind | None = None) -> ModelFolder:
    """The whole model of this name, of its folder or its own; the person's before the program's.

    :raises diary.errors.ModelMissing: with the names there are.
    """
    kinds = KINDS if kind is None else (kind,)
    models = [model for one in kinds for model in find_models(roots, one)]
    models.sort(key=lambda model: not _is_own(model, roots))
    for model in models:
        if name in (model.path.name, model.manifest.name):
            return model
    there = ", ".join(sorted({model.path.name for model in models})) or "none"
    what = {"embedder": "search model", "language": "language model", "speech": "speech model"}
    raise ModelMissing(
        f"There is no {what[kind] if kind else 'model'} named {name}.", hint=f"Installed: {there}."
    )


def check(
    roots: Sequence[Path], name: str | None = None, *, report: Report = silent, cancelled: Cancelled = never
) -> list[Checked]:
    """Hash every file of every model, or of one, and compare.

    :raises diary.errors.ModelMissing: when there is none of this name.
    :raises diary.errors.Stopped: when `cancelled` said so.
    """
    folders = [folder for folder in _folders(roots) if name is None or folder.name == name]
    if name is not None and not folders:
        folders = [named(roots, name).path]
    checked = []
    for done, folder in enumerate(folders):
        report(Progress("checking models", done, len(folders)))
        if cancelled():
            break
        checked.append(_checked(folder))
    report(Progress("checking models", len(folders), len(folders)))
    return checked


def use(roots: Sequence[Path], name: str) -> ModelFolder:
    """Use this model for its kind from now on.

    :raises diary.errors.ModelMissing: when there is none of this name, or it may not run.
    """
    model = named(roots, name)
    allowed.require_listed(model)
    try:
        choosing.choose(roots[0], model.manifest.kind, model.path.name)
    except OSError as error:
        raise _storage(error, "chosen") from error
    return model


def removable(roots: Sequence[Path], name: str) -> ModelFolder:
    """The model of this name, damaged or not, when it may be removed.

    :raises diary.errors.ModelMissing: when there is none of this name.
    :raises diary.errors.ModelDamaged: when it is the program's, or the last one that search has.
    """
    own = [model for model in _own(roots[0]) if name in (model.path.name, model.manifest.name)]
    if not own:
        named(roots, name)  # raises when there is none at all
        raise ModelDamaged(
            f"The model {name} belongs to the program, and is not removed. Nothing was changed.",
            hint="To use another, import it, or choose it with: diary models use NAME",
        )
    embedders = [model.path for model in find_models(roots, "embedder")]
    if embedders == [own[0].path]:
        raise ModelDamaged(
            f"The model {name} is the last one for search; without it nothing would be found. It stays.",
            hint="Import another first; the embedded one is installed by “make setup”.",
        )
    return own[0]


def remove(roots: Sequence[Path], name: str) -> Removed:
    """Remove a model of the person's: the files that its manifest lists, and its exam.

    :raises diary.errors.DiaryError: as `removable`; StorageFailed when the disk refuses.
    """
    model = removable(roots, name)
    kind = model.manifest.kind
    try:
        (model.path / MANIFEST).unlink()  # first: from here on it is no model
        for file in model.manifest.files:
            (model.path / file.name).unlink(missing_ok=True)
        kept = tuple(sorted(path.name for path in model.path.iterdir()))
        if not kept:
            model.path.rmdir()
        sync(roots[0])
        choosing.forget(roots[0], model.path.name)
        exams.forget(model, roots[0])
    except OSError as error:
        raise _storage(error, "removed") from error
    follows = choosing.in_use(roots, kind)
    return Removed(
        name=model.manifest.name,
        kept=kept,
        without="" if follows else MEANS[kind],
        instead=follows.manifest.name if follows else "",
    )


def _folders(roots: Sequence[Path]) -> list[Path]:
    """Folders that hold a manifest, whole or not."""
    found = []
    for root in roots:
        try:
            folders = sorted(root.iterdir())
        except OSError:
            continue
        found += [
            folder for folder in folders if not folder.name.startswith(".") and (folder / MANIFEST).is_file()
        ]
    return found


def _damaged(roots: Sequence[Path]) -> list[Damaged]:
    found = []
    for folder in _folders(roots):
        try:
            read_model(folder)
        except (ModelDamaged, ModelMissing) as error:
            found.append(Damaged(folder, error.message))
    return found


def _own(root: Path) -> list[ModelFolder]:
    """The person's models whose manifest can be read, damaged ones too."""
    found = []
    for folder in _folders([root]):
        try:
            found.append(read_model(folder, sizes=False))
        except (ModelDamaged, ModelMissing):
            continue
    return found


def _checked(folder: Path) -> Checked:
    try:
        manifest = read_model(folder, sizes=False).manifest
    except DiaryError:
        return Checked(folder.name, folder, (Problem(MANIFEST, "changed"),))
    problems = []
    for file in manifest.files:
        path = folder / file.name
        if not os.path.lexists(path):
            problems.append(Problem(file.name, "missing"))
        elif path.is_symlink() or not path.is_file() or _hash(path) != file.sha256:
            problems.append(Problem(file.name, "changed"))
    listed_names = {MANIFEST, *(file.name for file in manifest.files)}
    added = sorted(path.name for path in folder.iterdir() if path.name not in listed_names)
    problems += [Problem(name, "added") for name in added]
    return Checked(manifest.name, folder, tuple(problems))


def _hash(path: Path) -> str:
    try:
        return sha256(path)
    except OSError:
        return ""


def _is_own(model: ModelFolder, roots: Sequence[Path]) -> bool:
    return model.path.parent == roots[0]


def _storage(error: OSError, what: str) -> StorageFailed:
    return StorageFailed(f"The model could not be {what}: {error.strerror or 'disk error'}.")
