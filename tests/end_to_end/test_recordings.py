"""Recordings through the real command: waiting, rough, and word for word with an imported model."""

from __future__ import annotations

from pathlib import Path

from diary.engine.whisper_folder import WhisperFolder
from tests.end_to_end.conftest import Home
from tests.toy_whisper.folder import TEST_SENTENCES
from tests.unit.speech.fixtures import FIRST_TIME, toy  # noqa: F401  pytest finds the fixture by its name
from tests.unit.speech.sounds import encoded, pcm, spoken

pytestmark = FIRST_TIME


def test_a_folder_s_recording_waits_without_a_model_and_is_drafted_when_asked(
    home: Home, tmp_path: Path
) -> None:
    folder = tmp_path / "memos"
    folder.mkdir()
    (folder / "memo.wav").write_bytes(pcm(spoken(TEST_SENTENCES[:1])))
    (kept,) = home.json("dictate", str(folder))["recordings"]
    assert (kept["status"], kept["engine"], kept["segments"]) == ("waiting", None, [])
    assert home.json("list", "--kind", "voice")["entries"][0]["status"] == "waiting"

    refused = home.run("--json", "dictate", "--waiting")
    assert (refused.status, refused.error["code"]) == (1, "model-missing")

    (drafted,) = home.json("dictate", "--waiting", "--rough")["recordings"]
    assert (drafted["entry"], drafted["engine"]) == (kept["entry"], "pocketsphinx")
    assert drafted["status"] in {"rough", "no speech"}
    assert home.json("dictate", "--waiting", "--rough")["recordings"] == []


def test_an_imported_whisper_writes_the_very_words(
    home: Home,
    tmp_path: Path,
    toy: WhisperFolder,  # noqa: F811  see above
) -> None:
    file = tmp_path / "2025-03-04 memo.m4a"
    file.write_bytes(encoded("m4a", spoken()))
    waiting = home.json("dictate", str(file))
    imported = home.run("--json", "models", "import", str(toy.path), passphrase=None)
    assert imported.json["kind"] == "speech"
    (done,) = home.json("dictate", "--waiting", "--language", "en")["recordings"]
    assert (done["entry"], done["status"]) == (waiting["entry"], "transcribed")
    entry = home.json("read", str(done["entry"]))
    assert entry["text"].split() == [word for words in TEST_SENTENCES for word in words]
    assert entry["date"].startswith("2025-03-04")
    file.write_bytes(encoded("m4a", spoken(TEST_SENTENCES[:1])))
    at_once = home.json("dictate", str(file), "--language", "en")
    assert [segment["text"] for segment in at_once["segments"]] == [" ".join(TEST_SENTENCES[0])]
