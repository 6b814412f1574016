"""Whoever controls an engine, whatever Python they run in it, has its model and two pipes, and no more.

The same tries succeed without the wall, or the refusals would show nothing. So that a wall that fails costs
nothing, they change and remove only what the test itself has made, and take back what they write elsewhere.
"""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from diary.engine.client import EngineClient
from diary.engine.frames import FRAME_CAP
from diary.engine.messages import Piece, ResponseFrame
from diary.errors import EngineFailed
from tests.unit.engine.conftest import NAME, ROOM, TESTS, order, said

PATIENCE = 20.0
REFUSED = {"EACCES", "EPERM", "ENOSYS", "EROFS"}

ATTACK = """
import ctypes, glob, os, resource, signal, socket, struct, subprocess, sys, threading
VAULT, HOME, OTHER = {vault!r}, {home!r}, {other}
MODEL, HERE, SEALED = {model!r}, os.getcwd(), True
IOPRIO_SET = 30 if os.uname().machine == "aarch64" else 251
libc = ctypes.CDLL(None, use_errno=True)
def c(function, *arguments):
    if function(*arguments) < 0:
        raise OSError(ctypes.get_errno(), "refused")
here = ctypes.create_string_buffer(8)
words = (ctypes.c_void_p * 2)(ctypes.addressof(here), 8)
def write(path):
    with open(path, "xb") as file:
        file.write(b"leak")
    os.unlink(path)
def nameless(folder):
    os.close(os.open(folder, os.O_TMPFILE | os.O_WRONLY))
# what is the person's
attempt("read the vault", lambda: open(VAULT + "/diary.db", "rb").read())
attempt("list the vault", lambda: os.listdir(VAULT))
attempt("read the key file", lambda: open(HOME + "/diary.key").read())
attempt("list the home folder", lambda: os.listdir(HOME))
attempt("read by a link", lambda: open("/proc/self/root" + VAULT + "/diary.db").read())
attempt("read by the other's root", lambda: open("/proc/%d/root%s/diary.db" % (OTHER, VAULT)).read())
attempt("read by the other's descriptors", lambda: os.listdir("/proc/%d/fd" % OTHER))
def watch(path):
    watched = ctypes.CDLL(None, use_errno=True)
    watching = watched.inotify_init1(0)
    c(lambda: watching)
    c(watched.inotify_add_watch, watching, path.encode(), 0xfff)
attempt("watch the vault", lambda: watch(VAULT))
attempt("attributes of the vault", lambda: os.listxattr(VAULT + "/diary.db"))
attempt("words in an attribute", lambda: os.getxattr(HOME + "/diary.key", "user.from"))
attempt("shadow", lambda: open("/etc/shadow").read())
# other processes
attempt("memory", lambda: open("/proc/%d/mem" % OTHER, "rb").close())
attempt("memory to write", lambda: open("/proc/%d/mem" % OTHER, "r+b").close())
attempt("maps", lambda: open("/proc/%d/maps" % OTHER).read())
attempt("environment", lambda: open("/proc/%d/environ" % OTHER, "rb").read())
attempt("memory by call", lambda: c(libc.process_vm_readv, OTHER, words, 1, words, 1, 0))
attempt("trace", lambda: c(libc.ptrace, 0x4206, OTHER, None, None))
attempt("signal", lambda: os.kill(OTHER, 0))
attempt("signal by pidfd", lambda: signal.pidfd_send_signal(os.pidfd_open(OTHER), 0))
def limits(process, new=None):
    resource.prlimit(process, resource.RLIMIT_CPU, *([new] if new else []))
attempt("limits of another", lambda: limits(OTHER))
attempt("limits set for another", lambda: limits(OTHER, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)))
attempt("priority of another", lambda: os.setpriority(os.PRIO_PROCESS, OTHER, 19))
attempt("priority of all of the user", lambda: SEALED and os.setpriority(os.PRIO_USER, 0, 19))
attempt("processors of another", lambda: os.sched_setaffinity(OTHER, os.sched_getaffinity(0)))
attempt("scheduler of another", lambda: os.sched_setscheduler(OTHER, os.SCHED_OTHER, os.sched_param(0)))
attempt("disk priority of another", lambda: c(libc.syscall, IOPRIO_SET, 1, OTHER, 0x6007))
# words left with the kernel, for other programs
def left(get, control, *arguments):
    c(lambda: made.append(get(0, *arguments)) or made[-1])
    c(control, made[-1], *([0] if get is libc.semget else []), 0, None)
made = []
attempt("shared memory", lambda: left(libc.shmget, libc.shmctl, 4096, 0o1600))
attempt("message queue", lambda: left(libc.msgget, libc.msgctl, 0o1600))
attempt("semaphores", lambda: left(libc.semget, libc.semctl, 1, 0o1600))
def queue(name=b"/diary-probe"):
    c(libc.mq_open, name, 0o102, 0o600, None)
    c(libc.mq_unlink, name)
attempt("named queue", queue)
# a program without a file
attempt("nameless memory", lambda: os.close(os.memfd_create("x")))
def by_descriptor():
    os.execve(os.open(sys.executable, os.O_RDONLY), ["python"], {{}})
attempt("program by descriptor", by_descriptor if SEALED else bool)
# files
LIBRARY = os.path.dirname(os.__file__)
for folder in (VAULT, HOME, MODEL, HERE, "/tmp", "/var/tmp", "/dev/shm", "/run", LIBRARY):
    attempt("write in " + folder, lambda: write(folder + "/leak-of-an-engine"))
    attempt("a nameless file in " + folder, lambda: nameless(folder))
attempt("change the program", lambda: open(MODEL + "/__init__.py", "ab").close())
attempt("truncate", lambda: os.truncate(MODEL + "/__init__.py", 0))
attempt("modes", lambda: os.chmod(MODEL + "/__init__.py", 0o666))
attempt("remove", lambda: os.unlink(MODEL + "/__init__.py"))
attempt("move", lambda: os.rename(MODEL + "/__init__.py", MODEL + "/gone"))
attempt("link", lambda: os.link(MODEL + "/__init__.py", MODEL + "/linked"))
attempt("symlink", lambda: os.symlink(VAULT, MODEL + "/looked"))
attempt("fifo", lambda: os.mkfifo(MODEL + "/fifo"))
attempt("folder", lambda: os.mkdir(MODEL + "/folder"))
# sockets
for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK, 40):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
        attempt("socket %d %d" % (family, kind), lambda: socket.socket(family, kind).close())
attempt("socket by C", lambda: c(libc.socket, 2, 1, 0))
attempt("in a thread", lambda: c(libc.socket, 2, 2, 0))
# programs
attempt("fork", lambda: os.fork() or os._exit(0))
attempt("program", lambda: os.execv("/bin/true", ["true"]))
attempt("spawn", lambda: os.posix_spawn(sys.executable, ["python"], {{}}))
attempt("terminal", lambda: os.open("/dev/tty", os.O_RDWR))
attempt("new terminal", os.openpty)
"""


