"""Attachments: files of any kind that were put with an entry, kept as they came, byte for byte."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NewType, Protocol

from diary.model.entry import EntryId

AttachmentId = NewType("AttachmentId", int)
"""Number of an attachment in its vault; never used again after removal."""


class Content(Protocol):
    """The bytes of a file, to be read once to their end."""

    def read(self, size: int, /) -> bytes:
        """So many bytes; fewer at the end only, none after it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentDraft:
    """A file on its way into the vault; not yet kept.

    :ivar name: what it is called; any text but none, not only white space.
    :ivar media_type: what its bytes say that it is: `image/png`.
    """

    name: str
    media_type: str
    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that is kept with an entry.

    :ivar name: as it was called when it came; untrusted, and no path.
    :ivar media_type: what its bytes said that it is. :ivar size: bytes of its content.
    :ivar added: aware time.
    """

    id: AttachmentId
    entry: EntryId
    name: str
    media_type: str
    size: int
    added: datetime
