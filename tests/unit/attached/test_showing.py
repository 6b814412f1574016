"""What is shown of an attachment steers nothing, and is never more than was asked for."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

import pytest

from diary.attached.showing import MOST_SHOWN
from tests.unit.attached.conftest import Desk
from tests.unit.attached.samples import jpeg, png


def test_a_text_is_shown_and_steers_nothing(desk: Desk) -> None:
    kept = desk.keep("a,b\r\n1,\x1b[31mred \u202eder\u2069\n".encode(), "t.csv")
    viewed = desk.attached.view(kept.id)
    assert viewed.text == "a,b\n1,␛[31mred \ufffdder\ufffd\n"
    assert (viewed.encoding, viewed.left_out) == (None, 0)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("Grüße 🙂".encode(), None),
        (codecs.BOM_UTF8 + "Grüße 🙂".encode(), None),
        ("Grüße 🙂".encode("utf-16"), "utf-16"),
        ("Grüße 🙂".encode("utf-32"), "utf-32"),
        ("Grüße €".encode("cp1252"), "windows-1252"),
    ],
)
def test_a_text_is_read_in_its_encoding(desk: Desk, content: bytes, encoding: str | None) -> None:
    viewed = desk.attached.view(desk.keep(content, "a.txt").id)
    assert viewed.text in ("Grüße 🙂", "Grüße €")
    assert viewed.encoding == encoding


def test_of_a_long_text_the_beginning_is_read_and_shown(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = desk.keep(("ä" * 2_000_000).encode(), "long.txt")
    read = 0
    content = desk.stores.attachments.content

    def counted(number: object) -> Iterator[bytes]:
        nonlocal read
        for piece in content(number):  # type: ignore[arg-type]  # as it was called
            read += len(piece)
            yield piece

    monkeypatch.setattr(desk.stores.attachments, "content", counted)
    viewed = desk.attached.view(kept.id)
    assert viewed.text is not None
    assert set(viewed.text) == {"ä"}
    assert viewed.left_out == 4_000_000 - MOST_SHOWN
    assert read < MOST_SHOWN + 100_000


def test_a_text_cut_within_a_character_shows_no_broken_one(desk: Desk) -> None:
    viewed = desk.attached.view(desk.keep(b"x" + ("ä" * MOST_SHOWN).encode(), "a.txt").id)
    assert viewed.text is not None
    assert "\ufffd" not in viewed.text


def test_a_text_whose_end_is_no_text_is_shown_with_signs_for_it(desk: Desk) -> None:
    viewed = desk.attached.view(desk.keep(b"words " * 20_000 + b"\xff\x00\x1b", "a.txt").id)
    assert viewed.text is not None
    assert "\x1b" not in viewed.text
    assert "\0" not in viewed.text


@pytest.mark.parametrize("content", [png(640, 480), jpeg(640, 480)])
def test_of_a_picture_the_facts_are_told(desk: Desk, content: bytes) -> None:
    viewed = desk.attached.view(desk.keep(content, "a.txt").id)
    assert (viewed.text, viewed.pixels) == (None, (640, 480))


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"\0\1\2", b"\x7fELF"])
def test_of_anything_else_nothing_is_shown(desk: Desk, content: bytes) -> None:
    viewed = desk.attached.view(desk.keep(content, "a.txt").id)
    assert (viewed.text, viewed.pixels) == (None, None)


def test_a_page_is_shown_as_the_text_it_is(desk: Desk) -> None:
    viewed = desk.attached.view(desk.keep(b"<html><script>x</script>", "a").id)
    assert viewed.text == "<html><script>x</script>"
