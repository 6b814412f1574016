"""A name that came with a file steers nothing and hides nothing when the file is given out."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diary.attached.names import MOST_BYTES, file_name, numbered
from diary.file_words import shown_name, size_words


@pytest.mark.parametrize(
    ("untrusted", "expected"),
    [
        ("scan.png", "scan.png"),
        ("頭痛 🙂.txt", "頭痛 🙂.txt"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\Users\\x.doc", "C__Users_x.doc"),
        (".bashrc", "bashrc"),
        ("..", "attachment"),
        ("", "attachment"),
        (" \t\n", "attachment"),
        ("///", "attachment"),
        ("-rf", "rf"),
        ("a\x1b[2Jb.txt", "a_[2Jb.txt"),
        ("invoice\u202efdp.exe", "invoice_fdp.exe"),
        ("a\u200bb.txt", "a_b.txt"),
        ("two\nlines", "two_lines"),
        ("CON", "_CON"),
        ("com1.txt", "_com1.txt"),
        ("console.txt", "console.txt"),
        ("ends. . ", "ends"),
        ("$(reboot).txt", "_(reboot).txt"),
        ("e\u0301.txt", "\u00e9.txt"),
        ("x" * 500 + ".pdf", "x" * (MOST_BYTES - 4) + ".pdf"),
        ("頭" * 200 + ".png", "頭" * ((MOST_BYTES - 4) // 3) + ".png"),
    ],
)
def test_a_name_is_made_harmless(untrusted: str, expected: str) -> None:
    assert file_name(untrusted) == expected


@given(st.text(max_size=400))
def test_any_name_becomes_one_that_can_be_written(untrusted: str) -> None:
    name = file_name(untrusted)
    assert 0 < len(name.encode()) <= MOST_BYTES
    assert Path(name).name == name
    assert not name.startswith((".", "-", " "))
    assert not any(unicodedata.category(mark) in ("Cc", "Cf", "Cs") for mark in name)
    assert file_name(name) == name


def test_a_number_stands_before_the_suffix() -> None:
    assert numbered("scan.tar.gz", 2) == "scan.tar (2).gz"
    assert numbered("scan", 3) == "scan (3)"


def test_a_name_is_shown_in_one_line_with_its_end() -> None:
    assert shown_name("a\x1b[2J\n\u202eb.txt") == "a␛[2J \ufffdb.txt"
    shown = shown_name("x" * 300 + ".exe")
    assert len(shown) == 80
    assert shown.endswith(".exe")
    assert "…" in shown


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1000, "1.0 kB"), (38_200, "38 kB"),
     (999_600, "1.0 MB"), (1_234_567, "1.2 MB"), (2_000_000_000, "2.0 GB"), (5 * 10**15, "5000 TB")],
)  # fmt: skip
def test_a_size_in_words(size: int, words: str) -> None:
    assert size_words(size) == words
