"""Recordings become words: files as they are taken in, what waits for a model, and once more with another.

What a person wrote is never replaced unasked. An entry that waits keeps a person's words, and what is heard
goes below them; a transcript that a person corrected is written down anew only when they say so, and both
versions are in the history then; a rough draft that they changed or vouched for is theirs.

Sound is kept as the settings say, and in any case until its words are written down by more than a rough
draft.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from diary.errors import DiaryError, EntryNotFound, ModelMissing, Stopped, WordsChanged
from diary.model.entry import Entry, EntryFilter, EntryId, Kind, Transcript
from diary.model.progress import Cancelled, Report, never, silent
from diary.model.speech import Dictation
from diary.voice.base import Base
from ingest.dictation import DictationRequest, Scribe, dictate, write_down
from ingest.placing import is_own

_MOST_FAILURES = 3
"""In a row; then it is the engine, and not a recording."""


class WritingDown(Base):
    """Writes recordings down."""

    def dictate(
        self,
        sound: bytes,
        *,
        name: str,
        language: str | None = None,
        rough: bool = False,
        report: Report = silent,
        cancelled: Cancelled = never,
    ) -> Dictation:
        """Keep a recording of any format, encrypted, and write down its words when a model is installed.

        :param language: that is spoken, instead of what the settings say.
        :raises diary.errors.RecordingDamaged: when the bytes are no whole recording; nothing is kept then.
        """
        request = DictationRequest(sound=sound, name=name, now=self._now())
        dictation = dictate(
            request,
            self._scribe(language, rough=rough),
            report=report,
            cancelled=lambda: cancelled() or self._closing.is_set(),
        )
        self._written(dictation)
        return dictation

    def write_down(
        self,
        entry: EntryId,
        *,
        language: str | None = None,
        rough: bool = False,
        report: Report = silent,
        cancelled: Cancelled = never,
    ) -> Dictation:
        """Write down one that is kept and waits, from where it was stopped.

        :raises diary.errors.ModelMissing: when nothing is installed that can.
        """
        scribe = self._scribe(language, rough=rough)
        return self._write_down(entry, scribe, replace=False, report=report, cancelled=cancelled)

    def write_down_waiting(
        self,
        *,
        language: str | None = None,
        rough: bool = False,
        report: Report = silent,
        cancelled: Cancelled = never,
    ) -> Iterator[Dictation]:
        """Write down the recordings that wait, oldest first, and the rough drafts that nobody changed or
        vouched for; each is kept as it is done. One that fails is passed over, and its failure raised at the
        end.

        :param rough: as rough drafts, those that wait alone.
        :raises diary.errors.ModelMissing: when nothing is installed that can.
        """
        hearer = self._engines.rough_transcriber if rough else self._engines.transcriber
        if hearer.engine is None:
            raise _no_model()
        failures: list[DiaryError] = []
        in_a_row = 0
        for entry in self._to_be_written(rough=rough):
            try:
                dictation = self.write_down(
                    entry, language=language, rough=rough, report=report, cancelled=cancelled
                )
            except Stopped:
                raise
            except EntryNotFound:  # deleted meanwhile
                continue
            except DiaryError as error:
                failures.append(error)
                in_a_row += 1
                if in_a_row == _MOST_FAILURES:
                    break
                continue
            in_a_row = 0
            yield dictation
        if failures:
            raise failures[0]

    def transcribe_waiting(self, *, report: Report = silent, cancelled: Cancelled = never) -> int:
        """As `write_down_waiting`, in the background: how many. 0 without a speech model, or where nothing
        may be written.
        """
        if self._engines.transcriber.engine is None or self._stores.read_only:
            return 0
        return sum(1 for _ in self.write_down_waiting(report=report, cancelled=cancelled))

    def transcribe_again(
        self,
        entry: EntryId,
        *,
        rough: bool = False,
        force: bool = False,
        report: Report = silent,
        cancelled: Cancelled = never,
    ) -> Entry:
        """Write a kept recording down anew, or a waiting one for the first time, with the model in use; the
        words before stay in the history.

        :param rough: with PocketSphinx instead, which needs no model: a rough draft.
        :param force: also in the place of words that a person changed.
        :raises diary.errors.WordsChanged: when a person did, and `force` was not given.
        :raises diary.errors.EntryNotFound: when the entry has no recording.
        :raises diary.errors.ModelMissing: without a speech model.
        """
        kept = self._stores.entries.get(entry)
        if not (force or self._waits(kept) or self._is_untouched(kept)):
            raise WordsChanged(
                f"The words of entry {entry} were changed by hand since they were written down, so they were "
                "left as they are.",
                hint=f"To replace them (yours stay in the history): diary dictate --again {entry} --force",
            )
        scribe = self._scribe(None, rough=rough)
        self._write_down(entry, scribe, replace=force, report=report, cancelled=cancelled)
        return self._stores.entries.get(entry)

    def forget_old_sound(self, *, cancelled: Cancelled = never) -> int:
        """Destroy the sound that has been kept for as long as the settings say; of how many entries. None
        while the clock may be wrong.
        """
        keep = self._speech.keep_audio
        if keep is None or self._stores.read_only or (keep and self._stores.clock_in_doubt()):
            return 0
        forgotten = 0
        for entry in self._stores.recordings.kept_before(self._now() - keep):
            if cancelled() or self._closing.is_set():
                break
            forgotten += self._forget(entry)
        return forgotten

    def _scribe(self, language: str | None, *, rough: bool) -> Scribe:
        engines = self._engines
        return Scribe(
            transcriber=engines.rough_transcriber if rough else engines.transcriber,
            recordings=self._stores.recordings,
            entry=self._stores.entries.get,
            hearing=self._hearing(language),
            write=self._write(),
            rough=rough,
        )

    def _write_down(
        self, entry: EntryId, scribe: Scribe, *, replace: bool, report: Report, cancelled: Cancelled
    ) -> Dictation:
        """Write down one, in its turn. A person's words stay unless they are to be replaced."""
        if scribe.transcriber.engine is None:
            raise _no_model()

        def work(stop: Cancelled) -> Dictation:
            kept = self._stores.entries.get(entry)  # as it is now: it may have waited for its turn
            below = not replace and (self._waits(kept) or not self._is_untouched(kept))
            return write_down(entry, scribe, below=below, report=report, cancelled=stop)

        dictation = self._in_turn(work, cancelled)
        self._written(dictation)
        return dictation

    def _to_be_written(self, *, rough: bool) -> Iterator[EntryId]:
        """What waits and what is rough, and still is when its turn comes."""
        wanted = (Transcript.WAITING,) if rough else (Transcript.WAITING, Transcript.ROUGH)
        found = [
            entry
            for status in wanted
            for entry in self._stores.entries.list(EntryFilter(kind=Kind.VOICE, transcript=status))
        ]
        for entry in sorted(found, key=lambda entry: (entry.happened, entry.id)):
            with suppress(EntryNotFound):  # deleted meanwhile
                now = self._stores.entries.get(entry.id)
                rough_and_ours = now.transcript is Transcript.ROUGH and self._is_untouched(now)
                if now.transcript is Transcript.WAITING or (rough_and_ours and not rough):
                    yield entry.id

    def _waits(self, entry: Entry) -> bool:
        """Whether its words, if it has any, are a person's own, and nobody wrote its sound down yet."""
        waiting = entry.transcript is Transcript.WAITING
        return waiting or not self._stores.recordings.transcripts(entry.id)

    def _is_untouched(self, entry: Entry) -> bool:
        return is_own(entry.text, self._stores.recordings.heard(entry.id)[1])

    def _written(self, dictation: Dictation) -> None:
        try:
            entry = self._stores.entries.get(dictation.entry)
        except EntryNotFound:  # somebody deleted it meanwhile
            return
        self._kept(entry)
        self._forget_at_once(entry)


def _no_model() -> ModelMissing:
    return ModelMissing(
        "No speech model is installed, so the recordings go on waiting.",
        hint="Install one with: diary models import DIR; or make rough drafts with --rough.",
    )
