"""The inside of the recorder: one microphone and one loudspeaker at a time, opened and closed on request.

Three threads: one reads requests, and ends the process when the pipe closes, whatever a sound library hangs
in; one writes; this one opens, closes and watches. Nothing is kept: a block is forgotten when it is written,
and when nobody reads for a minute what comes is dropped, which the core sees by the clock.

Called by `__main__`, behind the wall; imported at the first request.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Iterator

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # numpy would start a thread for each processor

from diary.engine.frames import BadFrame, FrameReader, PipeClosed, write_frame
from diary.model.speech import RATE
from diary.recorder.decimating import Decimator, rate_for
from diary.recorder.devices import Loudspeaker, Microphone, NoServer, SoundSystem, Source
from diary.recorder.messages import (
    FRAME_CAP,
    Block,
    Device,
    Ended,
    Find,
    Found,
    Last,
    Opened,
    Pause,
    Paused,
    Play,
    Played,
    Quiet,
    Quieted,
    Record,
    Request,
    RequestFrame,
    Response,
    ResponseFrame,
    Resume,
    Sound,
    Stop,
    Trouble,
    TroubleCode,
)

_TICK = 0.1  # seconds between two looks at what is open
_SUSPICIOUS = 0.6  # seconds without a block: worth a look
_NO_SOUND = 3.0  # likewise: something is wrong
_FIRST_SOUND = 6.0  # likewise, before the first block: an idle source wakes slowly
_MOST_BLOCKS = 300  # a minute of sound that nobody reads
_MOST_WAITING = 20 * RATE  # bytes: ten seconds of sound to be played
_LATENCY = 0.3  # seconds that the sound system still has when it has everything


class _Recording:
    def __init__(self, stream: int, source: Source, chosen: str | None, backend: str) -> None:
        self.stream, self.source, self.chosen, self.backend = stream, source, chosen, backend
        self.microphone: Microphone | None = None
        self.next_look = 0.0


class _Playing:
    def __init__(self, stream: int, loudspeaker: Loudspeaker) -> None:
        self.stream, self.loudspeaker = stream, loudspeaker
        self.told = 0
        self.last = False
        self.done_at: float | None = None


class Recorder:
    """Serves requests for ever.

    :param incoming: descriptor of frames from the core. :param outgoing: of frames to it.
    :param backends: miniaudio's names of what is tried for sound, in order.
    """

    def __init__(self, incoming: int, outgoing: int, backends: tuple[str, ...]) -> None:
        self._reader = FrameReader(incoming, RequestFrame, FRAME_CAP)
        self._outgoing = outgoing
        self._backends = backends
        self._inbox: queue.SimpleQueue[RequestFrame] = queue.SimpleQueue()
        self._outbox: queue.SimpleQueue[tuple[ResponseFrame, Decimator | None]] = queue.SimpleQueue()
        self._recording: _Recording | None = None
        self._playing: _Playing | None = None

    def serve(self) -> None:
        """Answer; never returns."""
        for work in (self._listen, self._write):
            threading.Thread(target=work, daemon=True).start()
        while True:
            busy = self._recording is not None or self._playing is not None
            try:
                frame = self._inbox.get(timeout=_TICK if busy else None)
            except queue.Empty:
                frame = None
            if frame is not None:
                self._answer(frame.stream, frame.body)
            self._watch()

    def _listen(self) -> None:
        try:
            while True:
                self._inbox.put(self._reader.read())
        except (PipeClosed, BadFrame):
            pass
        finally:
            os._exit(0)

    def _write(self) -> None:
        try:
            while True:
                frame, decimator = self._outbox.get()
                for part in _parts(frame, decimator):
                    write_frame(self._outgoing, part)
        finally:
            os._exit(0)

    def _say(self, stream: int, body: Response) -> None:
        self._outbox.put((ResponseFrame(stream, body), None))

    def _answer(self, stream: int, request: Request) -> None:
        try:
            self._do(stream, request)
        except NoServer:
            self._end(stream)
            self._say(stream, Trouble(TroubleCode.NO_SERVER))
        except Exception:  # a library's fault ends the stream, and its text goes nowhere
            self._end(stream)
            self._say(stream, Trouble(TroubleCode.INTERNAL))

    def _do(self, stream: int, request: Request) -> None:
        match request:
            case Find():
                self._say(stream, Found([source.device for source in self._system().sources()]))
            case Record(microphone=chosen):
                self._record(stream, chosen)
            case Pause() if self._recording and self._recording.stream == stream:
                self._release(self._recording)
                self._say(stream, Paused())
            case Resume() if self._recording and self._recording.stream == stream:
                if self._recording.microphone is None:
                    self._record(stream, self._recording.chosen)
            case Play():
                self._play(stream)
            case Sound(data=data) if self._playing and self._playing.stream == stream:
                self._playing.loudspeaker.add(data)
                if self._playing.loudspeaker.waiting > _MOST_WAITING:
                    self._trouble(stream, TroubleCode.TOO_FAST)
            case Last() if self._playing and self._playing.stream == stream:
                self._playing.last = True
            case Stop():
                if self._end(stream):
                    self._say(stream, Ended())
            case Quiet():
                for open_one in (self._recording, self._playing):
                    if open_one is not None:
                        self._end(open_one.stream)
                self._say(stream, Quieted())
            case _:
                pass  # about a stream that has ended meanwhile

    def _system(self) -> SoundSystem:
        return SoundSystem(self._backends)

    def _record(self, stream: int, chosen: str | None) -> None:
        if self._recording is not None and self._recording.stream != stream:
            return self._say(stream, Trouble(TroubleCode.IN_USE))
        self._recording = None
        system = self._system()
        sources = system.sources()
        found = [source for source in sources if chosen in (None, source.device.id)]
        if not found:
            code = TroubleCode.NOT_THIS_ONE if sources else TroubleCode.NO_MICROPHONE
            return self._say(stream, Trouble(code))
        recording = _Recording(stream, found[0], chosen, system.backend)
        self._open(recording)
        self._recording = recording
        return self._say(stream, Opened(found[0].device))

    def _open(self, recording: _Recording) -> None:
        decimator = Decimator(rate_for(recording.source.rate))

        def heard(sound: bytes, at: float) -> None:
            if self._outbox.qsize() < _MOST_BLOCKS:
                self._outbox.put((ResponseFrame(recording.stream, Block(sound, at)), decimator))

        recording.microphone = Microphone(recording.source, recording.backend, heard)

    def _release(self, recording: _Recording) -> None:
        microphone, recording.microphone = recording.microphone, None
        if microphone is not None:
            microphone.close()

    def _play(self, stream: int) -> None:
        if self._playing is not None:
            return self._say(stream, Trouble(TroubleCode.IN_USE))
        system = self._system()
        if not system.has_loudspeaker():
            return self._say(stream, Trouble(TroubleCode.NO_LOUDSPEAKER))
        self._playing = _Playing(stream, Loudspeaker(system.backend))
        return self._say(stream, Opened(Device("", "", True)))

    def _end(self, stream: int) -> bool:
        """Close a stream; whether it was open."""
        if self._recording is not None and self._recording.stream == stream:
            recording, self._recording = self._recording, None
            self._release(recording)
            return True
        if self._playing is not None and self._playing.stream == stream:
            playing, self._playing = self._playing, None
            playing.loudspeaker.close()
            return True
        return False

    def _trouble(self, stream: int, code: TroubleCode) -> None:
        self._end(stream)
        self._say(stream, Trouble(code))

    def _watch(self) -> None:
        """Look whether what is open still works, and say how far a playback is."""
        now = time.monotonic()
        if self._recording is not None and self._recording.microphone is not None:
            self._watch_recording(self._recording, self._recording.microphone, now)
        if self._playing is not None:
            self._watch_playing(self._playing, now)

    def _watch_recording(self, recording: _Recording, microphone: Microphone, now: float) -> None:
        """Libraries often say nothing when a device goes, so after a moment of nothing the list is read."""
        silent = now - microphone.last
        if silent < _SUSPICIOUS or (now < recording.next_look and not microphone.gone.is_set()):
            return
        recording.next_look = now + _SUSPICIOUS
        code = self._diagnosis(recording)
        if code is not TroubleCode.NO_SOUND or silent > (_FIRST_SOUND if microphone.first else _NO_SOUND):
            self._trouble(recording.stream, code)

    def _watch_playing(self, playing: _Playing, now: float) -> None:
        loudspeaker = playing.loudspeaker
        if loudspeaker.played != playing.told:
            playing.told = loudspeaker.played
            self._say(playing.stream, Played(playing.told))
        if playing.last and not loudspeaker.waiting and playing.done_at is None:
            playing.done_at = now + _LATENCY
        if playing.done_at is not None and now >= playing.done_at:
            self._end(playing.stream)
            self._say(playing.stream, Ended())
        elif loudspeaker.gone.is_set() or now - loudspeaker.last > _NO_SOUND:
            self._trouble(playing.stream, TroubleCode.SERVER_GONE)

    def _diagnosis(self, recording: _Recording) -> TroubleCode:
        """Why a microphone is silent."""
        try:
            system = self._system()
            ids = {source.device.id for source in system.sources()}
        except NoServer:
            return TroubleCode.SERVER_GONE
        if system.backend != recording.backend:
            return TroubleCode.SERVER_GONE
        return TroubleCode.NO_SOUND if recording.source.device.id in ids else TroubleCode.UNPLUGGED


def _parts(frame: ResponseFrame, decimator: Decimator | None) -> Iterator[ResponseFrame]:
    """A frame as it is sent: sound at 16 kHz, half a second at most."""
    if decimator is None or not isinstance(frame.body, Block):
        yield frame
        return
    sound = decimator.take(frame.body.data)
    for start in range(0, len(sound), RATE):
        yield ResponseFrame(frame.stream, Block(sound[start : start + RATE], frame.body.at))


def refuse(incoming: int, outgoing: int) -> None:
    """Answer the first request with the news that the wall could not be laid."""
    frame = FrameReader(incoming, RequestFrame, FRAME_CAP).read()
    write_frame(outgoing, ResponseFrame(frame.stream, Trouble(TroubleCode.SEAL_REFUSED)))
