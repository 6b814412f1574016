"""A listed model that is exchanged after it was hashed: told, though the old one is put back."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from diary.engine import allowed
from diary.engine.client import EngineClient
from diary.engine.messages import Generate, Turn
from diary.engine.models import ModelFolder
from diary.engine.process import EngineProcess
from diary.errors import ModelNotAllowed
from tests.models import put_in
from tests.tiny_gguf import Tiny, write_tiny

SERVICE = "retrieval.engines.llama_model:serve"


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """The file of the only model that may run."""
    (tmp_path / "models").mkdir()
    write_tiny(tmp_path / "tiny.gguf", Tiny())
    model = put_in(tmp_path / "tiny.gguf", tmp_path / "models")
    allowed.only(frozenset({model.sha256}), ModelNotAllowed)
    yield model.path / model.manifest.files[0].name
    allowed.only(None, ModelNotAllowed)


def exchanged_and_put_back(file: Path) -> None:
    """By name: whoever looked before and looks after sees the same content."""
    aside = file.parent.parent / "aside"
    file.rename(aside)
    file.write_bytes(b"GGUF of somebody else")
    file.unlink()
    aside.rename(file)


def changed_and_changed_back(file: Path) -> None:
    """In its place, with the time of its content set back too."""
    before, content = file.stat(), file.read_bytes()
    file.write_bytes(b"GGUF of somebody else")
    file.write_bytes(content)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def asked(engine: EngineClient) -> int:
    return len(list(engine.stream(Generate([Turn("user", "Well?")], 2), timeout=60.0)))


@pytest.mark.parametrize("trick", [exchanged_and_put_back, changed_and_changed_back])
def test_a_file_that_was_another_since_it_was_hashed_is_told(
    trick: Callable[[Path], None], file: Path
) -> None:
    hashed = allowed.require("a service", [file])
    hashed.require_unchanged()
    trick(file)
    with pytest.raises(ModelNotAllowed):
        hashed.require_unchanged()
    allowed.require("a service", [file]).require_unchanged()  # hashed anew: it is what it was


def test_a_file_that_is_exchanged_as_soon_as_it_was_hashed_is_told(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it is told by is looked at before the file is hashed, and not after."""
    real = ModelFolder.verify

    def verify(model: ModelFolder) -> None:
        real(model)
        exchanged_and_put_back(file)

    monkeypatch.setattr(ModelFolder, "verify", verify)
    hashed = allowed.require("a service", [file])
    with pytest.raises(ModelNotAllowed):
        hashed.require_unchanged()


def test_a_model_that_was_another_while_it_was_loaded_or_between_two_jobs_is_not_used(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine maps the file into its memory, and may read later what it has not read yet."""
    engine, real = EngineClient(SERVICE, [file], name="the model"), EngineProcess.__init__

    def meanwhile(process: EngineProcess, *given: Any, **more: Any) -> None:
        exchanged_and_put_back(file)
        real(process, *given, **more)

    with monkeypatch.context() as patched:
        patched.setattr(EngineProcess, "__init__", meanwhile)
        with pytest.raises(ModelNotAllowed):
            asked(engine)
    assert not engine.running
    assert asked(engine)
    assert asked(engine)
    exchanged_and_put_back(file)
    with pytest.raises(ModelNotAllowed):
        asked(engine)
    assert not engine.running
    engine.close()
