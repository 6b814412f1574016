"""Finding: words and filters in one field, the entries they find below, as they are typed.

Rules: a search begins at a pause of typing or with Enter, in a worker; each has a number, and what a
replaced one finds is dropped. Enter opens the highlighted entry once what is shown is what was typed. An
empty field lists the newest entries. A filter that cannot be understood is told in words, and nothing is
looked up meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Footer, Input, Static

from diary.model.answer import SearchResult
from diary.model.progress import Progress
from diary.tui.commands import Place, bindings_for
from diary.tui.context import WIDTHS, ScreenContext
from diary.tui.dialogs.filters import FilterDialog
from diary.tui.plain import counted, range_words
from diary.tui.ports import Notebook
from diary.tui.screens.base import DiaryScreen
from diary.tui.screens.reader import ReaderScreen
from diary.tui.tasks import Failure, failure_of
from diary.tui.widgets.fields import Field
from diary.tui.widgets.hit_list import HitList
from diary.tui.widgets.status_line import StatusLine
from retrieval.query import Query, read_query

PAUSE: Final = 0.35
"""Seconds without typing after which the search begins."""

MOST: Final = 50
EXAMPLES: Final = "knee “heel drops” -stairs tag:health kind:voice is:starred from:2025-05"


class FindScreen(DiaryScreen[None]):
    """Looks for entries."""

    PLACE = Place.FIND
    CSS_PATH = "find.tcss"
    AUTO_FOCUS = "#query"
    BINDINGS: ClassVar[list[BindingType]] = bindings_for(Place.FIND)
    HORIZONTAL_BREAKPOINTS = WIDTHS

    @dataclass
    class Found(Message):
        """What the search of this turn found."""

        turn: int
        query: Query
        result: SearchResult

    @dataclass
    class NotFound(Message):
        """The search of this turn failed."""

        turn: int
        failure: Failure

    @dataclass
    class Indexing(Message):
        """New entries are made searchable before the search."""

        turn: int
        progress: Progress

        def can_replace(self, message: Message) -> bool:
            """Only the latest progress is worth showing."""
            return isinstance(message, FindScreen.Indexing)

    def __init__(self, notebook: Notebook, context: ScreenContext) -> None:
        super().__init__()
        self._notebook = notebook
        self._world = context
        self._turn = 0
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
        yield Footer(show_command_palette=False, compact=True)

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
        self._turn += 1
        query = read_query(typed, self._world.now().date())
        if query.problems:
            self._shown = typed
            self._say(failure_of(query.problems[0]).sentences, "-failed")
            self.query_one(HitList).show((), query, self._world.now().date())
            return
        self._say("Searching…", "-running")
        self._work(self._turn, query)

    @work(thread=True, exclusive=True, exit_on_error=False, group="find")
    def _work(self, turn: int, query: Query) -> None:
        def report(progress: Progress) -> None:
            self.post_message(self.Indexing(turn, progress))

        question = query.question(as_of=self._world.now().date(), limit=MOST)
        try:
            result = self._notebook.find(question, report=report)
        except Exception as error:
            self.post_message(self.NotFound(turn, failure_of(error)))
            return
        self.post_message(self.Found(turn, query, result))

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
        self._shown = self._sought
        self.query_one(HitList).show(event.result.hits, event.query, self._world.now().date())
        self._say(self._outcome(event.query, event.result))

    @on(NotFound)
    def _tell(self, event: NotFound) -> None:
        event.stop()
        if event.turn == self._turn:
            self._sought = None  # Enter tries again
            self._say(event.failure.sentences, "-failed")

    @on(Indexing)
    def _show_indexing(self, event: Indexing) -> None:
        event.stop()
        if event.turn == self._turn and self._shown != self._sought:
            total = f" of {event.progress.total:,}" if event.progress.total else ""
            self._say(f"Making new entries searchable first: {event.progress.done:,}{total}", "-running")

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

    def _say(self, words: str, manner: str = "") -> None:
        outcome = self.query_one("#outcome", Static)
        outcome.set_classes(manner)
        outcome.update(Content(words))

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
