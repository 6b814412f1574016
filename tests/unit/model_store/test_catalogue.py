"""Models are listed, chosen between, checked and removed by what their manifests say, and nothing else is."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from diary.engine.choosing import CHOSEN, choose, in_order, in_use
from diary.engine.models import ModelFolder, read_model
from diary.errors import ModelDamaged, ModelMissing
from diary.model_store import catalogue
from diary.model_store.importing import import_model
from tests.models import NOW, untried
from tests.tiny_gguf import Tiny, tiny_folder, write_tiny


@pytest.fixture
def roots(tmp_path: Path) -> tuple[Path, Path]:
    """The person's folder with two language models, the program's with one."""
    own, program = tmp_path / "own", tmp_path / "program"
    for place, name in enumerate(("older", "newer")):
        write_tiny(tmp_path / f"{name}.gguf", Tiny(says="ab" if place else "cd"))
        import_model(tmp_path / f"{name}.gguf", own, now=NOW + timedelta(days=place), trial=untried)
    tiny_folder(program / "embedded", Tiny())
    return own, program


def names(models: list[ModelFolder]) -> list[str]:
    return [model.path.name for model in models]


def test_the_newest_imported_is_used_until_another_is_chosen(roots: tuple[Path, Path]) -> None:
    assert names(in_order(roots, "language")) == ["newer", "older", "embedded"]
    catalogue.use(roots, "tiny")  # by its own name, or by its folder's
    assert names(in_order(roots, "language")) == ["embedded", "newer", "older"]
    catalogue.use(roots, "older")
    model = in_use(roots, "language")
    assert model is not None
    assert model.path.name == "older"
    with pytest.raises(ModelMissing) as refused:
        catalogue.use(roots, "none")
    assert "newer" in refused.value.hint


@pytest.mark.parametrize("text", ["", "[]", '{"language": 3}', '{"language": "gone"}', "\x00", "[" * 9999])
def test_a_choice_that_makes_no_sense_is_none(roots: tuple[Path, Path], text: str) -> None:
    (roots[0] / CHOSEN).write_text(text)
    assert names(in_order(roots, "language"))[0] == "newer"
    choose(roots[0], "language", "older")
    assert names(in_order(roots, "language"))[0] == "older"


def test_the_list_says_what_a_person_wants_to_know(roots: tuple[Path, Path]) -> None:
    whole, damaged = catalogue.listed(roots)
    assert [(one.model.path.name, one.in_use, one.embedded, one.exam) for one in whole] == [
        ("newer", True, False, None),
        ("older", False, False, None),
        ("embedded", False, True, None),
    ]
    assert damaged == []
    (roots[0] / "older" / "older.gguf").write_bytes(b"short")
    whole, damaged = catalogue.listed(roots)
    assert [one.model.path.name for one in whole] == ["newer", "embedded"]
    assert [one.folder.name for one in damaged] == ["older"]
    assert "older.gguf" in damaged[0].why


def test_no_folder_and_no_models_are_an_empty_list(tmp_path: Path) -> None:
    assert catalogue.listed((tmp_path / "none",)) == ([], [])
    assert catalogue.check((tmp_path / "none",)) == []


def test_every_changed_missing_or_added_file_is_named(roots: tuple[Path, Path]) -> None:
    assert all(not one.problems for one in catalogue.check(roots))
    newer, older = roots[0] / "newer", roots[0] / "older"
    data = bytearray((newer / "newer.gguf").read_bytes())
    data[-1] ^= 1
    (newer / "newer.gguf").write_bytes(data)
    (newer / "readme").write_bytes(b"x")
    (older / "older.gguf").unlink()
    found = {one.folder.name: one.problems for one in catalogue.check(roots)}
    assert [(one.file, one.what) for one in found["newer"]] == [
        ("newer.gguf", "changed"),
        ("readme", "added"),
    ]
    assert [(one.file, one.what) for one in found["older"]] == [("older.gguf", "missing")]
    assert found["embedded"] == ()
    (older / "manifest.json").write_text("{")
    assert [one.file for one in catalogue.check(roots, "older")[0].problems] == ["manifest.json"]
    with pytest.raises(ModelMissing):
        catalogue.check(roots, "none")


def test_a_file_put_in_the_place_of_a_link_is_a_change(roots: tuple[Path, Path], tmp_path: Path) -> None:
    path = roots[0] / "newer" / "newer.gguf"
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    (checked,) = catalogue.check(roots, "newer")
    assert checked.problems


def test_removing_takes_the_models_files_and_nothing_else(roots: tuple[Path, Path]) -> None:
    choose(roots[0], "language", "older")
    (roots[0] / "older" / "my notes").write_text("words")
    gone = catalogue.remove(roots, "older")
    assert gone.kept == ("my notes",)
    assert (gone.instead, gone.without) == ("newer", "")
    assert (roots[0] / "older" / "my notes").read_text() == "words"
    assert "older" not in (roots[0] / CHOSEN).read_text()
    catalogue.remove(roots, "newer")
    assert not (roots[0] / "newer").exists()
    assert names(in_order(roots, "language")) == ["embedded"]


def test_a_damaged_model_can_be_removed(roots: tuple[Path, Path]) -> None:
    (roots[0] / "newer" / "newer.gguf").unlink()
    catalogue.remove(roots, "newer")
    assert not (roots[0] / "newer").exists()


def test_the_programs_own_model_is_not_removed(roots: tuple[Path, Path]) -> None:
    with pytest.raises(ModelDamaged, match="belongs to the program"):
        catalogue.remove(roots, "embedded")
    read_model(roots[1] / "embedded").verify()


def test_what_works_no_longer_is_said_and_the_last_embedder_stays(tmp_path: Path) -> None:
    own = tmp_path / "own"
    model = tiny_folder(own / "only", Tiny())
    gone = catalogue.remove((own,), "only")
    assert (gone.without, gone.instead) == ("summaries", "")
    model = tiny_folder(own / "search", Tiny())
    text = (model.path / "manifest.json").read_text().replace('"language"', '"embedder"')
    (model.path / "manifest.json").write_text(text)
    with pytest.raises(ModelDamaged, match="last one for search"):
        catalogue.remove((own,), "search")
    assert names(in_order((own,), "embedder")) == ["search"]


def test_sizes_are_told_in_words(roots: tuple[Path, Path]) -> None:
    whole, _ = catalogue.listed(roots)
    assert whole[0].size_in_words == f"{whole[0].model.size / 1e6:.3g} MB"
    assert replace(whole[0]).memory_in_words
