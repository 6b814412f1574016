"""The real speech engine, with Whisper loaded, writes no file and opens no socket: it tries, and is refused;
and strace sees none made while it hears nine formats and refuses six kinds of damage.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from diary.engine.client import EngineClient
from diary.engine.messages import Heard, Transcribe
from diary.engine.whisper_folder import WhisperFolder
from tests.air_gap.tracing import attempts, reads_names, strace
from tests.contracts.transcriber import ENGLISH
from tests.toy_whisper.folder import TEST_SENTENCES
from tests.unit.speech.fixtures import FIRST_TIME, toy  # noqa: F401  pytest finds the fixture by its name
from tests.unit.speech.sounds import FORMATS, encoded, pcm, spoken

pytestmark = FIRST_TIME
ROOT = Path(__file__).parents[3]
REFUSED = {"EACCES", "EPERM", "EROFS"}


def test_the_loaded_engine_is_refused_every_file_and_every_socket_and_hears_on(toy: WhisperFolder):  # noqa: F811
    tests = Path(__file__).parents[2]
    service = "tests.unit.speech.sealed_service:serve"
    engine = EngineClient(service, [toy.path, tests], name="the engine", rooms=("tests.unit.speech",))
    before = sorted(toy.path.iterdir())
    sound = pcm(spoken(TEST_SENTENCES[:1]))
    try:
        said = [
            one.text
            for one in engine.stream(Transcribe(ENGLISH), bulk=sound, timeout=60.0)
            if isinstance(one, Heard)
        ]
    finally:
        engine.close()
    *tried, words = said
    assert words == " ".join(TEST_SENTENCES[0])
    assert len(tried) == 11
    assert {one.rsplit(" ", 1)[1] for one in tried} <= REFUSED, tried
    assert sorted(toy.path.iterdir()) == before
    assert not any(Path(place).exists() for place in LEFT_OVER)


LEFT_OVER = ("/tmp/new-of-the-speech-engine", "/dev/shm/new-of-the-speech-engine")


def damaged() -> dict[str, bytes]:
    """By what is wrong with them."""
    wav, m4a, mp3 = pcm(spoken(TEST_SENTENCES[:1])), encoded("m4a", spoken(TEST_SENTENCES[:1])), b""
    mp3 = encoded("mp3", spoken(TEST_SENTENCES[:1]))
    middle = len(mp3) // 2
    return {
        "garbage": bytes(range(256)) * 200,
        "empty": b"",
        "without-its-end.m4a": m4a[: m4a.rindex(b"moov") - 4],
        "cut-off.wav": wav[: len(wav) // 2],
        "flipped.mp3": mp3[:2000] + bytes(b ^ 0x5A for b in mp3[2000 : middle + 2000]) + mp3[middle + 2000 :],
        "play-list.wav": b"#EXTM3U\n#EXTINF:1,x\nfile:///etc/passwd\n" * 20,
    }


SAYS = """
import sys
from pathlib import Path
from diary.engine.transcriber import EngineTranscriber
from diary.engine.whisper_folder import WhisperFolder, described
from diary.engine.models import read_model
from diary.errors import RecordingDamaged
from diary.model.speech import Hearing, Segment

hearer = EngineTranscriber(described(read_model(Path(sys.argv[1]))))
for file in sorted(Path(sys.argv[2]).iterdir()):
    sound = file.read_bytes()
    try:
        seconds = hearer.examine(sound).seconds
        played = sum(map(len, hearer.samples(sound))) / 32000
        print(file.name, "decoded", abs(played - seconds) < 0.1)
        if file.name == "good.wav":
            for one in hearer.transcribe(sound, hearing=Hearing(language="en")):
                if isinstance(one, Segment):
                    print(file.name, one.text)
    except RecordingDamaged as error:
        print(file.name, "refused:", error.message)
hearer.close()
"""

_CALL = re.compile(r"^(?P<process>\d+)\s+(?P<call>\w+)\((?P<rest>.*)$")
_CREATES = re.compile(r"O_CREAT|O_WRONLY|O_RDWR|O_TMPFILE|O_TRUNC|O_APPEND")
_FILES = {"open", "openat", "openat2"}
_OTHER = {"creat", "mkdir", "mkdirat", "mknod", "mknodat", "rename", "renameat", "renameat2", "link"}
_OTHER |= {"linkat", "symlink", "symlinkat", "unlink", "unlinkat", "truncate", "memfd_create"}


def made(lines: list[str]) -> list[str]:
    """The calls in a log of strace that made or changed a file.

    The wall's own proof that it stands, Python that would keep what it compiled and libraries that would have
    a semaphore are refused: their calls fail.
    """
    found = []
    for line in lines:
        match = _CALL.match(line)
        if match is None or '"/dev/null"' in match["rest"] or re.search(r"= -1 E[A-Z]+ \(", line):
            continue
        if (match["call"] in _FILES and _CREATES.search(match["rest"])) or match["call"] in _OTHER:
            found.append(line)
    return found


def test_the_log_reader_sees_files_that_are_made():
    lines = [
        '7 openat(AT_FDCWD, "/tmp/x", O_WRONLY|O_CREAT|O_CLOEXEC, 0666) = 3',
        '7 openat(AT_FDCWD, "/tmp/y", O_WRONLY|O_CREAT|O_CLOEXEC, 0666 <unfinished ...>',
        '7 openat(AT_FDCWD, "/tmp/x", O_WRONLY|O_CREAT, 0666) = -1 EACCES (Permission denied)',
        '7 openat(AT_FDCWD, "/usr/lib/x.so", O_RDONLY|O_CLOEXEC) = 3',
        '7 openat(AT_FDCWD, "/dev/null", O_RDWR|O_CLOEXEC) = 3',
        '8 memfd_create("x", MFD_CLOEXEC) = 4',
    ]
    assert made(lines) == [*lines[:2], lines[-1]]


@pytest.mark.skipif(not reads_names(), reason="only root's strace tells the names of files behind the wall")
def test_nine_formats_and_six_kinds_of_damage_make_no_file(toy: WhisperFolder, tmp_path: Path):  # noqa: F811
    sounds = tmp_path / "sounds"
    sounds.mkdir()
    bad = damaged()
    for name, sound in bad.items():
        (sounds / name).write_bytes(sound)
    for ending in FORMATS:
        (sounds / f"good.{ending}").write_bytes(encoded(ending, spoken(TEST_SENTENCES[:1])))
    log = tmp_path / "trace"
    what = "trace=%file,%network,memfd_create"
    done = subprocess.run(
        [
            *[strace() or "", "-f", "-qq", "-e", what, "-e", "signal=none", "-o", str(log)],
            *[sys.executable, "-c", SAYS, str(toy.path), str(sounds)],
        ],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
    )
    said = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    assert {said.pop(f"good.{ending}") for ending in FORMATS if ending != "wav"} == {"decoded True"}
    assert said.pop("good.wav") == " ".join(TEST_SENTENCES[0])
    assert all(sentence.startswith("refused: ") for sentence in said.values()), said
    assert said.keys() == bad.keys()
    assert "cut off" in said["cut-off.wav"]
    lines = log.read_text(errors="replace").splitlines()
    assert sum("execve" in line and '"diary.engine"' in line and line.endswith("= 0") for line in lines) == 2
    assert made(lines) == []
    assert attempts(lines) == []
    assert sorted(file.name for file in tmp_path.iterdir()) == ["sounds", "trace"]
