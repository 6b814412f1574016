"""Finding in a small diary when an event was, and the range a question is answered within."""

from __future__ import annotations

from datetime import date

import pytest

from diary.model.answer import Question
from diary.model.resolved_range import RangeSource, ResolvedRange
from diary.model.time_range import TimeRange
from ingest.observations.pending import read_pending
from retrieval.events import EventResolver, RangeResolver
from retrieval.judging import Judge
from retrieval.search import Searcher
from retrieval.when import parse_events
from tests.fakes.models import FakeEmbedder
from tests.fakes.stores import FakeStores
from tests.unit.retrieval.made import diary_of, draft, searcher_of

AS_OF = date(2025, 11, 1)
ENTRIES = (
    draft("Ordinary Monday, marked essays.\nmed:: ibuprofen 200 mg", "2025-01-06T18:00"),
    draft("The plumber is booked for the boiler.", "2025-02-03T18:00"),
    draft("New tablets from today.\nmed:: lisinopril 5 mg", "2025-03-03T20:00"),
    draft("Coughing a little.\nmed:: lisinopril 5 mg", "2025-04-01T20:00"),
    draft("Fell off the ladder in the orchard this morning, wrist like a plum.", "2025-05-10T19:00"),
    draft("Rain all day, read a novel.", "2025-05-20T19:00"),
    draft("Last of the box.\nmed:: lisinopril 5 mg", "2025-06-15T20:00"),
    draft("Moved house today, forty boxes and one cat.", "2025-08-09T21:00"),
    draft("Found the kettle, two weeks since we moved house.", "2025-08-23T21:00"),
)


@pytest.fixture(scope="module")
def stores() -> FakeStores:
    made = diary_of(*ENTRIES)
    read_pending(made.observations)
    return made


@pytest.fixture(scope="module")
def searcher(stores: FakeStores) -> Searcher:
    return searcher_of(stores)


@pytest.fixture(scope="module")
def ranges(stores: FakeStores, searcher: Searcher) -> RangeResolver:
    return RangeResolver.over(searcher, stores.observations)


def ask(text: str, given: TimeRange | None = None) -> Question:
    return Question(text=text, as_of=AS_OF, range=given)


def told(found: ResolvedRange) -> tuple[str, str] | None:
    return (str(found.range.start or "-"), str(found.range.end)) if found.range else None


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("my pulse since I started lisinopril", ("2025-03-03", "2025-11-01")),
        ("my pulse since I started lisinoprill", ("2025-03-03", "2025-11-01")),
        ("my pulse after I stopped lisinopril", ("2025-06-16", "2025-11-01")),
        ("my pulse while I was on lisinopril", ("2025-03-03", "2025-06-15")),
        ("my pulse before I began the lisinopril", ("-", "2025-03-02")),
    ],
)
def test_a_medicine_began_and_ended_with_what_was_logged_of_it(
    ranges: RangeResolver, question: str, expected: tuple[str, str]
):
    found = ranges.resolve(ask(question))
    assert found.source is RangeSource.EVENT
    assert told(found) == expected
    assert found.events[0].quote == "med:: lisinopril 5 mg"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How have I slept since we moved house?", ("2025-08-09", "2025-11-01")),
        ("What did I do two days after we moved house?", ("2025-08-11", "2025-08-11")),
        ("my wrist the week before I fell off the ladder", ("2025-05-03", "2025-05-09")),
        ("between the ladder fall and the house move", ("2025-05-10", "2025-08-09")),
        ("between the harvest (1 July 2025) and the day before we moved house", ("2025-07-01", "2025-08-08")),
    ],
)
def test_an_event_is_found_in_the_words_of_the_diary(
    ranges: RangeResolver, question: str, expected: tuple[str, str]
):
    found = ranges.resolve(ask(question))
    assert found.source is RangeSource.EVENT
    assert told(found) == expected


def test_what_tells_the_day_is_quoted_from_its_entry(ranges: RangeResolver, stores: FakeStores):
    (event,) = ranges.resolve(ask("since we moved house")).events
    assert event.entry is not None
    assert stores.entries.get(event.entry).text[event.start : event.end] == event.quote
    assert 0 < event.confidence <= 1


def test_a_range_that_was_given_goes_first_then_the_calendar_then_events(ranges: RangeResolver):
    given = TimeRange(date(2025, 1, 1), date(2025, 1, 31))
    assert ranges.resolve(ask("in May since we moved house", given)).range == given
    assert ranges.resolve(ask("since we moved house", given)).source is RangeSource.GIVEN
    calendar = ranges.resolve(ask("in May, since we moved house"))
    assert (calendar.source, told(calendar)) == (RangeSource.CALENDAR, ("2025-05-01", "2025-05-31"))
    dated = ranges.resolve(ask("since the patches (4 August 2025)"))
    assert told(dated) == ("2025-08-04", "2025-08-04")
    assert ranges.resolve(ask("How do I sleep?")) == ResolvedRange(range=None, source=RangeSource.NONE)


