"""What all screens of the open diary have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.dom import DOMNode
from textual.message import Message
from textual.screen import Screen

from diary.tui.leaving import has_left, uncovered
from diary.tui.tasks import Failure

Result = TypeVar("Result")


class DiaryScreen(Screen[Result]):
    """A screen that acts only while its widgets are there: from its mounting until it was left.

    A key may come before they are, and a worker's message while they are being removed.
    """

    @property
    def speaks(self) -> bool:
        """Whether it needs the speech engine, so that nothing else may have it."""
        return False

    def renew(self) -> None:
        """Entries changed in the background: show them as they are now."""

    @property
    def in_place(self) -> bool:
        """Whether the widgets are there."""
        return self.is_mounted and self.is_attached and self in self.app.screen_stack

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Leave with this result, once; what lies over it is taken away with it."""
        return super().dismiss(result) if uncovered(self) else AwaitComplete()

    def flush(self) -> Failure | None:
        """Keep what would be lost when the program ends now; blocks on the disk. The failure, if any."""
        return None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """No key does anything before everything is in its place, or after."""
        return self.in_place

    async def run_action(self, action: str, namespaces: Mapping[str, DOMNode] | None = None) -> None:
        """Likewise for the palette, which runs what was chosen after it has closed."""
        if self.in_place or action.startswith("app."):  # a lock or an end asked for is never lost
            await super().run_action(action, namespaces)

    async def _on_message(self, message: Message) -> None:
        if not has_left(self, message):
            await super()._on_message(message)
