"""Recordings: the sound of voice entries, one encrypted file each, its key in the entry's row.

The file is on the disk, whole, before the row commits: a crash between leaves a file that nobody can read,
swept at the next opening, never an entry without its sound. Files are named at random; what they were called
is in the row. An unsaved recording becomes one in the same way, and its own row goes in the transaction that
makes the entry: what a kill leaves is one of the two.

To forget a recording, its row is erased with the key, then the file is removed. Words and transcripts stay.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from diary.errors import EntryNotFound
from diary.model.entry import Entry, EntryChanges, EntryDraft, EntryId, Transcript
from diary.model.recording import SpoolId, TranscriptVersion
from diary.model.speech import Segment
from diary.vault.ballast import Ballast
from diary.vault.connection import Database
from diary.vault.entries import Entries
from diary.vault.failures import damaged, told_to_the_reader
from diary.vault.files import open_plain, write_synced
from diary.vault.keyed_files import identity
from diary.vault.keys import KEY_BYTES
from diary.vault.removal import ATTACHMENTS
from diary.vault.rows import clean, time_to_row
from diary.vault.scrubbing import Scrubber
from diary.vault.spools import Spools
from diary.vault.stream import NotAuthentic, seal, unseal
from diary.vault.transcripts import Transcripts, segments_to_row

_KEPT_BEFORE = f"""
    SELECT r.entry FROM recordings r JOIN entries e ON e.id = r.entry
    WHERE e.transcript IS NOT '{Transcript.WAITING.value}' AND e.recorded < ? ORDER BY e.recorded, e.id
