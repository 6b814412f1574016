"""What can be shown of an attachment without giving it out: the beginning of a text, the facts of a picture.

Nothing is rendered: a web page or a drawing is shown as the text it is. Bytes that are no text of a known
encoding are not shown at all. What is shown has passed `printable.safe`: it cannot steer the terminal.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass

from diary.attached.signatures import encoding_of, is_text
from diary.model.attachment import Attachment
from diary.pictures import pixels
from diary.printable import safe

MOST_SHOWN = 1_000_000
"""Bytes of a text; a book has about as many."""

_HEAD_OF_PICTURE = 512 * 1024  # a photograph's first frame header stands behind its preview and its places


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewed:
    """What can be shown.

    :ivar text: neutralised; None when it is no text.
    :ivar encoding: how the text was read, when it is not UTF-8: a guess for `windows-1252`.
    :ivar left_out: bytes of the text that are not shown.
    :ivar pixels: width and height of a picture, as its head says; None when that is not told.
    """

    attachment: Attachment
    text: str | None = None
    encoding: str | None = None
    left_out: int = 0
    pixels: tuple[int, int] | None = None


def view(attachment: Attachment, pieces: Iterator[bytes], *, most: int = MOST_SHOWN) -> Viewed:
    """What can be shown of it; reads no more of the pieces than that takes."""
    if is_text(attachment.media_type):
        return _text(attachment, _beginning(pieces, most))
    if attachment.media_type.startswith("image/"):
        found = pixels(_beginning(pieces, _HEAD_OF_PICTURE))
        return Viewed(attachment=attachment, pixels=found)
    return Viewed(attachment=attachment)


def _beginning(pieces: Iterator[bytes], most: int) -> bytes:
    found = b""
    for piece in pieces:
        found += piece
        if len(found) >= most:
            break
    return found[:most]


def _text(attachment: Attachment, untrusted_bytes: bytes) -> Viewed:
    whole = len(untrusted_bytes) == attachment.size
    encoding = encoding_of(untrusted_bytes, whole=whole) or "windows-1252"
    # What was cut in the middle of a character is left out, not shown as a broken one.
    text = codecs.getincrementaldecoder(encoding)("replace").decode(untrusted_bytes, final=whole)
    return Viewed(
        attachment=attachment,
        text=safe(text.removeprefix("\ufeff").replace("\r\n", "\n")),
        encoding=None if encoding == "utf-8" else encoding,
        left_out=attachment.size - len(untrusted_bytes),
    )
