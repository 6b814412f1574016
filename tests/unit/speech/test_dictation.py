"""A recording is kept before anything is asked of a model, and nothing that happens after can lose it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from math import ceil
from typing import Any

import numpy as np
import pytest

from diary.errors import DiskFull, EngineFailed, ModelDamaged, RecordingDamaged, Stopped
from diary.model.entry import EntryChanges, EntryId, Kind, Transcript
from diary.model.placeholder import clock
from diary.model.progress import Progress, never, silent
from diary.model.speech import Dictation, Hearing, Segment
from ingest.dictation import DictationRequest, Scribe, dictate, happened_at, write_down
from ingest.heard import as_text
from tests.fakes.speech import FakeTranscriber
from tests.fakes.stores import FakeStores, fake_stores
from tests.toy_whisper.voice import say, silence
from tests.unit.speech.sounds import pcm

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=timezone(timedelta(hours=2)))
WAITS = "its words are not written down yet"


@pytest.fixture(scope="module")
def sound() -> bytes:
    talk = say(["slept", "badly", "sad"], 1).wave
    return pcm(np.concatenate([silence(1), talk, silence(3), talk, silence(1)]))


@pytest.fixture
def stores() -> FakeStores:
    return fake_stores()


def scribe_of(
    hearer: FakeTranscriber, stores: FakeStores, *, language: str | None = "en", **given: Any
) -> Scribe:
    return Scribe(
        transcriber=hearer,
        recordings=stores.recordings,
        entry=stores.entries.get,
        hearing=Hearing(language=language),
        **given,
    )


def go_on(
    hearer: FakeTranscriber,
    stores: FakeStores,
    entry: EntryId,
    *,
    below: bool = True,
    report: Callable[[Progress], None] = silent,
    cancelled: Callable[[], bool] = never,
    **given: Any,
) -> Dictation:
    scribe = scribe_of(hearer, stores, **given)
    return write_down(entry, scribe, below=below, report=report, cancelled=cancelled)


def take(
    sound: bytes,
    hearer: FakeTranscriber,
    stores: FakeStores,
    *,
    name: str = "note.wav",
    language: str | None = "en",
    rough: bool = False,
    write: Callable[[Segment], Segment] = lambda segment: segment,
    report: Callable[[Progress], None] = silent,
    cancelled: Callable[[], bool] = never,
) -> Dictation:
    request = DictationRequest(sound=sound, name=name, now=NOW)
    scribe = scribe_of(hearer, stores, language=language, rough=rough, write=write)
    return dictate(request, scribe, report=report, cancelled=cancelled)


def only_entry(stores: FakeStores):
    (kept,) = stores.entries.kept.values()
    return kept.entry


def test_the_words_become_the_entry_and_the_recording_stays_with_it(sound, stores):
    done = take(sound, FakeTranscriber(words=["I slept badly.", "It is better now."]), stores)
    entry = stores.entries.get(done.entry)
    assert entry.text == "I slept badly.\n\nIt is better now."
    assert (entry.kind, entry.transcript) == (Kind.VOICE, Transcript.TRANSCRIBED)
    assert (done.status, done.engine) == (Transcript.TRANSCRIBED, "whisper fake")
    assert stores.recordings.sound(done.entry) == sound
    assert stores.recordings.heard(done.entry) == ("whisper fake", done.segments)


def test_the_recording_is_kept_before_the_model_is_asked(sound, stores):
    seen = []

    def look() -> None:
        entry = only_entry(stores)
        seen.append((entry.transcript, stores.recordings.sound(entry.id) == sound))

    take(sound, FakeTranscriber(on_transcribe=look), stores)
    assert seen == [(Transcript.WAITING, True)]


def test_without_a_model_the_recording_waits_and_says_so(sound, stores):
    done = take(sound, FakeTranscriber(engine=None), stores)
    entry = stores.entries.get(done.entry)
    assert (done.status, done.engine, done.segments) == (Transcript.WAITING, None, ())
    assert entry.text == f"Recording of {clock(done.seconds)}; {WAITS}."
    assert entry.transcript is Transcript.WAITING
    assert stores.recordings.sound(done.entry) == sound


def test_a_rough_draft_is_marked_as_one(sound, stores):
    done = take(sound, FakeTranscriber(engine="pocketsphinx"), stores, rough=True)
    assert stores.entries.get(done.entry).transcript is Transcript.ROUGH
    assert (done.status, done.engine) == (Transcript.ROUGH, "pocketsphinx")


@pytest.mark.parametrize("bad", [b"", b"hello", b"RIFF\0\0\0\0WAVE"])
def test_a_damaged_recording_is_refused_and_nothing_is_kept(bad, stores):
    with pytest.raises(RecordingDamaged):
        take(bad, FakeTranscriber(), stores)
    assert stores.entries.count() == 0


def test_silence_has_no_words_and_no_model_is_asked_for_any(stores):
    hearer = FakeTranscriber()
    done = take(pcm(silence(5)), hearer, stores)
    assert done.status is Transcript.NO_SPEECH
    assert done.segments == ()
    assert hearer.asked == []
    assert stores.entries.get(done.entry).text == "Recording of 0:05; no speech was heard."


def test_speech_in_which_the_model_hears_nothing_gets_no_words(sound, stores):
    class Deaf(FakeTranscriber):
        def transcribe(self, sound, *, hearing, start=0.0, cancelled=never):
            return iter(())

    done = take(sound, Deaf(), stores)
    assert done.status is Transcript.NO_SPEECH
    assert stores.entries.get(done.entry).text == f"Recording of {clock(done.seconds)}; no words were heard."


@pytest.mark.parametrize("after", [0, 1])
@pytest.mark.parametrize("kind", [EngineFailed, ModelDamaged, RecordingDamaged])
def test_an_engine_that_fails_leaves_the_recording_waiting(sound, stores, after, kind):
    hearer = FakeTranscriber(failure=kind("It broke.", hint="Mend it."), fails_after=after)
    with pytest.raises(EngineFailed if kind is RecordingDamaged else kind) as caught:
        take(sound, hearer, stores)
    entry = only_entry(stores)
    assert f"kept as entry {entry.id}" in caught.value.message
    assert caught.value.hint == "Mend it."
    assert (entry.transcript, entry.revision) == (Transcript.WAITING, 1)
    assert WAITS in entry.text
    assert stores.recordings.sound(entry.id) == sound


def test_a_stop_between_segments_leaves_the_recording_waiting_and_tells_the_engine(sound, stores):
    hearer, heard = FakeTranscriber(), []
    with pytest.raises(Stopped) as caught:
        take(sound, hearer, stores, report=heard.append, cancelled=lambda: len(heard) > 1)
    entry = only_entry(stores)
    assert f"kept as entry {entry.id}" in caught.value.message
    assert entry.transcript is Transcript.WAITING
    assert hearer.stopped
    assert stores.recordings.sound(entry.id) == sound


def test_a_crash_of_the_diary_itself_leaves_the_recording_waiting(sound, stores):
    def die(_: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take(sound, FakeTranscriber(), stores, report=die)
    assert only_entry(stores).transcript is Transcript.WAITING


def test_a_full_disk_while_keeping_keeps_nothing_and_asks_no_model(sound, stores, monkeypatch):
    def full(*_args, **_named):
        raise DiskFull("The disk is full.")

    monkeypatch.setattr(stores.recordings, "keep", full)
    hearer = FakeTranscriber()
    with pytest.raises(DiskFull):
        take(sound, hearer, stores)
    assert (stores.entries.count(), hearer.asked) == (0, [])


def test_progress_counts_seconds_of_sound_up_to_all_of_them(sound, stores):
    reports: list[Progress] = []
    done = take(sound, FakeTranscriber(), stores, report=reports.append)
    counts = [report.done for report in reports]
    assert counts == sorted(counts)
    assert counts[0] == 0 and len(counts) == 4
    assert reports[-1] == Progress("transcribing", ceil(done.seconds), ceil(done.seconds))


def test_the_language_reaches_the_model(sound, stores):
    hearer = FakeTranscriber()
    take(sound, hearer, stores, language="de")
    assert hearer.asked == ["de"]


def test_the_title_is_the_name_of_the_file_made_readable(sound, stores):
    done = take(sound, FakeTranscriber(engine=None), stores, name="/home/x/First_day \x1b[31m back.m4a")
    assert stores.entries.get(done.entry).title == "First day [31m back"
    assert stores.entries.get(EntryId(done.entry)).written == NOW


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("Recording_20260503_142211.m4a", (2026, 5, 3, 14, 22, 11)),
        ("2026-05-03 14.22.11.wav", (2026, 5, 3, 14, 22, 11)),
        ("Voice 2026-05-03 at 08.05.ogg", (2026, 5, 3, 8, 5, 0)),
        ("PTT-20260503-WA0001.opus", (2026, 5, 3, 12, 0, 0)),
        ("2026-05-03.mp3", (2026, 5, 3, 12, 0, 0)),
        ("2026-02-31.mp3", None),
        ("2031-05-03.mp3", None),
        ("track 12345678901.mp3", None),
        ("memo.mp3", None),
    ],
)
def test_a_date_in_the_name_is_when_it_happened(name, moment):
    expected = datetime(*moment, tzinfo=NOW.tzinfo) if moment else NOW
    assert happened_at(name, None, NOW) == expected


def test_the_files_own_time_is_used_when_the_name_has_none_or_agrees_on_the_day():
    made = datetime(2026, 5, 3, 6, 30, tzinfo=UTC)
    assert happened_at("memo.m4a", made, NOW) == made
    assert happened_at("memo.m4a", made, NOW).utcoffset() == timedelta(hours=2)
    assert happened_at("2026-05-03.m4a", made, NOW) == made
    assert happened_at("2026-05-04.m4a", made, NOW) == datetime(2026, 5, 4, 12, 0, tzinfo=NOW.tzinfo)
    assert happened_at("memo.m4a", datetime(2031, 1, 1, tzinfo=UTC), NOW) == NOW


def test_a_pause_of_two_seconds_begins_a_paragraph():
    def said(start: float, end: float, text: str) -> Segment:
        return Segment(start=start, end=end, text=text, confidence=1)

    assert as_text([said(0, 1, " One "), said(1.5, 2, "two."), said(4, 5, "Three.")]) == "One two.\n\nThree."


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.2, "0:00"), (42, "0:42"), (725, "12:05"), (3723, "1:02:03")]
)
def test_a_length_is_shown_as_people_write_it(seconds, shown):
    assert clock(seconds) == shown


# Going on after a stop


def said(start: float, end: float, text: str) -> Segment:
    return Segment(start=start, end=end, text=text, confidence=0.9)


def stopped(sound: bytes, stores: FakeStores, **given: Any) -> tuple[EntryId, FakeTranscriber]:
    """A recording whose second sentence was not heard any more."""
    hearer = FakeTranscriber(words=["One.", "Two."], failure=EngineFailed("It broke."), fails_after=1)
    with pytest.raises(EngineFailed):
        take(sound, hearer, stores, **given)
    return only_entry(stores).id, hearer


def test_what_was_heard_before_a_crash_is_kept_and_gone_on_from(sound, stores):
    entry, first = stopped(sound, stores)
    segments, reached, engine = stores.recordings.partial(entry)
    assert [one.text for one in segments] == ["One."]
    assert engine == "whisper fake"
    second = FakeTranscriber(words=["One.", "Two."])
    reports: list[Progress] = []
    done = go_on(second, stores, entry, report=reports.append)
    assert (first.starts, second.starts) == ([0.0], [reached])
    assert [one.text for one in done.segments] == ["One.", "Two."]
    assert stores.entries.get(entry).text == "One.\n\nTwo."
    assert stores.recordings.partial(entry) is None
    assert reports[0].done == ceil(reached)


def test_a_stop_by_the_person_keeps_it_likewise(sound, stores):
    hearer, reports = FakeTranscriber(), []
    with pytest.raises(Stopped):
        take(sound, hearer, stores, report=reports.append, cancelled=lambda: len(reports) > 1)
    segments, reached, _ = stores.recordings.partial(only_entry(stores).id)
    assert len(segments) == 1 and reached > 0


def test_another_engine_begins_anew(sound, stores):
    entry, _ = stopped(sound, stores)
    other = FakeTranscriber("whisper better", words=["First.", "Second."])
    go_on(other, stores, entry)
    assert other.starts == [0.0]
    assert stores.entries.get(entry).text == "First.\n\nSecond."


def test_segments_that_are_not_covered_yet_are_heard_again_and_not_doubled(sound, stores):
    entry = take(sound, FakeTranscriber(engine=None), stores).entry
    stores.recordings.set_partial(entry, [said(1, 2, "One."), said(5, 6, "Tw")], 2.5, "whisper fake")
    done = go_on(FakeTranscriber(words=["One.", "Two."]), stores, entry)
    assert [one.text for one in done.segments] == ["One.", "Two."]


def test_a_long_recording_keeps_what_was_heard_every_minute_of_sound(sound, stores, monkeypatch):
    monkeypatch.setattr("ingest.dictation.KEEP_EVERY_SECONDS", 2.0)
    kept: list[float] = []
    monkeypatch.setattr(
        stores.recordings, "set_partial", lambda entry, segments, reached, engine: kept.append(reached)
    )
    take(sound, FakeTranscriber(), stores)
    assert len(kept) == 2 and kept[0] >= 2.0 and kept[1] - kept[0] >= 2.0


def test_a_partial_transcript_that_cannot_be_kept_hides_no_failure(sound, stores, monkeypatch):
    def full(*_):
        raise DiskFull("The disk is full.")

    monkeypatch.setattr(stores.recordings, "set_partial", full)
    stopped(sound, stores)


def test_what_is_written_goes_through_the_glossary(sound, stores):
    def write(segment: Segment) -> Segment:
        return replace(segment, text=segment.text.replace("okay for", "Okafor"))

    done = take(sound, FakeTranscriber(words=["Dr okay for called."]), stores, write=write)
    assert stores.entries.get(done.entry).text == "Dr Okafor called.\n\nDr Okafor called."
    assert done.segments[0].text == "Dr Okafor called."


def test_hotwords_and_languages_reach_the_model(sound, stores):
    hearer = FakeTranscriber()
    hearing = Hearing(languages=("en", "de"), hotwords=("Topiramate",))
    scribe = replace(scribe_of(hearer, stores), hearing=hearing)
    request = DictationRequest(sound=sound, name="note.wav", now=NOW)
    dictate(request, scribe, report=silent, cancelled=never)
    assert hearer.hearings == [hearing]


# Words that a person wrote


def test_words_that_a_person_wrote_into_a_waiting_entry_stay_above_what_is_heard(sound, stores):
    entry = take(sound, FakeTranscriber(engine=None), stores).entry
    stores.entries.revise(entry, EntryChanges(text="Ask on Tuesday."))
    go_on(FakeTranscriber(words=["One.", "Two."]), stores, entry)
    assert stores.entries.get(entry).text == "Ask on Tuesday.\n\nOne.\n\nTwo."


def test_words_written_while_it_was_heard_stay_too(sound, stores):
    entry = take(sound, FakeTranscriber(), stores).entry

    def write(_: Progress) -> None:
        stores.entries.revise(entry, EntryChanges(text="Better so."))

    go_on(FakeTranscriber(words=["One.", "Two."]), stores, entry, below=False, report=write)
    assert stores.entries.get(entry).text == "Better so.\n\nOne.\n\nTwo."


def test_silence_leaves_a_person_s_words_alone(stores):
    entry = take(pcm(silence(5)), FakeTranscriber(), stores).entry
    stores.entries.revise(entry, EntryChanges(text="I said nothing."))
    done = go_on(FakeTranscriber(), stores, entry)
    assert done.status is Transcript.NO_SPEECH
    assert stores.entries.get(entry).text == "I said nothing."


def test_words_that_are_to_be_replaced_are_and_the_ones_before_are_in_the_history(sound, stores):
    entry = take(sound, FakeTranscriber(words=["Wrong."]), stores).entry
    go_on(FakeTranscriber("whisper better", words=["Right."]), stores, entry, below=False)
    assert [one.text for one in stores.entries.history(entry)][1:] == ["Wrong.\n\nWrong.", "Right.\n\nRight."]
    assert [one.engine for one in stores.recordings.transcripts(entry)] == ["whisper fake", "whisper better"]


def test_a_failure_says_of_an_entry_that_has_words_that_it_stays(sound, stores):
    entry = take(sound, FakeTranscriber(), stores).entry
    before = stores.entries.get(entry)
    with pytest.raises(EngineFailed, match=f"Entry {entry} stays as it was"):
        go_on(FakeTranscriber(failure=EngineFailed("It broke.")), stores, entry, below=False)
    assert stores.entries.get(entry) == before
