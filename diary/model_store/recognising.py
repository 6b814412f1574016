"""What a file or folder is, by its content: the kind of model, and the files to take from it.

Recognised, in this order:
- a folder with a manifest of ours (a model copied from another machine's models folder);
- a GGUF file, or a folder with one (and, beside it, the mmproj by which it sees images);
- a CTranslate2 Whisper folder;
- a folder of sentence-transformers' with safetensors;
- an exported embedder: `model.onnx` and `tokenizer.json`.

Refused with the reason: weights as pickles (loading one runs whatever program is in it), models with code of
their own, files that lie outside the folder that was named, links out of it, and names of models on a hub:
the diary never fetches anything.

Standard library and msgspec; no weights are read here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from diary.engine.gguf_header import GgufHeader, is_gguf, read_header
from diary.engine.memory import footprint
from diary.engine.models import MANIFEST, Manifest, read_model
from diary.engine.whisper_folder import VOCABULARIES, check_whisper_folder
from diary.errors import ModelDamaged, ModelMissing
from diary.model_store.licences import licence_of
from diary.model_store.sentence_folder import check_sentence_folder
from diary.model_store.source_files import SourceFile, regular
from diary.printable import safe

LARGEST_GGUF = 64 << 30
"""Bytes of one file; no machine that keeps a diary runs a larger one."""

_LEAST_CONTEXT = 1024  # tokens: with less memory than this takes, the engine refuses a model
_LEAST_BLOCK = 128

_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl")


class Form(StrEnum):
    """What a source is."""

    OURS = "ours"
    GGUF = "gguf"
    WHISPER = "whisper"
    SENTENCE_TRANSFORMERS = "sentence-transformers"
    EXPORTED = "exported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A model that can be taken in.

    :ivar name: what its folder will be called. :ivar source: the name of the file or folder it comes from.
    :ivar files: what is copied, the main file first. :ivar licence: as it says; empty when it does not.
    :ivar manifest: of a model that was ours before.
    :ivar memory: bytes that it takes at least when it runs; 0 when its header does not tell.
    """

    form: Form
    name: str
    source: str
    files: tuple[SourceFile, ...]
    licence: str = ""
    manifest: Manifest | None = None
    memory: int = 0

    @property
    def size(self) -> int:
        """Bytes to copy."""
        return sum(file.size for file in self.files)


def recognise(path: Path) -> Found:
    """What lies at this path.

    :param path: as it was typed, made absolute.
    :raises diary.errors.ModelMissing: when there is nothing, or nothing that is a model.
    :raises diary.errors.ModelDamaged: when it is a model that is not whole, or may not be used, saying why.
    """
    if path.is_dir():
        found = _folder(path.resolve())
    elif path.is_file():
        found = _file(path.resolve())
    else:
        raise _nothing(path)
    return replace(found, name=_plain(found.name), source=safe(found.source)[:200])


def _nothing(path: Path) -> ModelMissing:
    if path.exists():
        return ModelMissing(f"{path} is neither a file nor a folder, so no model can be taken from it.")
    return ModelMissing(
        f"There is no file or folder {path}. Models are taken from a disk and never fetched by name.",
        hint="Fetch it on a machine that is online, a GGUF as its one file, others as the whole folder; copy "
        "it here or onto a USB stick, and name that path.",
    )


def _file(path: Path) -> Found:
    if is_gguf(path):
        return _gguf(path.parent, [path], source=path.name)
    if path.suffix.lower() in _PICKLES or _is_pickle(path):
        raise _pickle(path.name)
    if path.suffix.lower() == ".gguf":
        raise ModelDamaged(
            f"The file {path.name} does not begin as a GGUF does: it is damaged, or something else.",
            hint="Copy it again, and compare its SHA-256 with the one that its makers give.",
        )
    hint = "A language model comes as one .gguf file; search and speech models come as folders."
    raise ModelDamaged(f"The file {path.name} is no model that the diary knows.", hint=hint)


def _folder(path: Path) -> Found:
    names = {entry.name for entry in path.iterdir()}
    if MANIFEST in names and _is_ours(path):
        return _ours(path)
    ggufs = sorted(path / name for name in names if name.lower().endswith(".gguf"))
    if ggufs:
        return _gguf(path, ggufs, source=path.name)
    if ("config.json" in names and names & {*VOCABULARIES}) or _is_ctranslate2(path / "model.bin"):
        return _whisper(path)
    if "modules.json" in names:
        files = check_sentence_folder(path)
        return Found(
            form=Form.SENTENCE_TRANSFORMERS,
            name=path.name,
            source=path.name,
            files=files,
            licence=licence_of(path),
        )
    if {"model.onnx", "tokenizer.json"} <= names:
        limits = {"model.onnx": 2 << 30, "tokenizer.json": 64 << 20}
        files = tuple(regular(path, name, most) for name, most in limits.items())
        settings = [name for name in ("tokenizer_config.json",) if name in names]
        files += tuple(regular(path, name, 1 << 20) for name in settings)
        return Found(
            form=Form.EXPORTED, name=path.name, source=path.name, files=files, licence=licence_of(path)
        )
    raise _unknown_folder(path, names)


