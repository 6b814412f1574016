"""Numbers and follow-up questions through the real command, on the sample diary."""

import json
from statistics import fmean

from diary.sample import diary_file
from tests.end_to_end.conftest import Home

AS_OF = "2025-12-31"


def minutes_of_sleep(month: str) -> list[float]:
    """The sample's `sleep:: 6h20m` of a month, read here by other means than the diary's."""
    found = []
    for line in diary_file().read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        for field in entry["text"].splitlines() if entry["date"].startswith(month) else ():
            if field.startswith("sleep:: "):
                hours, _, minutes = field.removeprefix("sleep:: ").partition("h")
                found.append(60 * int(hours) + int(minutes.rstrip("m") or 0))
    return found


def test_a_batch_computes_numbers_and_a_line_may_follow_up_the_one_before(read_home: Home) -> None:
    lines = (
        {"q": "What was my average sleep in March?"},
        {"q": "and in June?", "follow": True},
        {"q": "and the longest?", "follow": True},
        {"q": "Compare my sleep in March with June"},
        {"q": "What did I weigh on 3 March?"},
    )
    stdin = "".join(f"{json.dumps(line)}\n" for line in lines)
    ran = read_home.run("--json", "--as-of", AS_OF, "ask", "--batch", "--no-summary", stdin=stdin)
    march, june, longest, compared, none = (json.loads(line) for line in ran.out.splitlines())
    in_march, in_june = minutes_of_sleep("2025-03"), minutes_of_sleep("2025-06")
    number = march["numbers"][0]
    assert (march["answered"], march["kind"]) == (True, "numbers")
    assert (number["metric"], number["fn"], number["unit"], number["n"]) == (
        "sleep",
        "mean",
        "min",
        len(in_march),
    )
    assert number["value"] == round(fmean(in_march), 6)
    assert (number["from"], number["to"]) == ("2025-03-01", "2025-03-31")
    assert number["missing_days"] == 31 - len(in_march)
    assert {quote["entry"] for quote in march["quotes"]} <= set(number["entries"])
    assert june["question"] == "What was my average sleep in June?"
    assert june["numbers"][0]["value"] == round(fmean(in_june), 6)
    assert longest["numbers"][0]["value"] == max(in_june)
    assert [one["fn"] for one in compared["numbers"]] == ["difference", "mean", "mean"]
    assert compared["numbers"][0]["value"] == round(fmean(in_june) - fmean(in_march), 6)
    assert (none["answered"], none["numbers"][0]["value"]) == (False, None)
    assert none["numbers"][0]["why"].startswith("Not enough data")


def test_a_number_is_said_first_and_the_notes_it_rests_on_after_it(read_home: Home) -> None:
    ran = read_home.run("--as-of", AS_OF, "ask", "What was my average sleep in March?")
    first = ran.out.splitlines()[0]
    assert first.startswith("Mean sleep 5 h 50 m, from 5 notes, 1 Mar 2025 to 31 Mar 2025")
    assert ran.out.index("From these notes:") < ran.out.index("“sleep:: ")
