"""The entry beside the list: title, times and marks, and the beginning of its words."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from diary.model.entry import Entry
from diary.printable import safe
from diary.tui.plain import advice, headline, marks_in_words, moment_words, one_line

PREVIEW_CHARACTERS = 4_000
"""More than two screens; the whole text is one key away."""


def meta_line(entry: Entry) -> Content:
    """`Friday 20 November 2026, 21:40 · starred · #sleep`."""
    parts = [moment_words(entry.happened), *marks_in_words(entry)]
    parts += [f"#{one_line(tag, 30)}" for tag in entry.tags]
    if entry.revision > 1:
        parts.append(f"version {entry.revision}")
    return Content(" · ".join(parts))


class Preview(VerticalScroll, can_focus=False):
    """Shows one entry, or what to do when there is none."""

    def compose(self) -> ComposeResult:
        """Lay out what is in it."""
        yield Static(id="preview-title", markup=False)
        yield Static(id="preview-meta", markup=False)
        yield Static(id="preview-advice", markup=False)
        yield Static(id="preview-text", markup=False)

    def show(self, entry: Entry | None) -> None:
        """Show this entry; None clears the pane."""
        title, meta, text = (self.query_one(f"#preview-{part}", Static) for part in ("title", "meta", "text"))
        title.update(Content(headline(entry) if entry and entry.title else ""))
        title.display = bool(entry and entry.title)
        meta.update(meta_line(entry) if entry else Content(""))
        told = self.query_one("#preview-advice", Static)
        told.update(Content(advice(entry) if entry else ""))
        told.display = bool(entry and advice(entry))
        words = safe(entry.text[:PREVIEW_CHARACTERS]) if entry else ""
        if entry and len(entry.text) > PREVIEW_CHARACTERS:
            words += "\n\n… Enter shows the rest."
        text.update(Content(words))
        self.scroll_home(animate=False)
