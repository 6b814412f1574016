"""Take a model in from a file, a folder or a stick: recognised, copied, checked, converted where it must be,
tried, and only then put in its place; whole or not at all.

The order: what it is, by content (`recognising`); room on the disk; a copy under a temporary name in the
models folder, hashed on both ends (`copying`); an embedder is converted in a sealed process
(`diary.provisioning.sealed`); a trial in the sealed engine (`trying`); the manifest; one rename. The source
is only read. Whatever goes wrong, and when the person stops it, nothing of it stays; what a killed import
left is swept by the next.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from diary.engine.memory import available, in_words
from diary.engine.models import MANIFEST, Manifest, ModelFile, ModelFolder, ModelKind, read_model, sha256
from diary.errors import DiskFull, EngineFailed, ModelDamaged, ModelMissing, StorageFailed
from diary.model.progress import Cancelled, Progress, Report, never, silent
from diary.model_store.copying import copy_all
from diary.model_store.recognising import Form, Found, recognise
from diary.model_store.trying import dimensions, try_model
from diary.provisioning.installing import alone, described, install, sweep, unfinished
from diary.provisioning.sealed import convert_sealed

_MADE = ("model.onnx", "tokenizer.json")
_LARGEST_MADE = 3 << 30  # bytes; a conversion that writes more is not what it should be
_SPARE = 64 << 20  # bytes that stay free on the disk
_DEFAULT_LENGTH = 256  # tokens that an exported embedder reads when nothing says
_LONGEST_LENGTH = 512

_OTHERWISE = (
    "Compare its files with those of where it comes from, and copy them again; or take another model: a GGUF "
    "with its chat template, a sentence-transformers folder, or a Whisper for CTranslate2."
)

Trial = Callable[[ModelFolder], int]
"""Lets a model work; bytes that it takes at most."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A model taken in; `new` is False when the very same was there before."""

    model: ModelFolder
    new: bool


def import_model(
    path: Path,
    models: Path,
    *,
    now: datetime,
    report: Report = silent,
    cancelled: Cancelled = never,
    trial: Trial | None = None,
) -> Imported:
    """Take the model at this path into the folder of models.

    :param now: aware; recorded as the time of the import. :param trial: by default `trying.try_model`.
    :raises diary.errors.DiaryError: ModelMissing, ModelDamaged, DiskFull, StorageFailed, EngineFailed or
        Stopped, each with a sentence; nothing is left behind then.
    """
    found = _recognised(path)
    with alone(models):
        sweep(models)
        target = models / found.name
        if os.path.lexists(target):
            return Imported(_same(found, target), new=False)
        _room(found, models)
        _memory(found)
        with unfinished(target) as temporary:
            manifest = _filled(found, temporary, now, report, cancelled)
            _write_manifest(temporary, manifest)
            report(Progress("trying", 0, None))
            tried = ModelFolder(temporary, manifest)
            peak = trial(tried) if trial else try_model(tried, cancelled=cancelled)
            install(temporary, target, msgspec.structs.replace(manifest, peak_memory=peak))
        return Imported(read_model(target), new=True)


def _recognised(path: Path) -> Found:
    """What it is, or why none of it is taken, with what to do about it."""
    try:
        return recognise(path)
    except OSError as error:
        raise StorageFailed(
            f"The model cannot be read: {error.strerror or 'disk error'}. Nothing was changed.",
            hint="Look at the permissions of its files, and whether the disk is whole.",
        ) from error
    except (ModelDamaged, ModelMissing) as error:
        nothing = "" if "othing was" in error.message else " Nothing was installed."
        raise type(error)(f"{error.message}{nothing}", hint=error.hint or _OTHERWISE) from None


def _same(found: Found, target: Path) -> ModelFolder:
    """The model that stands there, when it is this one.

    :raises diary.errors.ModelDamaged: when it is another.
    """
    try:
        present = read_model(target)
        if present.manifest.source == found.source and _same_files(found, present):
            return present
    except (ModelDamaged, ModelMissing, OSError):
        pass
    raise ModelDamaged(
        f"There is another model named {found.name} already, and nothing was copied.",
        hint=f"Rename the new one's file or folder, or remove the old one: diary models remove {found.name}",
    )


def _same_files(found: Found, present: ModelFolder) -> bool:
    hashes = {file.name: sha256(file.path) for file in found.files}
    if found.form is Form.SENTENCE_TRANSFORMERS:  # what was made of them are other files
        return present.manifest.recipe.endswith(f" of {_digest(hashes)}")
    return hashes == {file.name: file.sha256 for file in present.manifest.files}


