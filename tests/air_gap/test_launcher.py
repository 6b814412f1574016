"""What whoever starts the diary can prepare for it: a wall with a hole, many filters, open descriptors."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from policies.kernel import _libc
from policies.kernel.seccomp import MOST_FILTERS
from policies.kernel.syscalls import number
from tests.air_gap.sealed import CORE, MANY_FILTERS, run

HOLED = """
import os, sys
from policies.kernel import prctl, seccomp
from policies.kernel.syscalls import number
from policies.profile import Profile
machine, op = os.uname().machine, seccomp._op
def let_through(call, index, value):
    body = [seccomp._load_argument(index), op(seccomp._IF_EQUAL, value, otherwise=1),
            op(seccomp._RETURN, seccomp._ALLOW)]
    return [op(seccomp._LOAD, seccomp._NUMBER_OFFSET), *seccomp._when(call, body, machine)]
hole = b"".join(let_through("socket", 2, 17))
prctl.set_no_new_privileges()
seccomp.install(hole + seccomp.program(Profile.CORE, machine), machine)
os.environ["DIARY_SEAL"] = "core"
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
"""Starts a program behind the real filter, but for UDP named by its number, and sets the mark of a wall."""

UDP = """
import socket
try:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 17).close()
    said = "possible"
except OSError as error:
    said = error.strerror
"""


def test_a_wall_with_a_hole_that_somebody_else_laid_is_not_believed(tmp_path: Path) -> None:
    without = run(HOLED, "-c", UDP + "import json\nprint(json.dumps(said))", tmp_path).said
    assert without == "possible"
    said = run(HOLED, "-c", CORE + UDP + "print(json.dumps([said, enforced.standing]))", tmp_path).said
    assert said == ["Permission denied", False]


def test_behind_a_hundred_filters_nothing_is_opened(tmp_path: Path) -> None:
    last = run(MANY_FILTERS, MOST_FILTERS - 1, "-c", CORE + "print(json.dumps(enforced.sealed))", tmp_path)
    assert last.said is True
    ran = run(MANY_FILTERS, MOST_FILTERS, "-c", CORE, tmp_path)
    assert ran.code != 0
    assert "100 filters" in ran.err and "nothing was opened and nothing was changed" in ran.err


def test_every_descriptor_that_nobody_handed_over_is_closed_and_counted(tmp_path: Path) -> None:
    written = os.open(tmp_path / "out", os.O_WRONLY | os.O_CREAT)
    folder = os.open(tmp_path, os.O_RDONLY)
    reading, writing = os.pipe()
    held = (written, folder, reading, writing)
    try:
        code = """
left = []
for descriptor in map(int, sys.argv[2:]):
    try:
        os.fstat(descriptor)
        left.append(descriptor)
    except OSError:
        pass
print(json.dumps([enforced.closed_descriptors, left]))
"""
        said = run(CORE + code, tmp_path, *held, pass_fds=held).said
    finally:
        for descriptor in held:
            os.close(descriptor)
    assert said == [4, []]


@pytest.mark.parametrize("word", ["/dev/fd/{}", "--file=/dev/fd/{}", "/proc/self/fd/{}"])
def test_a_descriptor_that_the_command_line_names_stays_open(word: str, tmp_path: Path) -> None:
    """As a shell hands over what another program says: --passphrase-file <(pass show diary)."""
    reading, writing = os.pipe()
    os.write(writing, b"words")
    os.close(writing)
    try:
        code = f"print(json.dumps([enforced.closed_descriptors, os.read({reading}, 9).decode()]))"
        said = run(CORE + code, tmp_path, word.format(reading), pass_fds=[reading]).said
    finally:
        os.close(reading)
    assert said == [0, "words"]


def a_connection() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return socket.create_connection(server.getsockname()).detach()


def a_ring() -> int:
    call = number("io_uring_setup", os.uname().machine)
    assert call is not None
    try:
        return _libc.syscall(call, 4, bytearray(120))
    except OSError:
        pytest.skip("this kernel has no io_uring")


@pytest.mark.parametrize("made", [a_connection, a_ring])
def test_a_way_out_that_the_command_line_names_is_closed_all_the_same(
    made: Callable[[], int], tmp_path: Path
) -> None:
    held = made()
    try:
        code = """
try:
    os.fstat(int(sys.argv[2].rpartition("/")[2]))
    left = "open"
except OSError as error:
    left = error.strerror
print(json.dumps([enforced.closed_descriptors, left]))
"""
        said = run(CORE + code, tmp_path, f"/dev/fd/{held}", pass_fds=[held]).said
    finally:
        os.close(held)
    assert said == [1, "Bad file descriptor"]
