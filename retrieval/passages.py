"""Entry → passages: what is indexed, embedded and quoted; pure.

Rules:
- a passage is 1 to 3 sentences and at most about 60 words; `key:: value` lines join the words before them;
- `entry.text[start:end] == text`, exactly; every word of the entry lies in exactly one passage;
- an entry without words has no passages, nor has one that says only that its recording has none yet;
- the context of a passage is the text of the passages just before and after it, across entries when they are
  of one *episode*: their times are at most an hour apart, as turns of a conversation or quick notes are.

Short passages find evidence best: inside a budget of 300 words, single turns held 62 to 74 % of it, pieces of
130 words 45 to 68 %, whole sessions 18 to 35 % (LoCoMo, measured for this project).
Not here: vectors (`retrieval.indexing`) and the choice of quotes (`retrieval.quoting`).
"""

from __future__ import annotations

from datetime import datetime

from diary.model.entry import Entry
from diary.model.passage import PassageDraft
from diary.model.placeholder import is_placeholder
from retrieval.sentences import Span, is_key_value, sentences, word_count

LEAST_WORDS = 20
MOST_WORDS = 60
MOST_SENTENCES = 3
EPISODE_GAP_SECONDS = 3600
LONGEST_TITLE = 80

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def passages_of(
    entry: Entry, *, before: Entry | None = None, after: Entry | None = None
) -> list[PassageDraft]:
    """The passages of `entry`, without vectors.

    :param before: the entry just before in time, or None; its last passage is context when of this episode.
    :param after: the entry just after, likewise.
    """
    spans = spans_of(entry.text)
    texts = [entry.text[span.start : span.end] for span in spans]
    around = [closing_text(before, entry), *texts, opening_text(entry, after)]
    header = header_of(entry)
    return [
        PassageDraft(
            ordinal=ordinal,
            start=span.start,
            end=span.end,
            header=header,
            text=texts[ordinal],
            context="\n".join(part for part in (around[ordinal], around[ordinal + 2]) if part),
        )
        for ordinal, span in enumerate(spans)
    ]


def spans_of(text: str) -> list[Span]:
    """The passages of a text as spans, in order; none of a sentence that is the program's own."""
    if is_placeholder(text):
        return []
    groups: list[list[Span]] = []
    for sentence in sentences(text):
        if groups and _joins(text, groups[-1], sentence):
            groups[-1].append(sentence)
        else:
            groups.append([sentence])
    return [Span(group[0].start, group[-1].end) for group in groups]


def _joins(text: str, group: list[Span], sentence: Span) -> bool:
    """Whether `sentence` goes on the passage that `group` is so far."""
    words = word_count(text[group[0].start : group[-1].end])
    more = word_count(text[sentence.start : sentence.end])
    if words + more > MOST_WORDS:
        return False
    if is_key_value(text[sentence.start : sentence.end]):
        return True
    return words < LEAST_WORDS and len(group) < MOST_SENTENCES


def header_of(entry: Entry) -> str:
    """`[8 May 2023, Mon] title:`, in English whatever the locale; without a title, only the day."""
    day = entry.happened.date()
    stamp = f"[{day.day} {_MONTHS[day.month - 1]} {day.year}, {_DAYS[day.weekday()]}]"
    title = " ".join((entry.title or "").split())[:LONGEST_TITLE].rstrip()
    return f"{stamp} {title}:" if title else stamp


def same_episode(earlier: datetime, later: datetime) -> bool:
    """Whether two times are at most an hour apart."""
    return abs((later - earlier).total_seconds()) <= EPISODE_GAP_SECONDS


def closing_text(before: Entry | None, entry: Entry) -> str:
    """The last passage of the entry before, when it is of the episode of `entry`; else nothing."""
    if before is None or not same_episode(before.happened, entry.happened):
        return ""
    spans = spans_of(before.text)
    return before.text[spans[-1].start : spans[-1].end] if spans else ""


def opening_text(entry: Entry, after: Entry | None) -> str:
    """The first passage of the entry after, when it is of the episode of `entry`; else nothing."""
    if after is None or not same_episode(entry.happened, after.happened):
        return ""
    spans = spans_of(after.text)
    return after.text[spans[0].start : spans[0].end] if spans else ""
