"""Recordings from the microphone: begun, ended, kept until they are entries, or destroyed."""

from __future__ import annotations

from collections.abc import Callable

from diary.errors import DiaryError, MicrophoneMissing, Stopped
from diary.model.audit import Event
from diary.model.recording import Meter, SpoolId, Unfinished
from diary.model.speech import Microphone, Segment
from diary.voice.base import Base
from diary.voice.trying import TryOut
from ingest.live_words import LiveWords
from ingest.ports import Capture
from ingest.recording import RunningRecording

MICROPHONE = "microphone"
"""The preference that remembers one."""


class Recording(Base):
    """Records, and keeps what is recorded until it is an entry."""

    def microphones(self) -> list[Microphone]:
        """What can be recorded from; MicrophoneMissing, with the reason, when there is none."""
        return self._engines.sound.microphones()

    def microphone(self) -> str | None:
        """The id of the remembered one; None: the sound system's choice."""
        return self._stores.preferences.get(MICROPHONE)

    def use_microphone(self, microphone: str | None) -> None:
        """Remember one."""
        self._stores.preferences.set(MICROPHONE, microphone)

    def record(
        self,
        *,
        meter: Callable[[Meter], None],
        heard: Callable[[Segment], None],
        microphone: str | None = None,
    ) -> RunningRecording:
        """Begin; the two are called from other threads, `meter` several times a second.

        A remembered microphone that is not there is not worth losing what somebody has to say: the sound
        system's own choice takes its place, and the meter says so. One that is named here must be there.

        :raises diary.errors.MicrophoneMissing: when there is none, and nothing was begun.
        :raises diary.errors.DiaryError: when one is running already.
        """
        if not self._beginning.acquire(blocking=False):
            raise _one_at_a_time()
        try:
            running = self._begin(meter, heard, microphone)
        finally:
            self._beginning.release()
        if self._closing.is_set():  # it was locked while the microphone was being opened
            self._end(running.id)
            raise Stopped("The diary was closed, so the recording was ended; what it has is kept.")
        return running

    def _begin(
        self, meter: Callable[[Meter], None], heard: Callable[[Segment], None], microphone: str | None
    ) -> RunningRecording:
        if any(run.running for run in tuple(self._runs.values())):
            raise _one_at_a_time()
        capture, note = self._open(microphone)
        try:
            words = self._words(heard)
            spool = self._stores.spools.begin(self._now())
        except BaseException:
            capture.stop()
            raise
        running = RunningRecording(capture, spool, meter=meter, words=words, note=note)
        running.begin()
        self._runs[spool.id] = running
        return running

    def try_out(self) -> TryOut:
        """To record what is kept nowhere: to see how well somebody is heard."""
        return TryOut(self._open)

    def unfinished(self) -> list[Unfinished]:
        """Recordings that are no entries yet, oldest first, without the running one."""
        going = {run.id for run in tuple(self._runs.values()) if run.running}
        return [one for one in self._stores.spools.unfinished() if one.id not in going]

    def discard_recording(self, spool: SpoolId) -> None:
        """Destroy it, also while it runs; none of this name is no error."""
        self._end(spool)
        had_sound = any(one.id == spool and one.seconds for one in self._stores.spools.unfinished())
        self._stores.spools.discard(spool)
        if had_sound:
            self._stores.audit.after(Event.ERASED, recordings=1, by="person")
        self._runs.pop(spool, None)

    def close(self) -> None:
        """End what runs; every recording is kept and can be gone on with."""
        self._closing.set()
        for spool in tuple(self._runs):
            self._end(spool)

    def _open(self, microphone: str | None) -> tuple[Capture, str]:
        """A microphone, and what is to be said of the choice."""
        remembered = self.microphone()
        if microphone is not None or remembered is None:
            return self._engines.sound.record(microphone), ""
        try:
            return self._engines.sound.record(remembered), ""
        except MicrophoneMissing:
            capture = self._engines.sound.record(None)
            return capture, f"The chosen microphone is not there, so this is {capture.microphone.name}."

    def _words(self, heard: Callable[[Segment], None]) -> LiveWords | None:
        transcriber = self._engines.transcriber
        if transcriber.engine is None:
            return None
        return LiveWords(
            transcriber,
            self._hearing(),
            self._stores.spools,
            engine=transcriber.engine,
            write=self._write(),
            heard=heard,
        )


def _one_at_a_time() -> DiaryError:
    return DiaryError("A recording is running already; this one was not begun.", hint="End that one first.")
