"""Readers of the vault's own files, of backups, and of what opens a vault.

Where a sum covers the bytes, there are two targets: the broken bytes as they are, and broken contents under a
sum that is right, as somebody would make them who knows the format.
"""

from __future__ import annotations

import functools
import hashlib
import io
import os
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from diary.errors import BackupDamaged, DiaryError, NotABackup
from diary.key_file import read_key_file
from diary.vault import anchor, checkpoints, header
from diary.vault.backups import container, index, manifest
from diary.vault.backups.container import FOOTER_BYTES, LENGTH, OPENING, Container
from diary.vault.backups.container_writer import ContainerWriter
from diary.vault.keys import VaultKey
from diary.vault.recovery import new_code, read_code
from diary.vault.rescue.records import Tally, records
from diary.vault.slots import PASSPHRASE, RECOVERY_CODE, KdfParameters, KeySlot, make_slot, open_slot
from diary.vault.spool_file import SpoolFile
from diary.vault.stream import NotAuthentic, seal, unseal, unseal_past_damage
from tests.fuzz.target import Target

ID, SECRET = bytes(16), b"s" * 32
_CHEAP = KdfParameters(memory_kib=64 * 1024, iterations=1, lanes=1)


def key() -> VaultKey:
    return VaultKey(bytearray(range(48)))


@functools.cache
def slots() -> tuple[KeySlot, ...]:
    code = make_slot(RECOVERY_CODE, SECRET, key(), vault_id=ID, made=datetime.now(UTC), label="paper")
    phrase = msgspec.structs.replace(code, kind=PASSPHRASE, kdf=_CHEAP)
    return code, phrase


@functools.cache
def headers() -> list[bytes]:
    said = header.Header(version=1, vault_id=ID, generation=3, page_size=4096, slots=slots())
    return [header.encode(said, key())]


def read_header(data: bytes, _: Path) -> None:
    found = header.decode(data)
    if found is not None:
        found.is_authentic(key())


def read_summed_header(body: bytes, place: Path) -> None:
    signed = header.MAGIC + len(body).to_bytes(4, "big") + body + bytes(32)
    read_header(signed + hashlib.sha256(signed).digest(), place)


def read_slot(data: bytes, _: Path) -> None:
    try:
        slot = msgspec.json.decode(data, type=KeySlot)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return  # the header's reader turns these into a damaged copy
    if slot.kind == PASSPHRASE and slot.kdf is not None:
        slot.kdf.require_allowed()  # the derivation itself takes what it asks for: a second and 256 MiB
        return
    open_slot(slot, SECRET, vault_id=ID)


@functools.cache
def backup(increment: bool = False) -> bytes:
    base, pages = None, None
    if increment:
        base = index.Base(name="a.backup", sha256="0" * 64)
        pages = index.ChangedPages(page_size=1024, count=4, runs=((2, 1),))
    handle = os.memfd_create("backup")
    try:
        with ContainerWriter(handle, vault_id=ID, made=1, base=base) as writer:
            writer.add("vault.db.pages" if increment else "vault.db", [bytes(1024)])
            writer.add("vault.header", [headers()[0]])
            writer.add("manifest", [manifest.seal_manifest(_manifest(), key(), vault_id=ID)])
            writer.add(f"attachments/{'a' * 32}", [b"sound" * 20])
            writer.finish(key(), database=pages, kept=(f"attachments/{'b' * 32}",) if increment else ())
        return os.pread(handle, os.fstat(handle).st_size, 0)
    finally:
        os.close(handle)


def _manifest() -> manifest.Manifest:
    return manifest.Manifest(
        version=2,
        made=datetime.now(UTC),
        entries=1,
        newest=None,
        recordings=1,
        unsaved=0,
        rows={},
        digest="0" * 64,
        pages=1,
    )


def read_container(data: bytes, place: Path) -> None:
    file = place / "made.backup"
    file.write_bytes(data)
    with Container.open(file) as found:
        found.is_authentic(key())
        for name, member in found.members.items():
            for _ in found.pieces(name):
                pass
            if member.size < 10**6:
                found.stream(name).read()
            if name == "vault.db":
                found.tags(name, 1024)


def _parts_of(whole: bytes) -> tuple[bytes, bytes, bytes]:
    """The opening, the members and the index."""
    (length,) = LENGTH.unpack_from(whole, len(whole) - FOOTER_BYTES)
    at_end = not whole.startswith(container.INCREMENT)
    end = len(whole) - FOOTER_BYTES - (OPENING.size if at_end else 0)
    opening = whole[end : end + OPENING.size] if at_end else whole[: OPENING.size]
    return opening, whole[0 if at_end else OPENING.size : end - length], whole[end - length : end]


def _index_of(whole: bytes) -> bytes:
    return _parts_of(whole)[2]


def read_summed_container(body: bytes, place: Path) -> None:
    """The members of the sample under an index that was made up."""
    increment = b'"base"' in body
    opening, members, _ = _parts_of(backup(increment))
    length = LENGTH.pack(len(body))
    front, end = (opening, b"") if increment else (b"", opening)
    total = container.plain_sum(opening + length + body + bytes(32))
    read_container(front + members + body + end + length + bytes(32) + total, place)


def read_index(data: bytes, _: Path) -> None:
    for increment in (False, True):
        index.decode(data, increment=increment)


