"""The file allow-list, and what a process shows of itself: by trying, in children behind the wall."""

from __future__ import annotations

import os
import resource
import signal
from pathlib import Path

import pytest

from tests.air_gap.sealed import CONVERTER, CORE, ENGINE, run

TRY = """
def attempt(action):
    try:
        action()
    except OSError as error:
        return error.errno and os.strerror(error.errno)
    return "possible"
"""
REFUSED = ("Permission denied", "Operation not permitted")


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    folder = tmp_path / "vault"
    folder.mkdir()
    (folder / "inside").write_text("words")
    (tmp_path / "outside").write_text("other words")
    return folder


def test_a_file_inside_the_vault_is_read_written_moved_and_removed(vault: Path) -> None:
    said = run(
        CORE
        + TRY
        + """
inside = vault / "inside"
print(json.dumps([inside.read_text(), attempt(lambda: inside.write_text("more")),
    attempt(lambda: os.truncate(inside, 2)),
    attempt(lambda: (vault / "sub").mkdir()), attempt(lambda: inside.rename(vault / "sub" / "moved")),
    (vault / "sub" / "moved").read_text(), attempt(lambda: (vault / "sub" / "moved").unlink()),
    attempt(lambda: (vault / "sub").rmdir())]))
""",
        vault,
    ).said
    assert said == ["words", "possible", "possible", "possible", "possible", "mo", "possible", "possible"]


def test_a_file_outside_the_vault_is_neither_read_nor_written_nor_listed(vault: Path) -> None:
    said = run(
        CORE
        + TRY
        + """
outside = vault.parent / "outside"
print(json.dumps({"read": attempt(outside.read_text), "write": attempt(lambda: outside.write_text("x")),
    "make": attempt(lambda: (vault.parent / "new").write_text("x")),
    "list": attempt(lambda: os.listdir(vault.parent)),
    "remove": attempt(outside.unlink),
    "out": attempt(lambda: (vault / "inside").rename(vault.parent / "taken")),
    "link": attempt(lambda: os.link(vault / "inside", vault.parent / "linked")),
    "tmp": attempt(lambda: open("/tmp/x", "w")),
    "home": attempt(lambda: os.listdir(os.path.expanduser("~root"))),
    "shm": attempt(lambda: open("/dev/shm/x", "w")),
    "root": attempt(lambda: os.listdir("/")), "shadow": attempt(lambda: open("/etc/shadow")),
    "hosts": attempt(lambda: open("/etc/hosts")), "run": attempt(lambda: os.listdir("/run")),
    "kernel": attempt(lambda: open("/proc/sys/kernel/core_pattern", "w"))}))
""",
        vault,
    ).said
    assert {name: how for name, how in said.items() if how == "possible"} == {}
    assert (vault.parent / "outside").read_text() == "other words"
    assert sorted(path.name for path in vault.parent.iterdir()) == ["outside", "vault"]


def test_a_link_out_of_the_vault_leads_nowhere(vault: Path) -> None:
    (vault / "link").symlink_to(vault.parent / "outside")
    said = run(CORE + TRY + 'print(json.dumps(attempt((vault / "link").read_text)))', vault).said
    assert said in REFUSED


def test_paths_named_before_the_seal_are_open_and_missing_ones_are_told(vault: Path) -> None:
    said = run("""
import json, sys
from policies.enforcement import close_network, enforce
close_network()
from pathlib import Path
from policies.policy import core_policy
vault, readable, writable = map(Path, sys.argv[1:4])
enforced = enforce(core_policy(vault=vault, read=[readable, vault.parent / "gone"], write=[writable]))
writable.write_text("new")
try:
    readable.write_text("x")
except PermissionError as error:
    refused = error.errno
print(json.dumps([readable.read_text(), writable.read_text(), refused, enforced.findings]))
""", vault, _file(vault.parent / "to-import"), _file(vault.parent / "export")).said  # fmt: skip
    assert said[:3] == ["kept", "new", 13]
    assert len(said[3]) == 1 and str(vault.parent / "gone") in said[3][0]


def _file(path: Path) -> Path:
    path.write_text("kept")
    return path


def test_a_link_into_a_place_that_is_else_closed_opens_it_when_it_is_named(vault: Path) -> None:
    (vault.parent / "link").symlink_to("/tmp")
    (vault.parent / "beneath").symlink_to(vault.parent)
    script = """
import json, os, sys
from policies.enforcement import close_network, enforce
close_network()
from pathlib import Path
from policies.policy import core_policy
vault, link = map(Path, sys.argv[1:3])
enforced = enforce(core_policy(vault=vault, read=[], write=[link]))
os.close(os.open(link, os.O_TMPFILE | os.O_WRONLY, 0o600))
try:
    os.close(os.open("/tmp", os.O_TMPFILE | os.O_WRONLY, 0o600))
    print(json.dumps([enforced.findings, "open"]))
except PermissionError:
    print(json.dumps([enforced.findings, "closed"]))
"""
    assert run(script, vault, vault.parent / "link").said == [[], "open"]
    assert run(script, vault, vault.parent / "beneath").said == [[], "closed"]


