"""Pages of the database as they lie on the disk, decrypted and taken apart: what SQLite itself never shows.

Needed to see what deleting leaves between the rows of a page (`scrubbing`). Nothing is written here.
A page ends in 80 reserved bytes: the IV and an HMAC-SHA512 of ciphertext, IV and page number; the rest is
AES-256-CBC. Sources: SQLCipher Design, "Database Encryption and Files"; SQLite "Database File Format", 1.6.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from diary.vault.failures import damaged
from diary.vault.keys import KEY_BYTES, SALT_BYTES, VaultKey

LEAF_OF_TABLE, INTERIOR_OF_TABLE = 13, 5
_IV, _MAC = 16, 64
_RESERVED = _IV + _MAC
_MASK, _ROUNDS = 0x3A, 2
_LEAF_HEADER, _INTERIOR_HEADER = 8, 12
_OUT_OF_REACH = 36
"""A row takes at most `usable` - 35 bytes of its leaf: alone in it, it does not reach the gap's beginning."""


class PageFile:
    """The main file of a database, read page by page. Nobody may write to it meanwhile.

    :param page_size: in bytes.
    """

    def __init__(self, file: BinaryIO, key: VaultKey, page_size: int) -> None:
        secret = bytes(key.secret)
        self._file = file
        self._size = page_size
        self._cipher = algorithms.AES(secret[:KEY_BYTES])
        salt = bytes(byte ^ _MASK for byte in secret[KEY_BYTES : KEY_BYTES + SALT_BYTES])
        derive = PBKDF2HMAC(algorithm=hashes.SHA512(), length=KEY_BYTES, salt=salt, iterations=_ROUNDS)
        self._mac_key = derive.derive(secret[:KEY_BYTES])

    @property
    def usable(self) -> int:
        """Bytes of a page that SQLite uses."""
        return self._size - _RESERVED

    def page(self, number: int) -> bytes:
        """A page in the clear, of `usable` bytes; of the first the 16 bytes of the salt are zeros.

        :raises diary.errors.VaultDamaged: when it does not authenticate.
        """
        self._file.seek((number - 1) * self._size)
        stored = self._file.read(self._size)
        start = SALT_BYTES if number == 1 else 0
        body, iv, told = stored[start:-_RESERVED], stored[-_RESERVED:-_MAC], stored[-_MAC:]
        found = hmac.digest(self._mac_key, body + iv + number.to_bytes(4, "little"), "sha512")
        if len(stored) != self._size or not hmac.compare_digest(found, told):
            raise damaged(f"page {number} of its database is not as it was written")
        decryptor = Cipher(self._cipher, modes.CBC(iv)).decryptor()
        return bytes(start) + decryptor.update(body) + decryptor.finalize()


@dataclass(frozen=True, slots=True)
class Cell:
    """One row of a leaf.

    :ivar start: where it lies in the page. :ivar size: bytes of it there. :ivar payload: bytes of the row.
    :ivar rowid: its number. :ivar body: where its payload begins in the page.
    """

    start: int
    size: int
    payload: int
    rowid: int
    body: int


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf of a table.

    :ivar gap: from where to where nothing is stored, between the pointers and the rows.
    :ivar free: bytes in free blocks and fragments among the rows. :ivar cells: in order of their numbers.
    """

    page: bytes
    gap: tuple[int, int]
    free: int
    cells: tuple[Cell, ...]

    @property
    def clean(self) -> bool:
        """Whether the gap holds nothing, old pointers apart that one row alone cannot grow over."""
        start, end = self.gap
        if len(self.cells) == 1:
            start = max(start, _OUT_OF_REACH)
        return not self.page[start:end].strip(b"\0")


def local_size(payload: int, usable: int) -> int:
    """How many bytes of a row lie in its leaf, with the pointer to the rest ("File Format", 1.6)."""
    most, fewest = usable - 35, (usable - 12) * 32 // 255 - 23
    if payload <= most:
        return payload
    kept = fewest + (payload - fewest) % (usable - 4)
    return (kept if kept <= most else fewest) + 4


def leaf_of(page: bytes, usable: int) -> Leaf:
    """Take a leaf apart."""
    count, top = _short(page, 3), _short(page, 5) or 65536
    pointers = [_short(page, _LEAF_HEADER + 2 * number) for number in range(count)]
    free, block = page[7], _short(page, 1)
    while block:
        free += _short(page, block + 2)
        block = _short(page, block)
    cells = tuple(_cell(page, pointer, usable) for pointer in pointers)
    return Leaf(page, (_LEAF_HEADER + 2 * count, top), free, cells)


def children_of(page: bytes, after: int) -> Iterator[int]:
    """The pages under an interior page of a table that may hold numbers above `after`, in order."""
    for number in range(_short(page, 3)):
        pointer = _short(page, _INTERIOR_HEADER + 2 * number)
        largest, _ = _varint(page, pointer + 4)
        if largest > after:
            yield int.from_bytes(page[pointer : pointer + 4], "big")
    yield int.from_bytes(page[8:12], "big")


def serial_types(page: bytes, cell: Cell) -> list[int]:
    """The types of a row's columns, as its record says them ("File Format", 2.1)."""
    length, place = _varint(page, cell.body)
    end = cell.body + length
    found = []
    while place < end:
        kind, place = _varint(page, place)
        found.append(kind)
    return found


def varint_size(value: int) -> int:
    """Bytes that a number takes as a varint; not negative."""
    return min(max((value.bit_length() + 6) // 7, 1), 9)


def _cell(page: bytes, start: int, usable: int) -> Cell:
    payload, place = _varint(page, start)
    rowid, body = _varint(page, place)
    return Cell(start, body - start + local_size(payload, usable), payload, rowid, body)


def _short(page: bytes, place: int) -> int:
    return int.from_bytes(page[place : place + 2], "big")


def _varint(page: bytes, place: int) -> tuple[int, int]:
    """A number and where the next begins."""
    value = 0
    for step in range(8):
        byte = page[place + step]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, place + step + 1
    value = value << 8 | page[place + 8]
    return value - (1 << 64) if value >> 63 else value, place + 9