def _digest(hashes: Mapping[str, str]) -> str:
    """One short hash for all files of a model that is converted."""
    text = "\n".join(f"{name} {hashes[name]}" for name in sorted(hashes))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _room(found: Found, models: Path) -> None:
    """Refuse before copying what will not fit. A conversion holds the copy and what is made of it."""
    wanted = found.size * (3 if found.form is Form.SENTENCE_TRANSFORMERS else 1) + _SPARE
    free = shutil.disk_usage(models).free
    if wanted > free:
        raise DiskFull(
            f"The model needs {in_words(wanted)} on the disk of {models}, and {in_words(free)} are free. "
            "Nothing was copied.",
            hint="Make room, or let the setting “models” name a folder on another disk.",
        )


def _memory(found: Found) -> None:
    """Refuse before copying gigabytes what this machine could not load."""
    free = available()
    if free is not None and found.memory > free:
        raise EngineFailed(
            f"The model needs at least {in_words(found.memory)} of memory and {in_words(free)} is free. "
            "It was not installed.",
            hint="Close other programs and try again, or use a smaller model.",
        )


def _filled(found: Found, temporary: Path, now: datetime, report: Report, cancelled: Cancelled) -> Manifest:
    """Put the model's files into the folder; its manifest."""
    if found.form is Form.SENTENCE_TRANSFORMERS:
        manifest = _converted(found, temporary, report, cancelled)
    else:
        files = copy_all(found.files, temporary, report=report, cancelled=cancelled)
        if found.manifest is not None:
            _unchanged(found.manifest, files)
            manifest = found.manifest
        elif found.form is Form.EXPORTED:
            manifest = _exported(temporary, files)
        else:
            kind: ModelKind = "speech" if found.form is Form.WHISPER else "language"
            manifest = Manifest(kind=kind, name=found.name, source=found.source, files=files)
    return msgspec.structs.replace(
        manifest,
        name=found.name,
        source=found.source,
        licence=found.licence,
        imported=now.isoformat(timespec="seconds"),
    )


def _exported(folder: Path, files: list[ModelFile]) -> Manifest:
    plain = Manifest(kind="embedder", name="model", source="model", files=files, max_length=_length(folder))
    _write_manifest(folder, plain)
    return msgspec.structs.replace(plain, dimensions=dimensions(folder))


def _converted(found: Found, temporary: Path, report: Report, cancelled: Cancelled) -> Manifest:
    """An embedder, exported and quantised from a copy, which is removed."""
    source, made = temporary / "source", temporary / "made"
    source.mkdir()
    made.mkdir()
    copied = copy_all(found.files, source, report=report, cancelled=cancelled)
    report(Progress("converting", 0, None))
    outcome = convert_sealed(source, made, cancelled=cancelled)
    for name in _MADE:
        path = made / name
        if path.is_symlink() or not path.is_file() or not 0 < path.stat().st_size <= _LARGEST_MADE:
            raise ModelDamaged(
                "The conversion of the model made something else than a model. It was removed."
            )
        path.rename(temporary / name)
    for folder in (source, made):
        shutil.rmtree(folder)
    digest = _digest({file.name: file.sha256 for file in copied})
    return Manifest(
        kind="embedder",
        name=found.name,
        source=found.source,
        recipe=f"onnx opset 17, 1: {outcome.precision} of {digest}",
        files=described(temporary),
        dimensions=outcome.dimensions,
        max_length=outcome.max_length,
        pooling=outcome.pooling,
        cosine=round(outcome.cosine, 4),
    )


def _unchanged(manifest: Manifest, files: list[ModelFile]) -> None:
    for copied, listed in zip(files, manifest.files, strict=True):
        if copied.sha256 != listed.sha256:
            raise ModelDamaged(
                f"The file {copied.name} is not what its manifest says, so the model was not installed.",
                hint="Copy the folder again from where it was whole; diary models verify says which are.",
            )


def _length(folder: Path) -> int:
    """Tokens that an exported embedder reads, as its tokenizer's settings say."""
    try:
        said = json.loads((folder / "tokenizer_config.json").read_bytes()).get("model_max_length")
    except (OSError, ValueError, AttributeError, RecursionError):
        return _DEFAULT_LENGTH
    return min(said, _LONGEST_LENGTH) if isinstance(said, int) and said > 0 else _DEFAULT_LENGTH


def _write_manifest(folder: Path, manifest: Manifest) -> None:
    (folder / MANIFEST).write_bytes(msgspec.json.encode(manifest))
