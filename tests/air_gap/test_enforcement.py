"""Laying the wall: it fails closed, holds threads and descriptors from before, and is laid only once."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from policies.enforcement import Enforced
from policies.profile import Profile
from tests.air_gap.sealed import CORE, ENGINE, RECORDER, run


def test_nobody_else_can_make_a_proof() -> None:
    fields: dict[str, object] = dict.fromkeys(Enforced.__slots__)
    with pytest.raises(TypeError, match=r"made by policies\.enforcement\.enforce alone"):
        Enforced(object(), **fields)


def test_a_proof_is_neither_changed_nor_copied(tmp_path: Path) -> None:
    said = run(
        CORE
        + """
import copy, pickle
said = []
for action in (lambda: setattr(enforced, "findings", ()), lambda: copy.copy(enforced),
               lambda: pickle.dumps(enforced), lambda: delattr(enforced, "profile")):
    try:
        action()
        said.append("possible")
    except (AttributeError, TypeError) as error:
        said.append(type(error).__name__)
found = [enforced.profile.value, enforced.closed_descriptors, enforced.standing, enforced.findings]
print(json.dumps([said, *found]))
""",
        tmp_path,
    ).said
    assert said == [["AttributeError", "TypeError", "TypeError", "AttributeError"], "core", 0, False, []]


REFUSALS = {
    "no seccomp": "import errno\nfrom policies.kernel import seccomp\n"
    "def refuse(*_): raise OSError(errno.EINVAL, 'Invalid argument')\nseccomp.install = refuse\n",
    "no new privileges": "import errno\nfrom policies.kernel import prctl\n"
    "def refuse(*_): raise OSError(errno.EINVAL, 'Invalid argument')\n"
    "prctl.set_no_new_privileges = refuse\n",
    "another system": "import sys\nsys.platform = 'darwin'\n",
    "another machine": "import os\nos.uname = lambda: type('U', (), {'machine': 'riscv64'})\n",
    "a filter that does nothing": "from policies.kernel import seccomp\nseccomp.install = lambda *_: 1\n",
    "a file list that does nothing": "from policies.kernel import landlock\n"
    "landlock.restrict = lambda *_: []\n",
    "a file list that is refused": "import errno\nfrom policies.kernel import landlock\n"
    "def refuse(*_): raise OSError(errno.E2BIG, 'Argument list too long')\nlandlock.restrict = refuse\n",
}


@pytest.mark.parametrize("why", REFUSALS)
def test_when_the_kernel_refuses_there_is_a_sentence_and_no_proof(why: str, tmp_path: Path) -> None:
    said = run(
        """
import json, sys
from pathlib import Path
from policies import PolicyError
from policies.enforcement import close_network, enforce
from policies.policy import core_policy
"""
        + REFUSALS[why]
        + """
try:
    close_network()
    enforced = enforce(core_policy(vault=Path(sys.argv[1]), read=[], write=[]))
except PolicyError as error:
    print(json.dumps([error.message, error.hint, error.code]))
""",
        tmp_path,
    ).said
    message, hint, code = said
    assert message.endswith("so nothing was opened and nothing was changed.")
    assert "diary policy show" in hint
    assert code == "not-sealed"


def test_where_other_programs_could_read_its_memory_there_is_no_proof(tmp_path: Path) -> None:
    """A kernel that says yes and does nothing."""
    ran = run("from policies.kernel import prctl\nprctl.forbid_dumping = lambda: None\n" + CORE, tmp_path)
    assert ran.code != 0
    assert "The kernel would let other programs read this one's memory, so nothing was opened" in ran.err


def test_without_landlock_sockets_are_refused_and_the_weakness_is_told(tmp_path: Path) -> None:
    said = run(
        "from policies.kernel import landlock\nlandlock.abi = lambda: 0\n"
        + CORE
        + """
import socket
try:
    socket.socket()
except PermissionError:
    print(json.dumps([enforced.landlock_abi, enforced.handled, enforced.findings]))
""",
        tmp_path,
    ).said
    assert said[:2] == [0, []]
    assert "no Landlock" in said[2][0]


def test_threads_from_before_can_make_no_socket_either() -> None:
    said = run("""
