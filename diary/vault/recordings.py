"""Recordings: the sound of voice entries, one encrypted file each, its key in the entry's row.

The file is on the disk, whole, before the row commits: a crash between leaves a file that nobody can read,
swept at the next opening, never an entry without its sound. Files are named at random; what they were called
is in the row.
"""

from __future__ import annotations

import io
import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from diary.errors import EntryNotFound
from diary.model.entry import Entry, EntryChanges, EntryDraft, EntryId, Transcript
from diary.model.speech import Segment
from diary.vault.connection import Database, Row
from diary.vault.entries import Entries
from diary.vault.failures import damaged, told_to_the_reader
from diary.vault.files import write_synced
from diary.vault.keys import KEY_BYTES
from diary.vault.removal import ATTACHMENTS
from diary.vault.rows import clean
from diary.vault.stream import NotAuthentic, seal, unseal

_OUR_NAMES = re.compile("[0-9a-f]{32}")


class Recordings:
    """The RecordingStore of a vault.

    :param vault_id: 16 bytes that bind each file to this vault.
    """

    def __init__(self, database: Database, entries: Entries, folder: Path, *, vault_id: bytes) -> None:
        self._database = database
        self._entries = entries
        self._folder = folder / ATTACHMENTS
        self._vault_id = vault_id

    def keep(self, draft: EntryDraft, sound: bytes, *, name: str) -> Entry:
        """Keep a recording and its entry together: both or neither."""
        file, key = secrets.token_hex(16), secrets.token_bytes(KEY_BYTES)
        with told_to_the_reader():
            write_synced(self._folder / file, seal(io.BytesIO(sound), key, identity=self._identity(file)))
        try:
            with self._database.transaction():
                entry = self._entries.keep(draft)
                self._database.run(
                    "INSERT INTO recordings(entry, file, key, name, size, engine, segments) "
                    "VALUES (?, ?, ?, ?, ?, NULL, '[]')",
                    (entry, file, key, clean(name), len(sound)),
                )
                return self._entries.get(entry)
        except BaseException:
            with suppress(OSError):
                (self._folder / file).unlink(missing_ok=True)
            raise

    def set_transcript(
        self, entry: EntryId, text: str, status: Transcript, segments: Sequence[Segment], engine: str
    ) -> Entry:
        """Replace the words of a voice entry (a revision, when they differ) and record who heard them.

        :raises diary.errors.EntryNotFound: when the entry has no recording.
        """
        with self._database.transaction():
            self._row(entry)
            self._entries.revise_within(entry, EntryChanges(text=text))
            self._database.run("UPDATE entries SET transcript = ? WHERE id = ?", (status.value, entry))
            self._database.run(
                "UPDATE recordings SET engine = ?, segments = ? WHERE entry = ?",
                (clean(engine), msgspec.json.encode([_cleaned(one) for one in segments]).decode(), entry),
            )
            return self._entries.get(entry)

    def sound(self, entry: EntryId) -> bytes:
        """The bytes of the recording, as they were given.

        :raises diary.errors.EntryNotFound: when the entry has no recording.
        :raises diary.errors.VaultDamaged: when its file is missing or not as it was written.
        """
        file, key = self._row(entry)[:2]
        with told_to_the_reader():
            try:
                with (self._folder / file).open("rb") as source:
                    return b"".join(unseal(source, key, identity=self._identity(file)))
            except (NotAuthentic, FileNotFoundError):
                raise damaged(f"the recording of entry {entry} is not as it was written") from None

    def heard(self, entry: EntryId) -> tuple[str | None, tuple[Segment, ...]]:
        """Who wrote down the words, None when nobody yet, and the segments.

        :raises diary.errors.EntryNotFound: when the entry has no recording.
        """
        _, _, engine, segments = self._row(entry)
        return engine, msgspec.json.decode(segments, type=tuple[Segment, ...])

    def sweep(self) -> None:
        """Remove files without a row: what a crash left, unreadable without its key."""
        known = {row[0] for row in self._database.rows("SELECT file FROM recordings")}
        with suppress(OSError):
            for path in self._folder.iterdir():
                if _OUR_NAMES.fullmatch(path.name) and path.name not in known:
                    path.unlink(missing_ok=True)

    def missing(self) -> int:
        """How many recordings have no file."""
        files = [row[0] for row in self._database.rows("SELECT file FROM recordings")]
        return sum(not (self._folder / file).is_file() for file in files)

    def _row(self, entry: EntryId) -> Row:
        row = self._database.row(
            "SELECT file, key, engine, segments FROM recordings WHERE entry = ?", (entry,)
        )
        if row is None:
            raise EntryNotFound(f"Entry {entry} has no recording. Nothing was changed.")
        return row

    def _identity(self, file: str) -> bytes:
        return self._vault_id + file.encode("ascii")


def _cleaned(segment: Segment) -> Segment:
    return Segment(
        start=segment.start, end=segment.end, text=clean(segment.text), confidence=segment.confidence
    )
