from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from diary.tui.ports import Notebook
from tests.fakes.session import FakeSession

if TYPE_CHECKING:
    from diary.session import Session

    def the_real_session_is_a_notebook(session: Session) -> Notebook:
        """Never run: mypy reads it."""
        return session


def the_fake_is_a_notebook(session: FakeSession) -> Notebook:
    """Never run: mypy reads it."""
    return session


def test_the_fake_and_the_real_session_take_the_same_arguments_as_the_port() -> None:
    from diary.session import Session

    names = [
        name for name, value in inspect.getmembers(Notebook, inspect.isfunction) if not name.startswith("_")
    ]
    assert {"write", "entries", "save_draft", "ask", "index", "status", "close"} <= set(names)
    for name in names:
        port = inspect.signature(getattr(Notebook, name)).parameters
        for kind in (FakeSession, Session):
            have = inspect.signature(getattr(kind, name)).parameters
            assert set(port) <= set(have), (kind.__name__, name)
