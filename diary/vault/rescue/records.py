"""Rows out of the pages of a b-tree, each by itself.

A leaf of a table's b-tree has whole rows with their numbers, whichever page above it names it: so rows are
found by looking at every page, and no damage of inner pages hides them. Rows of tables without row numbers
stand in leaves and inner pages of an index b-tree. What is too long for its page goes on in overflow pages;
a row that needs one that is damaged is left out, and no other.

Pages that are free hold zeros, since deleted content is overwritten (`connection`); whatever looks like a
leaf is one. Source: SQLite file format, sections 1.6 and 2.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Value = int | float | str | bytes | None
ReadPage = Callable[[int], bytes | None]

_TABLE_LEAF, _INDEX_LEAF, _INDEX_INNER = 0x0D, 0x0A, 0x02
_FIRST_PAGE_HEADER = 100
_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_REAL, _ZERO, _ONE, _BLOB, _TEXT = 7, 8, 9, 12, 13


class Torn(Exception):
    """The bytes are not those of a row, or some of them are on a damaged page."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row.

    :ivar row: its number; None in an index. :ivar values: of its columns, as they are stored.
    """

    row: int | None
    values: tuple[Value, ...]


@dataclass(slots=True)
class Tally:
    """How many rows could not be read, since they go on in pages that are damaged."""

    torn: int = 0


def records(number: int, page: bytes, usable: int, read_page: ReadPage, tally: Tally) -> Iterator[Record]:
    """The rows that begin on a page; none when it is no page of rows.

    :param number: of the page, from 1. :param usable: bytes of a page that are the database's.
    """
    start = _FIRST_PAGE_HEADER if number == 1 else 0
    kind = page[start]
    if kind not in (_TABLE_LEAF, _INDEX_LEAF, _INDEX_INNER):
        return
    (cells,) = struct.unpack_from(">H", page, start + 3)
    pointers = start + (12 if kind == _INDEX_INNER else 8)
    for cell in range(cells):
        try:
            (place,) = struct.unpack_from(">H", page, pointers + 2 * cell)
            yield _record(kind, page, place, usable, read_page)
        except (Torn, IndexError, struct.error, UnicodeDecodeError):
            tally.torn += 1


def _record(kind: int, page: bytes, place: int, usable: int, read_page: ReadPage) -> Record:
    place += 4 if kind == _INDEX_INNER else 0
    size, place = _varint(page, place)
    row: int | None = None
    if kind == _TABLE_LEAF:
        row, place = _varint(page, place)
        row -= (row >> 63) << 64
    local = _local(kind, size, usable)
    content = page[place : place + local]
    if len(content) != local:
        raise Torn
    if local < size:
        (following,) = struct.unpack_from(">I", page, place + local)
        content += _overflow(following, size - local, usable, read_page)
    return Record(row, tuple(_values(content)))


def _local(kind: int, size: int, usable: int) -> int:
    """How many bytes of a row are on its page (SQLite file format, section 1.6)."""
    least = (usable - 12) * 32 // 255 - 23
    most = usable - 35 if kind == _TABLE_LEAF else (usable - 12) * 64 // 255 - 23
    if size <= most:
        return size
    some = least + (size - least) % (usable - 4)
    return some if some <= most else least


def _overflow(number: int, size: int, usable: int, read_page: ReadPage) -> bytes:
    found = bytearray()
    seen = {0}  # no page; and none is come to twice, or a row would never end
    while len(found) < size:
        page = None if number in seen else read_page(number)
        if page is None:
            raise Torn
        seen.add(number)
        (number,) = struct.unpack_from(">I", page)
        found += page[4 : min(usable, 4 + size - len(found))]
    return bytes(found)


def _values(content: bytes) -> Iterator[Value]:
    end, place = _varint(content, 0)
    body = end
    if end > len(content):
        raise Torn
    while place < end:
        kind, place = _varint(content, place)
        value, body = _value(kind, content, body)
        yield value


def _value(kind: int, content: bytes, place: int) -> tuple[Value, int]:
    if kind in (_ZERO, _ONE):
        return kind - _ZERO, place
    size = _INTEGERS.get(kind, 0) or (8 if kind == _REAL else (kind - _BLOB) // 2 if kind >= _BLOB else 0)
    stored = content[place : place + size]
    if len(stored) != size:
        raise Torn
    if kind >= _BLOB:
        return (stored.decode() if kind % 2 else stored), place + size
    if kind == _REAL:
        return struct.unpack(">d", stored)[0], place + size
    if kind in _INTEGERS:
        return int.from_bytes(stored, "big", signed=True), place + size
    if kind == 0:
        return None, place
    raise Torn


def _varint(content: bytes, place: int) -> tuple[int, int]:
    """A number of one to nine bytes, and the place behind it."""
    value = 0
    for count in range(8):
        byte = content[place + count]
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            return value, place + count + 1
    return value << 8 | content[place + 8], place + 9
