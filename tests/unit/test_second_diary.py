"""The second diary's right answers stand on their own: its numbers are recomputed, its evidence exists."""

import json
from pathlib import Path
from typing import Any

from tests.eval.second_diary import calc

FOLDER = Path(calc.__file__).parent


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]


def test_its_numbers_are_those_worked_out_apart_from_the_program() -> None:
    assert calc.main(["--check"]) == 0


def test_every_question_with_an_answer_names_evidence_that_exists_and_no_other_does() -> None:
    entries = {entry["id"] for entry in lines("diary.jsonl")}
    questions = lines("questions.jsonl")
    assert len({question["id"] for question in questions}) == len(questions) > 130
    for question in questions:
        assert bool(question["gold_ids"]) is question["answerable"]
        assert set(question["gold_ids"]) <= entries
