"""Hearing a long recording: memory, first text, a stop, going on, and the work beside plain faster-whisper.

The recording is 35 minutes of the toy voice, as someone dictates: sentences with pauses of a third to one and
a half seconds, and every eighth time of three to five, while they think. It is Ogg with Opus, as telephones
make it. The model has a real size and says a hundred words in every window (`tests/toy_whisper/real_size`),
so both sides decode windows of the same cost and what is compared is how many there are and what is around
them. That is hard on ours, whose windows are shorter: real words cost by the second, not by the window. Only
for the first text the windows say a sentence of sixteen words, because the first window holds one.

Plain is `WhisperModel.transcribe` on the same bytes in a process of its own, with the same options: int8,
beam 5, `vad_filter`, `word_timestamps`, no previous text, the same number of threads. Processor seconds are
those of the whole process, the model's loading left out on both sides.

    python -m tests.bench.speech [tiny|base|small] [MINUTES]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from diary.engine.transcriber import EngineTranscriber
from diary.engine.whisper_folder import WhisperFolder, described
from diary.errors import Stopped
from diary.model.speech import RATE, Hearing, Reached, Segment
from tests.bench.table import Figure, heading, show
from tests.models import put_in
from tests.toy_whisper.lessons import sentence
from tests.toy_whisper.real_size import real_size
from tests.toy_whisper.voice import say, silence
from tests.unit.speech.sounds import encoded

MINUTES = 35
ENGLISH = Hearing(language="en")
MOST_MEMORY = 400e6
FIRST_TEXT_SECONDS = 2.0
FIRST_WORDS = 16
STOP_SECONDS = 1.0
MOST_WORK = 1.3

PLAIN = """
import io, os, resource, sys
from faster_whisper import WhisperModel

def worked():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime

