"""Planning: a goal, what the notes name for it as a checklist that can be changed, and keeping it.

Rules: each plan is a turn of `WorkingScreen`. Saving makes a new entry at once; it asks only before it
replaces one, whose earlier version stays in its history. Leaving asks only when there are changes that would
be lost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from diary.model.entry import Entry, EntryChanges
from diary.model.plan import Plan
from diary.model.progress import Cancelled, Report
from diary.tui.commands import Place, bindings_for
from diary.tui.context import WIDTHS, ScreenContext
from diary.tui.dialogs.choice import Choice, ChoiceDialog
from diary.tui.dialogs.item import ItemDialog
from diary.tui.drafting import Page, encode, new_slot
from diary.tui.plain import counted, day_words, headline, one_line, range_words
from diary.tui.plan_sheet import KIND_WORDS, Day, Row, Sheet, of_plan, of_text
from diary.tui.ports import Notebook
from diary.tui.screens.reader import ReaderScreen
from diary.tui.screens.working import WorkingScreen
from diary.tui.tasks import Failure, WordsChanged, failure_of
from diary.tui.widgets.checklist import Checklist
from diary.tui.widgets.fields import Field
from diary.tui.widgets.footer import KeysFooter
from diary.tui.widgets.status_line import StatusLine
from retrieval.planning.checklist import title_of

IDLE: Final = "What do you want to plan? Enter looks through your notes for it."
KEYS: Final = "Enter opens its note · d deletes · o orders by day"
EXAMPLES: Final = "the week · moving house · my next visit"
NOTHING: Final = "Your notes name nothing for this."
LEAVE: Final = (
    Choice(key="s", label="Save it", value="save"),
    Choice(key="b", label="Go on planning", value="stay"),
    Choice(key="t", label="Throw away", value="throw away", dangerous=True),
)
REPLACE: Final = (
    Choice(key="y", label="Yes, replace it", value="replace"),
    Choice(key="n", label="No", value="stay"),
)


class PlanScreen(WorkingScreen):
    """Plans.

    :param kept: a plan that was kept as an entry, to be ticked off and changed.
    :param goal: what to plan, looked for at once.
    """

    PLACE = Place.PLAN
    CSS_PATH = "plan.tcss"
    AUTO_FOCUS = "#goal"
    BINDINGS: ClassVar[list[BindingType]] = bindings_for(Place.PLAN)
    HORIZONTAL_BREAKPOINTS = WIDTHS

    @dataclass
    class Made(Message):
        """The plan of this turn."""

        turn: int
        plan: Plan

    @dataclass
    class Saved(Message):
        """The plan is an entry now."""

        entry: Entry
        sheet: Sheet

    def __init__(
        self, notebook: Notebook, context: ScreenContext, *, kept: Entry | None = None, goal: str = ""
    ) -> None:
        super().__init__(notebook, context)
        self._entry = kept
        self._goal = goal
        self._made: Plan | None = None
        self._sheet = of_text(kept.text) if kept else Sheet(())
        self._saved = self._sheet
        self._leaving = False

    def compose(self) -> ComposeResult:
        """Lay out what is in it."""
        with Horizontal(id="head"):
            yield Static(Content("Plan"), id="prompt", markup=False)
            yield Field(self._goal, placeholder=EXAMPLES, id="goal", compact=True)
        yield Static(Content(IDLE), id="progress", markup=False)
        yield Checklist(id="items")
        yield Static(id="source", markup=False)
        yield StatusLine()
        yield KeysFooter()

    def on_mount(self) -> None:
        """Wait for a goal, or show the plan that was kept."""
        if self._entry is not None:
            self._show_sheet()
            self._say(f"{headline(self._entry)} · {KEYS}")
            self.query_one(Checklist).focus()
        elif self._goal:
            self._begin(self._goal)

    @property
    def changed(self) -> bool:
        """Whether there are changes that leaving would lose."""
        return self._sheet != self._saved

    # Making a plan

    @on(Input.Submitted)
    def _plan(self, event: Input.Submitted) -> None:
        event.stop()
        goal = event.value.strip()
        if not goal:
            return
        if self.changed:
            self._ask_before(lambda: self._begin(goal))
        else:
            self._begin(goal)

    def _begin(self, goal: str) -> None:
        def job(turn: int, report: Report, cancelled: Cancelled) -> Message:
            return self.Made(turn, self._notebook.plan(goal, report=report, cancelled=cancelled))

        self._new_turn("Looking through your notes… Esc stops.")
        self._work(self._turn, job)

    @on(Made)
    def _show(self, event: Made) -> None:
        event.stop()
        if event.turn != self._turn:
            return
        self._busy = False
        self._entry = None
        self._made = event.plan
        self._sheet = self._saved = of_plan(event.plan)
        self._show_sheet()
        when = f" ({range_words(event.plan.range)})" if event.plan.range else ""
        wanted = [item for item in event.plan.items if item.for_goal]
        also = " What else lies ahead is below." if event.plan.items else " a adds an item of your own."
        words = f"{counted(len(wanted), 'item')}{when} · {KEYS}" if wanted else f"{NOTHING[:-1]}{when}.{also}"
        self._say(words)
        self.query_one(Checklist).focus()

    def _give_up(self) -> None:
        """What was not saved is not left."""
        self._leaving = False

    # Changing it

    def _show_sheet(self, place: int | None = None) -> None:
        self.query_one(Checklist).show(self._sheet, self._world.now().date(), place=place)

    def _change(self, sheet: Sheet, place: int | None) -> None:
        self._sheet = sheet
        self._show_sheet(place)

    @property
    def _place(self) -> int | None:
        return self.query_one(Checklist).place

    def action_tick(self) -> None:
        """Tick the item, or take the tick away."""
        if (place := self._place) is not None:
            self._change(self._sheet.toggled(place), place)

    def action_delete(self) -> None:
        """Take the item off the plan; its note stays."""
        if (place := self._place) is not None:
            self._change(self._sheet.without(place), place)

    def action_by_day(self) -> None:
        """Put the items in the order of their days."""
        self._change(self._sheet.by_day(), self._place)

    def action_edit(self) -> None:
        """Change the words and the day of the item."""
        row, place = self.query_one(Checklist).current, self._place
        if row is None or place is None:
            return

        def changed(answer: tuple[str, Day] | None) -> None:
            if answer is not None:
                text, day = answer
                new = replace(row.item, text=text, since=day.since, due=day.due, at=day.at)
                self._change(self._sheet.changed(place, lambda _: new), place)

        self.app.push_screen(ItemDialog(row.item, now=self._world.now()), changed)

    def action_add(self) -> None:
        """Add an item of one's own."""

        def added(answer: tuple[str, Day] | None) -> None:
            if answer is not None:
                sheet = self._sheet.with_own(*answer)
                self._change(sheet, len(sheet.sections[0].rows) - 1)
                self.query_one(Checklist).focus()

        self.app.push_screen(ItemDialog(None, now=self._world.now()), added)

    # The notes it was taken from

    @on(Checklist.Moved)
    def _show_source(self, event: Checklist.Moved) -> None:
        event.stop()
        source = self.query_one("#source", Static)
        row = event.row
        source.display = row is not None
        if row is None:
            return
        if row.quotes:
            quote = row.quotes[0]
            more = f"  and {counted(len(row.quotes) - 1, 'more quote')}" if len(row.quotes) > 1 else ""
            day = day_words(quote.day, self._world.now().date())
            words = Content.assemble((day, "bold $accent"), f"{more}\n“{one_line(quote.text, 300)}”")
        elif row.item.entries:
            words = Content("Enter opens the note this was taken from.")
        else:
            words = Content("An item of your own.")
        source.update(self._about(row) + words)

    def _about(self, row: Row) -> Content:
        """What kind of item it is, and that its day has passed, when there is something to say."""
        item = row.item
        late = item.due is not None and item.due < self._world.now().date() and not item.done
        said = [KIND_WORDS[item.kind], "that day has passed" if late else ""]
        words = ", ".join(word for word in said if word)
        return Content.styled(f"{words[:1].upper()}{words[1:]} · ", "$secondary") if words else Content("")

    @on(Checklist.Opened)
    def _open(self, event: Checklist.Opened) -> None:
        event.stop()
        row = event.row
        if row.quotes:
            self._read(row.quotes[0])
        elif row.item.entries:
            self.app.push_screen(ReaderScreen(self._notebook, self._world, row.item.entries[0]))

    # Keeping it

    def action_save(self) -> None:
        """Keep the plan as an entry; ask before one is replaced."""
        if not self._sheet.rows:
            self._say("There is nothing to save yet.")
            return
        if self._entry is None:
            self._save(self._turn, self._sheet)
            return

        def answered(choice: str | None) -> None:
            if choice == "replace":
                self._save(self._turn, self._sheet)
            else:
                self._leaving = False

        details = "The version before stays in its history."
        self.app.push_screen(
            ChoiceDialog("Replace the saved plan?", details=details, choices=REPLACE), answered
        )

    @work(thread=True, exclusive=True, exit_on_error=False, group="save")
    def _save(self, turn: int, sheet: Sheet) -> None:
        try:
            if self._entry is not None:
                saved = self._notebook.edit(self._entry.id, EntryChanges(text=sheet.text()))
            else:
                made = self._made or Plan(goal="", as_of=self._world.now().date(), items=())
                saved = self._notebook.save_plan(sheet.plan(made))
        except Exception as error:
            self.post_message(self.NotDone(turn, failure_of(error)))
            return
        self.post_message(self.Saved(saved, sheet))

    @on(Saved)
    def _show_saved(self, event: Saved) -> None:
        event.stop()
        self._entry = event.entry
        self._saved = event.sheet
        self.post_message(WordsChanged())
        if self._leaving:
            self.dismiss()
            return
        shell = f"diary plan --entry {event.entry.id} --ics FILE"
        self._say(f"Saved as an entry; p on it opens it again.\nFor a calendar file, in the shell: {shell}")

    def flush(self) -> Failure | None:
        """Keep changes as unsaved words before the program ends; blocks on the disk."""
        if not self.changed:
            return None
        about = self._entry.id if self._entry else None
        title = self._entry.title if self._entry else title_of(self._made.goal if self._made else "")
        tags = " ".join(self._entry.tags) if self._entry else ""
        page = Page(text=self._sheet.text(), title=title or "", tags=tags)
        try:
            self._notebook.save_draft(new_slot(self._world.now(), about), encode(page), entry=about)
        except Exception as error:
            return failure_of(error)
        return None

    def action_stop(self) -> None:
        """Stop the plan under way; else go back, asking when changes would be lost."""
        if self._busy:
            self._stop("Stopped.")
        elif self.changed:
            self._ask_before(self.dismiss)
        else:
            self.dismiss()

    def _ask_before(self, go_on: Callable[[], object]) -> None:
        def answered(choice: str | None) -> None:
            if choice == "save":
                self._leaving = go_on == self.dismiss
                self.action_save()
            elif choice == "throw away":
                self._saved = self._sheet
                go_on()

        self.app.push_screen(ChoiceDialog("The changes of this plan are not saved.", choices=LEAVE), answered)
