"""A model folder is what its manifest says, or it is passed over or refused in a sentence."""

import hashlib
import json
from pathlib import Path

import pytest

from diary.engine.models import find_models, read_model
from diary.errors import ModelDamaged, ModelMissing

WEIGHTS = b"weights"


def write(folder: Path, **changes: object) -> Path:
    folder.mkdir(parents=True)
    (folder / "model.bin").write_bytes(WEIGHTS)
    file = {"name": "model.bin", "size": len(WEIGHTS), "sha256": hashlib.sha256(WEIGHTS).hexdigest()}
    manifest = {"kind": "embedder", "name": folder.name, "source": "a test", "files": [file], "dimensions": 3}
    file |= {name.removeprefix("file_"): value for name, value in changes.items() if name.startswith("file_")}
    manifest |= {name: value for name, value in changes.items() if not name.startswith("file_")}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def test_a_whole_folder_is_read(tmp_path: Path) -> None:
    model = read_model(write(tmp_path / "a"))
    model.verify()
    assert model.manifest.dimensions == 3
    assert model.identity.startswith("a@")


def test_the_identity_changes_with_the_bytes(tmp_path: Path) -> None:
    one = read_model(write(tmp_path / "a"))
    other = read_model(write(tmp_path / "b", name="a", file_sha256="0" * 64))
    assert one.identity != other.identity


def test_models_are_found_by_kind_in_the_order_of_the_folders(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    write(second / "a")
    write(first / "z")
    write(first / "b")
    write(first / "l", kind="language")
    write(first / ".hidden")
    found = find_models([first, tmp_path / "none", second], "embedder")
    assert [model.manifest.name for model in found] == ["b", "z", "a"]


@pytest.mark.parametrize(
    "change",
    [
        {"file_size": 8},
        {"file_name": "other.bin"},
        {"file_name": "../a/model.bin"},
        {"file_name": "/etc/passwd"},
        {"file_name": ".."},
        {"file_sha256": "short"},
        {"name": "a\x1b[2J"},
        {"name": "\u202egnp.exe"},
        {"kind": "virus"},
        {"files": "all"},
        {"dimensions": -1},
    ],
    ids=str,
)
def test_a_folder_that_is_not_what_it_says_is_refused_and_passed_over(
    tmp_path: Path, change: dict[str, object]
) -> None:
    folder = write(tmp_path / "a", **change)
    with pytest.raises(ModelDamaged) as refused:
        read_model(folder)
    assert refused.value.message.isprintable()
    assert find_models([tmp_path], "embedder") == []


@pytest.mark.parametrize("text", ["", "{", "[]", "\ufeff{}", "[" * 100_000, "{}" * 1_000_000])
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "manifest.json").write_text(text)
    with pytest.raises(ModelDamaged):
        read_model(tmp_path / "a")


def test_a_folder_without_a_manifest_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(ModelMissing) as refused:
        read_model(tmp_path / "a")
    assert refused.value.hint


def test_a_changed_byte_is_found_by_its_hash(tmp_path: Path) -> None:
    folder = write(tmp_path / "a")
    (folder / "model.bin").write_bytes(b"weightz")
    model = read_model(folder)  # of the same size
    with pytest.raises(ModelDamaged) as refused:
        model.verify()
    assert "model.bin" in refused.value.message
