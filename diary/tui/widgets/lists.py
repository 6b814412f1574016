"""Lists and the command palette, safe for hasty hands.

Textual 8.2.8 looks up the line of an option before it has laid the list out: Page Down within the first
instant raises KeyError, and would end the program. Here that key does nothing yet.
"""

from __future__ import annotations

from contextlib import suppress

from textual.await_complete import AwaitComplete
from textual.command import CommandPalette
from textual.css.query import NoMatches
from textual.widgets import OptionList

from diary.tui.leaving import uncovered


class PlainList(OptionList):
    """An `OptionList` of plain text, without markup."""

    def action_page_up(self) -> None:
        """Move up by a page, once there are lines."""
        with suppress(KeyError):
            super().action_page_up()  # type: ignore[no-untyped-call]  # Textual left it untyped

    def action_page_down(self) -> None:
        """Move down by a page, once there are lines."""
        with suppress(KeyError):
            super().action_page_down()  # type: ignore[no-untyped-call]  # Textual left it untyped


class Palette(CommandPalette):
    """Textual's command palette, likewise; closed once, however often it is asked to."""

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Leave with the command that was chosen."""
        return super().dismiss(result) if uncovered(self) else AwaitComplete()

    def _action_command_list(self, action: str) -> None:
        with suppress(KeyError, NoMatches):
            super()._action_command_list(action)
