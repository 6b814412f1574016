"""The turns of a conversation, the newest in view and the earlier ones above it."""

from __future__ import annotations

from textual.containers import Vertical

from diary.tui.widgets.answer_view import AnswerView
from diary.tui.widgets.quote_card import QuoteCard

MOST_TURNS = 12
"""More would make the screen slow; the oldest go first, and their questions can still be recalled."""


class Turns(Vertical):
    """Scrolls through the answers of this conversation.

    No `VerticalScroll`: that one binds the arrows, which move among the quotes here.
    """

    @property
    def current(self) -> AnswerView | None:
        """The newest turn."""
        found = list(self.query(AnswerView))
        return found[-1] if found else None

    @property
    def cards(self) -> list[QuoteCard]:
        """The quotes of the newest turn, from the top."""
        return list(self.current.query(QuoteCard)) if self.current is not None else []

    async def begin(self, asked: str, *, again: bool) -> AnswerView:
        """A new turn at the end; in the place of the newest when that is asked `again`."""
        views = list(self.query(AnswerView))
        if again and views:
            await views.pop().remove()
        for view in views:
            view.retire()
        for view in views[: max(0, len(views) + 1 - MOST_TURNS)]:
            await view.remove()
        turn = AnswerView(asked)
        await self.mount(turn)
        self.call_after_refresh(self.show_current)
        return turn

    def show_current(self) -> None:
        """Scroll to where the newest turn begins."""
        if self.current is not None:
            self.scroll_to(y=self.current.virtual_region.y, animate=False, force=True)
