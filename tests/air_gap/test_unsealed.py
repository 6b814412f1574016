"""`--accept-unsealed`: what the kernel lacks, a person may accept; the rest is laid, and they are told."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from diary.__main__ import accepts_unsealed
from diary.model.progress import silent
from diary.rules import NO_CLINIC
from diary.upkeep import examine
from policies import place
from policies.enforcement import ACCEPT
from policies.kernel import landlock
from tests.air_gap.sealed import CORE, ENGINE, NEITHER, NO_FILE_LIST, NO_FILTERS, RECORDER, run
from tests.end_to_end.conftest import PASSPHRASE
from tests.unit.vault.fresh import MORNING, fresh_folder

needs_landlock = pytest.mark.skipif(landlock.abi() < 4, reason="this kernel's Landlock is none, or older")
ACCEPTING = "close_network(accept_unsealed=True)"

TRIES = """
import socket
def can(action):
    try:
        action()
    except OSError:
        return False
    return True
def tcp():
    try:
        socket.create_connection(("127.0.0.1", 1), 2)
    except ConnectionRefusedError:
        pass
print(json.dumps({
    "sealed": enforced.sealed, "offline": enforced.offline, "abi": enforced.landlock_abi,
    "standing": enforced.standing, "findings": enforced.findings,
    "socket": can(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()),
    "tcp": can(tcp),
    "read": can(lambda: os.listdir("/")),
    "write": can(lambda: os.close(os.open("/tmp", os.O_TMPFILE | os.O_WRONLY, 0o600))),
    "program": can(lambda: os.posix_spawn("/bin/true", ["true"], {})),
    "dumpable": prctl.is_dumpable(), "inherited": can(lambda: os.fstat(int(sys.argv[2]))),
}))
"""


def tries(profile: str) -> str:
    """Code that lays a wall of which a person accepts what lacks, and tries it."""
    of_the_recorder = "close_network(Profile.RECORDER"
    accepting = profile.replace("close_network()", ACCEPTING).replace(
        of_the_recorder, f"{of_the_recorder}, accept_unsealed=True"
    )
    return "from policies.kernel import prctl\n" + accepting + TRIES


def behind(kernel: str, profile: str, folder: Path) -> SimpleNamespace:
    left, right = socket.socketpair()
    with left, right:
        said = run(kernel, "-c", tries(profile), folder, left.fileno(), pass_fds=[left.fileno()]).said
    return SimpleNamespace(**said)


@needs_landlock
@pytest.mark.parametrize("profile", [CORE, ENGINE, RECORDER], ids=["core", "engine", "recorder"])
def test_without_filters_all_else_is_denied_that_can_be(profile: str, tmp_path: Path) -> None:
    found = behind(NO_FILTERS, profile, tmp_path)
    assert (found.sealed, found.offline, found.socket) == (False, False, True)
    assert not any((found.tcp, found.read, found.write, found.program, found.dumpable, found.inherited))
    assert found.abi == landlock.abi()
    assert f"accepted with {ACCEPT}" in found.findings[0]
    assert "only the diary's own code keeps it offline" in " ".join(found.findings)


def test_where_the_file_list_alone_is_refused_the_network_stays_closed(tmp_path: Path) -> None:
    found = behind(NO_FILE_LIST, CORE, tmp_path)
    assert (found.sealed, found.offline, found.abi) == (False, True, 0)
    assert not any((found.socket, found.tcp, found.dumpable, found.inherited))
    assert found.read
    assert "refused the file allow-list" in found.findings[0] and "sockets are refused" in found.findings[1]


@pytest.mark.parametrize(
    ("kernel", "listed"), [(NO_FILTERS, True), (NO_FILE_LIST, False)], ids=["filters", "list"]
)
def test_what_is_shown_of_the_wall_does_not_claim_the_part_that_is_missing(
    kernel: str, listed: bool, tmp_path: Path
) -> None:
    show = "\nfrom policies import report\nprint(json.dumps(report.show(policy, enforced)))"
    shown = run(kernel, "-c", CORE.replace("close_network()", ACCEPTING) + show, tmp_path).said
    (wall,) = [line for line in shown.splitlines() if line.startswith("Wall:")]
    assert "which this one cannot" in wall
    assert ("Files are narrowed by nothing here" not in shown) is (listed and landlock.abi() > 0)


def test_without_either_the_memory_is_guarded_and_both_are_told(tmp_path: Path) -> None:
    found = behind(NEITHER, CORE, tmp_path)
    assert (found.sealed, found.offline, found.abi) == (False, False, 0)
    assert not any((found.dumpable, found.inherited))
    assert "Function not implemented" in found.findings[0]
    assert "sockets can be made, files are protected only by their permissions" in found.findings[1]


@needs_landlock
def test_whoever_accepts_needlessly_is_sealed_all_the_same(tmp_path: Path) -> None:
    accepted, plain = (
        run(code, tmp_path, 0).said
        for code in (tries(CORE), tries(CORE).replace(ACCEPTING, "close_network()"))
    )
    assert accepted == plain
    assert accepted["sealed"] and not accepted["socket"] and not accepted["read"]


def test_what_is_wrong_and_not_lacking_cannot_be_accepted(tmp_path: Path) -> None:
    started = (
        "import threading\ngo = threading.Event()\nthreading.Thread(target=go.wait, daemon=True).start()\n"
    )
    ran = run(NO_FILTERS, "-c", started + CORE.replace("close_network()", ACCEPTING), tmp_path)
    assert ran.code != 0 and "threads were running" in ran.err


NO_PROC = (
    "import os; from policies import enforcement; real = os.listdir\n"
    + """
