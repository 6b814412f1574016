"""A clinic's list of models: what is not on it is neither imported, nor chosen, nor started."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from diary.cli.models_commands import _details
from diary.engine import allowed
from diary.engine.choosing import in_use
from diary.errors import ModelNotAllowed
from diary.model_store import catalogue
from diary.settings import Settings
from tests.clinic.signed import settings
from tests.models import put_in
from tests.tiny_gguf import Tiny, write_tiny


@pytest.fixture(autouse=True)
def every_model_again() -> Iterator[None]:
    yield
    allowed.only(None, ModelNotAllowed)


def listing(place: Path, *hashes: str) -> Settings:
    chosen = settings(place, f"[models]\nsha256 = {list(hashes)}".replace("'", '"'))
    allowed.only(chosen.clinic.models, chosen.clinic.model_not_allowed)
    return chosen


def test_only_a_model_of_the_list_is_used_and_started(tmp_path: Path) -> None:
    roots = (tmp_path / "models",)
    roots[0].mkdir()
    for name, says in (("first", "a"), ("second", "b")):
        write_tiny(tmp_path / f"{name}.gguf", Tiny(says=says))
        put_in(tmp_path / f"{name}.gguf", roots[0])
    second = catalogue.use(roots, "second")
    first = catalogue.named(roots, "first")
    assert first.sha256 == first.manifest.files[0].sha256 != second.sha256
    listing(tmp_path, first.sha256)
    assert in_use(roots, "language") == first
    shown = {one.model.path.name: (one.allowed, one.in_use) for one in catalogue.listed(roots)[0]}
    assert shown == {"first": (True, True), "second": (False, False)}
    with pytest.raises(ModelNotAllowed, match=r"models.sha256.*second"):
        catalogue.use(roots, "second")
    from diary.engine.language_model import EngineLanguageModel

    with closing(EngineLanguageModel(second)) as engine, pytest.raises(ModelNotAllowed):
        list(engine.stream([], max_tokens=1))


def test_where_none_is_listed_none_is_said_to_be_in_use(tmp_path: Path) -> None:
    roots = (tmp_path / "models",)
    roots[0].mkdir()
    write_tiny(tmp_path / "tiny.gguf", Tiny())
    put_in(tmp_path / "tiny.gguf", roots[0])
    listing(tmp_path)
    (one,) = catalogue.listed(roots)[0]
    assert (one.allowed, one.in_use) == (False, False)
    assert "by the clinic's policy" in _details(one)


def test_a_model_that_is_not_listed_is_not_imported(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    write_tiny(tmp_path / "tiny.gguf", Tiny())
    listing(tmp_path, "0" * 64)
    from diary.model_store.importing import import_model

    with pytest.raises(ModelNotAllowed, match=r"models.sha256"):
        import_model(tmp_path / "tiny.gguf", tmp_path / "models", now=datetime.now().astimezone())
    assert not [path for path in (tmp_path / "models").iterdir() if path.is_dir()]


@pytest.mark.parametrize("spoil", ["content", "beside", "manifest"])
def test_a_model_that_only_says_that_it_is_listed_is_not_started(tmp_path: Path, spoil: str) -> None:
    (tmp_path / "models").mkdir()
    write_tiny(tmp_path / "tiny.gguf", Tiny())
    model = put_in(tmp_path / "tiny.gguf", tmp_path / "models")
    file = model.path / model.manifest.files[0].name
    listing(tmp_path, model.sha256)
    allowed.require("a service", [file])
    if spoil == "content":
        content = bytearray(file.read_bytes())
        content[-1] ^= 1
        file.write_bytes(content)
    elif spoil == "beside":
        (model.path / "more.gguf").write_bytes(b"GGUF")
    else:
        (model.path / "manifest.json").unlink()
    with pytest.raises(ModelNotAllowed):
        allowed.require("a service", [file])


def test_a_model_of_a_package_is_on_no_list(tmp_path: Path) -> None:
    listing(tmp_path, "0" * 64)
    allowed.require("ingest.engines.decoding:serve", [])
    with pytest.raises(ModelNotAllowed, match="pocketsphinx"):
        allowed.require("ingest.engines.pocketsphinx:serve", [])
