"""find and ask through the real command, on the sample diary."""

import json

from diary.sample import questions
from tests.end_to_end.conftest import Home


def test_find_gives_hits_with_offsets_that_hold(read_home: Home) -> None:
    asked = questions()[0]
    found = read_home.json("--as-of", asked.as_of.isoformat(), "find", asked.question, "-n", "5")
    assert 0 < len(found["hits"]) <= 5
    assert found["ms"] > 0
    for hit in found["hits"]:
        assert read_home.json("read", str(hit["entry"]))["text"][hit["start"] : hit["end"]] == hit["text"]
    assert set(asked.evidence) & {hit["source_id"] for hit in found["hits"]}


def test_a_batch_answers_line_by_line_and_goes_on_after_a_bad_line(read_home: Home) -> None:
    asked = questions()[0]
    good = json.dumps({"q": asked.question, "as_of": asked.as_of.isoformat(), "n": 3})
    ran = read_home.run("--json", "find", "--batch", stdin=f"{good}\nnot json\n{good}\n")
    assert ran.status == 0
    first, second, third = (json.loads(line) for line in ran.out.splitlines())
    assert len(first["hits"]) == 3
    assert second["error"]["code"] == "usage"
    assert third["hits"] == first["hits"]


def test_every_demo_question_is_answered_from_the_right_entry_or_honestly_not_at_all(read_home: Home) -> None:
    lines = [json.dumps({"q": asked.question, "as_of": asked.as_of.isoformat()}) for asked in questions()]
    ran = read_home.run("--json", "ask", "--batch", "--no-summary", stdin="\n".join(lines) + "\n")
    answers = [json.loads(line) for line in ran.out.splitlines()]
    assert len(answers) == 5
    for asked, answer in zip(questions(), answers, strict=True):
        assert answer["answered"] == bool(asked.evidence)
        assert [number["value"] for number in answer["numbers"]] == [asked.value] * (asked.value is not None)
        if asked.evidence:
            assert set(asked.evidence) & {quote["source_id"] for quote in answer["quotes"]}
        else:
            assert answer["quotes"] == []
            assert answer["kind"] == "none"
            assert answer["nearest"]


def test_a_summary_cites_only_quotes_that_are_there(read_home: Home) -> None:
    asked = questions()[0]
    answer = read_home.json("--as-of", asked.as_of.isoformat(), "ask", asked.question)
    ids = {quote["id"] for quote in answer["quotes"]}
    summary = answer["summary"]
    assert summary["model"]
    assert summary["sentences"] or summary["dropped"]
    for sentence in summary["sentences"]:
        assert sentence["quotes"]
        assert set(sentence["quotes"]) <= ids
    assert answer["timing"]["first_token_ms"] is not None


def test_a_date_range_is_shown_and_kept_to(read_home: Home) -> None:
    found = read_home.json("--as-of", "2025-12-31", "find", "walk in March 2025")
    assert found["range"] == {"from": "2025-03-01", "to": "2025-03-31"}
    limited = read_home.json("find", "walk", "--from", "2025-06-01", "--to", "2025-06")
    assert limited["range"] == {"from": "2025-06-01", "to": "2025-06-30"}
    assert limited["hits"]
    assert all(hit["date"].startswith("2025-06") for hit in limited["hits"])
    whole = read_home.json("list", "--from", "2025", "--to", "2025")["entries"]
    assert len(whole) == len(read_home.json("list")["entries"])
    refused = read_home.run("--json", "list", "--from", "when pigs fly")
    assert (refused.status, refused.error["code"]) == (1, "time-not-understood")
