"""What a file may be called that is given out: a name that came with it, made harmless for any filesystem,
any shell and any eye. Pure.
"""

from __future__ import annotations

import re
import unicodedata

MOST_BYTES = 200  # filesystems take 255; a number and an unfinished name are added
_MOST_SUFFIX = 20
NAMELESS = "attachment"
# What separates folders or means something to Windows, to FAT on a stick, or to a shell's line.
_MEANS_MORE = re.compile(r'[/\\:*?"<>|`$]')
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)")
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def file_name(untrusted_name: str) -> str:
    """A name of one part, at most MOST_BYTES in UTF-8, that hides nothing and is no device of Windows.

    Control characters, those that turn the direction of writing, and others that cannot be seen become `_`;
    so do separators. Leading dots and dashes, and dots and spaces at the end, go. The suffix stays.
    """
    text = unicodedata.normalize("NFC", untrusted_name)
    text = "".join("_" if unicodedata.category(mark) in _UNSEEN else mark for mark in text)
    text = " ".join(_MEANS_MORE.sub("_", text).split()).lstrip(".- ").rstrip(". ")
    if not text.strip("_. "):
        text = NAMELESS
    if _DEVICES.match(text):
        text = f"_{text}"
    return _shortened(text, MOST_BYTES)


def numbered(name: str, number: int) -> str:
    """`scan (2).pdf`."""
    stem, suffix = _parts(name)
    return f"{stem} ({number}){suffix}"


def _parts(name: str) -> tuple[str, str]:
    stem, dot, suffix = name.rpartition(".")
    if not stem or not suffix or len(suffix) > _MOST_SUFFIX:
        return name, ""
    return stem, dot + suffix


def _shortened(name: str, most: int) -> str:
    if len(name.encode()) <= most:
        return name
    stem, suffix = _parts(name)
    room = most - len(suffix.encode())
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip(". ") + suffix
