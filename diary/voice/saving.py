"""Recordings that have ended become entries: written down to their end, and saved.

Saving is one step in the vault: the entry, its sound and its transcript are there and the unsaved recording
is gone, or nothing happened. What the entry then is, is decided by what is known of its words:

- TRANSCRIBED, or ROUGH when a rough draft's engine wrote them: there are words;
- NO_SPEECH: there are none, and no speech in it either, or none in which an engine heard words;
- WAITING: speech is left that nobody wrote down, after words of an engine or without any. Its words come when
  they can (`writing_down`); words that are there stay.
"""

from __future__ import annotations

import io
import wave
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import ceil
from queue import SimpleQueue

from diary.errors import (
    DiaryError,
    EmptyEntry,
    EngineFailed,
    ModelMissing,
    RecordingDamaged,
    Stopped,
    VaultDamaged,
)
from diary.model.entry import Entry, EntryDraft, Kind, Transcript
from diary.model.placeholder import NO_SPEECH, NO_WORDS, NOT_YET, without_words
from diary.model.progress import Cancelled, Progress, Report, never, silent
from diary.model.recording import SpoolId, Unfinished
from diary.model.speech import RATE, Reached, Segment
from diary.voice.base import Base
from ingest.dictation import LEAST_SPEECH_SECONDS, TASK
from ingest.heard import as_text, told_to_stop
from ingest.live_words import BYTES_PER_SECOND

DAMAGED = "(A part of this recording was damaged on the disk, and is silent.)"
"""Stands below the words of such an entry."""

_NAME = "recording.wav"
_LOOKS_EVERY = 0.1  # seconds
_AT_ONCE = 60 * BYTES_PER_SECOND  # bytes read of a recording in one go
_KEPT = "The recording is kept; you can go on with it later."


