"""Whisper folders: checked for completeness and hashed.

A folder is what CTranslate2's converter writes. All of it must be there: faster-whisper asks the network for
a tokenizer that is missing, and takes a path that does not exist for the name of a hub. Import
(`diary.model_store`) adds the same `manifest.json` as any model of ours has, and the engine loads only bytes
whose hash stands there.

Standard library and msgspec only; nothing here loads a model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from diary.engine.choosing import in_order
from diary.engine.models import MANIFEST, ModelFolder, read_model, sha256
from diary.errors import ModelDamaged, ModelMissing

REQUIRED = ("model.bin", "config.json", "tokenizer.json")
VOCABULARIES = ("vocabulary.json", "vocabulary.txt")
OPTIONAL = "preprocessor_config.json"
_LONGEST_SETTINGS = 8 << 20  # bytes; those that spell their filters out come to half a megabyte
MAGIC = b"WhisperSpec\0"
"""model.bin starts with its version and the length of this name (CTranslate2's binary format)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhisperFolder:
    """A complete folder; `files` maps each file's name to its SHA-256, 64 hex digits."""

    name: str
    path: Path
    files: dict[str, str]


def check_whisper_folder(path: Path) -> WhisperFolder:
    """Read and hash the folder; compares with its manifest when it has one.

    :raises diary.errors.ModelMissing: when there is no such folder.
    :raises diary.errors.ModelDamaged: naming the file that is missing, wrong or changed.
    """
    files = {name: _digest(path / name) for name in _complete(path)}
    if (path / MANIFEST).is_file():
        recorded = {file.name: file.sha256 for file in read_model(path).manifest.files}
        for name in sorted(recorded.keys() | files.keys()):
            if recorded.get(name) != files.get(name):
                raise ModelDamaged(
                    f"The speech model {path.name} has changed since its import: {name} is not the same.",
                    hint="Remove it and import it again from where you got it.",
                )
    return WhisperFolder(name=path.name, path=path, files=files)


def find_whisper(models: Sequence[Path]) -> WhisperFolder | None:
    """The imported Whisper that is used; looks at names, sizes and manifests.

    Incomplete folders are passed over. No weights are read: the engine hashes what it loads.
    """
    for model in in_order(models, "speech"):
        try:
            _complete(model.path)
        except (ModelDamaged, ModelMissing):
            continue
        return described(model)
    return None


def described(model: ModelFolder) -> WhisperFolder:
    """An installed speech model, as its manifest describes it."""
    files = {file.name: file.sha256 for file in model.manifest.files}
    return WhisperFolder(name=model.manifest.name, path=model.path, files=files)


def _complete(path: Path) -> list[str]:
    """The names of the files that make the model, all there and looking like themselves."""
    if not path.is_dir():
        raise ModelMissing(
            f"There is no speech model at {path}.", hint="Name the folder with model.bin and tokenizer.json."
        )
    names = list(REQUIRED)
    names += [name for name in VOCABULARIES if (path / name).is_file()][:1] or ["vocabulary.json"]
    if (path / OPTIONAL).is_file():
        names.append(OPTIONAL)
    for name in names:
        file = path / name
        if not file.is_file():
            hint = "Convert the model with ct2-transformers-converter, copying tokenizer.json with it."
            raise ModelDamaged(f"The speech model {path.name} is incomplete: {name} is missing.", hint=hint)
        if file.stat().st_size == 0:
            raise ModelDamaged(f"The speech model {path.name} is incomplete: {name} is empty.")
    _readable(path)
    return names


def _readable(path: Path) -> None:
    """That the small files are what they should be, as far as their bytes tell without loading them."""
    with (path / "model.bin").open("rb") as file:
        if MAGIC not in file.read(64):
            raise ModelDamaged(f"{path.name} is no Whisper for CTranslate2: model.bin is something else.")
    for name in ("config.json", OPTIONAL):
        if (path / name).is_file():
            try:
                settings = msgspec.json.decode(_small(path / name), type=dict[str, msgspec.Raw])
            except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                raise ModelDamaged(f"The speech model {path.name} is damaged: cannot read {name}.") from None
            if name == "config.json" and "alignment_heads" not in settings:
                raise ModelDamaged(f"The speech model {path.name} is damaged: config.json is no Whisper's.")
    if "large-v3" in path.name.lower() and not (path / OPTIONAL).is_file():
        # without it 80 mel bands are fed to a model that has 128
        raise ModelDamaged(f"The speech model {path.name} is incomplete: {OPTIONAL} is missing.")


def _small(file: Path) -> bytes:
    """What the file holds; one that is too long breaks off, and is then no JSON."""
    with file.open("rb") as opened:
        return opened.read(_LONGEST_SETTINGS)


def _digest(file: Path) -> str:
    try:
        return sha256(file)
    except OSError as error:
        raise ModelDamaged(f"The file {file.name} of the speech model cannot be read.") from error
