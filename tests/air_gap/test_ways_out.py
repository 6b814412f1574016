"""The 31 ways out: all blocked behind the wall, and open outside of it, so that the check can fail."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from policies import report
from policies.probes.__main__ import ORDER
from tests.air_gap.sealed import CORE, NOBODY, python_for_nobody, run

CHECK = (
    CORE
    + """
from policies import report
found = report.check(enforced)
print(report.describe(found), file=sys.stderr)
print(json.dumps({"sealed": found.sealed, "findings": found.findings, "words": report.describe(found),
                  "surroundings": found.surroundings,
                  "routes": {route.name: [route.blocked, route.by] for route in found.routes}}))
"""
)

UNSEALED = """
import json, os
from policies.probes.__main__ import try_all
print(json.dumps({outcome["name"]: [outcome["blocked"], outcome["by"]] for outcome in try_all(os.getppid())}))
"""

OPEN_EVERYWHERE = {
    "tcp4", "udp", "listen", "netlink", "abstract", "pathunix", "sendmsg", "ctypes_tcp", "raw_syscall",
    "curl", "python", "bash", "signal", "ptrace", "process_vm_readv",
}  # fmt: skip
"""Open on any Linux without a wall. The rest depends on the kernel's build and settings and on other
containers.
"""

LEAST_OPEN = 19


@pytest.fixture(params=["this user", "an ordinary user"])
def user(request: pytest.FixtureRequest) -> dict[str, Any]:
    if request.param == "this user":
        return {}
    python = python_for_nobody()
    if python is None:
        pytest.skip("needs root, and an interpreter and checkout that other users can read")
    return {"user": NOBODY, "python": python}


def test_all_31_ways_out_are_blocked_behind_the_wall(user: dict[str, Any], tmp_path: Path) -> None:
    ran = run(CHECK, tmp_path, **user)
    said = ran.said
    assert len(said["routes"]) == 31
    assert [name for name, (blocked, _) in said["routes"].items() if not blocked] == []
    assert said["sealed"] is True
    assert "31 of 31 ways out are blocked" in said["words"]


def test_outside_the_wall_the_same_routes_are_open(user: dict[str, Any]) -> None:
    said = run(UNSEALED, **user).said
    assert len(said) == 31
    opened = {name for name, (blocked, _) in said.items() if not blocked}
    wrongly_open = {name: by for name, (blocked, by) in said.items() if not blocked and "tried" in by}
    assert wrongly_open == {}
    assert {name: said[name] for name in OPEN_EVERYWHERE - opened} == {}
    assert len(opened) >= LEAST_OPEN, said


def test_a_route_names_what_blocked_it_and_the_check_names_the_surroundings(tmp_path: Path) -> None:
    told = "from policies import report\nreport.surroundings.sentences = lambda: ('In a sandbox.',)"
    said = run(CHECK.replace("from policies import report", told), tmp_path).said
    assert said["surroundings"] == ["In a sandbox."]
    assert "note: In a sandbox." in said["words"]
    routes = said["routes"]
    assert routes["tcp4"][1] == "seccomp: EACCES"
    assert routes["io_uring"][1] == "seccomp: ENOSYS"
    assert routes["sendmsg"][1] == "seccomp: EPERM"


def test_the_check_works_with_standard_input_closed(tmp_path: Path) -> None:
    closed = "import os\nos.close(0)\n" + CHECK
    assert run(closed, tmp_path).said["sealed"] is True


def test_an_open_route_unseals_the_report(tmp_path: Path) -> None:
    """The report does not take the proof's word: it shows what the trials found."""
    opened = CHECK.replace(
        "found = report.check(enforced)",
        """
import subprocess
real = subprocess.run
def one_open(*arguments, **options):
    done = real(*arguments, **options)
    outcomes = json.loads(done.stdout)
    outcomes[0]["blocked"] = False
    done.stdout = json.dumps(outcomes).encode()
    return done
subprocess.run = one_open
found = report.check(enforced)""",
    )
    said = run(opened, tmp_path).said
    assert said["sealed"] is False
    assert any(finding.startswith("tcp4 is open") for finding in said["findings"])
    assert "NOT sealed" in said["words"]


@pytest.mark.parametrize("sealed", [True, False])
def test_a_wall_of_which_a_part_was_accepted_is_not_sealed_though_all_that_was_tried_is_blocked(
    sealed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    routes = tuple(report.Route(name, blocked=True, by="seccomp: EACCES") for name in ORDER)
    monkeypatch.setattr(report, "_start", lambda _: None)
    monkeypatch.setattr(report, "_try_core", lambda: routes)
    monkeypatch.setattr(report, "_finished", lambda _: routes)
    laid = SimpleNamespace(sealed=sealed, findings=(), seconds=0.0)
    assert report.check(cast("Any", laid)).sealed is sealed


@pytest.mark.parametrize(
    ("engine", "finding"), [("[]", "In an engine: Only 0 of 31"), ("one open", "tcp4 is open")]
)
def test_a_hole_in_an_engines_wall_alone_unseals_the_report(
    engine: str, finding: str, tmp_path: Path
) -> None:
    holed = CHECK.replace(
        "found = report.check(enforced)",
        f"""
from dataclasses import replace
real = report._finished
def of_engine(child):
    routes = real(child)
    return () if {engine!r} == "[]" else (replace(routes[0], blocked=False), *routes[1:])
report._finished = of_engine
found = report.check(enforced)""",
    )
    said = run(holed, tmp_path).said
    assert said["sealed"] is False
    assert [one for one in said["findings"] if one.startswith("In an engine: ") and finding in one]


@pytest.mark.parametrize(
    "output", ["[]", "null", "{", '[{"name": "tcp4", "blocked": true, "by": "x"}]', '[{"name": 1}]']
)
def test_a_check_that_did_not_try_everything_is_not_sealed(output: str, tmp_path: Path) -> None:
    silent = CHECK.replace(
        "found = report.check(enforced)",
        f"""
import subprocess
subprocess.run = lambda *a, **k: subprocess.CompletedProcess(a, 0, stdout={output.encode()!r})
found = report.check(enforced)""",
    )
    said = run(silent, tmp_path).said
    assert said["sealed"] is False
    assert any("nothing is proven" in finding for finding in said["findings"])
