"""A recording that is kept nowhere, to try a microphone and a model with: its sound is in memory only."""

from __future__ import annotations

from collections.abc import Callable

from diary.model.recording import Meter, SpoolId
from diary.model.speech import Segment
from ingest.ports import Capture
from ingest.recording import RunningRecording

_NAME = SpoolId("0" * 32)


class TryOut:
    """Records like `diary.voice.recording.Recording.record`, and leaves nothing behind.

    :param open: opens a microphone by its id, or the remembered one; and says what there is to say of it.
    """

    def __init__(self, open: Callable[[str | None], tuple[Capture, str]]) -> None:
        self._open = open
        self.newest: Tried | None = None
        """The newest recording; None before the first."""

    def record(
        self,
        *,
        meter: Callable[[Meter], None],
        heard: Callable[[Segment], None],
        microphone: str | None = None,
    ) -> RunningRecording:
        """Begin; no words are written down, so nothing is told to `heard`."""
        capture, note = self._open(microphone)
        self.newest = tried = Tried(capture)
        running = RunningRecording(capture, tried, meter=meter, words=None, note=note)
        running.begin()
        return running


class Tried:
    """An OpenSpool in memory."""

    def __init__(self, capture: Capture) -> None:
        self._capture = capture
        self._sound = bytearray()
        self.id = _NAME

    @property
    def sound(self) -> bytes:
        """All of it, as PCM."""
        return bytes(self._sound)

    @property
    def lost(self) -> float:
        """Seconds that did not arrive."""
        return self._capture.lost

    def append(self, sound: bytes) -> None:
        """Hold it."""
        self._sound += sound

    def close(self) -> None:
        """No more comes."""
