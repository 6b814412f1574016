"""Microphones and the loudspeaker through miniaudio: found, opened, closed. Runs in the recorder only.

A sound library calls back from a thread of its own, which must never wait: what is heard goes into a queue,
what is played comes out of one. Monitors (what a loudspeaker plays, as a source) are no microphones and are
left out.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import miniaudio
from miniaudio import ffi, lib

from diary.model.speech import RATE
from diary.recorder.decimating import rate_for
from diary.recorder.messages import Device

APPLICATION = "diary"
_PERIOD_MS = 50
_PIECE = 0.2  # seconds of sound in one block: a meter moves five times a second
_MOST_DEVICES = 32
_SOUND_CARDS = Path("/dev/snd")


class NoServer(Exception):
    """Nothing answers that could give sound."""


@dataclass(frozen=True, slots=True)
class Source:
    """A microphone. :ivar handle: what miniaudio calls it. :ivar rate: its own, where it is told."""

    device: Device
    handle: object
    rate: int | None


class SoundSystem:
    """One connection to the sound server, or to ALSA, for as long as it is needed.

    :param backends: miniaudio's names, in the order they are tried.
    :raises NoServer: when none of them answers.
    """

    def __init__(self, backends: tuple[str, ...]) -> None:
        # ALSA finds names of devices without any sound card
        tried = [name for name in backends if name != "ALSA" or _SOUND_CARDS.is_dir()]
        if not tried:
            raise NoServer
        try:
            self._devices = miniaudio.Devices([miniaudio.Backend[name] for name in tried])
        except miniaudio.MiniaudioError:
            raise NoServer from None
        self.backend: str = self._devices.backend.upper()

    def sources(self) -> list[Source]:
        """The microphones, the sound system's own choice first.

        Not by `Devices.get_captures`, which tells neither ids nor which is the default.
        """
        infos, count = ffi.new("ma_device_info**"), ffi.new("ma_uint32*")
        context = self._devices._context
        if lib.ma_context_get_devices(context, ffi.NULL, ffi.NULL, infos, count) != lib.MA_SUCCESS:
            raise NoServer
        found = [self._source(infos[0], at) for at in range(min(count[0], _MOST_DEVICES))]
        kept = [source for source in found if source and not source.device.id.endswith(".monitor")]
        return sorted(kept, key=lambda source: not source.device.default)

    def _source(self, infos: Sequence[Any], at: int) -> Source | None:
        info = infos[at]
        handle = ffi.new("ma_device_id*", info.id)
        # miniaudio's own sound card, for tests, has a number for a name
        id_ = _text(ffi.cast("char*", handle)) or self.backend.lower()
        device = Device(id_, _text(info.name), bool(info.isDefault))
        context, kind = self._devices._context, lib.ma_device_type_capture
        if lib.ma_context_get_device_info(context, kind, handle, ffi.addressof(info)) != lib.MA_SUCCESS:
            return None  # a name that ALSA knows of no device for
        rates = {info.nativeDataFormats[at].sampleRate for at in range(info.nativeDataFormatCount)}
        return Source(device, handle, rates.pop() if len(rates) == 1 else None)

    def has_loudspeaker(self) -> bool:
        """Whether there is something to play on."""
        infos, count = ffi.new("ma_device_info**"), ffi.new("ma_uint32*")
        got = lib.ma_context_get_devices(self._devices._context, infos, count, ffi.NULL, ffi.NULL)
        return bool(got == lib.MA_SUCCESS and count[0])


def _text(characters: object) -> str:
    text: bytes = ffi.string(characters, 256)
    return text.decode("utf-8", "replace")


class Microphone:
    """An open microphone.

    :param heard: called from the library's thread with samples at `rate`, and when the last of them arrived.
    :raises NoServer: when it cannot be opened.
    :ivar last: when something was heard last, or it was opened. :ivar first: nothing was heard yet.
    """

    def __init__(self, source: Source, backend: str, heard: Callable[[bytes, float], None]) -> None:
        self.rate = rate_for(source.rate)
        self.last, self.first = time.monotonic(), True
        self.gone = threading.Event()
        self._heard = heard
        self._piece = bytearray()
        self._open = True
        self._handle = source.handle  # miniaudio keeps the address only
        try:
            self._device = miniaudio.CaptureDevice(
                input_format=miniaudio.SampleFormat.SIGNED16,
                nchannels=1,
                sample_rate=self.rate,
                buffersize_msec=_PERIOD_MS,
                device_id=source.handle,
                backends=[miniaudio.Backend[backend]],
                app_name=APPLICATION,
            )
            taking = self._taking()
            next(taking)
            self._device.stop_callback = self.gone.set
            self._device.start(taking)
        except miniaudio.MiniaudioError:
            raise NoServer from None

    def close(self) -> None:
        """Release it; what was heard and not given out yet is given out."""
        self._open = False
        self._device.close()
        if self._piece:
            self._heard(bytes(self._piece), self.last)
            self._piece.clear()

    def _taking(self) -> Generator[None, bytes | bytearray, None]:
        while True:
            samples = yield
            if not self._open:
                continue
            self.last = time.monotonic()
            self._piece += samples
            if self.first or len(self._piece) >= _PIECE * self.rate * 2:
                self.first = False
                self._heard(bytes(self._piece), self.last)
                self._piece.clear()


class Loudspeaker:
    """An open loudspeaker.

    :ivar played: samples given to the sound system. :ivar last: when it asked last.
    :raises NoServer: when it cannot be opened.
    """

    def __init__(self, backend: str) -> None:
        self.played = 0
        self.last = time.monotonic()
        self.gone = threading.Event()
        self._waiting = bytearray()
        self._lock = threading.Lock()
        try:
            self._device = miniaudio.PlaybackDevice(
                output_format=miniaudio.SampleFormat.SIGNED16,
                nchannels=1,
                sample_rate=RATE,
                buffersize_msec=_PERIOD_MS,
                backends=[miniaudio.Backend[backend]],
                app_name=APPLICATION,
            )
            giving = self._giving()
            next(giving)
            self._device.stop_callback = self.gone.set
            self._device.start(giving)
        except miniaudio.MiniaudioError:
            raise NoServer from None

    @property
    def waiting(self) -> int:
        """Bytes not yet given to the sound system."""
        return len(self._waiting)

    def add(self, sound: bytes) -> None:
        """Play this after what waits."""
        with self._lock:
            self._waiting += sound

    def close(self) -> None:
        """Be silent."""
        self._device.close()

    def _giving(self) -> Generator[bytes, int, None]:
        frames = yield b""
        while True:
            self.last = time.monotonic()
            with self._lock:
                sound = bytes(self._waiting[: 2 * frames])
                del self._waiting[: 2 * frames]
            self.played += len(sound) // 2
            frames = yield sound  # what is missing is silence already
