"""How a screen leaves the stack of screens.

Textual takes away whatever screen is on top when any screen is dismissed: one that ends behind a dialog
would take the dialog away and stay itself, deaf to every key, and a question answered twice in one breath
would take away the screen under it. Here a screen leaves once, and takes what lies over it with it.
"""

from __future__ import annotations

from typing import Any, TypeVar

from textual.await_complete import AwaitComplete
from textual.message import Message
from textual.screen import ModalScreen, Screen

Result = TypeVar("Result")

_FRAMEWORK = ("textual.events", "textual.messages")


def uncovered(screen: Screen[Any]) -> bool:
    """Make this the screen on top, without answers for those that lay over it; False when it has left."""
    app = screen.app
    if screen not in app.screen_stack:
        return False
    while app.screen is not screen:
        app.pop_screen()
    return True


def has_left(screen: Screen[Any], message: Message) -> bool:
    """Whether this message of ours comes too late for the screen, whose widgets may be gone."""
    return type(message).__module__ not in _FRAMEWORK and screen not in screen.app.screen_stack


class Dialog(ModalScreen[Result]):
    """A question over a screen, answered once."""

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Leave with this result; a second answer is none."""
        return super().dismiss(result) if uncovered(self) else AwaitComplete()

    async def _on_message(self, message: Message) -> None:
        if not has_left(self, message):
            await super()._on_message(message)