def test_where_a_new_file_may_be_named_nothing_else_is_open(vault: Path) -> None:
    folder = vault.parent / "out"
    folder.mkdir()
    (folder / "old").write_text("words")
    code = CORE.replace(
        "policy =",
        """
from diary import unnamed
unnamed.made_without_name(Path(sys.argv[2]) / "new")
policy =""",
    ).replace("write=[])", "write=[], make=unnamed.folders())")
    said = run(
        code
        + """
folder, said = Path(sys.argv[2]), []
old = folder / "old"
for action in (lambda: os.listdir(folder), old.read_bytes, lambda: old.write_text("x"),
               lambda: os.truncate(old, 0), old.unlink, lambda: old.rename(folder / "other"),
               (folder / "sub").mkdir, lambda: (folder / "another").write_text("x")):
    try:
        action()
        said.append("possible")
    except OSError as error:
        said.append(type(error).__name__)
unnamed.finish(folder / "new", b"whole")
print(json.dumps(said))
""",
        vault,
        folder,
    ).said
    assert set(said) == {"PermissionError"}
    assert (folder / "old").read_text() == "words" and (folder / "new").read_bytes() == b"whole"


def test_no_other_terminal_of_the_person_can_be_written_to_or_read(vault: Path) -> None:
    """One that somebody reads from far away, or that keeps what it shows."""
    ours, other = os.openpty()
    code = (
        TRY
        + "print(json.dumps([attempt(lambda: os.open(sys.argv[2], how | os.O_NOCTTY)) for how in range(3)]))"
    )
    try:
        said = run(CORE + code, vault, os.ttyname(other)).said
    finally:
        os.close(ours)
        os.close(other)
    assert said == ["Permission denied"] * 3


def test_the_whole_disk_is_never_granted() -> None:
    said = run("""
import json
from pathlib import Path
from policies import PolicyError
from policies.policy import core_policy, engine_policy
said = []
for make in (lambda: core_policy(vault=Path("/"), read=[], write=[]),
             lambda: core_policy(vault=Path("/v"), read=[Path("/tmp/..")], write=[]),
             lambda: core_policy(vault=Path("/v"), read=[], write=[Path("/proc/self/root")]),
             lambda: engine_policy(read=[Path("/")])):
    try:
        make()
        said.append("possible")
    except PolicyError as error:
        said.append(error.hint)
print(json.dumps(said))
""").said
    assert said == ["Name the folder that is meant, not /."] * 4


def test_an_engine_reads_its_model_and_changes_nothing(vault: Path) -> None:
    model = vault.parent / "outside"
    said = run(
        ENGINE
        + TRY
        + """
model = Path(sys.argv[1])
print(json.dumps({"reads": model.read_text(), "tries": {
    "vault": attempt((model.parent / "vault" / "inside").read_text),
    "write": attempt(lambda: model.write_text("x")),
    "append": attempt(lambda: open(model, "a")), "remove": attempt(model.unlink),
    "mode": attempt(lambda: os.chmod(model, 0o777)),
    "time": attempt(lambda: os.utime(model)), "owner": attempt(lambda: os.chown(model, 0, 0)),
    "attribute": attempt(lambda: os.setxattr(model, "user.x", b"x")),
    "make": attempt(lambda: open(model.parent / "new", "w")),
    "folder": attempt(lambda: os.mkdir(model.parent / "d")),
    "tmp": attempt(lambda: open("/tmp/x", "w")), "shm": attempt(lambda: open("/dev/shm/x", "w")),
    "terminal": attempt(lambda: open("/dev/tty", "w")), "others": attempt(lambda: open("/proc/1/cmdline"))},
    "null": attempt(lambda: open(os.devnull, "w"))}))
""",
        model,
    ).said
    assert said["reads"] == "other words"
    assert said["null"] == "possible"
    assert {name: how for name, how in said["tries"].items() if how not in REFUSED} == {}


def test_an_engine_starts_no_program_and_no_process() -> None:
    said = run(
        ENGINE
        + TRY
        + """
import subprocess, threading
ran = []
thread = threading.Thread(target=ran.append, args=(1,)); thread.start(); thread.join()
print(json.dumps([attempt(lambda: subprocess.run([sys.executable, "-c", ""])), attempt(os.fork),
    attempt(lambda: os.execv(sys.executable, [sys.executable, "-c", ""])),
    attempt(lambda: os.posix_spawn("/bin/true", ["true"], {})), ran]))
"""
    ).said
    assert said[:-1] == ["Operation not permitted"] * 4
    assert said[-1] == [1]