@pytest.fixture
def engine(person: Path) -> Iterator[EngineClient]:
    """It may read its model, and where the tests lie."""
    given = [person / "model", TESTS]
    client = EngineClient(f"{ROOM}.taken_over:serve", given, name=NAME, rooms=(ROOM,))
    yield client
    client.close()


@pytest.fixture
def person(tmp_path: Path) -> Path:
    """A home folder with a vault, a key file and a model."""
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "__init__.py").touch()
    (tmp_path / "vault").mkdir()
    (tmp_path / "vault" / "diary.db").write_bytes(b"words")
    (tmp_path / "diary.key").write_text("key")
    return tmp_path


def attack(person: Path, other: int) -> str:
    model = str(person / "model")
    return ATTACK.format(vault=str(person / "vault"), home=str(person), other=other, model=model)


def outcomes(lines: list[str]) -> dict[str, str]:
    return dict(line.split("\t") for line in lines)


def everything_beneath(folder: Path) -> list[tuple[str, int, bytes]]:
    return sorted(
        (str(path), path.stat().st_mode, path.read_bytes() if path.is_file() else b"")
        for path in folder.rglob("*")
    )


def test_whoever_controls_an_engine_reaches_nothing(engine: EngineClient, person: Path) -> None:
    before = everything_beneath(person)
    tried = outcomes(said(engine.stream(order(attack(person, os.getpid())), timeout=PATIENCE)))
    assert len(tried) > 78
    # `/run` has no folder for nameless files everywhere: that nothing can be made there says the same
    assert {name: got for name, got in tried.items() if got not in REFUSED} == {}
    assert everything_beneath(person) == before


UNSEALED = """
import sys
sys.path[:0] = {path!r}
from tests.unit.engine.taken_over import attempt
exec({code!r}, {{"attempt": attempt}})
"""
OPEN_WITHOUT = {
    "watch the vault", "attributes of the vault", "read the vault", "list the vault", "read the key file",
    "list the home folder", "read by a link",
    "change the program", "modes", "link", "symlink", "fifo", "folder", "socket 2 1", "socket 1 1", "signal",
    "socket by C", "environment", "memory", "fork", "limits of another", "limits set for another",
    "priority of another", "processors of another", "scheduler of another", "disk priority of another",
    "shared memory", "message queue", "semaphores", "nameless memory",
}  # fmt: skip


