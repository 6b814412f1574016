"""What the rooms of voice share: the stores, the models, whose turn it is with a model, and the end of all.

A speech engine hears one thing at a time. What is being said now comes first: other work stops where it is,
which keeps what it did, and goes on when the recording's words are written down.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypeVar

from diary.errors import DiaryError, RecordingNotFound, Stopped
from diary.model.audit import Event
from diary.model.entry import Entry, EntryId, Transcript
from diary.model.glossary import Term
from diary.model.placeholder import NO_WORDS, is_placeholder
from diary.model.progress import Cancelled
from diary.model.recording import SpoolId, TranscriptVersion, Unfinished
from diary.model.speech import SILERO, Hearing, Segment
from diary.parts import Engines, Stores
from diary.settings import Speech
from ingest.glossary.hints import hotwords
from ingest.glossary.replacing import written
from ingest.observations.at_once import read_at_once
from ingest.recording import RunningRecording

_LOOKS_EVERY = 0.2  # seconds, at what else is heard and at `cancelled`
_PATIENCE_SECONDS = 3.0  # with an engine that was told to stop; it is given 2 s
_Done = TypeVar("_Done")


class Base:
    """The circumstances of an open diary.

    :param speech: what the person has chosen about voice.
    :param now: the clock; aware local time. :param moment: the time that words name.
    """

    def __init__(
        self,
        stores: Stores,
        engines: Engines,
        speech: Speech,
        *,
        now: Callable[[], datetime],
        moment: Callable[[str], datetime],
    ) -> None:
        self._stores = stores
        self._engines = engines
        self._speech = speech
        self._now = now
        self._moment = moment
        self._runs: dict[SpoolId, RunningRecording] = {}
        self._beginning = threading.Lock()
        self._closing = threading.Event()

    def _hearing(self, language: str | None = None) -> Hearing:
        """What helps to hear, with a language for this once."""
        return Hearing(
            language=language or self._speech.language,
            languages=self._speech.languages,
            hotwords=hotwords(self._stores.glossary.terms()),
        )

    def _write(self) -> Callable[[Segment], Segment]:
        """The glossary's replacements, as the glossary is now."""
        terms: list[Term] = self._stores.glossary.terms()
        return lambda segment: written(segment, terms)

    def _kept(self, entry: Entry) -> Entry:
        """An entry that got its words: its observations are read."""
        read_at_once(self._stores.observations, entry)
        return entry

    def _forget_at_once(self, entry: Entry) -> None:
        """Destroy its sound when the settings keep none."""
        if self._speech.keep_audio == timedelta(0):
            with suppress(DiaryError):  # its words are safe; the sound goes with the next that is old
                self._forget(entry.id)

    def _forget(self, entry: EntryId) -> bool:
        """Destroy its sound, unless that is all there is of what was said."""
        kept = self._stores.entries.get(entry)
        written = self._stores.recordings.transcripts(entry)
        if kept.transcript in (Transcript.WAITING, Transcript.ROUGH):
            return False
        if not written and kept.transcript is not Transcript.NO_SPEECH:
            return False
        if kept.transcript is Transcript.NO_SPEECH and self._speech_without_words(kept, written):
            return False
        self._stores.recordings.forget_sound(entry)
        self._stores.audit.after(Event.ERASED, sounds=1, by="retention")
        return True

    @staticmethod
    def _speech_without_words(kept: Entry, written: Sequence[TranscriptVersion]) -> bool:
        """Whether there was speech that a model made no words of: another one may."""
        by_a_model = any(one.engine != SILERO and not one.segments for one in written)
        return by_a_model or (is_placeholder(kept.text) and NO_WORDS in kept.text)

    def _others_first(self) -> bool:
        """Whether words are written down while they are spoken, or just after."""
        return any(run.words and not run.words.ended(0) for run in tuple(self._runs.values()))

    def _end(self, spool: SpoolId) -> None:
        """End a recording and its words. What went wrong with it was told by `stop`, or is told no more."""
        run = self._runs.get(spool)
        if run is None:
            return
        with suppress(DiaryError):
            run.stop()
        if run.words is not None:
            run.words.stop()
            run.words.ended(_PATIENCE_SECONDS)

    def _find(self, spool: SpoolId) -> Unfinished:
        found = [one for one in self._stores.spools.unfinished() if one.id == spool]
        if not found:
            raise RecordingNotFound(
                "There is no unsaved recording of this name.", hint="It may be an entry already: diary list"
            )
        return found[0]

    def _in_turn(self, work: Callable[[Cancelled], _Done], cancelled: Cancelled) -> _Done:
        """Do work that can be stopped and gone on with, and let what is being said go before it.

        :raises diary.errors.Stopped: when `cancelled` said so, or the diary is closed.
        """
        while True:
            while self._others_first():
                if cancelled() or self._closing.wait(_LOOKS_EVERY):
                    raise Stopped("Stopped before it was its turn. What was kept stays as it was.")
            gave_way = threading.Event()

            def stop(gave_way: threading.Event = gave_way) -> bool:
                if self._others_first():
                    gave_way.set()
                return gave_way.is_set() or self._closing.is_set() or cancelled()

            try:
                return work(stop)
            except Stopped:
                if not gave_way.is_set() or self._closing.is_set() or cancelled():
                    raise
