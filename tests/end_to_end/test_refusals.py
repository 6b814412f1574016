"""Everything that can go wrong is a sentence and a status; never a traceback, nothing half done."""

import json
import os
import resource
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from diary.vault.header import COPY, HEADER
from diary.vault.noted import ATTEMPTS
from tests.end_to_end.conftest import PROGRAM, Home


def refused(ran, code: str, status: int = 1) -> dict[str, str]:
    assert ran.status == status, ran.out + ran.err
    assert ran.error["code"] == code
    assert ran.error["message"].endswith((".", "!"))
    return ran.error


def test_no_vault(empty_home: Home) -> None:
    error = refused(empty_home.run("--json", "list"), "vault-missing")
    assert "diary init" in error["hint"]
    assert not empty_home.vault.exists()


def test_a_wrong_passphrase_changes_nothing(home: Home) -> None:
    before = {path.name: path.read_bytes() for path in home.vault.iterdir() if path.is_file()}
    refused(home.run("--json", "list", passphrase="wrong horse"), "wrong-passphrase")
    after = {path.name: path.read_bytes() for path in home.vault.iterdir() if path.is_file()}
    assert len(after.pop(ATTEMPTS)) == 8  # that it was tried, and when
    assert after == before


def test_a_second_vault_in_the_same_place(home: Home) -> None:
    refused(home.run("--json", "init"), "vault-exists")
    assert home.run("list").status == 0


@pytest.mark.parametrize("weak", ["", "password1"])
def test_a_weak_passphrase_makes_no_vault(empty_home: Home, weak: str) -> None:
    refused(empty_home.run("--json", "init", passphrase=weak), "weak-passphrase")
    assert not (empty_home.vault / "vault.db").exists()


