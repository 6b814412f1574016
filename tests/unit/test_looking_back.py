"""How plans and reviews are said, and the file that an export is written to."""

import os
from datetime import date, time, timedelta
from pathlib import Path

import pytest

from diary.cli import export_file
from diary.cli.looking_back import say_plan, say_review
from diary.cli.output import Console
from diary.errors import FileExists, StorageFailed
from diary.model.answer import Quote
from diary.model.entry import EntryId
from diary.model.plan import Plan, PlanItem, PlanItemKind
from diary.model.review import Intention, Review, Shown, Theme
from diary.model.time_range import TimeRange

DAY = date(2024, 3, 9)
QUOTE = Quote(
    id="q1", entry=EntryId(7), source_id=None, day=DAY, text="I must ring Ada.", start=0, end=16, score=1.0
)


def review(entries: int, **more: object) -> Review:
    parts: dict[str, object] = {"happened": (), "intentions": (), "numbers": (), "themes": ()}
    return Review(range=TimeRange(DAY, DAY), entries=entries, days=entries, **(parts | more))  # type: ignore[arg-type]


def test_a_review_says_what_later_notes_show_or_do_not_mention(capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = (Intention(said=QUOTE, outcome=Shown.NOT_MENTIONED, evidence=()),)
    themes = (Theme(words=("roof", "rain"), entries=4, quotes=(QUOTE,)),)
    say_review(Console(json=False), review(5, intentions=outcomes, themes=themes), today=DAY)
    said = capsys.readouterr().out
    assert "“I must ring Ada.”\n    Your notes do not mention it again.\n" in said
    assert "roof, rain (4 entries)" in said
    assert "What happened" not in said


def test_few_notes_and_none_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    say_review(Console(json=False), review(1), today=DAY)
    assert "few notes" in capsys.readouterr().out
    say_review(Console(json=False), review(0), today=DAY)
    assert "You wrote nothing then." in capsys.readouterr().out
    say_review(Console(json=False), review(0), today=DAY - timedelta(days=1))
    assert "These days are still to come." in capsys.readouterr().out


def test_a_plan_says_that_nothing_is_named_and_what_lies_ahead_all_the_same(
    capsys: pytest.CaptureFixture[str],
) -> None:
    item = PlanItem(
        kind=PlanItemKind.APPOINTMENT,
        text="ring Ada",
        due=DAY,
        at=time(9, 5),
        quotes=(QUOTE,),
        for_goal=False,
    )
    say_plan(Console(json=False), Plan(goal="sail", as_of=DAY, items=(item,)))
    said = capsys.readouterr().out
    assert said.startswith("Your notes name nothing for this.\n\nAlso ahead\n")
    assert "Sat 9 Mar 2024, 09:05 · appointment: ring Ada" in said


def test_an_export_overwrites_nothing_and_takes_an_empty_file(tmp_path: Path) -> None:
    file = tmp_path / "plan.ics"
    assert export_file.make_ready(file) == file
    assert export_file.make_ready(file) == file
    export_file.write(file, b"words")
    with pytest.raises(FileExists):
        export_file.make_ready(file)
    link = tmp_path / "link.ics"
    link.symlink_to(tmp_path / "elsewhere.ics")
    with pytest.raises(FileExists):
        export_file.make_ready(link)
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"words", 0o600)
    with pytest.raises(StorageFailed):
        export_file.make_ready(tmp_path / "no folder" / "plan.ics")


def test_a_file_that_needs_a_name_before_it_is_whole_is_its_owner_s_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a stick whose file system makes none without a name."""
    monkeypatch.setattr(export_file.unnamed, "made_without_name", lambda _: False)
    before = os.umask(0)
    try:
        path = export_file.make_ready(tmp_path / "plan.ics")
        export_file.write(path, b"words")
    finally:
        os.umask(before)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"words", 0o600)
