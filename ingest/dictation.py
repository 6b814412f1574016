"""A recording becomes an entry, and is never lost on the way.

The order is the promise:
1. examine: the sound is decoded whole, in the engine. A damaged one is refused, and nothing is kept.
2. keep: the bytes as they came and an entry that says it waits, both encrypted, in one step, on the disk.
3. transcribe: when something that hears words is installed, segment by segment.
4. write the words down as a new version of that entry.
Whatever ends step 3 (a stop, a crash, a power cut) leaves the entry of step 2, and the words can be had
later. No speech, no words: a model that is asked about silence makes them up, so it is not asked.

Not here: the microphone; decoding and models (`ingest.engines`); how things are kept (`RecordingStore`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePath

from diary.errors import DiaryError, EngineFailed, RecordingDamaged, Stopped
from diary.model.entry import EntryDraft, EntryId, Kind, Transcript
from diary.model.local_time import on_this_clock
from diary.model.progress import Cancelled, Progress, Report
from diary.model.speech import Dictation, Hearing, Reached, Segment, SoundInfo
from ingest.ports import RecordingStore, Transcriber

LEAST_SPEECH_SECONDS = 0.3
"""Less speech than this is a cough or a door: no words are asked for."""

PARAGRAPH_PAUSE_SECONDS = 2.0
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
    :ivar language: ISO 639-1 code that the words are in; None lets the model decide once for the recording.
    :ivar now: aware local time.
    """

    sound: bytes
    name: str
    language: str | None
    now: datetime


def dictate(
    request: DictationRequest,
    transcriber: Transcriber,
    recordings: RecordingStore,
    *,
    rough: bool,
    report: Report,
    cancelled: Cancelled,
) -> Dictation:
    """Keep the recording and, when possible, its words; progress is in seconds of sound.

    :raises diary.errors.RecordingDamaged: and nothing is kept.
    :raises diary.errors.Stopped: the recording is kept and waits.
    :raises diary.errors.EngineFailed: before step 2 nothing is kept; after it the recording is kept and
        waits.
    """
    info = transcriber.examine(request.sound)
    if cancelled():
        raise Stopped("Stopped. Nothing was saved yet, and the file is as it was.")
    kept = recordings.keep(_waiting(request, info), request.sound, name=PurePath(request.name).name)
    if info.speech_seconds >= LEAST_SPEECH_SECONDS and transcriber.engine is None:
        return Dictation(
            entry=kept.id, engine=None, segments=(), status=Transcript.WAITING, seconds=info.seconds
        )
    hearing = _Hearing(kept.id, request.sound, request.language, rough)
    return _write_down(hearing, info, transcriber, recordings, report, cancelled)


def write_down(
    entry: EntryId,
    sound: bytes,
    transcriber: Transcriber,
    recordings: RecordingStore,
    *,
    language: str | None,
    rough: bool,
    report: Report,
    cancelled: Cancelled,
) -> Dictation:
    """Write down the words of a recording that is kept already and waits.

    :param sound: the bytes of the recording. The transcriber must have an engine.
    :raises diary.errors.DiaryError: as `dictate`; the recording waits on.
    """
    info = transcriber.examine(sound)
    hearing = _Hearing(entry, sound, language, rough)
    return _write_down(hearing, info, transcriber, recordings, report, cancelled)


@dataclass(frozen=True, slots=True)
class _Hearing:
    """A kept recording whose words are wanted."""

    entry: EntryId
    sound: bytes
    language: str | None
    rough: bool


def _write_down(
    hearing: _Hearing,
    info: SoundInfo,
    transcriber: Transcriber,
    recordings: RecordingStore,
    report: Report,
    cancelled: Cancelled,
) -> Dictation:
    length = clock(info.seconds)
    heard: tuple[Segment, ...] = ()
    if info.speech_seconds < LEAST_SPEECH_SECONDS:
        engine, status = "silero", Transcript.NO_SPEECH
        text = f"Recording of {length}; no speech was heard."
    else:
        engine = transcriber.engine or ""
        heard = _hear(hearing, transcriber, info, report, cancelled)
        if heard:
            status, text = (Transcript.ROUGH if hearing.rough else Transcript.TRANSCRIBED), as_text(heard)
        else:
            status, text = Transcript.NO_SPEECH, f"Recording of {length}; no words were heard."
    recordings.set_transcript(hearing.entry, text, status, heard, engine)
    return Dictation(entry=hearing.entry, engine=engine, segments=heard, status=status, seconds=info.seconds)


def as_text(segments: Sequence[Segment]) -> str:
    """The words of all segments; a pause of two seconds begins a paragraph."""
    text, end = "", 0.0
    for segment in segments:
        words = " ".join(segment.text.split())
        if text and words:
            text += "\n\n" if segment.start - end >= PARAGRAPH_PAUSE_SECONDS else " "
        text += words
        end = segment.end
    return text


def clock(seconds: float) -> str:
    """A length as people write it: 0:42, 12:05, 1:02:03."""
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


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
        text=f"Recording of {clock(info.seconds)}; its words are not written down yet.",
        happened=happened_at(request.name, info.made, request.now),
        written=request.now,
        title=title or None,
        kind=Kind.VOICE,
        transcript=Transcript.WAITING,
    )


def _hear(
    hearing: _Hearing, transcriber: Transcriber, info: SoundInfo, report: Report, cancelled: Cancelled
) -> tuple[Segment, ...]:
    total = max(1, math.ceil(info.seconds))
    heard: list[Segment] = []
    report(Progress(TASK, 0, total))
    segments = transcriber.transcribe(
        hearing.sound, hearing=Hearing(language=hearing.language), cancelled=cancelled
    )
    try:
        for segment in segments:
            if isinstance(segment, Reached):
                continue
            heard.append(segment)
            report(Progress(TASK, min(total, math.ceil(segment.end)), total))
    except Stopped as error:
        raise _stopped(hearing.entry) from error
    except DiaryError as error:
        # it was whole when examined, and "damaged" means to the caller that nothing is kept
        kind = EngineFailed if isinstance(error, RecordingDamaged) else type(error)
        raise kind(
            f"{error.message} The recording is kept as entry {hearing.entry}; its words are not "
            "written down yet.",
            hint=error.hint,
        ) from error
    finally:
        close = getattr(segments, "close", None)
        if close is not None:  # tell the engine now, not when the iterator is collected
            close()
    report(Progress(TASK, total, total))
    return tuple(heard)


def _stopped(entry: EntryId) -> Stopped:
    return Stopped(f"Stopped. The recording is kept as entry {entry}; its words are not written down yet.")
