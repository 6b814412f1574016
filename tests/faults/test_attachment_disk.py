"""No room left while files are attached, given out and removed."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from diary.errors import DiskFull
from diary.model.attachment import AttachmentDraft
from diary.vault.removal import ATTACHMENTS
from tests.faults.test_disk_full import fill, small_disk
from tests.unit.vault.fresh import fresh_vault, reopened, words

__all__ = ["small_disk"]  # the fixture


def draft(size: int) -> AttachmentDraft:
    return AttachmentDraft(name="scan.png", media_type="image/png", content=io.BytesIO(bytes(size)))


def test_a_disk_that_becomes_full_in_the_middle_keeps_none_of_them_and_removing_still_works(
    small_disk: Path,
) -> None:
    vault = fresh_vault(small_disk)
    entry = vault.entries.add(words()).id
    kept, doomed = vault.attachments.add(entry, [draft(100_000), draft(2_000_000)])
    fill(small_disk, leave=1_000_000)
    with pytest.raises(DiskFull, match="saved before is safe"):
        vault.attachments.add(entry, [draft(300_000), draft(3_000_000)])
    assert vault.attachments.of(entry) == [kept, doomed]
    assert len(list((vault.folder / ATTACHMENTS).iterdir())) == 2

    vault._database.checkpoint()
    fill(small_disk)
    with pytest.raises(DiskFull):
        vault.attachments.add(entry, [draft(500_000)])
    vault.attachments.remove(doomed.id)
    assert vault.attachments.of(entry) == [kept]
    assert len(list((vault.folder / ATTACHMENTS).iterdir())) == 1
    (again,) = vault.attachments.add(entry, [draft(500_000)])
    with reopened(vault) as opened:
        assert opened.check() == []
        assert opened.attachments.of(entry) == [kept, again]
        assert sum(map(len, opened.attachments.content(again.id))) == 500_000
