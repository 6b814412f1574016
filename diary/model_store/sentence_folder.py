"""A folder of sentence-transformers': which of its files are needed, and that none of them is a program.

The libraries that load such a folder look at names: a file that is not copied is not found. So only what is
listed here is copied, and neither code nor pickles are.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TypeVar

import msgspec

from diary.errors import ModelDamaged
from diary.model_store.source_files import SourceFile, regular

LARGEST_WEIGHTS = 2_000_000_000
"""Bytes: what an ONNX file can hold, and far more than a laptop embeds a diary with."""

_LARGEST_TOKENIZER = 64 << 20
_LARGEST_SETTINGS = 1 << 20
_SETTINGS = (
    "tokenizer_config.json", "special_tokens_map.json", "sentence_bert_config.json", "added_tokens.json",
)  # fmt: skip
_PLACE = re.compile(r"(?:[A-Za-z0-9_-]{1,60})?")
_PARTS = re.compile(r"sentence_transformers(?:\.[a-z_]+)*\.(Transformer|Pooling|Normalize)")


_T = TypeVar("_T")


class _Part(msgspec.Struct, frozen=True):
    """One entry of modules.json."""

    type: str
    path: str = ""


def check_sentence_folder(folder: Path) -> tuple[SourceFile, ...]:
    """The files to take, the weights first.

    :raises diary.errors.ModelDamaged: when it is not whole, brings code of its own, or has pickled weights.
    """
    listed = regular(folder, "modules.json", _LARGEST_SETTINGS)
    places = _places(_decoded(listed, list[_Part]))
    transformer = places["Transformer"]
    prefix = f"{transformer}/" if transformer else ""
    inside = folder / transformer
    if not (inside / "model.safetensors").exists():
        raise _without_safetensors(folder, inside)
    settings = regular(folder, f"{prefix}config.json", _LARGEST_SETTINGS)
    if "auto_map" in _decoded(settings, dict[str, msgspec.Raw]):
        raise _own_code("config.json names a program")
    files = [
        regular(folder, f"{prefix}model.safetensors", LARGEST_WEIGHTS),
        regular(folder, f"{prefix}tokenizer.json", _LARGEST_TOKENIZER),
        listed,
        settings,
        regular(folder, f"{places['Pooling']}/config.json", _LARGEST_SETTINGS),
    ]
    further = [f"{prefix}{name}" for name in _SETTINGS] + ["config_sentence_transformers.json"]
    files += [regular(folder, name, _LARGEST_SETTINGS) for name in further if (folder / name).exists()]
    return tuple(files)


def _places(parts: list[_Part]) -> dict[str, str]:
    """Where each part lies: its kind, and the name of its folder."""
    places: dict[str, str] = {}
    for part in parts:
        known = _PARTS.fullmatch(part.type)
        if known is None:
            if part.type.startswith("sentence_transformers."):
                kind = part.type.rpartition(".")[2][:40]
                raise ModelDamaged(
                    f"This embedding model has a part that the diary does not compute ({kind}).",
                    hint="Models of a transformer with mean, CLS or max pooling are taken.",
                )
            raise _own_code("modules.json names a program")
        if _PLACE.fullmatch(part.path) is None or known[1] in places:
            raise ModelDamaged("The embedding model is damaged: modules.json makes no sense.")
        places[known[1]] = part.path
    if not places.get("Pooling") or "Transformer" not in places:
        raise ModelDamaged("The embedding model is damaged: modules.json names no transformer and pooling.")
    return places


def _decoded(file: SourceFile, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(file.path.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise ModelDamaged(f"The embedding model is damaged: {file.name} cannot be read.") from None


def _without_safetensors(folder: Path, inside: Path) -> ModelDamaged:
    if (inside / "model.safetensors.index.json").exists():
        return ModelDamaged(
            f"The model in {folder.name} is split into several files, as only very large ones are.",
            hint="Take a smaller embedding model, of one model.safetensors.",
        )
    if any((inside / name).exists() for name in ("pytorch_model.bin", "model.bin", "pytorch_model.pt")):
        return ModelDamaged(
            f"The weights in {folder.name} are a pickle, and loading a pickle runs whatever program is in "
            "it. It was not opened.",
            hint="Take the version of the model with model.safetensors.",
        )
    return ModelDamaged("The embedding model is not whole: model.safetensors is missing.")


def _own_code(why: str) -> ModelDamaged:
    return ModelDamaged(
        f"This embedding model brings code of its own ({why}), which the diary never runs. Nothing was "
        "installed.",
        hint="Take a model that sentence-transformers loads without trust_remote_code.",
    )
