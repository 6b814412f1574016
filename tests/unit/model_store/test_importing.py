"""A model is taken in whole, by what it is, or refused in a sentence and nothing of it stays."""

import errno
import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from diary.engine.language_model import EngineLanguageModel
from diary.engine.models import ModelFolder, read_model
from diary.errors import (
    DiaryError,
    DiskFull,
    EngineFailed,
    ModelDamaged,
    ModelMissing,
    Stopped,
    StorageFailed,
)
from diary.model.progress import Progress
from diary.model_store import copying, importing
from diary.model_store.importing import import_model
from diary.model_store.source_files import regular
from diary.provisioning.outcome import Outcome
from retrieval.ports import ChatMessage
from tests.models import NOW, put_in, untried
from tests.tiny_gguf import Tiny, write_tiny
from tests.tiny_mmproj import write_mmproj
from tests.tiny_sentence_model import WIDTH, write_sentence_model


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def gguf(stick: Path) -> Path:
    path = stick / "Tiny Model.gguf"
    write_tiny(path, Tiny(says="helo"))
    return path


@pytest.fixture
def converted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Path]]:
    """Stands where a process would import torch: the folders it was given, and a file that looks right."""
    given: list[Path] = []

    def convert(source: Path, target: Path, **_: object) -> Outcome:
        given.extend(path.relative_to(source) for path in sorted(source.rglob("*")) if path.is_file())
        (target / "model.onnx").write_bytes(b"onnx")
        (target / "tokenizer.json").write_bytes(b"{}")
        (target / "left over").write_bytes(b"x")
        return Outcome(precision="float32", cosine=1.0, dimensions=WIDTH, max_length=64, pooling="cls")

    monkeypatch.setattr(importing, "convert_sealed", convert)
    yield given


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def left(models: Path) -> list[str]:
    return sorted(path.name for path in models.iterdir() if path.name != ".lock") if models.exists() else []


def test_a_gguf_file_is_copied_tried_and_described(stick: Path, models: Path, gguf: Path) -> None:
    before = tree(stick)
    told: list[Progress] = []
    taken = import_model(gguf, models, now=NOW, report=told.append)
    manifest = taken.model.manifest
    assert taken.new
    assert (manifest.kind, manifest.name, manifest.source) == ("language", "Tiny-Model", "Tiny Model.gguf")
    assert manifest.imported == "2031-05-08T12:00:00+00:00"
    assert manifest.peak_memory > 50_000_000  # measured: the interpreter alone takes that
    taken.model.verify()
    assert tree(stick) == before
    assert left(models) == ["Tiny-Model"]
    assert [one.task for one in told][-1] == "trying"
    assert any(one.done == one.total for one in told if one.task.startswith("copying"))
    model = EngineLanguageModel(taken.model)
    assert "".join(model.stream([ChatMessage("user", "Hello?")], max_tokens=9)) == "helo"
    model.close()


def test_a_folder_with_one_gguf_and_its_licence_is_taken(stick: Path, models: Path, gguf: Path) -> None:
    (stick / "README.md").write_text("---\nlicense: other\nlicense_name: made-up\n---\nHello")
    model = put_in(stick, models)
    assert model.manifest.licence == "made-up"
    assert [file.name for file in model.manifest.files] == ["Tiny-Model.gguf"]


def test_importing_the_same_again_copies_nothing(models: Path, gguf: Path) -> None:
    first = put_in(gguf, models)
    again = import_model(gguf, models, now=NOW, trial=untried)
    assert not again.new
    assert again.model == first


def test_another_model_of_the_same_name_is_refused(models: Path, gguf: Path) -> None:
    first = put_in(gguf, models)
    write_tiny(gguf, Tiny(says="other"))
    with pytest.raises(ModelDamaged) as refused:
        put_in(gguf, models)
    assert "diary models remove" in refused.value.hint
    first.verify()


def test_a_model_of_another_machines_is_taken_with_its_manifest(
    tmp_path: Path, models: Path, gguf: Path
) -> None:
    first = put_in(gguf, models)
    again = put_in(first.path, tmp_path / "other")
    assert again.identity == first.identity
    (first.path / "Tiny-Model.gguf").write_bytes(b"GGUF" + bytes(first.size - 4))
    with pytest.raises(ModelDamaged, match="manifest"):
        put_in(first.path, tmp_path / "third")
    assert left(tmp_path / "third") == []


def test_only_what_is_needed_of_a_sentence_transformers_folder_is_given_to_the_converter(
    stick: Path, models: Path, converted: list[Path]
) -> None:
    folder = write_sentence_model(stick / "small embedder")
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x02pickle")
    (folder / "modeling_own.py").write_text("raise SystemExit")
    model = put_in(folder, models)
    assert {path.suffix for path in converted} == {".json", ".safetensors"}
    manifest = model.manifest
    assert (manifest.kind, manifest.dimensions, manifest.pooling) == ("embedder", WIDTH, "cls")
    assert manifest.licence == "mit"
    assert sorted(path.name for path in model.path.iterdir()) == [
        "manifest.json", "model.onnx", "tokenizer.json",
    ]  # fmt: skip
    assert not import_model(folder, models, now=NOW, trial=untried).new


