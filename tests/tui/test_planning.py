from __future__ import annotations

import threading
from datetime import date, time

import pytest
from textual.widgets import Input

from diary.errors import DiskFull, TimeNotUnderstood
from diary.model.entry import Entry, Kind
from diary.model.plan import Plan, PlanItem, PlanItemKind
from diary.tui.context import Outcome
from diary.tui.dialogs.choice import ChoiceDialog
from diary.tui.dialogs.item import ItemDialog
from diary.tui.drafting import decode
from diary.tui.plan_sheet import Day, of_plan, of_text, typed_day
from diary.tui.screens.journal import JournalScreen
from diary.tui.screens.plan import PlanScreen
from diary.tui.screens.reader import ReaderScreen
from diary.tui.widgets.checklist import Checklist
from retrieval.planning.checklist import checklist
from tests.fakes.session import NOW, FakeSession
from tests.tui.driving import Opened, opened, stop_at_the_gate
from tests.tui.sample import knee_quotes, sample_session


def a_plan(session: FakeSession, goal: str = "the knee") -> Plan:
    quotes = knee_quotes(session)
    items = (
        PlanItem(
            kind=PlanItemKind.APPOINTMENT,
            text="the physio",
            due=date(2026, 11, 26),
            at=time(16, 10),
            quotes=quotes[:2],
        ),
        PlanItem(kind=PlanItemKind.COMMITMENT, text="heel drops", due=None, quotes=quotes[1:2]),
        PlanItem(
            kind=PlanItemKind.COMMITMENT,
            text="ring the insurer",
            since=date(2026, 11, 9),
            due=date(2026, 11, 15),
            quotes=quotes[2:],
            for_goal=False,
        ),
    )
    return Plan(goal=goal, as_of=NOW.date(), items=items)


def planning_session() -> FakeSession:
    session = sample_session()
    session.plans = lambda goal: a_plan(session, goal)
    return session


async def begin(diary: Opened, goal: str = "the knee") -> None:
    await diary.sees("leeks")
    await diary.press("p")
    await diary.until(lambda: isinstance(diary.screen, PlanScreen))
    await diary.type(goal)
    await diary.press("enter")


async def planned(diary: Opened) -> None:
    await begin(diary)
    await diary.sees("2 items")


def plans(session: FakeSession) -> list[Entry]:
    return [versions[-1] for versions in session.kept.values() if versions[-1].kind is Kind.PLAN]


async def test_a_goal_brings_a_checklist_and_the_quote_of_the_item_in_view() -> None:
    async with opened(planning_session()) as diary:
        await planned(diary)
        await diary.sees("[ ]  Thu 26 Nov 16:10 the physio")
        await diary.sees("Also ahead")
        await diary.sees("Appointment · Yesterday 19 November  and 1 more quote")
        await diary.press("down", "down")
        await diary.sees("That day has passed · Friday 9 October")
        await diary.press("enter")
        await diary.until(lambda: isinstance(diary.screen, ReaderScreen))


async def test_when_the_notes_name_nothing_that_is_said_and_an_own_item_can_be_added() -> None:
    session = sample_session()
    async with opened(session) as diary:
        await begin(diary, "the moon")
        await diary.sees("Your notes name nothing for this. a adds an item of your own.")
        await diary.press("a")
        await diary.until(lambda: isinstance(diary.screen, ItemDialog))
        await diary.type("Buy a telescope")
        await diary.press("tab")
        await diary.type("Friday 16:10")
        await diary.sees("That is: Fri 27 Nov 16:10, 2026")
        await diary.press("enter")
        await diary.sees("[ ]  Fri 27 Nov 16:10 Buy a telescope")
        await diary.press("ctrl+s")
        await diary.sees("Saved as an entry")
        (entry,) = plans(session)
        assert "- [ ] 2026-11-27 16:10 Buy a telescope (commitment)" in entry.text
        await diary.sees(f"diary plan --entry {entry.id} --ics FILE")


async def test_items_are_ticked_changed_and_deleted_and_saved_as_they_are() -> None:
    session = planning_session()
    async with opened(session) as diary:
        await planned(diary)
        await diary.press("space", "down", "e")
        await diary.until(lambda: isinstance(diary.screen, ItemDialog))
        diary.screen.query_one("#text", Input).value = "heel drops, slowly"
        diary.screen.query_one("#day", Input).value = "tomorrow"
        await diary.press("enter")
        await diary.sees("Sat 21 Nov       heel drops, slowly")
        await diary.press("down", "d", "ctrl+s")
        await diary.sees("Saved as an entry")
    (entry,) = plans(session)
    assert entry.title == "Plan: the knee"
    assert "- [x] 2026-11-26 16:10 the physio (appointment, entries " in entry.text
    assert "- [ ] 2026-11-21 heel drops, slowly (commitment, entry " in entry.text
    assert "insurer" not in entry.text


