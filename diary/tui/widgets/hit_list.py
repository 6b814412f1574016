"""What a search found: each entry with its passage, the words that were looked for made visible."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from textual import on
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from diary.model.answer import Hit
from diary.printable import safe
from diary.tui.plain import day_words, one_line
from diary.tui.widgets.lists import PlainList
from retrieval.query import Query
from retrieval.stems import plain_words, stem
from retrieval.stop_words import is_stop_word

LONGEST = 210
"""Characters of a passage: three lines of eighty columns."""
_BEFORE = 60


def looked_for(query: Query) -> re.Pattern[str] | None:
    """What makes the words and phrases of a query visible in a passage; None when there are none."""
    stems = {stem(word) for word in plain_words(query.words) if len(word) > 1 and not is_stop_word(word)}
    words = [rf"\b{re.escape(one)}\w*" for one in sorted(stems, key=len, reverse=True)]
    phrases = [r"\W+".join(map(re.escape, re.findall(r"\w+", phrase))) for phrase in query.phrases]
    parts = [part for part in (*phrases, *words) if part]
    return re.compile("|".join(parts), re.I) if parts else None


def passage(untrusted_text: str, looked: re.Pattern[str] | None) -> Content:
    """A few lines around the first word that was looked for, each of them in bold."""
    text = " ".join(safe(untrusted_text).split())
    first = looked.search(text) if looked else None
    start = first.start() - _BEFORE if first and first.start() > LONGEST - _BEFORE else 0
    shown = text[start : start + LONGEST]
    content = Content(f"{'… ' if start else ''}{shown}{' …' if start + LONGEST < len(text) else ''}")
    if looked:
        for found in looked.finditer(content.plain):
            content = content.stylize("bold underline", found.start(), found.end())
    return content


class HitList(PlainList):
    """Hits, best first. The arrows move in it while the search field has the focus."""

    @dataclass
    class Opened(Message):
        """The person wants to read the entry at this passage."""

        hit: Hit

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False, compact=True)
        self._hits: Sequence[Hit] = ()

    def show(self, hits: Sequence[Hit], query: Query, today: date) -> None:
        """Show these instead, with the highlight on the first."""
        self._hits = hits
        looked = looked_for(query)
        self.set_options(Option(self._told(hit, looked, today)) for hit in hits)
        self.highlighted = 0 if hits else None

    @staticmethod
    def _told(hit: Hit, looked: re.Pattern[str] | None, today: date) -> Content:
        # No colour of its own for the day: it would be lost on the highlighted lines.
        heading = Content.styled(day_words(hit.day, today), "bold")
        if hit.title:
            heading += Content(f" · {one_line(hit.title, 60)}")
        if hit.rough:
            heading += Content(" · rough draft")
        return Content("\n").join([heading, passage(hit.text, looked), Content("")])

    @property
    def current(self) -> Hit | None:
        """The highlighted hit."""
        place = self.highlighted
        return self._hits[place] if place is not None and place < len(self._hits) else None

    @on(OptionList.OptionSelected)
    def _open(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.open_current()

    def open_current(self) -> None:
        """Ask to read the highlighted hit."""
        if self.current is not None:
            self.post_message(self.Opened(self.current))
