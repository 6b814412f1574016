"""Opens the diary: a passphrase or a recovery code, or Enter alone when a key file was named.

Rules: the words typed here are shown as dots, handed to `unlock` in a worker's thread (deriving the key takes
about a second by design), and cleared from the field whatever the outcome.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, Static

from diary.model.progress import Progress, Report
from diary.tui.commands import Place, bindings_for
from diary.tui.context import ScreenContext
from diary.tui.plain import one_line
from diary.tui.ports import Notebook
from diary.tui.tasks import Failure, failure_of
from diary.tui.widgets.footer import KeysFooter

HINT = "Your recovery code works here too."
KEY_FILE_HINT = "Press Enter for the key file; a passphrase works too."
BUSY = "Opening… the key takes about a second."
ONCE = "This is done once, for a vault of an older diary, and may be stopped:"


class UnlockScreen(Screen[None]):
    """Asks for the passphrase until the diary opens or the person quits."""

    PLACE = Place.UNLOCK
    CSS_PATH = "unlock.tcss"
    AUTO_FOCUS = "#passphrase"
    BINDINGS: ClassVar[list[BindingType]] = bindings_for(Place.UNLOCK)

    @dataclass
    class Opened(Message):
        """The diary is open."""

        notebook: Notebook

    @dataclass
    class Came(Message):
        """How far it has come, where it takes longer than the key: at the first opening of an old vault."""

        progress: Progress

        def can_replace(self, message: Message) -> bool:
            """Only the newest is shown."""
            return isinstance(message, type(self))

    @dataclass
    class Refused(Message):
        """It stays closed, and why."""

        failure: Failure

    def __init__(self, unlock: Callable[[str, Report], Notebook], context: ScreenContext) -> None:
        super().__init__()
        self._unlock = unlock
        self._world = context

    def compose(self) -> ComposeResult:
        """Lay out what is in it."""
        seal = self._world.seal
        with Vertical(id="unlock"):
            yield Static(Content("diary"), id="name", markup=False)
            yield Static(Content(one_line(self._world.vault, 56)), id="vault", markup=False)
            yield Input(placeholder="Passphrase", password=True, id="passphrase", compact=True)
            hint = KEY_FILE_HINT if self._world.key_file else HINT
            yield Static(Content(hint), id="hint", markup=False)
            sign = "●" if self._world.sealed else "!"
            classes = "" if self._world.sealed else "-open"
            yield Static(Content(f"{sign} {seal}"), id="seal", classes=classes, markup=False)
            with VerticalScroll(id="notes", can_focus=False):
                for note in self._world.notes:
                    yield Static(Content(f"· {note}"), markup=False)
        yield KeysFooter()

    def on_mount(self) -> None:
        """Wait for the passphrase."""
        field = self.query_one(Input)
        field.cursor_blink = False
        field.focus()

    @on(Input.Submitted)
    def _try(self, event: Input.Submitted) -> None:
        field = self.query_one(Input)
        passphrase = event.value
        if field.disabled or not (passphrase or self._world.key_file):
            return
        field.value = ""
        field.disabled = True
        self._say(BUSY, "-busy")
        self._open(passphrase)

    @work(thread=True, exclusive=True, exit_on_error=False, group="unlock")
    def _open(self, passphrase: str) -> None:
        try:
            notebook = self._unlock(passphrase, self._report)
        except Exception as error:
            self.post_message(self.Refused(failure_of(error)))
            return
        if not self.post_message(self.Opened(notebook)):
            notebook.close()  # the person left while the key was derived

    def _report(self, progress: Progress) -> None:
        """Called in the worker's thread."""
        self.post_message(self.Came(progress))

    @on(Came)
    def _tell(self, event: Came) -> None:
        event.stop()
        if self.query_one(Input).disabled:
            self._say(f"{ONCE} {_words(event.progress)}", "-busy")

    @on(Refused)
    def _refuse(self, event: Refused) -> None:
        event.stop()
        self._say(event.failure.sentences, "-refused")
        field = self.query_one(Input)
        field.disabled = False
        field.focus()

    def _say(self, words: str, manner: str) -> None:
        hint = self.query_one("#hint", Static)
        hint.set_classes(manner)
        hint.update(Content(words))


def _words(progress: Progress) -> str:
    task = progress.task[:1].lower() + progress.task[1:]
    return f"{task}, {100 * progress.done // progress.total} %" if progress.total else task