@pytest.mark.slow
async def test_saving_again_asks_before_it_replaces_the_entry() -> None:
    session = planning_session()
    async with opened(session) as diary:
        await planned(diary)
        await diary.press("ctrl+s")
        await diary.sees("Saved as an entry")
        await diary.press("space", "ctrl+s")
        await diary.sees("Replace the saved plan?")
        await diary.press("y")
        await diary.until(lambda: plans(session)[0].revision == 2)
    assert len(plans(session)) == 1 and "- [x]" in plans(session)[0].text


async def test_a_kept_plan_is_opened_with_its_remarks_and_ticked_off() -> None:
    session = planning_session()
    made = session.save_plan(a_plan(session))
    text = made.text.replace("## Also ahead", "My remark.\n\n## Also ahead")
    from diary.model.entry import EntryChanges

    session.edit(made.id, EntryChanges(text=text))
    async with opened(session) as diary:
        await diary.sees("Plan: the knee")
        await diary.press("p")
        await diary.until(lambda: isinstance(diary.screen, PlanScreen))
        await diary.sees("[ ]  Thu 26 Nov 16:10 the physio")
        await diary.press("down", "space", "ctrl+s", "y")
        await diary.until(lambda: plans(session)[0].revision == 3)
    assert plans(session)[0].text == text.replace("- [ ] heel drops", "- [x] heel drops")


@pytest.mark.slow
async def test_leaving_asks_only_when_changes_would_be_lost() -> None:
    session = planning_session()
    async with opened(session) as diary:
        await planned(diary)
        await diary.press("space", "escape")
        await diary.until(lambda: isinstance(diary.screen, ChoiceDialog))
        await diary.press("b")
        await diary.until(lambda: isinstance(diary.screen, PlanScreen))
        await diary.press("space", "escape")
        await diary.until(lambda: isinstance(diary.screen, JournalScreen))
        assert plans(session) == []


async def test_a_changed_plan_is_kept_as_unsaved_words_when_the_diary_is_locked() -> None:
    session = planning_session()
    async with opened(session) as diary:
        await planned(diary)
        await diary.press("space", "ctrl+l")
        await diary.until(lambda: diary.app.return_value is Outcome.LOCK)
    (draft,) = session.slots.values()
    page = decode(draft.text)
    assert page.title == "Plan: the knee" and "- [x] 2026-11-26 16:10 the physio" in page.text


@pytest.mark.slow
async def test_a_plan_that_cannot_be_saved_is_told_and_stays() -> None:
    session = planning_session()
    session.broken["save_plan"] = DiskFull("The disk is full; the plan is still here.")
    async with opened(session) as diary:
        await planned(diary)
        await diary.press("ctrl+s")
        await diary.sees("The disk is full; the plan is still here.")
        assert diary.screen.query_one(Checklist).current is not None


@pytest.mark.slow
async def test_a_stopped_plan_shows_nothing_late() -> None:
    session = planning_session()
    gate = session.gates["plan"] = threading.Event()
    async with opened(session) as diary:
        await begin(diary)
        await stop_at_the_gate(diary, gate, late="the physio")


def test_a_sheet_is_written_as_the_command_line_writes_the_plan() -> None:
    plan = a_plan(sample_session())
    assert of_plan(plan).text() == checklist(plan)
    assert of_text(checklist(plan)).text() == checklist(plan)
    assert of_plan(plan).plan(plan) == plan


def test_items_are_put_in_order_of_their_days_within_their_section() -> None:
    sheet = of_plan(a_plan(sample_session())).with_own("call", Day(due=date(2026, 11, 21))).by_day()
    assert [row.item.text for row in sheet.rows] == ["call", "the physio", "heel drops", "ring the insurer"]


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("", Day()),
        ("any day", Day()),
        ("tomorrow", Day(due=date(2026, 11, 21))),
        ("monday 9:30", Day(due=date(2026, 11, 23), at=time(9, 30))),
        ("25 November", Day(due=date(2026, 11, 25))),
        ("5 January", Day(due=date(2027, 1, 5))),
        ("next week", Day(since=date(2026, 11, 23), due=date(2026, 11, 29))),
        ("2026-11-24 to 2026-11-26", Day(since=date(2026, 11, 24), due=date(2026, 11, 26))),
        ("2026-12-24 18:00", Day(due=date(2026, 12, 24), at=time(18, 0))),
    ],
)
def test_a_day_of_a_plan_is_read_as_one_to_come(words: str, day: Day) -> None:
    assert typed_day(words, NOW) == day


def test_a_day_that_is_none_is_refused() -> None:
    with pytest.raises(TimeNotUnderstood):
        typed_day("whenever", NOW)
