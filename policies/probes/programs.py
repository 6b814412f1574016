"""The routes through a child program, which inherits the wall and may not even be startable behind it."""

from __future__ import annotations

import errno
import shutil
import socket
import subprocess
import sys
from collections.abc import Sequence

from policies.probes.attempt import Refused, Route, Unavailable, code
from policies.probes.sockets import listener

_SECONDS = 4
_ANSWER = b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nwords"
_PYTHON_CONNECTS = """
import errno, socket, sys
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[1])), 2)
except ConnectionRefusedError:
    print("refused")
except OSError as error:
    print("denied", errno.errorcode.get(error.errno))
else:
    print("connected")
"""
_PYTHON_ASKS = """
import sys, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
print(opener.open(sys.argv[1], timeout=2).read().decode())
"""


def _start(command: Sequence[str]) -> subprocess.Popen[str]:
    try:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={"LC_ALL": "C"},
        )  # fmt: skip
    except PermissionError as error:
        # The filter refuses the process with EPERM, Landlock the program with EACCES.
        wall = "seccomp" if error.errno == errno.EPERM else "Landlock"
        raise Refused(f"{wall}: {code(error)}, the program cannot be started") from error


def _answer_one(server: socket.socket) -> None:
    server.settimeout(_SECONDS)
    try:
        guest, _ = server.accept()
    except OSError:
        return  # the program never came; its own output says why
    with guest:
        guest.recv(4096)
        guest.sendall(_ANSWER)


def _said(command: Sequence[str], server: socket.socket | None, *, answer: bool) -> str:
    """What a program said, whom the probe's own listener answers where there is one."""
    program = _start(command)
    if server is not None and answer:
        _answer_one(server)
    try:
        return program.communicate(timeout=_SECONDS)[0].strip()
    except subprocess.TimeoutExpired:
        program.kill()
        return program.communicate()[0].strip() + " (time-out)"


def _judge(said: str, success: str) -> str:
    """Got through, or refused by the wall it inherited; anything else is no proof of a wall."""
    if said.endswith(success) or "refused" in said.lower():
        return f"the program got through: {said[-60:]}"
    for words, name in (("EACCES", "EACCES"), ("EPERM", "EPERM"), ("Permission denied", "EACCES"),
                        ("Operation not permitted", "EPERM")):  # fmt: skip
        if words in said:
            raise Refused(f"seccomp: {name} in the child")
    return f"unexpected: {said[-80:]}"


def _python() -> str:
    server, port = listener()
    command = [sys.executable, "-I", "-S", "-c", _PYTHON_CONNECTS, str(port)]
    return _judge(_said(command, server, answer=False), "connected")


def _curl() -> str:
    server, port = listener()
    url = f"http://127.0.0.1:{port}/"
    program = shutil.which("curl")
    if program:
        command = [program, "-sSv", "--noproxy", "*", "-m", "3", url]
        return _judge(_said(command, server, answer=True), "words")
    command = [sys.executable, "-I", "-S", "-c", _PYTHON_ASKS, url]
    try:
        return _judge(_said(command, server, answer=True), "words")
    except Refused as refused:
        why = f"not installed: curl; Python's own web client was tried instead. {refused}"
        raise Refused(why) from refused


def _bash() -> str:
    program = shutil.which("bash")
    if program is None:
        raise Unavailable("not installed: bash")
    server, port = listener()
    script = f"exec 3<>/dev/tcp/127.0.0.1/{port} && echo connected"
    return _judge(_said([program, "-c", script], server, answer=False), "connected")


ROUTES: dict[str, Route] = {"curl": _curl, "python": _python, "bash": _bash}
