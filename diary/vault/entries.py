"""Entries and their revisions.

Every write is one transaction, on the disk when the method returns. A new version moves the one before to
`revisions`; saving what is there already makes none. Times come back with the UTC offset they were given.

`keep` and `revise_within` are for the other rooms of the vault, inside a transaction of theirs.
Not here: removal, which touches every table (`removal`).
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from diary.errors import EntryNotFound
from diary.model.audit import Event
from diary.model.entry import BatchId, Entry, EntryChanges, EntryDraft, EntryFilter, EntryId, Kind, Revision
from diary.vault.audit import AuditLog
from diary.vault.connection import Database
from diary.vault.observations import read_anew
from diary.vault.removal import Removal, holders_of_words, make_pending, unindex
from diary.vault.rows import (
    SELECT_ENTRY,
    clean,
    clean_or_none,
    condition_of,
    entry_from_row,
    revision_from_row,
    tags_to_row,
    time_to_row,
)

Clock = Callable[[], datetime]
_Revisions = list[Revision]  # inside the class, `list` is its method

_INSERT = """
    INSERT INTO entries (
        text, title, tags, starred, kind,
        happened, happened_offset, happened_day, written, written_offset, recorded, recorded_offset,
        revision, revised, revised_offset,
        source_format, source_id, metadata, batch, transcript, content, arrived
    ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_HISTORY = """
    SELECT entry, number, made, made_offset, text, happened, happened_offset, title, tags, starred
    FROM revisions WHERE entry = ?1
    UNION ALL
    SELECT id, revision, revised, revised_offset, text, happened, happened_offset, title, tags, starred
    FROM entries WHERE id = ?1
    ORDER BY 2
"""
_MOVE_TO_REVISIONS = """
    INSERT INTO revisions (
        entry, number, made, made_offset, text, title, tags, starred, happened, happened_offset
    ) SELECT id, revision, revised, revised_offset, text, title, tags, starred, happened, happened_offset
    FROM entries WHERE id = ?
"""
_UPDATE = """
    UPDATE entries SET
        text = ?, title = ?, tags = ?, starred = ?,
        happened = ?, happened_offset = ?, happened_day = ?,
        revision = revision + 1, revised = ?, revised_offset = ?, content = ?, kind = ?
    WHERE id = ?
"""
_CONDENSE = """
    UPDATE entries SET
        text = ?, title = NULL, kind = ?, metadata = NULL, transcript = NULL,
        revision = revision + 1, revised = ?, revised_offset = ?, content = ?
    WHERE id = ?
"""


class Entries:
    """The EntryStore and EntryEditor of a vault.

    :param content_key: 32 bytes that key the hashes by which duplicates are recognised.
    :param now: the clock for `recorded` and `made`; aware.
    """

    def __init__(
        self, database: Database, removal: Removal, audit: AuditLog, *, content_key: bytes, now: Clock
    ) -> None:
        self._database = database
        self._audit = audit
        self._removal = removal
        self._content_key = content_key
        self._now = now

    def add(self, draft: EntryDraft) -> Entry:
        """Keep an entry; it is on the disk when this returns."""
        with self._database.transaction():
            return self.get(self.keep(draft))

    def get(self, entry: EntryId) -> Entry:
        """The entry as it is now.

        :raises diary.errors.EntryNotFound: when there is none of this number.
        """
        row = self._database.row(f"{SELECT_ENTRY} WHERE id = ?", (entry,))
        if row is None:
            raise self._not_found(entry)
        return entry_from_row(row)

    def list(self, chosen: EntryFilter, *, limit: int | None = None, offset: int = 0) -> list[Entry]:
        """Entries that match, latest happened first."""
        condition, values = condition_of(chosen)
        rows = self._database.rows(
            f"{SELECT_ENTRY} WHERE {condition} ORDER BY happened DESC, id DESC LIMIT ? OFFSET ?",
            (*values, -1 if limit is None else limit, offset),
        )
        return [entry_from_row(row) for row in rows]

    def count(self) -> int:
        """How many entries there are."""
        row = self._database.row("SELECT count(*) FROM entries")
        return int(row[0]) if row else 0

    def revise(self, entry: EntryId, changes: EntryChanges) -> Entry:
        """Save a new version.

        :raises diary.errors.EntryNotFound: when there is no such entry.
        """
        with self._database.transaction():
            return self.revise_within(entry, changes)

    def delete(self, entry: EntryId) -> None:
        """Remove the entry and everything made from it.

        :raises diary.errors.EntryNotFound: when there is no such entry.
        """

        def choose() -> Sequence[EntryId]:
            found = [self.get(entry).id]
            self._audit.log_within(Event.ERASED, entries=1, by="person")
            return found

        self._removal.remove(choose)

    def history(self, entry: EntryId) -> _Revisions:
        """All versions, oldest first; the last is the entry as it is.

        :raises diary.errors.EntryNotFound: when there is no such entry.
        """
        self.get(entry)
        return [revision_from_row(row) for row in self._database.rows(_HISTORY, (entry,))]

    # For the other rooms of the vault, inside their transactions

    def keep(self, draft: EntryDraft, *, batch: BatchId | None = None, format: str | None = None) -> EntryId:
        """Insert the draft, as part of an import when `batch` is given; its number."""
        recorded = time_to_row(self._now())
        happened = time_to_row(draft.happened)
        text, title = clean(draft.text), clean_or_none(draft.title)
        content = self.content_hash(draft)
        number = EntryId(
            self._database.insert(
                _INSERT,
                (
                    *(text, title, tags_to_row(draft.tags), int(draft.starred), draft.kind.value),
                    *(*happened, draft.happened.toordinal(), *time_to_row(draft.written), *recorded),
                    *recorded,
                    *(format, clean_or_none(draft.source_id), clean_or_none(draft.metadata), batch),
                    None if draft.transcript is None else draft.transcript.value,
                    *(content, content),
                ),
            )
        )
        make_pending(self._database, number)
        read_anew(self._database, number)
        return number

    def revise_within(self, entry: EntryId, changes: EntryChanges) -> Entry:
        """Save a new version, unless nothing changes."""
        old = self.get(entry)
        new = _changed(old, changes)
        if _all_of(new) == _all_of(old):
            return old
        self._database.run(_MOVE_TO_REVISIONS, (entry,))
        self._database.run(
            _UPDATE,
            (
                *(new.text, new.title, tags_to_row(new.tags), int(new.starred)),
                *(*time_to_row(new.happened), new.happened.toordinal()),
                *time_to_row(self._now()),
                self.content_hash(new),
                _kind_of(old, new).value,
                entry,
            ),
        )
        self._index_again(old, new)
        if old.text != new.text:
            read_anew(self._database, entry)
        return self.get(entry)

    def condense_within(self, entry: EntryId, condensed: Callable[[str], str]) -> None:
        """Leave of its words what `condensed` makes of them, and keep no version of what they were."""
        old = self.get(entry)
        new = replace(old, text=clean(condensed(old.text)), title=None)
        self._database.run(
            _CONDENSE,
            (
                *(new.text, Kind.CONDENSED.value, *time_to_row(self._now())),
                *(self.content_hash(new), entry),
            ),
        )
        read_anew(self._database, entry)

    def content_hash(self, words: Entry | EntryDraft) -> bytes:
        """Keyed hash of time, title and text: equal for duplicates."""
        moment, _ = time_to_row(words.happened)
        title = clean(words.title or "").encode()
        framed = b"%d|%d|" % (moment, len(title)) + title + clean(words.text).encode()
        return hmac.digest(self._content_key, framed, "sha256")

    def _not_found(self, entry: EntryId) -> EntryNotFound:
        if self._database.row("SELECT 1 FROM deleted WHERE entry = ?", (entry,)):
            return EntryNotFound(
                f"Entry {entry} is among the deleted. Nothing was changed.",
                hint=f"To bring it back: diary deleted restore {entry}. To erase it for good: diary deleted "
                f"erase {entry}",
            )
        return EntryNotFound(
            f"There is no entry {entry}. Nothing was changed.", hint="See what there is with: diary list"
        )

    def _index_again(self, old: Entry, new: Entry) -> None:
        if (old.text, old.title, _all_of(old)[-1]) == (new.text, new.title, _all_of(new)[-1]):
            make_pending(self._database, new.id)
            return
        # A search must not quote words that are no longer there, nor show them on another day.
        unindex(self._database, new.id)
        if old.happened != new.happened:
            for holder in holders_of_words(self._database, new.id):
                unindex(self._database, holder)


def _changed(old: Entry, changes: EntryChanges) -> Entry:
    return replace(
        old,
        text=old.text if changes.text is None else clean(changes.text),
        title=old.title if changes.title is None else clean_or_none(changes.title),
        tags=old.tags if changes.tags is None else tuple(clean(tag) for tag in changes.tags),
        starred=old.starred if changes.starred is None else changes.starred,
        happened=changes.happened or old.happened,
    )


def _kind_of(old: Entry, new: Entry) -> Kind:
    """New words in a condensed entry make it a note, which a rule may condense in its turn."""
    written_in = (old.text, old.title) != (new.text, new.title)
    return Kind.NOTE if old.kind is Kind.CONDENSED and written_in else old.kind


def _all_of(entry: Entry) -> tuple[object, ...]:
    """What a person can change; a time with its offset, for equal instants may have different ones."""
    return (entry.text, entry.title, entry.tags, entry.starred, time_to_row(entry.happened))
