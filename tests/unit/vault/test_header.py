"""The key file: damage is mended from the other copy, forgery is refused, old parameters have a floor."""

from __future__ import annotations

import functools
import hashlib
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from diary.errors import DiaryError, VaultDamaged, WrongPassphrase
from diary.vault import header as header_file
from diary.vault.header import COPY, HEADER, MAGIC, Header, decode
from diary.vault.keys import VaultKey, passphrase_bytes
from diary.vault.recovery import new_code, read_code
from diary.vault.slots import PASSPHRASE, RECOVERY_CODE, KdfParameters, KeySlot, make_slot, open_slot
from diary.vault.unlocking import open_any, unlock_header
from tests.faults.faulty_disk import in_memory
from tests.unit.vault.fresh import CHEAPEST, MORNING, never_waiting
from tests.unit.vault.fresh import PASSPHRASE as SECRET


def slot_of(kind: str, secret: bytes | bytearray, key: VaultKey) -> KeySlot:
    kdf = CHEAPEST if kind == PASSPHRASE else None
    return make_slot(kind, secret, key, vault_id=Forged.vault_id, made=MORNING, kdf=kdf, label=f"my {kind}")


@functools.cache
def derived_once() -> tuple[bytes, str, Header]:
    """A key, a code that opens it, and their header: Argon2 is paid for once; each test has its own files."""
    key, code = VaultKey.random(), new_code()
    symbols = read_code(code).symbols or b""
    slots = (slot_of(PASSPHRASE, passphrase_bytes(SECRET), key), slot_of(RECOVERY_CODE, symbols, key))
    header = Header(version=1, vault_id=Forged.vault_id, generation=3, page_size=16384, slots=slots)
    return bytes(key.secret), code, header


class Forged:
    """A folder with a header whose slots are known, and a way to write what its owner never signed."""

    vault_id = bytes(range(16))

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        secret, self.code, self.header = derived_once()
        self.key = VaultKey(bytearray(secret))
        header_file.save(folder, self.header, self.key)

    @property
    def symbols(self) -> bytes:
        return read_code(self.code).symbols or b""

    def write_unsigned(self, header: Header, *names: str) -> None:
        """What someone without the key can write: the checksum is right, the signature is the old one."""
        mac = (self.folder / HEADER).read_bytes()[-64:-32]
        body = msgspec.json.encode(header, order="sorted")
        content = MAGIC + struct.pack(">I", len(body)) + body + mac
        content += hashlib.sha256(content).digest()
        assert decode(content) is not None
        for name in names or (HEADER, COPY):
            (self.folder / name).write_bytes(content)

    def changed(self, **fields: Any) -> Header:
        return msgspec.structs.replace(self.header, **fields)

    def with_slot(self, number: int, **fields: Any) -> Header:
        slots = list(self.header.slots)
        slots[number] = msgspec.structs.replace(slots[number], **fields)
        return self.changed(slots=tuple(slots))


@pytest.fixture
def vault(tmp_path: Path) -> Forged:
    return Forged(tmp_path)


def test_the_passphrase_and_the_code_give_the_same_key(vault: Forged) -> None:
    for secret in (SECRET, vault.code, vault.code.lower().replace("-", " ")):
        key, header = unlock_header(vault.folder, secret)
        assert bytes(key.secret) == bytes(vault.key.secret)
        assert header == vault.header


def mended_after(vault: Forged, which: str, places: range, *, flip: int = 0x41) -> None:
    good = (vault.folder / HEADER).read_bytes()
    for place in places:
        spoilt = bytearray(good)
        spoilt[place % len(good)] ^= flip
        (vault.folder / which).write_bytes(spoilt)
        key, _ = unlock_header(vault.folder, vault.code)
        assert bytes(key.secret) == bytes(vault.key.secret)
        assert (vault.folder / HEADER).read_bytes() == (vault.folder / COPY).read_bytes() == good


@pytest.mark.parametrize("which", [HEADER, COPY])
def test_a_damaged_byte_of_one_copy_is_mended_from_the_other(vault: Forged, which: str) -> None:
    mended_after(vault, which, range(0, 700, 37))


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("which", [HEADER, COPY])
def test_any_flipped_bit_of_one_copy_is_mended_from_the_other(tmp_path: Path, which: str) -> None:
    with in_memory(tmp_path) as folder:
        vault = Forged(folder)
        size = len((folder / HEADER).read_bytes())
        for bit in range(8):
            mended_after(vault, which, range(size), flip=1 << bit)


def test_any_damaged_byte_is_told_without_the_key(vault: Forged) -> None:
    good = (vault.folder / HEADER).read_bytes()
    assert decode(good) is not None
    for place in range(len(good)):
        for bit in range(8):
            spoilt = bytearray(good)
            spoilt[place] ^= 1 << bit
            assert decode(bytes(spoilt)) is None, (place, bit)