import json, threading, socket
go, said = threading.Event(), []
def old():
    go.wait()
    for family in (socket.AF_INET, socket.AF_UNIX):
        try:
            socket.socket(family)
            said.append("possible")
        except PermissionError:
            said.append("refused")
thread = threading.Thread(target=old)
thread.start()
from policies.enforcement import close_network
close_network()
go.set()
thread.join()
print(json.dumps(said))
""").said
    assert said == ["refused", "refused"]


def test_the_file_list_is_not_laid_while_other_threads_run(tmp_path: Path) -> None:
    ran = run(
        """
import threading
go = threading.Event()
threading.Thread(target=go.wait, daemon=True).start()
from policies import PolicyError
try:
"""
        + "\n".join("    " + line for line in CORE.splitlines())
        + """
except PolicyError as error:
    print(json.dumps(error.message))
go.set()
""",
        tmp_path,
    )
    assert "threads were running" in ran.said


def test_an_inherited_socket_is_closed_before_anything_can_be_written_to_it(tmp_path: Path) -> None:
    server = socket.create_server(("127.0.0.1", 0))
    with server, socket.create_connection(server.getsockname()) as client:
        guest, _ = server.accept()
        with guest:
            ran = run(
                CORE
                + """
try:
    os.write(int(sys.argv[2]), b"words")
    said = "written"
except OSError as error:
    said = error.strerror
print(json.dumps([enforced.closed_descriptors, said]))
""",
                tmp_path,
                client.fileno(),
                pass_fds=[client.fileno()],
            )
            client.close()
            guest.settimeout(5)
            assert guest.recv(16) == b""
    assert ran.said == [1, "Bad file descriptor"]


def test_a_network_connection_as_standard_input_is_refused(tmp_path: Path) -> None:
    server = socket.create_server(("127.0.0.1", 0))
    with server, socket.create_connection(server.getsockname()) as client:
        ran = run(
            """
import json
from policies import PolicyError
from policies.enforcement import close_network
try:
    close_network()
except PolicyError as error:
    print(json.dumps(error.message))
""",
            stdin=client,
        )
    assert ran.said.startswith("Standard input is a network connection")


@pytest.mark.parametrize(("number", "name"), [(1, "output"), (2, "error")])
def test_a_network_connection_as_standard_output_or_error_is_refused(number: int, name: str) -> None:
    server = socket.create_server(("127.0.0.1", 0))
    with server, socket.create_connection(server.getsockname()) as client:
        ran = run(
            """
import os, sys
from policies import PolicyError
from policies.enforcement import close_network
given, number, name = sys.argv[1:]
os.dup2(int(given), int(number))
try:
    close_network()
except PolicyError as error:
    os._exit(8 if error.message.startswith(f"Standard {name} is a network connection") else 9)
""",
            client.fileno(),
            number,
            name,
            pass_fds=[client.fileno()],
        )
    assert ran.code == 8


def test_a_local_pair_as_standard_input_is_not(tmp_path: Path) -> None:
    left, right = socket.socketpair()
    with left, right:
        assert run(CORE + "print(json.dumps(enforced.closed_descriptors))", tmp_path, stdin=left).said == 0


AGAIN = """
import json, os, sys
from policies.enforcement import close_network, enforce
close_network()
from pathlib import Path
from policies.policy import core_policy
enforced = enforce(core_policy(vault=Path(sys.argv[1]), read=[], write=[]))
left, seen = int(sys.argv[2]), sys.argv[3] + ("s" if enforced.standing else "l")
if left == 0:
    status = dict(line.split(":") for line in open("/proc/self/status"))
    filters = status["Seccomp_filters"]
    try:
        os.listdir("/")
    except PermissionError:
        print(json.dumps([seen, int(filters)]))
else:
    os.execv(sys.executable, [sys.executable, "-c", os.environ["AGAIN"], sys.argv[1], str(left - 1), seen])
"""


def test_a_process_that_executes_itself_twenty_times_keeps_one_seal(tmp_path: Path) -> None:
    """One file list; the filter is laid each time, whatever stands."""
    outer = next(
        int(line.split()[1])
        for line in Path("/proc/self/status").read_text().splitlines()
        if line.startswith("Seccomp_filters")
    )
    seen, filters = run(AGAIN, tmp_path, 20, "-", environment={"AGAIN": AGAIN}).said
    assert seen == "-l" + "s" * 20
    assert filters == outer + 21


def test_an_engine_behind_the_cores_wall_lays_its_own_on_top(tmp_path: Path) -> None:
    said = run(
        CORE
        + """
