"""A command line in memory: the fake diary, arguments as they are typed, a keyboard that a test presses."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from diary.cli.arguments import parse
from diary.cli.context import Context
from diary.cli.output import Console
from diary.model.recording import Phase
from diary.model.retention import KEPT_ALWAYS, RetentionRules
from diary.model.speech import Segment
from diary.session import Session
from diary.settings import Settings
from tests.fakes.session import FakeSession, FakeStatus
from tests.fakes.voice import FakeRecording, FakeVoice


@dataclass(frozen=True)
class Status(FakeStatus):
    transcriber: str | None = "whisper fake"


@dataclass
class SpokenSession(FakeSession):
    """Says of a speech model what its voice does."""

    def status(self) -> Status:
        return Status(**vars(super().status()), transcriber=self.voice.model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk(Context):
    """A run of the command line on a diary that is open already, with nothing sealed and no passphrase."""

    opened: Any

    @contextmanager
    def session(self) -> Iterator[Any]:
        yield self.opened


@dataclass
class Keyboard:
    """Stands in for `diary.cli.keys.Keys`: each look at it gives the next of what was put in.

    A callable is called and is no key: something happens while nobody presses one.
    """

    terminal: bool = True
    presses: list[str | Callable[[], None] | None] = field(default_factory=list)

    def pressed(self, timeout: float) -> str | None:
        assert self.presses, "the recording went on when it should have ended"
        press = self.presses.pop(0)
        if callable(press):
            press()
            return None
        return press


@dataclass
class Said:
    """What a command wrote."""

    status: int | None
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def words(self) -> str:
        """Without line breaks."""
        return " ".join(self.out.split())


def run(
    command: Callable[[Any], int | None],
    capsys: pytest.CaptureFixture[str],
    *words: str,
    session: Session | SpokenSession,
    rules: RetentionRules = KEPT_ALWAYS,
) -> Said:
    """Run a command of the line as typed."""
    arguments = parse(list(words))
    nowhere = Path("/none")
    settings = Settings(vault=nowhere, models=(), cache=nowhere, config=nowhere, retention=rules)
    desk = Desk(
        arguments=arguments,
        console=Console(json=arguments.json),
        settings=settings,
        opened=session,
        **dict.fromkeys(("passphrase", "policy", "enforced")),  # type: ignore[arg-type]
    )
    status = command(desk)
    written = capsys.readouterr()
    return Said(status, written.out, written.err)


@dataclass
class EagerVoice(FakeVoice):
    """Hears what it was told to as soon as it records.

    :ivar says: its segments. :ivar gives: seconds of sound. :ivar ends: the microphone goes away then.
    """

    says: list[Segment] = field(default_factory=list)
    gives: float = 0.0
    ends: bool = False

    def record(self, **how: Any) -> FakeRecording:
        running = super().record(**how)
        if self.gives:
            running.measures(phase=Phase.RECORDING, seconds=self.gives, heard=True)
        for segment in self.says:
            running.hears(segment)
        if self.ends:
            running.measures(phase=Phase.ENDED)
        return running


def eager(session: SpokenSession, **facts: Any) -> EagerVoice:
    """The session's voice from now on."""
    before = session.voice
    session.voice = made = EagerVoice(before.add, before.newest, before.revise, **facts)
    return made
