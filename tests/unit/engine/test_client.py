"""Jobs in turn, stops in steps; an engine that dies, hangs, floods or lies costs a sentence and a restart."""

import gc
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from diary.engine.client import EngineClient
from diary.engine.messages import Busy, Done, Piece, Ready, ResponseFrame
from diary.errors import DiaryError, EngineFailed, ModelDamaged
from tests.unit.engine.conftest import ROOM, TESTS, order, said

PATIENCE = 20.0  # seconds; a busy machine is not a fault
MakeEngine = Callable[..., EngineClient]


def works(engine: EngineClient) -> bool:
    return said(engine.stream(order("echo it works"), timeout=PATIENCE)) == ["it", "works"]


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_no_process_is_started_before_the_first_job(engine: EngineClient) -> None:
    assert not engine.running
    assert works(engine)
    assert engine.running


def test_jobs_share_one_process_and_their_counts_are_kept(engine: EngineClient) -> None:
    assert works(engine)
    pid = engine.pid
    assert works(engine)
    assert engine.pid == pid
    assert engine.last == Done(evaluated=1, reused=2, generated=3)


def test_a_file_reaches_the_engine_in_parts(engine: EngineClient) -> None:
    sound = bytes(range(256)) * 12_289  # three parts and a bit
    results = engine.stream(order("bulk"), bulk=sound, timeout=PATIENCE)
    assert said(results) == [f"{len(sound)} {sum(sound) % 251}"]


@pytest.mark.parametrize("how", ["crash", "killed"])
def test_a_crash_in_mid_job_is_a_sentence_and_the_next_job_works(engine: EngineClient, how: str) -> None:
    assert works(engine)
    pid = engine.pid
    assert pid is not None
    results = engine.stream(order("crash" if how == "crash" else "wait"), timeout=PATIENCE)
    next(results)
    if how == "killed":
        os.kill(pid, signal.SIGKILL)
    with pytest.raises(EngineFailed) as failed:
        next(results)
    assert (
        failed.value.message == "The process of the test engine failed and was ended. Your entries are safe."
    )
    assert gone(pid)
    assert works(engine)
    assert engine.pid != pid


def test_a_fault_inside_a_job_keeps_the_process_and_tells_none_of_its_words(engine: EngineClient) -> None:
    with pytest.raises(EngineFailed) as failed:
        said(engine.stream(order("fault my secret words"), timeout=PATIENCE))
    pid = engine.pid
    assert "secret" not in str(failed.value) + failed.value.hint
    assert failed.value.__cause__ is None
    assert works(engine)
    assert engine.pid == pid


def test_closing_the_generator_stops_the_job_and_keeps_the_process(engine: EngineClient) -> None:
    results = engine.stream(order("wait"), timeout=PATIENCE)
    next(results)
    pid = engine.pid
    begun = time.monotonic()
    results.close()
    seconds = time.monotonic() - begun
    print(f"stopped after {seconds * 1000:.0f} ms")
    assert works(engine)
    assert engine.pid == pid  # it was stopped within the two seconds after which it is ended


@pytest.mark.parametrize("stubborn", ["deaf", "flood"])
def test_an_engine_that_does_not_stop_is_ended(engine: EngineClient, stubborn: str) -> None:
    results = engine.stream(order(stubborn), timeout=PATIENCE)
    next(results)
    pid = engine.pid
    assert pid is not None
    begun = time.monotonic()
    results.close()
    assert time.monotonic() - begun < PATIENCE  # flag, SIGTERM, SIGKILL; a deaf one lives for a minute
    assert gone(pid)
    assert works(engine)


def test_an_engine_that_says_nothing_is_ended_after_the_time_out(engine: EngineClient) -> None:
    assert works(engine)
    results = engine.stream(order("wait"), timeout=1.0)
    next(results)
    pid = engine.pid
    assert pid is not None
    with pytest.raises(EngineFailed):
        next(results)
    assert gone(pid)
    assert works(engine)


def test_a_beat_gives_the_caller_a_moment_to_stop(engine: EngineClient) -> None:
    results = engine.stream(order("wait"), timeout=PATIENCE, beat=0.05)
    first = next(results)
    while isinstance(first, Busy):  # while the engine starts
        first = next(results)
    assert next(results) == Busy()
    results.close()
    assert works(engine)


def test_a_forgotten_generator_stops_its_job(engine: EngineClient) -> None:
    next(engine.stream(order("wait"), timeout=PATIENCE))
    gc.collect()
    assert works(engine)


def test_a_generator_that_outlives_its_process_does_no_harm(engine: EngineClient, tmp_path: Path) -> None:
    """The number of a closed pipe may belong to another file by then."""
    results = engine.stream(order("wait"), timeout=PATIENCE)
    next(results)
    process = engine._process
    assert process is not None
    process.end()
    files = [(tmp_path / str(number)).open("wb", buffering=0) for number in range(20)]
    results.close()
    for file in files:
        file.close()
    assert not any((tmp_path / str(number)).stat().st_size for number in range(20))
    assert works(engine)


