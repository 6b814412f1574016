"""What a model says about its licence: shown to the reader, believed by nobody."""

from __future__ import annotations

import re
from pathlib import Path

from diary.printable import safe

_LONGEST_FILE = 262_144  # bytes that are read
_LONGEST = 80  # characters that are shown
_FRONT_MATTER = re.compile(r"\A---\s*\n(.*?)\n---\s*$", re.S | re.M)
_FIELD = re.compile(r"^(license|license_name):[ \t]*[\"']?([^\n\"'#]+)", re.M)
_FILES = ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "COPYING")


def licence_of(folder: Path | None, *, said: str | None = None) -> str:
    """The licence in a few words: what the model's own file says, else the front matter of README.md, else
    the first words of a licence file; empty when nothing says.

    :param said: what the model's own file says.
    """
    if said and said.strip():
        return _short(said)
    if folder is None:
        return ""
    front = _FRONT_MATTER.match(_read(folder / "README.md"))
    fields = dict(_FIELD.findall(front[1])) if front else {}
    if fields:
        named = fields.get("license", "").strip()
        return _short(
            fields["license_name"] if named in ("", "other") and "license_name" in fields else named
        )
    for name in _FILES:
        if lines := [line.strip() for line in _read(folder / name).splitlines() if line.strip()]:
            return _short(", ".join(lines[:2]))
    return ""


def _short(untrusted_text: str) -> str:
    return " ".join(safe(untrusted_text).split())[:_LONGEST]


def _read(path: Path) -> str:
    try:
        if path.is_symlink() or not path.is_file():
            return ""
        with path.open("rb") as file:
            return file.read(_LONGEST_FILE).decode("utf-8", "replace").replace("\r\n", "\n")
    except OSError:
        return ""
