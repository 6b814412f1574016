"""Finding: words and filters in one field, the entries they find below, as they are typed.

Rules: a search begins at a pause of typing or with Enter, and is a turn of `WorkingScreen`. Enter opens the
highlighted entry once what is shown is what was typed. An empty field lists the newest entries. A filter that
cannot be understood is told in words, and nothing is looked up meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Static

from diary.model.answer import SearchResult
from diary.model.progress import Cancelled, Report
from diary.tui.commands import Place, bindings_for
from diary.tui.context import WIDTHS, ScreenContext
from diary.tui.dialogs.filters import FilterDialog
from diary.tui.plain import counted, range_words
from diary.tui.ports import Notebook
from diary.tui.screens.reader import ReaderScreen
from diary.tui.screens.working import WorkingScreen
from diary.tui.tasks import failure_of
from diary.tui.widgets.fields import Field
from diary.tui.widgets.footer import KeysFooter
from diary.tui.widgets.hit_list import HitList
from diary.tui.widgets.status_line import StatusLine
from retrieval.query import Query, read_query

PAUSE: Final = 0.35
"""Seconds without typing after which the search begins."""

MOST: Final = 50
EXAMPLES: Final = "knee “heel drops” -stairs tag:health kind:voice is:starred from:2025-05"


class FindScreen(WorkingScreen):
    """Looks for entries."""

    PLACE = Place.FIND
    CSS_PATH = "find.tcss"
    AUTO_FOCUS = "#query"
    BINDINGS: ClassVar[list[BindingType]] = bindings_for(Place.FIND)
    HORIZONTAL_BREAKPOINTS = WIDTHS
    SAYS = "#outcome"
    INDEXING = "Making new entries searchable first"

    @dataclass
    class Found(Message):
        """What the search of this turn found."""

        turn: int
        query: Query
        result: SearchResult

    def __init__(self, notebook: Notebook, context: ScreenContext) -> None:
        super().__init__(notebook, context)
        self._pause: Timer | None = None
        self._sought: str | None = None
        self._shown: str | None = None

    def compose(self) -> ComposeResult:
        """Lay out what is in it."""
        with Horizontal(id="head"):
            yield Static(Content("Find"), id="prompt", markup=False)
            yield Field(placeholder=EXAMPLES, id="query", compact=True)
        yield Static(id="outcome", markup=False)
        yield HitList(id="hits")
        yield StatusLine()
        yield KeysFooter()

    def on_mount(self) -> None:
        """List the newest entries until something is typed."""
        self._search()

    @property
    def _typed(self) -> str:
        return self.query_one("#query", Input).value

    # Searching

    @on(Input.Changed)
    def _wait_for_a_pause(self, event: Input.Changed) -> None:
        event.stop()
        self._stop_pause()
        if self._typed != self._sought:
            self._pause = self.set_timer(PAUSE, self._search)

    @on(Input.Submitted)
    def _enter(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Open the highlighted entry; search first when something else was typed meanwhile."""
        if self._typed == self._shown:
            self.query_one(HitList).open_current()
        elif self._typed != self._sought:
            self._search()

    def _search(self) -> None:
        self._stop_pause()
        self._sought = typed = self._typed
        self._new_turn("Searching…")
        query = read_query(typed, self._world.now().date())
        if query.problems:
            self._shown = typed
            self._busy = False
            self._say(failure_of(query.problems[0]).sentences, "-failed")
            self.query_one(HitList).show((), query, self._world.now().date())
            return
        question = query.question(as_of=self._world.now().date(), limit=MOST)

        def job(turn: int, report: Report, _: Cancelled) -> Message:
            return self.Found(turn, query, self._notebook.find(question, report=report))

        self._work(self._turn, job)

    def _stop_pause(self) -> None:
        if self._pause is not None:
            self._pause.stop()
            self._pause = None

    # What comes in

    @on(Found)
    def _show(self, event: Found) -> None:
        event.stop()
        if event.turn != self._turn:
            return
        self._busy = False
        self._shown = self._sought
        self.query_one(HitList).show(event.result.hits, event.query, self._world.now().date())
        self._say(self._outcome(event.query, event.result))

    def _give_up(self) -> None:
        """Enter tries again."""
        self._sought = None

    @staticmethod
    def _outcome(query: Query, result: SearchResult) -> str:
        count = counted(len(result.hits), "entry", "entries")
        if not query.text:
            words = f"The newest {count}" if len(result.hits) == MOST else f"{count}, newest first"
        else:
            words = f"The best {count}" if len(result.hits) == MOST else f"{count}, best first"
        if not result.hits:
            words = "Nothing found"
        if result.range:
            words += f" · {range_words(result.range)}"
        if result.pending:
            words += f" · {counted(result.pending, 'entry', 'entries')} not searchable yet"
        return words

    # Moving and opening

    def action_next(self) -> None:
        """Go to the next hit; the field keeps the focus."""
        self.query_one(HitList).action_cursor_down()

    def action_previous(self) -> None:
        """Go to the hit before."""
        self.query_one(HitList).action_cursor_up()

    def action_page(self, pages: int) -> None:
        """Go a page down or up."""
        hits = self.query_one(HitList)
        hits.action_page_down() if pages > 0 else hits.action_page_up()

    @on(HitList.Opened)
    def _open(self, event: HitList.Opened) -> None:
        event.stop()
        span = (event.hit.start, event.hit.end)
        self.app.push_screen(ReaderScreen(self._notebook, self._world, event.hit.entry, span=span))

    def action_filter(self) -> None:
        """Put a filter into the field."""
        self.app.push_screen(FilterDialog(), self._take_filter)

    def _take_filter(self, words: str | None) -> None:
        if words:
            field = self.query_one("#query", Input)
            field.value = f"{field.value.rstrip()} {words}".lstrip()
            field.cursor_position = len(field.value)

    def action_leave(self) -> None:
        """Go back to the journal."""
        self.dismiss()

    def on_key(self, event: events.Key) -> None:
        """Letters typed while the screen opened, or in the list, belong to the field."""
        if event.is_printable and event.character:
            event.stop()
            field = self.query_one("#query", Input)
            self.set_focus(field)
            field.insert_text_at_cursor(event.character)
