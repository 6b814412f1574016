"""Attachments in memory; the rules stand in `tests/contracts/stores_attachments`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Protocol

from diary.errors import AttachmentNotFound, AttachmentRefused, Stopped
from diary.model.attachment import Attachment, AttachmentDraft, AttachmentId
from diary.model.entry import Entry, EntryId
from diary.model.progress import Cancelled, never
from tests.fakes.guard import refuse_outside_tests

_PIECE = 65536


class Entries(Protocol):
    """What has to be known of entries."""

    on_delete: list[Callable[[EntryId], None]]

    def get(self, entry: EntryId) -> Entry: ...

    def now(self) -> datetime: ...


class FakeAttachments:
    """An AttachmentKeeper and AttachmentReader over these entries.

    :ivar own: device and inode of files that are said to be the vault's.
    """

    def __init__(self, entries: Entries) -> None:
        refuse_outside_tests()
        self._entries = entries
        self._kept: dict[AttachmentId, tuple[Attachment, bytes]] = {}
        self._last = 0
        self.own: set[tuple[int, int]] = set()
        entries.on_delete.append(self.forget)

    def add(
        self, entry: EntryId, drafts: Iterable[AttachmentDraft], *, cancelled: Cancelled = never
    ) -> list[Attachment]:
        self._entries.get(entry)
        read = [(draft, _read(draft, cancelled)) for draft in drafts]
        self._entries.get(entry)
        moment = self._entries.now() if read else None
        made = []
        for draft, content in read:
            assert moment is not None
            self._last += 1
            attachment = Attachment(
                id=AttachmentId(self._last),
                entry=entry,
                name=draft.name,
                media_type=draft.media_type,
                size=len(content),
                added=moment,
            )
            self._kept[attachment.id] = (attachment, content)
            made.append(attachment)
        return made

    def of(self, entry: EntryId | None = None) -> list[Attachment]:
        found = [one for one, _ in self._kept.values() if entry in (None, one.entry)]
        return sorted(found, key=lambda one: (one.entry, one.id))

    def get(self, attachment: AttachmentId) -> Attachment:
        return self._find(attachment)[0]

    def content(self, attachment: AttachmentId) -> Iterator[bytes]:
        content = self._find(attachment)[1]
        return (content[start : start + _PIECE] for start in range(0, len(content) or 1, _PIECE))

    def remove(self, attachment: AttachmentId) -> Attachment:
        removed = self.get(attachment)
        del self._kept[attachment]
        return removed

    def own_files(self) -> frozenset[tuple[int, int]]:
        return frozenset(self.own)

    def held(self, entry: EntryId) -> dict[AttachmentId, tuple[Attachment, bytes]]:
        """What there is of an entry, to be given back after its deletion."""
        return {one.id: self._kept[one.id] for one in self.of(entry)}

    def take_back(self, held: dict[AttachmentId, tuple[Attachment, bytes]]) -> None:
        """Hold again what was held of a deleted entry."""
        self._kept |= held

    def _find(self, attachment: AttachmentId) -> tuple[Attachment, bytes]:
        if attachment not in self._kept:
            raise AttachmentNotFound(f"There is no attachment {attachment}.")
        return self._kept[attachment]

    def forget(self, entry: EntryId) -> None:
        """The entry is gone, and they go with it."""
        for one in self.of(entry):
            del self._kept[one.id]


def _read(draft: AttachmentDraft, cancelled: Cancelled) -> bytes:
    if not draft.name.strip():
        raise AttachmentRefused("A file without a name was not attached.")
    content = b""
    while True:
        if cancelled():
            raise Stopped("Stopped. Nothing was attached.")
        piece = draft.content.read(_PIECE)
        if not piece:
            return content
        content += piece
