"""In-memory stand-ins for what the vault keeps of voices: unsaved recordings, recordings, their transcripts,
the glossary, small choices. The rules stand in `tests/contracts/stores_voice`.
"""

from __future__ import annotations

import io
import secrets
import wave
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from diary.errors import DiaryError, EntryNotFound, RecordingNotFound, TermRefused
from diary.model.entry import Entry, EntryChanges, EntryDraft, EntryId, Transcript
from diary.model.glossary import Term, TermDraft, TermId
from diary.model.recording import SpoolId, TranscriptVersion, Unfinished
from diary.model.speech import RATE, Segment
from tests.fakes.entries import FakeEntries
from tests.fakes.guard import refuse_outside_tests

Partial = tuple[tuple[Segment, ...], float, str]
Held = tuple[bytes | None, list[TranscriptVersion], Partial | None]


class FakeOpenSpool:
    """An OpenSpool.

    :ivar failure: raised by the next `append`, as a full disk; what came before is kept.
    """

    def __init__(self, spools: FakeSpools, spool: SpoolId) -> None:
        self._spools = spools
        self.id = spool
        self.closed = False
        self.failure: DiaryError | None = None

    def append(self, sound: bytes) -> None:
        if self.closed:
            raise ValueError("this recording was closed")
        sound_before = self._spools.sound_of(self.id)
        if self.failure is not None:
            failure, self.failure = self.failure, None
            raise failure
        sound_before.extend(sound)

    def close(self) -> None:
        self.closed = True


class FakeSpools:
    """A SpoolStore.

    :ivar running: the open spools, so that a test can let one fail.
    """

    def __init__(self) -> None:
        refuse_outside_tests()
        self._sounds: dict[SpoolId, bytearray] = {}
        self._notes: dict[SpoolId, Unfinished] = {}
        self.running: dict[SpoolId, FakeOpenSpool] = {}

    def begin(self, started: datetime) -> FakeOpenSpool:
        spool = SpoolId(secrets.token_hex(16))
        self._sounds[spool] = bytearray()
        self._notes[spool] = Unfinished(id=spool, started=started, seconds=0.0)
        self.running[spool] = FakeOpenSpool(self, spool)
        return self.running[spool]

    def read(self, spool: SpoolId, start: int, most: int) -> bytes:
        return bytes(self.sound_of(spool)[start : start + most])

    def note(self, spool: SpoolId, segments: Sequence[Segment], reached: float, engine: str) -> None:
        self.sound_of(spool)
        self._notes[spool] = replace(
            self._notes[spool], segments=tuple(segments), reached=reached, engine=engine
        )

    def unfinished(self) -> list[Unfinished]:
        found = [
            replace(note, seconds=len(self._sounds[spool]) / (2 * RATE))
            for spool, note in self._notes.items()
        ]
        return sorted(found, key=lambda one: one.started)

    def discard(self, spool: SpoolId) -> None:
        self._sounds.pop(spool, None)
        self._notes.pop(spool, None)
        self.running.pop(spool, None)

    def sound_of(self, spool: SpoolId) -> bytearray:
        """All of it, growing."""
        if spool not in self._sounds:
            raise RecordingNotFound("There is no unsaved recording of this name.")
        return self._sounds[spool]

    def noted(self, spool: SpoolId) -> Unfinished:
        """What was noted with it."""
        self.sound_of(spool)
        return self._notes[spool]


