"""What only the vault can show of attachments: nothing readable, nothing left over, little memory, keys that
are renewed and backed up.
"""

from __future__ import annotations

import io
import secrets
import shutil
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from diary.errors import AttachmentRefused, DiskFull, Stopped, StorageFailed, VaultDamaged
from diary.model.attachment import Attachment, AttachmentDraft, Content
from diary.model.entry import EntryId
from diary.vault import attachments as module
from diary.vault.backups.restoring import drill, restore
from diary.vault.keyring import KeyRing
from diary.vault.removal import ATTACHMENTS
from diary.vault.scrubbing import Scrubber
from diary.vault.vault import Vault
from tests.faults.test_disk_full import files_no_larger_than
from tests.unit.vault.fresh import MORNING, PASSPHRASE, fresh_vault, reopened, template, words

CANARY = b"zanahoria-9f3b"
CODE = template()[1]


def draft(content: bytes | Content = CANARY * 20_000, name: str = "zanahoria.txt") -> AttachmentDraft:
    source = io.BytesIO(content) if isinstance(content, bytes) else content
    return AttachmentDraft(name=name, media_type="text/plain", content=source)


def attached(vault: Vault, *drafts: AttachmentDraft) -> list[Attachment]:
    return vault.attachments.add(vault.entries.add(words()).id, drafts or [draft()])


def files(vault: Vault) -> list[Path]:
    return sorted((vault.folder / ATTACHMENTS).iterdir())


def read(vault: Vault, attachment: Attachment) -> bytes:
    return b"".join(vault.attachments.content(attachment.id))


def ids(path: Path) -> tuple[int, int]:
    about = path.stat()
    return about.st_dev, about.st_ino


class Endless:
    """A file of so many bytes that is nowhere whole."""

    def __init__(self, size: int) -> None:
        self.left = size

    def read(self, size: int, /) -> bytes:
        given = min(size, self.left)
        self.left -= given
        return bytes(given)


def test_neither_content_nor_name_is_readable_in_any_file(tmp_path: Path) -> None:
    vault = fresh_vault(tmp_path)
    attached(vault)
    for _ in ("open", "closed"):
        for path in vault.folder.rglob("*"):
            assert b"zanahoria" not in (path.read_bytes() if path.is_file() else b"")
            assert "zanahoria" not in path.name
        vault.close()


def test_equal_files_are_not_seen_to_be_equal(tmp_path: Path) -> None:
    with fresh_vault(tmp_path) as vault:
        attached(vault, draft(), draft())
        first, second = (path.read_bytes() for path in files(vault))
        assert len(first) == len(second)
        assert first[24:1000] != second[24:1000]


def test_a_file_is_on_the_disk_before_its_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    write = module.write_synced
    with fresh_vault(tmp_path) as vault:
        insert = vault._database.insert

        def written(path: Path, pieces: object) -> None:
            write(path, pieces)  # type: ignore[arg-type]  # as it was called
            order.append("file")

        def inserted(statement: str, values: object) -> int:
            if "attachments" in statement:
                order.append("row")
            return insert(statement, values)  # type: ignore[arg-type]

        monkeypatch.setattr(module, "write_synced", written)
        monkeypatch.setattr(vault._database, "insert", inserted)
        attached(vault, draft(), draft())
    assert order == ["file", "file", "row", "row"]


def test_a_large_file_goes_in_and_out_in_little_memory(tmp_path: Path) -> None:
    size = 96_000_000
    with fresh_vault(tmp_path) as vault:
        entry = vault.entries.add(words()).id
        tracemalloc.start()
        try:
            (kept,) = vault.attachments.add(entry, [draft(Endless(size))])
            assert sum(map(len, vault.attachments.content(kept.id))) == size == kept.size
            assert tracemalloc.get_traced_memory()[1] < 2_000_000
        finally:
            tracemalloc.stop()


def stopped_after(pieces: int) -> Callable[[], bool]:
    left = iter([False] * pieces)
    return lambda: next(left, True)