def spoil(folder: Path, name: str, change: object) -> None:
    path = folder / name
    value = json.loads(path.read_text())
    if isinstance(change, dict) and isinstance(value, dict):
        value |= change
    elif isinstance(change, dict):
        value[0] |= change
    path.write_text(json.dumps(value))


@pytest.mark.parametrize(
    ("name", "change", "why"),
    [
        ("config.json", {"auto_map": {"AutoModel": "modeling_own.Own"}}, "code of its own"),
        ("modules.json", {"type": "modeling_own.Transformer"}, "code of its own"),
        ("modules.json", {"type": "os.system"}, "code of its own"),
        ("modules.json", {"type": "sentence_transformers.models.CNN"}, "does not compute"),
        ("modules.json", {"path": "../elsewhere"}, "no sense"),
        ("modules.json", {"path": "/etc"}, "no sense"),
        ("modules.json", {"type": "sentence_transformers.models.Pooling"}, "no sense"),
    ],
)
def test_an_embedder_with_code_or_parts_of_its_own_is_refused(
    stick: Path, models: Path, converted: list[Path], name: str, change: object, why: str
) -> None:
    folder = write_sentence_model(stick / "embedder")
    spoil(folder, name, change)
    with pytest.raises(ModelDamaged, match=why):
        put_in(folder, models)
    assert converted == []
    assert left(models) == []


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.bin"])
def test_pickled_weights_are_refused_with_the_reason(stick: Path, models: Path, name: str) -> None:
    folder = write_sentence_model(stick / "embedder")
    (folder / "model.safetensors").rename(folder / name)
    with pytest.raises(ModelDamaged, match="pickle") as refused:
        put_in(folder, models)
    assert "safetensors" in refused.value.hint
    with pytest.raises(ModelDamaged, match="pickle"):
        put_in(folder / name, models)
    assert left(models) == []


@pytest.mark.parametrize(
    "name", ["model.safetensors", "tokenizer.json", "config.json", "1_Pooling/config.json", "modules.json"]
)
def test_an_embedder_that_lacks_a_file_is_refused(stick: Path, models: Path, name: str) -> None:
    folder = write_sentence_model(stick / "embedder")
    (folder / name).unlink()
    with pytest.raises((ModelDamaged, ModelMissing)):
        put_in(folder, models)
    assert left(models) == []


