"""A recording becomes an entry, and is never lost on the way.

The order is the promise:
1. examine: the sound is decoded whole, in the engine. A damaged one is refused, and nothing is kept.
2. keep: the bytes as they came and an entry that says it waits, both encrypted, in one step, on the disk.
3. transcribe: when something that hears words is installed, segment by segment; what was heard is kept every
   minute of sound, and at a stop.
4. write the words down as a new version of that entry.
Whatever ends step 3 (a stop, a crash, a power cut) leaves the entry of step 2 and what was heard until then,
and it goes on from there. Another engine begins anew: two hands in one transcript cannot be told apart. No
speech, no words: a model that is asked about silence makes them up, so it is not asked.

Not here: the microphone (`ingest.recording`); decoding and models (`ingest.engines`); how things are kept
(`RecordingStore`); what becomes of words that a person changed (`ingest.placing`).
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePath

from diary.errors import DiaryError, EngineFailed, NoWordsHeard, RecordingDamaged, Stopped
from diary.model.entry import Entry, EntryDraft, EntryId, Kind, Transcript
from diary.model.local_time import on_this_clock
from diary.model.placeholder import NO_SPEECH, NO_WORDS, NOT_YET, without_words
from diary.model.progress import Cancelled, Progress, Report
from diary.model.speech import SILERO, Dictation, Hearing, Reached, Segment, SoundInfo
from ingest.heard import as_text, told_to_stop
from ingest.placing import added, is_own
from ingest.ports import RecordingStore, Transcriber

LEAST_SPEECH_SECONDS = 0.3
"""Less speech than this is a cough or a door: no words are asked for."""

KEEP_EVERY_SECONDS = 60.0
"""Of sound: what a crash costs is hearing as much again."""

LONGEST_TITLE = 120
TASK = "transcribing"

_DATE = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<s>[-._]?)(?P<m>0[1-9]|1[0-2])(?P=s)(?P<d>0[1-9]|[12]\d|3[01])"
    r"(?:[-_ T]+(?:at )?(?P<h>[01]\d|2[0-3])[-._:h]?(?P<min>[0-5]\d)(?:[-._:m]?(?P<sec>[0-5]\d))?)?(?!\d)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DictationRequest:
    """What to take in.

    :ivar sound: the bytes of the file.
    :ivar name: its name, for the title and perhaps a date.
    :ivar now: aware local time.
    """

    sound: bytes
    name: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Scribe:
    """Who writes recordings down, and how.

    :ivar write: makes of a segment what is to be written: the glossary's replacements.
    :ivar rough: what it writes is a rough draft.
    :ivar entry: reads an entry as it is now, to see whether a person changed its words.
    """

    transcriber: Transcriber
    recordings: RecordingStore
    entry: Callable[[EntryId], Entry]
    hearing: Hearing
    write: Callable[[Segment], Segment] = lambda segment: segment
    rough: bool = False


def dictate(request: DictationRequest, scribe: Scribe, *, report: Report, cancelled: Cancelled) -> Dictation:
    """Keep the recording and, when possible, its words; progress is in seconds of sound.

    :raises diary.errors.RecordingDamaged: and nothing is kept.
    :raises diary.errors.Stopped: the recording is kept and waits, unless nothing was kept yet.
    :raises diary.errors.EngineFailed: before step 2 nothing is kept; after it the recording is kept and
        waits.
    """
    info = scribe.transcriber.examine(request.sound)
    if cancelled():
        raise Stopped("Stopped. Nothing was saved yet, and the file is as it was.")
    draft = _waiting(request, info)
    kept = scribe.recordings.keep(draft, request.sound, name=PurePath(request.name).name)
    if info.speech_seconds >= LEAST_SPEECH_SECONDS and scribe.transcriber.engine is None:
        return Dictation(
            entry=kept.id, engine=None, segments=(), status=Transcript.WAITING, seconds=info.seconds
        )
    return _Job(kept, request.sound, info, below=True).run(scribe, report, cancelled)


def write_down(
    entry: EntryId, scribe: Scribe, *, below: bool, report: Report, cancelled: Cancelled
) -> Dictation:
    """Write down the words of a kept recording, from where it was stopped. The scribe must have an engine.

    :param below: words that a person wrote stay, and what was heard goes below them; otherwise the new words
        take the place of those that are there.
    :raises diary.errors.DiaryError: as `dictate`; the entry stays as it was, and what was heard is kept.
    """
    kept = scribe.entry(entry)
    sound = scribe.recordings.sound(entry)
    info = scribe.transcriber.examine(sound)
    return _Job(kept, sound, info, below=below).run(scribe, report, cancelled)


@dataclass(frozen=True, slots=True)
class _Job:
    """A kept recording whose words are wanted; `kept` is its entry as it was before."""

    kept: Entry
    sound: bytes
    info: SoundInfo
    below: bool

    def run(self, scribe: Scribe, report: Report, cancelled: Cancelled) -> Dictation:
        heard: tuple[Segment, ...] = ()
        if self.info.speech_seconds < LEAST_SPEECH_SECONDS:
            engine, why = SILERO, NO_SPEECH
        else:
            engine, why = scribe.transcriber.engine or "", NO_WORDS
            heard = _Listening(self.kept, scribe, self.info).hear(self.sound, report, cancelled)
        if not heard and self.kept.transcript in (Transcript.TRANSCRIBED, Transcript.ROUGH):
            raise NoWordsHeard(
                f"No words were heard in the recording of entry {self.kept.id} this time; the entry stays as "
                "it was.",
                hint="Another model may hear them: diary models use NAME",
            )
        status = Transcript.NO_SPEECH
        if heard:
            status = Transcript.ROUGH if scribe.rough else Transcript.TRANSCRIBED
        text = self._placed(scribe.entry(self.kept.id).text, heard, why)
        scribe.recordings.set_transcript(self.kept.id, text, status, heard, engine)
        return Dictation(
            entry=self.kept.id, engine=engine, segments=heard, status=status, seconds=self.info.seconds
        )

    def _placed(self, text: str, heard: tuple[Segment, ...], why: str) -> str:
        """The entry's text as it is now, with the new words; a person may have written meanwhile."""
        theirs = self.below or text != self.kept.text
        if theirs and not is_own(text, heard, or_their_beginning=True):
            return added(text, heard)
        return as_text(heard) if heard else without_words(self.info.seconds, why)


