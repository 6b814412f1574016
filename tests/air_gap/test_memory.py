"""Nobody else reads the memory of a sealed process: not even another program of the same, ordinary user."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.air_gap.sealed import NOBODY, ROOT, python_for_nobody, run

WAITS = "print('ready', flush=True)\ninput()\n"
SEALED = "from policies.enforcement import close_network\nclose_network()\n" + WAITS
READS = """
import json, sys
try:
    open(f"/proc/{sys.argv[1]}/mem", "rb").close()
    print(json.dumps("possible"))
except PermissionError:
    print(json.dumps("refused"))
"""


@pytest.mark.parametrize(("code", "expected"), [(SEALED, "refused"), (WAITS, "possible")])
def test_another_program_of_the_same_user_cannot_read_a_sealed_process(code: str, expected: str) -> None:
    """The second case shows that the first one could fail."""
    who: dict[str, Any] = {}
    python = sys.executable
    if os.geteuid() == 0:  # root reads everything
        ordinary = python_for_nobody()
        if ordinary is None:
            pytest.skip("needs an interpreter and a checkout that other users can read")
        python, who = ordinary, {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    if expected == "possible" and _yama():
        pytest.skip("this kernel's Yama setting keeps every process from looking into another")
    child = subprocess.Popen(
        [python, "-c", code],
        env={"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        **who,
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        said = run(READS, child.pid, user=who.get("user"), python=python).said
        child.communicate(b"\n")
    assert said == expected


def _yama() -> bool:
    setting = Path("/proc/sys/kernel/yama/ptrace_scope")
    return setting.exists() and int(setting.read_text(encoding="ascii")) > 0