def test_two_threads_take_turns(engine: EngineClient) -> None:
    answers: list[list[str]] = []

    def ask(words: str) -> None:
        for _ in range(20):
            answers.append(said(engine.stream(order(f"echo {words}"), timeout=PATIENCE)))

    threads = [threading.Thread(target=ask, args=(words,)) for words in ("a b c", "d e")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert sorted(answers) == [["a", "b", "c"]] * 20 + [["d", "e"]] * 20


def test_closing_from_another_thread_ends_a_running_job(engine: EngineClient) -> None:
    results = engine.stream(order("wait"), timeout=PATIENCE)
    next(results)
    closing = threading.Thread(target=engine.close)
    closing.start()
    with pytest.raises(EngineFailed):
        next(results)
    closing.join(PATIENCE)
    assert works(engine)


def test_an_idle_engine_is_ended_and_a_busy_one_is_not(engine: EngineClient) -> None:
    results = engine.stream(order("wait"), timeout=PATIENCE)
    next(results)
    engine.end_when_idle()
    assert engine.running
    results.close()
    engine.end_when_idle()
    assert not engine.running


def test_closing_leaves_no_process_behind(engine: EngineClient) -> None:
    assert works(engine)
    pid = engine.pid
    assert pid is not None
    engine.close()
    assert gone(pid)
    engine.close()


@pytest.mark.parametrize(
    ("function", "error"),
    [("serve_nothing", ModelDamaged), ("serve_a_fault", ModelDamaged), ("serve_a_crash", EngineFailed)],
)
def test_an_engine_that_cannot_start_says_why(
    make_engine: MakeEngine, function: str, error: type[DiaryError]
) -> None:
    with pytest.raises(error) as failed:
        said(make_engine(function).stream(order("echo"), timeout=PATIENCE))
    assert "Your entries are safe." in failed.value.message
    assert "words of an entry" not in str(failed.value)


def test_a_service_outside_the_named_packages_is_not_imported(make_engine: MakeEngine) -> None:
    engine = make_engine(rooms=("retrieval.engines", "tests.unit"))
    with pytest.raises(EngineFailed):
        said(engine.stream(order("echo"), timeout=PATIENCE))


@pytest.mark.parametrize(
    "garbage",
    [
        "ffffffff",
        "00000000",
        "0000000300000000",
        "00000001c1",
        "0000000593a3666f6f",
        "0000000480046e75",
        "0000ffff00",
    ],
)
def test_garbage_in_the_pipe_ends_the_engine(engine: EngineClient, garbage: str) -> None:
    with pytest.raises(EngineFailed):
        said(engine.stream(order(f"garbage {garbage}"), timeout=1.0))
    assert works(engine)


@pytest.mark.parametrize(
    "frame",
    [ResponseFrame(999, Piece("words of another job")), ResponseFrame(1, Ready()), ResponseFrame(0, Done())],
    ids=["another job", "ready twice", "no job"],
)
def test_a_frame_out_of_turn_ends_the_engine(engine: EngineClient, frame: ResponseFrame) -> None:
    body = msgspec.msgpack.encode(frame)
    whole = len(body).to_bytes(4, "big") + body
    with pytest.raises(EngineFailed):
        said(engine.stream(order(f"garbage {whole.hex()}"), timeout=PATIENCE))
    assert works(engine)


def test_noise_of_libraries_does_not_reach_the_frames(engine: EngineClient) -> None:
    assert said(engine.stream(order("noise"), timeout=PATIENCE)) == ["clean"]
    assert works(engine)


def test_the_engine_ends_when_the_diary_is_killed() -> None:
    import subprocess
    import sys

    script = """
import os, signal
from tests.unit.engine.conftest import *
engine = EngineClient("tests.unit.engine.services:serve", [TESTS], name=NAME, rooms=(ROOM,))
next(engine.stream(order("wait"), timeout=30, beat=None))
print(engine.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=TESTS.parent, check=False
    )
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    wait_until(lambda: gone(int(ran.stdout)))


def test_an_engine_without_work_gives_its_memory_back_and_is_started_anew() -> None:
    client = EngineClient(f"{ROOM}.services:serve", [TESTS], name="it", rooms=(ROOM,), idle=0.2)
    try:
        assert works(client)
        first = client.pid
        assert first is not None
        wait_until(lambda: not client.running)
        wait_until(lambda: gone(first))  # forgotten first, then ended and reaped by the timer's thread
        assert works(client)
        assert client.pid != first
    finally:
        client.close()


def test_waiting_for_the_next_job_never_ends_a_running_one() -> None:
    """The rest that began after the first job is called off by the second, however long that takes."""
    client = EngineClient(f"{ROOM}.services:serve", [TESTS], name="it", rooms=(ROOM,), idle=0.1)
    try:
        assert works(client)
        results = client.stream(order("echo still here"), timeout=PATIENCE)
        said_first = next(result for result in results if isinstance(result, Piece))
        time.sleep(0.5)  # longer than the rest; the job is not finished
        assert [said_first.text, *said(results)] == ["still", "here"]
    finally:
        client.close()
