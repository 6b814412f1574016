"""A microphone without hardware: a private PulseAudio whose loudspeaker is listened to by a source.

Needs Debian's pulseaudio and pulseaudio-utils, no root, no D-Bus and no systemd; tests are skipped, saying
so, where they are missing. Import the fixture `virtual_microphone` by its name; the server is one for the
whole run. Start what is to hear it with `environment` added to its own.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

RATE = 48_000
"""Of the virtual sound card, as most have it."""

SOURCE, SECOND, LOUDSPEAKER = "desk", "headset", "loudspeaker"
"""The default microphone, another one, and what is played on, which has a monitor."""

_NEEDED = ("pulseaudio", "pactl", "pacat", "parec")


class VirtualMicrophone:
    """A private sound server, its microphones and its loudspeaker.

    :param folder: for its socket; it must be the server's alone. :param rate: of the sound card.
    :ivar environment: what finds it: add it to the environment of whoever records.
    """

    def __init__(self, folder: Path, rate: int = RATE) -> None:
        folder.chmod(0o700)
        self.socket = folder / "pulse" / "native"
        self.socket.parent.mkdir(0o700)
        self.environment = {"PULSE_SERVER": f"unix:{self.socket}"}
        self._everything = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "LC_ALL": "C.UTF-8",
            **self.environment,
        }
        modules = [f"module-native-protocol-unix socket={self.socket} auth-anonymous=1"]
        for name in (SOURCE, SECOND):
            # norewinds: an idle null sink wakes every two seconds otherwise
            modules.append(f"module-null-sink sink_name=into_{name} rate={rate} channels=1 norewinds=1")
            described = f"source_properties=device.description={name.title()}"
            modules.append(f"module-remap-source master=into_{name}.monitor source_name={name} {described}")
        modules.append(f"module-null-sink sink_name={LOUDSPEAKER} rate={rate} channels=2 norewinds=1")
        self._server = subprocess.Popen(
            ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=900", "--use-pid-file=no",
             *(word for module in modules for word in ("-L", module))],
            env=self._everything,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if self.socket.exists() and not self._control("set-default-source", SOURCE):
                self._control("set-default-sink", LOUDSPEAKER)
                return
            time.sleep(0.02)
        self.end()
        pytest.skip("the private sound server did not start")

    def _control(self, *words: str) -> int:
        done = subprocess.run(["pactl", *words], env=self._everything, capture_output=True, check=False)
        return done.returncode

    def hears(self, sound: NDArray[np.float32], microphone: str = SOURCE) -> None:
        """Let a microphone hear samples (at `RATE`, full scale 1); returns when they were heard."""
        quiet = np.zeros(int(0.2 * RATE), np.float32)  # what is on its way when the player ends
        data = np.clip(np.rint(np.append(sound, quiet) * 32767), -32768, 32767).astype("<i2").tobytes()
        subprocess.run(
            ["pacat", "--playback", f"--device=into_{microphone}", f"--rate={RATE}", "--channels=1",
             "--format=s16le", "--latency-msec=400"],
            input=data, env=self._everything, check=True,
        )  # fmt: skip

    def listen(self) -> subprocess.Popen[bytes]:
        """What the loudspeaker plays, as PCM at 16 kHz, one channel, on its standard output; to be killed."""
        return subprocess.Popen(
            ["parec", f"--device={LOUDSPEAKER}.monitor", "--rate=16000", "--channels=1", "--format=s16le",
             "--latency-msec=20"],
            env=self._everything, stdout=subprocess.PIPE,
        )  # fmt: skip

    def in_use(self) -> bool:
        """Whether anybody but a monitor records now."""
        listed = subprocess.run(
            ["pactl", "list", "short", "source-outputs"], env=self._everything, capture_output=True, text=True
        )
        return "protocol-native" in listed.stdout

    def unplug(self, microphone: str) -> None:
        """Take a microphone away, with what it is made of."""
        listed = subprocess.run(
            ["pactl", "list", "short", "modules"], env=self._everything, capture_output=True, text=True
        )
        for line in listed.stdout.splitlines():
            if f"source_name={microphone} " in line:
                self._control("unload-module", line.split("\t")[0])

    def freeze(self) -> None:
        """The server does nothing, until `thaw`."""
        self._server.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        self._server.send_signal(signal.SIGCONT)

    def end(self) -> None:
        """End the server at once, as a crash would."""
        self._server.kill()
        self._server.wait()


def start_server(folder: Path, rate: int = RATE) -> VirtualMicrophone:
    """A server for one test, which may break it; skips where the programs are missing."""
    missing = [name for name in _NEEDED if shutil.which(name) is None]
    if missing:
        pytest.skip(f"a virtual microphone needs {', '.join(missing)} (Debian: pulseaudio, pulseaudio-utils)")
    return VirtualMicrophone(folder, rate)


@pytest.fixture(scope="session")
def virtual_microphone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VirtualMicrophone]:
    """The server of the run."""
    server = start_server(tmp_path_factory.mktemp("sound"))
    yield server
    server.end()


def speech_like(seconds: float, seed: int = 1) -> NDArray[np.float32]:
    """Chirps and bursts of noise from 100 Hz to 7 kHz in the rhythm of syllables, at `RATE`; no words."""
    random = np.random.default_rng(seed)
    at = np.arange(int(seconds * RATE)) / RATE
    syllables = np.clip(np.sin(2 * np.pi * random.uniform(3, 5) * at) + 0.5, 0, 1)
    glide = random.uniform(90, 220) + 40 * np.sin(2 * np.pi * 0.7 * at)
    phase = 2 * np.pi * np.cumsum(glide) / RATE
    voiced = sum(np.sin(n * phase) / n for n in range(1, 30))
    spectrum = np.fft.rfft(random.standard_normal(len(at)))
    frequencies = np.fft.rfftfreq(len(at), 1 / RATE)
    spectrum[(frequencies < 300) | (frequencies > 7000)] = 0
    hiss = np.fft.irfft(spectrum, len(at))
    mixed = 0.5 * voiced / np.abs(voiced).max() + 0.5 * hiss / np.abs(hiss).max()
    return (0.6 * syllables * mixed).astype(np.float32)


def correlation(heard: bytes, played: NDArray[np.float32]) -> float:
    """How alike PCM at 16 kHz is to samples at `RATE`, from 0 to 1, at the delay where they match best."""
    got = np.frombuffer(heard, "<i2").astype(np.float64)
    spectrum = np.fft.rfft(played.astype(np.float64))
    spectrum[np.fft.rfftfreq(len(played), 1 / RATE) > 7_900] = 0
    wanted = np.fft.irfft(spectrum, len(played))[:: RATE // 16_000]
    if len(got) < len(wanted):
        got = np.pad(got, (0, len(wanted) - len(got)))
    size = 1 << int(np.ceil(np.log2(len(got) + len(wanted))))
    match = np.fft.irfft(np.fft.rfft(got, size) * np.conj(np.fft.rfft(wanted, size)))[: len(got)]
    start = int(np.argmax(match))
    part = got[start : start + len(wanted)]
    if len(part) < 2 or not part.any():
        return 0.0
    return float(np.corrcoef(part, wanted[: len(part)])[0, 1])
