"""What the screens need to record, read through and play back. Satisfied by `diary.voice.Voice` and the fake
in `tests/fakes`.

Every method but those of `RunningRecording` may wait on the disk or an engine and belongs in a worker's
thread; all raise `diary.errors.DiaryError` with a sentence for the reader.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from diary.model.entry import Entry, EntryId
from diary.model.glossary import Doubt, SpokenObservation, Term, TermDraft, TermId
from diary.model.progress import Cancelled, Report, never, silent
from diary.model.recording import Meter, SpoolId, TranscriptVersion, Unfinished
from diary.model.speech import Microphone, Segment


def unheard(_: Segment) -> None:
    """A `heard` that nobody listens to."""


class RunningRecording(Protocol):
    """A recording that runs; its sound goes to the disk, encrypted, whatever the screen does."""

    @property
    def id(self) -> SpoolId:
        """Its name."""
        ...

    def pause(self) -> None:
        """Hear nothing until `resume`."""
        ...

    def resume(self) -> None:
        """Go on."""
        ...

    def stop(self) -> None:
        """End it; returns when all sound is on the disk. Words may still be missing: `Voice.hear`."""
        ...


class Recording(Protocol):
    """Records."""

    def microphones(self) -> list[Microphone]:
        """What can be recorded from; MicrophoneMissing, with the reason, when there is none."""
        ...

    def microphone(self) -> str | None:
        """The id of the remembered one; None: the sound system's choice."""
        ...

    def use_microphone(self, microphone: str | None) -> None:
        """Remember one."""
        ...

    def record(
        self,
        *,
        meter: Callable[[Meter], None],
        heard: Callable[[Segment], None],
        microphone: str | None = None,
    ) -> RunningRecording:
        """Begin; the two are called from other threads, `meter` several times a second.

        :param microphone: the id of one to use this time; None is the remembered one.

        A failure of the microphone ends the recording: the meter says ENDED, and `stop` raises it.
        """
        ...

    def unfinished(self) -> list[Unfinished]:
        """Recordings that are no entries yet, oldest first, without the running one."""
        ...

    def hear(
        self,
        spool: SpoolId,
        *,
        report: Report = silent,
        cancelled: Cancelled = never,
        heard: Callable[[Segment], None] = unheard,
    ) -> tuple[Segment, ...]:
        """Write down what is not yet written down of an unfinished one; all segments. Stopping keeps what is
        done. ModelMissing without a speech model: it can be saved all the same, and waits then.

        :param heard: told each new segment at once, in order, from the calling thread.
        :param report: seconds of sound, done of the whole.
        """
        ...

    def save_recording(
        self,
        spool: SpoolId,
        text: str,
        *,
        at: str | None = None,
        title: str | None = None,
        tags: Sequence[str] = (),
    ) -> Entry:
        """Make it an entry, with its sound as the settings say; without words, and speech in it, it waits."""
        ...

    def discard_recording(self, spool: SpoolId) -> None:
        """Destroy it."""
        ...


class Reviewing(Protocol):
    """Reads through what was heard, beside its sound."""

    def heard(self, entry: EntryId) -> tuple[Segment, ...]:
        """The segments of a kept voice entry's newest transcript; none when it has no recording."""
        ...

    def transcripts(self, entry: EntryId) -> list[TranscriptVersion]:
        """Every writing-down of it, oldest first."""
        ...

    def doubts(self, text: str) -> Sequence[Doubt]:
        """Words that sound like one of the person's medicines, and are none."""
        ...

    def spoken_observations(self, text: str) -> Sequence[SpokenObservation]:
        """Observations told in words that do not stand there as `key:: value` yet."""
        ...

    def play(
        self,
        sound: SpoolId | EntryId,
        *,
        start: float,
        position: Callable[[float], None],
        cancelled: Cancelled,
    ) -> None:
        """Play from `start` seconds on until the end or `cancelled`; `position` is told as it plays."""
        ...

    def transcribe_again(
        self,
        entry: EntryId,
        *,
        rough: bool = False,
        force: bool = False,
        report: Report = silent,
        cancelled: Cancelled = never,
    ) -> Entry:
        """Write a kept recording down anew, or a waiting one for the first time, with the model in use; the
        words before stay in the history.

        :param rough: with PocketSphinx instead, which needs no model: a rough draft.
        :param force: also in the place of words that a person changed; otherwise WordsChanged.
        """
        ...

    def transcribe_waiting(self, *, report: Report = silent, cancelled: Cancelled = never) -> int:
        """Write down the recordings that wait, oldest first; how many. 0 without a speech model."""
        ...

    def forget_old_sound(self) -> int:
        """Destroy the sound that the settings keep no longer; of how many recordings. The words stay."""
        ...

    def confirm(self, entry: EntryId) -> Entry:
        """Vouch for a rough draft, as it is now."""
        ...


class Terms(Protocol):
    """Keeps the glossary."""

    def terms(self) -> list[Term]:
        """All."""
        ...

    def add_term(self, term: TermDraft) -> Term:
        """Keep one."""
        ...

    def remove_term(self, term: TermId) -> None:
        """Forget one."""
        ...

    def proposed_terms(self) -> list[TermDraft]:
        """What the entries name and the glossary does not hold, the most useful first; nothing is kept."""
        ...


class Speaking(Recording, Reviewing, Terms, Protocol):
    """All of it: `Session.voice`."""
