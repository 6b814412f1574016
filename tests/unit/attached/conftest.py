"""One diary in memory, with an entry."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from diary.attached import Attached
from diary.model.attachment import Attachment
from diary.model.entry import EntryId
from tests.fakes.audit import FakeLog
from tests.fakes.stores import FakeStores, fake_stores
from tests.unit.vault.fresh import words


@dataclass
class Desk:
    stores: FakeStores
    attached: Attached
    entry: EntryId
    folder: Path

    def file(self, content: bytes = b"words", name: str = "note.txt") -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    def keep(self, content: bytes = b"words", name: str = "note.txt") -> Attachment:
        path = self.file(content, "given")
        (kept,) = self.attached.add(self.entry, [path], name=name)
        path.unlink()
        return kept

    def content(self, one: Attachment) -> bytes:
        return b"".join(self.stores.attachments.content(one.id))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    stores = fake_stores()
    return Desk(
        stores, Attached(stores.attachments, audit=FakeLog()), stores.entries.add(words()).id, tmp_path
    )