def test_what_was_stopped_or_refused_leaves_no_file(tmp_path: Path) -> None:
    class Failing(Endless):
        def read(self, size: int, /) -> bytes:
            if self.left < 100_000:
                raise AttachmentRefused("It changed while it was read.")
            return super().read(size)

    with fresh_vault(tmp_path) as vault:
        entry = vault.entries.add(words()).id
        (kept,) = vault.attachments.add(entry, [draft()])
        before = files(vault)
        with pytest.raises(Stopped):
            vault.attachments.add(entry, [draft(), draft(Endless(10**9))], cancelled=stopped_after(20))
        with pytest.raises(AttachmentRefused):
            vault.attachments.add(entry, [draft(), draft(Failing(1_000_000))])
        assert files(vault) == before
        assert vault.attachments.of() == [kept]


def test_of_several_no_row_is_kept_when_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fresh_vault(tmp_path) as vault:
        entry = vault.entries.add(words()).id
        insert, rows = vault._database.insert, list[str]()

        def refuses_the_second(statement: str, values: object) -> int:
            rows.extend(["row"] * ("attachments" in statement))
            if len(rows) == 2:
                raise DiskFull("no room")
            return insert(statement, values)  # type: ignore[arg-type]  # as it was called

        with monkeypatch.context() as patched:
            patched.setattr(vault._database, "insert", refuses_the_second)
            with pytest.raises(DiskFull):
                vault.attachments.add(entry, [draft(), draft()])
        assert (vault.attachments.of(), files(vault), vault.check()) == ([], [], [])


def test_a_full_disk_leaves_no_file_and_no_row(tmp_path: Path) -> None:
    with fresh_vault(tmp_path) as vault:
        entry = vault.entries.add(words()).id
        (kept,) = vault.attachments.add(entry, [draft()])
        before = files(vault)
        with files_no_larger_than(600_000), pytest.raises((DiskFull, StorageFailed), match="is safe"):
            vault.attachments.add(entry, [draft(), draft(Endless(1_000_000))])
        assert files(vault) == before
        assert vault.attachments.of() == [kept]
        with reopened(vault) as again:
            assert again.check() == []
            assert read(again, kept) == CANARY * 20_000


def test_a_removed_one_leaves_neither_key_nor_name_nor_file(tmp_path: Path) -> None:
    vault = fresh_vault(tmp_path)
    kept, removed = attached(vault, draft(b"kept", "kept.txt"), draft())
    ((key,),) = vault._database.rows("SELECT key FROM attachments WHERE id = ?", (removed.id,))
    vault.attachments.remove(removed.id)
    assert len(files(vault)) == 1
    left = b"".join(
        cell if isinstance(cell, bytes) else str(cell).encode()
        for row in vault._database.rows("SELECT * FROM attachments")
        for cell in row
    )
    assert key not in left
    assert b"zanahoria" not in left
    assert (vault.folder / "vault.db-wal").stat().st_size == 0  # the log, where the row was written, is empty
    with reopened(vault) as again:
        assert read(again, kept) == b"kept"
        assert again.check() == []


