"""Memory is counted before a model is loaded, as the library counts it; a refusal gives the figures."""

from __future__ import annotations

import ctypes
import re
import resource
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from llama_cpp import llama_cpp as library

from diary.engine import memory
from diary.engine.client import EngineClient
from diary.engine.failures import failure
from diary.engine.gguf_header import GgufHeader, read_header
from diary.engine.memory import available, footprint, in_words
from diary.engine.messages import Failed, FailureCode
from diary.engine.service import JobFailed
from diary.errors import EngineFailed
from retrieval.engines import llama_model
from retrieval.engines.llama_library import Context, Model, drop_log
from retrieval.engines.llama_model import LlamaModel, fitting
from tests.contracts.test_models import installed
from tests.unit.engine.conftest import order, said

GB = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The shape of a network."""

    block_count: int
    heads: int
    kv: int
    width: int
    key: int
    hidden: int
    vocabulary: int


# The shapes of Gemma 3 4B and Qwen 3 4B, as their makers give them.
GEMMA_3_4B = Shape(block_count=34, heads=8, kv=4, width=2560, key=256, hidden=10240, vocabulary=262_144)
QWEN_3_4B = Shape(block_count=36, heads=32, kv=8, width=2560, key=128, hidden=9728, vocabulary=151_936)


def header(shape: Shape) -> GgufHeader:
    folder = installed("language")
    return replace(
        read_header(folder.path / folder.manifest.files[0].name),
        block_count=shape.block_count,
        head_count=(shape.heads,) * shape.block_count,
        head_count_kv=(shape.kv,) * shape.block_count,
        embedding_length=shape.width,
        key_length=shape.key,
        value_length=shape.key,
        feed_forward_length=shape.hidden,
        vocabulary_size=shape.vocabulary,
        context_length=32768,
    )


@pytest.mark.parametrize(("context", "block"), [(4096, 512), (1024, 128)])
def test_the_count_is_that_of_the_library(context: int, block: int) -> None:
    folder = installed("language")
    path = folder.path / folder.manifest.files[0].name
    counted = footprint(read_header(path), context=context, block=block)
    lines: list[str] = []

    @library.llama_log_callback
    def listen(_level: int, text: bytes, _data: object) -> None:
        lines.append(text.decode())

    model = Model(path)
    library.llama_log_set(listen, ctypes.c_void_p(0))
    Context(model, size=context, block=block, threads=1)
    library.llama_log_set(drop_log, ctypes.c_void_p(0))
    reported = {
        kind: float(found[1]) * 2**20
        for kind in ("KV", "compute")
        if (found := re.search(rf"{kind} buffer size = +([0-9.]+) MiB", "".join(lines)))
    }
    assert counted.state == pytest.approx(reported["KV"], rel=0.01)
    assert counted.work == pytest.approx(reported["compute"], rel=0.06)
    assert counted.weights == pytest.approx(path.stat().st_size, rel=0.02)


def test_a_context_is_as_long_as_fits() -> None:
    gemma = header(GEMMA_3_4B)
    weights = int(2.5 * GB)
    assert fitting(gemma, weights, None) == fitting(gemma, weights, 8 * GB) == (4096, 128)
    least = footprint(gemma, context=1024, block=128, weights=weights).total
    assert fitting(gemma, weights, least) == (1024, 128)
    assert fitting(gemma, weights, least + 300 * 10**6) == (2048, 128)
    qwen = header(QWEN_3_4B)
    assert fitting(qwen, weights, 8 * GB) == (4096, 512)
    most = footprint(qwen, context=4096, block=512, weights=weights).total
    assert fitting(qwen, weights, most - 1) == (4096, 128)
    assert fitting(replace(qwen, context_length=600), weights, 8 * GB) == (600, 512)


def test_a_model_that_does_not_fit_is_refused_with_the_figures_before_it_is_loaded(
    monkeypatch: pytest.MonkeyPatch, tiny_gguf: Path
) -> None:
    monkeypatch.setattr(llama_model, "available", lambda: 50_000_000)
    monkeypatch.setattr(llama_model, "Model", lambda path: pytest.fail("it was loaded"))
    with pytest.raises(JobFailed) as refused:
        LlamaModel(tiny_gguf)
    assert refused.value.code is FailureCode.OUT_OF_MEMORY
    assert refused.value.available == 50_000_000 < refused.value.needed


def test_a_header_that_claims_what_no_machine_has_is_refused(tiny_gguf: Path) -> None:
    """A poisoned file could ask for a state of terabytes; the library would try."""
    lying = replace(read_header(tiny_gguf), head_count_kv=(10**4, 10**4), key_length=10**4)
    with pytest.raises(JobFailed) as refused:
        fitting(lying, lying.tensor_bytes, 16 * GB)
    assert refused.value.code is FailureCode.OUT_OF_MEMORY
    for free in (16 * GB, None):
        with pytest.raises(JobFailed) as refused:
            fitting(replace(lying, key_length=10**12), lying.tensor_bytes, free)
        assert refused.value.code is FailureCode.MODEL_DAMAGED


def test_the_reader_is_told_what_it_needs_and_what_is_free() -> None:
    told = failure(Failed(FailureCode.OUT_OF_MEMORY, 5_230_000_000, 3_100_000_000), "the language model")
    assert isinstance(told, EngineFailed)
    assert told.message == (
        "The language model needs about 5.2 GB of memory and 3.1 GB is free, so it was not loaded. "
        "Your entries are safe."
    )
    assert "smaller model" in told.hint
    assert "There is not enough memory" in failure(Failed(FailureCode.OUT_OF_MEMORY), "it").message


def test_the_figures_come_through_the_wall(make_engine: Callable[..., EngineClient]) -> None:
    with pytest.raises(EngineFailed) as refused:
        said(make_engine("serve_too_much").stream(order("echo x"), timeout=20.0))
    assert "needs about 7.0 GB of memory and 410 MB is free" in refused.value.message


def test_a_figure_that_cannot_be_ends_the_engine(make_engine: Callable[..., EngineClient]) -> None:
    for function in ("serve_less_than_nothing", "serve_beyond_all_numbers"):
        engine = make_engine(function)
        with pytest.raises(EngineFailed) as refused:
            said(engine.stream(order("echo x"), timeout=20.0))
        assert "failed and was ended" in refused.value.message
        assert not engine.running


@pytest.mark.parametrize(
    ("meminfo", "limits", "free"),
    [
        ("MemTotal: 9 kB\nMemAvailable:    2000 kB\n", {}, 2_048_000),
        ("MemAvailable: 2000 kB\n", {"max": "max\n", "current": "5\n"}, 2_048_000),
        ("MemAvailable: 2000 kB\n", {"max": "1000000\n", "current": "400000\n"}, 600_000),
        ("MemAvailable: 2000 kB\n", {"max": "1000\n", "current": "4000\n"}, 0),
        ("MemAvailable: 2000 kB\n", {"max": "1000\n"}, 2_048_000),
        ("MemAvailable: much\n", {}, None),
        ("", {"max": "1000000", "current": "1"}, 999_999),
        (None, {}, None),
    ],
)
def test_what_is_free_is_what_kernel_and_container_leave(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    meminfo: str | None,
    limits: dict[str, str],
    free: int | None,
) -> None:
    if meminfo is not None:
        (tmp_path / "meminfo").write_text(meminfo)
    for name, text in limits.items():
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(memory, "_MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "_CGROUPS", ((tmp_path / "max", tmp_path / "current"),))
    assert available() == free


def test_a_limit_of_the_process_counts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (123_456, resource.RLIM_INFINITY))
    assert available() == 123_456


@pytest.mark.parametrize(
    ("amount", "words"),
    [(0, "0 MB"), (1, "10 MB"), (401_000_000, "410 MB"), (1_260_000_000, "1.3 GB"), (26 * GB, "26 GB")],
)
def test_amounts_are_said_to_two_figures(amount: int, words: str) -> None:
    assert in_words(amount) == words