def closed(path="."):
    if path == "/proc/self/task":
        raise FileNotFoundError(2, "No such file or directory")
    return real(path)
os.listdir = closed
"""
)


def test_without_proc_nothing_is_opened_and_nothing_to_be_accepted_is_offered(tmp_path: Path) -> None:
    told = "\nexcept PolicyError as error:\n    print(json.dumps([error.message, error.hint]))\n"
    tried = "\n".join(f"    {line}" for line in CORE.replace("close_network()", ACCEPTING).splitlines())
    message, hint = run(
        NO_PROC + "import json\nfrom policies import PolicyError\ntry:\n" + tried + told, tmp_path
    ).said
    assert "because /proc is closed" in message
    assert "/proc" in hint and ACCEPT not in hint


REFUSED = """
import json, os, sys
from pathlib import Path
from policies import place
from policies.enforcement import PolicyError, close_network
place.FOLDER = Path(sys.argv[1])
try:
    close_network(accept_unsealed=True)
except PolicyError as error:
    print(json.dumps(error.message))
"""


@pytest.mark.parametrize("name", [place.NAME, place.SIGNATURE])
def test_where_a_clinics_policy_lies_nobody_can_accept_it(name: str, tmp_path: Path) -> None:
    (tmp_path / name).symlink_to("nowhere")
    said = run(NO_FILTERS, "-c", REFUSED, tmp_path).said
    assert "a clinic's policy is installed here, under which nobody can accept that" in said


def test_a_folder_that_nobody_may_look_into_may_hold_a_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(path: object) -> os.stat_result:
        raise PermissionError(path)

    assert not place.is_there(Path("/nowhere"))
    assert not place.is_there(Path(__file__))
    monkeypatch.setattr(os, "lstat", closed)
    assert place.is_there(Path("/nowhere"))


@needs_landlock
def test_locking_lays_no_second_file_list_where_the_filter_is_missing(tmp_path: Path) -> None:
    """At the 17th the kernel would refuse another."""
    twice = (
        "import os, sys\n"
        + tries(CORE)
        + """
sys.stdout.flush()
if len(sys.argv) == 3:
    os.execv(sys.executable, [sys.executable, "-c", os.environ["AGAIN"], *sys.argv[1:], "again"])
"""
    )
    ran = run(NO_FILTERS, "-c", twice, tmp_path, 0, environment={"AGAIN": twice})
    first, second = map(json.loads, ran.out.splitlines())
    assert (first["standing"], second["standing"]) == (False, True)
    assert not second["read"] and not second["sealed"] and second["findings"] == first["findings"]


STARTS_AN_ENGINE = """
import json
from policies.enforcement import close_network
close_network(accept_unsealed=True)
from diary.engine.process import EngineProcess
engine = EngineProcess("ingest.engines.decoding:serve", [])
try:
    print(json.dumps(type(engine.read(50).body).__name__))
finally:
    engine.end()
"""


def test_an_engine_is_told_that_it_was_accepted() -> None:
    assert run(NO_FILTERS, "-c", STARTS_AN_ENGINE).said == "Ready"


STARTS_A_RECORDER = """
import json, os, sys
from policies.before_the_wall import spawn, surroundings
ended = []
for words in ([], sys.argv[1:]):
    pipes = spawn("diary.recorder", surroundings(dict(os.environ)), *words)
    os.close(pipes.outgoing)
    ended.append(os.waitstatus_to_exitcode(os.waitpid(pipes.process, 0)[1]))