def test_one_whose_row_cannot_be_removed_is_still_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its key goes first: a file without its row is nothing, a row without its file is a loss."""

    def full(_: object) -> None:
        raise DiskFull("no room")

    with fresh_vault(tmp_path) as vault:
        (kept,) = attached(vault)
        with monkeypatch.context() as patched:
            patched.setattr(Scrubber, "make_due", full)
            with pytest.raises(DiskFull):
                vault.attachments.remove(kept.id)
        assert read(vault, kept) == CANARY * 20_000
        assert vault.check() == []


def test_files_go_with_their_entry_and_with_an_import_that_is_undone(tmp_path: Path) -> None:
    with fresh_vault(tmp_path) as vault:
        (first,) = attached(vault)
        outcome = vault.imports.add([words("imported", source_id="x")], format="jsonl", source="x")
        vault.attachments.add(EntryId(outcome.added[0]), [draft(), draft()])
        assert len(files(vault)) == 3
        vault.imports.undo(outcome.batch)  # type: ignore[arg-type]  # it added one
        assert len(files(vault)) == 1
        vault.entries.delete(first.entry)
        assert files(vault) == []
        assert vault.attachments.of() == []


@pytest.mark.parametrize("harm", ["flip", "cut", "extend", "swap", "gone"])
def test_a_file_that_is_not_as_it_was_written_is_told_and_the_others_are_read(
    tmp_path: Path, harm: str
) -> None:
    with fresh_vault(tmp_path) as vault:
        spoilt, other = attached(vault, draft(), draft())
        names = dict(vault._database.rows("SELECT id, file FROM attachments"))
        path, whole = vault.folder / ATTACHMENTS / names[spoilt.id], b""
        if harm == "gone":
            path.unlink()
        elif harm == "swap":
            shutil.copy(vault.folder / ATTACHMENTS / names[other.id], path)
        else:
            whole = path.read_bytes()
            at = len(whole) // 2
            changed = {
                "flip": whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :],
                "cut": whole[: 24 + 65552],
                "extend": whole + b"\0",
            }
            path.write_bytes(changed[harm])
        with pytest.raises(VaultDamaged, match=f"attachment {spoilt.id} is not as it was written"):
            read(vault, spoilt)
        assert read(vault, other) == CANARY * 20_000
        assert (vault.check() != []) == (harm == "gone")


def test_what_a_kill_left_is_swept_and_what_is_not_ours_stays(tmp_path: Path) -> None:
    vault = fresh_vault(tmp_path)
    (kept,) = attached(vault)
    (vault.folder / ATTACHMENTS / secrets.token_hex(16)).write_bytes(b"half")
    (vault.folder / ATTACHMENTS / "notes.txt").write_bytes(b"somebody's")
    with reopened(vault) as again:
        assert len(files(again)) == 2
        assert read(again, kept)


def test_the_vault_knows_its_own_files_by_any_name(tmp_path: Path) -> None:
    with fresh_vault(tmp_path) as vault:
        attached(vault)
        link, foreign = tmp_path / "holiday.jpg", tmp_path / "foreign"
        link.hardlink_to(files(vault)[0])
        foreign.write_bytes(b"x")
        own = vault.attachments.own_files()
        assert ids(link) in own
        assert ids(vault.folder / "vault.db") in own
        assert ids(foreign) not in own


def test_a_new_vault_key_gives_attachments_new_keys_and_names(tmp_path: Path) -> None:
    vault = fresh_vault(tmp_path)
    made = attached(vault, draft(), draft(b"", "empty"))
    before = vault._database.rows("SELECT file, key FROM attachments ORDER BY id")
    vault.close()
    with KeyRing.open(vault.folder, PASSPHRASE) as keys:
        code = keys.rotate(report=lambda _: None).recovery_code
    with Vault.unlock(vault.folder, code) as again:
        after = again._database.rows("SELECT file, key FROM attachments ORDER BY id")
        assert not {cell for row in before for cell in row} & {cell for row in after for cell in row}
        assert [path.name for path in files(again)] == sorted(file for file, _ in after)
        assert again.attachments.of() == made
        assert [read(again, one) for one in made] == [CANARY * 20_000, b""]
        assert again.check() == []


def test_a_backup_holds_the_attachments_and_a_restored_vault_reads_them(tmp_path: Path) -> None:
    out = tmp_path / "stick"
    out.mkdir()
    with fresh_vault(tmp_path) as vault:
        made = attached(vault, draft(), draft(b"small", "small.txt"))
        backup = vault.backups.make(out)
        assert backup.findings == ()
    assert b"zanahoria" not in backup.file.read_bytes()
    (tmp_path / "scratch").mkdir()
    assert drill(backup.file, CODE, scratch=tmp_path / "scratch").findings == ()
    restore(backup.file, CODE, tmp_path / "restored", now=MORNING)
    with Vault.unlock(tmp_path / "restored", CODE) as restored:
        assert restored.attachments.of() == made
        assert [read(restored, one) for one in made] == [CANARY * 20_000, b"small"]


def test_a_backup_tells_of_an_attachment_that_was_spoilt(tmp_path: Path) -> None:
    out = tmp_path / "stick"
    out.mkdir()
    with fresh_vault(tmp_path) as vault:
        attached(vault)
        files(vault)[0].write_bytes(b"spoilt")
        (finding,) = vault.backups.make(out).findings
        assert "1 " in finding