@pytest.mark.parametrize("which", [HEADER, COPY])
@pytest.mark.parametrize("content", [None, b"", b"\0" * 700, MAGIC])
def test_a_missing_or_emptied_copy_is_made_again(vault: Forged, which: str, content: bytes | None) -> None:
    good = (vault.folder / which).read_bytes()
    (vault.folder / which).unlink() if content is None else (vault.folder / which).write_bytes(content)
    unlock_header(vault.folder, vault.code)
    assert (vault.folder / which).read_bytes() == good


def test_damage_to_both_copies_is_told_and_nothing_is_written(vault: Forged) -> None:
    for name in (HEADER, COPY):
        (vault.folder / name).write_bytes((vault.folder / name).read_bytes()[:-1])
    before = {path: path.read_bytes() for path in vault.folder.iterdir()}
    with pytest.raises(VaultDamaged):
        unlock_header(vault.folder, SECRET)
    assert {path: path.read_bytes() for path in vault.folder.iterdir()} == before


def test_a_wrong_secret_is_refused_and_nothing_is_written(vault: Forged) -> None:
    (vault.folder / COPY).unlink()
    before = {path: path.read_bytes() for path in vault.folder.iterdir()}
    for wrong in (SECRET + "x", SECRET.upper(), new_code(), "", "   "):
        with pytest.raises(WrongPassphrase):
            unlock_header(vault.folder, wrong)
    assert {path: path.read_bytes() for path in vault.folder.iterdir()} == before


def test_a_mistyped_code_is_told_as_one(vault: Forged) -> None:
    last = "0" if vault.code[-1] != "0" else "2"
    with pytest.raises(WrongPassphrase, match="recovery code with a typing error"):
        unlock_header(vault.folder, vault.code[:-1] + last)


def exchanged(vault: Forged, *fields: str) -> Header:
    """The two slots with these of their fields exchanged."""
    first, second = vault.header.slots
    given = [{name: getattr(slot, name) for name in fields} for slot in (second, first)]
    return vault.changed(
        slots=tuple(
            msgspec.structs.replace(slot, **new) for slot, new in zip((first, second), given, strict=True)
        )
    )