class _Listening:
    """Hears one kept recording, and keeps what it heard."""

    def __init__(self, kept: Entry, scribe: Scribe, info: SoundInfo) -> None:
        self._kept = kept
        self._scribe = scribe
        self._engine = scribe.transcriber.engine or ""
        self._total = max(1, math.ceil(info.seconds))
        self._heard: list[Segment] = []
        self._new: list[Segment] = []
        self._reached = self._saved = 0.0
        self._told = -1
        partial = scribe.recordings.partial(kept.id)
        if partial is not None and partial[2] == self._engine:
            segments, self._reached, _ = partial
            self._saved = self._reached
            self._heard = [one for one in segments if one.start < self._reached]

    def hear(self, sound: bytes, report: Report, cancelled: Cancelled) -> tuple[Segment, ...]:
        """All segments, of before a stop too."""
        self._tell(report, self._reached)
        try:
            self._listen(sound, report, cancelled)
        except Stopped as error:
            raise Stopped(f"Stopped. {self._stands()}") from error
        except DiaryError as error:
            # it was whole when examined, and "damaged" means to the caller that nothing is kept
            kind = EngineFailed if isinstance(error, RecordingDamaged) else type(error)
            raise kind(f"{error.message} {self._stands()}", hint=error.hint) from error
        self._tell(report, self._total)
        return (*self._heard, *self._new)

    def _listen(self, sound: bytes, report: Report, cancelled: Cancelled) -> None:
        events = self._scribe.transcriber.transcribe(
            sound, hearing=self._scribe.hearing, start=self._reached, cancelled=cancelled
        )
        try:
            with told_to_stop(events):
                for event in events:
                    if isinstance(event, Reached):
                        self._take(event.seconds)
                        self._tell(report, event.seconds)
                    else:
                        self._new.append(self._scribe.write(event))
                        self._tell(report, event.end)
        except BaseException:  # a stop by Ctrl-C too
            with suppress(DiaryError):  # it is heard again then
                self._save()
            raise

    def _take(self, reached: float) -> None:
        """All speech before this is heard."""
        self._heard += self._new
        self._new = []
        self._reached = max(self._reached, reached)
        if self._reached - self._saved >= KEEP_EVERY_SECONDS:
            self._save()

    def _save(self) -> None:
        if self._reached > self._saved:
            self._scribe.recordings.set_partial(self._kept.id, self._heard, self._reached, self._engine)
            self._saved = self._reached

    def _tell(self, report: Report, seconds: float) -> None:
        done = min(self._total, math.ceil(seconds))
        if done > self._told:
            self._told = done
            report(Progress(TASK, done, self._total))

    def _stands(self) -> str:
        if self._kept.transcript is Transcript.WAITING:
            return f"The recording is kept as entry {self._kept.id}; {NOT_YET}."
        return f"Entry {self._kept.id} stays as it was."


def happened_at(name: str, made: datetime | None, now: datetime) -> datetime:
    """When the recording was made: a date in its name, else what its file says, else now.

    A name with a day only takes the time of day from the file when that agrees on the day, else noon. Times
    without a zone are local. Moments in the future are not believed.
    """
    latest = now + timedelta(days=1)
    inside = made.astimezone(now.tzinfo) if made is not None and made <= latest else None
    found = _DATE.search(PurePath(name).name)
    if found is None:
        return inside or now
    part = {key: int(value) for key, value in found.groupdict().items() if key != "s" and value}
    try:
        named = datetime(
            part["y"], part["m"], part["d"], part.get("h", 12), part.get("min", 0), part.get("sec", 0)
        )  # fmt: skip
    except ValueError:  # 31 June
        return inside or now
    moment = on_this_clock(named, now)
    if moment > latest:
        return inside or now
    if "h" not in part and inside is not None and inside.date() == moment.date():
        return inside
    return moment


def _waiting(request: DictationRequest, info: SoundInfo) -> EntryDraft:
    printable = "".join(c if c.isprintable() else " " for c in PurePath(request.name).stem)
    title = " ".join(printable.replace("_", " ").split())[:LONGEST_TITLE]
    return EntryDraft(
        text=without_words(info.seconds, NOT_YET),
        happened=happened_at(request.name, info.made, request.now),
        written=request.now,
        title=title or None,
        kind=Kind.VOICE,
        source_id=fingerprint(request.sound),
        transcript=Transcript.WAITING,
    )


def fingerprint(sound: bytes) -> str:
    """Names the bytes of a recording, so that it is known when it comes again; the entry's `source_id`."""
    return f"sha256:{hashlib.sha256(sound).hexdigest()}"
