"""What is spoken, in memory, for the tests of the screen: the test says when sound comes and what is heard.

It keeps sound and words unencrypted, so it refuses to run elsewhere. `gates` make a call wait until the test
lets it go on; `broken` makes it raise. `play` goes on until the test ends it, or it is stopped.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import Any

from diary.errors import DiaryError, ModelMissing, RecordingNotFound, Stopped
from diary.model.entry import Entry, EntryDraft, EntryId, Kind, Transcript
from diary.model.glossary import Doubt, SpokenObservation, Term, TermDraft, TermId
from diary.model.progress import Cancelled, Progress, Report, never, silent
from diary.model.recording import Meter, Phase, SpoolId, TranscriptVersion, Unfinished
from diary.model.speech import Microphone, Segment, Word
from diary.tui.voice_ports import unheard
from tests.fakes.guard import refuse_outside_tests

STARTED = datetime(2026, 11, 20, 21, 35, tzinfo=UTC)
BUILT_IN = Microphone(id="mic-1", name="Built-in Microphone", default=True)
HEADSET = Microphone(id="mic-2", name="USB Headset")


def said(start: float, text: str, *, doubted: Sequence[str] = (), confidence: float = 0.9) -> Segment:
    """A segment whose words take half a second each, those in `doubted` with a confidence of 0.2."""
    words = tuple(
        Word(
            start=start + place / 2,
            end=start + place / 2 + 0.5,
            text=word,
            confidence=0.2 if word.strip(".,") in doubted else confidence,
        )
        for place, word in enumerate(text.split())
    )
    return Segment(start=start, end=start + len(words) / 2, text=text, confidence=confidence, words=words)


@dataclass
class FakeRecording:
    """A recording that runs until the test or the screen stops it."""

    voice: FakeVoice
    id: SpoolId
    meter: Callable[[Meter], None]
    heard: Callable[[Segment], None]
    standing: Meter
    stopped: bool = False

    def pause(self) -> None:
        self.measures(phase=Phase.PAUSED)

    def resume(self) -> None:
        self.measures(phase=Phase.RECORDING)

    def stop(self) -> None:
        self.stopped = True
        self.voice.called("stop")

    def measures(self, **facts: Any) -> None:
        """The meter says so from another thread, as the recorder's does."""
        self.standing = replace(self.standing, **facts)
        self.voice.change(self.id, seconds=self.standing.seconds)
        _elsewhere(lambda: self.meter(self.standing))

    def hears(self, segment: Segment) -> None:
        """These words were written down, and noted with the spool."""
        self.voice.change(self.id, segments=(*self.voice.spools[self.id].segments, segment),
                          reached=segment.end, engine="whisper fake")  # fmt: skip
        _elsewhere(lambda: self.heard(segment))


def _elsewhere(call: Callable[[], None]) -> None:
    thread = threading.Thread(target=call)
    thread.start()
    thread.join()


