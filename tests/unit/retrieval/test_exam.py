"""The exam can be passed by whoever answers from the notes, and by no short cut."""

import re
from collections.abc import Callable, Iterator, Sequence

import pytest

from diary.errors import EngineFailed, Stopped
from diary.model.progress import Progress
from retrieval.exam.items import Exam, Item, the_exam
from retrieval.exam.scoring import (
    LEAST_ABSTENTION,
    LEAST_FORMAT,
    LEAST_GROUNDING,
    Scores,
    may_still_pass,
    score,
)
from retrieval.exam.sitting import sit
from retrieval.ports import ChatMessage
from retrieval.prompting import Manner, addresses_a_model
from retrieval.sentences import sentences
from tests.fakes.guard import refuse_outside_tests

EXAM: Exam = the_exam()
NOTE = re.compile(r"<note[^>]*>\n(.*)\n</note>\nQuestion: ([^\n]*)", re.S)
DECLINE = "The note does not say."


class Candidate:
    """A model that does one thing with a note and a question."""

    def __init__(self, does: Callable[[str, str], str]) -> None:
        refuse_outside_tests()
        self._does = does

    @property
    def model(self) -> str:
        return "candidate"

    def stream(self, messages: Sequence[ChatMessage], *, max_tokens: int) -> Iterator[str]:
        found = NOTE.search(messages[-1].content)
        assert found is not None
        yield from re.findall(r"\S+\s*", self._does(*found.groups()))


def parts(note: str) -> list[str]:
    return [note[span.start : span.end] for span in sentences(note)]


def item_of(question: str) -> Item:
    return next(item for item in EXAM.items if item.question == question)


def scholar(note: str, question: str) -> str:
    """Copies the sentence that has a gold word; else says that the note does not say."""
    gold = [way.casefold() for ways in item_of(question).gold for way in ways]
    best = max(parts(note), key=lambda told: sum(way in told.casefold() for way in gold))
    return best if any(way in best.casefold() for way in gold) else DECLINE


def sat_by(does: Callable[[str, str], str]) -> Scores:
    return score(sit(EXAM.items, Candidate(does)))


def test_it_has_forty_items_and_half_cannot_be_answered() -> None:
    assert len(EXAM.items) >= 40
    assert 2 * sum(not item.answerable for item in EXAM.items) >= len(EXAM.items)
    assert len({item.id for item in EXAM.items}) == len(EXAM.items)
    assert len({item.question for item in EXAM.items}) >= len(EXAM.items) - 1


def test_it_covers_what_models_get_wrong() -> None:
    answerable = {item.kind for item in EXAM.items if item.answerable}
    others = {item.kind for item in EXAM.items if not item.answerable}
    assert answerable >= {
        *("fact", "number", "date", "name", "negation", "two notes", "distractor", "wrong person"),
        *("injection", "arithmetic"),
    }
    assert others >= {"attribute", "other person", "other time", "injection", "arithmetic"}
    assert {item.language for item in EXAM.items} == {"en", "de", "es", "fr"}


def test_every_item_reaches_the_model_and_holds_its_gold() -> None:
    for item in EXAM.items:
        told = " ".join(quote.text for quote in item.quotes()).casefold()
        assert not addresses_a_model(told), item.id
        assert all(any(way.casefold() in told for way in ways) for ways in item.gold), item.id
        assert len(item.quotes()) <= 3


def test_whoever_answers_from_the_notes_and_only_from_them_passes() -> None:
    scores = sat_by(scholar)
    assert (scores.grounding, scores.abstention, scores.format) == (1, 1, 1)
    assert scores.passed


@pytest.mark.parametrize(
    ("does", "weak"),
    [
        (lambda note, question: parts(note)[0], "abstention"),
        (lambda note, question: DECLINE, "grounding"),
        (lambda note, question: "The answer is certainly forty-two.", "grounding"),
        (lambda note, question: question, "grounding"),
        (lambda note, question: "", "format"),
        (lambda note, question: scholar(note, question).replace(".", " [q9]."), "format"),
        (lambda note, question: scholar(note, question).rstrip(".") + "\nQuestion", "format"),
    ],
    ids=["parrot", "mute", "inventor", "echo", "silent", "cites another", "does not end"],
)
def test_no_short_cut_passes(does: Callable[[str, str], str], weak: str) -> None:
    scores = sat_by(does)
    assert not scores.passed
    least = {"grounding": LEAST_GROUNDING, "abstention": LEAST_ABSTENTION, "format": LEAST_FORMAT}
    assert getattr(scores, weak) < least[weak]


def test_a_model_that_follows_a_notes_instruction_or_does_the_sum_is_not_grounded_there() -> None:
    def obedient(note: str, question: str) -> str:
        if "castle" in note:
            return "I inherited a castle."
        return "I took 600 mg of ibuprofen." if "ibuprofen" in note else scholar(note, question)

    assert sat_by(obedient).grounding == pytest.approx((26 - 2) / 26)


def test_what_cannot_be_passed_any_more_is_known_early() -> None:
    sat = sit(
        EXAM.items,
        Candidate(lambda note, question: DECLINE),
        enough=lambda so_far: not may_still_pass(so_far, EXAM.items),
    )
    assert len(sat) == 6  # of 26 that are answered, five may be missed
    whole = sit(EXAM.items, Candidate(scholar))
    assert all(may_still_pass(whole[:count], EXAM.items) for count in range(len(whole) + 1))


def test_a_model_is_asked_in_the_manner_that_is_examined() -> None:
    asked: list[str] = []

    class Listening(Candidate):
        def stream(self, messages: Sequence[ChatMessage], *, max_tokens: int) -> Iterator[str]:
            asked.append(messages[-1].content)
            return super().stream(messages, max_tokens=max_tokens)

    sit(EXAM.items[:1], Listening(scholar), manner=Manner.MAY_DECLINE)
    sit(EXAM.items[:1], Listening(scholar))
    assert [DECLINE in content for content in asked] == [True, False]


def test_progress_is_told_and_a_stop_is_heard() -> None:
    told: list[Progress] = []
    sit(EXAM.items[:2], Candidate(scholar), report=told.append)
    assert [(one.done, one.total) for one in told] == [(0, 2), (1, 2), (2, 2)]
    with pytest.raises(Stopped):
        sit(EXAM.items, Candidate(scholar), cancelled=lambda: True)


def test_a_model_that_fails_ends_the_exam_and_is_not_scored() -> None:
    def fails(_note: str, _question: str) -> str:
        raise EngineFailed("The process failed.")

    with pytest.raises(EngineFailed) as failed:
        sit(EXAM.items, Candidate(fails))
    assert "diary models exam" in failed.value.hint
    assert not score([]).passed
