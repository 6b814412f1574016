"""Whatever bytes a source holds: nothing but a DiaryError is raised, and every draft can be kept."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from diary.errors import DiaryError
from diary.model.entry import EntryDraft
from ingest.importers.dates import FIRST_YEAR, LAST_YEAR, Zone, has_date_shape, moment
from ingest.importers.unusable import Unusable
from tests.unit.ingest_imports.importer import NOW, Importer

OFTEN = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
FORMATS = {"jsonl": "x.jsonl", "jrnl-json": "x.json", "jrnl": "x.txt", "markdown": "x.md"}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
dates = st.one_of(
    st.datetimes().map(str),
    st.dates().map(str),
    st.text("0123456789-/:. TZ+", max_size=30),
    st.sampled_from(["2025-01-01", "9999-12-31T23:59-12:00", "31/12/2024 10:00", "5 Jan 2024"]),
)
entries = st.fixed_dictionaries(
    {"date": dates | json_values},
    optional={
        name: st.text(max_size=40) | json_values
        for name in ("text", "title", "body", "time", "id", "uuid", "tags", "starred", "kind", "creator")
    },
)
_KEYS = ["date: ", "created: ", "tags:\n  - ", "title: ", "<<: ", "? ", ": ", "# c", "2024-01-05"]
_SIGNS = [
    "\\ud800",
    "&a ",
    "*a ",
    "[",
    "]",
    "{",
    "}",
    "!!x ",
    "|\n",
    "'",
    '"',
    "%YAML 1.1\n",
    "---\n",
    "\n",
    "\t",
]
yaml_pieces = st.sampled_from([*_KEYS, *_SIGNS])
markdown = st.lists(yaml_pieces | st.text(max_size=8), max_size=25).map(
    lambda pieces: "---\n" + "".join(pieces) + "\n---\n# Title\nWords #tag `code`\n"
)
journal_pieces = st.one_of(
    dates.map(lambda date: f"\n[{date}] "),
    st.text(max_size=20),
    st.sampled_from(["\n", " *", "@tag ", "[x] "]),
)
journals = st.lists(journal_pieces, max_size=12).map("".join)


def check(format: str | None, name: str, untrusted: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(untrusted)
        importer = Importer()
        try:
            report = importer.run(path, format=format)
        except DiaryError as error:
            assert error.message.endswith(".")
            assert importer.stores.entries.count() == 0
            return
        assert report.added == len(report.entries) == importer.stores.entries.count()
        for draft in report.preview:
            assert_keepable(draft)
        for told in (*report.errors, *report.notes):
            (told.where + told.why).encode()
        again = importer.run(path, format=format)
        assert (again.added, again.errors) == (0, report.errors)


def assert_keepable(draft: EntryDraft) -> None:
    assert draft.text.strip()
    for moment_ in (draft.happened, draft.written):
        offset = moment_.utcoffset()
        assert offset is not None
        assert offset.total_seconds() % 60 == 0
        assert FIRST_YEAR <= moment_.year <= LAST_YEAR
        moment_.timestamp()
    for text in (draft.text, draft.title, draft.source_id, draft.metadata, *draft.tags):
        if text is not None:
            text.encode("utf-8")
            assert not set(text) & {"\x00", "\x1b", "\x9b", "\x7f"}
    assert draft.title is None or "\n" not in draft.title


def jsonb(value: object) -> bytes:
    """JSON as hostile writers make it: NaN and lone surrogates too."""
    return json.dumps(value, ensure_ascii=True).encode()


@pytest.mark.parametrize("format", [None, *FORMATS])
@OFTEN
@given(untrusted=st.binary(max_size=400))
@example(untrusted=b"[" * 100_000)
@example(untrusted=b"\xff\xfe\x00")
@example(untrusted=b'{"tags":{},"entries":[' + b"[" * 100_000)
def test_any_bytes_are_taken_or_refused_in_words(format, untrusted):
    check(format, FORMATS.get(format or "", "x.unknown"), untrusted)


@OFTEN
@given(items=st.lists(entries | json_values, max_size=6))
def test_any_json_lines(items):
    check("jsonl", "x.jsonl", b"\n".join(map(jsonb, items)))


@OFTEN
@given(
    items=st.lists(entries | json_values, max_size=6), more=st.dictionaries(st.text(max_size=5), json_values)
)
def test_any_journal_in_json(items, more):
    check("jrnl-json", "x.json", jsonb(more | {"entries": items}))


@OFTEN
@given(text=journals)
def test_any_journal_in_text(text):
    check("jrnl", "x.txt", text.encode("utf-8", "replace"))


@OFTEN
@given(text=markdown)
@example(text="---\na: &a [*a]\n---\nx")
@example(text="---\n? [a]\n: b\n---\nx")
def test_any_front_matter(text):
    check("markdown", "2024-01-05.md", text.encode("utf-8", "replace"))


@OFTEN
@given(text=dates | st.text(max_size=70))
def test_any_date_is_aware_and_in_bounds_or_refused(text):
    try:
        found = moment(text, Zone(NOW), day_first=True)
    except Unusable:
        return
    assert found.tzinfo is not None
    assert FIRST_YEAR <= found.year <= LAST_YEAR
    assert isinstance(has_date_shape(text), bool)


MEGA = 900_000
TRAPS = {
    "spaces in a heading": ("markdown", "# x" + " " * MEGA + "y\n"),
    "spaces before a star": ("jrnl", "[2024-01-05 10:00] x" + " " * MEGA + "* y\n"),
    "many sentences": ("jrnl", "[2024-01-05 10:00] " + "A. " * (MEGA // 3)),
    "backticks": ("markdown", "`" * 400_000 + " #x " + "``x" * 100_000),
    "hashes": ("markdown", " #1" * (MEGA // 3) + "\n" + "#" * MEGA),
    "digits in a tag": ("markdown", "#" + "1" * MEGA),
    "rules without an end": ("markdown", "---\n" + "-- \n" * (MEGA // 4)),
    "a long broken property": ("markdown", "---\ntitle: x: " + " " * 60_000 + "y\n---\nWords"),
    "brackets in YAML": ("markdown", "---\nx: " + "[" * 60_000 + "\n---\nWords"),
    "question marks in YAML": ("markdown", "---\nx: 1\n" + "? " * 30_000 + "\n---\nWords"),
    "brackets at line starts": ("jrnl", "[2024-01-05 10:00] x\n" + "[a\n" * (MEGA // 3)),
    "at signs": ("jrnl", "[2024-01-05 10:00] x\n" + " @a-" * (MEGA // 4)),
}


@pytest.mark.parametrize("name", TRAPS)
def test_no_text_makes_a_reader_slow(name, tmp_path):
    """A megabyte made to make a pattern go back and forth is read in the time of any megabyte."""
    format, text = TRAPS[name]
    path = tmp_path / FORMATS[format]
    path.write_text(text)
    started = time.process_time()
    Importer().run(path, format=format)
    assert time.process_time() - started < 5
