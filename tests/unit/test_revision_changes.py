"""What a version changed: the words that went and came, and nothing else."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from diary.model.entry import EntryId, Revision
from diary.revision_changes import MARKS, Part, about_words, changes_between, marked
from tests.unit.vault.fresh import MORNING

FIRST = Revision(entry=EntryId(1), number=1, made=MORNING, text="", happened=MORNING)


def shown(before: str, after: str) -> list[str]:
    changes = changes_between(replace(FIRST, text=before), replace(FIRST, text=after, number=2))
    return ["…" if line is None else marked(line)[0] for line in changes.lines]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("Walked to the weir.", "Walked to the weir.", []),
        ("Walked to the weir.", "Walked back to the weir.", ["~ Walked [+back+] to the weir."]),
        ("I slept six hours.", "I slept seven hours.", ["~ I slept [-six-][+seven+] hours."]),
        ("one\ntwo", "one\ntwo\nthree", ["+ three"]),
        ("one\ntwo\nthree", "one\nthree", ["- two"]),
        ("Rain all day.", "Ines rang, and Teo.", ["- Rain all day.", "+ Ines rang, and Teo."]),
        ("aaa a\nb\nc\nd\neee e", "aaa x\nb\nc\nd\neee y", ["~ aaa [-a-][+x+]", "…", "~ eee [-e-][+y+]"]),
        ("", "new words", ["+ new words"]),
        ("old words", "", ["- old words"]),
    ],
)  # fmt: skip
def test_changes_are_told_by_line_and_by_word(before: str, after: str, told: list[str]) -> None:
    assert shown(before, after) == told


def test_both_versions_can_be_read_from_the_pieces_of_any_change() -> None:
    dice, letters = random.Random(3), ["a", "b", "c", "dd", "eee"]
    for _ in range(300):
        before, after = (
            "\n".join(" ".join(dice.choices(letters, k=dice.randrange(6))) for _ in range(dice.randrange(5)))
            for _ in range(2)
        )
        changes = changes_between(replace(FIRST, text=before), replace(FIRST, text=after))
        for text, gone in ((before, Part.NEW), (after, Part.GONE)):
            left = text.splitlines()
            for line in changes.lines:
                if line is not None and not all(piece.part is gone for piece in line):
                    told = "".join(piece.text for piece in line if piece.part is not gone)
                    assert told in left, (before, after)
                    left.remove(told)
        if before.splitlines() == after.splitlines():
            assert changes.nothing


def test_the_places_of_a_marked_line_are_what_went_and_came() -> None:
    (line,) = changes_between(
        replace(FIRST, text="I slept six hours."), replace(FIRST, text="I slept seven hours.")
    ).lines
    assert line is not None
    text, places = marked(line)
    assert [(text[start:end], part) for start, end, part in places] == [
        (f"{MARKS[Part.GONE][0]}six{MARKS[Part.GONE][1]}", Part.GONE),
        (f"{MARKS[Part.NEW][0]}seven{MARKS[Part.NEW][1]}", Part.NEW),
    ]


def test_title_tags_star_and_time_are_told_too() -> None:
    later = replace(
        FIRST,
        title="Weir",
        tags=("walk",),
        starred=True,
        happened=MORNING + timedelta(days=1),
    )
    assert about_words(changes_between(replace(FIRST, tags=("home",)), later)) == [
        "title: none became “Weir”",
        "tag gone: home",
        "tag new: walk",
        "starred",
        "time: 2026-05-08 07:30 became 2026-05-09 07:30",
    ]
    assert changes_between(FIRST, FIRST).nothing


def test_a_long_entry_of_which_one_word_changed_is_quick() -> None:
    words = [str(number % 500) for number in range(60_000)]
    before = " ".join(words)
    words[30_000] = "changed"
    assert any("[+changed+]" in line for line in shown(before, " ".join(words)))
