"""How many pixels a picture says it has, read from its first bytes; pure, and nothing is decoded."""

from __future__ import annotations

import struct

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8"


def pixels(untrusted_head: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, JPEG, GIF, BMP, WebP, HEIC or AVIF; None when they are not told.

    They are what the picture claims: decoding it may find others.
    """
    head = untrusted_head
    try:
        if head.startswith(PNG) and head[12:16] == b"IHDR":
            found = struct.unpack_from(">II", head, 16)
        elif head.startswith(JPEG):
            found = _jpeg(head)
        elif head.startswith((b"GIF87a", b"GIF89a")):
            found = struct.unpack_from("<HH", head, 6)
        elif head.startswith(b"BM"):
            width, height = struct.unpack_from("<ii", head, 18)
            found = width, abs(height)  # below zero for one that is kept from the top down
        elif head.startswith(b"RIFF") and head[8:12] == b"WEBP":
            found = _webp(head)
        elif head[4:8] == b"ftyp":
            found = _ispe(head)
        else:
            return None
    except struct.error:  # it ends too early
        return None
    width, height = found
    return (width, height) if width > 0 and height > 0 else None


def _jpeg(head: bytes) -> tuple[int, int]:
    """From the start-of-frame segments (ITU-T T.81, B.2.2); (0, 0) without one."""
    place, found = 2, []
    while place + 9 <= len(head) and head[place] == 0xFF:
        kind = head[place + 1]
        if kind in (0xFF, 0x01) or 0xD0 <= kind <= 0xD7:  # fill bytes, and marks without a segment
            place += 1 if kind == 0xFF else 2
            continue
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", head, place + 5)
            found.append((width, height))
        if kind in (0xDA, 0xD9):  # the pixels begin, or the end
            break
        place += 2 + max(2, int.from_bytes(head[place + 2 : place + 4], "big"))
    # A file with two frame headers says two things of its size; the larger one is what it may unfold to.
    return max(found, key=lambda size: size[0] * size[1], default=(0, 0))


def _webp(head: bytes) -> tuple[int, int]:
    """Source: RFC 9649, section 2.5 to 2.7."""
    kind = head[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", head, 21)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", head, 26)
        return width & 0x3FFF, height & 0x3FFF
    return 0, 0


def _ispe(head: bytes) -> tuple[int, int]:
    """The largest of the sizes in its properties (ISO/IEC 23008-12, 6.5.3): others are of its preview."""
    found = [(0, 0)]
    place = head.find(b"ispe")
    while place >= 0 and place + 16 <= len(head):
        found.append(struct.unpack_from(">II", head, place + 8))
        place = head.find(b"ispe", place + 16)
    return max(found, key=lambda size: size[0] * size[1])
