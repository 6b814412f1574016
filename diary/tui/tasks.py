"""How work leaves the screen and comes back: a worker's thread does one job and posts one message.

Rules: a job calls the notebook and touches no widget; whatever it raises becomes a sentence, never a crash.
A programming error is named by its type alone: its message may hold words of the diary.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual.message import Message
from textual.message_pump import MessagePump

from diary.errors import DiaryError
from diary.model.deleted import DeletedEntry
from diary.model.progress import Progress


@dataclass(frozen=True, slots=True)
class Failure:
    """A refusal or failure as the reader sees it; `hint` may be empty."""

    message: str
    hint: str = ""

    @property
    def sentences(self) -> str:
        """Message and hint together."""
        return f"{self.message}\n{self.hint}" if self.hint else self.message


def failure_of(error: Exception) -> Failure:
    """The sentence for this error."""
    if isinstance(error, DiaryError):
        return Failure(error.message, error.hint)
    return Failure(
        f"Something went wrong inside the program ({type(error).__name__}). What was saved is safe.",
        "Try again; when it happens again, lock the diary and open it once more.",
    )


@dataclass
class Failed(Message):
    """Work failed; bubbles up to the app, which shows the sentence."""

    failure: Failure


class WordsChanged(Message):
    """Entries were added, changed or removed; the app counts and indexes anew."""


@dataclass
class TakenOut(Message):
    """An entry was deleted; the app tells how it comes back. None: it is erased for good."""

    deleted: DeletedEntry | None


@dataclass
class WritingDown(Message):
    """How far a recording is written down; the app shows it. None: it ended."""

    progress: Progress | None

    def can_replace(self, message: Message) -> bool:
        """Only the latest is worth showing, but the end must not be missed."""
        return isinstance(message, WritingDown) and message.progress is not None


class Present(Message):
    """The person is there although no key is pressed: speech is heard."""


class EngineWanted(Message):
    """A screen needs the speech engine now; work in the background makes way for it."""


def refused(node: MessagePump, require: Callable[[], None]) -> bool:
    """Whether something is forbidden, which is told then: so that nobody is asked whether they want it.

    :param require: raises DiaryError when it is; waits for nothing.
    """
    try:
        require()
    except DiaryError as error:
        node.post_message(Failed(failure_of(error)))
        return True
    return False


def attempt(node: MessagePump, job: Callable[[], Message | None]) -> None:
    """In a worker's thread: do the job and post what it returns to `node`, or its failure."""
    try:
        message: Message | None = job()
    except Exception as error:
        message = Failed(failure_of(error))
    if message is not None:
        node.post_message(message)
