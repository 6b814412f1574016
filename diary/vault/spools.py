"""Unsaved recordings: a file each that grows while somebody speaks, its key in a row.

The file is there, empty, before its row commits, and the row is on the disk before the first sound: a crash
between leaves an empty file, swept at the next opening. When a recording becomes an entry or is discarded,
the row with the key goes first and the file after it: a file left behind cannot be read, and is swept
likewise. A row whose file is gone is shown with no sound, for what was written down of it is still there.

Not here: how a file is laid out (`spool_file`), becoming an entry (`recordings`).
"""

from __future__ import annotations

import io
import secrets
import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from diary.durable import sync
from diary.errors import DiaryError, RecordingNotFound, VaultDamaged
from diary.model.recording import SpoolId, Unfinished
from diary.model.speech import RATE, Segment
from diary.vault.ballast import Ballast
from diary.vault.connection import Database
from diary.vault.failures import told_to_the_reader
from diary.vault.files import FOLDER_OWNER_ONLY, names_of_ours, remove_unknown
from diary.vault.keys import KEY_BYTES
from diary.vault.rows import clean, time_from_row, time_to_row
from diary.vault.spool_file import Finished, SpoolFile
from diary.vault.stream import NotAuthentic
from diary.vault.transcripts import segments_from_row, segments_to_row
from diary.vault.wav import SAMPLE_BYTES, wav_of

SPOOLS = "spools"
_ALL = """
    SELECT file, started, started_offset, segments, reached, engine FROM spools ORDER BY started, rowid
"""
_INSERT = """
    INSERT INTO spools(file, key, started, started_offset, engine, reached, segments)
    VALUES (?, ?, ?, ?, NULL, 0, '[]')
"""


class OpenSpool:
    """A recording that is being made: the OpenSpool of `ingest`."""

    def __init__(self, spool: SpoolId, file: SpoolFile, spools: Spools) -> None:
        self._id = spool
        self._file = file
        self._spools = spools
        self._closed = False

    @property
    def id(self) -> SpoolId:
        """Its name."""
        return self._id

    def append(self, sound: bytes) -> None:
        """Add samples; encrypted and on the disk when it returns.

        :raises ValueError: after `close`.
        :raises diary.errors.DiskFull: what came before is kept, and more may be appended.
        :raises diary.errors.RecordingNotFound: when it was discarded or became an entry meanwhile.
        """
        if self._closed:
            raise ValueError("this recording was closed")
        with told_to_the_reader():
            try:
                self._file.append(sound)
            except Finished:
                raise self._spools.gone() from None

    def close(self) -> None:
        """No more comes; it stays unfinished until it becomes an entry or is discarded."""
        self._closed = True


