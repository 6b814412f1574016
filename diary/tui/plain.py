"""Words on their way to the screen: pure functions, no widgets.

Rules: what an entry, a draft or a model says is data and passes `diary.printable.safe`. No markup is read
anywhere: callers build `textual.content.Content` from these strings, never from markup.
"""

from __future__ import annotations

import re
from datetime import date, datetime

from diary.model.entry import Entry, Kind, Transcript
from diary.model.time_range import TimeRange
from diary.number_words import short_day, span_words
from diary.printable import safe

DASH = "\N{EN DASH}"

MARK_STAR = "*"
MARK_VOICE = "♪"
MARK_WAITING = "…"
MARK_ROUGH = "~"
MARK_NO_SPEECH = "-"
"""Marks that every terminal font has, the Linux console's included."""


def one_line(untrusted_text: str, limit: int = 200) -> str:
    """The first `limit` characters in one line, safe, white space folded."""
    folded = " ".join(safe(untrusted_text[: limit * 4]).split())
    return folded if len(folded) <= limit else folded[: limit - 1].rstrip() + "…"


def headline(entry: Entry) -> str:
    """The title, or the first words, or what is known of a recording without words."""
    words = one_line(entry.title or "") or one_line(entry.text, 120)
    if words:
        return words
    return "Recording, not written down yet" if entry.kind is Kind.VOICE else "(no words)"


def marks(entry: Entry) -> str:
    """Star, voice, and what is known of its words, as at most three signs."""
    signs = MARK_STAR if entry.starred else ""
    if entry.kind is Kind.VOICE:
        signs += MARK_VOICE
    if entry.transcript is Transcript.WAITING:
        signs += MARK_WAITING
    elif entry.transcript is Transcript.ROUGH:
        signs += MARK_ROUGH
    elif entry.transcript is Transcript.NO_SPEECH:
        signs += MARK_NO_SPEECH
    return signs


def marks_in_words(entry: Entry) -> list[str]:
    """The same as words, for the line under the title."""
    words = ["starred"] if entry.starred else []
    if entry.kind is Kind.VOICE:
        words.append("voice")
    if entry.kind is Kind.CONDENSED:
        words.append("condensed")
    if entry.transcript is Transcript.WAITING:
        words.append("waiting to be written down")
    elif entry.transcript is Transcript.ROUGH:
        words.append("rough draft")
    elif entry.transcript is Transcript.NO_SPEECH:
        words.append("no speech")
    return words


def advice(entry: Entry) -> str:
    """What the reader should know of the words, and can do; empty when there is nothing."""
    if entry.kind is Kind.CONDENSED:
        return "Condensed by your rules of retention: its figures were kept, and its other words are gone."
    match entry.transcript:
        case Transcript.ROUGH:
            return "Rough draft: expect wrong words; c confirms it, t writes it down again."
        case Transcript.WAITING:
            return "Its words are not written down yet; t does it now."
        case Transcript.NO_SPEECH:
            return "No speech was heard; t listens again."
        case _:
            return ""


def day_words(day: date, today: date | None = None) -> str:
    """`Friday 20 November 2026`; with `today`, the near days by name and the year only when it differs."""
    if today is None:
        return f"{day:%A} {day.day} {day:%B} {day.year}"
    distance = (today - day).days
    name = {0: "Today", 1: "Yesterday"}.get(distance, f"{day:%A}")
    year = "" if day.year == today.year else f" {day.year}"
    return f"{name} {day.day} {day:%B}{year}"


def moment_words(moment: datetime) -> str:
    """`Friday 20 November 2026, 21:40`, in the offset the moment was kept with."""
    return f"{day_words(moment.date())}, {moment:%H:%M}"


def short_moment(moment: datetime, now: datetime) -> str:
    """`21:40` on the same day, else `19 Nov 21:40`, with the year when it differs."""
    if moment.date() == now.date():
        return f"{moment:%H:%M}"
    year = "" if moment.year == now.year else f" {moment.year}"
    return f"{moment.day} {moment:%b}{year} {moment:%H:%M}"


def typed_moment(moment: datetime) -> str:
    """`2026-11-20 21:40`: a time in words that can be typed."""
    return f"{moment:%Y-%m-%d %H:%M}"


def range_words(span: TimeRange) -> str:
    """`4 Aug \N{EN DASH} 31 Oct 2025`, `since …`, `until …` or one day; and the words it was read from."""
    days = span_words(span) or "any time"
    phrase = one_line(span.phrase, 60)
    return f"{days}, from “{phrase}”" if phrase and phrase != days else days


def editable_range(span: TimeRange | None) -> str:
    """The same in words that can be typed: `4 Aug 2025 to 31 Oct 2025`."""
    if span is None or (span.start is None and span.end is None):
        return "any time"
    if span.start is None or span.end is None:
        return span_words(span)
    first, last = short_day(span.start), short_day(span.end)
    return first if first == last else f"{first} to {last}"


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 entry`, `1,240 entries`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def tag_list(typed: str) -> tuple[str, ...]:
    """Tags as typed, separated by commas or spaces, without `#`, each once, in order."""
    names = (word.lstrip("#") for word in re.split(r"[,\s]+", typed))
    return tuple(dict.fromkeys(name for name in names if name))