def _unknown_folder(path: Path, names: set[str]) -> ModelDamaged | ModelMissing:
    if any(name.endswith(".safetensors") for name in names) and "config.json" in names:
        return ModelDamaged(
            f"The folder {path.name} holds a model that the diary cannot run as it is.",
            hint="A language model must be converted to GGUF (llama.cpp's convert_hf_to_gguf.py), Whisper by "
            "ct2-transformers-converter; an embedding model needs modules.json of sentence-transformers.",
        )
    pickled = sorted(name for name in names if name.lower().endswith(_PICKLES))
    if pickled:
        return _pickle(pickled[0])
    return ModelMissing(
        f"The folder {path.name} holds no model that the diary knows.",
        hint="Name a GGUF file, or a folder with one, an embedding model or a CTranslate2 Whisper.",
    )


def _gguf(folder: Path, paths: list[Path], *, source: str) -> Found:
    """A model and, at most, one mmproj."""
    headers = {path: read_header(regular(folder, path.name, LARGEST_GGUF).path) for path in paths}
    models = [path for path in paths if not headers[path].is_mmproj]
    eyes = [path for path in paths if headers[path].is_mmproj]
    if not models:
        raise ModelDamaged(
            f"The file {paths[0].name} only reads images for a language model; alone it can do nothing.",
            hint="Put it into one folder with the GGUF of its model, and import the folder.",
        )
    if len(models) > 1 or len(eyes) > 1:
        raise ModelDamaged(
            f"There are {len(paths)} GGUF files in the folder {folder.name}; it is not clear which is meant.",
            hint="Name one file; or put one model, and its mmproj, into a folder of their own.",
        )
    header = headers[models[0]]
    _usable(header, models[0].name)
    weights = sum(headers[path].tensor_bytes for path in paths)
    return Found(
        form=Form.GGUF,
        name=models[0].stem,
        source=source,
        files=tuple(
            replace(regular(folder, path.name, LARGEST_GGUF), name=_plain(path.name))
            for path in (*models, *eyes)
        ),
        memory=footprint(header, context=_LEAST_CONTEXT, block=_LEAST_BLOCK, weights=weights).total,
        licence=licence_of(folder if source == folder.name else None, said=header.untrusted_license),
    )


def _usable(header: GgufHeader, name: str) -> None:
    """Refuse what is a part of a model, or one that nobody knows how to ask."""
    if header.kind != "model" or not header.tensor_count or not header.block_count:
        raise ModelDamaged(f"The file {name} holds no language model, but a part or an addition of one.")
    if header.parts > 1:
        raise ModelDamaged(
            f"The file {name} is one of {header.parts} parts of a model.",
            hint="Join them first: llama-gguf-split --merge FIRST-PART whole.gguf",
        )
    if not header.chat_template:
        raise ModelDamaged(
            f"The file {name} has no chat template, so nobody knows how to ask this model.",
            hint="Use a GGUF of the “instruct” or “chat” version, with its template in it.",
        )


def _whisper(path: Path) -> Found:
    checked = check_whisper_folder(path)
    files = tuple(regular(path, name, LARGEST_GGUF) for name in checked.files)
    return Found(form=Form.WHISPER, name=path.name, source=path.name, files=files, licence=licence_of(path))


def _is_ours(path: Path) -> bool:
    try:
        read_model(path)
    except ModelMissing:
        return False
    except ModelDamaged:
        # A file of that name that is none of ours (web pages have one); ours with a changed file is refused.
        return b'"sha256"' in regular(path, MANIFEST, 1 << 20).path.read_bytes()
    return True


def _ours(path: Path) -> Found:
    model = read_model(path)
    files = tuple(regular(path, file.name, file.size) for file in model.manifest.files)
    manifest = model.manifest
    return Found(
        form=Form.OURS,
        name=manifest.name,
        source=manifest.source,
        files=files,
        licence=manifest.licence,
        manifest=manifest,
    )


def _is_ctranslate2(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return b"Spec\0" in file.read(64)  # of any model; that it is a Whisper is checked next


def _is_pickle(path: Path) -> bool:
    """A pickle since protocol 2, or a zip as torch writes it."""
    with path.open("rb") as file:
        start = file.read(2)
    return start == b"PK" or (start[:1] == b"\x80" and start[1:] in b"\x02\x03\x04\x05")


def _pickle(name: str) -> ModelDamaged:
    return ModelDamaged(
        f"The weights in {name} are a pickle, and loading a pickle runs whatever program is in it. It was "
        "not opened.",
        hint="Take the version of the model with model.safetensors.",
    )


def _plain(name: str) -> str:
    """A name for a folder: letters, digits, dots, dashes and underscores."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".-")[:100] or "model"
