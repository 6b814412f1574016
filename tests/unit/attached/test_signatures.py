"""What a file is, its bytes say; its name is a hint."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diary.attached.signatures import (
    HEAD_BYTES,
    UNKNOWN,
    encoding_of,
    is_text,
    kind_words,
    media_type_of,
)
from diary.pictures import pixels
from tests.unit.attached.samples import isobmff, ispe, jpeg, png, zipped

OOXML = "application/vnd.openxmlformats-officedocument."


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (png(), "a", "image/png"),
        (jpeg(), "a", "image/jpeg"),
        (b"GIF89a\1\0\1\0", "a", "image/gif"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "a", "image/webp"),
        (b"RIFF\x10\0\0\0WAVEfmt ", "a", "audio/wav"),
        (b"RIFF\x10\0\0\0ACON", "a", UNKNOWN),
        (b"BM" + bytes(12) + b"(\0\0\0", "a", "image/bmp"),
        (isobmff(b"heic"), "a", "image/heic"),
        (isobmff(b"avif"), "a", "image/avif"),
        (isobmff(b"M4A "), "a", "audio/mp4"),
        (isobmff(b"isom"), "a", "video/mp4"),
        (b"ID3\3\0", "a", "audio/mpeg"),
        (b"\xff\xfb\x90\0", "a", "audio/mpeg"),
        (b"fLaC\0", "a", "audio/flac"),
        (b"OggS\0" + bytes(20), "a", "audio/ogg"),
        (b"\x1aE\xdf\xa3" + b"\x42\x82webm", "a", "video/webm"),
        (b"\x1aE\xdf\xa3" + b"\x42\x82matroska", "a", "video/x-matroska"),
        (b"%PDF-1.7\n%\xe2\xe3", "a", "application/pdf"),
        (b"junk before\n%PDF-1.4\n\0", "a.txt", "application/pdf"),
        (bytes(128) + b"DICM", "a", "application/dicom"),
        (zipped("a.txt"), "a.docx", "application/zip"),
        (zipped("[Content_Types].xml", "word/document.xml"), "a", f"{OOXML}wordprocessingml.document"),
        (zipped("_rels/.rels", "xl/workbook.xml"), "a.docx", f"{OOXML}spreadsheetml.sheet"),
        (zipped("mimetype", content=b"application/epub+zip"), "a", "application/epub+zip"),
        (zipped("mimetype", content=b"text/html<script>"), "a", "application/zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "a.DOC", "application/msword"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "a.png", "application/x-ole-storage"),
        (b"\x7fELF\2\1\1" + bytes(20), "holiday.jpg", "application/x-elf"),
        (b"SQLite format 3\0", "a", "application/vnd.sqlite3"),
        (bytes(257) + b"ustar", "a", "application/x-tar"),
    ],
)
def test_a_signature_says_what_it_is_whatever_the_name(content: bytes, name: str, expected: str) -> None:
    assert media_type_of(content, name, whole=True) == expected


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (b"plain words\n", "a", "text/plain"),
        ("Über die Brücke 🌉".encode(), "a.txt", "text/plain"),
        (b"a,b\n1,2\n", "a.csv", "text/csv"),
        (b"# Title\n", "a.MD", "text/markdown"),
        (b'{"a": 1}', "a.json", "application/json"),
        (b"no json at all", "a.json", "text/plain"),
        (b"no page at all", "a.html", "text/plain"),
        (b"  <!DOCTYPE html><p>", "a.txt", "text/html"),
        (b"<?xml version='1.0'?>\n<svg xmlns='x'>", "a.png", "image/svg+xml"),
        (b"<?xml version='1.0'?><a/>", "a", "text/xml"),
        (b"BEGIN:VCALENDAR\r\n", "a", "text/calendar"),
        (b"\x1b[31mred\n", "a.log", "text/plain"),
        (codecs.BOM_UTF8 + b"x", "a", "text/plain"),
        ("Grüße".encode("utf-16"), "a", "text/plain"),
        ("Grüße;1".encode("cp1252"), "a.csv", "text/csv"),
        ("Grüße;1".encode("cp1252"), "a", UNKNOWN),
        ("Grüße;1".encode("cp1252"), "a.exe", UNKNOWN),
        (b"words with \0 in them", "a.txt", UNKNOWN),
        (b"\x80\x81\0\1", "a.txt", UNKNOWN),
        (b"", "a.png", UNKNOWN),
        (b"MZ is how this note begins", "a.txt", "text/plain"),
        (b"BMI was 22 today, which is fine", "a.txt", "text/plain"),
    ],
)
def test_a_text_is_told_by_its_bytes_and_its_kind_by_the_name(
    content: bytes, name: str, expected: str
) -> None:
    assert media_type_of(content, name, whole=True) == expected


def test_a_character_that_is_cut_at_the_end_of_the_head_makes_no_binary_of_a_text() -> None:
    head = ("ä" * HEAD_BYTES).encode()[: HEAD_BYTES - 1]
    assert encoding_of(head, whole=False) == "utf-8"
    assert encoding_of(head, whole=True) is None
    assert media_type_of(head, "a", whole=False) == "text/plain"
    assert media_type_of(head, "a", whole=True) == UNKNOWN


def test_no_bytes_take_long() -> None:
    comments = b"<!---->" * 600  # parted in every way there is, they would take ages
    assert media_type_of(comments, "a", whole=True) == "text/plain"
    assert media_type_of(b"<?xml " * 700, "a", whole=True) == "text/xml"


@given(st.binary(max_size=300), st.text(max_size=8))
def test_any_bytes_have_a_type_and_words(content: bytes, name: str) -> None:
    found = media_type_of(content, name, whole=True)
    assert "/" in found
    assert kind_words(found)
    assert not (is_text(found) and b"\0" in content and encoding_of(content, whole=True) == "utf-8")
    pixels(content)


@pytest.mark.parametrize(
    ("media_type", "words"),
    [
        ("image/png", "PNG image"),
        ("audio/flac", "FLAC sound"),
        ("audio/x-caf", "CAF sound"),
        ("video/quicktime", "video"),
        ("application/pdf", "PDF document"),
        ("application/gzip", "GZIP file"),
        ("application/vnd.oasis.opendocument.text", "OpenDocument file"),
        ("application/x-ole-storage", "packed or special file"),
        (UNKNOWN, "file of unknown kind"),
    ],
)
def test_a_kind_in_words(media_type: str, words: str) -> None:
    assert kind_words(media_type) == words


@pytest.mark.parametrize(
    "content",
    [
        png(640, 480),
        jpeg(640, 480),
        b"GIF89a\x80\2\xe0\1",
        b"BM" + bytes(12) + b"(\0\0\0\x80\2\0\0" + (-480).to_bytes(4, "little", signed=True),
        b"RIFF\0\0\0\0WEBPVP8X" + bytes(8) + b"\x7f\2\0\xdf\1\0",
        b"RIFF\0\0\0\0WEBPVP8L" + bytes(4) + b"\x2f" + (639 | 479 << 14).to_bytes(4, "little"),
        b"RIFF\0\0\0\0WEBPVP8 " + bytes(7) + b"\x9d\x01\x2a\x80\2\xe0\1",
        isobmff(b"heic", ispe(320, 240) + ispe(640, 480)),
    ],
)
def test_the_pixels_of_a_picture_are_read_from_its_head(content: bytes) -> None:
    assert pixels(content) is None or pixels(content) == (640, 480)
    assert pixels(content + bytes(8)) == (640, 480)


@pytest.mark.parametrize(
    "content", [b"", b"words", png(0, 5), png()[:18], b"\xff\xd8\xff\xe0", b"BM", b"GIF87a"]
)
def test_a_picture_that_does_not_say_has_none(content: bytes) -> None:
    assert pixels(content) is None