import subprocess
command = [sys.executable, "-c", os.environ["ENGINE_CODE"], str(vault)]
done = subprocess.run(command, capture_output=True, text=True)
print(done.stdout.strip() or json.dumps(done.stderr))
""",
        tmp_path,
        environment={
            "ENGINE_CODE": ENGINE
            + """
try:
    os.fork()
except PermissionError:
    print(json.dumps([enforced.profile.value, enforced.standing, "no process"]))
"""
        },
    ).said
    assert said == ["engine", False, "no process"]


@pytest.mark.parametrize("stage", ["core", "whole"])
def test_the_marker_of_a_standing_seal_is_not_believed_without_one(stage: str, tmp_path: Path) -> None:
    marker = stage
    if stage == "whole":
        marker = run(CORE + "print(json.dumps(policy.fingerprint()))", tmp_path).said
    said = run(
        CORE
        + """
try:
    os.listdir("/")
except PermissionError:
    print(json.dumps(enforced.standing))
""",
        tmp_path,
        environment={"DIARY_SEAL": marker},
    ).said
    assert said is False


def test_the_marker_of_the_file_list_is_not_believed_where_only_the_network_is_closed(tmp_path: Path) -> None:
    said = run(
        CORE.replace("enforced =", "os.environ['DIARY_SEAL'] = policy.fingerprint()\nenforced =")
        + """
try:
    os.listdir("/")
except PermissionError:
    print(json.dumps(enforced.standing))
""",
        tmp_path,
    ).said
    assert said is False


def test_another_wall_than_the_marked_one_is_laid(tmp_path: Path) -> None:
    """Executed anew for another vault: the old wall still stands, so the new vault stays closed."""
    other = tmp_path / "other"
    other.mkdir()
    said = run(
        CORE
        + """
if len(sys.argv) > 2:
    os.execv(sys.executable, [sys.executable, "-c", os.environ["AGAIN"], sys.argv[2]])
print(json.dumps(enforced.standing))
try:
    (vault / "x").write_text("x")
except PermissionError:
    print(json.dumps([enforced.standing, "closed"]))
""",
        tmp_path / "other",
        tmp_path,
        environment={
            "AGAIN": CORE
            + """
try:
    (vault / "x").write_text("x")
except PermissionError:
    print(json.dumps([enforced.standing, "closed"]))
"""
        },
    ).said
    assert said == [False, "closed"]


def test_the_recorder_reaches_local_sockets_and_nothing_else() -> None:
    said = run(
        RECORDER
        + """
import socket
said = []
for family in (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK):
    try:
        socket.socket(family).close()
        said.append("possible")
    except PermissionError:
        said.append("refused")
print(json.dumps([enforced.profile.value, said]))
"""
    ).said
    assert said == [Profile.RECORDER.value, ["possible", "refused", "refused", "refused"]]


def test_a_recorder_cannot_be_started_behind_the_cores_wall() -> None:
    said = run("""
import json
from policies import PolicyError
from policies.enforcement import close_network
from policies.profile import Profile
close_network()
try:
    close_network(Profile.RECORDER)
except PolicyError as error:
    print(json.dumps(error.message))
""").said
    assert "recorder" in said


def test_libraries_are_told_to_stay_offline(tmp_path: Path) -> None:
    said = run(
        CORE
        + """
from policies.enforcement import OFFLINE
print(json.dumps([{name: os.environ.get(name) for name in OFFLINE}, OFFLINE]))
""",
        tmp_path,
        environment={"HF_HUB_OFFLINE": "0"},
    ).said
    assert said[0] == said[1]
    assert {"HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE", "ORT_DISABLE_TELEMETRY"} <= set(
        said[1]
    )


def test_what_is_shown_is_what_was_granted(tmp_path: Path) -> None:
    said = run(
        CORE + "from policies import report\nprint(json.dumps(report.show(policy, enforced)))", tmp_path
    ).said
    assert str(tmp_path) in said
    assert f"{os.uname().release}" in said
    assert "May be read and changed:" in said
