"""What was read is not read again: states of notes, in memory, the least used given up first."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from diary.engine.messages import Done, FailureCode, Generate, Piece, Turn
from diary.engine.service import JobFailed
from retrieval.engines.llama_library import common_beginning
from retrieval.engines.llama_model import LlamaModel
from retrieval.engines.saved_states import SavedState, SavedStates
from tests.tiny_gguf import Tiny, write_tiny

MakeModel = Callable[..., LlamaModel]


def notes(word: str) -> str:
    return "".join(f"[{day} May] {word} by the river, {day} km. " for day in range(1, 29))


WALKED, RAN, SWAM = notes("Walked"), notes("Ran"), notes("Swam")


@pytest.fixture(scope="module")
def make_model(tmp_path_factory: pytest.TempPathFactory) -> MakeModel:
    folder, numbers = tmp_path_factory.mktemp("models"), count()

    def make(**kind: bool) -> LlamaModel:
        path: Path = folder / f"{next(numbers)}.gguf"
        write_tiny(path, Tiny(**kind))
        return LlamaModel(path)

    return make


def ask(model: LlamaModel, text: str, cancelled: Callable[[], bool] = lambda: False) -> tuple[str, Done]:
    *pieces, done = model.run(Generate([Turn("user", text)], 8), b"", cancelled)
    assert isinstance(done, Done)
    return "".join(piece.text for piece in pieces if isinstance(piece, Piece)), done


def state(tokens: list[int], size: int = 100) -> SavedState:
    return SavedState(tuple(tokens), np.zeros(size, np.uint8))


def test_notes_asked_about_before_others_are_not_read_again(make_model: MakeModel) -> None:
    model = make_model()
    first = {text: ask(model, text + "How far?")[0] for text in (WALKED, RAN, SWAM)}
    for text in (WALKED, SWAM, RAN):
        _, done = ask(model, text + "And when?")
        assert done.reused > 0.9 * (done.reused + done.evaluated)
    for text in (SWAM, WALKED):
        assert ask(model, text + "How far?")[0] == first[text]


def test_a_restored_state_says_what_a_fresh_one_says(make_model: MakeModel) -> None:
    warm = make_model()
    ask(warm, WALKED + "How far?")
    ask(warm, RAN + "How far?")
    text, done = ask(warm, WALKED + "And in April?")
    assert done.reused
    assert text == ask(make_model(), WALKED + "And in April?")[0]


def test_a_network_that_cannot_forget_a_part_says_the_same_as_a_fresh_one(make_model: MakeModel) -> None:
    """And from the third question on the same notes on, it reads them no more."""
    model = make_model(recurrent=True)
    assert not model._context.forgets_parts
    questions = ("How far?", "And when?", "Who was there?", "How far?")
    said = [ask(model, WALKED + question) for question in questions]
    assert [done.reused > 0 for _, done in said] == [False, False, True, True]
    for question, (text, _) in zip(questions, said, strict=True):
        assert text == ask(make_model(recurrent=True), WALKED + question)[0]
    assert len({text for text, _ in said}) > 1


def test_a_stop_while_states_change_places_leaves_them_right(make_model: MakeModel) -> None:
    model = make_model()
    ask(model, WALKED + "How far?")
    asked = count()
    with pytest.raises(JobFailed) as stopped:
        ask(model, RAN + "How far?", lambda: next(asked) > 30)
    assert stopped.value.code is FailureCode.CANCELLED
    assert ask(model, WALKED + "And when?")[1].reused > 100
    assert ask(model, RAN + "How far?")[0] == ask(make_model(), RAN + "How far?")[0]


def test_states_take_no_more_bytes_than_they_may() -> None:
    states = SavedStates(350)
    for number in range(6):
        states.keep(state([number, 1, 2]))
        assert states.size <= 350
    assert [states.best([number, 1, 2], whole=False)[1] for number in range(6)] == [0, 0, 0, 3, 3, 3]
    states.keep(state([9], size=351))
    assert states.best([9], whole=False) == (None, 0)


def test_the_state_longest_unused_goes_first() -> None:
    states = SavedStates(250)
    states.keep(state([1, 1]))
    states.keep(state([2, 2]))
    assert states.best([1, 1], whole=False)[1] == 2
    states.keep(state([3, 3]))
    assert states.best([2, 2], whole=False)[1] == 0
    assert states.best([1, 1], whole=False)[1] == 2


def test_a_newer_state_of_the_same_notes_replaces_the_older() -> None:
    states = SavedStates(10_000)
    states.keep(state([*range(100), 7]))
    states.keep(state([*range(100), 8, 9]))
    assert states.size == 100
    states.keep(state([*range(50), *range(500, 550)]))
    assert states.size == 200


def test_the_nearest_state_is_found_and_a_whole_one_where_it_must_be() -> None:
    states = SavedStates(10_000)
    states.keep(state([1, 2, 3, 4, 5, 6]))
    states.keep(state([1, 2, 9]))
    best, common = states.best([1, 2, 3, 4, 8, 8], whole=False)
    assert (best and best.tokens, common) == ((1, 2, 3, 4, 5, 6), 4)
    assert states.best([1, 2, 3, 4, 8, 8], whole=True) == (None, 0)
    assert states.best([1, 2, 9, 8], whole=True)[1] == 3


@pytest.mark.parametrize(
    ("first", "second", "common"),
    [
        ([], [1], 0),
        ([1, 2], [1, 2, 3], 2),
        ([1, 2, 3], [1, 2], 2),
        ([1, 2], [2, 1], 0),
        ([1, 5, 2], [1, 4, 2], 1),
    ],
)
def test_the_common_beginning(first: list[int], second: list[int], common: int) -> None:
    assert common_beginning(first, second) == common