class Saving(Base):
    """Makes entries of what was recorded."""

    def hear(
        self,
        spool: SpoolId,
        *,
        report: Report = silent,
        cancelled: Cancelled = never,
        heard: Callable[[Segment], None] = lambda _: None,
    ) -> tuple[Segment, ...]:
        """Write down what is not yet written down of one that has ended; all its segments.

        What was written down while it ran is not heard again; another engine than that one begins anew.

        :param heard: told each new segment, in order, from the calling thread; those told here are not told
            to the `heard` of `record`.
        :raises diary.errors.Stopped: when `cancelled` said so; what is written down is kept.
        :raises diary.errors.ModelMissing: without a speech model. It can be saved all the same, and waits.
        """
        self._await_live_words(spool, report, cancelled, heard)
        unfinished = self._find(spool)
        engine = self._engines.transcriber.engine
        if _all_heard(unfinished):
            return unfinished.segments
        if engine is None:
            raise ModelMissing(
                "No speech model is installed, so its words are not written down yet; the recording is kept.",
                hint="Save it, and its words wait. Install a model with: diary models import DIR",
            )
        self._in_turn(lambda stop: self._hear_rest(spool, engine, report, stop, heard), cancelled)
        return self._find(spool).segments

    def save_recording(
        self,
        spool: SpoolId,
        text: str,
        *,
        at: str | None = None,
        title: str | None = None,
        tags: Sequence[str] = (),
    ) -> Entry:
        """Make it an entry, of the time when it began unless `at` says another; without words, and speech in
        it, it waits. A running one is ended first.

        :raises diary.errors.EmptyEntry: when there is neither sound nor a word.
        :raises diary.errors.TimeNotUnderstood: when `at` names no time; it stays unsaved.
        :raises diary.errors.DiskFull: and it stays unsaved.
        """
        happened = self._moment(at) if at else None
        self._end(spool)
        unfinished = self._find(spool)
        draft = EntryDraft(
            text=text,
            happened=happened or unfinished.started,
            written=self._now(),
            title=title,
            tags=tuple(tags),
            kind=Kind.VOICE,
        )
        entry = self._keep(unfinished, draft)
        self._runs.pop(spool, None)
        return self._kept(entry)

    def _await_live_words(
        self, spool: SpoolId, report: Report, cancelled: Cancelled, heard: Callable[[Segment], None]
    ) -> None:
        """Wait for what is being written down since it was spoken."""
        run = self._runs.get(spool)
        if run is None or run.words is None:
            return
        if run.running:
            raise DiaryError("This recording is still running; nothing was changed.", hint="End it first.")
        news: SimpleQueue[Segment] = SimpleQueue()
        run.words.tell(news.put)
        ended = False
        while not ended:
            ended = run.words.ended(_LOOKS_EVERY)
            while not news.empty():
                heard(news.get())
            report(_progress(run.words.reached, run.seconds))
            if not ended and (cancelled() or self._closing.is_set()):
                run.words.stop()
                raise Stopped(f"Stopped. {_KEPT}")

    def _hear_rest(
        self,
        spool: SpoolId,
        engine: str,
        report: Report,
        stop: Cancelled,
        heard: Callable[[Segment], None],
    ) -> None:
        """Hear from where it was, and note it."""
        unfinished = self._find(spool)
        same = unfinished.engine == engine
        start = unfinished.reached if same else 0.0
        segments = [one for one in unfinished.segments if one.start < start]
        new: list[Segment] = []

        def keep(reached: float) -> None:
            self._stores.spools.note(spool, [*segments, *new], reached, engine)
            for segment in new:
                heard(segment)
            segments.extend(new)
            new.clear()
            report(_progress(reached, unfinished.seconds))

        report(_progress(start, unfinished.seconds))
        write = self._write()
        try:
            # Of the whole, though its beginning is heard already: by that the engine knows the language.
            events = self._engines.transcriber.transcribe(
                self._wav(spool), hearing=self._hearing(), start=start, cancelled=stop
            )
            with told_to_stop(events):
                for event in events:
                    if isinstance(event, Reached):
                        keep(event.seconds)
                    else:
                        new.append(write(event))
        except Stopped as error:
            raise Stopped(f"Stopped. {_KEPT}") from error
        except (EngineFailed, RecordingDamaged) as error:
            raise EngineFailed(f"{error.message} {_KEPT}", hint=error.hint) from error
        keep(unfinished.seconds)

    def _keep(self, unfinished: Unfinished, draft: EntryDraft) -> Entry:
        if unfinished.seconds == 0:
            return self._keep_words_alone(unfinished, draft)
        status, instead = self._status(unfinished, draft.text)
        draft = replace(draft, text=instead or draft.text, transcript=status)
        try:
            entry = self._stores.recordings.keep_spool(draft, unfinished.id, name=_NAME)
        except VaultDamaged:  # what is whole of the sound is worth more than none of it
            draft = replace(draft, text=f"{draft.text.rstrip()}\n\n{DAMAGED}")
            entry = self._stores.recordings.keep_spool(draft, unfinished.id, name=_NAME, without_damage=True)
        self._forget_at_once(entry)
        return entry

    def _keep_words_alone(self, unfinished: Unfinished, draft: EntryDraft) -> Entry:
        """A note: no sound came, or its file is gone and what was written down of it is not."""
        draft = replace(draft, kind=Kind.NOTE, text=draft.text.strip() or as_text(unfinished.segments))
        if not draft.text:
            raise EmptyEntry(
                "There is neither sound nor a word in this recording, so nothing was saved.",
                hint="Discard it, and look at the microphone.",
            )
        entry = self._stores.entries.add(draft)
        self._stores.spools.discard(unfinished.id)
        return entry

    def _status(self, unfinished: Unfinished, text: str) -> tuple[Transcript, str]:
        """What is known of its words, and what stands in the place of none."""
        unwritten = self._unwritten_speech(unfinished)
        if text.strip():
            if unwritten and unfinished.engine is not None:
                return Transcript.WAITING, ""
            rough = unfinished.engine == self._engines.rough_transcriber.engine and unfinished.segments
            return (Transcript.ROUGH if rough else Transcript.TRANSCRIBED), ""
        if unwritten or unfinished.segments:
            return Transcript.WAITING, without_words(unfinished.seconds, NOT_YET)
        why = NO_SPEECH if unfinished.engine is None else NO_WORDS
        return Transcript.NO_SPEECH, without_words(unfinished.seconds, why)

    def _unwritten_speech(self, unfinished: Unfinished) -> bool:
        """Whether speech is left that no engine heard; True when that cannot be found out."""
        if _all_heard(unfinished):
            return False
        try:
            info = self._engines.transcriber.examine(self._wav(unfinished.id, unfinished.reached))
        except DiaryError:
            return True
        return info.speech_seconds >= LEAST_SPEECH_SECONDS

    def _wav(self, spool: SpoolId, start: float = 0.0) -> bytes:
        """The sound of an unsaved recording from so many seconds on, as a file that engines read."""
        file, position = io.BytesIO(), 2 * round(start * RATE)
        with wave.open(file, "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(RATE)
            while sound := self._stores.spools.read(spool, position, _AT_ONCE):
                position += len(sound)
                out.writeframes(sound)
        return file.getvalue()


def _all_heard(unfinished: Unfinished) -> bool:
    return unfinished.seconds - unfinished.reached < LEAST_SPEECH_SECONDS


def _progress(reached: float, seconds: float) -> Progress:
    total = max(1, ceil(seconds))
    return Progress(TASK, min(total, ceil(reached)), total)
