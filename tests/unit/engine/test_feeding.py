"""What is sent while a job runs: in order, to its end, stopped at once; and whatever goes wrong is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator

import pytest

from diary.engine.client import EngineClient
from diary.engine.messages import Busy, Fed, Listen, Result, Sound, SoundEnd
from diary.errors import EngineFailed
from diary.model.speech import Hearing
from tests.unit.engine.conftest import order, said

PATIENCE = 20.0  # seconds; a busy machine is not a fault


@pytest.fixture
def ear(make_engine: Callable[..., EngineClient]) -> EngineClient:
    return make_engine("serve_listening")


def works(engine: EngineClient) -> bool:
    return said(engine.stream(order("echo it works"), timeout=PATIENCE)) == ["it", "works"]


def feed(frames: Iterable[Fed | None]) -> Callable[[], Fed | None]:
    """The frames, then nothing, without haste."""
    rest = iter(frames)

    def following() -> Fed | None:
        frame = next(rest, None)
        if frame is None:
            time.sleep(0.01)  # what a source does that has nothing yet
        return frame

    return following


def heard(
    ear: EngineClient, behaviour: str, frames: Iterable[Fed | None], timeout: float = PATIENCE
) -> Iterator[Result]:
    work = Listen(Hearing(hotwords=(behaviour,)))
    return ear.stream(work, feed=feed(frames), timeout=timeout)


def endless(size: int = 1000) -> Iterator[Sound]:
    while True:
        yield Sound(bytes(size))


def test_all_of_it_is_heard_in_order_to_its_end(ear: EngineClient) -> None:
    frames = [Sound(bytes(1000)), None, Sound(bytes(7)), None, None, Sound(bytes(20)), SoundEnd()]
    assert said(heard(ear, "well", frames)) == ["1027"]
    assert said(heard(ear, "well", [SoundEnd()])) == ["0"]
    assert works(ear)


def test_closing_stops_the_feeding_and_keeps_the_process(ear: EngineClient) -> None:
    asked = threading.Event()

    def some() -> Iterator[Fed | None]:
        while True:
            asked.set()
            yield None

    results = heard(ear, "well", some())
    assert next(results) == Busy()
    pid = ear.pid
    results.close()
    asked.clear()
    assert works(ear)
    assert ear.pid == pid
    assert not asked.is_set()


def test_a_job_that_ends_before_the_sound_does_leaves_nothing_for_the_next(ear: EngineClient) -> None:
    assert said(heard(ear, "early", endless()))
    pid = ear.pid
    assert said(heard(ear, "well", [Sound(bytes(5)), SoundEnd()])) == ["5"]
    assert ear.pid == pid


@pytest.mark.parametrize("behaviour", ["crash", "garbage"])
def test_an_engine_that_dies_or_lies_while_it_is_fed_is_told_and_started_anew(
    ear: EngineClient, behaviour: str
) -> None:
    with pytest.raises(EngineFailed, match="safe"):
        list(heard(ear, behaviour, endless()))
    assert works(ear)


def test_an_engine_that_says_nothing_while_it_is_fed_is_ended_after_the_time_out(ear: EngineClient) -> None:
    assert works(ear)
    with pytest.raises(EngineFailed):
        list(heard(ear, "mute", (Sound(bytes(10)) if n == 0 else None for n in range(10**6)), timeout=0.4))
    assert works(ear)


def test_an_engine_that_reads_no_more_while_a_frame_is_sent_is_ended(ear: EngineClient) -> None:
    """The pipe is full, and half a frame in it."""
    assert works(ear)
    begun = time.monotonic()
    with pytest.raises(EngineFailed):
        list(heard(ear, "frozen", endless(500_000), timeout=0.5))
    assert time.monotonic() - begun < PATIENCE
    assert works(ear)


def test_more_sound_than_is_taken_ends_the_engine(ear: EngineClient) -> None:
    with pytest.raises(EngineFailed):
        list(heard(ear, "well", [Sound(bytes(5 * 1024 * 1024)), SoundEnd()]))
    assert works(ear)


def test_what_the_source_raises_is_raised_to_the_reader_and_the_process_stays(ear: EngineClient) -> None:
    def broken() -> Iterator[Fed | None]:
        yield Sound(bytes(10))
        raise ValueError("the disk is gone")

    with pytest.raises(ValueError, match="the disk is gone"):
        list(heard(ear, "well", broken()))
    pid = ear.pid
    assert works(ear)
    assert ear.pid == pid


def test_a_service_that_does_not_listen_refuses(engine: EngineClient) -> None:
    with pytest.raises(EngineFailed):
        list(heard(engine, "well", [SoundEnd()]))
    assert works(engine)
