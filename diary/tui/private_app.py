"""A Textual app that keeps what it shows to itself.

Textual would write a traceback with local variables to the terminal when a handler fails, copy selected text
to the terminal's clipboard (which other programs read), and save pictures and files of the screen on request.
All of these would carry the person's words out of the vault, so each is closed here, in one place.
"""

from __future__ import annotations

import sys
from typing import IO, Any, TypeVar

from rich.console import RenderableType
from rich.text import Text
from textual.app import App
from textual.driver import Driver
from textual.worker import WorkerFailed

from diary.tui.terminal_driver import TerminalDriver

Result = TypeVar("Result")

CRASH = (
    "The diary had to close because of a mistake in the program ({name}).\n"
    "What was saved is safe; unsaved words are offered again when you open it."
)


class PrivateApp(App[Result]):
    """Everything of `App` except its ways to write down what is shown."""

    def get_driver_class(self) -> type[Driver]:
        """Our own terminal; none is taken from the environment."""
        return TerminalDriver

    def _handle_exception(self, error: Exception) -> None:
        """End with a sentence that names the error's type; neither its message nor any variable is shown.

        On the way out, when words are kept already and widgets are being removed, there is nothing to say.
        Nor is there when Textual's palette was closed while it gathered: the other workers are ours, and none
        of them ends the app.
        """
        if self._exit or isinstance(error, WorkerFailed):
            return
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self.before_crash()
        super().panic(Text(CRASH.format(name=type(error).__name__)))

    def before_crash(self) -> None:
        """What to save before the program ends; must not raise."""

    def panic(self, *renderables: RenderableType) -> None:
        """End with a sentence instead of what was to be printed."""
        super().panic(Text(CRASH.format(name="panic")))

    def copy_to_clipboard(self, text: str) -> None:
        """Copy inside the diary only; the terminal's clipboard belongs to every program."""
        self._clipboard = text

    def deliver_text(self, *_: Any, **__: Any) -> str | None:  # noqa: ANN401 -- refuses whatever is given
        """Refuse: nothing is written from the screen."""
        return None

    def deliver_binary(self, *_: Any, **__: Any) -> str | None:  # noqa: ANN401 -- refuses whatever is given
        """Refuse: nothing is written from the screen."""
        return None

    def save_screenshot(self, *_: Any, **__: Any) -> str:  # noqa: ANN401 -- refuses whatever is given
        """Refuse: a picture of the screen is the person's words in the clear."""
        return ""

    def open_url(self, url: str, *, new_tab: bool = True) -> None:
        """Refuse: nothing leaves."""

    def _print_error_renderables(self) -> None:
        """Print the one sentence, without Textual's advice for developers."""
        out: IO[str] = sys.__stderr__ or sys.stderr
        for renderable in self._exit_renderables[:1]:
            self.error_console.print(renderable)
        self._exit_renderables.clear()
        out.flush()
