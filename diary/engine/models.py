"""Model folders: a folder with a `manifest.json` that names its files and their hashes. Found without
starting anything.

A model is named by its own folder; the manifest is written by set-up or by `diary models import` and is
checked against the files' sizes here, and against their hashes by `verify`.
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from diary.errors import ModelDamaged, ModelMissing

MANIFEST = "manifest.json"
_LONGEST_MANIFEST = 1024 * 1024  # bytes

# Names are shown to the reader and joined to a path: no separators, no control or bidirectional characters.
Name = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[^/\\\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+\Z", max_length=200
    ),
]
Count = Annotated[int, msgspec.Meta(ge=0, lt=2**48)]
ModelKind = Literal["embedder", "language", "speech"]


class ModelFile(msgspec.Struct, frozen=True):
    """One file of a model: its name in the folder, size in bytes, SHA-256 in hexadecimal."""

    name: Name
    size: Count
    sha256: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a model folder holds.

    :ivar source: where it was made from: package and version, or the name of the file or folder.
    :ivar recipe: how set-up converted it; empty when it was taken as it came.
    :ivar dimensions: of an embedder's vectors, else 0. :ivar max_length: tokens an embedder reads, else 0.
    :ivar pooling: how an embedder comes from tokens to the text.
    :ivar cosine: the least cosine to the original model over the sample sentences, else 0.
    :ivar licence: what the model says its licence is; empty when it says nothing. Nobody has checked it.
    :ivar imported: when a person took it in, in ISO 8601 with offset; empty for what set-up made.
    :ivar peak_memory: bytes that its process takes at most, measured or computed at import; 0 when unknown.
    """

    kind: ModelKind
    name: Name
    source: str
    recipe: str = ""
    files: Annotated[list[ModelFile], msgspec.Meta(min_length=1)]
    dimensions: Count = 0
    max_length: Count = 0
    pooling: Literal["mean", "cls", "max"] = "mean"
    cosine: float = 0.0
    licence: Annotated[str, msgspec.Meta(max_length=200)] = ""
    imported: Annotated[str, msgspec.Meta(max_length=40)] = ""
    peak_memory: Count = 0


class ModelFolder(msgspec.Struct, frozen=True):
    """An installed model."""

    path: Path
    manifest: Manifest

    @property
    def identity(self) -> str:
        """Name and a prefix of the hash over all files: changes when any byte of the model does, or the way
        its vectors are made.
        """
        text = "\n".join(f"{file.name} {file.sha256}" for file in self.manifest.files)
        if self.manifest.pooling != "mean":
            text += f"\n{self.manifest.pooling}"
        return f"{self.manifest.name}@{hashlib.sha256(text.encode()).hexdigest()[:16]}"

    @property
    def sha256(self) -> str:
        """By which a clinic's policy names it, in hexadecimal: of its file, as `sha256sum` prints it; of one
        that has several, the hash over their names and hashes.
        """
        files = self.manifest.files
        if len(files) == 1:
            return files[0].sha256
        text = "\n".join(f"{file.name} {file.sha256}" for file in sorted(files, key=lambda one: one.name))
        return hashlib.sha256(f"{text}\n{self.manifest.pooling}".encode()).hexdigest()

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(file.size for file in self.manifest.files)

    def verify(self) -> None:
        """Compare every file with its hash.

        :raises diary.errors.ModelDamaged: when one differs.
        """
        for file in self.manifest.files:
            try:
                found = sha256(self.path / file.name)
            except OSError:
                found = ""
            if found != file.sha256:
                raise _damaged(self.manifest.name, file.name)


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_model(folder: Path, *, sizes: bool = True) -> ModelFolder:
    """The model in a folder, its files there and of the right size.

    :param sizes: whether to look at the files at all.
    :raises diary.errors.ModelMissing: when there is no manifest.
    :raises diary.errors.ModelDamaged: when the manifest or a file is not what it should be.
    """
    try:
        with (folder / MANIFEST).open("rb") as file:
            manifest = msgspec.json.decode(file.read(_LONGEST_MANIFEST), type=Manifest)
    except FileNotFoundError:
        raise missing(folder.name) from None
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise _damaged(folder.name, MANIFEST) from None
    for listed in manifest.files:
        if sizes and not _is_there(folder / listed.name, listed.size):
            raise _damaged(manifest.name, listed.name)
    return ModelFolder(folder, manifest)


def _is_there(path: Path, size: int) -> bool:
    """Whether this is a file of the folder itself; a link could open any other file to an engine."""
    try:
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size == size


def find_models(roots: Sequence[Path], kind: ModelKind) -> list[ModelFolder]:
    """The whole models of a kind under these folders, in the order of the folders, then by name."""
    found = []
    for root in roots:
        try:
            folders = sorted(root.iterdir())
        except OSError:  # not there, or closed to us
            continue
        for folder in folders:
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
        hint="The embedded models are installed by “make setup” in the program's folder. What there is, and "
        "what is damaged: diary models list",
    )


def _damaged(model: str, file: str) -> ModelDamaged:
    return ModelDamaged(
        f"The model {model} is damaged: {file} is missing or not what it was. Your entries are safe.",
        hint="Remove its folder and run “make setup”, or import it again.",
    )
