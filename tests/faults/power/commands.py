"""The session of a person who types commands: each is the real one, sealed and in a process of its own, and
acknowledges by ending well. What the vault holds then is looked at in a copy.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from diary.vault.keyring import KeyRing
from diary.vault.vault import Vault
from tests.faults.power.disk import Disk, Operation, Told
from tests.faults.power.pictures import PARTS, picture_of
from tests.faults.power.recording import python, record
from tests.faults.power.scene import KEY_FILE, STICK, VAULT

BY_COMMAND = "by command"
_NOTES, _SCAN, _ANOTHER = "notes.jsonl", "scan.png", "another.key"
_IMPORTED = "".join(f'{{"id": "{n}", "date": "2026-05-0{n}", "text": "Note {n}."}}\n' for n in range(1, 10))
_COMMANDS = (
    ("write", "Slept badly, headache at noon. sleep:: 5h"),
    ("write", "--title", "One", "--tag", "a", "--star", "More words. " * 300),
    ("edit", "1", "Slept well after all. sleep:: 7h"),
    ("attach", "1", _SCAN),
    ("import", _NOTES),
    ("delete", "2", "--yes"),
    ("deleted", "restore", "2"),
    ("backup", STICK),
    ("delete", "1", "--yes"),
    ("deleted", "erase", "1", "--yes"),
    ("keys", "add", "--recovery"),
    ("keys", "add", "--key-file", _ANOTHER),
    ("keys", "rotate", "--yes"),
    ("backup", STICK, "--keep", "1"),
)


def recorded_by_command(scene: Path, code: str) -> tuple[Disk, list[Operation]]:
    """The disk before, what the commands did to it, and after each what the vault holds.

    :param scene: holds `root`, with a vault and a stick; other things are put beside. :param code: opens it.
    """
    root = scene / "root"
    with KeyRing.open(root / VAULT, code) as ring:
        ring.add_key_file(KEY_FILE)
    (scene / "key").write_bytes(KEY_FILE.content)
    (scene / _NOTES).write_text(_IMPORTED)
    (scene / _SCAN).write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(90_000))
    (scene / "home").mkdir()
    home = {"HOME": str(scene / "home"), "TMPDIR": str(scene / "home"), "LANG": "C.UTF-8", "TZ": "Etc/UTC"}
    paths = {name: str(scene / name) for name in (_NOTES, _SCAN, _ANOTHER)} | {STICK: str(root / STICK)}
    before, disk = Disk(root), Disk(root)
    done: list[Operation] = [_told(scene)]
    for words in _COMMANDS:
        given = ["--vault", str(root / VAULT), "--key-file", str(scene / "key")]
        command = python("diary", *given, *(paths.get(word, word) for word in words))
        done += [*record(command, root, scene / "told", environment=home, disk=disk), _told(scene)]
    return before, done


def _told(scene: Path) -> Told:
    copy = shutil.copytree(scene / "root", scene / "copy")
    with Vault.unlock(copy / VAULT, KEY_FILE) as vault:
        picture = picture_of(vault, copy / STICK)
    shutil.rmtree(copy)
    opens = {"secret": KEY_FILE.content.hex(), "file": True, "refused": [], "by_the_clock": True}
    return Told({"picture": picture, "lasting": list(PARTS), **opens})
