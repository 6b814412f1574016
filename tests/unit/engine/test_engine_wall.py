"""What an engine may touch: its model and the libraries; no other file, no network, no program."""

import errno
import os
from pathlib import Path

import pytest

from diary.engine.client import EngineClient
from tests.unit.engine.conftest import TESTS, order, said

PATIENCE = 20.0


def tried(engine: EngineClient, what: str) -> str:
    (answer,) = said(engine.stream(order(f"try {what}"), timeout=PATIENCE))
    return answer


def test_an_engine_reads_what_it_was_given_and_nothing_of_the_person(
    engine: EngineClient, tmp_path: Path
) -> None:
    diary = tmp_path / "vault.db"
    diary.write_text("words")
    assert tried(engine, f"read {TESTS / '__init__.py'}") == "done"
    assert tried(engine, f"read {diary}") == str(errno.EACCES)


def test_an_engine_writes_no_file(engine: EngineClient, tmp_path: Path) -> None:
    new = f"new-of-the-engine-{os.getpid()}"
    for place in (tmp_path / new, TESTS / new, Path("/tmp") / new, Path("/dev/shm") / new):
        assert tried(engine, f"write {place}") == str(errno.EACCES)
        assert not place.exists()


@pytest.mark.parametrize("what", ["socket", "local-socket"])
def test_an_engine_opens_no_socket(engine: EngineClient, what: str) -> None:
    assert tried(engine, what) in {str(errno.EACCES), str(errno.EPERM)}


def test_an_engine_starts_no_program(engine: EngineClient) -> None:
    assert tried(engine, "program") in {str(errno.EACCES), str(errno.EPERM)}


def test_an_engine_knows_no_home_and_no_words(engine: EngineClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.setenv("SECRET", "words")
    names = {
        line.partition("=")[0] for line in said(engine.stream(order("tell environment"), timeout=PATIENCE))
    }
    assert "PATH" in names
    assert not names & {"HOME", "SECRET", "USER", "PWD"}
    (arguments,) = said(engine.stream(order("tell arguments"), timeout=PATIENCE))
    assert "-I -m diary.engine" in arguments
    assert "tell" not in arguments


def test_ctrl_c_in_the_terminal_does_not_reach_an_engine(engine: EngineClient) -> None:
    (session,) = said(engine.stream(order("tell session"), timeout=PATIENCE))
    assert int(session) == engine.pid != os.getsid(0)
