"""The core's side of the recorder: microphones, a recording, a playback.

The process itself was started before the wall (`policies.before_the_wall`), so one that ends cannot be
started anew: from then on every request says so. A thread, started at the first request, reads what the
recorder says and hands it to the stream it belongs to. An answer that makes no sense ends the recorder: the
pipes are closed, which it does not survive. One that is late does not: sound libraries wait for servers.

Locking: `hand_over` closes what is open, waits until the recorder has nothing more to say, so that the next
image of this process begins reading at the beginning of a frame, and lets the pipes through `execv`.
"""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress
from functools import cache, partial
from typing import TypeVar

from diary.engine.frames import BadFrame, FrameReader, FrameTimeout, PipeClosed, write_frame
from diary.errors import DiaryError
from diary.model.speech import Microphone
from diary.recorder.failures import absent, broken, failure
from diary.recorder.messages import (
    FRAME_CAP,
    Find,
    Found,
    Play,
    Quiet,
    Quieted,
    Record,
    Request,
    RequestFrame,
    Response,
    ResponseFrame,
    Stop,
    TroubleCode,
)
from diary.recorder.streams import Capture, Playback, Stream, checked
from policies import before_the_wall
from policies.before_the_wall import Pipes

_ANSWER_SECONDS = 15.0  # the first answer waits for miniaudio to be imported, and for a sound server to wake
_SEND_SECONDS = 5.0
_QUIET_SECONDS = 2.0
_MOST_DEVICES = 64

AnyStream = TypeVar("AnyStream", bound=Stream)


@cache
def recorder() -> RecorderClient | AbsentRecorder:
    """The recorder of this process, or one that says why there is none; always the same."""
    found = before_the_wall.recorder()
    return AbsentRecorder(found) if isinstance(found, str) else RecorderClient(found)


class AbsentRecorder:
    """Satisfies `ingest.ports.SoundDevices`, and has nothing. :param reason: a sentence."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def microphones(self) -> list[Microphone]:
        """Raises MicrophoneMissing with the reason."""
        raise absent(self._reason)

    def record(self, microphone: str | None) -> Capture:
        """Likewise."""
        raise absent(self._reason)

    def play(self) -> Playback:
        """Likewise."""
        raise absent(self._reason)

    def hand_over(self) -> None:
        """Nothing to hand over."""

    def close(self) -> None:
        """Nothing to end."""


class RecorderClient:
    """Satisfies `ingest.ports.SoundDevices`. Threads may share it; there is one for a recorder."""

    def __init__(self, pipes: Pipes) -> None:
        self._pipes = pipes
        self._reader = FrameReader(pipes.incoming, ResponseFrame, FRAME_CAP)
        os.set_blocking(pipes.outgoing, False)  # a recorder that does not read must not hold the diary
        self._lock = threading.Lock()  # what follows, and whose frame is written
        self._streams: dict[int, Stream] = {}
        self._newest = 0
        self._listener: threading.Thread | None = None
        self._ended = False
        self._quieted = threading.Event()

    def microphones(self) -> list[Microphone]:
        """What can be recorded from, the sound system's own choice first.

        :raises diary.errors.MicrophoneMissing: with the reason, when there is none.
        :raises diary.errors.MicrophoneFailed: when the recorder failed.
        """
        search = self._open(_Search, Find())
        if not search.found:
            raise failure(TroubleCode.NO_MICROPHONE)
        return search.found

    def record(self, microphone: str | None) -> Capture:
        """Open one by its id, or the sound system's own choice.

        :raises diary.errors.MicrophoneMissing: when there is none, or not this one.
        :raises diary.errors.MicrophoneFailed: when the recorder failed, or records already.
        """
        return self._open(Capture, Record(microphone))

    def play(self) -> Playback:
        """Open the loudspeaker.

        :raises diary.errors.MicrophoneMissing: when there is none.
        :raises diary.errors.MicrophoneFailed: when the recorder failed, or plays already.
        """
        return self._open(Playback, Play())

    def hand_over(self) -> None:
        """Close what is open, and let the recorder through the next `execv`, which must follow at once.

        One that does not fall silent in time is ended instead.
        """
        if self._listener is not None and not self._ended:
            with suppress(DiaryError):
                self._send(0, Quiet())
                if self._quieted.wait(_QUIET_SECONDS):
                    self._listener.join(_QUIET_SECONDS)
        if self._listener is None or self._quieted.is_set():
            self._pipes.hand_over()
        else:
            self.close()

    def close(self) -> None:
        """End the recorder; it cannot be started again."""
        with self._lock:
            if self._ended:
                return
            self._ended = True
            os.close(self._pipes.outgoing)
            streams, self._streams = self._streams, {}
        for stream in streams.values():
            stream.fail(broken())

    def _open(self, kind: type[AnyStream], request: Request) -> AnyStream:
        with self._lock:
            if self._listener is None:
                self._listener = threading.Thread(target=self._listen, daemon=True, name="recorder")
                self._listener.start()
            self._newest += 1
            number = self._newest
            stream = self._streams[number] = kind(partial(self._send, number))
        self._send(number, request)
        if not stream.wait_until_open(_ANSWER_SECONDS):
            # It hangs in a sound library, and may wake: what it opens then is closed again.
            self._send(number, Stop())
            raise failure(TroubleCode.NO_ANSWER)
        return stream

    def _send(self, number: int, request: Request) -> None:
        try:
            with self._lock:
                if self._ended:
                    raise broken()
                write_frame(self._pipes.outgoing, RequestFrame(number, request), _SEND_SECONDS)
        except (PipeClosed, FrameTimeout):
            self.close()
            raise broken() from None

    def _listen(self) -> None:
        """Hand out what the recorder says, until it has ended or is quiet."""
        try:
            while not self._ended:
                frame = self._reader.read()
                if isinstance(frame.body, Quieted):
                    self._quieted.set()
                    return
                with self._lock:
                    stream = self._streams.get(frame.stream)
                if stream is None:
                    if not 0 < frame.stream <= self._newest:
                        raise BadFrame("about a stream that was never opened")
                elif stream.take(frame.body):
                    with self._lock:
                        self._streams.pop(frame.stream, None)
        except (BadFrame, PipeClosed):
            pass
        self.close()
        os.close(self._pipes.incoming)
        with suppress(
            OSError
        ):  # a Landlock that keeps signals in refuses it; the closed pipe has ended it then
            os.kill(self._pipes.process, signal.SIGKILL)
        _reap(self._pipes.process)


def _reap(process: int) -> None:
    """Wait for the process, ended by its closed pipe; a signal helps where the wall lets one out."""
    try:
        if process > 1 and os.waitpid(process, os.WNOHANG) == (0, 0):
            with suppress(PermissionError):
                os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
    except OSError:
        pass  # no child of ours


class _Search(Stream):
    """What microphones there are."""

    found: list[Microphone]

    def _hear(self, untrusted_body: Response) -> None:
        if not isinstance(untrusted_body, Found):
            raise BadFrame("no answer to what was asked")
        microphones = [checked(device) for device in untrusted_body.devices[:_MOST_DEVICES]]
        unique: dict[str, Microphone] = {}
        for each in microphones:
            if each is not None:
                unique.setdefault(each.id, each)
        self.found = list(unique.values())
        self._opened = True
