"""The pages of a database, authenticated by us as SQLCipher does."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from diary.vault.backups.pages import PageProof, prove_file, tag_place, tags_of_file
from diary.vault.connection import open_database
from diary.vault.keys import VaultKey
from diary.vault.vault import DATABASE, Vault
from tests.unit.vault.fresh import CHEAPEST, PASSPHRASE, words


@pytest.fixture(scope="module", params=[1024, 16384])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Vault]:
    """The file of a closed database of at least 40 pages, and the vault with its key."""
    folder = tmp_path_factory.mktemp("pages")
    vault, _ = Vault.create(folder / "vault", PASSPHRASE, kdf=CHEAPEST, page_size=request.param)
    vault.entries.add(words("walked to the weir " * 2000))
    vault._database.checkpoint()
    return Path(shutil.copy(vault.folder / DATABASE, folder / "copy.db")), vault


def page_size(vault: Vault) -> int:
    return vault.backups._source.page_size


def by_sqlcipher(path: Path, vault: Vault) -> int:
    """How many pages `cipher_integrity_check` says are wrong."""
    copy = path.with_name("looked-at.db")
    shutil.copy(path, copy)
    opened = open_database(copy, vault._key, page_size=page_size(vault))
    try:
        return len(opened.rows("PRAGMA cipher_integrity_check"))
    finally:
        opened.close()


def test_what_sqlcipher_takes_for_whole_is_whole_and_what_it_refuses_is_refused(
    database: tuple[Path, Vault],
) -> None:
    """Bits flipped in the ciphertext, the nonce and the HMAC of pages, and pages exchanged or emptied."""
    path, vault = database
    size, good, dice = page_size(vault), path.read_bytes(), random.Random(4)
    proof, count = PageProof(vault._key, size), len(good) // size
    wrong, tags = prove_file(path, proof)
    assert (wrong, len(tags), by_sqlcipher(path, vault)) == ([], 64 * count, 0)
    # Not in the first page: without it SQLCipher opens nothing.
    for place in (0, size // 2, size - 81, size - 80, size - 65, size - 64, size - 1):
        spoilt = bytearray(good)
        number = dice.randrange(2, count + 1)
        spoilt[(number - 1) * size + place] ^= 1 << dice.randrange(8)
        path.write_bytes(spoilt)
        assert prove_file(path, proof)[0] == [number], place
        assert by_sqlcipher(path, vault) == 1
    two, three = good[size : 2 * size], good[2 * size : 3 * size]
    for middle, expected in ((three + two, [2, 3]), (two + two, [3]), (bytes(size) + three, [2])):
        path.write_bytes(good[:size] + middle + good[3 * size :])
        assert prove_file(path, proof)[0] == expected
        assert by_sqlcipher(path, vault) == len(expected)
    path.write_bytes(good)


def test_the_first_page_counts_but_for_the_salt_which_the_key_has(database: tuple[Path, Vault]) -> None:
    path, vault = database
    size, good = page_size(vault), path.read_bytes()
    proof = PageProof(vault._key, size)
    for place, expected in ((0, []), (15, []), (16, [1]), (size - 1, [1])):
        spoilt = bytearray(good)
        spoilt[place] ^= 1
        assert proof.wrong(1, bytes(spoilt[:size])) == expected


def test_bytes_beyond_the_last_page_and_another_key_are_wrong(database: tuple[Path, Vault]) -> None:
    path, vault = database
    size, good = page_size(vault), path.read_bytes()
    longer = path.with_name("longer.db")
    longer.write_bytes(good + b"x")
    assert prove_file(longer, PageProof(vault._key, size))[0] == [len(good) // size + 1]
    other = PageProof(VaultKey.random(), size)
    assert len(prove_file(path, other)[0]) == len(good) // size


def test_the_page_of_the_locks_is_passed_over_and_no_other_empty_one() -> None:
    key = VaultKey.random()
    for size in (1024, 16384, 65536):
        proof, locks = PageProof(key, size), (1 << 30) // size + 1
        assert proof.wrong(locks - 1, bytes(3 * size)) == [locks - 1, locks + 1]


def test_tags_are_read_as_they_stand_in_the_file(database: tuple[Path, Vault]) -> None:
    path, vault = database
    size, content = page_size(vault), path.read_bytes()
    with path.open("rb") as file:
        tags = tags_of_file(file.fileno(), len(content), size)
        assert tags == prove_file(path, PageProof(vault._key, size))[1]
        assert tags_of_file(file.fileno(), size, size, start=size) == tags[64:128]
    assert tags[:64] == content[tag_place(size) : tag_place(size) + 64]
