"""The pages of the encrypted database, each by itself: whatever else is damaged, a whole page can be read.

A page of SQLCipher 4 is AES-256-CBC text, then 80 bytes in reserve: the initialisation vector (16) and an
HMAC-SHA512 (64) over text, vector and the page's number (4 bytes, little-endian). The key of the HMAC is
PBKDF2-HMAC-SHA512 of the encryption key, two rounds, with the salt XORed with 0x3a. The first page begins
with 16 bytes of salt that are not encrypted. Source: SQLCipher design, "Security Design", and
`sqlcipher.c`.

Pages in the write-ahead log take the place of those in the file, up to the last transaction that was
committed in it (SQLite file format, section 4); a frame that does not authenticate is left out.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from diary.vault.files import open_plain
from diary.vault.keys import KEY_BYTES, SALT_BYTES, VaultKey

RESERVED = 80
_VECTOR, _MAC = 16, 64
_START = b"SQLite format 3\x00"
_SALT_MASK, _ROUNDS = 0x3A, 2
_LOG_HEADER, _FRAME_HEADER = 32, 24
_CHANGES, _PAGES, _SAID_AT = slice(24, 28), slice(28, 32), slice(92, 96)  # of the first page
_LOG_MAGIC = {0x377F0682, 0x377F0683}


class PageFile:
    """A database file whose pages are read one by one. Close it, or use it in a `with` statement.

    :param page_size: in bytes, as the vault's header says.
    :raises OSError: when the file is not there, cannot be read, or is a pipe; such a log is none.
    """

    def __init__(self, path: Path, key: VaultKey, page_size: int) -> None:
        self._size = page_size
        self._key = bytes(key.secret[:KEY_BYTES])
        salt = bytes(byte ^ _SALT_MASK for byte in key.secret[KEY_BYTES : KEY_BYTES + SALT_BYTES])
        self._mac_key = hashlib.pbkdf2_hmac("sha512", self._key, salt, _ROUNDS, KEY_BYTES)
        self._file: BinaryIO = open_plain(path)
        self._log: BinaryIO | None = None
        self._frames: dict[int, int] = {}
        self.count = path.stat().st_size // page_size
        self._read_log(path.with_name(path.name + "-wal"))

    @property
    def missing(self) -> int:
        """How many pages are missing at the end, by what the first one says; 0 where that is not whole.

        It says it for the whole database, log included (SQLite file format, section 1.3.8).
        """
        first = self.page(1)
        if first is None or first[_CHANGES] != first[_SAID_AT]:
            return 0
        return max(0, int.from_bytes(first[_PAGES], "big") - self.count)

    @property
    def usable(self) -> int:
        """Bytes of a page that are the database's."""
        return self._size - RESERVED

    def page(self, number: int) -> bytes | None:
        """The content of a page, from 1, as the database sees it; None when it does not authenticate."""
        content: bytes | None = None
        if number in self._frames and self._log is not None:
            content = self._decrypted(number, _read(self._log, self._frames[number], self._size))
        if content is None and 0 < number <= self.count:
            content = self._decrypted(number, _read(self._file, (number - 1) * self._size, self._size))
        return content

    def pages(self) -> Iterator[tuple[int, bytes | None]]:
        """All of them."""
        for number in range(1, self.count + 1):
            yield number, self.page(number)

    def close(self) -> None:
        """Close the files."""
        self._file.close()
        if self._log is not None:
            self._log.close()

    def __enter__(self) -> PageFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _decrypted(self, number: int, stored: bytes) -> bytes | None:
        if len(stored) != self._size:
            return None
        begin = SALT_BYTES if number == 1 else 0
        text, vector = stored[begin:-RESERVED], stored[-RESERVED : -RESERVED + _VECTOR]
        mac = stored[-_MAC:]
        expected = hmac.digest(self._mac_key, text + vector + struct.pack("<I", number), "sha512")
        if not hmac.compare_digest(expected, mac):
            return None
        cipher = Cipher(AES(self._key), CBC(vector)).decryptor()
        return _START[:begin] + cipher.update(text) + cipher.finalize() + bytes(RESERVED)

    def _read_log(self, path: Path) -> None:
        try:
            self._log = open_plain(path)
        except OSError:
            return
        header = self._log.read(_LOG_HEADER)
        if len(header) < _LOG_HEADER or struct.unpack(">I", header[:4])[0] not in _LOG_MAGIC:
            return
        salts, place = header[16:24], _LOG_HEADER
        uncommitted: dict[int, int] = {}
        while len(frame := _read(self._log, place, _FRAME_HEADER)) == _FRAME_HEADER:
            number, pages = struct.unpack(">II", frame[:8])
            if frame[8:16] != salts:
                break
            content = place + _FRAME_HEADER
            stored = _read(self._log, content, self._size)
            if len(stored) != self._size:
                break
            if self._decrypted(number, stored) is not None:
                uncommitted[number] = content
            if pages:
                self._frames |= uncommitted
                uncommitted = {}
            place = content + self._size
        # Not what a frame says the database has: that is not authenticated, and may be four thousand million.
        self.count = max(self.count, *self._frames, 0)


def _read(file: BinaryIO, place: int, size: int) -> bytes:
    """Fewer bytes, or none, where the disk refuses."""
    try:
        file.seek(place)
        return file.read(size)
    except OSError:
        return b""
