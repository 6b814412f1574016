"""The keys of a place, in its last line.

Whenever the focus moves or a screen comes back, Textual makes a footer anew: a widget for each key, each with
its styles. Mostly the keys are the same, so here they stay; what a footer looks like and does is Textual's.
"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Footer

Shown = tuple[tuple[Binding, bool, str], ...]


class KeysFooter(Footer):
    """Textual's footer in one line, without the palette's key."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False, compact=True)
        self._shown: Shown = ()

    def compose(self) -> ComposeResult:
        """The keys as they are now; from here on they are those that are shown."""
        self._shown = self._to_show()
        yield from super().compose()

    async def recompose(self) -> None:
        """Only when there is something else to show than there was."""
        if self.is_attached and self._to_show() != self._shown:
            await super().recompose()

    def _to_show(self) -> Shown:
        if not self._bindings_ready:
            return ()
        active = self.screen.active_bindings.values()
        return tuple((one.binding, one.enabled, one.tooltip) for one in active if one.binding.show)
