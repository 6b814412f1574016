"""On a kernel that can do less: what is weaker is told and is so, and without the filter nothing opens.

Older Landlocks are had by asking for an older ruleset, and a kernel without filters by a filter that answers
as such a kernel does.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from policies.kernel import landlock
from policies.surroundings import CONTAINER, NAMESPACE, ROOT, WSL
from tests.air_gap.sealed import CORE, NO_FILTERS, run

LACKS = {0: 1, 1: 4, 2: 3, 3: 2, 4: 2, 5: 1, 6: 0, 7: 0}
"""How many sentences each ABI gets."""

TRIES = """
import socket
def can(action):
    try:
        action()
    except OSError:
        return False
    return True
outside = Path(sys.argv[2])
print(json.dumps({
    "findings": enforced.findings,
    "truncate": can(lambda: os.truncate(outside, 0)),
    "read": can(outside.read_bytes),
    "signal": can(lambda: os.kill(os.getppid(), 0)),
    "socket": can(lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM)),
    "local socket": can(lambda: socket.socket(socket.AF_UNIX)),
}))
"""


@pytest.mark.parametrize("abi", LACKS)
def test_what_an_older_landlock_lacks_is_told_and_is_so(abi: int, tmp_path: Path) -> None:
    if abi > landlock.abi():
        pytest.skip("this kernel's own is older")
    vault, outside = tmp_path / "vault", tmp_path / "outside"
    vault.mkdir()
    outside.write_text("words")
    older = f"from policies.kernel import landlock\nlandlock.abi = lambda: {abi}\n"
    said = run(older + CORE + TRIES, vault, outside).said
    assert len(said["findings"]) == LACKS[abi]
    assert said["truncate"] is (abi < 3)
    assert said["read"] is (abi < 1)
    assert said["signal"] is (abi < 6)
    assert said["socket"] is said["local socket"] is False
    told = " ".join(said["findings"])
    assert ("truncation" in told) is (0 < abi < 3)
    assert ("signal" in told) is (abi < 6)


@pytest.mark.parametrize("command", [("init",), ("list",), ("policy", "check"), ("policy", "show"), ()])
def test_without_filters_of_system_calls_nothing_is_opened(command: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "p").write_text("seven quiet herons by the weir")
    given = ("--vault", tmp_path / "vault", "--passphrase-file", tmp_path / "p")
    ran = run(NO_FILTERS, "-m", "diary", *given, *command, environment={"HOME": str(tmp_path)})
    assert ran.code == 1
    assert "nothing was opened and nothing was changed" in ran.err
    assert "Traceback" not in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["p"]


def test_with_filters_the_same_program_runs(tmp_path: Path) -> None:
    through = "import os, sys\nos.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    ran = run(through, "-m", "diary", "policy", "show", environment={"HOME": str(tmp_path)})
    assert ran.code == 0, ran.err


ELSEWHERE = """
import os, sys
sys.path[:0] = {path!r}
import ctypes
sys.platform, name = {system!r}, os.name
if sys.platform == "win32":
    os.name = "nt"
    sys.modules["resource"] = None
    del os.uname
    def refuse(*_, **__): raise TypeError("bad argument type for built-in operation")
    ctypes.CDLL = refuse
from policies.enforcement import PolicyError, close_network
os.name = name
try:
    close_network()
except PolicyError as error:
    print(error.message, error.hint)
"""


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_another_system_is_told_in_a_sentence_and_not_by_a_missing_module(system: str) -> None:
    code = ELSEWHERE.format(path=sys.path, system=system)
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "on this system the kernel cannot be told to keep the diary offline" in ran.stdout
    assert "a virtual machine with Linux" in ran.stdout


EVERYBODY = "         0          0 4294967295\n"
SURROUNDINGS = """
import json, os
from pathlib import Path
from policies import surroundings
uname = os.uname()
class Uname:
    release = {release!r}
os.uname = lambda: Uname
os.geteuid = lambda: {user}
os.path.lexists = lambda path: path == {file!r}
real = Path.open
told = {{"/proc/1/cgroup": Path({groups!r}), "/proc/self/uid_map": Path({users!r})}}
Path.open = lambda path, *a, **k: real(told[str(path)], *a, **k)
print(json.dumps(surroundings.sentences()))
"""


@pytest.mark.parametrize(
    ("release", "user", "file", "groups", "users", "expected"),
    [
        ("6.18.0", 1000, "", "0::/init.scope\n", EVERYBODY, []),
        ("6.18.0", 0, "", "0::/init.scope\n", EVERYBODY, [ROOT]),
        ("6.18.0", 0, "", "0::/\n", "         0       1000          1\n", [NAMESPACE]),
        ("6.18.0", 1000, "", "0::/\n", "", [NAMESPACE]),
        ("6.18.0", 1000, "/.dockerenv", "0::/\n", EVERYBODY, [CONTAINER]),
        ("6.18.0", 1000, "/run/.containerenv", "0::/\n", EVERYBODY, [CONTAINER]),
        ("6.18.0", 1000, "", "0::/kubepods/burstable/pod1\n", EVERYBODY, [CONTAINER]),
        ("5.15.167.4-microsoft-standard-WSL2", 1000, "", "0::/\n", EVERYBODY, [WSL]),
    ],
)
def test_root_a_container_and_wsl_are_told(
    release: str, user: int, file: str, groups: str, users: str, expected: list[str], tmp_path: Path
) -> None:
    (tmp_path / "cgroup").write_text(groups)
    (tmp_path / "uid_map").write_text(users)
    given = {"release": release, "user": user, "file": file, "groups": str(tmp_path / "cgroup")}
    given["users"] = str(tmp_path / "uid_map")
    assert run(SURROUNDINGS.format(**given)).said == expected


def test_a_report_names_the_surroundings(tmp_path: Path) -> None:
    said = run(
        CORE + "from policies import report\nprint(json.dumps(report.show(policy, enforced)))", tmp_path
    )
    assert (ROOT in said.said) is (os.geteuid() == 0)
    assert ("which this one cannot" in said.said) is (landlock.abi() == 0)
