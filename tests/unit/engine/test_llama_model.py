"""The llama.cpp service: what it says, what it keeps, what it refuses, and how soon it stops."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from diary.engine.messages import Bulk, Done, Embed, FailureCode, Generate, Piece, Result, Turn, Work
from diary.engine.service import JobFailed
from retrieval.engines import llama_library, threads
from retrieval.engines.chat_prompt import ChatTemplate
from retrieval.engines.llama_library import Context
from retrieval.engines.llama_model import LlamaModel, serve
from tests.tiny_gguf import Tiny, write_tiny

NOTES = "".join(f"[{day} May] Walked by the river, {day} km. " for day in range(1, 29))
MakeModel = Callable[[Tiny], LlamaModel]


@pytest.fixture(scope="module")
def make_model(tmp_path_factory: pytest.TempPathFactory) -> MakeModel:
    folder, numbers = tmp_path_factory.mktemp("models"), count()

    def make(tiny: Tiny) -> LlamaModel:
        path = folder / f"{next(numbers)}.gguf"
        write_tiny(path, tiny)
        return LlamaModel(path)

    return make


@pytest.fixture(scope="module")
def model(make_model: MakeModel) -> LlamaModel:
    return make_model(Tiny())


def going_on() -> bool:
    return False


def after(polls: int) -> Callable[[], bool]:
    """Stops at that question, and from then on."""
    asked = count(1)
    return lambda: next(asked) >= polls


def ask(model: LlamaModel, text: str, most: int = 8) -> tuple[str, Done]:
    *pieces, done = model.run(Generate([Turn("user", text)], most), b"", going_on)
    assert isinstance(done, Done)
    return "".join(piece.text for piece in pieces if isinstance(piece, Piece)), done


def refused(model: LlamaModel, work: Work, cancelled: Callable[[], bool] = going_on) -> FailureCode:
    with pytest.raises(JobFailed) as failed:
        list(model.run(work, b"", cancelled))
    return failed.value.code


def test_it_says_what_its_weights_say_and_ends_where_they_end(make_model: MakeModel) -> None:
    assert ask(make_model(Tiny(says="Rained.")), "Well?", 50)[0] == "Rained."


def test_a_character_of_several_tokens_comes_whole(make_model: MakeModel) -> None:
    model = make_model(Tiny(says="\u00c4\U0001f600.", context=512))
    pieces = list(model.run(Generate([Turn("user", "Well?")], 50), b"", going_on))
    assert pieces[:-1] == [Piece("\u00c4"), Piece("\U0001f600"), Piece(".")]
    assert isinstance(pieces[-1], Done)
    assert pieces[-1].generated == 7


def test_a_character_that_is_cut_off_is_a_visible_gap(make_model: MakeModel) -> None:
    assert ask(make_model(Tiny(says="\U0001f600", context=512)), "Well?", 3)[0] == "\ufffd"


def test_it_stops_at_the_most_tokens(make_model: MakeModel) -> None:
    text, done = ask(make_model(Tiny(says="abc ", endless=True)), "Well?", 10)
    assert text == "abc abc ab"
    assert done.generated == 10


def test_a_second_question_on_the_same_notes_reads_only_the_question(model: LlamaModel) -> None:
    _, first = ask(model, NOTES + "How far?")
    _, second = ask(model, NOTES + "When was it?")
    whole = first.evaluated + first.reused
    assert second.reused > 0.9 * whole
    assert second.evaluated < 0.1 * whole
    assert second.evaluated + second.reused > 0.9 * whole


def test_the_same_question_again_is_answered_the_same_and_read_by_one_token(model: LlamaModel) -> None:
    first, _ = ask(model, NOTES + "How far?")
    second, done = ask(model, NOTES + "How far?")
    assert second == first
    assert done.evaluated == 1


def test_what_is_kept_does_not_change_what_is_said(make_model: MakeModel) -> None:
    warm, cold = make_model(Tiny()), make_model(Tiny())
    ask(warm, NOTES + "How far?")
    assert ask(warm, NOTES + "And in April?")[0] == ask(cold, NOTES + "And in April?")[0]


def test_a_state_that_cannot_forget_a_part_is_read_anew(
    model: LlamaModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As models with a recurrent part do: llama.cpp says so with False."""
    text, done = ask(model, NOTES + "How far?")
    monkeypatch.setattr(llama_library.library, "llama_memory_seq_rm", lambda *_: False)
    again, anew = ask(model, NOTES + "How far?")
    assert again == text
    assert (anew.reused, anew.evaluated) == (0, done.evaluated + done.reused)


def test_a_prompt_that_does_not_fit_with_its_answer_is_refused(make_model: MakeModel) -> None:
    model = make_model(Tiny(context=256))
    fitting = len(model.prompt([Turn("user", "a " * 60)], room=256))
    assert ask(model, "a " * 60, 256 - fitting)[1].evaluated == fitting
    assert refused(model, Generate([Turn("user", "a " * 60)], 257 - fitting)) is FailureCode.PROMPT_TOO_LONG
    assert ask(model, "And now?")[0]


@pytest.mark.parametrize("text", ["a " * 5000, "\u20ac" * 3_000_000], ids=["tokens", "megabytes"])
def test_a_prompt_beyond_the_context_is_refused_at_once(model: LlamaModel, text: str) -> None:
    begun = time.process_time()
    assert refused(model, Generate([Turn("user", text)], 10)) is FailureCode.PROMPT_TOO_LONG
    assert time.process_time() - begun < 4


