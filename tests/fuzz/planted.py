"""Readers that do what none may, one each: they show that the harness would find it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.fuzz.target import Read, Target


def _fault(_: bytes, __: Path) -> None:
    _ = 1 / 0


def _hang_in_c(_: bytes, __: Path) -> None:
    re.match(r"(a|a)*b", "a" * 64)


def _flood(_: bytes, __: Path) -> None:
    bytearray(8 << 30)


def _file(_: bytes, place: Path) -> None:
    (place / ".." / "home" / "left").write_bytes(b"x")


def _link(_: bytes, place: Path) -> None:
    (place.parent / "link").symlink_to("/etc")


def _program(_: bytes, __: Path) -> None:
    subprocess.run(["true"], check=True)


def _write_in_c(_: bytes, place: Path) -> None:
    import sqlite3

    database = sqlite3.connect(place.parent / "work" / "left.db")
    database.execute("CREATE TABLE IF NOT EXISTS a (b)")
    database.close()


_READERS: dict[str, Read] = {
    "fault": _fault,
    "hang-in-c": _hang_in_c,
    "flood": _flood,
    "file": _file,
    "link": _link,
    "program": _program,
    "write-in-c": _write_in_c,
}
PLANTED = {
    f"planted-{name}": Target(name=f"planted-{name}", samples=lambda: [b"x"], read=read, share=0, seconds=0.2)
    for name, read in _READERS.items()
}