@dataclass
class FakeVoice:
    """Has the methods of `diary.tui.voice_ports.Speaking`.

    :ivar add: keeps an entry, as the session does. :ivar newest: an entry as it is now.
    :ivar revise: keeps a new version of an entry.
    :ivar to_hear: what is heard of a spool, a segment for each `hear_on.release()`.
    :ivar rewritten: the text that writing an entry down again gives.
    :ivar position: tells the screen where the playing is; None while nothing plays.
    """

    add: Callable[[EntryDraft], Entry]
    newest: Callable[[EntryId], Entry]
    revise: Callable[[Entry], Entry]
    model: str | None = "whisper fake"
    found: list[Microphone] = field(default_factory=lambda: [BUILT_IN, HEADSET])
    chosen: str | None = None
    spools: dict[SpoolId, Unfinished] = field(default_factory=dict)
    running: FakeRecording | None = None
    to_hear: dict[SpoolId, list[Segment]] = field(default_factory=dict)
    hear_on: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    kept: dict[EntryId, list[TranscriptVersion]] = field(default_factory=dict)
    asked: Callable[[str], Sequence[Doubt]] = lambda _: ()
    told: Callable[[str], Sequence[SpokenObservation]] = lambda _: ()
    glossary: list[Term] = field(default_factory=list)
    proposed: list[TermDraft] = field(default_factory=list)
    played: list[tuple[SpoolId | EntryId, float]] = field(default_factory=list)
    position: Callable[[float], None] | None = None
    play_out: threading.Event = field(default_factory=threading.Event)
    stopped_after: float | None = None
    rewritten: str = "Said again, and better."
    waiting: int = 0
    broken: dict[str, DiaryError] = field(default_factory=dict)
    gates: dict[str, threading.Event] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        refuse_outside_tests()

    def called(self, name: str) -> None:
        self.calls.append(name)
        if gate := self.gates.get(name):
            assert gate.wait(20), f"the test never opened the gate of {name}"
        if error := self.broken.get(name):
            raise error

    def change(self, spool: SpoolId, **facts: Any) -> None:
        self.spools[spool] = replace(self.spools[spool], **facts)

    def leave_unfinished(self, *segments: Segment, seconds: float = 60.0, name: str = "a") -> Unfinished:
        """A recording of a program that was killed, as a test's given."""
        spool = SpoolId(name * 32)
        reached = segments[-1].end if segments else 0.0
        engine = "whisper fake" if segments else None
        self.spools[spool] = Unfinished(
            id=spool, started=STARTED, seconds=seconds, segments=segments, reached=reached, engine=engine
        )
        return self.spools[spool]

    # Recording

    def microphones(self) -> list[Microphone]:
        self.called("microphones")
        return self.found

    def microphone(self) -> str | None:
        return self.chosen

    def use_microphone(self, microphone: str | None) -> None:
        self.called("use_microphone")
        self.chosen = microphone

    def record(
        self,
        *,
        meter: Callable[[Meter], None],
        heard: Callable[[Segment], None],
        microphone: str | None = None,
    ) -> FakeRecording:
        self.called("record")
        used = microphone or self.chosen
        name = next((one.name for one in self.found if one.id == used), BUILT_IN.name)
        spool = SpoolId(f"{len(self.calls):032x}")
        self.spools[spool] = Unfinished(id=spool, started=STARTED, seconds=0.0)
        standing = Meter(
            phase=Phase.OPENING,
            seconds=0.0,
            peak=-96.0,
            heard=False,
            silent=False,
            lost=0.0,
            behind=None if self.model is None else 0.0,
            microphone=name,
        )
        self.running = FakeRecording(self, spool, meter, heard, standing)
        return self.running

    def unfinished(self) -> list[Unfinished]:
        self.called("unfinished")
        going = self.running.id if self.running and not self.running.stopped else None
        return [spool for spool in self.spools.values() if spool.id != going]

    def hear(
        self,
        spool: SpoolId,
        *,
        report: Report = silent,
        cancelled: Cancelled = never,
        heard: Callable[[Segment], None] = unheard,
    ) -> tuple[Segment, ...]:
        self.called("hear")
        if self.model is None:
            raise ModelMissing("There is no speech model.", hint="Bring one with diary models import.")
        while self.to_hear.get(spool):
            while not cancelled() and not self.hear_on.acquire(timeout=0.01):
                pass
            if cancelled():
                raise Stopped("Stopped. What was heard so far is kept.")
            segment = self.to_hear[spool].pop(0)
            self.change(
                spool,
                segments=(*self.spools[spool].segments, segment),
                reached=segment.end,
                engine=self.model,
            )
            heard(segment)
            report(Progress("transcribing", round(segment.end), round(self.spools[spool].seconds)))
        return self.spools[spool].segments

    def save_recording(
        self,
        spool: SpoolId,
        text: str,
        *,
        at: str | None = None,
        title: str | None = None,
        tags: Sequence[str] = (),
    ) -> Entry:
        self.called("save_recording")
        if spool not in self.spools:
            raise RecordingNotFound("There is no unsaved recording of this name.")
        kept = self.spools.pop(spool)
        status = Transcript.TRANSCRIBED if text.strip() else Transcript.WAITING
        entry = self.add(
            EntryDraft(
                text=text,
                happened=kept.started,
                written=kept.started,
                title=title,
                tags=tuple(tags),
                kind=Kind.VOICE,
                transcript=status,
            )
        )
        version = TranscriptVersion(
            revision=1, engine=kept.engine or "", made=kept.started, segments=kept.segments
        )
        self.kept[entry.id] = [version] if kept.segments else []
        return entry

    def discard_recording(self, spool: SpoolId) -> None:
        self.called("discard_recording")
        del self.spools[spool]

    # Reading through

    def heard(self, entry: EntryId) -> tuple[Segment, ...]:
        self.called("heard")
        versions = self.kept.get(entry, [])
        return versions[-1].segments if versions else ()

    def transcripts(self, entry: EntryId) -> list[TranscriptVersion]:
        self.called("transcripts")
        return self.kept.get(entry, [])

    def doubts(self, text: str) -> Sequence[Doubt]:
        self.called("doubts")
        return self.asked(text)

    def spoken_observations(self, text: str) -> Sequence[SpokenObservation]:
        return self.told(text)

    def play(
        self,
        sound: SpoolId | EntryId,
        *,
        start: float,
        position: Callable[[float], None],
        cancelled: Cancelled,
    ) -> None:
        self.called("play")
        self.played.append((sound, start))
        self.position = position
        position(start)
        polled = monotonic()
        while not self.play_out.is_set() and not cancelled():
            polled = monotonic()
            sleep(0.005)
        self.stopped_after = monotonic() - polled
        self.position = None

    def transcribe_again(
        self,
        entry: EntryId,
        *,
        rough: bool = False,
        force: bool = False,
        report: Report = silent,
        cancelled: Cancelled = never,
    ) -> Entry:
        report(Progress("transcribing", 21, 42))
        self.called("transcribe_again")
        if cancelled():
            raise Stopped("Stopped. The words are as they were.")
        again = replace(self.newest(entry), text=self.rewritten, transcript=Transcript.TRANSCRIBED)
        changed = self.revise(again)
        segments = (said(0, self.rewritten),)
        version = TranscriptVersion(
            revision=changed.revision, engine="whisper fake", made=STARTED, segments=segments
        )
        self.kept.setdefault(entry, []).append(version)
        return changed

    def transcribe_waiting(self, *, report: Report = silent, cancelled: Cancelled = never) -> int:
        if self.model is None:
            return 0
        done, self.waiting = self.waiting, 0
        if done:
            report(Progress("transcribing", 0, done))
        self.called("transcribe_waiting")
        if cancelled():
            self.waiting = done
            return 0
        return done

    def forget_old_sound(self) -> int:
        self.called("forget_old_sound")
        return 0

    def confirm(self, entry: EntryId) -> Entry:
        self.called("confirm")
        return self.revise(replace(self.newest(entry), transcript=Transcript.TRANSCRIBED))

    # The glossary

    def terms(self) -> list[Term]:
        self.called("terms")
        return list(self.glossary)

    def add_term(self, term: TermDraft) -> Term:
        self.called("add_term")
        number = TermId(max((one.id for one in self.glossary), default=0) + 1)
        kept = Term(id=number, text=term.text, kind=term.kind, instead_of=term.instead_of, also=term.also)
        self.glossary.append(kept)
        return kept

    def change_term(self, term: Term) -> Term:
        self.called("change_term")
        self.glossary = [term if one.id == term.id else one for one in self.glossary]
        return term

    def remove_term(self, term: TermId) -> None:
        self.called("remove_term")
        self.glossary = [one for one in self.glossary if one.id != term]

    def proposed_terms(self) -> list[TermDraft]:
        return list(self.proposed)
