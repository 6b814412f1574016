"""Every byte of a backup counts: what is flipped, cut off, moved or made up is found."""

from __future__ import annotations

import hashlib
import random
import struct
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
import pytest

from diary.errors import BackupDamaged, NotABackup
from diary.model.entry import Kind
from diary.vault import slots
from diary.vault.backups.container import (
    FOOTER_BYTES,
    LENGTH,
    OPENING,
    Container,
    Member,
    plain_sum,
)
from diary.vault.backups.container_writer import ContainerWriter
from diary.vault.backups.restoring import drill
from diary.vault.backups.sums import Checksums
from diary.vault.header import Header, decode
from diary.vault.keys import VaultKey
from diary.vault.slots import PASSPHRASE as PASSPHRASE_SLOT
from diary.vault.slots import KdfParameters
from diary.vault.vault import Vault
from tests.unit.vault.fresh import CHEAPEST, MORNING, PASSPHRASE, words

Parts = list[tuple[str, bytes]]
FORGERIES = (
    "exchanged", "reordered", "left out", "twice", "added", "elsewhere", "no database", "another vault's",
    "redated", "not in front", "an earlier form",
)  # fmt: skip


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, str]:
    """The bytes of a backup of about 60 KB with every kind of member, and the recovery code."""
    folder = tmp_path_factory.mktemp("small")
    vault, code = Vault.create(folder / "vault", PASSPHRASE, kdf=CHEAPEST, page_size=1024)
    with vault:
        for sound in (b"one", b"two"):
            vault.recordings.keep(words("said", kind=Kind.VOICE), sound, name="a.wav")
        running = vault.spools.begin(MORNING)
        running.append(b"spoken" * 100)
        file = vault.backups.make(folder / "a.backup").file
    return file.read_bytes(), code


def require_found(content: bytes, code: str, folder: Path) -> None:
    file = folder / "changed.backup"
    file.write_bytes(content)
    with pytest.raises((BackupDamaged, NotABackup), match="Nothing was changed"):
        drill(file, code, scratch=folder)


def flips(content: bytes, places: Iterable[int], code: str, folder: Path) -> None:
    file = folder / "changed.backup"
    file.write_bytes(content)
    with file.open("r+b", buffering=0) as changed:
        for place in places:
            changed.seek(place)
            changed.write(bytes([content[place] ^ 1 << place % 8]))
            with pytest.raises((BackupDamaged, NotABackup)):
                drill(file, code, scratch=folder)
            changed.seek(place)
            changed.write(content[place : place + 1])
    drill(file, code, scratch=folder)