def read_manifest(body: bytes, _: Path) -> None:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    sealed = bytes(12) + ChaCha20Poly1305(key().derive(b"backup manifest")).encrypt(bytes(12), body, ID)
    found = manifest.open_manifest(sealed, key(), vault_id=ID)
    if found is not None:
        found.contents(1)
    manifest.open_manifest(body, key(), vault_id=ID)


def spools() -> list[bytes]:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "spool"
        file = SpoolFile.create(path, SECRET, b"identity")
        for number in range(5):
            file.append(bytes([number]) * (40 + number))
        file.close()
        return [path.read_bytes()]


def read_spool(data: bytes, place: Path) -> None:
    path = place / "spool"
    path.write_bytes(data)
    file = SpoolFile.open(path, SECRET, b"identity")
    try:
        file.is_whole()
        assert len(file.read(0, 10**6, without_damage=True)) <= file.size
        file.read(0, 10**6)
    finally:
        file.close()


@functools.cache
def streams() -> list[bytes]:
    return [b"".join(seal(io.BytesIO(b"words" * count), SECRET, identity=b"i")) for count in (0, 20, 13_110)]


def read_stream(data: bytes, _: Path) -> None:
    for piece, _authentic in unseal_past_damage(io.BytesIO(data), SECRET, identity=b"i"):
        assert len(piece) <= len(data)
    for _piece in unseal(io.BytesIO(data), SECRET, identity=b"i"):
        pass


def read_anchor(body: bytes, place: Path) -> None:
    for signed in (anchor._MAGIC + body, body):
        (place / anchor.ANCHOR).write_bytes(signed + anchor._mac(signed, key()))
        anchor.read(place, key())


@functools.cache
def a_checkpoint() -> list[bytes]:
    signer = Ed25519PrivateKey.from_private_bytes(SECRET)
    return [checkpoints.encode(checkpoints.signed_checkpoint(signer, ID, 7, SECRET, datetime.now(UTC)))]


def read_checkpoint(data: bytes, _: Path) -> None:
    checkpoints.short_code(checkpoints.decode(data))


def read_key(data: bytes, place: Path) -> None:
    (place / "key").write_bytes(data)
    read_key_file(place / "key")


def read_recovery(data: bytes, _: Path) -> None:
    read_code(data.decode("utf-8", "surrogateescape"))


def pages() -> list[bytes]:
    import sqlite3
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plain.db"
        database = sqlite3.connect(path)
        database.execute("PRAGMA page_size = 1024")
        database.execute("CREATE TABLE a (id INTEGER PRIMARY KEY, text, number REAL, more BLOB)")
        for number in range(12):
            database.execute("INSERT INTO a VALUES (?, ?, ?, ?)", (number, "words" * number * 40, 0.5, b"x"))
        database.execute("CREATE TABLE b (k TEXT PRIMARY KEY, v) WITHOUT ROWID")
        database.executemany("INSERT INTO b VALUES (?, ?)", [(f"k{n}" * 9, n) for n in range(40)])
        database.commit()
        database.close()
        whole = path.read_bytes()
    return [whole[place : place + 1024] for place in range(0, len(whole), 1024)]


def read_pages(data: bytes, _: Path) -> None:
    """One page, and itself wherever it goes on: a list of pages that never ends."""
    page = data[:1024].ljust(1024, b"\0")
    for number in (1, 2):
        for _record in records(number, page, 1024, lambda _: page, Tally()):
            pass


_REFUSED = (DiaryError,)
_BACKUP = (BackupDamaged, NotABackup)

TARGETS = (
    Target(name="header", samples=headers, read=read_header, share=60),
    Target(name="header-summed", samples=lambda: [headers()[0][12:-64]], read=read_summed_header, share=60),
    Target(
        name="slot",
        samples=lambda: [msgspec.json.encode(one) for one in slots()],
        read=read_slot,
        refuses=_REFUSED,
    ),
    Target(
        name="backup",
        samples=lambda: [backup(), backup(True)],
        read=read_container,
        refuses=_BACKUP,
        share=20,
    ),
    Target(
        name="backup-summed",
        samples=lambda: [_index_of(backup()), _index_of(backup(True))],
        read=read_summed_container,
        refuses=_BACKUP,
        share=20,
    ),
    Target(
        name="backup-index",
        samples=lambda: [_index_of(backup()), _index_of(backup(True))],
        read=read_index,
        share=60,
    ),
    Target(name="backup-manifest", samples=lambda: [msgspec.json.encode(_manifest())], read=read_manifest),
    Target(name="spool", samples=spools, read=read_spool, refuses=(NotAuthentic,), share=20),
    Target(name="attachment", samples=streams, read=read_stream, refuses=(NotAuthentic,), share=20),
    Target(
        name="anchor",
        samples=lambda: [msgspec.json.encode(anchor.Anchor(generation=2, root=ID, found=("Something.",)))],
        read=read_anchor,
        share=20,
    ),
    Target(name="checkpoint", samples=a_checkpoint, read=read_checkpoint, refuses=_REFUSED),
    Target(name="key-file", samples=lambda: [SECRET * 2, bytes(range(256))], read=read_key, refuses=_REFUSED),
    Target(
        name="recovery-code",
        samples=lambda: [new_code().encode() for _ in range(4)],
        read=read_recovery,
        share=60,
    ),
    Target(name="rescued-page", samples=pages, read=read_pages, share=40),
)
