"""Days, ranges and answers in words, for the command line."""

from __future__ import annotations

from datetime import date, datetime
from textwrap import shorten

from diary.cli.output import Console
from diary.model.answer import Answer, Hit, Quote, Summary
from diary.model.entry import Entry, Kind, Transcript
from diary.model.number import Function, Number
from diary.model.resolved_range import EventDate
from diary.model.time_range import TimeRange
from diary.number_words import notes_on, part_sentence, sentence

_LONGEST_TELLING = 160
MODEL_CAVEAT = "Summary by {model}; it may be wrong. Each sentence was checked against its quotes."


def day_words(day: date) -> str:
    """`Tue 3 Sep 2024`."""
    return f"{day:%a} {day.day} {day:%b %Y}"


def moment_words(moment: datetime) -> str:
    """`Tue 3 Sep 2024, 20:15`."""
    return f"{day_words(moment.date())}, {moment:%H:%M}"


def range_words(used: TimeRange) -> str:
    """`1 Mar 2025 to 31 Mar 2025`, with the open sides said."""
    start, end = used.start, used.end
    if start and end:
        return day_words(start) if start == end else f"{day_words(start)} to {day_words(end)}"
    if start:
        return f"since {day_words(start)}"
    return f"until {day_words(end)}" if end else "any time"


def say_events(console: Console, events: tuple[EventDate, ...]) -> None:
    """The days that a range rests on, each with the words of the diary that tell it."""
    for event in events:
        if event.told is None:
            continue  # the question named the day itself
        when = "when" if event.told == event.day else f"as on {day_words(event.told)}"
        wrote = shorten(event.quote, _LONGEST_TELLING, placeholder=" …")
        console.say(f"{event.event}: {day_words(event.day)}, {when} you wrote “{wrote}”", indent=1)


def headline(entry: Entry) -> str:
    """Title, or the first words of the text."""
    if entry.title:
        return entry.title
    words = " ".join(entry.text.split())
    return words if len(words) <= 60 else words[:59].rsplit(" ", 1)[0] + " …"


def marks(entry: Entry) -> str:
    """What a reader should know before opening: starred, spoken, waiting, rough, tags."""
    found = ["★"] if entry.starred else []
    if entry.kind is not Kind.NOTE:
        found.append(f"({entry.kind.value})")
    if entry.transcript in (Transcript.WAITING, Transcript.ROUGH, Transcript.NO_SPEECH):
        found.append({"rough": "(rough draft)"}.get(entry.transcript.value, f"({entry.transcript.value})"))
    found += [f"#{tag}" for tag in entry.tags]
    return " ".join(found)


def rough_words(found: Hit | Quote) -> str:
    """What stands behind the place of words that nobody has confirmed."""
    return " · rough draft" if found.rough else ""


def say_quotes(console: Console, quotes: tuple[Quote, ...]) -> None:
    """Quotes with their day and entry."""
    for quote in quotes:
        console.say(
            f"[{quote.id}] {day_words(quote.day)} · entry {quote.entry}{rough_words(quote)}", indent=1
        )
        console.say(f"“{quote.text}”", indent=6)


def say_numbers(console: Console, numbers: tuple[Number, ...]) -> None:
    """Each number with what it rests on; under a difference its two sides, and what to mind."""
    sides = [part for number in numbers for part in number.parts]
    for number in numbers:
        if any(number is part for part in sides):
            continue
        console.say(sentence(number))
        if number.known and number.function is Function.DIFFERENCE:
            for part in number.parts:
                console.say(part_sentence(part), indent=1)
        for note in notes_on(number):
            console.say(note, indent=1)


def say_rows(console: Console, quotes: tuple[Quote, ...], nearest: tuple[Quote, ...]) -> None:
    """The notes that numbers rest on, or the nearest when there are none."""
    if quotes:
        console.say("From these notes:")
        say_quotes(console, quotes)
    elif nearest:
        console.say("The nearest notes:")
        say_quotes(console, nearest)


def say_found(
    console: Console,
    answered: bool,
    quotes: tuple[Quote, ...],
    nearest: tuple[Quote, ...],
    used: TimeRange | None,
) -> None:
    """The head of an answer: what was found, or that nothing was."""
    when = f" ({range_words(used)})" if used else ""
    if answered:
        if used and _outside(quotes, used):
            when = f" ({range_words(used)}; some are of other days)"
        console.say(f"These notes mention{when}:")
        say_quotes(console, quotes)
        return
    console.say(f"Your notes do not say{when}.")
    if nearest:
        console.say("The nearest, which may be about something else:")
        say_quotes(console, nearest)


def _outside(quotes: tuple[Quote, ...], used: TimeRange) -> bool:
    """Whether a quote is of a day not asked about: a time in the words prefers, and does not filter."""
    return not all(used.contains(quote.day) for quote in quotes)


def say_summary_end(console: Console, summary: Summary | None) -> None:
    """How many sentences were dropped, and that nothing was left when that is so."""
    if summary is None:
        return
    if summary.failure:
        console.say(f"The summary ended early. {summary.failure}")
    elif not summary.sentences:
        console.say(f"{summary.model} wrote nothing that the quotes support.")
    if summary.dropped:
        plural = "sentence was" if summary.dropped == 1 else "sentences were"
        console.say(f"{summary.dropped} {plural} dropped: the quotes do not support what the model wrote.")


def say_timing(console: Console, answer: Answer) -> None:
    """How long it took."""
    taken = answer.timing.total_ms
    console.say(f"{taken / 1000:.1f} s" if taken >= 1000 else f"{taken:.0f} ms")
