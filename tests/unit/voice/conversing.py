"""A Voice over fakes, and a person who speaks to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from diary.model.entry import EntryDraft, EntryId, Kind, Transcript
from diary.model.recording import Meter, SpoolId, Unfinished
from diary.model.speech import Segment
from diary.parts import Engines, Stores
from diary.session import Session
from diary.settings import Speech
from diary.vault.vault import Vault
from diary.voice import Voice
from ingest.recording import RunningRecording
from tests.fakes.models import FakeEmbedder
from tests.fakes.sound import FakeSoundDevices
from tests.fakes.speech import FakeTranscriber
from tests.fakes.stores import TickingClock, fake_stores
from tests.unit.voice.sounds import SENTENCE
from tests.waiting import until


def stores_of(vault: Vault) -> Stores:
    """A vault by what it keeps."""
    return Stores(**{one.name: getattr(vault, one.name) for one in fields(Stores)})


@dataclass
class Conversation:
    """One open diary.

    :ivar vault: keeps it; without one it is kept in memory.
    :ivar installed: what hears words; its `engine` may be changed, as when a model is installed.
    """

    installed: FakeTranscriber = field(default_factory=FakeTranscriber)
    speech: Speech = field(default_factory=Speech)
    sound: FakeSoundDevices = field(default_factory=FakeSoundDevices)
    clock: Callable[[], datetime] = field(default_factory=TickingClock)
    meters: list[Meter] = field(default_factory=list)
    heard: list[Segment] = field(default_factory=list)

    vault: Vault | None = None

    def __post_init__(self) -> None:
        self.stores: Any = self.vault or fake_stores(now=self.clock)
        self.rough = FakeTranscriber("pocketsphinx", words=["some thing was set"])
        self.session = self.opened()

    def opened(self) -> Session:
        """The diary, opened anew over what is kept."""
        engines = Engines(
            embedder=FakeEmbedder(),
            language_model=None,
            transcriber=self.installed,
            rough_transcriber=self.rough,
            sound=self.sound,
        )
        stores = self.stores if self.vault is None else stores_of(self.vault)
        return Session(stores, engines, close=lambda: None, now=self.clock, speech=self.speech)

    @property
    def voice(self) -> Voice:
        return self.session.voice

    def record(self, **given: Any) -> RunningRecording:
        return self.voice.record(meter=self.meters.append, heard=self.heard.append, **given)

    def recorded(self, sound: bytes = SENTENCE * 2) -> SpoolId:
        """A recording that was made and has ended; its words are not waited for."""
        running = self.record()
        self.sound.capture.hears(sound)
        running.stop()
        return running.id

    def left(self, sound: bytes = SENTENCE * 2) -> SpoolId:
        """A recording of a program that was killed before any word was written down."""
        spool = self.stores.spools.begin(self.clock())
        spool.append(sound)
        return spool.id

    def unfinished(self) -> Unfinished:
        (one,) = self.voice.unfinished()
        return one

    def kept(self, sound: bytes, text: str, status: Transcript = Transcript.WAITING, **draft: Any) -> EntryId:
        """A voice entry that is kept."""
        now = self.clock()
        made = EntryDraft(
            **{"text": text, "happened": now, "written": now, "kind": Kind.VOICE, "transcript": status}
            | draft
        )
        return self.stores.recordings.keep(made, sound, name="note.wav").id

    def written(self, sound: bytes, status: Transcript = Transcript.TRANSCRIBED) -> EntryId:
        """A voice entry whose words an engine wrote down."""
        entry = self.kept(sound, "waiting")
        heard = (Segment(start=0.0, end=0.8, text="It is as it was.", confidence=0.9),)
        self.stores.recordings.set_transcript(entry, "It is as it was.", status, heard, "whisper old")
        return entry

    def text(self, entry: EntryId) -> str:
        return self.stores.entries.get(entry).text

    def status(self, entry: EntryId) -> Transcript | None:
        return self.stores.entries.get(entry).transcript

    def has_sound(self, entry: EntryId) -> bool:
        return entry in self.stores.recordings._sounds

    def words_come(self, number: int) -> None:
        until(lambda: len(self.heard) >= number, f"{number} sentences")
