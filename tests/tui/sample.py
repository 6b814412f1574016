"""A sample diary for the screen's tests and pictures: an invented person, Nov 2026, and scripted answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from diary.model.answer import (
    Answer,
    AnswerDelta,
    AnswerDone,
    AnswerKind,
    Question,
    Quote,
    QuotesFound,
    SentenceDropped,
    SentenceKept,
    Summary,
    SummarySentence,
    Timing,
)
from diary.model.entry import Entry, EntryDraft, EntryId, Kind, Transcript
from diary.model.time_range import TimeRange
from tests.fakes.session import FakeSession

_SAMPLE: tuple[tuple[str, str | None, str, str, str], ...] = (
    ("11-20 18:05", "Rain on the allotment", "garden", "",
     "Got the last of the leeks in before it came down. Hands numb, boots full, and for the first time "
     "this week "
     "I did not think about work for two hours.\n\nCarried four home in my coat pockets. Soup tomorrow.\n\n"
     "mood:: 7\nsteps:: 9400"),
    ("11-20 07:10", None, "sleep", "",
     "Slept through. Did not look at the clock once, or do not remember it. sleep:: 7h20m"),
    ("11-19 22:15", "What the physio said", "knee", "*",
     "Third visit. She pressed here and there and said the tendon is angry, not torn. Heel drops twice a "
     "day, "
     "slowly down, both legs up, and no stairs two at a time.\n\nI asked how long. She said the ones who "
     "do the "
     "exercises come back in twelve weeks, and the others come back in twelve weeks as well, but to see "
     "her.\n\n"
     "pain:: 4/10"),
    ("11-19 08:30", None, "work", "v",
     "talking because my hands are full so the plan for today is the report then the call with the "
     "printers and "
     "then nothing after four and I mean it this time"),
    ("11-18 23:40", None, "sleep", "", "Two coffees after lunch and here I am. Again. Note to self, in ink."),
    ("11-18 19:20", "Supper at Ines's", "friends", "",
     "She made the lentils with preserved lemon. We talked about her mother moving in and about nothing "
     "at all. "
     "Walked back along the canal; a heron stood under the lamp as if waiting for a bus."),
    ("11-17 12:00", None, "", "w", ""),
    ("11-16 21:05", "Sunday", "garden, knee", "",
     "Knee held for an hour of digging. Stiff on the way home, gone by supper. Perhaps slow really is "
     "the trick."),
    ("11-15 09:45", None, "", "r",
     "first frost ... the pale on the shed roof ... need to bring the dahlias in"),
    ("11-14 22:30", "Letter to the council, unsent", "work", "",
     "Wrote it, read it aloud, put it in the drawer. It was a good letter. It would have done no good."),
    ("11-12 07:30", None, "sleep", "", "Four hours, in three pieces. sleep:: 4h10m mood:: 4"),
    ("11-11 20:00", "Lantern walk", "friends", "*",
     "The whole street out with paper lanterns, small children up long past sense. Teo held my hand the "
     "entire "
     "way and told me about badgers."),
    ("11-09 18:10", None, "knee", "", "Stairs hurt. Down worse than up. pain:: 6/10"),
    ("11-08 10:20", "Tidying the study", "home", "", "Found the photographs from Porto. Lost the afternoon."),
    ("11-05 21:50", "Started the tablets", "meds", "",
     "Naproxen, 250 mg twice a day with food, two weeks at most. med:: naproxen 250 mg"),
    ("11-03 06:55", None, "sleep", "", "Awake at five again. The blackbird and I. sleep:: 5h30m"),
    ("10-31 23:10", "Monthly look back", "review", "*",
     "October: less running, more reading. The knee began on the ninth, on the steps by the station."),
    ("10-26 17:00", None, "garden", "", "Clocks back. Dark at five. Garlic in."),
    ("10-09 19:30", "The steps by the station", "knee", "",
     "Ran for the 18:12, two steps at a time, and felt something go in the left knee. Caught it, though."),
    ("10-02 21:15", None, "friends", "", "Ines rang. Forty minutes and not one sensible word. Good."),
)  # fmt: skip

_TRANSCRIPTS = {"v": Transcript.TRANSCRIBED, "w": Transcript.WAITING, "r": Transcript.ROUGH}


def _draft(row: tuple[str, str | None, str, str, str]) -> EntryDraft:
    when, title, tags, manner, text = row
    moment = datetime.strptime(f"2026-{when}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    return EntryDraft(
        text=text,
        happened=moment,
        written=moment,
        title=title,
        tags=tuple(tag.strip() for tag in tags.split(",") if tag.strip()),
        starred=manner == "*",
        kind=Kind.VOICE if manner in _TRANSCRIPTS else Kind.NOTE,
        transcript=_TRANSCRIPTS.get(manner),
    )


def sample_session() -> FakeSession:
    """Twenty entries, all indexed, with the scripted answers below."""
    session = FakeSession()
    session.add(*map(_draft, reversed(_SAMPLE)))
    session.indexed = {(number, 1) for number in session.kept}
    session.script = lambda question: scripted_answer(session, question)
    return session


def quote_of(session: FakeSession, title: str, words: str, number: int) -> Quote:
    """The quote of these words out of the entry with this title."""
    entry = next(versions[-1] for versions in session.kept.values() if versions[-1].title == title)
    start = entry.text.index(words)
    return Quote(
        id=f"q{number}",
        entry=entry.id,
        source_id=None,
        day=entry.happened.date(),
        text=words,
        start=start,
        end=start + len(words),
        score=0.9 - number / 10,
    )


def knee_quotes(session: FakeSession) -> tuple[Quote, ...]:
    """Three quotes about the knee."""
    picks = (
        ("What the physio said", "She pressed here and there and said the tendon is angry, not torn. "
         "Heel drops twice a day, slowly down, both legs up, and no stairs two at a time."),
        ("Sunday", "Knee held for an hour of digging. Stiff on the way home, gone by supper."),
        ("The steps by the station", "Ran for the 18:12, two steps at a time, and felt something go in the "
         "left knee."),
    )  # fmt: skip
    return tuple(quote_of(session, title, words, place) for place, (title, words) in enumerate(picks, 1))


def answered(session: FakeSession, question: Question) -> Iterator[AnswerDelta]:
    """Three quotes, two sentences kept, one dropped."""
    quotes = knee_quotes(session)
    span = TimeRange(date(2026, 10, 1), date(2026, 11, 20), "since October")
    sentences = (
        SummarySentence(text="It began when you ran for the 18:12 and felt something go in the left knee.",
                        quotes=("q3",)),
        SummarySentence(text="The tendon is angry, not torn, and heel drops twice a day are the exercise.",
                        quotes=("q1",)),
    )  # fmt: skip
    yield QuotesFound(answered=True, range=span, quotes=quotes, nearest=())
    yield SentenceKept(sentence=sentences[0])
    yield SentenceDropped(dropped=1)
    yield SentenceKept(sentence=sentences[1])
    summary = Summary(sentences=sentences, dropped=1, model="SmolLM2-135M-Instruct")
    yield AnswerDone(
        answer=Answer(
            question=question,
            answered=True,
            kind=AnswerKind.QUOTES,
            range=span,
            quotes=quotes,
            timing=Timing(search_ms=41, first_token_ms=900, total_ms=3400),
            summary=summary,
        )
    )


def abstained(session: FakeSession, question: Question) -> Iterator[AnswerDelta]:
    """Nothing clears the threshold; two near misses."""
    nearest = knee_quotes(session)[1:]
    yield QuotesFound(answered=False, range=None, quotes=(), nearest=nearest)
    timing = Timing(search_ms=38, first_token_ms=None, total_ms=38)
    yield AnswerDone(
        answer=Answer(
            question=question,
            answered=False,
            kind=AnswerKind.NONE,
            range=None,
            quotes=(),
            timing=timing,
            nearest=nearest,
        )
    )


def scripted_answer(session: FakeSession, question: Question) -> Iterator[AnswerDelta]:
    """Answers what is about the knee, and abstains otherwise."""
    return (answered if "knee" in question.text else abstained)(session, question)


def entry_titled(session: FakeSession, title: str) -> Entry:
    """The newest version of the entry with this title."""
    return next(versions[-1] for versions in session.kept.values() if versions[-1].title == title)


def many_entries(session: FakeSession, count: int) -> list[EntryId]:
    """So many short entries, one each hour, back from the session's now."""
    from datetime import timedelta

    drafts = [
        EntryDraft(
            text=f"Entry number {number} of many.",
            happened=session.now - timedelta(hours=number),
            written=session.now,
        )
        for number in range(count)
    ]
    return [entry.id for entry in session.add(*drafts)]
