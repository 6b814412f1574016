"""The pages of an encrypted database, authenticated one by one, as SQLCipher does when it reads them.

Each page ends with the nonce it was encrypted with, an HMAC-SHA512 over its ciphertext, the nonce and its
number, and padding. To compare it needs neither SQLite nor the words: `cipher_integrity_check` does the same
in one thread; here several pages are hashed at once, and while they are being copied (OpenSSL lets other
threads run). The tag of a page names its content: every writing has a fresh nonce, so that two pages of one
number with one tag are the same page. All tags of a database, in order, say what is in it.

    page    ciphertext | nonce, 16 bytes | HMAC-SHA512 | padding to a multiple of 16
    page 1  begins with the salt, 16 bytes, which is not hashed
    key     PBKDF2-HMAC-SHA512 of the database key, 2 passes; the salt with each byte XOR 0x3A

Source: SQLCipher 4.19, "Database Encryption" in its design page, and `sqlcipher_page_hmac` in `sqlcipher.c`.
The page at 1 GiB, where SQLite keeps its locks, is never written and not looked at.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

from diary.model.progress import Cancelled, never
from diary.vault.backups.reading import read_ahead
from diary.vault.keys import KEY_BYTES, SALT_BYTES, VaultKey, wipe

TAG_BYTES = 64
_NONCE_BYTES = 16
_RESERVED = 80
_LOCKS_AT = 1 << 30
_THREADS = min(max(os.cpu_count() or 2, 2), 8)
_AT_ONCE = 4 * 1024 * 1024  # bytes, so that the last of them keep all threads busy
_WAITING = 32

PAGE_SIZES = tuple(1 << bits for bits in range(9, 17))
"""That SQLite knows, in bytes; each divides a MiB."""


class PageProof:
    """Authenticates pages of one database.

    :param key: the vault key. :param page_size: in bytes.
    """

    def __init__(self, key: VaultKey, page_size: int) -> None:
        self.page_size = page_size
        self._locks = _LOCKS_AT // page_size + 1
        derived = _hmac_key(key)
        try:
            self._keyed = hmac.new(derived, digestmod="sha512")
        finally:
            wipe(derived)

    def wrong(self, first: int, pages: bytes | memoryview) -> list[int]:
        """The numbers of those that are not as SQLCipher wrote them.

        :param first: number of the first, from 1. :param pages: whole pages, one after the other.
        """
        size, found, view = self.page_size, [], memoryview(pages)
        signed_end = size - _RESERVED + _NONCE_BYTES
        for place in range(0, len(pages), size):
            number = first + place // size
            if number == self._locks:
                continue
            code = self._keyed.copy()
            code.update(view[place + (SALT_BYTES if number == 1 else 0) : place + signed_end])
            code.update(number.to_bytes(4, "little"))
            stored = view[place + signed_end : place + signed_end + TAG_BYTES]
            if not hmac.compare_digest(code.digest(), stored):
                found.append(number)
        return found

    def tags(self, pages: bytes | memoryview) -> bytes:
        """The tags of whole pages, 64 bytes each; they say nothing before the pages are authenticated."""
        size, start = self.page_size, tag_place(self.page_size)
        return b"".join(
            pages[place + start : place + start + TAG_BYTES] for place in range(0, len(pages), size)
        )


class PageProver:
    """Proves pages in other threads as they are handed over, in order.

    :ivar tags: of the pages that were proved so far.
    """

    def __init__(self, proof: PageProof, pool: ThreadPoolExecutor) -> None:
        self._proof = proof
        self._pool = pool
        self._running: deque[Future[tuple[list[int], bytes]]] = deque()
        self._next = 1
        self._wrong: list[int] = []
        self._tags: list[bytes] = []

    @property
    def page_size(self) -> int:
        """In bytes."""
        return self._proof.page_size

    def take(
        self, first: int, pages: bytes | memoryview, coming: Future[None] | None = None
    ) -> Future[tuple[list[int], bytes]]:
        """Some pages, which are read until this is done; waits when too many are waiting.

        :param coming: they are there when this is done.
        """
        proved = self._pool.submit(self._prove, first, pages, coming)
        self._running.append(proved)
        while len(self._running) > _WAITING:
            self._finish_one()
        return proved

    def take_next(
        self, pages: bytes | memoryview, coming: Future[None] | None = None
    ) -> list[Future[tuple[list[int], bytes]]]:
        """As `take`, in parts for several threads: the pages after those that this was handed before."""
        taken = []
        for place in range(0, len(pages), _AT_ONCE):
            part = pages[place : place + _AT_ONCE]
            taken.append(self.take(self._next, part, coming))
            self._next += len(part) // self.page_size
        return taken

    def finish(self) -> tuple[list[int], bytes]:
        """The numbers of the wrong ones, and the tags of all, once all are proved."""
        while self._running:
            self._finish_one()
        return self._wrong, b"".join(self._tags)

    def _prove(
        self, first: int, pages: bytes | memoryview, coming: Future[None] | None
    ) -> tuple[list[int], bytes]:
        if coming is not None:
            coming.result()
        return self._proof.wrong(first, pages), self._proof.tags(pages)

    def _finish_one(self) -> None:
        wrong, tags = self._running.popleft().result()
        self._wrong += wrong
        self._tags.append(tags)


@contextmanager
def proving(proof: PageProof) -> Iterator[PageProver]:
    """A prover with its threads, which end with the block."""
    pool = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="pages")
    try:
        yield PageProver(proof, pool)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def prove_file(path: Path, proof: PageProof, *, cancelled: Cancelled = never) -> tuple[list[int], bytes]:
    """The numbers of the wrong pages of a database's file, and the tags of all; its log is empty.

    Bytes beyond the last whole page make a wrong page.

    :raises OSError: when the disk refuses.
    """
    with path.open("rb", buffering=0) as file, proving(proof) as prover:
        size = os.fstat(file.fileno()).st_size
        count, beyond = divmod(size, proof.page_size)
        with closing(read_ahead(file.fileno(), size - beyond, handed=prover.take_next)) as pieces:
            for _ in pieces:
                if cancelled():
                    break
        wrong, tags = prover.finish()
    return ([*wrong, count + 1] if beyond else wrong), tags


def tags_of_file(handle: int, size: int, page_size: int, *, start: int = 0) -> bytes:
    """The tags of the pages in a part of an open file, as they stand there.

    All of it is read: a disk gives that many times faster than a little of each page.

    :param size: of the part, in bytes, a whole number of pages. :param start: where it begins.
    :raises FileNotFoundError: when the file ends before it.
    """
    tags, within = list[bytes](), tag_place(page_size)
    for pages in read_ahead(handle, size, start=start):
        tags += [bytes(pages[tag : tag + TAG_BYTES]) for tag in range(within, len(pages), page_size)]
    return b"".join(tags)


def tag_place(page_size: int) -> int:
    """Where in a page its tag begins."""
    return page_size - _RESERVED + _NONCE_BYTES


def _hmac_key(key: VaultKey) -> bytearray:
    secret = key.secret
    salt = bytes(byte ^ 0x3A for byte in secret[KEY_BYTES:])
    return bytearray(hashlib.pbkdf2_hmac("sha512", secret[:KEY_BYTES], salt, 2, KEY_BYTES))
