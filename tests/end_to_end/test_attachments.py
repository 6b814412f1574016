"""attach, open-attachment, detach and write --attach through the real command, sealed; the rest of what they
do is seen in `tests/unit/cli/test_attachment_commands`.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from tests.end_to_end.conftest import PASSPHRASE, PROGRAM, Home
from tests.tui.terminal import Terminal
from tests.unit.attached.samples import png

NAME = "scan\x1b[2J\u202egnp.txt"


def test_an_attachment_lives_its_whole_life_behind_the_wall(home: Home, tmp_path: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    picture, table = outside / "knee.png", outside / NAME
    picture.write_bytes(png(640, 480))
    table.write_bytes(b"day,pain\n1,\x1b[31m4\n")

    written = home.json("write", "Third visit.", "--attach", str(picture))
    (first,) = written["attachments"]
    assert (first["name"], first["media_type"]) == ("knee.png", "image/png")
    added = home.json("attach", "1", str(table))
    (second,) = added["attachments"]
    assert (added["entry"], second["size"]) == (1, table.stat().st_size)
    assert home.json("read", "1")["attachments"] == [first, second]
    shown = home.run("open-attachment", str(second["id"])).out
    assert "1,␛[31m4" in shown
    assert not {"\x1b", "\u202e"} & set(shown)

    target = outside / "out.png"
    exported = home.json("open-attachment", str(first["id"]), "--export", str(target))
    assert exported["exported"] == str(target)
    assert target.read_bytes() == picture.read_bytes()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    refused = home.run("--json", "open-attachment", str(second["id"]), "--export", str(target))
    assert (refused.status, refused.error["code"]) == (1, "file-exists")
    assert home.json("detach", str(first["id"]), "--yes") == {"detached": first["id"], "entry": 1}
    assert len(list((home.vault / "attachments").iterdir())) == 1


def test_what_cannot_be_attached_does_not_cost_the_words(home: Home, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    refused = home.run("--json", "write", "First.", "--attach", str(tmp_path / "pipe"))
    assert (refused.status, refused.error["code"]) == (1, "attachment-refused")
    # That it is the vault's own is seen only once the vault is open, and the words were asked for before.
    kept = home.run("--json", "write", "Second.", "--attach", str(home.vault / "vault.db"))
    assert kept.status == 1
    assert "Your words are saved as entry 1" in kept.error["hint"]
    assert home.json("read", "1")["text"] == "Second."


def test_the_screen_reads_and_writes_the_exchange_folder_behind_the_wall_after_a_lock_too(
    home: Home, tmp_path: Path
) -> None:
    exchange = tmp_path / "swap"
    (home.path / ".config/diary").mkdir(parents=True)
    (home.path / ".config/diary/config.toml").write_text(f'[screen]\nexchange = "{exchange}"\n')
    exchange.mkdir()
    (exchange / "exercises.txt").write_text("slowly down, both legs up")
    home.json("write", "Third visit.")
    terminal = Terminal([str(PROGRAM)], home.environment())
    try:
        terminal.sees("assphrase")
        terminal.types(f"{PASSPHRASE}\r")
        terminal.sees("Third visit.")
        terminal.types("f")
        terminal.sees("No files are kept")
        terminal.types("a")
        terminal.sees("exercises.txt")
        terminal.types("\r")
        terminal.sees("Attached:")
        seen = len(terminal.written)
        terminal.types("\x0c")
        terminal.sees("assphrase", after=seen)
        (exchange / "exercises.txt").unlink()
        seen = len(terminal.written)
        terminal.types(f"{PASSPHRASE}\r")
        terminal.sees("Third visit.", after=seen)
        terminal.types("f")
        terminal.sees("exercises.txt", after=seen)
        terminal.types("xy")
        terminal.sees("Written, unencrypted", after=seen)
    finally:
        terminal.end()
    assert (exchange / "exercises.txt").read_text() == "slowly down, both legs up"
