"""Readers of words: questions, times, fields, the glossary, a batch; and what makes any text printable."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

from diary.errors import DiaryError
from diary.model.glossary import TermDraft, TermKind
from diary.model.speech import Segment, Word
from diary.printable import encodable, safe
from tests.fuzz.target import Target

TODAY = date(2026, 5, 8)
QUESTIONS = [
    b'how did I sleep "very badly" -coffee #health kind:voice from:2025-03 to:yesterday starred:',
    b"what was the average pain between 3 March 2024 and last Sunday, compared with 2023?",
    b"how many times did I take 400 mg of ibuprofen in the week before my surgery?",
    "qué hice el 5 de mayo del 2024 / im letzten Frühling / trois semaines après Noël".encode(),
]
TIMES = [
    *(
        b"three weeks after Easter 2024",
        b"from the 3rd of May until last Tuesday",
        b"when I was twelve",
        b"since I moved",
    ),
    *(
        b"yesterday at 21:30",
        b"2 hours ago",
        b"2025-03-02T17:20:00+01:00",
        b"early June 1998 vs the 80s",
        b"12/13/2024",
    ),
]
FIELDS = [
    b"sleep:: 6h30m, pain:: 3/10 then weight:: 71,5 kg\nmood:: calm `code:: 1` took:: ibuprofen 2x400 mg",
    "bp:: 120/80 mmHg; temp:: 38.5 °C; walked:: 2 ½ miles; water:: 1.5l glucose:: \u22125,6 mmol/l".encode(),
    b"I slept six and a half hours, pain was four out of ten and I took two ibuprofen 400.",
]
_STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def _text(data: bytes) -> str:
    return data[:4000].decode("utf-8", "surrogateescape")


def read_question(data: bytes, _: Path) -> None:
    from retrieval.query import read_bound, read_kind, read_query

    text = _text(data)
    read_kind_of = text[:20]
    query = read_query(text, TODAY)
    str(query).encode("utf-8", "surrogatepass")
    for read in (lambda: read_bound(text[:60], TODAY), lambda: read_kind(read_kind_of)):
        try:
            read()
        except DiaryError:
            continue


def read_times(data: bytes, _: Path) -> None:
    from retrieval.when import parse_events, parse_moment, parse_ranges

    text = _text(data)
    for found in parse_ranges(text, TODAY, date(1980, 2, 29)):
        assert found.phrase in text
    parse_events(text, TODAY)
    parse_moment(text, datetime(2026, 5, 8, tzinfo=UTC))


def read_numbers(data: bytes, _: Path) -> None:
    from retrieval.numbers.metrics import Catalogue
    from retrieval.numbers.reading import listing, read
    from retrieval.when import parse_ranges

    keys = {"sleep": 9, "pain": 4, "weight": 3, "took": 5}
    catalogue = Catalogue(keys, lambda _: ("ibuprofen", "sertraline"), lambda _: "mg")
    read(_text(data), TODAY, catalogue, parse_ranges)
    listing(_text(data), TODAY, catalogue, None)


def read_fields(data: bytes, _: Path) -> None:
    from ingest.observations.reading import read_observations

    for found in read_observations(_text(data)):
        assert found.value is None or found.value == found.value


def read_spoken(data: bytes, _: Path) -> None:
    from ingest.observations.spoken import spoken_observations

    text = _text(data)
    assert all(text[one.start : one.end] for one in spoken_observations(text))


def read_glossary(data: bytes, _: Path) -> None:
    """Its words and rules, and a text they are applied to."""
    from diary.voice.terms import _checked
    from ingest.glossary.replacing import written
    from tests.unit.glossary.made import term

    first, *more = _text(data).split("|")
    kept = _checked(
        TermDraft(text=first, kind=TermKind.MEDICINE, instead_of=tuple(more[:3]), also=tuple(more[3:6]))
    )
    said = " ".join((*more, first, *kept.instead_of)).split() or ["x"]
    words = tuple(Word(start=n, end=n + 1.0, text=one, confidence=0.5) for n, one in enumerate(said))
    segment = Segment(start=0.0, end=len(said), text=" ".join(said), confidence=0.5, words=words)
    written(segment, [term(kept.text, instead_of=kept.instead_of, also=kept.also)])


def read_batch(data: bytes, _: Path) -> None:
    from diary.cli.questions import batch_line

    batch_line(_text(data), 1)


def print_it(data: bytes, _: Path) -> None:
    """It is no reader: whatever the words, none of them steers a terminal, and they can be written."""
    for text in (
        _text(data),
        data.decode("latin-1"),
        data[: len(data) // 2 * 2].decode("utf-16-le", "surrogatepass"),
    ):
        shown = safe(text)
        assert len(shown) == len(text)
        assert not _STEERS.search(shown)
        encodable(text).encode()


_REFUSED = (DiaryError,)

TARGETS = (
    Target(name="question", samples=lambda: QUESTIONS, read=read_question, refuses=_REFUSED, share=15),
    Target(name="times", samples=lambda: TIMES, read=read_times, refuses=_REFUSED, share=15),
    Target(name="number-question", samples=lambda: QUESTIONS, read=read_numbers, refuses=_REFUSED, share=10),
    Target(name="fields", samples=lambda: FIELDS, read=read_fields, share=15),
    Target(name="spoken-fields", samples=lambda: FIELDS, read=read_spoken, share=10),
    Target(
        name="glossary",
        samples=lambda: [b"Topiramate|top pyramid|Topamax|okay for|Dr Okafor", "Ana|anna|änne".encode()],
        read=read_glossary,
        refuses=_REFUSED,
        share=20,
    ),
    Target(
        name="batch-line",
        samples=lambda: [b'{"q": "How was I?", "as_of": "2025-01-01", "n": 5, "tag": "a", "phrases": ["b"]}'],
        read=read_batch,
        refuses=_REFUSED,
        share=40,
    ),
    Target(name="printable", samples=lambda: QUESTIONS + FIELDS, read=print_it, share=40),
)