class FakeRecordings:
    """A RecordingStore and TranscriptHistory over the entries of a FakeEntries."""

    def __init__(self, entries: FakeEntries, spools: FakeSpools | None = None) -> None:
        refuse_outside_tests()
        self._entries = entries
        self._spools = spools or FakeSpools()
        self._sounds: dict[EntryId, bytes] = {}
        self._versions: dict[EntryId, list[TranscriptVersion]] = {}
        self._partials: dict[EntryId, Partial] = {}
        entries.on_delete.append(self._forget)

    def held(self, entry: EntryId) -> Held:
        """What there is of an entry, to be given back after its deletion."""
        return self._sounds.get(entry), self._versions.get(entry, []), self._partials.get(entry)

    def take_back(self, entry: EntryId, held: Held) -> None:
        """Hold again what was held of a deleted entry."""
        sound, versions, partial = held
        if sound is not None:
            self._sounds[entry] = sound
        if versions:
            self._versions[entry] = versions
        if partial is not None:
            self._partials[entry] = partial

    def keep(self, draft: EntryDraft, sound: bytes, *, name: str) -> Entry:
        entry = self._entries.keep(draft)
        self._sounds[entry.id] = bytes(sound)
        return entry

    def keep_spool(
        self, draft: EntryDraft, spool: SpoolId, *, name: str, without_damage: bool = False
    ) -> Entry:
        noted = self._spools.noted(spool)
        entry = self.keep(draft, _as_wav(bytes(self._spools.sound_of(spool))), name=name)
        if noted.engine is not None and draft.transcript is Transcript.WAITING:
            self._partials[entry.id] = (noted.segments, noted.reached, noted.engine)
        elif noted.engine is not None:
            self._add_version(entry, noted.engine, noted.segments)
        self._spools.discard(spool)
        return entry

    def set_transcript(
        self, entry: EntryId, text: str, status: Transcript, segments: Sequence[Segment], engine: str
    ) -> Entry:
        self.sound(entry)
        revised = replace(self._entries.revise(entry, EntryChanges(text=text)), transcript=status)
        self._entries.kept[entry].entry = revised
        self._add_version(revised, engine, segments)
        self._partials.pop(entry, None)
        return revised

    def set_partial(self, entry: EntryId, segments: Sequence[Segment], reached: float, engine: str) -> None:
        self.sound(entry)
        self._partials[entry] = (tuple(segments), reached, engine)

    def partial(self, entry: EntryId) -> Partial | None:
        return self._partials.get(entry)

    def sound(self, entry: EntryId) -> bytes:
        if entry not in self._sounds:
            raise EntryNotFound(f"Entry {entry} has no recording.")
        return self._sounds[entry]

    def forget_sound(self, entry: EntryId) -> None:
        self.sound(entry)
        del self._sounds[entry]
        kept = self._entries.kept[entry]
        if kept.entry.transcript is Transcript.WAITING:
            kept.entry = replace(kept.entry, transcript=None)

    def confirm(self, entry: EntryId) -> Entry:
        kept = self._entries.kept.get(entry)
        if kept is None or kept.entry.transcript is not Transcript.ROUGH:
            raise EntryNotFound(f"Entry {entry} is no rough draft.")
        kept.entry = replace(kept.entry, transcript=Transcript.TRANSCRIBED)
        return kept.entry

    def transcripts(self, entry: EntryId) -> list[TranscriptVersion]:
        return list(self._versions.get(entry, ()))

    def heard(self, entry: EntryId) -> tuple[str | None, tuple[Segment, ...]]:
        versions = self._versions.get(entry)
        if versions:
            return versions[-1].engine, versions[-1].segments
        self.sound(entry)
        return None, ()

    def kept_before(self, moment: datetime) -> list[EntryId]:
        entries = [self._entries.get(entry) for entry in self._sounds]
        return [
            entry.id
            for entry in sorted(entries, key=lambda entry: (entry.recorded, entry.id))
            if entry.transcript is not Transcript.WAITING and entry.recorded < moment
        ]

    def _add_version(self, entry: Entry, engine: str, segments: Sequence[Segment]) -> None:
        self._versions.setdefault(entry.id, []).append(
            TranscriptVersion(
                revision=entry.revision, engine=engine, made=self._entries.now(), segments=tuple(segments)
            )
        )

    def _forget(self, entry: EntryId) -> None:
        self._sounds.pop(entry, None)
        self._versions.pop(entry, None)
        self._partials.pop(entry, None)


class FakeGlossary:
    """A GlossaryStore."""

    def __init__(self, *terms: TermDraft) -> None:
        refuse_outside_tests()
        self._terms: dict[TermId, Term] = {}
        self._last = 0
        for term in terms:
            self.add(term)

    def terms(self) -> list[Term]:
        return sorted(self._terms.values(), key=lambda term: (term.kind.value, term.text.casefold(), term.id))

    def add(self, term: TermDraft) -> Term:
        same = (term.kind, term.text.casefold())
        number = next((one.id for one in self.terms() if (one.kind, one.text.casefold()) == same), None)
        if number is None:
            self._last += 1
            number = TermId(self._last)
        self._terms[number] = Term(
            id=number,
            text=term.text,
            kind=term.kind,
            instead_of=tuple(term.instead_of),
            also=tuple(term.also),
        )
        return self._terms[number]

    def change(self, term: Term) -> Term:
        if term.id not in self._terms:
            raise DiaryError(f"There is no term {term.id} in the glossary.")
        same = (term.kind, term.text.casefold())
        if any((one.kind, one.text.casefold()) == same and one.id != term.id for one in self.terms()):
            raise TermRefused("Another term has the same text and kind.")
        self._terms[term.id] = term
        return term

    def remove(self, term: TermId) -> None:
        if self._terms.pop(term, None) is None:
            raise DiaryError(f"There is no term {term} in the glossary.")


class FakePreferences:
    """A Preferences."""

    def __init__(self) -> None:
        refuse_outside_tests()
        self._chosen: dict[str, str] = {}

    def get(self, name: str) -> str | None:
        return self._chosen.get(name)

    def set(self, name: str, value: str | None) -> None:
        if value is None:
            self._chosen.pop(name, None)
        else:
            self._chosen[name] = value


def _as_wav(sound: bytes) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(sound)
    return file.getvalue()
