"""Reads a vault as an examiner would who has its key: every byte of every page, whatever SQLite says of it.

Our own reading of SQLCipher's format, without SQLCipher: a page ends in 80 reserved bytes (the IV and an
HMAC-SHA512 of the ciphertext, the IV and the page number), the rest is AES-256-CBC; the first page begins
with the salt. What is looked through is the whole page: cells, free blocks, the gap between, and free pages.
Source: SQLCipher Design, "Database Encryption and Files"; SQLite "WAL-mode File Format".
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from diary.vault.vault import Vault

SALT = 16
IV = 16
MAC = 64
RESERVED = IV + MAC
_WAL_HEADER, _FRAME_HEADER = 32, 24
_MAC_SALT_MASK, _MAC_ROUNDS = 0x3A, 2


class PageReader:
    """Decrypts the pages of one vault.

    :param secret: key and salt, 48 bytes. :param page_size: in bytes.
    """

    def __init__(self, secret: bytes, page_size: int) -> None:
        self._key, salt = secret[:32], secret[32:]
        masked = bytes(byte ^ _MAC_SALT_MASK for byte in salt)
        self._mac_key = hashlib.pbkdf2_hmac("sha512", self._key, masked, _MAC_ROUNDS, 32)
        self._page_size = page_size

    def page(self, number: int, stored: bytes) -> bytes:
        """The page in the clear; its reserved bytes are left out.

        :raises AssertionError: when it does not authenticate: then this is no page of this vault.
        """
        start = SALT if number == 1 else 0
        body, iv, mac = stored[start:-RESERVED], stored[-RESERVED:-MAC], stored[-MAC:]
        told = hmac.digest(self._mac_key, body + iv + number.to_bytes(4, "little"), "sha512")
        assert hmac.compare_digest(told, mac), f"page {number} does not authenticate"
        decryptor = Cipher(algorithms.AES(self._key), modes.CBC(iv)).decryptor()
        return decryptor.update(body) + decryptor.finalize()

    def database(self, content: bytes) -> Iterator[tuple[int, bytes]]:
        """Number and bytes of every page of the main file."""
        assert len(content) % self._page_size == 0
        for place in range(0, len(content), self._page_size):
            number = place // self._page_size + 1
            yield number, self.page(number, content[place : place + self._page_size])

    def log(self, content: bytes) -> Iterator[tuple[int, bytes]]:
        """Likewise of every frame of the write-ahead log, those of an earlier round included."""
        step = _FRAME_HEADER + self._page_size
        for place in range(_WAL_HEADER, len(content) - step + 1, step):
            number = int.from_bytes(content[place : place + 4], "big")
            yield number, self.page(number, content[place + _FRAME_HEADER : place + step])


def in_the_clear(vault: Vault) -> Iterator[tuple[str, bytes]]:
    """Every byte of every file of the vault, by its place: pages decrypted, other files as they lie."""
    size = int(vault._database.rows("PRAGMA cipher_page_size")[0][0])
    reader = PageReader(bytes(vault._key.secret), size)
    for path in sorted(path for path in vault.folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        name = str(path.relative_to(vault.folder))
        yield name, content + name.encode()
        if name == "vault.db":
            yield from ((f"{name}, page {number}", page) for number, page in reader.database(content))
        elif name == "vault.db-wal":
            yield from ((f"{name}, frame of page {number}", page) for number, page in reader.log(content))
