"""The beginnings of files of many kinds, made by hand."""

from __future__ import annotations

import struct
import zlib


def png(width: int = 40, height: int = 30) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * (height * (width + 1))))
    return b"\x89PNG\r\n\x1a\n" + header + pixels + chunk(b"IEND", b"")


def jpeg(width: int = 40, height: int = 30) -> bytes:
    preview = b"\xff\xe1" + struct.pack(">H", 20_000) + b"\xff\xc0" * 9_999
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\1\x11\0"
    return b"\xff\xd8" + preview + frame + b"\xff\xda"


def zipped(*names: str, content: bytes = b"") -> bytes:
    """A ZIP's local headers, uncompressed."""
    found = b""
    for name in names:
        sizes = struct.pack("<IIIHH", 0, len(content), len(content), len(name), 0)
        found += b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0" + sizes + name.encode() + content
    return found


def isobmff(brand: bytes, more: bytes = b"") -> bytes:
    return b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0" + brand + b"mif1" + more


def ispe(width: int, height: int) -> bytes:
    return b"\0\0\0\x14ispe\0\0\0\0" + struct.pack(">II", width, height)
