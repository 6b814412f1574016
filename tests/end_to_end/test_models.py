"""Models through the real command: taken from a disk, used, examined, checked, removed; nothing fetched."""

from __future__ import annotations

from pathlib import Path

import pytest

from diary.sample import questions
from tests.air_gap.tracing import strace, trace
from tests.end_to_end.conftest import PROGRAM, Home
from tests.tiny_gguf import Tiny, write_tiny
from tests.tiny_sentence_model import write_sentence_model

NOTE = "Slept badly again, and dreamt of the lighthouse."
QUESTION = "What did I dream of?"


@pytest.fixture
def gguf(tmp_path: Path) -> Path:
    path = tmp_path / "stick" / "quiet.gguf"
    path.parent.mkdir()
    write_tiny(path, Tiny(says="helo"))
    return path


def compose(home: Home, how: str) -> None:
    folder = home.path / ".config" / "diary"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(f'[answers]\ncompose = "{how}"\n')


def test_a_language_model_is_imported_examined_used_and_withheld_when_it_failed(
    home: Home, gguf: Path
) -> None:
    taken = home.run("--json", "models", "import", str(gguf), passphrase=None).json
    assert (taken["kind"], taken["name"], taken["in_use"], taken["new"]) == ("language", "quiet", True, True)
    assert (taken["exam"]["result"], taken["exam"]["grounding"]) == ("failed", 0)
    home.json("write", NOTE)
    answer = home.json("ask", QUESTION)
    assert answer["answered"]
    assert (answer["summary"]["model"], answer["summary"]["exam"]) == ("quiet", "failed")
    assert answer["summary"]["dropped"] == 1
    compose(home, "examined")
    answer = home.json("ask", QUESTION)
    assert answer["quotes"]
    assert (answer["summary"]["sentences"], answer["summary"]["dropped"]) == ([], 0)
    assert "did not pass the exam" in answer["summary"]["failure"]


def test_a_damaged_model_is_named_passed_over_and_removed(empty_home: Home, gguf: Path) -> None:
    def models(*arguments: str, status: int = 0) -> dict[str, list[dict[str, object]]]:
        ran = empty_home.run("--json", "models", *arguments, passphrase=None)
        assert ran.status == status, ran.out
        document: dict[str, list[dict[str, object]]] = ran.json
        return document

    models("import", str(gguf), "--no-exam")
    installed = empty_home.path / ".local/share/diary/models/quiet/quiet.gguf"
    data = bytearray(installed.read_bytes())
    data[-1] ^= 1
    installed.write_bytes(data)
    (broken,) = [one for one in models("verify", status=1)["models"] if not one["whole"]]
    assert broken["problems"] == [{"file": "quiet.gguf", "what": "changed"}]
    installed.write_bytes(data[:-1])
    listed = models("list")
    assert [str(one["folder"]) for one in listed["damaged"]] == [str(installed.parent)]
    assert "quiet" not in {one["name"] for one in listed["models"]}
    models("remove", "quiet")
    assert not installed.parent.exists()
    assert gguf.exists()


def test_what_is_no_model_on_this_disk_is_refused_in_a_sentence(empty_home: Home, gguf: Path) -> None:
    gguf.write_bytes(gguf.read_bytes()[:20_000])
    for path, code in (("owner/model", "model-missing"), (str(gguf), "model-damaged")):
        refused = empty_home.run("--json", "models", "import", path, passphrase=None)
        assert (refused.status, refused.error["code"]) == (1, code)
        assert refused.error["hint"]
    refused = empty_home.run("--json", "models", "remove", "all-MiniLM-L6-v2", passphrase=None)
    assert refused.status == 1


@pytest.mark.skipif(strace() is None, reason="strace is not installed")
def test_importing_a_model_tries_no_network(empty_home: Home, gguf: Path) -> None:
    traced = trace(
        [str(PROGRAM), "models", "import", "--no-exam", str(gguf)], environment=empty_home.environment()
    )
    assert traced.code == 0, traced.err
    assert traced.processes > 1
    assert traced.attempts == ()


@pytest.mark.slow
def test_an_imported_embedder_finds_and_its_conversion_tries_no_network(home: Home, tmp_path: Path) -> None:
    folder = write_sentence_model(tmp_path / "stick" / "tiny embedder")
    command = [str(PROGRAM), "--json", "models", "import", str(folder)]
    if strace() is None:
        assert home.run(*command[1:], passphrase=None).status == 0
    else:
        traced = trace(command, environment=home.environment())
        assert traced.code == 0, traced.out + traced.err
        assert traced.attempts == ()
    home.json("write", NOTE)
    (found,) = home.json("find", "lighthouse")["hits"]
    assert found["text"] in NOTE
    measured = home.run("--json", "models", "bench", "tiny-embedder", passphrase=None).json["models"]
    assert measured[0]["texts_per_second"] > 1
    home.run("--json", "models", "use", "all-MiniLM-L6-v2", passphrase=None)
    assert home.json("find", questions()[0].question)["hits"]
