"""dictate with files and folders, and again from what is kept: the real session over stores in memory."""

from __future__ import annotations

import io
import os
import signal
import wave
from pathlib import Path

import pytest

from diary.cli.dictation import dictate
from diary.cli.entries import list_entries
from diary.cli.history import history
from diary.errors import EngineFailed, ModelMissing, Stopped, WordsChanged
from diary.model.entry import EntryChanges, EntryId, Transcript
from tests.fakes.speech import FakeTranscriber
from tests.unit.cli.desk import run
from tests.unit.voice.conversing import Conversation
from tests.unit.voice.sounds import SENTENCE

Output = pytest.CaptureFixture[str]


def wav(sound: bytes = SENTENCE) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(16_000)
        writer.writeframes(sound)
    return file.getvalue()


@pytest.fixture
def person() -> Conversation:
    return Conversation()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two memos, one damaged, something else."""
    (tmp_path / "a.wav").write_bytes(wav())
    (tmp_path / "b.wav").write_bytes(b"nothing")
    (tmp_path / "c.wav").write_bytes(wav(SENTENCE * 2))
    (tmp_path / "notes.txt").write_text("no memo")
    return tmp_path


def test_the_memos_of_a_folder_become_entries_and_a_damaged_one_is_refused_by_name(
    person: Conversation, folder: Path, capsys: Output
) -> None:
    ran = run(dictate, capsys, "dictate", str(folder), session=person.session)
    assert ran.status == 1
    assert "a.wav: entry 1, written by whisper fake: something was said" in ran.words
    assert ran.words.endswith("2 recordings were kept.")
    assert "b.wav: This is no recording" in ran.err
    assert [entry.title for entry in person.session.entries()] == ["c", "a"]


def test_a_folder_that_is_taken_again_adds_what_is_new_in_it(
    person: Conversation, folder: Path, capsys: Output
) -> None:
    (folder / "b.wav").unlink()
    assert run(dictate, capsys, "dictate", str(folder), session=person.session).status == 0
    (folder / "d.wav").write_bytes(wav(SENTENCE * 3))
    ran = run(dictate, capsys, "dictate", str(folder), session=person.session)
    assert "1 recording was kept. 2 of 3 had been kept before." in ran.words
    again = run(dictate, capsys, "--json", "dictate", str(folder), session=person.session)
    assert [(one["entry"], one["skipped"]) for one in again.json["recordings"]] == [
        (1, True),
        (2, True),
        (3, True),
    ]
    assert len(person.session.entries()) == 3


def test_the_same_memo_under_two_names_is_taken_once(
    person: Conversation, tmp_path: Path, capsys: Output
) -> None:
    for name in ("a.wav", "copy of a.wav"):
        (tmp_path / name).write_bytes(wav())
    run(dictate, capsys, "dictate", str(tmp_path), session=person.session)
    assert len(person.session.entries()) == 1


def test_a_file_that_is_named_is_taken_however_often(
    person: Conversation, folder: Path, capsys: Output
) -> None:
    for _ in range(2):
        run(dictate, capsys, "dictate", str(folder / "a.wav"), session=person.session)
    assert len(person.session.entries()) == 2


def test_one_named_file_is_the_contract_s_document_and_a_folder_of_one_a_list(
    person: Conversation, tmp_path: Path, capsys: Output
) -> None:
    (tmp_path / "a.wav").write_bytes(wav())
    one = run(dictate, capsys, "--json", "dictate", str(tmp_path / "a.wav"), session=person.session).json
    assert (one["entry"], one["status"], one["engine"]) == (1, "transcribed", "whisper fake")
    (tmp_path / "a.wav").write_bytes(wav(SENTENCE * 2))
    several = run(dictate, capsys, "--json", "dictate", str(tmp_path), session=person.session).json
    assert [Path(two["file"]).name for two in several["recordings"]] == ["a.wav"]


def test_without_a_model_they_wait_and_the_ways_out_are_told(folder: Path, capsys: Output) -> None:
    person = Conversation(installed=FakeTranscriber(None))
    ran = run(dictate, capsys, "dictate", str(folder / "a.wav"), session=person.session)
    assert "waiting to be written down" in ran.words
    assert "diary models import DIR" in ran.words
    assert "diary dictate --waiting --rough" in ran.words
    listed = run(list_entries, capsys, "--json", "list", "--waiting", session=person.session).json["entries"]
    assert [entry["status"] for entry in listed] == ["waiting"]


def test_what_waits_without_a_model_is_refused_with_what_to_do(capsys: Output) -> None:
    person = Conversation(installed=FakeTranscriber(None))
    person.kept(wav(), "")
    with pytest.raises(ModelMissing) as refused:
        run(dictate, capsys, "dictate", "--waiting", session=person.session)
    assert "--rough" in refused.value.hint


def test_a_rough_draft_is_marked_and_redone_when_a_model_is_there(capsys: Output) -> None:
    person = Conversation(installed=FakeTranscriber(None))
    entry = person.kept(wav(), "")
    drafted = run(dictate, capsys, "dictate", "--waiting", "--rough", session=person.session)
    assert "a rough draft: expect wrong words" in drafted.words
    assert f"diary dictate --confirm {entry}" in drafted.words
    assert "(rough draft)" in run(list_entries, capsys, "list", "--rough", session=person.session).out
    person.installed.engine = "whisper fake"
    redone = run(dictate, capsys, "--json", "dictate", "--waiting", session=person.session).json
    assert [(one["entry"], one["status"]) for one in redone["recordings"]] == [(entry, "transcribed")]
    assert run(list_entries, capsys, "list", "--rough", session=person.session).out == "No entries.\n"
    versions = run(history, capsys, "history", str(entry), session=person.session).words
    assert "written down by pocketsphinx" in versions
    assert "written down by whisper fake" in versions


def test_a_confirmed_draft_is_not_redone(capsys: Output) -> None:
    person = Conversation(installed=FakeTranscriber(None))
    entry = person.kept(wav(), "")
    run(dictate, capsys, "dictate", "--waiting", "--rough", session=person.session)
    run(dictate, capsys, "dictate", "--confirm", str(entry), session=person.session)
    assert person.status(entry) is Transcript.TRANSCRIBED
    person.installed.engine = "whisper fake"
    assert run(dictate, capsys, "dictate", "--waiting", session=person.session).out == "No recording waits.\n"


def test_words_that_were_changed_are_written_anew_only_by_force(person: Conversation, capsys: Output) -> None:
    entry = person.written(wav())
    person.session.edit(entry, EntryChanges(text="It is as I mended it."))
    with pytest.raises(WordsChanged) as refused:
        run(dictate, capsys, "dictate", "--again", str(entry), session=person.session)
    assert refused.value.hint.endswith(f"diary dictate --again {entry} --force")
    ran = run(dictate, capsys, "--json", "dictate", "--again", str(entry), "--force", session=person.session)
    assert (ran.json["engine"], person.text(entry)) == ("whisper fake", "something was said")
    engines = run(history, capsys, "--json", "history", str(entry), session=person.session).json["revisions"]
    assert [one["engine"] for one in engines] == [None, "whisper old", None, "whisper fake"]


def test_one_that_fails_is_said_after_the_others_were_written_down(capsys: Output) -> None:
    failing = FakeTranscriber(failure=EngineFailed("The speech model ended unexpectedly."))
    person = Conversation(installed=failing)
    person.kept(wav(), "")
    with pytest.raises(EngineFailed, match=r"The recording is kept as entry 1"):
        run(dictate, capsys, "dictate", "--waiting", session=person.session)
    assert person.status(EntryId(1)) is Transcript.WAITING


def test_ctrl_c_stops_at_a_recording_which_waits_and_takes_no_other(folder: Path, capsys: Output) -> None:
    person = Conversation(
        installed=FakeTranscriber(on_transcribe=lambda: os.kill(os.getpid(), signal.SIGINT))
    )
    with pytest.raises(Stopped, match="kept as entry 1"):
        run(dictate, capsys, "dictate", str(folder), session=person.session)
    assert [entry.transcript for entry in person.session.entries()] == [Transcript.WAITING]