print(json.dumps(ended))
"""


def test_a_recorder_is_told_that_it_was_accepted() -> None:
    assert run(NO_FILTERS, "-c", STARTS_A_RECORDER, ACCEPT).said == [1, 0]


def test_it_is_an_option_and_no_word_of_an_entry() -> None:
    assert accepts_unsealed(["write", ACCEPT]) and accepts_unsealed([ACCEPT])
    assert not accepts_unsealed(["write", "--", ACCEPT])
    assert not accepts_unsealed(["write", "--accept"])
    assert not accepts_unsealed(["write", f"--title={ACCEPT}"])


def diary(kernel: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    (folder / "p").write_text(PASSPHRASE)
    given = ["--passphrase-file", str(folder / "p"), *words]
    return subprocess.run(
        [sys.executable, "-c", kernel, "-m", "diary", *given],
        env={"HOME": str(folder), "PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_every_command_says_on_standard_error_that_it_runs_unsealed(tmp_path: Path) -> None:
    ran = diary(NO_FILTERS, tmp_path, ACCEPT, "--json", "policy", "check", "--quick")
    said = json.loads(ran.stdout)
    assert ran.returncode == 1
    assert (said["sealed"], said["offline"]) == (False, False)
    assert f"accepted with {ACCEPT}" in said["findings"][0]
    assert ran.stderr.startswith("diary: It runs unsealed, as you accepted")
    partly = diary(NO_FILE_LIST, tmp_path, ACCEPT, "policy", "check", "--quick")
    assert partly.returncode == 1 and "The diary is NOT sealed." in partly.stdout
    assert "without a part of its wall" in partly.stderr and "no network can be reached" in partly.stderr


def test_policy_show_and_the_doctor_say_what_is_missing(tmp_path: Path) -> None:
    shown = json.loads(diary(NO_FILTERS, tmp_path, ACCEPT, "--json", "policy", "show").stdout)
    assert (shown["sealed"], shown["offline"]) == (False, False)
    assert f"accepted with {ACCEPT}" in shown["findings"][0]
    folder, code = fresh_folder(tmp_path)
    found = SimpleNamespace(sealed=False, offline=False, landlock_abi=3, findings=("It has no filters.",))
    settings = SimpleNamespace(vault=folder, clinic=NO_CLINIC, models=())
    checks = examine(cast("Any", found), cast("Any", settings), code, now=lambda: MORNING, report=silent)
    (seal,) = [check for check in checks if check.name == "seal"]
    assert seal.findings == ("It has no filters",)
    assert seal.detail.startswith("not sealed: only its own code keeps it offline")


def test_a_refusal_before_the_command_line_is_one_document_too(tmp_path: Path) -> None:
    ran = diary(NO_FILTERS, tmp_path, "--json", "list")
    said = json.loads(ran.stdout)
    assert (ran.returncode, ran.stderr) == (1, "")
    assert said["error"]["code"] == "not-sealed" and ACCEPT in said["error"]["hint"]


@pytest.mark.slow
def test_the_full_check_and_its_statement_say_that_it_is_not_sealed(tmp_path: Path) -> None:
    file = tmp_path / "statement.json"
    ran = diary(NO_FILTERS, tmp_path, ACCEPT, "--json", "policy", "check", "--report", str(file))
    said = json.loads(ran.stdout)
    assert ran.returncode == 1 and said["sealed"] is False
    for routes in (said["routes"], said["engine"]):
        assert len(routes) == 31
        assert {"udp", "abstract", "raw_syscall"} <= {one["name"] for one in routes if not one["blocked"]}
        assert not any("could not be tried" in one["by"] for one in routes)
    stated = json.loads(file.read_text())["statement"]
    assert (stated["sealed"], stated["wall"]["sealed"], stated["wall"]["offline"]) == (False, False, False)
    assert f"accepted with {ACCEPT}" in stated["findings"][0]
    verified = diary(
        "import os, sys\nos.execv(sys.executable, [sys.executable, *sys.argv[1:]])",
        tmp_path,
        "policy",
        "verify",
        str(file),
    )
    assert verified.returncode == 1 and "It says: NOT sealed." in verified.stdout


@pytest.mark.slow
def test_a_diary_that_runs_unsealed_does_its_main_job(tmp_path: Path) -> None:
    for words in (["init"], ["write", "The knee after the walk was quiet."], ["find", "knee"], ["demo"]):
        ran = diary(NO_FILTERS, tmp_path, ACCEPT, *words)
        assert ran.returncode == 0, ran.stderr
        assert "It runs unsealed" in ran.stderr
    assert "NOT sealed" in ran.stdout