def test_a_converter_that_writes_something_else_is_refused(
    stick: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = stick / "secret"
    secret.write_text("of somebody")

    def convert(source: Path, target: Path, **_: object) -> Outcome:
        (target / "model.onnx").symlink_to(secret)
        (target / "tokenizer.json").write_bytes(b"{}")
        return Outcome(dimensions=3, max_length=8)

    monkeypatch.setattr(importing, "convert_sealed", convert)
    with pytest.raises(ModelDamaged):
        put_in(write_sentence_model(stick / "embedder"), models)
    assert left(models) == []


@pytest.mark.parametrize("words", ["owner/model", "https://example.org/m", "gemma3", "owner/model:Q4"])
def test_a_name_of_a_hub_is_no_path_and_nothing_is_fetched(models: Path, words: str) -> None:
    with pytest.raises(ModelMissing, match="never fetched by name") as refused:
        import_model(Path(words), models, now=NOW)
    assert "USB" in refused.value.hint


def test_what_is_no_model_is_refused(stick: Path, models: Path) -> None:
    (stick / "notes.txt").write_text("words")
    (stick / "empty").mkdir()
    write_tiny(stick / "untold.gguf", Tiny(template=None))
    (stick / "cut.gguf").write_bytes((stick / "untold.gguf").read_bytes()[:9000])
    os.mkfifo(stick / "pipe")
    transformers = stick / "llm"
    transformers.mkdir()
    (transformers / "config.json").write_text("{}")
    (transformers / "model.safetensors").write_bytes(b"x")
    for name in ("notes.txt", "empty", "untold.gguf", "cut.gguf", "pipe", "llm"):
        with pytest.raises((ModelDamaged, ModelMissing)) as refused:
            put_in(stick / name, models)
        assert refused.value.message.isprintable()
        assert refused.value.hint and re.search("othing was|not opened|never runs", refused.value.message), (
            name
        )
    assert left(models) == []


def test_a_file_that_is_a_gguf_by_its_name_alone_is_called_damaged(stick: Path, models: Path) -> None:
    (stick / "half.gguf").write_bytes(b"\0" * 4096)
    with pytest.raises(ModelDamaged) as refused:
        import_model(stick / "half.gguf", models, now=NOW)
    assert "damaged" in refused.value.message
    assert "Copy it again" in refused.value.hint


def test_two_models_in_one_folder_are_not_guessed_between(stick: Path, models: Path, gguf: Path) -> None:
    shutil.copy(gguf, stick / "second.gguf")
    with pytest.raises(ModelDamaged, match="not clear"):
        put_in(stick, models)


def test_a_link_out_of_the_folder_is_not_followed_and_one_inside_is(
    tmp_path: Path, stick: Path, models: Path, converted: list[Path]
) -> None:
    folder = write_sentence_model(stick / "embedder")
    (folder / "tokenizer.json").rename(folder / "kept")
    (folder / "tokenizer.json").symlink_to("kept")
    put_in(folder, models)
    (folder / "kept").rename(tmp_path / "elsewhere")
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer.json").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ModelDamaged, match="link that leads out") as refused:
        put_in(folder, tmp_path / "others")
    assert "cp -rL" in refused.value.hint


def test_a_full_disk_is_said_and_nothing_is_left(
    models: Path, gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int, _data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(copying, "_write", full)
    with pytest.raises(DiskFull):
        put_in(gguf, models)
    assert left(models) == []


def test_too_little_room_is_said_before_anything_is_copied(
    models: Path, gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_SPARE", 1 << 60)
    with pytest.raises(DiskFull, match="are free"):
        put_in(gguf, models)
    assert left(models) == []


def test_too_little_memory_is_said_before_anything_is_copied(
    models: Path, gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "available", lambda: 20_000_000)
    with pytest.raises(EngineFailed, match="20 MB is free"):
        put_in(gguf, models)
    assert left(models) == []


def test_a_model_that_sees_is_taken_with_its_eyes_behind_it(stick: Path, models: Path, gguf: Path) -> None:
    write_mmproj(stick / "an mmproj.gguf", Tiny())
    model = put_in(stick, models)
    assert [file.name for file in model.manifest.files] == ["Tiny-Model.gguf", "an-mmproj.gguf"]
    with pytest.raises(ModelDamaged, match="only reads images"):
        put_in(stick / "an mmproj.gguf", models)


def test_a_file_beyond_its_size_is_refused(stick: Path) -> None:
    (stick / "settings.json").write_bytes(bytes(11))
    assert regular(stick, "settings.json", 11).size == 11
    with pytest.raises(ModelDamaged, match="more than is taken"):
        regular(stick, "settings.json", 10)
    with pytest.raises(ModelDamaged):
        regular(stick, "../stick/none", 10)


def test_a_copy_that_differs_is_removed(models: Path, gguf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "_write", lambda descriptor, data: os.write(descriptor, bytes(len(data))))
    with pytest.raises(ModelDamaged, match="not what was read"):
        put_in(gguf, models)
    assert left(models) == []


def test_a_stop_is_heard_while_copying_and_leaves_nothing(models: Path, gguf: Path) -> None:
    with pytest.raises(Stopped):
        import_model(gguf, models, now=NOW, cancelled=lambda: True, trial=untried)
    assert left(models) == []


def test_a_model_that_fails_its_trial_is_not_kept(stick: Path, models: Path) -> None:
    write_tiny(stick / "mute.gguf", Tiny(says="\n \t"))
    with pytest.raises(ModelDamaged, match="writes nothing"):
        import_model(stick / "mute.gguf", models, now=NOW)

    def interrupted(_: ModelFolder) -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_model(stick / "mute.gguf", models, now=NOW, trial=interrupted)
    assert left(models) == []


def test_what_a_killed_import_left_is_swept_by_the_next(models: Path, gguf: Path) -> None:
    (models / ".unfinished-Other-1").mkdir(parents=True)
    (models / ".unfinished-Other-1" / "model.gguf").write_bytes(b"half")
    put_in(gguf, models)
    assert left(models) == ["Tiny-Model"]


def test_a_models_folder_that_cannot_be_written_is_a_sentence(stick: Path, gguf: Path) -> None:
    (stick / "file").write_bytes(b"")
    with pytest.raises(StorageFailed):
        put_in(gguf, stick / "file" / "models")


def test_what_the_converter_says_is_believed_only_in_its_shape(tmp_path: Path) -> None:
    from diary.provisioning.sealed import _checked

    for untrusted in (b"", b"[]", b"{", b'{"cosine": 7}', b'{"more": 1}', b'{"pooling": "own"}', b"\xff"):
        with pytest.raises(DiaryError):
            _checked(untrusted)
    with pytest.raises(ModelDamaged) as refused:
        _checked(b'{"failure": "no\\u001b[2J", "hint": ""}')
    assert refused.value.message.isprintable()


@pytest.mark.slow
@pytest.mark.parametrize("pooling", ["mean", "cls", "max"])
def test_a_sentence_transformers_model_embeds_as_the_original_does(
    stick: Path, models: Path, pooling: str
) -> None:
    model = import_model(write_sentence_model(stick / "embedder", pooling=pooling), models, now=NOW).model
    assert model.manifest.cosine >= 0.98
    assert model.manifest.pooling == pooling
    assert model.manifest.dimensions == WIDTH
    assert read_model(model.path) == model


@pytest.mark.slow
def test_a_pooling_that_is_not_computed_is_refused_by_the_converter(stick: Path, models: Path) -> None:
    with pytest.raises(ModelDamaged, match="lasttoken"):
        import_model(write_sentence_model(stick / "embedder", pooling="lasttoken"), models, now=NOW)
    assert left(models) == []