FORGERIES = {
    "a memory of 8 KiB": lambda v: v.with_slot(0, kdf=KdfParameters(memory_kib=8, iterations=1, lanes=1)),
    "exchanged labels": lambda v: exchanged(v, "label"),
    "exchanged names": lambda v: exchanged(v, "id"),
    "exchanged keys": lambda v: exchanged(v, "salt", "nonce", "wrapped"),
    "weaker memory": lambda v: v.with_slot(0, kdf=KdfParameters(memory_kib=65537, iterations=1, lanes=4)),
    "fewer lanes": lambda v: v.with_slot(0, kdf=KdfParameters(memory_kib=65536, iterations=1, lanes=1)),
    "a passphrase slot without derivation": lambda v: v.with_slot(0, kind=RECOVERY_CODE),
    "a dropped slot": lambda v: v.changed(slots=v.header.slots[1:]),
    "swapped slots": lambda v: v.changed(slots=v.header.slots[::-1]),
    "an older generation": lambda v: v.changed(generation=2),
    "a newer generation": lambda v: v.changed(generation=9),
    "another page size": lambda v: v.changed(page_size=4096),
    "another vault": lambda v: v.changed(vault_id=bytes(16)),
    "another label": lambda v: v.with_slot(1, label="mine"),
    "a slot made at another time": lambda v: v.with_slot(1, made="2020-01-01T00:00:00+00:00"),
    "an added slot of another key": lambda v: v.changed(
        slots=(*v.header.slots, slot_of(RECOVERY_CODE, b"x" * 26, VaultKey.random()))
    ),
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_header_changed_without_the_key_opens_nothing(vault: Forged, forgery: Any) -> None:
    assert forgery(vault) != vault.header
    vault.write_unsigned(forgery(vault))
    for secret in (SECRET, vault.code):
        with pytest.raises(DiaryError) as refused:
            unlock_header(vault.folder, secret)
        assert isinstance(refused.value, VaultDamaged | WrongPassphrase)
        if forgery(vault).vault_id != vault.vault_id:  # a slot is of no other vault, whoever signs for it
            assert open_any(forgery(vault), secret) is None


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forged_copy_gives_way_to_the_true_one(
    vault: Forged, forgery: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And is at no moment put in the place of the true one."""
    true = (vault.folder / COPY).read_bytes()
    vault.write_unsigned(forgery(vault), HEADER)
    real, written = header_file.replace_synced, set[bytes]()

    def noted(path: Path, content: bytes) -> None:
        written.add(content)
        real(path, content)

    monkeypatch.setattr(header_file, "replace_synced", noted)
    key, header = unlock_header(vault.folder, vault.code)
    assert written == {true}
    assert bytes(key.secret) == bytes(vault.key.secret)
    assert header == vault.header
    assert (vault.folder / HEADER).read_bytes() == true


@pytest.mark.parametrize(
    "kdf",
    [
        KdfParameters(memory_kib=64 * 1024 - 1, iterations=3, lanes=4),
        KdfParameters(memory_kib=8, iterations=1, lanes=1),
        KdfParameters(memory_kib=2**31, iterations=1, lanes=1),
        KdfParameters(memory_kib=64 * 1024, iterations=10**6, lanes=1),
        KdfParameters(memory_kib=64 * 1024, iterations=0, lanes=1),
        KdfParameters(memory_kib=64 * 1024, iterations=1, lanes=1000),
        KdfParameters(memory_kib=-(2**20), iterations=1, lanes=1),
    ],
)
def test_costs_outside_the_limits_are_refused_before_the_derivation_runs(
    vault: Forged, kdf: KdfParameters, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("the derivation ran")

    vault.write_unsigned(vault.with_slot(0, kdf=kdf))
    monkeypatch.setattr("diary.vault.slots.Argon2id", never)
    with pytest.raises(VaultDamaged, match="outside the allowed limits"):
        unlock_header(vault.folder, SECRET)
    with pytest.raises(VaultDamaged):
        make_slot(PASSPHRASE, b"x", vault.key, vault_id=vault.vault_id, made=MORNING, kdf=kdf)


@pytest.mark.parametrize(
    "said",
    [
        {"id": "00000000"},
        {"made": "2020-01-01T00:00:00+00:00"},
        {"label": "mine"},
        {"kdf": KdfParameters(memory_kib=65536, iterations=1, lanes=1)},
    ],
)
def test_a_slot_that_says_something_else_of_itself_opens_nothing(vault: Forged, said: dict[str, Any]) -> None:
    """Without the header's signature, too: what a slot says is authenticated with the key it wraps."""
    (slot,) = vault.with_slot(1, **said).slots[1:]
    assert open_slot(slot, vault.symbols, vault_id=vault.vault_id) is None
    assert open_slot(vault.header.slots[1], vault.symbols, vault_id=bytes(16)) is None
    assert open_slot(vault.header.slots[1], vault.symbols, vault_id=vault.vault_id) is not None


def test_many_slots_are_refused_since_each_takes_a_second_to_try(vault: Forged) -> None:
    slots = vault.header.slots * 9
    content = header_file.encode(vault.changed(slots=slots), vault.key)
    assert decode(content) is None


def test_a_slot_of_an_unknown_kind_is_passed_over(vault: Forged) -> None:
    later = make_slot("key-file", b"f" * 32, vault.key, vault_id=vault.vault_id, made=MORNING)
    header_file.save(vault.folder, vault.changed(generation=4, slots=(later, *vault.header.slots)), vault.key)
    _, header = unlock_header(vault.folder, vault.code)
    assert header.slots[0] == later


def test_the_newer_of_two_true_copies_counts_and_both_become_it(vault: Forged) -> None:
    old = (vault.folder / HEADER).read_bytes()
    header_file.save(vault.folder, vault.changed(generation=4), vault.key)
    (vault.folder / HEADER).write_bytes(old)  # a crash between the two copies
    _, header = unlock_header(vault.folder, vault.code)
    assert header.generation == 4
    assert (vault.folder / HEADER).read_bytes() == (vault.folder / COPY).read_bytes() != old


def test_the_vault_opens_when_a_spoilt_copy_cannot_be_mended(
    vault: Forged, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    (vault.folder / COPY).write_bytes(b"spoilt")
    monkeypatch.setattr(header_file, "replace_synced", full)
    key, _ = unlock_header(vault.folder, vault.code)
    assert bytes(key.secret) == bytes(vault.key.secret)


@pytest.mark.parametrize("names", [(HEADER,), (COPY,), (HEADER, COPY)], ids=["one", "the other", "both"])
@pytest.mark.parametrize("put", [os.mkfifo, os.mkdir], ids=["pipe", "folder"])
def test_a_pipe_or_a_folder_in_its_place_is_a_damaged_copy_and_nobody_waits_for_it(
    vault: Forged, put: Callable[[Path], None], names: tuple[str, ...]
) -> None:
    for name in names:
        (vault.folder / name).unlink()
        put(vault.folder / name)
    with never_waiting():
        if len(names) == 1:
            key, _ = unlock_header(vault.folder, vault.code)
            assert bytes(key.secret) == bytes(vault.key.secret)
        else:
            with pytest.raises(VaultDamaged, match="both copies"):
                unlock_header(vault.folder, vault.code)


def test_a_passphrase_is_the_same_however_its_accents_and_spaces_are_typed(tmp_path: Path) -> None:
    composed, decomposed = "caf\u00e9 au lait", "cafe\u0301\u00a0au\u3000lait"
    assert passphrase_bytes(composed) == passphrase_bytes(decomposed)
    assert passphrase_bytes("Caf\u00e9") != passphrase_bytes("caf\u00e9")


def test_a_wiped_key_has_no_bit_left_and_is_never_shown() -> None:
    key = VaultKey.random()
    secret = key.secret
    assert any(secret)
    assert secret.hex() not in repr(key) + str(key)
    key.wipe()
    assert not any(secret)
