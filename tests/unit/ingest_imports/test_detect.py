import os
from pathlib import Path

import pytest

from diary.errors import ImportRefused
from ingest.importers.detect import FORMATS, format_of
from tests.unit.ingest_imports.importer import Importer

LINE = '{"id":"1","date":"2025-01-01","text":"x"}\n'


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("name", "text", "format"),
    [
        ("d.jsonl", LINE, "jsonl"),
        ("d.json", LINE, "jsonl"),
        ("d.txt", "\n" + LINE, "jsonl"),
        ("d", b"\xef\xbb\xbf" + LINE.encode(), "jsonl"),
        ("d.jsonl", '{"tags":["a"],"date":"2025-01-01","text":"x"}\n', "jsonl"),
        ("d.jsonl", '{"date":"2025-01-01","text":"' + "x" * 100_000 + '"}\n', "jsonl"),
        ("d.jsonl", "broken\n" + LINE, "jsonl"),
        ("empty.jsonl", "", "jsonl"),
        ("j.json", '{\n  "tags": {},\n  "entries": []\n}', "jrnl-json"),
        ("j.jsonl", '{"entries":[]}', "jrnl-json"),
        ("j.json", '{"tags":{},"entries":[]}'.encode("utf-16"), "jrnl-json"),
        ("j.txt", "[2024-01-05 21:10] x\n", "jrnl"),
        ("journal", "\n[Fri 5 January 2024 21:10] x\n", "jrnl"),
        ("n.md", "[2024-01-05 21:10] x\n", "markdown"),
        ("n.markdown", LINE, "markdown"),
    ],
)
def test_a_file_is_recognised_by_content_then_name(tmp_path, name, text, format):
    assert format_of(write(tmp_path / name, text), None).name == format


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("notes.txt", b"Just some prose.\n"),
        ("list.json", b'[{"date":"2025-01-01"}]'),
        ("dayone.json", b'{"metadata":{"version":"1.0"},"entries":[]}'),
        ("other.json", b'{"date": [unfinished\n'),
        ("noise.bin", bytes(range(256)) * 20),
        ("empty", b""),
        ("todo.txt", b"[x] 2024-01-05\n"),
    ],
)
def test_what_is_not_known_is_refused_with_the_formats_that_are(tmp_path, name, data):
    with pytest.raises(ImportRefused, match="format is not known") as refusal:
        format_of(write(tmp_path / name, data), None)
    assert all(format.name in refusal.value.hint for format in FORMATS)


@pytest.mark.parametrize(
    "data", [b"JRNLv3\x00\x20eyJzYWx0Ijo", b"gAAAAABl" + b"x" * 120], ids=["version 3", "version 2"]
)
@pytest.mark.parametrize("wanted", [None, "jrnl"])
def test_an_encrypted_journal_is_refused_with_the_way_to_read_it(tmp_path, data, wanted):
    with pytest.raises(ImportRefused, match="jrnl encrypted") as refusal:
        format_of(write(tmp_path / "journal.txt", data), wanted)
    assert "jrnl --format json" in refusal.value.hint


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"PK\x03\x04rest", "zip"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"SQLite format 3\0", "database"),
        (b"%PDF-1", "PDF"),
    ],
)
def test_a_container_is_named(tmp_path, data, name):
    with pytest.raises(ImportRefused, match=name):
        format_of(write(tmp_path / "x.jsonl", data), None)


def test_a_folder_is_recognised_by_its_files(tmp_path):
    (tmp_path / ".git").mkdir()
    write(tmp_path / ".git" / "x.md", "hidden")
    with pytest.raises(ImportRefused):
        format_of(tmp_path, None)
    write(tmp_path / "readme.txt", "prose")
    with pytest.raises(ImportRefused):
        format_of(tmp_path, None)
    (tmp_path / "2024").mkdir()
    write(tmp_path / "2024" / "05.txt", "[2024-01-05 21:10] x\n")
    assert format_of(tmp_path, None).name == "jrnl"
    write(tmp_path / "2024" / "05.md", "x")
    assert format_of(tmp_path, None).name == "markdown"


def test_a_format_can_be_named_and_an_unknown_name_is_refused(tmp_path):
    path = write(tmp_path / "x.txt", "nothing\n" + LINE)
    assert Importer().run(path, format="jsonl").added == 1
    with pytest.raises(ImportRefused, match="no import format"):
        Importer().run(path, format="csv")


def test_a_folder_is_refused_where_a_file_is_needed(tmp_path):
    with pytest.raises(ImportRefused, match="it is a folder"):
        format_of(tmp_path, "jsonl")


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path):
    os.mkfifo(tmp_path / "pipe.jsonl")
    with pytest.raises(ImportRefused, match="no regular file"):
        format_of(tmp_path / "pipe.jsonl", None)


def test_a_device_is_refused():
    with pytest.raises(ImportRefused, match="no regular file"):
        format_of(Path("/dev/zero"), None)


@pytest.mark.parametrize("name", ["a\0b", "x" * 5_000, "missing/none.md"])
def test_a_path_that_is_none_is_refused(tmp_path, name):
    with pytest.raises(ImportRefused):
        format_of(tmp_path / name, None)
