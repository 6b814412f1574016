"""What is sent to an engine while its job runs: live sound.

A thread of the job's stream asks a source for frames and sends them, so that results can be read meanwhile.
It never writes after `stop`, and a pipe is never closed under it: when it is in the middle of a frame that
the engine does not read, `stop` ends the process first, which breaks the pipe.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from diary.engine.messages import Fed, RequestFrame, SoundEnd
from diary.engine.process import EngineProcess

Feed = Callable[[], Fed | None]
"""The next frame; None when there is none yet. Waits a little, never long; the last one is `SoundEnd`."""

_SEND_SECONDS = 10.0  # an engine reads at any time, whatever it computes
_STOP_SECONDS = 0.5


class Feeding:
    """Sends from now on.

    :param process: started and ready. :param job: the number of the running job.
    """

    def __init__(self, process: EngineProcess, job: int, feed: Feed) -> None:
        self._process = process
        self._job = job
        self._feed = feed
        self._sending = threading.Lock()
        self._stopped = False
        self._failed: BaseException | None = None
        threading.Thread(target=self._run, daemon=True).start()

    def check(self) -> None:
        """Raise what ended the feeding, when it was not its end.

        :raises diary.engine.frames.PipeClosed: or another of its kind, when the engine could not be sent to.
        :raises Exception: what the source raised.
        """
        if self._failed is not None:
            raise self._failed

    def stop(self) -> None:
        """Send nothing more. Ends the process when it does not read what is being sent."""
        self._stopped = True
        if not self._sending.acquire(timeout=_STOP_SECONDS):
            self._process.stop()
            self._sending.acquire()
        self._sending.release()

    def _run(self) -> None:
        try:
            frame: Fed | None = None
            while not self._stopped and not isinstance(frame, SoundEnd):
                frame = self._feed()
                if frame is not None and not self._send(frame):
                    return
        except BaseException as error:  # the reader of the results raises it
            self._failed = error

    def _send(self, frame: Fed) -> bool:
        with self._sending:
            if self._stopped:
                return False
            self._process.send(RequestFrame(self._job, frame), _SEND_SECONDS)
            return True
