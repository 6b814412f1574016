import time

import pytest

from diary.errors import ImportRefused
from diary.model.entry import Kind, Transcript
from tests.unit.ingest_imports.importer import Importer, item, jsonl


def test_every_field_arrives(tmp_path):
    path = jsonl(
        tmp_path / "diary.jsonl",
        item(id="a-1", title="Peas", tags=["allotment", "Spring"], starred=True, kind="voice"),
    )
    importer = Importer()
    report = importer.run(path)
    entry = importer.stores.entries.get(report.entries[0])
    assert (entry.source_id, entry.title, entry.text) == ("a-1", "Peas", "Peas in.")
    assert (entry.tags, entry.starred, entry.kind) == (("allotment", "Spring"), True, Kind.VOICE)
    assert entry.happened.isoformat() == entry.written.isoformat() == "2025-03-02T17:20:00+01:00"
    assert entry.transcript is Transcript.TRANSCRIBED
    assert entry.metadata is None
    assert (report.format, report.added, report.batch) == ("jsonl", 1, entry.batch)


def test_importing_twice_adds_nothing(tmp_path):
    path = jsonl(tmp_path / "diary.jsonl", item(id="1"), item(text="No id."))
    importer = Importer()
    assert importer.run(path).added == 2
    again = importer.run(path)
    assert (again.added, again.duplicates, again.batch, again.errors) == (0, 2, None, ())
    assert importer.stores.entries.count() == 2


def test_a_whole_number_id_comes_back_as_text(tmp_path):
    importer = Importer()
    report = importer.run(jsonl(tmp_path / "d.jsonl", item(id=17)))
    assert report.preview[0].source_id == "17"


def test_unknown_fields_are_kept_verbatim(tmp_path):
    path = tmp_path / "d.jsonl"
    path.write_text(
        '{"date":"2025-03-02","text":"x","mood": 1.50e1,"big":1e999,"in":{"b": [1,  2]},"kind":"dream"}'
    )
    draft = Importer().run(path).preview[0]
    assert draft.metadata == '{"mood":1.50e1,"big":1e999,"in":{"b": [1,  2]},"kind":"dream"}'
    assert draft.kind is Kind.NOTE


def test_an_entry_with_only_a_title_has_it_as_text(tmp_path):
    draft = Importer().run(jsonl(tmp_path / "d.jsonl", item(text="", title="Rain all day"))).preview[0]
    assert (draft.title, draft.text) == (None, "Rain all day")


BAD_LINES = {
    "no JSON": (b"hello", "damaged"),
    "an array": (b"[1]", "not as expected"),
    "cut off": (b'{"date":"2025-01-01","text":"x', "damaged"),
    "no date": (b'{"text":"x"}', "date"),
    "a wrong type": (b'{"date":"2025-01-01","text":5}', "$.text"),
    "bytes that are no UTF-8": (b'{"date":"2025-01-01","text":"\xff\xfe"}', "UTF-8"),
    "a lone surrogate": (b'{"date":"2025-01-01","text":"\\ud800"}', "damaged"),
    "a raw NUL": (b'{"date":"2025-01-01","text":"a\x00b"}', "damaged"),
    "deep nesting": (
        b'{"date":"2025-01-01","text":"x","z":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        "deeply",
    ),
    "the year 9999": (b'{"date":"9999-12-31","text":"x"}', "9999"),
    "an enormous offset": (b'{"date":"2025-01-01T00:00+99:00","text":"x"}', "offset"),
    "an enormous id": (b'{"date":"2025-01-01","text":"x","id":' + b"9" * 6_000 + b"}", "not as expected"),
    "an id with an escape": (b'{"date":"2025-01-01","text":"x","id":"\\u001b[2J"}', "id holds control"),
    "a text too long": (b'{"date":"2025-01-01","text":"' + b"x" * 1_000_001 + b'"}', "longer than"),
    "a line too long": (b'{"date":"2025-01-01","text":"' + b"x" * 9_000_000 + b'"}', "longer than any"),
}


@pytest.mark.parametrize("name", BAD_LINES)
def test_a_bad_line_is_listed_with_its_number_and_the_good_ones_are_taken(tmp_path, name):
    bad, reason = BAD_LINES[name]
    path = tmp_path / "d.jsonl"
    good = b'{"date":"2025-01-01","text":"before"}\n', b'{"date":"2025-01-02","text":"after"}\n'
    path.write_bytes(good[0] + bad + b"\n" + good[1])
    report = Importer().run(path)
    assert [draft.text for draft in report.preview] == ["before", "after"]
    assert [error.where for error in report.errors] == ["d.jsonl, line 2"]
    assert reason in report.errors[0].why


def test_control_characters_are_left_out_with_a_note_and_line_endings_stay(tmp_path):
    path = jsonl(tmp_path / "d.jsonl", item(text="a\x1b[31mred\x00\x9b\r\n\ttab"))
    report = Importer().run(path)
    assert report.preview[0].text == "a[31mred\r\n\ttab"
    assert "3 control characters" in report.notes[0].why


def test_entries_without_words_are_skipped_with_a_reason(tmp_path):
    report = Importer().run(jsonl(tmp_path / "d.jsonl", item(text=" \n"), item()))
    assert (report.added, report.skipped, report.errors) == (1, 1, ())
    assert (report.notes[0].where, report.notes[0].why) == ("d.jsonl, line 1", "it has no words")


def test_the_same_id_with_other_words_is_taken_and_noted(tmp_path):
    report = Importer().run(jsonl(tmp_path / "d.jsonl", item(id="1"), item(id="1", text="Other words.")))
    assert (report.added, report.duplicates) == (2, 0)
    assert "same id as d.jsonl, line 1" in report.notes[0].why


def test_the_same_words_twice_are_one_entry(tmp_path):
    report = Importer().run(jsonl(tmp_path / "d.jsonl", item(), item(), item(id="z")))
    assert (report.added, report.duplicates) == (1, 2)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_is_understood(tmp_path, encoding):
    path = tmp_path / "d.jsonl"
    path.write_bytes('{"date":"2025-01-01","text":"Über Nacht ☾"}\n'.encode(encoding))
    assert Importer().run(path).preview[0].text == "Über Nacht ☾"


def test_utf_16_that_breaks_its_mark_is_refused(tmp_path):
    path = tmp_path / "d.jsonl"
    path.write_bytes(b"\xff\xfe\x00\xd8{")
    with pytest.raises(ImportRefused, match="utf-16"):
        Importer().run(path)


def test_more_than_a_thousand_errors_are_counted_not_listed(tmp_path):
    path = tmp_path / "d.jsonl"
    path.write_text("nonsense\n" * 1_500)
    report = Importer().run(path, format="jsonl")
    assert len(report.errors) == 1_001
    assert report.errors[-1].why == "and 500 more"


@pytest.mark.parametrize("lines", [10_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_lines_are_staged_by_the_thousand_in_a_second(tmp_path, lines):
    path = tmp_path / "d.jsonl"
    line = '{"id":"%d","date":"2025-01-01T08:00:00+01:00","text":"Entry number %d, with a few words."}\n'
    with path.open("w") as out:
        out.writelines(line % (number, number) for number in range(lines))
    started = time.process_time()  # of this process alone: others may be busy
    assert Importer().run(path, dry_run=True).added == lines
    assert time.process_time() - started < lines / 1_000