"""  # noqa: S608 - constants only


class Recordings:
    """The RecordingStore and TranscriptHistory of a vault.

    :param vault_id: 16 bytes that bind each file to this vault.
    """

    def __init__(
        self,
        database: Database,
        entries: Entries,
        spools: Spools,
        transcripts: Transcripts,
        ballast: Ballast,
        folder: Path,
        scrubber: Scrubber,
        *,
        vault_id: bytes,
    ) -> None:
        self._database = database
        self._entries = entries
        self._spools = spools
        self._transcripts = transcripts
        self._ballast = ballast
        self._scrubber = scrubber
        self._folder = folder / ATTACHMENTS
        self._vault_id = vault_id

    def keep(self, draft: EntryDraft, sound: bytes, *, name: str) -> Entry:
        """Keep a recording and its entry together: both or neither."""
        return self._keep(draft, io.BytesIO(sound), len(sound), name)

    def keep_spool(
        self, draft: EntryDraft, spool: SpoolId, *, name: str, without_damage: bool = False
    ) -> Entry:
        """Make an entry with its recording (a WAV) of an unsaved one, which is gone then: all or nothing.

        What was noted with it becomes the entry's first transcript, or its partial one when the draft waits.

        :param without_damage: put silence of the same length where the sound does not authenticate.
        :raises diary.errors.RecordingNotFound: when there is none of this name.
        :raises diary.errors.VaultDamaged: when some of it does not authenticate; it stays unsaved.
        :raises diary.errors.DiskFull: and it stays unsaved.
        """

        def take(entry: Entry) -> None:
            segments, reached, engine = self._spools.take(spool)
            if engine is not None and entry.transcript is Transcript.WAITING:
                self._transcripts.set_partial(entry.id, segments, reached, engine)
            elif engine is not None:
                self._transcripts.add(entry.id, entry.revision, engine, segments)

        sound, size = self._spools.wav(spool, without_damage=without_damage)
        entry = self._keep(draft, sound, size, name, also=take)
        self._spools.remove_file(spool)
        return entry

    def set_transcript(
        self, entry: EntryId, text: str, status: Transcript, segments: Sequence[Segment], engine: str
    ) -> Entry:
        """Replace the words of a voice entry (a revision, when they differ) and record who heard them.

        :raises diary.errors.EntryNotFound: when the entry has no recording.
        """
        with self._database.transaction():
            self._row(entry)
            revision = self._entries.revise_within(entry, EntryChanges(text=text)).revision
            self._set_status(entry, status)
            self._transcripts.add(entry, revision, engine, segments_to_row(segments))
            return self._entries.get(entry)

    def set_partial(self, entry: EntryId, segments: Sequence[Segment], reached: float, engine: str) -> None:
        """Keep what was written down before a stop; the entry goes on waiting.

        :raises diary.errors.EntryNotFound: when the entry has no recording.
        """
        with self._database.transaction():
            self._row(entry)
            self._transcripts.set_partial(entry, segments_to_row(segments), reached, engine)

    def partial(self, entry: EntryId) -> tuple[tuple[Segment, ...], float, str] | None:
        """What `set_partial` kept: segments, seconds and the engine; None when there is nothing, as after
        `set_transcript`.
        """
        return self._transcripts.partial(entry)

    def sound(self, entry: EntryId) -> bytes:
        """The bytes of the recording, as they were given.

        :raises diary.errors.EntryNotFound: when the entry has no recording.
        :raises diary.errors.VaultDamaged: when its file is missing or not as it was written.
        """
        file, key = self._row(entry)
        with told_to_the_reader():
            try:
                found = io.BytesIO()  # given out without a copy: joined pieces are held twice
                with open_plain(self._folder / file) as source:
                    found.writelines(unseal(source, key, identity=self._identity(file)))
                return found.getvalue()
            except (NotAuthentic, FileNotFoundError):
                raise damaged(f"the recording of entry {entry} is not as it was written") from None

    def forget_sound(self, entry: EntryId) -> None:
        """Destroy the recording of an entry; its words and transcripts stay. One that waited for its words
        waits no more.

        :raises diary.errors.EntryNotFound: when the entry has no recording.
        """

        self._database.require_erasable()

        def act() -> str:
            with self._database.transaction():
                file, _ = self._row(entry)
                self._database.run("DELETE FROM recordings WHERE entry = ?", (entry,))
                self._scrubber.make_due()
                if self._entries.get(entry).transcript is Transcript.WAITING:
                    self._set_status(entry, None)
                return file

        file = self._ballast.make_room_for(act)
        self._unlink(file)
        self._ballast.empty_log(self._database.checkpoint)
        # Scrubbed when the rules are kept next: many are forgotten together.

    def confirm(self, entry: EntryId) -> Entry:
        """The person has read a rough draft and vouches for it: it counts like any other entry from now on.

        :raises diary.errors.EntryNotFound: when the entry is no rough draft.
        """
        with self._database.transaction():
            if self._entries.get(entry).transcript is not Transcript.ROUGH:
                raise EntryNotFound(f"Entry {entry} is no rough draft. Nothing was changed.")
            self._set_status(entry, Transcript.TRANSCRIBED)
            return self._entries.get(entry)

    # What was written down

    def transcripts(self, entry: EntryId) -> list[TranscriptVersion]:
        """All versions, oldest first; none when nothing was written down."""
        return self._transcripts.all_of(entry)

    def heard(self, entry: EntryId) -> tuple[str | None, tuple[Segment, ...]]:
        """The newest version: who wrote it down, None when nobody yet, and the segments.

        :raises diary.errors.EntryNotFound: when the entry has neither a recording nor a transcript.
        """
        newest = self._transcripts.newest(entry)
        if newest is not None:
            return newest
        self._row(entry)
        return None, ()

    def kept_before(self, moment: datetime) -> list[EntryId]:
        """Entries that still have a recording, of status other than waiting, recorded before then."""
        rows = self._database.rows(_KEPT_BEFORE, (time_to_row(moment)[0],))
        return [EntryId(row[0]) for row in rows]

    def _keep(
        self,
        draft: EntryDraft,
        sound: BinaryIO,
        size: int,
        name: str,
        *,
        also: Callable[[Entry], None] | None = None,
    ) -> Entry:
        file, key = secrets.token_hex(16), secrets.token_bytes(KEY_BYTES)
        with told_to_the_reader():
            write_synced(self._folder / file, seal(sound, key, identity=self._identity(file)))
        try:
            with self._database.transaction():
                entry = self._entries.get(self._entries.keep(draft))
                self._database.run(
                    "INSERT INTO recordings(entry, file, key, name, size) VALUES (?, ?, ?, ?, ?)",
                    (entry.id, file, key, clean(name), size),
                )
                if also is not None:
                    also(entry)
                return entry
        except BaseException:
            self._unlink(file)
            raise

    def _row(self, entry: EntryId) -> tuple[str, bytes]:
        row = self._database.row("SELECT file, key FROM recordings WHERE entry = ?", (entry,))
        if row is None:
            raise EntryNotFound(f"Entry {entry} has no recording. Nothing was changed.")
        return row[0], row[1]

    def _set_status(self, entry: EntryId, status: Transcript | None) -> None:
        value = None if status is None else status.value
        self._database.run("UPDATE entries SET transcript = ? WHERE id = ?", (value, entry))

    def _unlink(self, file: str) -> None:
        with suppress(OSError):  # swept at the next opening
            (self._folder / file).unlink(missing_ok=True)

    def _identity(self, file: str) -> bytes:
        return identity(self._vault_id, file)
