"""Attachments in words that the screen and the command line share. Pure."""

from __future__ import annotations

from diary.attached.signatures import kind_words
from diary.model.attachment import Attachment
from diary.printable import safe

_LONGEST_NAME = 80


def size_words(size: int) -> str:
    """`0 bytes`, `812 bytes`, `4.1 kB`, `38 kB`, `1.2 MB`, `2.0 GB`; thousands, as disks are sold."""
    if size < 1000:
        return "1 byte" if size == 1 else f"{size} bytes"
    amount, unit = size / 1000, "kB"
    for larger in ("MB", "GB", "TB"):
        if amount < 999.5:
            break
        amount, unit = amount / 1000, larger
    return f"{amount:.1f} {unit}" if amount < 9.95 else f"{amount:.0f} {unit}"


def shown_name(untrusted_name: str, limit: int = _LONGEST_NAME) -> str:
    """The name in one line, safe; of a long one the beginning and the end, where its kind stands."""
    name = " ".join(safe(untrusted_name).split())
    if len(name) <= limit:
        return name
    end = limit // 3
    return f"{name[: limit - end - 1]}…{name[-end:]}"


def attachment_words(one: Attachment, *, pixels: tuple[int, int] | None = None) -> str:
    """`knee.png · PNG image, 1.2 MB`, and the pixels of a picture."""
    size = "empty" if one.size == 0 else size_words(one.size)
    seen = f", {pixels[0]} × {pixels[1]} pixels" if pixels else ""  # noqa: RUF001 - the sign of a size
    return f"{shown_name(one.name)} · {kind_words(one.media_type)}, {size}{seen}"
