"""A vault and a backup open without our code: a script with `cryptography` alone, and plain SQLCipher.

Debian's own `sqlcipher` (3.4.1) is too old for the form of SQLCipher 4, so the package's library stands for
the command: what is run is what one would type.
"""

from __future__ import annotations

import ast
import io
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlcipher

from diary.model.attachment import AttachmentDraft
from diary.model.entry import Kind
from diary.model.key import KeyFile
from diary.vault.backups.container import Container
from diary.vault.header import HEADER
from diary.vault.keyring import KeyRing
from diary.vault.removal import ATTACHMENTS
from diary.vault.vault import DATABASE, Vault
from tests.unit.vault import stock_tools
from tests.unit.vault.fresh import CHEAPEST, PASSPHRASE, fresh_folder, fresh_vault, words

SCRIPT = Path(stock_tools.__file__)


def told_by_the_script(*paths: Path, given: bytes) -> str:
    command = [sys.executable, "-I", str(SCRIPT), *map(str, paths)]
    return subprocess.run(command, input=given, capture_output=True, check=True).stdout.decode().strip()


def entries_by_plain_sqlcipher(database: Path, statements: str) -> list[tuple[str, str]]:
    connection = sqlcipher.connect(str(database))
    try:
        connection.executescript(statements)
        return connection.execute("SELECT text, kind FROM entries ORDER BY id").fetchall()
    finally:
        connection.close()


def test_a_backup_and_a_vault_open_with_stock_tools_alone(tmp_path: Path) -> None:
    passphrase = "Übung macht\u00a0die Meisterin"
    vault, _ = Vault.create(tmp_path / "vault", passphrase, kdf=CHEAPEST)
    with vault:
        vault.entries.add(words("Slept well by the weir."))
        voice = vault.recordings.keep(words("said", kind=Kind.VOICE), b"sound", name="a.wav")
        (tmp_path / "out").mkdir()
        file = vault.backups.make(tmp_path / "out" / "mine.backup").file
    kept = [("Slept well by the weir.", "note"), ("said", "voice")]
    folder = tmp_path / "unpacked"
    statements = told_by_the_script(file, folder, given=f"{passphrase}\n".encode())
    assert statements.startswith("PRAGMA key = \"x'")
    assert entries_by_plain_sqlcipher(folder / DATABASE, statements) == kept
    # The vault's own folder.
    shutil.copytree(tmp_path / "vault", tmp_path / "copy")
    assert told_by_the_script(tmp_path / "copy", given=f"{passphrase}\r\n".encode()) == statements
    assert entries_by_plain_sqlcipher(tmp_path / "copy" / DATABASE, statements) == kept
    assert (folder / HEADER).read_bytes() == (tmp_path / "vault" / HEADER).read_bytes()
    with Container.open(file) as container:
        recordings = [name for name in container.members if name.startswith("attachments/")]
        assert [(folder / name).read_bytes() for name in recordings] == [
            b"".join(container.pieces(name)) for name in recordings
        ]
    assert voice.id == 2


