"""Numbers: exact or not, for the questions that observations answer; and those given where words were
asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from tests.eval.ways import Line

COMPUTED = ("aggregate", "compare", "trend")
WITHIN = 0.005 + 1e-9
"""The right numbers are rounded to two places."""


def over_observations(row: Line) -> bool:
    """Whether the right number was computed from observations, not read in prose."""
    return row["type"] in COMPUTED or (row["type"] == "count" and "calc.py" in row["note"])


def exact(row: Line, answer: Line) -> bool:
    """Whether the first number of an answer is the right one, with its sign."""
    numbers = answer["numbers"]
    value = numbers[0]["value"] if numbers else None
    return value is not None and abs(value - row["number"]) <= WITHIN


def show_figures(pairs: Sequence[tuple[Line, Line]], show: Callable[[str], None], *, misses: bool) -> None:
    """Print how many numbers are exact, by type; with `misses`, which are not."""
    by_type: dict[str, list[bool]] = defaultdict(list)
    wrong = []
    for row, answer in pairs:
        if over_observations(row):
            right = exact(row, answer)
            by_type[row["type"]].append(right)
            if not right:
                got = [(one["fn"], one["value"], one["n"]) for one in answer["numbers"][:3]]
                wrong.append(f"    {row['id']}: {row['number']} {row['unit']}, not {got}")
    show(f"{'numbers from observations':<28}{'n':>6}{'exact':>8}")
    for name, found in by_type.items():
        goal = "   goal: all" if name in COMPUTED else ""
        show(f"{name:<28}{len(found):>6}{sum(found):>8}{goal}")
    elsewhere = [row for row, answer in pairs if not over_observations(row) and answer["kind"] == "numbers"]
    told = [row for row in elsewhere if row["type"] not in ("when_last", "unanswerable")]
    show(f"{'a number where told in words':<28}{len(told):>6}{'':>8}   goal: 0")
    if misses:
        for line in [*wrong, *(f"    {row['id']}: a number for {row['type']}" for row in told)]:
            show(line)
