"""What hears words, as the speech service sees it: Whisper, or PocketSphinx for rough drafts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from diary.engine.messages import Heard
from diary.model.speech import Hearing
from ingest.engines.silence import Utterance


class Hearer(Protocol):
    """Hears one recording."""

    def attune(self, first: Utterance) -> None:
        """Decide what is decided once for a recording, by its first utterance; again is no harm."""
        ...

    def words(self, utterance: Utterance, cancelled: Callable[[], bool]) -> Iterator[Heard]:
        """What is said, in order, with times of the recording."""
        ...


class Recogniser(Protocol):
    """A loaded model.

    :ivar window: seconds that it hears at once, at most.
    :ivar joins: whether a window costs the same however little is in it, so that parts are joined to fill it.
    """

    window: float
    joins: bool

    def hearer(self, hearing: Hearing) -> Hearer:
        """For a new recording.

        :raises diary.engine.service.JobFailed: LANGUAGE_UNKNOWN, when it knows none of the languages.
        """
        ...
