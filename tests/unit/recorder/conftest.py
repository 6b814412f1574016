"""Recorders of the tests: the real process behind its real wall, with a virtual sound card or with none."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from diary.recorder.client import RecorderClient
from policies.before_the_wall import spawn
from tests.virtual_microphone import VirtualMicrophone, virtual_microphone  # noqa: F401  found by its name

NULL = "tests.unit.recorder.null"
"""A recorder whose sound card is miniaudio's own: it hears silence, in real time, and needs nothing."""


@pytest.fixture
def start() -> Iterator[Callable[..., RecorderClient]]:
    """Starts recorders; all are ended afterwards."""
    made: list[RecorderClient] = []

    def make(module: str = "diary.recorder", **environment: str) -> RecorderClient:
        pipes = spawn(module, {"PATH": "/usr/bin:/bin", **environment})
        assert pipes is not None
        made.append(RecorderClient(pipes))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def recorder(start: Callable[..., RecorderClient], virtual_microphone: VirtualMicrophone) -> RecorderClient:  # noqa: F811
    """One that hears the virtual microphone."""
    return start(**virtual_microphone.environment)
