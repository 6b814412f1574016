"""A result belongs to one model's bytes and one exam, and where that is asked only a passed one may write."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from diary.model.answer import Exam
from diary.model_store import exams
from diary.model_store.exams import ExamResult, result_of, take, trust_in
from retrieval.composing import Trust
from retrieval.exam.items import the_exam
from retrieval.prompting import Manner
from tests.models import NOW
from tests.tiny_gguf import Tiny, tiny_folder
from tests.unit.retrieval.test_exam import DECLINE, NOTE, Candidate, parts, scholar


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exam's first and last items."""
    whole = the_exam()
    monkeypatch.setattr(exams, "the_exam", lambda: replace(whole, items=(whole.items[0], whole.items[-1])))


@pytest.mark.usefixtures("short")
def test_a_real_model_sits_the_exam_and_the_result_is_kept_for_its_bytes(tmp_path: Path) -> None:
    model = tiny_folder(tmp_path / "tiny", Tiny(says="helo"))
    assert result_of(model, tmp_path) is None
    result = take(model, tmp_path, now=NOW)
    assert result_of(model, tmp_path) == result
    assert (result.outcome, result.grounding, result.abstention) == (Exam.FAILED, 0, 1)
    assert result.model == model.manifest.files[0].sha256
    assert "Question" not in (tmp_path / "exams" / f"{result.model}.json").read_text()
    other = tiny_folder(tmp_path / "other", Tiny(says="other"))
    assert result_of(other, tmp_path) is None


def passed(**changes: object) -> ExamResult:
    shares = {"grounding": 0.8, "abstention": 0.9, "format": 0.9}
    counts = {"answerable": 26, "unanswerable": 26, "written": 56}
    given = {"model": "", "exam": the_exam().version, "manner": Manner.MAY_DECLINE, "taken": ""}
    return ExamResult(**{**shares, **counts, **given, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({}, Exam.PASSED),
        ({"grounding": 0.79}, Exam.FAILED),
        ({"abstention": 0.89}, Exam.FAILED),
        ({"format": 0.89}, Exam.FAILED),
    ],
)
def test_all_three_marks_are_needed(change: dict[str, object], outcome: Exam) -> None:
    assert passed(**change).outcome is outcome


@pytest.mark.parametrize(
    "change",
    [
        {"exam": "1-of another exam"},
        {"model": "0" * 64},
        {"grounding": 7},
        {"manner": "by force"},
        {"written": "many"},
    ],
    ids=str,
)
def test_a_result_of_something_else_or_nonsense_is_none(tmp_path: Path, change: dict[str, object]) -> None:
    model = tiny_folder(tmp_path / "tiny", Tiny())
    key = model.manifest.files[0].sha256
    exams._keep(passed(model=key), tmp_path)
    assert trust_in(model, tmp_path, examined_only=True).refusal is None
    path = tmp_path / "exams" / f"{key}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert result_of(model, tmp_path) is None
    assert trust_in(model, tmp_path, examined_only=True).exam is Exam.NONE
    for text in ("", "{", "[]", "[" * 70_000):
        path.write_text(text)
        assert result_of(model, tmp_path) is None


def test_a_model_is_asked_as_it_was_examined(tmp_path: Path) -> None:
    model = tiny_folder(tmp_path / "tiny", Tiny())
    exams._keep(passed(model=model.manifest.files[0].sha256), tmp_path)
    assert trust_in(model, tmp_path, examined_only=False) == Trust(
        exam=Exam.PASSED, manner=Manner.MAY_DECLINE
    )
    exams.forget(model, tmp_path)
    assert trust_in(model, tmp_path, examined_only=False) == Trust()
    assert trust_in(None, tmp_path, examined_only=False) == Trust()


def test_a_way_out_is_kept_for_who_takes_it_rightly_and_withheld_from_who_always_does() -> None:
    manner, scores = exams.examined(Candidate(scholar))
    assert (manner, scores.passed) == (Manner.MAY_DECLINE, True)

    class Easy(Candidate):
        """Takes the way out whenever there is one."""

        def stream(self, messages, *, max_tokens):  # type: ignore[no-untyped-def]
            offered = DECLINE in messages[-1].content
            note, question = NOTE.search(messages[-1].content).groups()  # type: ignore[union-attr]
            question = question.split("\n")[0]
            yield DECLINE if offered else parts(note)[0]

    manner, scores = exams.examined(Easy(scholar))
    assert (manner, scores.passed) == (Manner.RETELL, False)
    assert scores.grounding > 0.5


@pytest.mark.parametrize(("exam", "says"), [(Exam.FAILED, "did not pass"), (Exam.NONE, "has not sat")])
def test_who_must_be_examined_and_is_not_is_told_so(exam: Exam, says: str) -> None:
    assert says in str(Trust(exam=exam, examined_only=True).refusal)
    assert Trust(exam=exam).refusal is None
    assert Trust(exam=Exam.PASSED, examined_only=True).refusal is None
