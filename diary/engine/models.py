"""Model folders: a folder with a `manifest.json` that names its files and their hashes. Found without
starting anything.

A model is named by its own folder; the manifest is written by set-up or by `diary models import` and is
checked against the files' sizes here, and against their hashes by `verify`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from diary.errors import ModelDamaged, ModelMissing

MANIFEST = "manifest.json"

ModelKind = Literal["embedder", "language", "speech"]


class ModelFile(msgspec.Struct, frozen=True):
    """One file of a model: its name in the folder, size in bytes, SHA-256 in hexadecimal."""

    name: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a model folder holds.

    :ivar source: where it was made from: package and version, or the folder's name.
    :ivar recipe: how set-up converted it; empty when it was taken as it came.
    :ivar dimensions: of an embedder's vectors, else 0. :ivar max_length: tokens an embedder reads, else 0.
    :ivar cosine: the least cosine to the original model over the sample sentences, else 0.
    """

    kind: ModelKind
    name: str
    source: str
    recipe: str = ""
    files: list[ModelFile]
    dimensions: int = 0
    max_length: int = 0
    cosine: float = 0.0


class ModelFolder(msgspec.Struct, frozen=True):
    """An installed model."""

    path: Path
    manifest: Manifest

    @property
    def identity(self) -> str:
        """Name and a prefix of the hash over all files: changes when any byte of the model does."""
        text = "\n".join(f"{file.name} {file.sha256}" for file in self.manifest.files)
        return f"{self.manifest.name}@{hashlib.sha256(text.encode()).hexdigest()[:16]}"

    def verify(self) -> None:
        """Compare every file with its hash.

        :raises diary.errors.ModelDamaged: when one differs.
        """
        for file in self.manifest.files:
            path = self.path / file.name
            if not path.is_file() or sha256(path) != file.sha256:
                raise _damaged(self.manifest.name, file.name)


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_model(folder: Path) -> ModelFolder:
    """The model in a folder, its files there and of the right size.

    :raises diary.errors.ModelMissing: when there is no manifest.
    :raises diary.errors.ModelDamaged: when the manifest or a file is not what it should be.
    """
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise missing(folder.name) from None
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise _damaged(folder.name, MANIFEST) from None
    for file in manifest.files:
        path = folder / file.name
        if Path(file.name).name != file.name or not path.is_file() or path.stat().st_size != file.size:
            raise _damaged(manifest.name, file.name)
    return ModelFolder(folder, manifest)


def find_models(roots: Sequence[Path], kind: ModelKind) -> list[ModelFolder]:
    """The whole models of a kind under these folders, in the order of the folders, then by name."""
    found = []
    for root in roots:
        if not root.is_dir():
            continue
        for folder in sorted(root.iterdir()):
            if folder.name.startswith("."):  # not finished
                continue
            try:
                model = read_model(folder)
            except (ModelMissing, ModelDamaged):
                continue
            if model.manifest.kind == kind:
                found.append(model)
    return found


def missing(what: str) -> ModelMissing:
    """The model is not installed."""
    return ModelMissing(
        f"The model for {what} is not installed. Your entries are safe and can be written and read.",
        hint="The embedded models are installed by “make setup” in the program's folder.",
    )


def _damaged(model: str, file: str) -> ModelDamaged:
    return ModelDamaged(
        f"The model {model} is damaged: {file} is missing or not what it was. Your entries are safe.",
        hint="Remove its folder and run “make setup”, or import it again.",
    )
