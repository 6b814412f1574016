"""Keeps the words of one editor, encrypted, while they are typed; no widgets.

Rules: versions are numbered as they leave the editor, and a version never replaces a later one, whatever
order the threads come in; once the draft is closed (the entry was saved, or the words were thrown away) no
late version brings it back. Each call blocks on the disk and belongs in a worker's thread.
"""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime

from diary.model.entry import Draft, EntryChanges, EntryId
from diary.model.recording import SpoolId
from diary.tui.plain import tag_list
from diary.tui.ports import Drafting


@dataclass(frozen=True, slots=True)
class Page:
    """What the editor holds: the fields of one entry as typed."""

    text: str = ""
    title: str = ""
    tags: str = ""
    at: str = ""
    heard: str = ""
    """For a recording: what was heard up to this second, in digits, is in the text or was refused."""

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing worth keeping."""
        return not (self.text.strip() or self.title.strip())


def encode(page: Page) -> str:
    """The page as the text of a draft: a JSON object, so that title and tags come back too."""
    return json.dumps(asdict(page), ensure_ascii=False)


def decode(untrusted_text: str) -> Page:
    """The page a draft holds; a draft that another part of the program wrote is taken as text alone."""
    try:
        fields = json.loads(untrusted_text)
    except (ValueError, RecursionError):
        return Page(text=untrusted_text)
    names = {"text", "title", "tags", "at"}
    if (
        isinstance(fields, dict)
        and names <= set(fields) <= {*names, "heard"}
        and all(isinstance(value, str) for value in fields.values())
    ):
        return Page(**fields)
    return Page(text=untrusted_text)


def changes_between(before: Page, now: Page, moment: Callable[[str], datetime]) -> EntryChanges:
    """What was typed over an entry. `moment` reads a time in words; TimeNotUnderstood when it is none."""
    return EntryChanges(
        text=now.text if now.text != before.text else None,
        title=now.title.strip() if now.title != before.title else None,
        tags=tag_list(now.tags) if now.tags != before.tags else None,
        happened=moment(now.at) if now.at.strip() and now.at != before.at else None,
    )


def new_slot(now: datetime, entry: EntryId | None) -> str:
    """A slot of its own for each new entry, so that one draft never overwrites another."""
    return f"entry-{entry}" if entry is not None else f"new-{now:%Y%m%dT%H%M%S.%f}"


def recording_slot(recording: SpoolId) -> str:
    """The slot of the words of an unsaved recording."""
    return f"recording-{recording}"


@dataclass
class DraftKeeper:
    """The draft of one editor, in one slot."""

    drafts: Drafting
    slot: str
    entry: EntryId | None = None
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1), repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _kept: int = 0
    _closed: bool = False

    @classmethod
    def continuing(cls, drafts: Drafting, draft: Draft) -> DraftKeeper:
        """Go on in the slot of a draft that was kept before."""
        return cls(drafts, draft.slot, draft.entry)

    def next_version(self) -> int:
        """The number of the words as they are now; call it where they are read."""
        return next(self._numbers)

    def keep(self, version: int, page: Page) -> bool:
        """Write this version unless a later one is kept or the draft is closed; whether it was written."""
        with self._lock:
            if self._closed or version <= self._kept:
                return False
            self.drafts.save_draft(self.slot, encode(page), entry=self.entry)
            self._kept = version
            return True

    def close(self) -> None:
        """Forget the draft; versions that come later are not written, unless it could not be forgotten."""
        with self._lock:
            self.drafts.discard_draft(self.slot)
            self._closed = True