def test_a_byte_changed_anywhere_is_found(small: tuple[bytes, str], tmp_path: Path) -> None:
    content, code = small
    dice = random.Random(5)
    frame = [*range(32), *range(len(content) - FOOTER_BYTES - OPENING.size - 20, len(content))]
    flips(content, [*frame, *dice.sample(range(len(content)), 200)], code, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_every_byte_of_a_backup_counts(small: tuple[bytes, str], tmp_path: Path) -> None:
    flips(small[0], range(len(small[0])), small[1], tmp_path)


def test_a_backup_cut_off_is_found_wherever(small: tuple[bytes, str], tmp_path: Path) -> None:
    content, code = small
    end = len(content) - FOOTER_BYTES
    with_ends = {OPENING.size, end - OPENING.size, end, len(content) - 1, len(content) - 32, 0, 7}
    place = 0
    for _, member in parts_of(content):
        place += len(member)
        with_ends |= {place, place - 1, place + 1}
    for end in sorted(with_ends):
        require_found(content[:end], code, tmp_path)
    require_found(content + b"\0", code, tmp_path)
    members_end = sum(len(part) for _, part in parts_of(content))
    require_found(content[:members_end] + b"more" + content[members_end:], code, tmp_path)


def opening_of(content: bytes) -> bytes:
    return content[-FOOTER_BYTES - OPENING.size : -FOOTER_BYTES]


def parts_of(content: bytes) -> Parts:
    (length,) = LENGTH.unpack_from(content, len(content) - FOOTER_BYTES)
    end = len(content) - FOOTER_BYTES - OPENING.size
    parts, place = [], 0
    for member in msgspec.json.decode(content[end - length : end])["members"]:
        parts.append((member["name"], content[place : place + member["size"]]))
        place += member["size"]
    return parts


def sum_of(name: str, part: bytes) -> str:
    sums = Checksums() if name == "vault.db" else hashlib.sha256()
    sums.update(part)
    return sums.hexdigest()


def made_up(content: bytes, parts: Parts, *, opening: bytes | None = None) -> bytes:
    """What somebody without the key can make: all sums right but the HMAC, which is the old one."""
    opening = opening or opening_of(content)
    members = [Member(name=name, sha256=sum_of(name, part), size=len(part)) for name, part in parts]
    index = msgspec.json.encode({"members": members}, order="sorted")
    mac = content[-64:-32]
    signed = opening + LENGTH.pack(len(index)) + index
    body = b"".join(part for _, part in parts)
    return body + index + opening + LENGTH.pack(len(index)) + mac + plain_sum(signed + mac)


def test_the_same_parts_put_together_again_are_the_backup(small: tuple[bytes, str]) -> None:
    assert made_up(small[0], parts_of(small[0])) == small[0]


def forgeries(content: bytes) -> dict[str, bytes]:
    parts = parts_of(content)
    recordings = [number for number, (name, _) in enumerate(parts) if name.startswith("attachments/")]
    one, two = recordings
    exchanged = list(parts)
    exchanged[one], exchanged[two] = (parts[one][0], parts[two][1]), (parts[two][0], parts[one][1])
    opening = opening_of(content)
    other_id = opening[:8] + bytes(16) + opening[24:]
    older = opening[:24] + bytes(8)
    return {
        "exchanged": made_up(content, exchanged),
        "reordered": made_up(content, [*parts[:one], parts[two], parts[one], *parts[two + 1 :]]),
        "left out": made_up(content, [part for part in parts if part != parts[one]]),
        "twice": made_up(content, [*parts, parts[one]]),
        "added": made_up(content, [*parts, ("attachments/" + "0" * 32, b"x")]),
        "elsewhere": made_up(content, [*parts, ("attachments/../../x", b"x")]),
        "not in front": made_up(content, [*parts[1:], parts[0]]),
        "an earlier form": made_up(content, parts, opening=b"DIARYBK1" + opening[8:]),
        "no database": made_up(content, [part for part in parts if part[0] != "vault.db"]),
        "another vault's": made_up(content, parts, opening=other_id),
        "redated": made_up(content, parts, opening=older),
    }


@pytest.mark.parametrize("kind", FORGERIES)
def test_a_backup_put_together_without_the_key_is_refused(
    small: tuple[bytes, str], tmp_path: Path, kind: str
) -> None:
    content, code = small
    made = forgeries(content)
    assert set(made) == set(FORGERIES)
    require_found(made[kind], code, tmp_path)
    assert not (tmp_path / "x").exists()


def test_a_database_that_is_not_in_front_makes_no_sense(small: tuple[bytes, str], tmp_path: Path) -> None:
    (tmp_path / "a.backup").write_bytes(forgeries(small[0])["not in front"])
    with pytest.raises(BackupDamaged, match="makes no sense"):
        Container.open(tmp_path / "a.backup")


def with_header(content: bytes, change: Callable[[Header], Header]) -> bytes:
    """The backup with another header in it, whose own plain sum is right."""
    stored = decode(dict(parts_of(content))["vault.header"])
    assert stored is not None
    body = msgspec.json.encode(change(stored.header), order="sorted")
    signed = b"DIARYVLT" + struct.pack(">I", len(body)) + body + bytes(32)
    header = signed + hashlib.sha256(signed).digest()
    return made_up(content, [(name, header if name == "vault.header" else part)
                             for name, part in parts_of(content)])  # fmt: skip


def costly(header: Header, *, memory_kib: int, slots: int = 1) -> Header:
    (first,) = [slot for slot in header.slots if slot.kind == PASSPHRASE_SLOT]
    kdf = KdfParameters(memory_kib=memory_kib, iterations=16, lanes=1)
    asks = tuple(msgspec.structs.replace(first, id=f"{n:08x}", kdf=kdf) for n in range(slots))
    return msgspec.structs.replace(header, slots=asks)


@pytest.mark.parametrize(
    ("change", "by_code"),
    [
        pytest.param(lambda header: msgspec.structs.replace(header, version=9), False, id="unknown"),
        pytest.param(lambda header: costly(header, memory_kib=8), False, id="cheap"),
        pytest.param(lambda header: costly(header, memory_kib=2**21, slots=16), False, id="dear"),
        pytest.param(lambda header: msgspec.structs.replace(header, generation=9), True, id="turned"),
    ],
)
def test_a_header_within_that_is_not_ours_damages_the_backup_and_no_vault_and_costs_nothing(
    small: tuple[bytes, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Header], Header],
    by_code: bool,
) -> None:
    content, code = small
    (tmp_path / "changed.backup").write_bytes(with_header(content, change))
    monkeypatch.setattr(slots, "Argon2id", None)  # to derive anything would be a TypeError
    with pytest.raises(BackupDamaged, match=r"The backup changed\.backup is damaged: the header within"):
        drill(tmp_path / "changed.backup", code if by_code else PASSPHRASE, scratch=tmp_path)


def test_something_else_is_no_backup(tmp_path: Path) -> None:
    for content in (b"", b"SQLite format 3\0", b"words"):
        (tmp_path / "it").write_bytes(content)
        with pytest.raises(NotABackup):
            Container.open(tmp_path / "it")


def test_a_member_is_read_as_a_file(tmp_path: Path) -> None:
    key = VaultKey.random()
    with (
        (tmp_path / "c").open("w+b") as file,
        ContainerWriter(file.fileno(), vault_id=bytes(16), made=1) as writer,
    ):
        for name in ("vault.db", "vault.header", "manifest"):
            writer.add(name, [name.encode() * 3, b"|"])
        writer.finish(key)
    with Container.open(tmp_path / "c") as container:
        assert container.stream("manifest").read() == b"manifest" * 3 + b"|"
        assert container.stream("vault.db").read(5) == b"vault"
        assert container.is_authentic(key)
        assert not container.is_authentic(VaultKey.random())
        with pytest.raises(FileNotFoundError):
            container.stream("attachments/" + "0" * 32)