def test_a_second_instance(home: Home) -> None:
    """The first holds the vault while it waits for its batch; the second is told so."""
    first = subprocess.Popen(
        [str(PROGRAM), "--passphrase-file", "-", "find", "--batch"],
        env=home.environment(),
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert first.stdin and first.stdout
        first.stdin.write(f"{home.secret}\n{json.dumps({'q': 'weir'})}\n")
        first.stdin.flush()
        assert json.loads(first.stdout.readline())["hits"] == []
        refused(home.run("--json", "list"), "vault-busy")
    finally:
        first.kill()
        first.communicate()
    assert home.run("list").status == 0


@pytest.mark.parametrize("damage", ["headers", "database", "plain"])
def test_a_damaged_vault(home: Home, damage: str) -> None:
    home.json("write", "Walked to the weir.")
    if damage == "headers":
        for path in (home.vault / HEADER, home.vault / COPY):
            path.write_bytes(b"\0" * path.stat().st_size)
    elif damage == "database":
        database = home.vault / "vault.db"
        data = bytearray(database.read_bytes())
        data[5000:5064] = b"\xff" * 64
        database.write_bytes(data)
    else:
        for path in home.vault.glob("vault.db*"):
            path.unlink()
        import sqlite3

        connection = sqlite3.connect(home.vault / "vault.db")
        connection.execute("CREATE TABLE entries (text)")
        connection.commit()
        connection.close()
    ran = home.run("--json", "list")
    assert ran.status == 1
    assert ran.error["code"] in {"vault-damaged", "vault-unencrypted"}


def test_without_models_entries_are_kept_and_searching_names_what_is_missing(
    home: Home, tmp_path: Path
) -> None:
    """The program runs as if the folder of models that set-up fills were gone."""
    hidden = (
        "import sys; sys.prefix = '/nowhere'; sys.argv[0] = 'diary'; "
        "from diary.__main__ import main; sys.exit(main())"
    )

    def run(*arguments: str) -> dict[str, object]:
        ran = subprocess.run(
            [str(PROGRAM.parent / "python"), "-c", hidden, "--passphrase-file", "-", "--json", *arguments],
            input=home.secret + "\n",
            env=home.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in ran.stderr
        answer: dict[str, object] = json.loads(ran.stdout)
        assert ran.returncode == (1 if "error" in answer else 0)
        return answer

    assert run("write", "Walked to the weir.")["entry"] == 1
    file = tmp_path / "in.jsonl"
    file.write_text('{"id": "1", "date": "2025-01-01T08:00:00Z", "text": "Frost."}')
    assert run("import", str(file))["added"] == 1
    run("write", "sleep:: 7h")
    numbers = run("ask", "How much did I sleep on average?")["numbers"]
    assert isinstance(numbers, list)
    assert numbers[0]["value"] == 420
    for command in ("find", "ask"):
        error = run(command, "weir")["error"]
        assert isinstance(error, dict)
        assert error["code"] == "model-missing"


def test_a_full_disk_keeps_what_was_there(home: Home) -> None:
    home.json("write", "Walked to the weir.")
    limit = (home.vault / "vault.db").stat().st_size + 4096

    def little_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    ran = home.run("--json", "write", "-", stdin="long " * 400_000, prepare=little_room)
    assert ran.status == 1
    assert ran.error["code"] in {"disk-full", "storage-failed"}
    assert [entry["text"] for entry in home.json("list")["entries"]] == ["Walked to the weir."]


def test_hostile_and_unknown_imports(home: Home, tmp_path: Path) -> None:
    noise = tmp_path / "noise.bin"
    noise.write_bytes(os.urandom(4096))
    refused(home.run("--json", "import", str(noise)), "import-refused")
    refused(home.run("--json", "import", str(tmp_path / "nothing-here")), "import-refused")
    deep = tmp_path / "deep.jsonl"
    deep.write_text("[" * 100_000)
    ran = home.run("--json", "import", "--format", "jsonl", str(deep))
    assert (ran.status, ran.json["added"], len(ran.json["errors"])) == (1, 0, 1)
    assert home.json("list")["entries"] == []


def test_damaged_recordings(home: Home, tmp_path: Path) -> None:
    text = tmp_path / "words.wav"
    text.write_text("this is no sound")
    refused(home.run("--json", "dictate", str(text)), "recording-damaged")
    refused(home.run("--json", "dictate", str(tmp_path / "none.wav")), "recording-damaged")
    assert home.json("list")["entries"] == []


@pytest.mark.parametrize(
    ("arguments", "code", "status"),
    [
        (["write", "  "], "empty-entry", 1),
        (["write", "words", "--at", "the day the moon fell"], "time-not-understood", 1),
        (["read", "999"], "entry-not-found", 1),
        (["import", "--undo", "999"], "batch-not-found", 1),
        (["read", "nine"], "usage", 2),
        (["nonsense"], "usage", 2),
        (["ask", ""], "usage", 2),
        (["edit", "1"], "usage", 2),
    ],
)
def test_wrong_words_on_the_command_line(home: Home, arguments: list[str], code: str, status: int) -> None:
    refused(home.run("--json", *arguments), code, status)


def test_a_missing_passphrase_file_and_no_terminal(home: Home, tmp_path: Path) -> None:
    missing = home.run("--json", "--passphrase-file", str(tmp_path / "none"), "list", passphrase=None)
    refused(missing, "passphrase-unreadable")
    refused(home.run("--json", "list", passphrase=None), "usage", 2)


def test_settings_that_cannot_be_read(home: Home) -> None:
    config = home.path / ".config/diary/config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("vault = [")
    refused(home.run("--json", "list"), "settings-wrong")
    config.write_text('[answers]\ncompose = "always"\n')
    refused(home.run("--json", "list"), "settings-wrong")


def test_stopping_an_answer_is_quick_and_said(home: Home) -> None:
    """Ctrl-C while the model writes ends the command with a sentence. How quickly, the benchmark measures."""
    home.json("write", "My knee was stiff on the stairs. Cold pack, then slowly round the pond.")
    with subprocess.Popen(
        [str(PROGRAM), "--passphrase-file", "-", "ask", "How was my knee?"],
        env=home.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdin.write(home.secret + "\n")
        process.stdin.close()
        for line in process.stdout:
            if "[q1]" in line:  # the quotes are there; the model is reading them
                break
        process.send_signal(signal.SIGINT)
        status, error = process.wait(timeout=60), process.stderr.read()
    assert "Traceback" not in error
    assert (status, "Stopped" in error) == (1, True)


def test_models_import_refuses_an_incomplete_folder(empty_home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "whisper"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    ran = empty_home.run("--json", "models", "import", str(folder), passphrase=None)
    assert ran.status == 1
    assert ran.error["code"] in {"model-missing", "model-damaged"}
    installed = empty_home.path / ".local/share/diary/models"
    assert not any(path.is_dir() for path in installed.iterdir())
    shutil.rmtree(folder)