def test_the_core_starts_the_interpreter_and_no_other_program(vault: Path) -> None:
    said = run(
        CORE
        + TRY
        + """
import subprocess
done = subprocess.run([sys.executable, "-c", "print('started')"], capture_output=True, text=True)
program = os.open("/bin/sh", os.O_RDONLY)
def copied(fd):
    os.write(fd, open("/bin/sh", "rb").read())
    os.posix_spawn("/proc/self/fd/%d" % fd, ["sh", "-c", "true"], {})
own = vault / "own"
own.write_bytes(open("/bin/sh", "rb").read())
own.chmod(0o700)
print(json.dumps([done.stdout.strip(), attempt(lambda: subprocess.run(["/bin/sh", "-c", "true"])),
    attempt(lambda: os.execve(program, ["sh", "-c", "true"], {})),
    attempt(lambda: os.posix_spawn("/proc/self/fd/%d" % program, ["sh", "-c", "true"], {})),
    attempt(lambda: copied(os.memfd_create("x", 0))),
    attempt(lambda: os.posix_spawn(own, ["sh", "-c", "true"], {}))]))
""",
        vault,
    ).said
    assert said[0] == "started"
    assert [how for how in said[1:] if how not in REFUSED] == []


def test_what_the_loader_of_programs_is_asked_to_start_stands_behind_the_same_wall(vault: Path) -> None:
    """The loader may be started, since the interpreter needs it, and it starts what it is given."""
    said = run(
        CORE
        + """
import subprocess
(loader,) = [path for path in policy.execute if path.name.startswith("ld")][:1]
look = "import _socket; print(open('/proc/self/status').read()); _socket.socket()"
done = subprocess.run([loader, sys.executable, "-I", "-S", "-c", look], capture_output=True, text=True)
status = dict(line.split(":", 1) for line in done.stdout.splitlines() if line)
try:
    listed = subprocess.run([loader, "/bin/ls", "/"], capture_output=True, text=True).returncode
except OSError:
    listed = -1
refused = "PermissionError" in done.stderr
print(json.dumps([status["Seccomp"].strip(), status["NoNewPrivs"].strip(), refused, listed != 0]))
""",
        vault,
    ).said
    assert said == ["2", "1", True, True]


SHOWS_ITSELF = """
import resource, signal
status = {line.split(":")[0]: line.split(":")[1].strip() for line in open("/proc/self/status")}
from policies.kernel import prctl
limit = resource.getrlimit(resource.RLIMIT_CORE)
print(json.dumps([limit, prctl.is_dumpable(), status["NoNewPrivs"], status["Seccomp"]]))
sys.stdout.flush()
"""


def test_no_core_file_and_no_dump(vault: Path) -> None:
    assert run(CORE + SHOWS_ITSELF, vault).said == [[0, 0], False, "1", "2"]
    crashed = run(
        CORE + "import signal, ctypes; os.kill(os.getpid(), signal.SIGABRT)",
        vault,
        preexec_fn=lambda: (
            resource.setrlimit(resource.RLIMIT_CORE, (10**9, 10**9)) if os.geteuid() == 0 else None
        ),
        cwd=vault,
    )
    assert crashed.code == 256 - signal.SIGABRT
    assert [path.name for path in vault.iterdir()] == ["inside"]


def test_the_seal_keeps_signals_in(vault: Path) -> None:
    said = run(CORE + TRY + "print(json.dumps(attempt(lambda: os.kill(os.getppid(), 0))))", vault).said
    assert said == "Operation not permitted"


def test_a_conversion_writes_only_the_new_model_and_reads_only_the_copied_one(vault: Path) -> None:
    made = vault.parent / "made"
    made.mkdir()
    said = run(
        CONVERTER
        + TRY
        + """
import socket, subprocess
print(json.dumps({"source": source.joinpath("inside").read_text(),
    "make": attempt(lambda: (target / "model.onnx").write_text("x")),
    "change": attempt(lambda: (source / "inside").write_text("x")),
    "read": attempt((source.parent / "outside").read_text),
    "write": attempt(lambda: (source.parent / "outside").write_text("x")),
    "connect": attempt(lambda: socket.socket()), "unix": attempt(lambda: socket.socket(socket.AF_UNIX)),
    "start": attempt(lambda: subprocess.run([sys.executable, "-c", ""]))}))
""",
        vault,
        made,
    ).said
    assert (said.pop("source"), said.pop("make")) == ("words", "possible")
    assert all(said[what] in REFUSED for what in said), said