threads = int(sys.argv[3])
model = WhisperModel(sys.argv[1], device="cpu", compute_type="int8", cpu_threads=threads)
sound = open(sys.argv[2], "rb").read()
began = worked()
segments, _ = model.transcribe(
    io.BytesIO(sound), language="en", beam_size=5, vad_filter=True, word_timestamps=True,
    condition_on_previous_text=False,
)
windows = {segment.seek for segment in segments}
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(worked() - began, len(windows), peak)
"""


def measure(size: str = "base", minutes: float = MINUTES) -> None:
    """Print the figures of one model."""
    with tempfile.TemporaryDirectory() as place:
        made = real_size(size, Path(place) / size)
        short = real_size(size, Path(place) / f"{size}-of-few-words", said=FIRST_WORDS)
        sound = encoded("ogg", dictated(minutes * 60))
        heading(f"{minutes:g} minutes of dictation, Whisper {size}, int8", plain="faster-whisper")
        show(_first_text(described(put_in(short, Path(place) / "models")), sound))
        show(figures(described(put_in(made, Path(place) / "models")), made, sound))


@dataclass(frozen=True, slots=True)
class Run:
    """One transcription: what was heard, processor seconds, seconds of sound."""

    heard: list[Segment | Reached]
    work: float
    seconds: float

    @property
    def reached(self) -> list[float]:
        """How far it was, each time."""
        return [one.seconds for one in self.heard if isinstance(one, Reached)]


def figures(whisper: WhisperFolder, made: Path, sound: bytes) -> Iterator[Figure]:
    """The lines of the table."""
    with closing(EngineTranscriber(whisper)) as hearer:
        seconds = hearer.examine(sound).seconds
        assert hearer.pid is not None
        run = _run(hearer, hearer.pid, sound, seconds)
        steady = all(a <= b for a, b in pairwise(run.reached)) and abs(run.reached[-1] - seconds) < 0.1
        yield Figure(
            what="steps of progress, never back, to the end",
            ours=f"{len(run.reached)}",
            goal="monotone",
            met=steady,
        )
        yield from _stopped(hearer, sound, run)
        peak = peak_memory(hearer.pid)
    yield from _beside(run, peak, *_plain(made, sound))


def _run(hearer: EngineTranscriber, pid: int, sound: bytes, seconds: float) -> Run:
    before = processor_seconds(pid)
    heard = list(hearer.transcribe(sound, hearing=ENGLISH))
    return Run(heard, processor_seconds(pid) - before, seconds)


def _first_text(whisper: WhisperFolder, sound: bytes) -> Iterator[Figure]:
    with closing(EngineTranscriber(whisper)) as hearer:
        began = time.perf_counter()
        hearer.examine(sound)
        yield Figure(what="examined, the model loaded with it", ours=f"{time.perf_counter() - began:.1f} s")
        assert hearer.pid is not None
        before, began = processor_seconds(hearer.pid), time.perf_counter()
        with closing(hearer.transcribe(sound, hearing=ENGLISH)) as heard:
            next(one for one in heard if isinstance(one, Segment))
        first, work = time.perf_counter() - began, processor_seconds(hearer.pid) - before
    yield Figure(
        what="first text; of it at work",
        ours=f"{first:.1f} s; {work:.1f} s",
        goal=f"{FIRST_TEXT_SECONDS:g} s",
        met=first <= FIRST_TEXT_SECONDS,
    )


def _stopped(hearer: EngineTranscriber, sound: bytes, run: Run) -> Iterator[Figure]:
    stopped, same = _stopped_and_resumed(hearer, sound, run.heard)
    yield Figure(
        what="a stop in the middle of a window",
        ours=f"{stopped * 1000:.0f} ms",
        goal=f"{STOP_SECONDS:g} s",
        met=stopped <= STOP_SECONDS,
    )
    yield Figure(what="going on: the same segments", ours=str(same), goal="the same", met=same)


def _beside(run: Run, peak: float, plain_work: float, windows: int, plain_peak: float) -> Iterator[Figure]:
    yield Figure(
        what="peak memory of the process",
        ours=f"{peak / 1e6:.0f} MB",
        plain=f"{plain_peak / 1e6:.0f} MB",
        ratio=plain_peak / peak,
        goal=f"{MOST_MEMORY / 1e6:.0f} MB",
        met=peak <= MOST_MEMORY,
    )
    yield Figure(what="windows", ours=f"{len(run.reached) - 1}", plain=f"{windows}")
    yield Figure(
        what="processor seconds for one of sound",
        ours=f"{run.work / run.seconds:.4f}",
        plain=f"{plain_work / run.seconds:.4f}",
        ratio=plain_work / run.work,
        goal=f"ours at most {MOST_WORK:g} times: {run.work / plain_work:.2f}",
        met=run.work <= MOST_WORK * plain_work,
    )


def _stopped_and_resumed(
    hearer: EngineTranscriber, sound: bytes, whole: list[Segment | Reached]
) -> tuple[float, bool]:
    """Seconds that a stop takes while a window is decoded; whether the next window is as without a stop."""
    stops = [at for at, one in enumerate(whole) if isinstance(one, Reached)]
    last = stops[len(stops) // 2]
    asked = [0.0]

    def after_a_moment() -> bool:
        return asked[0] > 0 and time.perf_counter() >= asked[0]

    start, seen = whole[last], 0
    assert isinstance(start, Reached)
    rest: list[Segment | Reached] = []
    try:
        for one in hearer.transcribe(sound, hearing=ENGLISH, start=start.seconds, cancelled=after_a_moment):
            rest.append(one)
            seen += isinstance(one, Reached)
            if seen == 2 and not asked[0]:
                asked[0] = time.perf_counter() + 0.1
    except Stopped:
        pass
    return time.perf_counter() - asked[0], rest == whole[last + 1 : last + 1 + len(rest)] and seen >= 2


def dictated(seconds: float) -> np.ndarray:
    """The toy voice with pauses, mono float32 at 16 kHz."""
    rng = np.random.default_rng(35)
    spoken = [say(sentence(rng), 5_000 + number).wave for number in range(64)]
    parts: list[np.ndarray] = [silence(0.7)]
    length = len(parts[0])
    for number in range(10**6):
        if length >= seconds * RATE:
            break
        pause = rng.uniform(3.0, 5.0) if number % 8 == 7 else rng.uniform(0.33, 1.5)
        parts += [spoken[int(rng.integers(64))], silence(pause, number)]
        length += len(parts[-1]) + len(parts[-2])
    return np.concatenate(parts)


def _plain(folder: Path, sound: bytes) -> tuple[float, int, float]:
    """Processor seconds, windows and peak bytes of faster-whisper by itself."""
    with tempfile.NamedTemporaryFile(suffix=".ogg") as file:
        file.write(sound)
        file.flush()
        threads = str(max(1, (os.cpu_count() or 2) - 1))
        done = subprocess.run(
            [sys.executable, "-c", PLAIN, str(folder), file.name, threads],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "HF_HUB_OFFLINE": "1", "OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "0"},
        )
    work, windows, peak = done.stdout.split()
    return float(work), int(windows), float(peak)


def processor_seconds(pid: int) -> float:
    """Of all threads that a process ever had: those of `table.processor_seconds` end with their job."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_memory(pid: int) -> float:
    """Bytes a process had resident at most."""
    for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024.0
    return 0.0


if __name__ == "__main__":
    measure(*sys.argv[1:2], *map(float, sys.argv[2:3]))
