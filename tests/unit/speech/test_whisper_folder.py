"""A Whisper folder is whole or named for what is missing, and is imported whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from diary.engine.models import read_model
from diary.engine.whisper_folder import check_whisper_folder, described, find_whisper
from diary.errors import ModelDamaged, ModelMissing
from tests.models import put_in

FILES = ("model.bin", "config.json", "tokenizer.json", "vocabulary.json", "preprocessor_config.json")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder that looks right; its weights are a header only, as nothing here loads them."""
    folder = tmp_path / "disk" / "faster whisper base"
    folder.mkdir(parents=True)
    (folder / "model.bin").write_bytes(b"\x06\0\0\0\x0c\0WhisperSpec\0" + bytes(5000))
    (folder / "config.json").write_text(json.dumps({"alignment_heads": [[1, 0]], "lang_ids": [1]}))
    (folder / "tokenizer.json").write_text("{}")
    (folder / "vocabulary.json").write_text("[]")
    (folder / "preprocessor_config.json").write_text('{"feature_size": 80}')
    (folder / "README.md").write_text("not part of the model")
    return folder


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


def test_a_whole_folder_is_described_by_its_hashes(source):
    folder = check_whisper_folder(source)
    assert set(folder.files) == set(FILES)
    assert all(len(digest) == 64 for digest in folder.files.values())


@pytest.mark.parametrize("name", FILES[:4])
def test_a_missing_file_is_named(source, models, name):
    (source / name).unlink()
    with pytest.raises(ModelDamaged, match=name):
        check_whisper_folder(source)
    with pytest.raises(ModelDamaged, match=name):
        described(put_in(source, models))
    assert not models.exists()


@pytest.mark.parametrize("name", FILES[:4])
def test_an_empty_file_is_named(source, name):
    (source / name).write_bytes(b"")
    with pytest.raises(ModelDamaged, match=name):
        check_whisper_folder(source)


def test_a_large_v3_without_its_mel_settings_is_incomplete(source):
    large = source.rename(source.with_name("whisper-large-v3"))
    check_whisper_folder(large)
    (large / "preprocessor_config.json").unlink()
    with pytest.raises(ModelDamaged, match=r"preprocessor_config\.json"):
        check_whisper_folder(large)


def test_a_model_of_another_kind_is_refused(source):
    (source / "model.bin").write_bytes(b"\x06\0\0\0\x10\0TransformerSpec\0" + bytes(5000))
    with pytest.raises(ModelDamaged, match=r"model\.bin"):
        check_whisper_folder(source)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"bos_token": 1}', "\ud800".encode("utf-8", "surrogatepass")]
)
def test_a_config_that_cannot_be_read_is_refused(source, text):
    (source / "config.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ModelDamaged, match=r"config\.json"):
        check_whisper_folder(source)


def test_no_folder_is_a_missing_model(tmp_path):
    with pytest.raises(ModelMissing):
        check_whisper_folder(tmp_path / "nothing")


def test_importing_copies_the_model_with_a_manifest_and_leaves_the_source(source, models):
    before = sorted(path.name for path in source.iterdir())
    folder = described(put_in(source, models))
    assert folder.path == models / "faster-whisper-base"
    assert sorted(path.name for path in folder.path.iterdir()) == sorted([*FILES, "manifest.json"])
    assert sorted(path.name for path in source.iterdir()) == before
    manifest = read_model(folder.path).manifest
    assert manifest.kind == "speech"
    assert {file.name: file.sha256 for file in manifest.files} == folder.files
    read_model(folder.path).verify()


def test_importing_again_changes_nothing(source, models):
    first = described(put_in(source, models))
    assert described(put_in(source, models)) == first
    assert [path.name for path in models.iterdir() if path.is_dir()] == ["faster-whisper-base"]


def test_another_model_of_the_same_name_is_not_replaced(source, models):
    first = described(put_in(source, models))
    (source / "tokenizer.json").write_text('{"other": 1}')
    with pytest.raises(ModelDamaged):
        described(put_in(source, models))
    assert check_whisper_folder(first.path).files == first.files


def test_a_file_changed_after_import_is_named(source, models):
    folder = described(put_in(source, models))
    (folder.path / "tokenizer.json").write_text("[]")
    with pytest.raises(ModelDamaged, match=r"tokenizer\.json"):
        check_whisper_folder(folder.path)


def test_the_first_whole_model_is_found_without_reading_its_weights(source, models, tmp_path):
    assert find_whisper([models, tmp_path]) is None
    folder = described(put_in(source, models))
    found = find_whisper([tmp_path / "none", models])
    assert found is not None
    assert (found.name, found.path, found.files) == (folder.name, folder.path, folder.files)


def test_a_folder_without_a_manifest_or_with_a_file_missing_is_not_found(source, models):
    assert find_whisper([source.parent]) is None
    folder = described(put_in(source, models))
    (folder.path / "tokenizer.json").unlink()
    assert find_whisper([models]) is None
