"""Answers of numbers, from the question to the last delta."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from diary.model.answer import Answer, AnswerDone, AnswerKind, NumbersFound, Question, QuotesFound
from diary.model.entry import EntryChanges, EntryId
from diary.model.resolved_range import EventDate, RangeSource, ResolvedRange
from diary.number_words import notes_on, part_sentence, sentence
from retrieval.answering import Answerer
from retrieval.numbers.events import Resolve
from retrieval.search import Searcher
from tests.fakes.models import FakeEmbedder, FakeLanguageModel
from tests.fakes.stores import FakeStores
from tests.unit.retrieval.made import index_pending
from tests.unit.retrieval.numbers.made import NOTES, TODAY, computed, days, diary_of, numbers_of

SLEEP = Question(text="What was my average sleep in February?", as_of=TODAY, limit=3)


def answerer_of(
    stores: FakeStores, model: FakeLanguageModel | None = None, resolve: Resolve | None = None
) -> Answerer:
    embedder = FakeEmbedder()
    index_pending(stores.passages, embedder)
    searcher = Searcher(stores.passages, embedder)
    return Answerer(
        searcher, stores.entries, embedder, model, observations=stores.observations, resolve=resolve
    )


def answer(answerer: Answerer, question: Question, after: Question | None = None) -> Answer:
    *_, last = answerer.answer(question, after=after, summarise=True)
    assert isinstance(last, AnswerDone)
    return last.answer


@pytest.fixture(scope="module")
def baker() -> FakeStores:
    return diary_of(*NOTES)


def test_numbers_come_first_then_their_quotes_and_no_model_is_asked(baker):
    model = FakeLanguageModel(["You slept well. "])
    deltas = list(answerer_of(baker, model).answer(SLEEP, summarise=True))
    assert [type(delta) for delta in deltas] == [NumbersFound, QuotesFound, AnswerDone]
    assert model.asked == []
    found = deltas[-1].answer
    assert (found.answered, found.kind, found.summary) == (True, AnswerKind.NUMBERS, None)
    assert deltas[0].numbers == found.numbers
    assert found.range == days("2023-02-01", "2023-02-28") or found.range.phrase == "in February"


def test_the_quotes_are_the_observations_as_they_stand_in_their_entries(baker):
    found = answer(answerer_of(baker), SLEEP)
    assert [quote.id for quote in found.quotes] == ["q1", "q2", "q3"]
    for quote in found.quotes:
        assert baker.entries.get(quote.entry).text[quote.start : quote.end] == quote.text
        assert quote.text.startswith("sleep:: ")
    assert {quote.entry for quote in found.quotes} <= {row.entry for row in found.numbers[0].rows}


def test_of_a_course_both_ends_and_the_extremes_are_quoted_first(baker):
    question = Question(text="How has my weight changed?", as_of=TODAY, limit=3)
    found = answer(answerer_of(baker), question)
    assert [quote.text for quote in found.quotes] == [
        "weight:: 91.0 kg", "weight:: 88.0 kg", "weight:: 86.4 kg",
    ]  # fmt: skip


def test_without_an_observation_then_it_does_not_answer_and_shows_the_nearest(baker):
    found = answer(answerer_of(baker), replace(SLEEP, text="What was my average sleep in August?"))
    assert (found.answered, found.kind, found.quotes) == (False, AnswerKind.NUMBERS, ())
    assert found.numbers[0].value is None
    assert found.numbers[0].why
    assert found.nearest[0].text == "sleep:: 4h30m"


def test_an_observation_whose_words_changed_meanwhile_is_not_quoted():
    stores = diary_of(*NOTES)
    answerer = answerer_of(stores)
    rows = stores.observations.observations("sleep")
    changed = rows[2].entry
    kept = stores.observations._read[changed]
    stores.entries.revise(EntryId(changed), EntryChanges(text="Nothing of the kind."))
    stores.observations._read[changed] = kept  # as if it had been read just before
    found = answer(answerer, SLEEP)
    assert changed not in {quote.entry for quote in found.quotes}


def test_a_tag_lets_only_its_entries_count():
    stores = diary_of(("2023-02-01", "sleep:: 6h"), ("2023-02-02", "sleep:: 8h"))
    stores.entries.revise(EntryId(2), EntryChanges(tags=("holiday",)))
    found = answer(answerer_of(stores), replace(SLEEP, tag="Holiday"))
    assert found.numbers[0].value == 480


def test_a_question_with_phrases_is_for_quotes(baker):
    assert answer(answerer_of(baker), replace(SLEEP, phrases=("flour",))).kind is not AnswerKind.NUMBERS


def test_a_follow_up_keeps_range_and_function_and_says_how_it_was_understood(baker):
    answerer = answerer_of(baker)
    highest = answer(answerer, replace(SLEEP, text="and the longest?"), SLEEP)
    assert highest.question.text == "What was the longest sleep in February?"
    assert highest.numbers[0].value == 420
    may = answer(answerer, replace(SLEEP, text="and in May?"), highest.question)
    assert may.numbers[0].value == 430


def test_all_medicines_are_listed_each_by_its_latest_note(baker):
    found = answer(answerer_of(baker), replace(SLEEP, text="What medicines do I take?"))
    assert found.kind is AnswerKind.QUOTES
    assert [quote.text for quote in found.quotes] == ["med:: naproxen 250 mg", "med:: ramipril 5 mg"]


@pytest.mark.parametrize("text", ["What medicines helped?", "Which medicines did Ruth take with me?"])
def test_a_narrower_question_about_medicines_is_no_list_of_all(baker, text):
    assert numbers_of(baker).listed(replace(SLEEP, text=text)) == (None, ())


def resolver(day: str | None) -> Resolve:
    """Finds every event on one day, or none."""

    def resolve(question: Question) -> tuple[ResolvedRange, ...]:
        from retrieval.when import parse_ranges
        from retrieval.when.events import parse_events

        calendar = parse_ranges(question.text, question.as_of)
        if calendar:
            return tuple(ResolvedRange(range=one, source=RangeSource.CALENDAR) for one in calendar)
        if day is None:
            return ()
        happened = date.fromisoformat(day)
        events = parse_events(question.text, question.as_of)
        found = [(event.range(happened, question.as_of), event) for event in events]
        return tuple(
            ResolvedRange(
                range=used,
                source=RangeSource.EVENT,
                events=(EventDate(event=event.event, day=happened),),
            )
            for used, event in found
        )

    return resolve


def test_a_time_told_by_an_event_is_found_in_the_notes(baker):
    question = replace(SLEEP, text="What was my average weight since the fair?")
    found = answer(answerer_of(baker, resolve=resolver("2023-05-12")), question)
    assert found.numbers[0].value == pytest.approx(262 / 3)
    assert found.range is not None
    assert found.range.phrase == "since the fair"


def test_before_and_after_an_event_are_compared(baker):
    question = replace(SLEEP, text="Was my mood better after the fair than before it?")
    found = answer(answerer_of(baker, resolve=resolver("2023-05-31")), question)
    assert found.numbers[0].value == pytest.approx(6 - 46 / 7)


def test_an_event_that_the_notes_do_not_tell_leaves_no_number_but_of_a_course_the_whole(baker):
    answerer = answerer_of(baker, resolve=resolver(None))
    mean = answer(answerer, replace(SLEEP, text="What was my average weight since the fair?"))
    assert mean.kind is not AnswerKind.NUMBERS
    course = answer(answerer, replace(SLEEP, text="How has my weight changed since the fair?"))
    assert course.numbers[0].value == -3
    assert course.numbers[0].caution == (
        "When “since the fair” was, your notes do not tell for sure: this is the whole course."
    )


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("What was my average sleep in February?",
         "Mean sleep 6 h 8 m, from 4 notes, 1 Feb 2023 to 28 Feb 2023; 24 days without one."),
        ("How many nights did I get at least 7 hours?",
         "Sleep (at least 7 hours): 3 nights, of 12 notes, 2 Jan 2023 to 24 Dec 2023."),
        ("Most steps in February?", "Highest steps 12,400 steps on 15 Feb 2023, of 2 notes."),
        ("How did the bakery fund grow?",
         "Change in bakery fund +£500: from £400 (20 Jan 2023) to £900 (20 May 2023), over 3 notes."),
        ("When did I last take naproxen?", "Latest naproxen 250 mg, on 4 Apr 2023."),
        ("Is my back pain getting better?",
         "Change in back pain -1 point: from 6/10 (5 Jan 2023) to 5/10 (9 Sep 2023), over 7 notes."),
        ("How many minutes of accordion per week in February?",
         "Accordion 14 min a week, from 2 notes, 1 Feb 2023 to 28 Feb 2023; 26 days without one."),
        ("What is the longest streak of sleep notes?",
         "Longest streak of sleep: 3 days, 14 Feb 2023 to 16 Feb 2023."),
        ("What is my current streak of sleep notes?",
         "Latest streak of sleep: 1 day, 24 Dec 2023."),
        ("What was my latest streak of sleep notes in February?",
         "Latest streak of sleep: 3 days, 14 Feb 2023 to 16 Feb 2023."),
        ("What did I weigh on 1 May?",
         "Not enough data: there is no note of weight on 1 May 2023; the nearest is of 12 May 2023."),
    ],
)  # fmt: skip
def test_a_number_is_said_with_its_unit_first_and_what_it_rests_on(baker, question, words):
    assert sentence(computed(question, baker)[0]).replace("\u2212", "-") == words


def test_the_sides_of_a_comparison_are_said_with_the_questions_own_words(baker):
    whole, *parts = computed("Was my mood better in June than in February?", baker)
    assert sentence(whole) == "Difference in mean mood +1.5 points, the later minus the earlier."
    assert part_sentence(parts[0]) == (
        "In February: mean mood 6.5/10, from 2 notes, 1 Feb 2023 to 28 Feb 2023; 26 days without one."
    )
    assert notes_on(whole) == ["One side rests on fewer than 3 days, which is too few to speak of an effect."]
