"""What a model thinks is never given out, whichever way it comes and however it is cut into pieces."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diary.engine.messages import Busy, Done, FailureCode, Generate, Piece, Turn
from diary.engine.service import JobFailed
from retrieval.engines.llama_model import LlamaModel
from retrieval.engines.thoughts import MARKS, Thoughts
from tests.tiny_gguf import CHATML, Tiny, write_tiny

THINKING = CHATML + "{% if enable_thinking %}<think>{% endif %}"


def said(thoughts: Thoughts, pieces: list[str]) -> str:
    return "".join(map(thoughts.feed, pieces)) + thoughts.rest()


@pytest.mark.parametrize(
    ("tail", "written", "answer"),
    [
        ("", "Slept well.", "Slept well."),
        ("", "<think>\nHm. 3 < 4\n</think>\n\nSlept well.", "Slept well."),
        ("<think>\n", "Hm.\n</think>\n\nSlept well.", "Slept well."),
        ("<think>\n\n</think>\n\n", "Slept well.", "Slept well."),
        ("", "<|channel>thought\nHm.<channel|>Slept well.", "Slept well."),
        ("<|channel>thought\n<channel|>", "Slept well.", "Slept well."),
        ("", "[THINK]Hm.[/THINK]Slept well.", "Slept well."),
        ("", "<think>one</think>A <think>two</think>B", "A B"),
        ("", "<think>never ends", ""),
        ("<think>", "", ""),
        ("", "3 < 4 and <thin", "3 < 4 and <thin"),
        ("", "  Slept.", "  Slept."),
        ("", "</think> Slept.", "</think> Slept."),
    ],
)
def test_the_answer_is_what_is_left(tail: str, written: str, answer: str) -> None:
    assert said(Thoughts(tail), [written]) == answer
    assert said(Thoughts(tail), list(written)) == answer


FRAGMENTS = st.lists(
    st.sampled_from([*MARKS, *MARKS.values(), "<", "<th", "ink>", "|>", "[", "calm", " "]), max_size=10
).map("".join)


@given(FRAGMENTS, st.lists(st.integers(0, 60), max_size=8))
def test_pieces_make_no_difference(written: str, cuts: list[int]) -> None:
    places = sorted({0, *(cut for cut in cuts if cut < len(written)), len(written)})
    pieces = [written[start:end] for start, end in pairwise(places)]
    answer = said(Thoughts(""), pieces)
    assert answer == said(Thoughts(""), [written])


def model_of(tmp_path: Path, says: str, template: str = THINKING, *, endless: bool = False) -> LlamaModel:
    path = tmp_path / "tiny.gguf"
    write_tiny(path, Tiny(says=says, template=template, endless=endless))
    return LlamaModel(path)


def run(model: LlamaModel, most: int, thoughts: int) -> tuple[str, Done, int]:
    *pieces, done = model.run(Generate([Turn("user", "Well?")], most, thoughts), b"", lambda: False)
    assert isinstance(done, Done)
    text = "".join(piece.text for piece in pieces if isinstance(piece, Piece))
    return text, done, sum(isinstance(piece, Busy) for piece in pieces)


def test_a_model_that_is_let_think_thinks_no_longer_than_it_is_let(tmp_path: Path) -> None:
    """It would never end by itself: code writes the end of the thought, and the answer has its own tokens."""
    text, done, busy = run(model_of(tmp_path, "abcdef", endless=True), 5, 12)
    assert busy == 12
    assert done.generated == 5
    assert len(text) == 5


def test_without_leave_to_think_the_template_is_told_so(tmp_path: Path) -> None:
    text, done, busy = run(model_of(tmp_path, "abc"), 10, 0)
    assert (text, done.generated, busy) == ("abc", 3, 0)


def test_a_template_that_thinks_whatever_it_is_told_gets_no_thoughts(tmp_path: Path) -> None:
    text, done, busy = run(model_of(tmp_path, "abc", CHATML + "<think>"), 10, 0)
    assert busy == 0
    assert "think" not in text
    assert done.generated <= 10


def test_a_model_that_thinks_again_and_again_comes_to_an_end(tmp_path: Path) -> None:
    text, done, _ = run(model_of(tmp_path, "<think>", CHATML, endless=True), 400, 0)
    assert text == ""
    assert done.generated < 60


def test_a_prompt_with_thoughts_that_does_not_fit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    model = model_of(tmp_path, "abc")
    with pytest.raises(JobFailed) as refused:
        run(model, 10, 4090)
    assert refused.value.code is FailureCode.PROMPT_TOO_LONG
    assert model._context.held == []
