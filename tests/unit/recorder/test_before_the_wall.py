"""Which commands have a recorder started before the wall, where, with what environment, and how it is found
again after an execution anew.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from diary.__main__ import NEVER_RECORDING, RECORDING, WITH_A_VALUE, may_record
from diary.cli import arguments
from policies import before_the_wall
from policies.before_the_wall import KEPT, NOT_LOCAL, NOTHING_THERE, server_sockets, surroundings

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    "line",
    ["", "--vault dictate", "--as-of 2026-01-02", "dictate", "dictate --language en", "--vault v dictate",
     "voice list", "dictate --title list --tag a", "dictate no-such-file.wav", "dictate --language=en"],
)  # fmt: skip
def test_a_command_that_may_record_has_a_recorder_started(line: str):
    assert may_record(line.split())


@pytest.mark.parametrize(
    "line",
    ["write dictate", "list", "find voice", "--version", "--help", "dictate --waiting", "dictate --help",
     "dictate --again 3", "dictate --again=3", "dictate --confirm 3", "--vault v ask where", "init", "demo",
     f"dictate {__file__}", f"dictate --language en {__file__}", f"dictate {ROOT}"],
)  # fmt: skip
def test_no_other_command_has(line: str):
    assert not may_record(line.split())


def test_the_words_read_without_a_grammar_are_the_grammars():
    parser = arguments._parser()
    (commands,) = (each for each in parser._actions if isinstance(each, argparse._SubParsersAction))
    assert {name for name in RECORDING if name} <= set(commands.choices)
    for each in (parser, commands.choices["dictate"]):
        for action in each._actions:
            for option in action.option_strings:
                takes_one = action.nargs is None or action.nargs == 1
                assert (option in WITH_A_VALUE) == (takes_one and option not in NEVER_RECORDING), option


def test_a_recorder_is_started_only_where_something_could_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("os.path.isdir", lambda path: False)
    nowhere = {"XDG_RUNTIME_DIR": str(tmp_path)}
    assert before_the_wall._nothing_to_talk_to(nowhere) in (
        "",
        NOTHING_THERE,
    )  # a server for the whole machine
    named = {"PULSE_SERVER": f"unix:{tmp_path}/native"}
    assert before_the_wall._nothing_to_talk_to(named) == NOTHING_THERE
    assert before_the_wall._nothing_to_talk_to({"PULSE_SERVER": "tcp:sound.example:4713"}) == NOT_LOCAL
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "native"))
        assert before_the_wall._nothing_to_talk_to(named) == ""
    monkeypatch.setattr("os.path.isdir", lambda path: path == "/dev/snd")
    assert before_the_wall._nothing_to_talk_to(nowhere) == ""


@pytest.mark.parametrize(
    ("environment", "first"),
    [
        ({"PULSE_SERVER": "unix:/a/native"}, "/a/native"),
        ({"PULSE_SERVER": "{0123abcd}unix:/a/native tcp:host:4713"}, "/a/native"),
        ({"PULSE_SERVER": "/a/native"}, "/a/native"),
        ({"PULSE_RUNTIME_PATH": "/a", "XDG_RUNTIME_DIR": "/b"}, "/a/native"),
        ({"XDG_RUNTIME_DIR": "/b"}, "/b/pulse/native"),
    ],
)
def test_the_server_is_looked_for_where_libpulse_looks(environment: dict[str, str], first: str):
    assert server_sockets(environment)[0] == first


def test_a_recorder_knows_nothing_of_its_surroundings_but_where_the_sound_is():
    known = dict.fromkeys(KEPT, "x") | {"DIARY_SEAL": "core", "SECRET": "words", "DISPLAY": ":0"}
    assert set(surroundings(known)) == set(KEPT)


START = """
import os, sys
from policies import before_the_wall
before_the_wall.start_recorder({module!r})
found = before_the_wall.recorder()
print(found if isinstance(found, str) else "started")
"""


def said(code: str, **environment: str) -> list[str]:
    ran = subprocess.run(
        [sys.executable, "-I", "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return ran.stdout.splitlines()


def test_behind_the_wall_none_is_started(tmp_path: Path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "native"))
        named = {"PULSE_SERVER": f"unix:{tmp_path}/native"}
        code = START.format(module="tests.unit.recorder.null")
        assert said(code, **named) == ["started"]
        assert said(code, **named, DIARY_SEAL="core") == [before_the_wall.GONE]


def test_without_standard_input_none_is_started(tmp_path: Path):
    """Its pipes would have the numbers that libraries print to."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "native"))
        code = "import os\nos.close(0)\n" + START.format(module="tests.unit.recorder.null")
        assert said(code, PULSE_SERVER=f"unix:{tmp_path}/native") == [before_the_wall.NOT_STARTED]


@pytest.mark.parametrize("handed", ["", "nonsense", "0:1", "998:999:5", "-3:4:5", "9" * 40 + ":4:5"])
def test_numbers_that_are_no_pipes_are_not_believed(handed: str):
    assert before_the_wall._taken_up(handed) is None


ANEW = """
import os, subprocess, sys
from policies import before_the_wall
from policies.enforcement import close_network
before_the_wall.start_recorder("tests.unit.recorder.null")
close_network()
from diary.recorder.client import recorder
here = recorder()
process = here._pipes.process
capture = here.record(None)
assert capture.read(20.0)
assert "DIARY_RECORDER" not in os.environ
child = subprocess.run(["ls", "-l", "/proc/self/fd"], close_fds=False, capture_output=True, text=True).stdout
assert not any(f" {pipe} -> pipe" in child for pipe in (here._pipes.incoming, here._pipes.outgoing)), child
print(process, flush=True)
times = int(os.environ.get("TIMES", 0)) + 1
os.environ["TIMES"] = str(times)
if times < 3:
    from diary.bootstrap import execute_anew
    execute_anew()
"""


def test_a_recorder_survives_an_execution_anew_and_engines_never_inherit_it(tmp_path: Path):
    """Twice, each time in the middle of a recording, behind the same wall."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "native"))
        processes = said(ANEW, PULSE_SERVER=f"unix:{tmp_path}/native", PATH=os.environ["PATH"])
    assert len(processes) == 3
    assert len(set(processes)) == 1


def test_nothing_of_the_starting_is_imported_for_a_command_that_does_not_record():
    code = """
import sys
import policies.enforcement as wall
def look(**_):
    print("policies.before_the_wall" in sys.modules)
    raise SystemExit(0)
wall.close_network = look
sys.argv[1:] = ["write", "-"]
from diary.__main__ import main
main()
"""
    assert said(code) == ["False"]