@pytest.mark.parametrize(
    "question",
    [
        *("since the coronation", "before I started warfarin", "while I was on warfarin"),
        *("between the coronation and the house move", "after the boiler"),
    ],
)
def test_an_event_that_the_notes_do_not_make_sure_is_no_range(ranges: RangeResolver, question: str):
    assert ranges.resolve(ask(question)).range is None
    assert ranges.resolve_all(ask(question)) == ()


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How have I slept since the house move in August?", ("2025-08-09", "2025-11-01")),
        ("How have I slept since the coronation in May?", ("2025-05-01", "2025-11-01")),
        ("What did I do before the coronation in May?", ("-", "2025-05-31")),
        ("What did I do after the coronation in May?", ("2025-05-01", "2025-11-01")),
        ("What did I do on the day of the coronation in May?", ("2025-05-01", "2025-05-31")),
    ],
)
def test_a_time_beside_an_event_is_where_it_lies_and_not_the_time_asked_about(
    ranges: RangeResolver, question: str, expected: tuple[str, str]
):
    assert told(ranges.resolve(ask(question))) == expected


@pytest.mark.parametrize(
    ("question", "last"),
    [
        ("Why did I write nothing in the first two weeks of June?", "2025-06-28"),
        ("Why didn't I write in the first two weeks of June?", "2025-06-28"),
        ("Why are there no entries in the first two weeks of June?", "2025-06-28"),
        ("Why did I write nothing in October?", "2025-11-01"),
        ("Why did I not sleep in the first two weeks of June?", "2025-06-14"),
        ("What did I write in the first two weeks of June?", "2025-06-14"),
    ],
)
def test_why_nothing_was_written_may_be_told_two_weeks_after_the_days_without_a_note(
    ranges: RangeResolver, question: str, last: str
):
    found = ranges.resolve(ask(question)).range
    assert found is not None
    assert str(found.end) == last


def test_a_comparison_has_a_range_for_each_side(ranges: RangeResolver):
    asked = "more steps on the day of the house move or the day I fell off the ladder?"
    found = [told(one) for one in ranges.resolve_all(ask(asked))]
    assert found == [("2025-08-09", "2025-08-09"), ("2025-05-10", "2025-05-10")]
    months = ranges.resolve_all(ask("compare May with June"))
    assert [told(one) for one in months] == [("2025-05-01", "2025-05-31"), ("2025-06-01", "2025-06-30")]
    whole = ranges.resolve(ask("compare May with June"))
    assert told(whole) == ("2025-05-01", "2025-06-30")


def test_an_event_is_looked_for_in_the_time_named_beside_it(searcher: Searcher):
    resolver = EventResolver(searcher)
    (inside,) = parse_events("after the house move in August", AS_OF)
    (outside,) = parse_events("after the house move in March", AS_OF)
    found = resolver.resolve(inside, AS_OF)
    assert found is not None
    assert found.day == date(2025, 8, 9)
    assert resolver.resolve(outside, AS_OF) is None


def test_nothing_that_is_still_to_come_on_the_day_asked_is_taken(stores: FakeStores, searcher: Searcher):
    ranges = RangeResolver.over(searcher, stores.observations)
    early = Question(text="since I started lisinopril", as_of=date(2025, 2, 1))
    assert ranges.resolve(early).range is None


def test_a_searcher_that_reads_events_searches_within_them_and_tells_them(stores: FakeStores):
    searcher = searcher_of(stores)
    searcher.read_ranges(RangeResolver.over(searcher, stores.observations).resolve)
    result = searcher.find(ask("What did I find after we moved house?"))
    assert result.range == TimeRange(date(2025, 8, 10), AS_OF, "after we moved house")
    assert [event.day for event in result.events] == [date(2025, 8, 9)]
    assert result.hits[0].day == date(2025, 8, 23)


def test_looking_for_an_event_reads_no_event(searcher: Searcher):
    assert searcher.passages(ask("since we moved house"), events=False).range is None


def test_the_words_of_an_event_are_of_the_topic_when_an_answer_is_judged(
    stores: FakeStores,
):
    searcher = searcher_of(stores)
    searcher.read_ranges(RangeResolver.over(searcher, stores.observations).resolve)
    question = ask("Which kettle did I find after we moved house?")
    case = Judge(searcher, stores.entries, FakeEmbedder()).case(question, searcher.passages(question))
    assert case.used is not None
    assert case.used.start == date(2025, 8, 10)
    assert {"kettle", "moved", "house"} <= set(case.frequencies)
