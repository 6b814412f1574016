"""What a model wrote and the program kept: whether each number, date and name in it stands in what it cites.

Checked here by means of its own, not by `retrieval.verification`, which decided what was kept: figures,
number words, month and weekday names, and capitalised words after the first, looked up in the cited quotes
and in the day of their entries.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date

from tests.eval.ways import Line

_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")
_CAPITALISED = re.compile(r"(?<![.!?] )(?<!^)\b[A-Z][^\W\d_]+")
_NUMBER_WORD = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    r"|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand)\b"
)


def show_summaries(answers: Sequence[Line], show: Callable[[str], None]) -> None:
    """Print how many sentences were kept and dropped, and how many of them hold what their quotes do not."""
    summaries = [answer for answer in answers if answer["summary"]]
    if not summaries:
        return
    kept = [(sentence, answer) for answer in summaries for sentence in answer["summary"]["sentences"]]
    dropped = sum(answer["summary"]["dropped"] for answer in summaries)
    wrong = [(sentence["text"], unsupported(sentence, answer["quotes"])) for sentence, answer in kept]
    bad = [(text, found) for text, found in wrong if found]
    show(f"summary sentences kept, dropped        {len(kept)}, {dropped}   in {len(summaries)} answers")
    show(f"kept with a figure or name not quoted  {len(bad)}   goal: 0")
    for text, found in bad:
        show(f"    {found}: {text}")


def unsupported(sentence: Line, quotes: Sequence[Line]) -> list[str]:
    """The figures, number words and names of a sentence that stand in none of the quotes it cites."""
    cited = [quote for quote in quotes if quote["id"] in sentence["quotes"]]
    source = " ".join(f"{quote['text']} {_day(quote['date'])}" for quote in cited).lower()
    text = sentence["text"]
    figures = set(_FIGURE.findall(source))
    found = [figure for figure in _FIGURE.findall(text) if figure not in figures]
    words = [*_NUMBER_WORD.findall(text.lower()), *(name.lower() for name in _CAPITALISED.findall(text))]
    return found + [word for word in words if not re.search(rf"\b{re.escape(word)}", source)]


def _day(iso: str) -> str:
    day = date.fromisoformat(iso[:10])
    return f"{iso[:10]} {day.day} {day:%B} {day:%A} {day.year}"
