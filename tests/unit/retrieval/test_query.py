"""The grammar of a typed search, the filters it makes, and the list by date."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from diary.cli.arguments import parse
from diary.engine.embedder import AbsentEmbedder
from diary.errors import ModelMissing, TimeNotUnderstood, UsageError
from diary.model.answer import Question
from diary.model.entry import Kind
from diary.model.time_range import TimeRange
from diary.session import Engines, Session
from retrieval.filters import folded_words
from retrieval.listing import list_by_date
from retrieval.query import Query, read_query
from tests.fakes.sound import FakeSoundDevices
from tests.fakes.speech import FakeTranscriber
from tests.fakes.stores import FakeStores, TickingClock
from tests.unit.retrieval.made import diary_of, draft, searcher_of

TODAY = date(2025, 6, 1)


def read(text: str) -> Query:
    return read_query(text, TODAY)


def test_plain_words_are_words() -> None:
    assert read("knee  after the walk") == Query(text="knee after the walk", words="knee after the walk")


@pytest.mark.parametrize(
    "typed", ['"stiff knee"', "“stiff knee”", "„stiff knee“", "«stiff knee»", "»stiff  knee«"]
)
def test_words_in_quotes_are_a_phrase_and_are_ranked_by_too(typed: str) -> None:
    found = read(f"early {typed}, walk")
    assert found.phrases == ("stiff knee",)
    assert found.words == "early , walk"
    assert found.text == "early stiff knee , walk"


def test_a_hyphen_before_a_word_leaves_it_out() -> None:
    found = read('coffee -tea -"green tea" -self-care')
    assert (found.text, found.without) == ("coffee", ("tea", "green tea", "self-care"))


def test_names_before_colons_filter() -> None:
    found = read('tag:health KIND:voice is:starred from:2024-05 to:yesterday "my knee"')
    assert (found.tag, found.kind, found.starred, found.phrases) == ("health", Kind.VOICE, True, ("my knee",))
    assert found.range == TimeRange(date(2024, 5, 1), date(2025, 5, 31))
    assert read("#work/late walk").tag == "work/late"
    assert read('tag:"two words"').tag == "two words"
    assert read('from:"last march"').start == date(2025, 3, 1)
    assert read("tag:health").text == ""


@pytest.mark.parametrize(
    "text",
    [
        *(
            "well-being",
            "warm - not cold",
            "-5 degrees",
            '"unbalanced',
            'it"s',
            '5" wide',
            "#1",
            "#",
            "tag: x",
        ),
        *("note: call", "re:view", '""', "-", "a-b -", "https://example.org/#x", "12:30", "is"),
    ],
)
def test_what_only_looks_like_grammar_is_plain_text(text: str) -> None:
    assert read(text) == Query(text=text, words=text)


def test_a_question_is_words_whatever_it_quotes() -> None:
    for text in ('What is "Emma" about?', 'Who said "never again -tea?"'):
        assert read(text) == Query(text=text, words=text)


def test_what_is_not_understood_is_told_and_left_out() -> None:
    for text, kind, word in (
        ("x kind:dream", UsageError, "dream"),
        ("x from:pigs", TimeNotUnderstood, "pigs"),
        ("x is:lost", UsageError, "lost"),
        ("x tag:a #b", UsageError, "“b”"),
        ("x from:2025 to:2024", UsageError, "after to:"),
    ):
        found = read(text)
        (problem,) = found.problems
        assert isinstance(problem, kind)
        assert word in problem.message
        assert problem.hint
        assert found.text == "x"


def test_a_query_becomes_the_question_that_search_answers() -> None:
    question = read('walk "stiff knee" -tea #x kind:plan is:starred from:2025').question(as_of=TODAY, limit=3)
    assert question == Question(
        text="walk stiff knee",
        as_of=TODAY,
        limit=3,
        range=TimeRange(date(2025, 1, 1), None),
        tag="x",
        kind=Kind.PLAN,
        starred=True,
        phrases=("stiff knee",),
        without=("tea",),
    )


def test_the_command_line_takes_the_filters() -> None:
    given = parse(
        ["find", "--kind", "voice", "--starred", "--without", "a", "--without", "b", "--phrase", "c"]
    )
    assert (given.kind, given.starred, given.without, given.phrase) == ("voice", True, ["a", "b"], ["c"])
    with pytest.raises(UsageError, match="dream"):
        parse(["ask", "x", "--kind", "dream"])


STORES_OF = (
    draft("The knée was Stiff. Running helps.", "2025-03-01T09:00", title="Old knee", tags=("body",)),
    draft("He runs, stiffly, with a stiff knee.", "2025-03-02T09:00", starred=True),
    draft("Spoken: tea and knees.", "2025-03-03T09:00", kind=Kind.VOICE, tags=("Body",)),
    draft("", "2025-03-04T09:00", kind=Kind.VOICE),
)


@pytest.fixture(scope="module")
def stores() -> FakeStores:
    return diary_of(*STORES_OF)


def ids(stores: FakeStores, text: str) -> set[int]:
    question = read(text).question(as_of=TODAY, limit=10)
    return {hit.entry for hit in searcher_of(stores).find(question).hits}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("knee", {1, 2, 3}),
        ('"stiff knee"', {2}),
        ('"knee was stiff"', {1}),
        ('"OLD knee"', {1}),
        ('"knee was"', {1}),
        ('"run"', set()),
        ('"March"', set()),
        ("knee -running", {2, 3}),
        ("knee -run", {1, 2, 3}),
        ("walk -knee", {3}),
        ("knee -old", {2, 3}),
        ("knee kind:voice", {3}),
        ("knee is:starred", {2}),
        ("knee #body kind:note", {1}),
        ("knee #body is:starred", set()),
        ("knee from:2025-03-02 to:2025-03-02", {2}),
        ("knee from:2020 to:2020", set()),
    ],
)
def test_filters_hold_and_are_never_loosened(stores: FakeStores, text: str, expected: set[int]) -> None:
    assert ids(stores, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [4, 3, 2, 1]),
        ("#body", [3, 1]),
        ("is:starred", [2]),
        ("kind:voice", [4, 3]),
        ("-knee", [4, 3]),
        ("from:2025-03-02 to:2025-03-03", [3, 2]),
    ],
)
def test_with_nothing_to_look_for_the_newest_come_first(
    stores: FakeStores, text: str, expected: list[int]
) -> None:
    question = read(text).question(as_of=TODAY, limit=10)
    listed = list_by_date(question, stores.entries)
    assert [hit.entry for hit in listed.hits] == expected
    assert all(hit.score == 0 for hit in listed.hits)
    for hit in listed.hits:
        assert stores.entries.get(hit.entry).text[hit.start : hit.end] == hit.text
    assert len(list_by_date(replace(question, limit=1), stores.entries).hits) == 1
    assert list_by_date(replace(question, limit=0), stores.entries).hits == ()


def test_the_list_by_date_needs_no_model(stores: FakeStores) -> None:
    heard = FakeTranscriber()
    engines = Engines(
        embedder=AbsentEmbedder(),
        language_model=None,
        transcriber=heard,
        rough_transcriber=heard,
        sound=FakeSoundDevices(),
    )
    session = Session(stores, engines, close=lambda: None, now=TickingClock())
    assert [hit.entry for hit in session.find(read("is:starred").question(as_of=TODAY, limit=5)).hits] == [2]
    with pytest.raises(ModelMissing):
        session.find(read("knee").question(as_of=TODAY, limit=5))


def test_words_are_folded_as_the_full_text_index_folds_them() -> None:
    assert folded_words("Déjà_vu: DOCTOR'S İstanbul 3/10") == [
        *("deja", "vu", "doctor", "s", "istanbul", "3", "10"),
    ]
