"""The numbers the second diary's questions expect, worked out apart from the program's own code.

    python tests/eval/second_diary/calc.py [--check]

Reads `diary.jsonl` with one regular expression and the standard library. A value ends at a line end, a
closing bracket, `;` or `|`; of a value only the leading figure and the unit behind it count. Figures told in
prose are not observations. `--check` compares with `questions.jsonl`, whose `calc` names the line here; exit
code 0 means all agree.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
from pathlib import Path

HERE = Path(__file__).parent
OBSERVED = re.compile(r"(?<!\w)([A-Za-z0-9_]+)::[ \t]*([^\n;|\]\)]+)")
GLUCOSE_MG_DL = 18.016  # one mmol/L of glucose in mg/dL
POUND_IN_KG = 0.45359237
FIRST, LAST = "2025-03-02", "2026-03-01"

Row = tuple[str, str, float]  # entry id, local date, value


def _value(key: str, text: str) -> float:
    text = text.strip().replace("£", "")
    if key == "sleep":
        hours = re.match(r"(\d+(?:\.\d+)?) ?h(?:ours)?\b ?", text) or re.match(r"(\d+)h", text)
        assert hours, text
        minutes = re.match(r"(\d+) ?m", text[hours.end() :].strip())
        return float(hours[1]) * 60 + (float(minutes[1]) if minutes else 0)
    found = re.match(r"(\d+(?:[.,]\d+)?)", text)
    assert found, text
    figure = float(found[1].replace(",", "."))
    if key == "glucose" and "mg/dL" in text:
        figure /= GLUCOSE_MG_DL
    if key == "weight" and re.search(r"\d ?lb", text):
        figure *= POUND_IN_KG
    return figure


def rows(key: str, first: str = FIRST, last: str = LAST) -> list[Row]:
    """Observations of `key` from `first` to `last`, both days included, oldest first."""
    kept = []
    for line in (HERE / "diary.jsonl").read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        day = entry["date"][:10]
        if first <= day <= last:
            for name, text in OBSERVED.findall(entry["text"]):
                wanted = "bp" if key == "diastolic" else key
                if name.lower() == wanted:
                    text = text.split("/")[1] if key == "diastolic" else text
                    kept.append((entry["id"], day, _value(key, text)))
    return kept


def _of(function, kept: list[Row]) -> tuple[float, list[str]]:  # type: ignore[no-untyped-def]
    return function([value for _, _, value in kept]), [name for name, _, _ in kept]


def _extreme(pick, kept: list[Row]) -> tuple[float, list[str]]:  # type: ignore[no-untyped-def]
    best = pick(value for _, _, value in kept)
    return best, [name for name, _, value in kept if value == best]


def _change(kept: list[Row]) -> tuple[float, list[str]]:
    return kept[-1][2] - kept[0][2], [name for name, _, _ in kept]


def _difference(one: list[Row], other: list[Row]) -> tuple[float, list[str]]:
    a, b = _of(statistics.mean, one), _of(statistics.mean, other)
    return b[0] - a[0], a[1] + b[1]


def _doses(start: str) -> list[Row]:
    kept = []
    for line in (HERE / "diary.jsonl").read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        for name, text in OBSERVED.findall(entry["text"]):
            if name == "med" and text.strip().lower().startswith(start):
                kept.append((entry["id"], entry["date"][:10], 1.0))
    return kept


def _above(kept: list[Row], bound: float) -> list[Row]:
    return [row for row in kept if row[2] > bound]


def _below(kept: list[Row], bound: float) -> list[Row]:
    return [row for row in kept if row[2] < bound]


CALCULATIONS = {
    "glucose_april": lambda: _of(statistics.mean, rows("glucose", "2025-04-01", "2025-04-30")),
    "glucose_high": lambda: _extreme(max, rows("glucose")),
    "glucose_low": lambda: _extreme(min, rows("glucose")),
    "glucose_count": lambda: _of(len, rows("glucose")),
    "glucose_above_10": lambda: _of(len, _above(rows("glucose"), 10)),
    "glucose_spring_summer": lambda: _difference(
        rows("glucose", "2025-03-01", "2025-05-31"), rows("glucose", "2025-06-01", "2025-08-31")
    ),
    "weight_low": lambda: _extreme(min, rows("weight")),
    "weight_high_since_october": lambda: _extreme(max, rows("weight", "2025-10-01")),
    "weight_change": lambda: _change(rows("weight")),
    "weight_february_2026": lambda: _of(statistics.mean, rows("weight", "2026-02-01", "2026-02-28")),
    "weight_march_june": lambda: _difference(
        rows("weight", "2025-03-01", "2025-03-31"), rows("weight", "2025-06-01", "2025-06-30")
    ),
    "weight_before_after_trip": lambda: _difference(
        rows("weight", "2025-10-05", "2025-10-05"), rows("weight", "2025-10-20", "2025-10-20")
    ),
    "weight_under_91": lambda: _of(len, _below(rows("weight"), 91)),
    "weight_since_dapagliflozin": lambda: _change(rows("weight", "2025-04-08")),
    "sleep_short": lambda: _extreme(min, rows("sleep")),
    "sleep_long": lambda: _extreme(max, rows("sleep")),
    "sleep_mean": lambda: _of(statistics.mean, rows("sleep")),
    "sleep_under_5": lambda: _of(len, _below(rows("sleep"), 300)),
    "sleep_halves": lambda: _difference(
        rows("sleep", "2025-03-01", "2025-08-31"), rows("sleep", "2025-09-01", "2026-02-28")
    ),
    "systolic_since_entresto": lambda: _of(statistics.mean, rows("bp", "2025-06-24")),
    "systolic_before_bisoprolol": lambda: _of(statistics.mean, rows("bp", "2025-03-01", "2025-03-24")),
    "glucose_in_boot": lambda: _of(statistics.mean, rows("glucose", "2025-07-11", "2025-08-08")),
    "weight_on_dapagliflozin_day": lambda: _of(statistics.mean, rows("weight", "2025-04-08", "2025-04-08")),
    "walk_after_boot": lambda: _of(sum, rows("walk", "2025-08-09", "2025-09-08")),
    "diastolic_mean": lambda: _of(statistics.mean, rows("diastolic")),
    "systolic_high": lambda: _extreme(max, rows("bp")),
    "systolic_change": lambda: _change(rows("bp")),
    "pulse_low": lambda: _extreme(min, rows("pulse")),
    "pulse_trend": lambda: _change(rows("pulse")),
    "spent_2025": lambda: _of(sum, rows("spent", "2025-03-01", "2025-12-31")),
    "spent_all": lambda: _of(sum, rows("spent")),
    "carer_sum_september": lambda: _of(sum, rows("carer_hours", "2025-09-01", "2025-09-30")),
    "carer_count": lambda: _of(len, rows("carer_hours")),
    "walk_sum": lambda: _of(sum, rows("walk")),
    "walk_long": lambda: _extreme(max, rows("walk")),
    "walk_compare": lambda: _difference(
        rows("walk", "2025-04-03", "2025-04-03"), rows("walk", "2026-02-14", "2026-02-14")
    ),
    "off_mean": lambda: _of(statistics.mean, rows("pilar_off")),
    "off_since_timing": lambda: _difference(
        rows("pilar_off", "2025-03-01", "2025-08-15"), rows("pilar_off", "2025-08-16", "2026-02-28")
    ),
    "falls_sum": lambda: _of(sum, [row for row in rows("falls") if row[2]]),
    "hba1c_trend": lambda: _change(rows("hba1c")),
    "hba1c_march_june": lambda: _difference(
        rows("hba1c", "2025-03-01", "2025-03-31"), rows("hba1c", "2025-06-01", "2025-06-30")
    ),
    "mood_tens": lambda: _of(len, [row for row in rows("mood") if row[2] == 10]),
    "mood_halves": lambda: _difference(
        rows("mood", "2025-03-01", "2025-05-31"), rows("mood", "2025-12-01", "2026-02-28")
    ),
    "breath_high": lambda: _extreme(max, rows("breath")),
    "breath_trend": lambda: _change(rows("breath")),
    "bisoprolol_notes": lambda: _of(len, _doses("bisoprolol")),
    "furosemide_last": lambda: _of(len, _doses("furosemide")[-1:]),
}


def main(arguments: list[str]) -> int:
    if "--check" not in arguments:
        for name, calculation in CALCULATIONS.items():
            number, ids = calculation()
            print(f"{name:<28}{number:>12.4f}  n={len(ids)}  {' '.join(ids)}")
        return 0
    wrong = 0
    for line in (HERE / "questions.jsonl").read_text(encoding="utf-8").splitlines():
        question = json.loads(line)
        if name := question.get("calc"):
            number, ids = CALCULATIONS[name]()
            if (
                abs(number - (question["number"] or number)) > 0.006
                or sorted(set(ids)) != question["gold_ids"]
            ):
                wrong += 1
                print(f"{question['id']} {name}: {question['number']} is {number} from {ids}")
    print("all agree" if not wrong else f"{wrong} differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