class Spools:
    """The SpoolStore of a vault.

    :param vault_id: 16 bytes that bind each file to this vault.
    """

    def __init__(self, database: Database, folder: Path, ballast: Ballast, *, vault_id: bytes) -> None:
        self._database = database
        self._folder = folder / SPOOLS
        self._ballast = ballast
        self._vault_id = vault_id
        self._lock = threading.Lock()
        self._files: dict[SpoolId, SpoolFile] = {}

    def begin(self, started: datetime) -> OpenSpool:
        """Begin one; it is there, empty, when this returns.

        :raises diary.errors.DiskFull: and nothing was begun.
        """
        spool, key = SpoolId(secrets.token_hex(16)), secrets.token_bytes(KEY_BYTES)
        with told_to_the_reader():
            self._make_folder()
            file = SpoolFile.create(self._folder / spool, key, self._identity(spool))
        try:
            with self._database.transaction():
                self._database.run(_INSERT, (spool, key, *time_to_row(started)))
        except BaseException:
            file.close()
            self._unlink(spool)
            raise
        with self._lock:
            self._files[spool] = file
        return OpenSpool(spool, file, self)

    def read(self, spool: SpoolId, start: int, most: int) -> bytes:
        """Up to so many bytes of PCM from byte `start` on; empty at the end. While it grows, too.

        :raises diary.errors.RecordingNotFound: when there is none of this name.
        :raises diary.errors.VaultDamaged: when the first byte asked for is in a record that does not
            authenticate; fewer bytes are given when it comes later.
        """
        return self._read(self._file(spool), start, most)

    def note(self, spool: SpoolId, segments: Sequence[Segment], reached: float, engine: str) -> None:
        """Keep what was written down of it so far. Not forced to the disk: the sound is, and can be heard
        again.

        :raises diary.errors.RecordingNotFound: when there is none of this name.
        """
        with self._database.transaction(lasting=False):
            changed = self._database.run(
                "UPDATE spools SET segments = ?, reached = ?, engine = ? WHERE file = ?",
                (segments_to_row(segments), reached, clean(engine), spool),
            )
            if not changed:
                raise self.gone()

    def unfinished(self) -> list[Unfinished]:
        """All that are there, oldest first; a torn last record is left out of the length."""
        return [
            Unfinished(
                id=SpoolId(file),
                started=time_from_row(started, offset),
                seconds=self._size(SpoolId(file)) / (SAMPLE_BYTES * RATE),
                segments=segments_from_row(segments),
                reached=reached,
                engine=engine,
            )
            for file, started, offset, segments, reached, engine in self._database.rows(_ALL)
        ]

    def discard(self, spool: SpoolId) -> None:
        """Destroy one; none of this name is no error.

        :raises diary.errors.PolicyForbids: under a legal hold, when there is sound in it.
        """
        if self._size(spool):
            self._database.require_erasable()

        def act() -> int:
            with self._database.transaction():
                return self._database.run("DELETE FROM spools WHERE file = ?", (spool,))

        if self._ballast.make_room_for(act):
            self.remove_file(spool)
            self._ballast.empty_log(self._database.checkpoint)

    # For the other rooms of the vault

    def wav(self, spool: SpoolId, *, without_damage: bool = False) -> tuple[io.BufferedReader, int]:
        """All of it as a WAV, decrypted as it is read, and how many bytes that is. Nothing may be appended
        any more.

        Reading raises VaultDamaged at sound that does not authenticate, unless silence is to stand there.

        :raises diary.errors.RecordingNotFound: when there is none of this name.
        :raises diary.errors.VaultDamaged: when its file is gone.
        """
        file = self._file(spool)
        file.finish()
        size = file.size

        def read(start: int, most: int) -> bytes:
            return self._read(file, start, most, without_damage=without_damage)

        return wav_of(read, size)

    def take(self, spool: SpoolId) -> tuple[str, float, str | None]:
        """Remove the row, in the transaction that is going on; segments as in a row, seconds, the engine.

        :raises diary.errors.RecordingNotFound: when there is none of this name.
        """
        row = self._database.row("SELECT segments, reached, engine FROM spools WHERE file = ?", (spool,))
        if row is None:
            raise self.gone()
        self._database.run("DELETE FROM spools WHERE file = ?", (spool,))
        return row[0], row[1], row[2]

    def remove_file(self, spool: SpoolId) -> None:
        """Remove the file of a recording whose row is gone."""
        with self._lock:
            file = self._files.pop(spool, None)
        if file is not None:
            file.close()
        self._unlink(spool)

    def gone(self) -> RecordingNotFound:
        """What to raise for a recording that is not there.

        :raises diary.errors.StorageFailed: when the vault was closed meanwhile: then it is there.
        """
        with self._database.held():
            return RecordingNotFound(
                "There is no unsaved recording of this name. Nothing was changed.",
                hint="It was saved or discarded before.",
            )

    def unknown(self) -> bool:
        """Whether there are files without a row."""
        rows = self._database.rows("SELECT file FROM spools")
        return bool(set(names_of_ours(self._folder)) - {row[0] for row in rows})

    def sweep(self) -> None:
        """Remove files without a row: what a crash left, unreadable without their key."""
        remove_unknown(self._folder, {row[0] for row in self._database.rows("SELECT file FROM spools")})

    def findings(self) -> list[str]:
        """What is wrong with the files, in sentences."""
        names = [SpoolId(row[0]) for row in self._database.rows("SELECT file FROM spools")]
        there = [name for name in names if (self._folder / name).is_file()]
        spoilt = sum(not self._is_whole(name) for name in there)
        lost = len(names) - len(there)
        return [
            *([f"{lost} unsaved recordings have lost their files"] if lost else []),
            *([f"{spoilt} unsaved recordings were changed"] if spoilt else []),
        ]

    def close(self) -> None:
        """Close all files."""
        with self._lock:
            for file in self._files.values():
                file.close()
            self._files.clear()

    def _file(self, spool: SpoolId) -> SpoolFile:
        with self._lock:
            if (known := self._files.get(spool)) is not None:
                return known
        row = self._database.row("SELECT key FROM spools WHERE file = ?", (spool,))
        if row is None:
            raise self.gone()
        with self._lock, told_to_the_reader():
            if spool not in self._files:
                try:
                    self._files[spool] = SpoolFile.open(self._folder / spool, row[0], self._identity(spool))
                except FileNotFoundError:
                    raise VaultDamaged(
                        "The file of this unsaved recording is missing. Nothing was changed.",
                        hint="What was written down of it is still there.",
                    ) from None
            return self._files[spool]

    def _size(self, spool: SpoolId) -> int:
        try:
            return self._file(spool).size
        except DiaryError:  # of one file; the others are still to be shown
            return 0

    def _is_whole(self, spool: SpoolId) -> bool:
        try:
            with told_to_the_reader():
                return self._file(spool).is_whole()
        except DiaryError:
            return False

    def _read(self, file: SpoolFile, start: int, most: int, *, without_damage: bool = False) -> bytes:
        with told_to_the_reader():
            try:
                return file.read(start, most, without_damage=without_damage)
            except NotAuthentic:
                raise VaultDamaged(
                    "Some of this unsaved recording is not as it was written. Nothing was changed.",
                    hint="Save it: what is whole is kept, and silence stands in the place of the rest.",
                ) from None
            except Finished:
                raise self.gone() from None

    def _make_folder(self) -> None:
        if not self._folder.is_dir():
            self._folder.mkdir(mode=FOLDER_OWNER_ONLY, exist_ok=True)
            sync(self._folder.parent)

    def _unlink(self, spool: SpoolId) -> None:
        with suppress(OSError):  # swept at the next opening
            (self._folder / spool).unlink(missing_ok=True)

    def _identity(self, spool: SpoolId) -> bytes:
        return spool_identity(self._vault_id, spool)


def spool_identity(vault_id: bytes, file: str) -> bytes:
    """What binds the records of a file to its vault and name; `vault_id` is 16 bytes."""
    return b"spool|" + vault_id + file.encode("ascii")
