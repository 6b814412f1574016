"""What a recorder says is not trusted: nonsense ends it with a sentence, and never reaches a recording."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable, Iterator

import msgspec
import pytest

from diary.engine.frames import FrameReader, PipeClosed, write_frame
from diary.errors import MicrophoneFailed
from diary.recorder import client as client_module
from diary.recorder.client import RecorderClient
from diary.recorder.messages import (
    Block,
    Device,
    Ended,
    Found,
    Opened,
    Paused,
    Played,
    Quieted,
    Request,
    RequestFrame,
    Response,
    ResponseFrame,
    Trouble,
    TroubleCode,
)
from policies.before_the_wall import Pipes

DEVICE = Device("desk", "Desk", True)
SECOND = 32_000
Script = Callable[[Request], list[Response]]


class Other:
    """The other end of the pipes: answers each request as a script says, and may say more by itself."""

    def __init__(self, script: Script) -> None:
        incoming, self._theirs = os.pipe()
        self._requests, outgoing = os.pipe()
        self._script = script
        self.stream = 0
        self.asked: list[Request] = []
        self.client = RecorderClient(Pipes(incoming, outgoing, 2**30))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        reader = FrameReader(self._requests, RequestFrame)
        try:
            while True:
                frame = reader.read()
                self.stream = frame.stream
                self.asked.append(frame.body)
                for body in self._script(frame.body):
                    self.says(body)
        except PipeClosed:
            self.ends()

    def ends(self) -> None:
        theirs, self._theirs = self._theirs, -1
        if theirs >= 0:
            os.close(theirs)

    def says(self, body: Response, stream: int | None = None) -> None:
        write_frame(self._theirs, ResponseFrame(self.stream if stream is None else stream, body))

    def writes(self, data: bytes) -> None:
        os.write(self._theirs, data)


def opens(request: Request) -> list[Response]:
    """As a recorder that opens everything, and then waits."""
    return [Opened(DEVICE)] if type(request).__name__ in ("Record", "Play") else []


@pytest.fixture
def other() -> Iterator[Other]:
    made = Other(opens)
    yield made
    made.client.close()


def now() -> float:
    return time.monotonic()


NONSENSE: dict[str, Callable[[], Response]] = {
    "no sound": lambda: Block(b"", now()),
    "half a sample": lambda: Block(bytes(3), now()),
    "too much at once": lambda: Block(bytes(16_002), now()),
    "no number for a time": lambda: Block(bytes(320), math.nan),
    "endless": lambda: Block(bytes(320), math.inf),
    "before it began": lambda: Block(bytes(320), now() - 60),
    "in the future": lambda: Block(bytes(320), now() + 60),
    "of another kind": lambda: Played(5),
    "a list": lambda: Found([]),
    "another device of no name": lambda: Opened(Device("", "", False)),
}


@pytest.mark.parametrize("what", NONSENSE)
def test_nonsense_ends_the_recorder_with_a_sentence(other: Other, what: str):
    capture = other.client.record(None)
    other.says(Block(b"\1\0" * 160, now()))
    other.says(NONSENSE[what]())
    assert capture.read(20.0) == b"\1\0" * 160
    with pytest.raises(MicrophoneFailed, match="failed and was ended. What it heard before is kept"):  # noqa: RUF043
        capture.read(20.0)
    with pytest.raises(MicrophoneFailed):
        other.client.record(None)


def test_time_that_runs_back_is_nonsense(other: Other):
    capture = other.client.record(None)
    other.says(Block(bytes(320), now()))
    other.says(Block(bytes(320), now() - 0.5))
    assert capture.read(20.0)
    with pytest.raises(MicrophoneFailed):
        capture.read(20.0)


def test_more_sound_than_time_is_nonsense(other: Other):
    capture = other.client.record(None)
    with pytest.raises(MicrophoneFailed):
        for _ in range(12):
            other.says(Block(bytes(SECOND // 2), now()))
            while capture.read(0.05):
                pass


@pytest.mark.parametrize(
    "data", [b"\xff" * 64, b"\0\0\0\0", (64 * 1024 + 1).to_bytes(4, "big") + b"x", b"\0\0\0\1\xc1"]
)
def test_bytes_that_are_no_frame_end_the_recorder(other: Other, data: bytes):
    capture = other.client.record(None)
    other.writes(data)
    with pytest.raises(MicrophoneFailed):
        capture.read(20.0)


def test_a_stream_that_was_never_opened_ends_the_recorder(other: Other):
    capture = other.client.record(None)
    other.says(Ended(), stream=99)
    with pytest.raises(MicrophoneFailed):
        capture.read(20.0)


def test_sound_that_comes_after_the_end_is_dropped(other: Other):
    capture = other.client.record(None)
    other.says(Ended())
    other.says(Block(bytes(320), now()))
    assert capture.read(20.0) is None
    other.client.record(None)


def test_names_are_made_printable_and_bounded():
    devices = [
        Device("desk", "\x1b[31mDesk\n\u202e" + "x" * 500, True),
        Device("\x1b]0;", "steers by its id", False),
        Device("y" * 300, "too long an id", False),
        Device("", "none", False),
        Device("desk", "twice", False),
        Device("plain", "", False),
    ]
    other = Other(lambda _: [Found(devices)])
    found = other.client.microphones()
    assert [each.id for each in found] == ["desk", "plain"]
    assert found[0].name.startswith("[31mDesk") and found[1].name == "plain"
    assert all(each.name.isprintable() and len(each.name) <= 100 for each in found)
    other.client.close()


def test_a_position_beyond_what_was_written_ends_the_recorder(other: Other):
    playback = other.client.play()
    playback.write(bytes(320))
    other.says(Played(160))
    while playback.played() < 0.01:
        pass
    other.says(Played(161))
    with pytest.raises(MicrophoneFailed):
        while not playback.finish():
            pass


def test_a_recorder_that_does_not_answer_is_told_to_stop_and_asked_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(client_module, "_ANSWER_SECONDS", 0.1)
    hangs = [True]
    other = Other(lambda request: [] if hangs[0] else opens(request))
    with pytest.raises(MicrophoneFailed, match="does not answer"):
        other.client.record(None)
    hangs[0] = False
    other.says(Opened(DEVICE), stream=1)  # it has woken
    other.says(Block(bytes(320), now()), stream=1)
    other.says(Ended(), stream=1)
    assert other.client.record(None).microphone.id == "desk"
    assert [type(request).__name__ for request in other.asked] == ["Record", "Stop", "Record"]
    other.client.close()


def test_a_recorder_that_ends_is_said(other: Other):
    capture = other.client.record(None)
    playback = other.client.play()
    other.ends()
    for wait in (lambda: capture.read(20.0), lambda: playback.write(bytes(320)), other.client.microphones):
        with pytest.raises(MicrophoneFailed):
            while True:
                wait()


def test_a_microphone_that_is_missing_after_a_pause_has_failed(other: Other):
    capture = other.client.record(None)
    other.says(Block(bytes(320), now()))
    capture.pause()
    other.says(Paused())
    capture.resume()
    other.says(Trouble(TroubleCode.NOT_THIS_ONE))
    assert capture.read(20.0)
    with pytest.raises(MicrophoneFailed, match=r"not there\. What it heard before is kept"):
        capture.read(20.0)


def test_sound_that_nobody_reads_is_bounded_and_counted_as_lost(
    other: Other, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("diary.recorder.streams._MOST_UNREAD", SECOND)
    capture = other.client.record(None)
    for _ in range(5):
        other.says(Block(bytes(SECOND // 2), now()))
    other.says(Ended())
    while not capture._over:
        time.sleep(0.005)
    got = b""
    while (piece := capture.read(20.0)) is not None:
        got += piece
    assert len(got) == SECOND
    assert capture.lost == pytest.approx(1.5)


def test_a_stop_ends_even_when_the_recorder_says_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("diary.recorder.streams._STOP_SECONDS", 0.1)
    other = Other(opens)
    capture = other.client.record(None)
    other.says(Block(bytes(320), now()))
    capture.stop()
    assert capture.read(20.0) == bytes(320)
    assert capture.read(20.0) is None
    other.client.close()


def test_a_gap_is_counted_and_a_pause_is_none(other: Other):
    """Times are the recorder's own, so a minute passes here in a moment."""
    capture = other.client.record(None)
    capture._began -= 100
    begins = now() - 60
    for number in range(60):
        if not 20 <= number < 25:
            other.says(Block(bytes(3_200), begins + number / 10))
    other.says(Paused())
    for number in range(300, 340):
        other.says(Block(bytes(3_200), begins + number / 10))
    other.says(Ended())
    while capture.read(20.0) is not None:
        pass
    assert capture.lost == pytest.approx(0.5, abs=0.05)


