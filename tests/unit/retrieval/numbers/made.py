"""A made-up diary of a baker with a bad back, its observations read as the diary reads them."""

from __future__ import annotations

from datetime import date, datetime

from diary.model.answer import Question
from diary.model.entry import EntryDraft
from diary.model.number import Number
from diary.model.time_range import TimeRange
from ingest.observations.pending import read_pending
from retrieval.numbers.answering import Numbers
from retrieval.numbers.events import Resolve
from retrieval.numbers.reading import Asked
from tests.fakes.stores import FakeStores, fake_stores

TODAY = date(2023, 12, 31)

NOTES = (
    ("2023-01-02", "The oven at last. sleep:: 5h30m; mood:: 5; weight:: 91.0 kg"),
    ("2023-01-05", "Lifted flour, my back complained. back_pain:: 6/10; sleep:: 4h45m"),
    ("2023-01-09", "med:: naproxen 500 mg; back_pain:: 7/10; bp:: 142/91"),
    ("2023-01-20", "Sourdough sold out. mood:: 8; bakery_fund:: £400; accordion:: 20 min"),
    ("2023-02-01", "sleep:: 6h; mood:: 4; weight:: 90.2 kg"),
    ("2023-02-03", "back_pain:: 5/10; med:: naproxen 500 mg; accordion:: 25 min"),
    ("2023-02-14", "sleep:: 6h30m; mood:: 9; steps:: 8,200"),
    ("2023-02-15", "sleep:: 5h; steps:: 12,400"),
    ("2023-02-16", "sleep:: 7h; accordion:: 30 min"),
    ("2023-03-01", "First evening tablet. med:: ramipril 2.5 mg; bp:: 150/95; bakery_fund:: £650"),
    ("2023-03-10", "weight:: 89.1 kg; sleep:: 6h15m; mood:: 6"),
    ("2023-03-22", "bp:: 138/88; steps:: 15,000; back_pain:: 4/10"),
    ("2023-04-04", "med:: naproxen 250 mg; accordion:: 45 min; mood:: 7"),
    ("2023-05-12", "weight:: 87.6 kg; sleep:: 7h10m; mood:: 7; coughs:: 3"),
    ("2023-05-20", "sleep:: 6h50m; coughs:: 5; bakery_fund:: £900"),
    ("2023-06-02", "bp:: 130/84; back_pain:: 2/10; mood:: 8; accordion:: 60 min"),
    ("2023-06-18", "weight:: 86.4 kg; steps:: 9,600; sleep:: 7h20m"),
    ("2023-07-07", "med:: ramipril 5 mg; back_pain:: 3/10; coughs:: 1"),
    ("2023-09-09", "The back again, my lower back, after the fair. back_pain:: 5/10; sleep:: 4h30m"),
    ("2023-11-11", "weight:: 88.0 kg; bp:: 126/80; mood:: 3"),
    ("2023-12-24", "Four hundred stollen. sleep:: 3h50m; mood:: 7; accordion:: 50 min; mass_index:: 29.1"),
)


def diary_of(*notes: tuple[str, str]) -> FakeStores:
    """A diary in memory, its observations read."""
    stores = fake_stores()
    for day, text in notes:
        moment = datetime.fromisoformat(f"{day}T20:00:00+01:00")
        stores.entries.add(EntryDraft(text=text, happened=moment, written=moment))
    read_pending(stores.observations)
    return stores


def numbers_of(stores: FakeStores, resolve: Resolve | None = None) -> Numbers:
    """What answers questions about the observations of a diary."""
    return Numbers(stores.observations, stores.entries, resolve)


def asked(text: str, stores: FakeStores, resolve: Resolve | None = None) -> Asked | None:
    """What a question asks of the observations."""
    return numbers_of(stores, resolve).asked(Question(text=text, as_of=TODAY))


def computed(text: str, stores: FakeStores, **more: object) -> tuple[Number, ...]:
    """The numbers of a question; it must be one for numbers."""
    question = Question(text=text, as_of=TODAY, **more)  # type: ignore[arg-type]
    numbers = numbers_of(stores)
    found = numbers.asked(question)
    assert found is not None, text
    return numbers.computed(found, question)


def days(start: str, end: str) -> TimeRange:
    """A range from ISO dates."""
    return TimeRange(date.fromisoformat(start), date.fromisoformat(end))
