"""Filters and the query grammar through the real command, on a diary of a few lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.end_to_end.conftest import Home, furnished

ENTRIES = (
    ("2025-02-03T09:00+00:00", "Green tea on the ferry, and my head was pounding.", "note", ["sea"], False),
    ("2025-03-04T09:00+00:00", "Pounding rain, a sore head, black tea with Runa.", "note", ["home"], True),
    (
        "2025-04-05T09:00+00:00",
        "Spoken on the way: coffee with Runa. sleep:: 6h40m",
        "voice",
        ["home"],
        False,
    ),
    ("2025-05-06T09:00+00:00", "The ferry was late. weight:: 150 lb; pain:: 4/10", "note", ["Sea"], True),
)


@pytest.fixture(scope="module")
def ferry(tmp_path_factory: pytest.TempPathFactory, cheap: tuple[Path, str]) -> Home:
    home = furnished(Home(tmp_path_factory.mktemp("ferry")), cheap)
    lines = [
        {"id": str(number), "date": date, "text": text, "tags": tags, "starred": starred, "kind": kind}
        for number, (date, text, kind, tags, starred) in enumerate(ENTRIES, start=1)
    ]
    file = home.path / "ferry.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)))
    assert home.json("import", str(file))["added"] == len(ENTRIES)
    return home


def found(line: str) -> set[str]:
    return {hit["source_id"] for hit in json.loads(line)["hits"]}


FOUND = {
    '{"q":"ferry"}': {"1", "2", "3", "4"},
    '{"q":"\\"head was pounding\\""}': {"1"},
    '{"q":"“HEAD WAS pounding”"}': {"1"},
    '{"q":"pounding -\\"green tea\\""}': {"2", "3", "4"},
    '{"q":"tea -ferry"}': {"2", "3"},
    '{"q":"ferry tag:sea is:starred"}': {"4"},
    '{"q":"Runa kind:voice"}': {"3"},
    '{"q":"Runa","kind":"voice"}': {"3"},
    '{"q":"ferry","starred":true,"tag":"sea"}': {"4"},
    '{"q":"ferry","from":"2025-04","to":"2025-05"}': {"3", "4"},
    '{"q":"ferry from:2025-04 to:2025-04"}': {"3"},
    '{"q":"tea","phrases":["black tea"]}': {"2"},
    '{"q":"tea","without":["ferry"]}': {"2", "3"},
    '{"q":"ferry tag:nowhere"}': set(),
    '{"q":"Who had \\"tea on the moon\\"?"}': {"1", "2", "3", "4"},
    '{"q":""}': {"1", "2", "3", "4"},
    '{"q":"","n":1}': {"4"},
    '{"q":"tag:home -coffee"}': {"2"},
}
REFUSED = {
    '{"q":"x kind:dream"}': "usage",
    '{"q":"x","kind":"dream"}': "usage",
    '{"q":"x from:pigs"}': "time-not-understood",
    '{"q":"x is:lost"}': "usage",
    '{"q":"x","starred":"yes"}': "usage",
}


def test_a_batch_filters_by_words_and_fields_and_tells_what_it_does_not_understand(ferry: Home) -> None:
    ran = ferry.run("--json", "find", "--batch", stdin="\n".join([*FOUND, *REFUSED]) + "\n")
    lines = ran.out.splitlines()
    for (asked, expected), line in zip(FOUND.items(), lines, strict=False):
        assert found(line) == expected, asked
    errors = [json.loads(line)["error"] for line in lines[len(FOUND) :]]
    assert [error["code"] for error in errors] == list(REFUSED.values())
    assert "dream" in errors[0]["message"]
    assert "voice" in errors[0]["hint"]


def test_options_filter_too_and_nothing_found_says_under_which(ferry: Home) -> None:
    said = ferry.run("find", "tea", "--phrase", "herbal tea", "--starred")
    assert (said.status, "Nothing found with “herbal tea”, starred." in said.out) == (0, True)


def test_an_answer_keeps_to_the_filters_and_counts_what_was_imported(ferry: Home) -> None:
    lines = [
        {"q": "Who was there for coffee or tea?", "kind": "voice"},
        {"q": "What was my average sleep?"},
        {"q": "What was my lowest weight?"},
    ]
    ran = ferry.run(
        "--json", "ask", "--batch", "--no-summary", stdin="\n".join(map(json.dumps, lines)) + "\n"
    )
    spoken, sleep, weight = (json.loads(line) for line in ran.out.splitlines())
    quoted = [*spoken["quotes"], *spoken.get("nearest", [])]
    assert {quote["source_id"] for quote in quoted} <= {"3"}
    assert [(number["value"], number["unit"]) for number in sleep["numbers"]] == [(400, "min")]
    assert [(number["value"], number["unit"]) for number in weight["numbers"]] == [
        (pytest.approx(68.0388555, abs=1e-5), "kg")
    ]


def test_writing_says_what_was_read_and_asks_about_what_is_unlikely(home: Home) -> None:
    said = home.run("write", "Up late. sleep:: 6h40m; weight:: 742 kg; med:: zinc 15 mg; bp:: 124/79")
    assert said.status == 0
    for words in (
        "sleep 6 h 40 m",
        "med zinc 15 mg",
        "bp systolic 124 mmHg",
        "Is “742 kg” right for weight?",
    ):
        assert words in " ".join(said.out.split())


def test_an_edit_says_what_is_read_now_and_what_is_no_number(home: Home) -> None:
    entry = home.json("write", "Slept. sleep:: 6h40m; mood:: 5/10")["entry"]
    edited = home.json("edit", str(entry), "Slept well. sleep:: 8h")
    assert [(read["key"], read["value"]) for read in edited["observations"]] == [("sleep", 480)]
    said = " ".join(home.run("edit", str(entry), "Slept. sleep:: 9h; mood:: 14/10").out.split())
    for words in ("Read: sleep 9 h", "“14/10” is no number for mood", f"diary edit {entry} -"):
        assert words in said
    assert "Read" not in home.run("edit", str(entry), "--tag", "night").out