def test_without_the_wall_the_same_tries_succeed(person: Path) -> None:
    model = person / "model"
    victim = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    code = attack(person, victim.pid).split('attempt("program"')[0]
    # what would end or double this process is left out, and what it does to files lies in the person's folder
    for sealed, unsealed in (
        ('"/tmp", "/var/tmp", "/dev/shm", "/run", LIBRARY', "MODEL"),
        ("os.getcwd(), True", repr(str(model)) + ", False"),
        ('attempt("remove"', '0 and attempt("remove"'),
        ('attempt("move"', '0 and attempt("move"'),
    ):
        assert sealed in code
        code = code.replace(sealed, unsealed)
    script = UNSEALED.format(path=sys.path, code=code)
    try:
        ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    finally:
        victim.communicate(b"\n")
    tried = outcomes(ran.stdout.splitlines())
    assert {name: tried.get(name) for name in OPEN_WITHOUT if tried.get(name) != "possible"} == {}


def test_no_descriptor_of_an_engine_leads_to_a_disk(engine: EngineClient) -> None:
    """What is already open needs no right to be opened: only pipes and /dev/null may be."""
    code = """
import os, stat
for number in range(1024):
    try:
        mode = os.fstat(number).st_mode
    except OSError:
        continue
    print("pipe" if stat.S_ISFIFO(mode) else "device" if stat.S_ISCHR(mode) else "something else")
"""
    kinds = said(engine.stream(order(code), timeout=PATIENCE))
    assert sorted(kinds) == ["device"] * 3 + ["pipe"] * 2


def frame(body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + body


def piece(text: str, job: int = 1) -> bytes:
    return frame(msgspec.msgpack.encode(ResponseFrame(job, Piece(text))))


HARMFUL = {
    "a length beyond the cap": (FRAME_CAP + 1).to_bytes(4, "big"),
    "the greatest length": b"\xff\xff\xff\xff",
    "no length": b"\0\0\0\0",
    "no msgpack": frame(b"\xc1" * 64),
    "another type": frame(b"\x93\x01\x02\x03"),
    "arrays in arrays": frame(b"\x91" * 100_000 + b"\xc0"),
    "a map that claims four thousand million": frame(b"\xdf\xff\xff\xff\xff\xa1a"),
    "text that claims more than there is": frame(b"\xdb\xff\xff\xff\xffabc"),
    "text that is none": piece("abc").replace(b"abc", b"\xff\xfe\xfd"),
    "a frame cut off and another": piece("abcdefgh")[:-3] + piece("abcdefgh"),
    "a pickle": frame(b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x94."),
}


@pytest.mark.parametrize("how", HARMFUL)
def test_a_harmful_frame_ends_the_engine_with_a_sentence(how: str, engine: EngineClient) -> None:
    code = f"send(bytes.fromhex({HARMFUL[how].hex()!r}))"
    with pytest.raises(EngineFailed) as failed:
        said(engine.stream(order(code), timeout=PATIENCE))
    assert NAME in failed.value.message
    assert not engine.running
    assert said(engine.stream(order("print('it works')"), timeout=PATIENCE)) == ["it works"]


def test_half_a_frame_does_not_hold_the_diary_longer_than_it_waits(engine: EngineClient) -> None:
    code = f"import time; send(bytes.fromhex({piece('abc')[:-1].hex()!r})); time.sleep(600)"
    assert said(engine.stream(order("print('loaded')"), timeout=PATIENCE)) == ["loaded"]
    with pytest.raises(EngineFailed):
        said(engine.stream(order(code), timeout=0.3))
    assert not engine.running


VIOLATIONS = {
    "a module that opens a socket": """
    import socket
    attempt("it", lambda: socket.create_connection(("127.0.0.1", 9)))
    """,
    "a loader that wants a hub": """
    import huggingface_hub.constants
    huggingface_hub.constants.HF_HUB_OFFLINE = False  # as one would that does not care for it
    def load():
        try:
            huggingface_hub.hf_hub_download("some/model", "config.json", endpoint="http://127.0.0.1:9")
        except Exception as error:
            while error is not None and not isinstance(error, PermissionError):
                error = error.__cause__ or error.__context__
            raise error or RuntimeError("something else")
    attempt("it", load)
    """,
    "an engine that writes a file": "attempt('it', lambda: open(FOLDER + '/leak', 'w').close())",
}


@pytest.mark.parametrize("what", VIOLATIONS)
def test_a_planted_violation_is_caught(what: str, engine: EngineClient, person: Path) -> None:
    code = f"FOLDER = {str(person)!r}\n" + textwrap.dedent(VIOLATIONS[what])
    tried = outcomes(said(engine.stream(order(code), timeout=PATIENCE)))
    assert tried["it"] in REFUSED
    assert not (person / "leak").exists()
