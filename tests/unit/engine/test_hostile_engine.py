"""An engine whose code was taken over by a model file: it lies in whole frames, floods, spies, and dies."""

from __future__ import annotations

import errno
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from diary.engine.client import EngineClient
from diary.engine.language_model import EngineLanguageModel
from diary.engine.messages import Busy, Done, Piece, Ready, Response, ResponseFrame
from diary.engine.models import read_model
from diary.engine.process import EngineProcess
from diary.errors import EngineFailed, ModelDamaged
from retrieval.ports import ChatMessage
from tests.tiny_gguf import Tiny, tiny_folder
from tests.unit.engine.conftest import NAME, ROOM, TESTS, order, said

PATIENCE = 20.0  # seconds; a busy machine is not a fault
MakeEngine = Callable[..., EngineClient]


@pytest.fixture
def intruder() -> Iterator[Callable[[str], EngineClient]]:
    made: list[EngineClient] = []

    def make(function: str) -> EngineClient:
        made.append(EngineClient(f"{ROOM}.intruders:{function}", [TESTS], name=NAME, rooms=(ROOM,)))
        return made[-1]

    yield make
    for client in made:
        client.close()


def works(engine: EngineClient) -> bool:
    return said(engine.stream(order("echo it works"), timeout=PATIENCE)) == ["it", "works"]


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize(
    ("job", "body"),
    [(999, Piece("words")), (0, Done()), (2, Ready()), (-1, Piece("words"))],
    ids=["a job to come", "a job before", "ready twice", "a job that cannot be"],
)
def test_whole_frames_out_of_turn_end_the_engine(engine: EngineClient, job: int, body: Response) -> None:
    assert works(engine)  # job 1
    frame = msgspec.msgpack.encode(ResponseFrame(job, body))
    lie = (len(frame).to_bytes(4, "big") + frame).hex()
    with pytest.raises(EngineFailed):
        said(engine.stream(order(f"garbage {lie}"), timeout=PATIENCE))
    assert not engine.running
    assert works(engine)


def test_an_answer_before_the_engine_was_ready_ends_it(intruder: Callable[[str], EngineClient]) -> None:
    engine = intruder("serve_an_answer_before_it_is_ready")
    with pytest.raises(EngineFailed):
        said(engine.stream(order("0"), timeout=PATIENCE))
    assert not engine.running


def test_a_flood_does_not_hold_the_diary_while_it_sends_a_file(
    intruder: Callable[[str], EngineClient],
) -> None:
    engine = intruder("serve_a_flood")
    begun = time.monotonic()
    with pytest.raises(EngineFailed):
        list(engine.stream(order("echo"), bulk=bytes(8 * 1024 * 1024), timeout=PATIENCE))
    assert time.monotonic() - begun < PATIENCE
    assert not engine.running


def test_an_engine_that_stands_still_does_not_hold_the_diary_while_it_sends_a_file(
    engine: EngineClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert works(engine)
    assert engine.pid is not None
    os.kill(engine.pid, signal.SIGSTOP)
    monkeypatch.setattr(EngineProcess.send, "__defaults__", (0.05,))
    with pytest.raises(EngineFailed):
        list(engine.stream(order("echo"), bulk=bytes(8 * 1024 * 1024), timeout=PATIENCE))
    assert not engine.running


def test_an_engine_that_dies_while_a_file_is_sent_is_a_sentence(engine: EngineClient) -> None:
    """Writing to it must raise, and not end the diary with SIGPIPE."""
    assert works(engine)
    results = engine.stream(order("crash"), timeout=PATIENCE)
    next(results)
    with pytest.raises(EngineFailed):
        next(results)
    with pytest.raises(EngineFailed):
        said(engine.stream(order("crash"), bulk=bytes(8 * 1024 * 1024), timeout=PATIENCE))


def test_engines_that_die_leave_no_open_file_and_no_zombie(engine: EngineClient) -> None:
    assert works(engine)
    engine.close()
    before = open_files()
    for _ in range(3):
        results = engine.stream(order("crash"), timeout=PATIENCE)
        next(results)
        pid = engine.pid
        with pytest.raises(EngineFailed):
            next(results)
        assert not Path(f"/proc/{pid}").exists()  # a zombie would still be there
    assert open_files() == before


def test_an_engine_sees_no_memory_of_another_process_and_signals_none(
    intruder: Callable[[str], EngineClient], engine: EngineClient
) -> None:
    """Not of the diary that started it, and not of another engine."""
    spy = intruder("serve_a_spy")
    assert works(engine)
    refused = {errno.EACCES, errno.EPERM, errno.ENOSYS}
    for other in (os.getpid(), engine.pid):
        tried = said(spy.stream(order(str(other)), timeout=PATIENCE))
        assert len(tried) == 5
        assert [line for line in tried if line.split()[1] not in {str(code) for code in refused}] == []


LISTED = {
    "LANG", "PATH", "OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "DIARY_SEAL", "HF_HUB_OFFLINE",
    "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK",
    "ORT_DISABLE_TELEMETRY", "TOKENIZERS_PARALLELISM", "GGML_NO_BACKTRACE",
}  # fmt: skip


def test_an_engine_is_told_nothing_but_what_is_listed(
    engine: EngineClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OF_THE_PERSON", "words")
    lines = said(engine.stream(order("tell environment"), timeout=PATIENCE))
    assert {line.partition("=")[0] for line in lines} == LISTED
    assert "words" not in " ".join(lines)


def test_a_caller_who_waits_for_another_job_can_leave_and_hears_when_it_takes_too_long(
    engine: EngineClient,
) -> None:
    running = engine.stream(order("wait"), timeout=PATIENCE)
    next(running)
    waiting = engine.stream(order("echo it works"), timeout=PATIENCE, beat=0.02)
    assert [next(waiting), next(waiting)] == [Busy(), Busy()]
    waiting.close()
    with pytest.raises(EngineFailed) as failed:
        said(engine.stream(order("echo it works"), timeout=0.1))
    assert "still busy" in failed.value.message
    pid = engine.pid
    running.close()
    assert works(engine)
    assert engine.pid == pid


@pytest.mark.parametrize("damage", ["cut", "text", "no template"])
def test_a_model_file_that_cannot_be_used_is_a_sentence(tmp_path: Path, damage: str) -> None:
    folder = tiny_folder(tmp_path / "tiny", Tiny(template=None if damage == "no template" else "{{ x }}"))
    path = folder.path / folder.manifest.files[0].name
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:100_000])
    elif damage == "text":
        path.write_text("no model at all\n" * 100)
    model = EngineLanguageModel(folder)
    with pytest.raises(ModelDamaged) as failed:
        list(model.stream([ChatMessage("user", "Well?")], max_tokens=3))
    assert "Your entries are safe." in failed.value.message
    assert ("chat template" in failed.value.message) == (damage == "no template")
    assert failed.value.hint
    assert model.pid is None


def test_a_stop_while_an_engine_starts_ends_it(engine: EngineClient) -> None:
    results = engine.stream(order("echo it works"), timeout=PATIENCE, beat=0.001)
    assert next(results) == Busy()
    pid = engine.pid
    results.close()
    assert pid is not None
    assert not engine.running
    assert not Path(f"/proc/{pid}").exists()
    assert works(engine)


def test_a_link_in_a_model_folder_opens_no_other_file_to_an_engine(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path / "tiny", Tiny())
    path = folder.path / folder.manifest.files[0].name
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")  # the same bytes, so that only the link is wrong
    with pytest.raises(ModelDamaged):
        read_model(folder.path)