def test_handing_over_waits_for_silence_and_stops_at_the_end_of_a_frame(
    monkeypatch: pytest.MonkeyPatch,
):
    def script(request: Request) -> list[Response]:
        if type(request).__name__ == "Quiet":
            for _ in range(50):
                other.says(Block(bytes(320), now()), stream=1)
            return [Quieted()]
        return opens(request)

    monkeypatch.setattr("os.environ", dict(os.environ))
    other = Other(script)
    other.client.record(None)
    other.client.hand_over()
    pipes = other.client._pipes
    assert os.environ["DIARY_RECORDER"] == f"{pipes.incoming}:{pipes.outgoing}:{pipes.process}"
    assert os.get_inheritable(pipes.incoming) and os.get_inheritable(pipes.outgoing)
    os.set_inheritable(pipes.incoming, False), os.set_inheritable(pipes.outgoing, False)
    # the next image of the process finds a recorder that answers
    again = RecorderClient(pipes)
    assert again.record(None).microphone.id == "desk"
    again.close()


def test_one_that_does_not_fall_silent_is_not_handed_over(other: Other, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(client_module, "_QUIET_SECONDS", 0.1)
    monkeypatch.setattr("os.environ", dict(os.environ))
    other.client.record(None)
    other.client.hand_over()
    assert "DIARY_RECORDER" not in os.environ
    with pytest.raises(MicrophoneFailed):
        other.client.microphones()


def test_messages_hold_no_other_kinds_of_things():
    with pytest.raises(msgspec.ValidationError):
        msgspec.msgpack.decode(msgspec.msgpack.encode([1, {"type": "run", "code": "x"}]), type=ResponseFrame)
