"""Plans, calendar files and themes, over whatever comes."""

import re
from datetime import UTC, date, datetime, time
from itertools import pairwise

import icalendar
import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from diary.model.entry import EntryId
from diary.model.plan import PlanItemKind
from retrieval.planning.calendar import calendar
from retrieval.planning.checklist import ChecklistItem, read, written
from retrieval.statements.ahead import times_ahead
from retrieval.statements.reading import statements_of
from retrieval.themes import average_linkage
from retrieval.when.words import plain
from tests.unit.retrieval.made import entry

WORDS = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp", "Zs")), min_size=1, max_size=12)
TEXTS = st.lists(WORDS, min_size=1, max_size=8).map(" ".join)
DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))
ENTRIES = st.lists(st.integers(1, 10**6).map(EntryId), unique=True, max_size=3).map(tuple)


@st.composite
def items(draw: st.DrawFn) -> ChecklistItem:
    first, second = sorted((draw(DAYS), draw(DAYS)))
    shape = draw(st.sampled_from(("undated", "day", "time", "span")))
    return ChecklistItem(
        text=draw(TEXTS),
        done=draw(st.booleans()),
        since=first if shape == "span" else None,
        due=None if shape == "undated" else second,
        at=time(draw(st.integers(0, 23)), draw(st.integers(0, 59))) if shape == "time" else None,
        kind=draw(st.sampled_from(PlanItemKind)),
        entries=draw(ENTRIES),
    )


@given(st.lists(items(), max_size=4))
def test_a_checklist_reads_back_as_it_was_written(made: list[ChecklistItem]) -> None:
    assert read("\n".join(map(written, made))) == made


@given(st.text(max_size=200))
def test_any_text_can_be_read_as_a_checklist(text: str) -> None:
    for item in read(text):
        assert read(written(item)) == [item]


@settings(max_examples=50)
@given(st.lists(items(), min_size=1, max_size=4))
@example([ChecklistItem(kind=PlanItemKind.GOAL, text="C:\\New\\notes")])
def test_a_calendar_file_holds_the_words_in_lines_of_75_octets(made: list[ChecklistItem]) -> None:
    content = calendar(made, now=datetime(2024, 3, 11, tzinfo=UTC))
    lines = content.split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in lines)
    found = [part for part in icalendar.Calendar.from_ical(content).walk() if "summary" in part]
    unfolded = content.replace(b"\r\n ", b"").decode().split("\r\n")
    told = [line.removeprefix("SUMMARY:") for line in unfolded if line.startswith("SUMMARY:")]
    assert len({str(part["uid"]) for part in found}) == len(found)
    wanted = [
        item.text
        for item in made
        if item.kind is not PlanItemKind.CONSTRAINT
        and not (item.kind is PlanItemKind.APPOINTMENT and item.due is None)
    ]
    # Read as RFC 5545, section 3.3.11, has it: the library's own reader takes “\\n” for the end of a line.
    assert [re.sub(r"\\(.)", r"\1", words) for words in told] == wanted


PIECES = st.sampled_from(
    [
        *(
            "I will",
            "must ring the dentist",
            "on Thursday at 8.50",
            "16.10",
            "4 November",
            "by next week",
            "30 February",
        ),
        *(
            "in a fortnight",
            "said",
            "“",
            "”",
            ">",
            ".",
            ",",
            "cancelled",
            "moved to 12/5",
            "2027",
            "until",
            "no more",
        ),
        *(
            "want to",
            "From: the bank",
            "pasted",
            "the 31st",
            "'",
            "\n",
            "never again",
            "£8.50",
            "back on the Sunday",
        ),
    ]
)


@given(st.lists(PIECES, max_size=25).map(" ".join), DAYS)
def test_statements_are_stretches_of_their_entry_and_never_lie_behind_it(text: str, day: date) -> None:
    note = entry(text, f"{day.isoformat()}T12:00")
    for statement in statements_of(note):
        assert statement.sentence == text[statement.start : statement.end]
        assert statement.text in " ".join(statement.sentence.split())
        if statement.first is not None and statement.last is not None:
            assert statement.first <= statement.last >= day


@given(st.text(max_size=120), st.dates())
def test_any_text_has_times_ahead_that_do_not_overlap(text: str, day: date) -> None:
    found = times_ahead(plain(text), day)
    assert all(earlier.start < later.start for earlier, later in pairwise(found))
    assert all(one.last >= day for one in found)


@st.composite
def likenesses(draw: st.DrawFn) -> np.ndarray:
    count = draw(st.integers(1, 12))
    seed = draw(st.integers(0, 2**32 - 1))
    vectors = np.random.default_rng(seed).standard_normal((count, 5))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors @ vectors.T).astype(np.float32)


@given(likenesses(), st.floats(-0.9, 0.9))
def test_clusters_are_those_of_average_linkage_by_the_book(alike: np.ndarray, least: float) -> None:
    """Join the two clusters with the highest mean likeness, until it is below the least."""
    clusters = [{place} for place in range(len(alike))]
    while len(clusters) > 1:
        means = {
            (one, other): float(
                np.mean(alike.astype(float)[np.ix_(sorted(clusters[one]), sorted(clusters[other]))])
            )
            for one in range(len(clusters))
            for other in range(one)
        }
        (one, other), best = max(means.items(), key=lambda pair: pair[1])
        if best < least:
            break
        clusters[other] |= clusters.pop(one)
    labels = average_linkage(alike, least)
    assert {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist())} == {
        frozenset(cluster) for cluster in clusters
    }
    assert labels[0] == 0
    assert set(labels.tolist()) == set(range(int(labels.max()) + 1))
