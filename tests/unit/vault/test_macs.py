"""What is compared of a MAC is all of it, and it is over all that it stands for: no bit of either may differ.

Whoever has no key can set a plain sum right, so none of these is looked at through one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from diary.vault import anchor
from diary.vault.anchor import ANCHOR, Anchor
from diary.vault.backups.container import FOOTER_BYTES, SUM_BYTES, Container
from diary.vault.backups.container_writer import ContainerWriter
from diary.vault.backups.manifest import Manifest, open_manifest, seal_manifest
from diary.vault.header import Header, StoredHeader, encode
from diary.vault.keys import VaultKey
from diary.vault.manifest_journal import journal_after
from diary.vault.manifest_tree import MAC_BYTES, Macs, Root, authentic_root
from tests.unit.vault.fresh import MORNING

KEY = VaultKey(bytearray(range(48)))


def flipped(content: bytes) -> Iterator[bytes]:
    """The content with one bit of it changed, in each of its bytes."""
    for place in range(len(content)):
        spoilt = bytearray(content)
        spoilt[place] ^= 1 << place % 8
        yield bytes(spoilt)


def test_of_a_header() -> None:
    header = Header(version=1, vault_id=bytes(16), generation=3, page_size=16384, slots=())
    content = encode(header, KEY)
    signed, plain_sum = content[:-32], content[-32:]
    assert StoredHeader(header, content).is_authentic(KEY)
    assert not [one for one in flipped(signed) if StoredHeader(header, one + plain_sum).is_authentic(KEY)]


def test_of_an_anchor(tmp_path: Path) -> None:
    written = Anchor(generation=7, root=bytes(16), found=("An old page",))
    anchor.write(tmp_path, written, KEY)
    content = (tmp_path / ANCHOR).read_bytes()
    assert anchor.read(tmp_path, KEY) == written
    for spoilt in flipped(content):
        (tmp_path / ANCHOR).write_bytes(spoilt)
        assert anchor.read(tmp_path, KEY) is None


MACS = Macs(bytes(32))
TOP = b"\x92\x07\x81\xa5words\x81\x00\xc4\x10" + bytes(16)
ROOT = MACS.root(TOP) + TOP


def test_of_the_root_of_the_manifest() -> None:
    assert authentic_root(ROOT, MACS) == (Root(7, {"words": {0: bytes(16)}}), ROOT[:MAC_BYTES])
    assert not [one for one in flipped(ROOT) if authentic_root(one, MACS) is not None]


def test_of_a_row_of_its_journal() -> None:
    said = b"\x81\xa5words\x81\x01\xc4\x10" + bytes(16)
    row = MACS.journal(ROOT[:MAC_BYTES], said) + said

    def follow(row: bytes) -> int:
        head = journal_after(ROOT, {0: [row]}, MACS)
        assert head is not None
        return head.rows

    assert follow(row) == 1
    assert not [one for one in flipped(row) if follow(one)]
    other = MACS.journal(bytes(MAC_BYTES), said) + said  # that follows something else
    assert not follow(other)


@pytest.mark.parametrize("mac", [MACS.leaf, lambda *given: MACS.node(given[0], 0, *given[1:])])
def test_a_leaf_and_a_node_say_whose_they_are(mac: Callable[[str, int, bytes], bytes]) -> None:
    others = [("words", 7, b"content"), ("index", 7, b"content"), ("words", 8, b"content"), ("words", 7, b"")]
    assert len({mac(*other) for other in others}) == len(others)
    assert MACS.leaf("words", 7, b"x") != MACS.node("words", 0, 7, b"x") != MACS.node("words", 1, 7, b"x")


def test_of_a_backup(tmp_path: Path) -> None:
    file = tmp_path / "a.backup"
    with (
        file.open("w+b") as made,
        ContainerWriter(made.fileno(), vault_id=bytes(16), made=1) as writer,
    ):
        for name in ("vault.db", "vault.header", "manifest"):
            writer.add(name, [name.encode()])
        writer.finish(KEY)
    with Container.open(file) as backup:
        signed = backup._signed
        assert backup.is_authentic(KEY)
        for spoilt in flipped(signed):
            backup._signed = spoilt
            assert not backup.is_authentic(KEY)
    content = file.read_bytes()
    mac_at = len(content) - 2 * SUM_BYTES
    assert len(content) - FOOTER_BYTES < mac_at
    for mac in flipped(content[mac_at:-SUM_BYTES]):
        file.write_bytes(content[:mac_at] + mac + hashlib.sha256(signed + mac).digest())
        with Container.open(file) as backup:
            assert not backup.is_authentic(KEY)


def test_of_what_a_backup_says_of_its_contents_and_nobody_reads_that() -> None:
    said = Manifest(
        version=2,
        made=MORNING,
        entries=3,
        newest=MORNING.date(),
        recordings=1,
        unsaved=0,
        rows={},
        digest="0",
    )
    sealed = seal_manifest(said, KEY, vault_id=bytes(16))
    assert open_manifest(sealed, KEY, vault_id=bytes(16)) == said
    assert not [word for word in (b"entries", b"2026", b"digest") if word in sealed]
    assert not [one for one in flipped(sealed) if open_manifest(one, KEY, vault_id=bytes(16)) is not None]
    assert open_manifest(sealed, KEY, vault_id=bytes(15) + b"1") is None
