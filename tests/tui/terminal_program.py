"""The screen as a whole program on a real terminal, with the sample diary; says at the end what it kept.

An answer about "waiting" blocks until the session is closed, as one whose engine is slow does.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest  # noqa: F401 -- the fake diary refuses to run outside tests

from diary.errors import EngineFailed
from diary.model.answer import AnswerDelta, Question
from diary.tui.drafting import decode
from diary.tui.run import run_screen
from tests.fakes.session import FakeSession
from tests.tui.driving import CONTEXT
from tests.tui.sample import sample_session, scripted_answer


class ClosingSession(FakeSession):
    """Closing it ends the answer that waits."""

    def close(self) -> None:
        super().close()
        ended.set()


ended = threading.Event()


def waiting_answer(question: Question) -> Iterator[AnswerDelta]:
    if "waiting" in question.text:
        sys.stdout.write("")
        ended.wait(60)
        raise EngineFailed("The engine was ended.")
    yield from scripted_answer(session, question)


session = ClosingSession(**{name: getattr(sample_session(), name) for name in ("kept", "indexed")})
session.script = waiting_answer


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\r\n")
    sys.stdout.flush()


def lock() -> None:
    say("LOCKED closed", session.closed)


code = run_screen(lambda *_: session, lock, CONTEXT)
say("KEPT", [decode(draft.text).text for draft in session.slots.values()])
say("ENDED", code, "closed", session.closed)
