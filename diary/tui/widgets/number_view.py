"""A number that code computed: the value first and plain, then what it rests on."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Sparkline, Static

from diary.model.number import Function, Number, metric_words
from diary.model.observation import Observation
from diary.number_words import notes_on, part_sentence, parted, span_words, value_words
from diary.printable import safe
from diary.tui.plain import one_line

LEAST_FOR_A_CURVE = 3
_WIDEST_CURVE = 60


def whole_numbers(numbers: Sequence[Number]) -> list[Number]:
    """The numbers without those that are shown as a part of another."""
    parts = [part for number in numbers for part in number.parts]
    return [number for number in numbers if not any(number is part for part in parts)]


def _curve(number: Number) -> list[Observation]:
    """The observations of a number in order of time, when there are enough to see a course."""
    rows = {
        (row.entry, row.start): row
        for one in (number, *number.parts)
        for row in one.rows
        if row.value is not None
    }
    in_order = sorted(rows.values(), key=lambda row: row.happened)
    return in_order if len(in_order) >= LEAST_FOR_A_CURVE else []


class NumberView(Vertical):
    """Shows one number; "not enough data" with its reason when there is none."""

    def __init__(self, number: Number) -> None:
        super().__init__()
        self._number = number

    def compose(self) -> ComposeResult:
        """Lay out what is in it."""
        number = self._number
        if not number.known:
            metric = one_line(metric_words(number.metric), 40)
            yield Static(Content(f"Not enough data: {metric}"), classes="value -none", markup=False)
            yield Static(Content(safe(number.why or "")), classes="about", markup=False)
            return
        value, pieces = parted(number)
        yield Static(Content(one_line(value, 60)), classes="value", markup=False)
        yield Static(
            Content(" · ".join(one_line(piece, 90) for piece in pieces)), classes="about", markup=False
        )
        if number.function is Function.DIFFERENCE:
            sides = "\n".join(safe(part_sentence(part)) for part in number.parts)
            yield Static(Content(sides), classes="sides", markup=False)
        yield from self._drawn(_curve(number))
        if notes := notes_on(number):
            yield Static(Content(safe(" ".join(notes))), classes="mind", markup=False)

    def _drawn(self, rows: Sequence[Observation]) -> ComposeResult:
        if not rows:
            return
        values = [row.value for row in rows if row.value is not None]
        curve = Sparkline(values)
        curve.styles.width = min(_WIDEST_CURVE, max(8, 2 * len(values)))
        yield curve
        unit = rows[0].unit
        low, high = value_words(min(values), unit), value_words(max(values), unit)
        yield Static(Content(f"each note in order, from {low} to {high}"), classes="about", markup=False)


class NumberLine(Static):
    """The same in one line, for a review: `6 h 38 m  mean sleep · 5 notes`."""

    def __init__(self, number: Number) -> None:
        super().__init__(self._line(number), markup=False, classes="" if number.known else "-none")

    @staticmethod
    def _line(number: Number) -> Content:
        if not number.known:
            return Content(safe(number.why or "Not enough data."))
        value, pieces = parted(number)
        about = " · ".join(piece for piece in pieces if piece != span_words(number.range))
        return Content.assemble((one_line(value, 40), "bold $primary"), f"  {one_line(about, 160)}")