def test_stock_sqlcipher_opens_the_backup_itself(tmp_path: Path) -> None:
    """The database is at the front: no unpacking, and nothing is written beside it."""
    with fresh_vault(tmp_path) as vault:
        vault.recordings.keep(words("said", kind=Kind.VOICE), bytes(300_000), name="a.wav")
        vault.entries.add(words("Slept well by the weir."))
        (tmp_path / "out").mkdir()
        file = vault.backups.make(tmp_path / "out" / "mine.backup").file
    before = file.read_bytes()
    statements = told_by_the_script(file, tmp_path / "unpacked", given=PASSPHRASE.encode())
    connection = sqlcipher.connect(f"{file.as_uri()}?immutable=1", uri=True)
    try:
        connection.executescript(statements)
        assert connection.execute("SELECT text FROM entries ORDER BY id").fetchall() == [
            ("said",),
            ("Slept well by the weir.",),
        ]
        assert connection.execute("PRAGMA quick_check").fetchall() == [("ok",)]
        ((pages,),) = connection.execute("PRAGMA page_count").fetchall()
    finally:
        connection.close()
    assert pages * 16_384 < len(before)
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize("size", [0, 65536, 200_000])
def test_an_attachment_of_a_backup_opens_with_stock_tools_alone(tmp_path: Path, size: int) -> None:
    content = bytes(number % 251 for number in range(size))
    (tmp_path / "out").mkdir()
    with fresh_vault(tmp_path) as vault:
        entry = vault.entries.add(words()).id
        draft = AttachmentDraft(name="scan.png", media_type="image/png", content=io.BytesIO(content))
        vault.attachments.add(entry, [draft])
        file = vault.backups.make(tmp_path / "out" / "mine.backup").file
    folder = tmp_path / "unpacked"
    statements = told_by_the_script(file, folder, given=PASSPHRASE.encode())
    connection = sqlcipher.connect(str(folder / DATABASE))
    connection.executescript(statements)
    ((name, key),) = connection.execute("SELECT file, hex(key) FROM attachments").fetchall()
    connection.close()
    sealed, out = folder / "attachments" / name, tmp_path / "scan.png"
    subprocess.run(
        [sys.executable, "-I", str(SCRIPT), "--attachment", str(sealed), str(out)],
        input=f"{key}\n",
        text=True,
        check=True,
    )
    assert out.read_bytes() == content


def test_an_incremental_opens_with_stock_tools_alone(tmp_path: Path) -> None:
    vault, _ = Vault.create(tmp_path / "vault", PASSPHRASE, kdf=CHEAPEST)
    out = tmp_path / "out"
    out.mkdir()
    with vault:
        vault.recordings.keep(words("said", kind=Kind.VOICE), bytes(500_000), name="a.wav")
        for number in range(3):
            vault.entries.add(words(f"entry {number} " * 3000))
            made = vault.backups.make(out)
        statements = told_by_the_script(made.file, tmp_path / "unpacked", given=PASSPHRASE.encode())
        assert len(made.needs) == 2
        kept = entries_by_plain_sqlcipher(tmp_path / "unpacked" / DATABASE, statements)
        assert [text[:7] for text, _ in kept] == ["said", "entry 0", "entry 1", "entry 2"]
        for path in (vault.folder / ATTACHMENTS).iterdir():
            assert (tmp_path / "unpacked" / ATTACHMENTS / path.name).read_bytes() == path.read_bytes()


def test_the_script_uses_nothing_of_ours() -> None:
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"))
    imported = {
        (node.module or "").split(".")[0] if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert imported <= {*sys.stdlib_module_names, "cryptography"}


def test_the_script_refuses_another_passphrase(tmp_path: Path) -> None:
    vault, _ = Vault.create(tmp_path / "vault", PASSPHRASE, kdf=CHEAPEST)
    vault.close()
    header = (tmp_path / "vault" / HEADER).read_bytes()
    assert len(stock_tools.vault_key(header, PASSPHRASE.encode())[0]) == 48
    with pytest.raises(SystemExit, match="opens no slot"):
        stock_tools.vault_key(header, b"wrong")


def test_the_recovery_code_and_a_key_file_open_with_stock_tools_alone(tmp_path: Path) -> None:
    folder, code = fresh_folder(tmp_path)
    random, old = secrets.token_bytes(64), b"a picture that was there before, of the weir"
    with KeyRing.open(folder, code) as ring:
        ring.add_key_file(KeyFile(random, made=True))
        ring.add_key_file(KeyFile(old, made=False), kdf=CHEAPEST)
    header = (folder / HEADER).read_bytes()
    expected = stock_tools.vault_key(header, PASSPHRASE.encode())
    for given in (
        f"{code}\n",
        f" {code.replace('-', ' ').lower()}",
        code.replace("0", "O").replace("1", "l"),
    ):
        assert stock_tools.vault_key(header, given.encode()) == expected
    assert stock_tools.vault_key(header, random) == stock_tools.vault_key(header, old) == expected