def test_megabytes_are_refused_before_they_are_read(
    model: LlamaModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rendering and tokenising them takes seconds, which no stop can shorten."""
    read: list[int] = []
    monkeypatch.setattr(ChatTemplate, "render", lambda _, turns, **__: read.append(len(turns)))
    assert refused(model, Generate([Turn("user", "\u20ac" * 3_000_000)], 10)) is FailureCode.PROMPT_TOO_LONG
    assert read == []


def test_no_context_is_longer_than_the_model_was_trained_for_or_we_allow(make_model: MakeModel) -> None:
    assert make_model(Tiny(context=300))._context.size == 300
    assert make_model(Tiny(context=100_000))._context.size == 4096


def test_a_stop_in_the_middle_of_a_block_ends_the_job_and_keeps_what_was_read(
    model: LlamaModel, make_model: MakeModel
) -> None:
    ask(model, "Another thing.")
    long = NOTES * 3
    assert refused(model, Generate([Turn("user", long)], 10), after(30)) is FailureCode.CANCELLED
    held = len(model._context.held)
    whole = len(model.prompt([Turn("user", long)], room=4000))
    assert held < whole
    text, done = ask(model, long)
    assert (done.reused, done.evaluated) == (held, whole - held)
    assert text == ask(make_model(Tiny()), long)[0]


def test_a_stop_while_it_writes_ends_the_job(make_model: MakeModel) -> None:
    model = make_model(Tiny(says="abc ", endless=True))
    stopped = False
    pieces: list[Result | Done] = []

    def write() -> Iterator[Result | Done]:
        yield from model.run(Generate([Turn("user", "Well?")], 1000), b"", lambda: stopped)

    with pytest.raises(JobFailed) as failed:
        for piece in write():
            pieces.append(piece)
            stopped = len(pieces) == 5
    assert failed.value.code is FailureCode.CANCELLED
    assert len(pieces) == 5
    assert ask(model, "Well?", 4)[0] == "abc "


@pytest.mark.parametrize(
    "work",
    [Embed(["x"]), Generate([], 5), Generate([Turn("user", "x")], 0), Generate([Turn("user", "x")], -1)],
)
def test_other_work_is_not_understood(model: LlamaModel, work: Work) -> None:
    assert refused(model, work) is FailureCode.NOT_UNDERSTOOD


def test_a_model_without_a_template_is_refused(make_model: MakeModel) -> None:
    for template in (None, "", "{% for"):
        with pytest.raises(JobFailed) as failed:
            make_model(Tiny(template=template))
        assert failed.value.code is FailureCode.NO_TEMPLATE


def test_a_model_that_computes_no_numbers_is_damaged(
    model: LlamaModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model._context, "_suppressed", np.arange(model._vocabulary.size))
    assert refused(model, Generate([Turn("user", "Well?")], 5)) is FailureCode.MODEL_DAMAGED


@pytest.mark.parametrize("damage", ["missing", "empty", "text", "cut", "another kind"])
def test_a_file_that_is_no_whole_model_is_refused(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "model.gguf"
    write_tiny(path, Tiny())
    whole = path.read_bytes()
    match damage:
        case "missing":
            path.unlink()
        case "empty":
            path.write_bytes(b"")
        case "text":
            path.write_text("no model at all\n" * 100)
        case "cut":
            path.write_bytes(whole[: len(whole) // 2])
        case "another kind":
            path.write_bytes(whole.replace(b"general.architecture\x08\0\0\0\x05\0\0\0\0\0\0\0llama", b"x", 1))
    with pytest.raises(JobFailed) as failed:
        serve([path])
    assert failed.value.code is FailureCode.MODEL_DAMAGED


def test_tokens_the_model_forbids_are_not_written(make_model: MakeModel) -> None:
    model = make_model(Tiny())
    first = model._vocabulary.tokens(ask(model, "Well?", 1)[0])[0]
    model._context._suppressed = np.array([model._context.likeliest()])
    assert model._context.likeliest() != first


@pytest.mark.parametrize(("cores", "tried"), [(1, [1]), (2, [1]), (4, [1, 2, 3]), (16, [1, 2, 4, 8, 15])])
def test_one_core_is_left_to_others(monkeypatch: pytest.MonkeyPatch, cores: int, tried: list[int]) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)))
    assert threads.candidates(threads.free_cores()) == tried


def test_the_fewest_threads_that_are_as_fast_are_chosen() -> None:
    assert threads.fewest({1: 0.030, 2: 0.016, 4: 0.0155, 7: 0.021}) == 2
    assert threads.fewest({1: 0.001, 3: 0.040}) == 1


def test_trying_threads_takes_about_a_second_however_slow_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = count(step=0.4)  # every look at it is four tenths of a second later
    monkeypatch.setattr(threads.time, "perf_counter", lambda: next(clock))
    tried: list[int] = []
    threads.measured([1, 2, 4, 8], tried.append)
    assert set(tried) == {1}


def test_threads_are_tried_when_a_model_is_loaded_and_leave_no_trace(
    make_model: MakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = ask(make_model(Tiny()), "Well?")
    asked: list[tuple[int, int]] = []
    use = Context.use_threads

    def watched(self: Context, count: int, *, reading: int) -> None:
        asked.append((count, reading))
        use(self, count, reading=reading)

    monkeypatch.setattr(Context, "use_threads", watched)
    monkeypatch.setattr(threads, "free_cores", lambda: 2)
    model = make_model(Tiny())
    assert {count for count, _ in asked} == {1, 2}
    assert asked[-1] == (model.threads, 2)
    assert ask(model, "Well?") == plain


def test_bulk_is_not_understood(model: LlamaModel) -> None:
    with pytest.raises(JobFailed) as failed:
        list(model.run(Generate([Turn("user", "x")], 5), Bulk(b"x").data, going_on))
    assert failed.value.code is FailureCode.NOT_UNDERSTOOD
