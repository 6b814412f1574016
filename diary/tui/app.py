"""The app: unlock, then the journal, and how the person leaves.

Rules: leaving, locking and even crashing keep unsaved words first; a failure is shown as its sentence. It
locks by itself when nobody was there for long, when the machine slept (before anything is drawn anew), and
before the program is stopped; when the terminal is gone it ends. That nothing shown is written down is seen
to in `private_app`, signals in `terminal_driver`, counting and indexing in `background`, writing down what
waits in `background_voice`, bringing back what was deleted in `bringing_back`, backups in
`background_backup`, the rules of how long things are kept in `retaining`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import ClassVar, Final
from weakref import WeakKeyDictionary

from rich.console import RenderableType
from textual import events, on
from textual.binding import Binding, BindingType
from textual.screen import Screen

from diary.model.progress import Report
from diary.tui.commands import CommandTable, Place
from diary.tui.context import Outcome, ScreenContext
from diary.tui.dialogs.help import HelpDialog
from diary.tui.emergencies import EmergencyApp
from diary.tui.ports import Notebook
from diary.tui.screens.base import DiaryScreen
from diary.tui.screens.journal import JournalScreen
from diary.tui.screens.unlock import UnlockScreen
from diary.tui.tasks import Failed, Failure
from diary.tui.terminal_driver import TerminalDriver
from diary.tui.theme import DAYLIGHT, EVENING, OWN_VARIABLES
from diary.tui.widgets.lists import Palette

LOOK_EVERY: Final = 1.0
"""Seconds between looks at the clocks and the terminal."""


class DiaryApp(EmergencyApp):
    """The screen of one diary; `run` returns how the person left.

    :param unlock: opens the diary with a passphrase or a recovery code; slow; raises `DiaryError`.
    :param lock: replaces the process by a fresh, locked one; called by `diary.tui.run` after the terminal is
        restored, never from inside the app.
    """

    TITLE = "diary"
    CSS_PATH = "app.tcss"
    COMMANDS = {CommandTable}  # noqa: RUF012 -- Textual declares it so; the palette has our table and no other
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+l", "lock", "Lock", show=False, priority=True),
        Binding("ctrl+q", "leave", "Quit", show=False, priority=True),
        # First of all, so that letters typed right after are for the next field and not for the one before.
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
    ]

    def __init__(
        self, unlock: Callable[[str, Report], Notebook], lock: Callable[[], None], context: ScreenContext
    ) -> None:
        super().__init__(context)
        for theme in (EVENING, DAYLIGHT):
            self.register_theme(theme)
        self.theme = EVENING.name
        self.animation_level = (
            "none"  # nothing moves by itself: calm for the eyes, and cheap over a slow line
        )
        self.lock = lock
        self._unlock = unlock
        self._world = context
        self._typed_for: WeakKeyDictionary[events.Key, Screen[object]] = WeakKeyDictionary()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own variables, for the moment before our theme is set."""
        return {name: EVENING.variables[name] for name in OWN_VARIABLES}

    def on_mount(self) -> None:
        """Begin locked."""
        self.push_screen(UnlockScreen(self._unlock, self._world))
        self.set_interval(LOOK_EVERY, self._look)

    @on(UnlockScreen.Opened)
    def _open(self, event: UnlockScreen.Opened) -> None:
        self.notebook = event.notebook
        self.switch_screen(JournalScreen(event.notebook, self._world))
        self.words_changed()
        self.begin_voice()
        self.tell_warnings(event.notebook)
        self.tell_of_emergencies(event.notebook)
        self.begin_retention()

    # Telling

    @on(Failed)
    def _failed(self, event: Failed) -> None:
        self._tell(event.failure)

    def _tell(self, failure: Failure) -> None:
        self.notify(failure.sentences, severity="error", timeout=12, markup=False)

    def action_help(self) -> None:
        """Show the keys of the screen in view."""
        place = getattr(self.screen, "PLACE", None)
        if isinstance(place, Place):
            told = () if self.notebook is None else tuple(self.notebook.warnings)
            self.push_screen(HelpDialog(place, self._world.models, self._world.notes, told))

    def action_command_palette(self) -> None:
        """Find an action by typing its words."""
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette(id="--command-palette"))

    def action_toggle_theme(self) -> None:
        """Change between dark and light."""
        self.theme = DAYLIGHT.name if self.theme == EVENING.name else EVENING.name

    # Leaving

    async def action_quit(self) -> None:
        """Quit, keeping unsaved words."""
        self.leave(Outcome.QUIT)

    def action_leave(self) -> None:
        """Quit, keeping unsaved words."""
        self.leave(Outcome.QUIT)

    def action_lock(self) -> None:
        """Lock, keeping unsaved words; before the diary is open too, since it may be opening."""
        self.leave(Outcome.LOCK)

    def leave(self, outcome: Outcome, *, regardless: bool = False) -> None:
        """End the app with this outcome once unsaved words are kept; stay when they cannot be, unless
        nobody could see them.
        """
        if self._exit:
            return
        failure = self._keep_unsaved_words()
        if failure is None or regardless:
            self.exit(outcome)
        else:
            self._tell(replace(failure, hint=f"The diary stays open with your words. {failure.hint}"))

    def before_crash(self) -> None:
        """Keep unsaved words, whatever went wrong elsewhere."""
        with suppress(Exception):
            self._keep_unsaved_words()

    def _keep_unsaved_words(self) -> Failure | None:
        failures = [screen.flush() for screen in self.screen_stack if isinstance(screen, DiaryScreen)]
        return next((failure for failure in failures if failure is not None), None)

    # Leaving by itself

    def stop_asked(self) -> None:
        """Lock, and stop only then: a stopped program would keep the key."""
        self.leave(Outcome.STOP)

    def gone_on(self) -> None:
        """It was stopped all the same, and for how long? When a terminal goes away it is told likewise."""
        if self._is_alone:
            self.hung_up()
        else:
            self.leave(Outcome.LOCK)

    def hung_up(self) -> None:
        """Nobody can see the diary any more."""
        self.leave(Outcome.QUIT, regardless=True)

    @property
    def _is_alone(self) -> bool:
        return isinstance(self._driver, TerminalDriver) and self._driver.is_gone

    def _look(self) -> None:
        if self._is_alone:
            self.hung_up()
        elif not self._lock_after_sleep():
            limit = self._world.lock_after
            if limit is not None and self.notebook is not None and self.presence.idle >= limit:
                self.presence.touch()
                self.leave(Outcome.LOCK)

    def _lock_after_sleep(self) -> bool:
        """Lock if the machine slept; whether it did. Also before the diary is open: for what was typed."""
        if self.presence.slept:
            self.presence.wake()
            self.leave(Outcome.LOCK)
            return True
        return False

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        if not (self.presence.slept or self._exit):  # what is shown next is the question for the passphrase
            super()._display(screen, renderable)

    async def on_event(self, event: events.Event) -> None:
        """Remember when a key or the mouse was last touched, and for which screen a key was typed."""
        if isinstance(event, events.InputEvent | events.Paste):
            if self._lock_after_sleep():
                return
            self.presence.touch()
        if isinstance(event, events.Key):
            if event.is_forwarded and self._typed_for.pop(event, self.screen) is not self.screen:
                self._type_again(event)  # typed ahead, while the screen that should have it was opening
                return
            if not event.is_forwarded:
                self._typed_for[event] = self.screen
        await super().on_event(event)

    def _type_again(self, event: events.Key) -> None:
        again = events.Key(event.key, event.character)
        again.set_sender(self)
        self.post_message(again)
