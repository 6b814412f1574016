"""plan and review through the real command; few runs, since each unlocks a vault and some start an engine."""

import json
import stat

from tests.end_to_end.conftest import Home

NOTES = [
    {
        "date": "2025-03-01T20:00:00+00:00",
        "text": "The surgeon will do my knee on 2 April at 7.30. I must ring the insurer.",
    },
    {"date": "2025-03-04T20:00:00+00:00", "text": "Dentist on Thursday week at 8.50."},
    {"date": "2025-03-06T20:00:00+00:00", "text": "Rang the insurer, twenty minutes of harp music."},
]


def test_a_period_is_reviewed_and_a_plan_quoted_saved_edited_and_exported_once(home: Home) -> None:
    file = home.path / "notes.jsonl"
    file.write_text("".join(json.dumps(note) + "\n" for note in NOTES), encoding="utf-8")
    assert home.json("import", str(file))["added"] == 3
    said = home.run("--as-of", "2025-03-31", "review", "March", "2025").out
    assert "“I must ring the insurer.”\n    Later notes show it:" in said
    assert "“Rang the insurer, twenty minutes of harp music.”" in said

    calendar = home.path / "plan.ics"
    made = home.json("--as-of", "2025-03-07", "plan", "my knee", "--save", "--ics", str(calendar))
    assert [(item["due"], item["at"], item["for_goal"]) for item in made["items"]] == [
        ("2025-03-13", "08:50", False),
        ("2025-04-02", "07:30", True),
    ]
    texts = {quote["text"] for item in made["items"] for quote in item["quotes"]}
    assert texts == {"Dentist on Thursday week at 8.50.", "The surgeon will do my knee on 2 April at 7.30."}
    content = calendar.read_bytes()
    assert b"DTSTART:20250402T073000\r\n" in content
    assert stat.S_IMODE(calendar.stat().st_mode) == 0o600
    again = home.run("--json", "plan", "my knee", "--ics", str(calendar))
    assert (again.status, again.error["code"], calendar.read_bytes()) == (1, "file-exists", content)

    entry = str(made["entry"])
    line = "- [x] 2025-04-03 08:00 the knee, a day later (appointment, entry 1)\n"
    edited = home.json("edit", entry, "-", stdin=line)
    assert (edited["kind"], edited["title"]) == ("plan", "Plan: my knee")
    (item,) = home.json("plan", "--entry", entry)["items"]
    assert (item["due"], item["at"], item["done"], item["entries"]) == ("2025-04-03", "08:00", True, [1])


def test_an_export_that_cannot_be_leaves_nothing(home: Home) -> None:
    file = home.path / "plan.ics"
    refused = home.run("--json", "plan", "--ics", str(file))
    assert (refused.status, refused.error["code"], file.exists()) == (2, "usage", False)
