"""The wall is the first import of every process: it is small, it pulls nothing in, and it costs little."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from tests.air_gap.sealed import ROOT, run

HEAVY = {
    "socket", "ssl", "http", "urllib", "asyncio", "subprocess", "tempfile", "logging", "dataclasses",
    "inspect", "typing", "pathlib", "json", "numpy", "msgspec", "textual", "diary", "ingest", "retrieval",
    "multiprocessing", "threading",
}  # fmt: skip
NETWORK = {
    "socket",
    "_socket",
    "ssl",
    "_ssl",
    "http",
    "urllib",
    "requests",
    "httpx",
    "huggingface_hub",
    "asyncio",
}
PRODUCT = [path for path in sorted((ROOT / "policies").rglob("*.py")) if "probes" not in path.parts]

LOADS = """
import sys
before = set(sys.modules)
from policies.enforcement import close_network
close_network()
after = set(sys.modules) - before
import json
print(json.dumps(sorted(after)))
"""

TIMES = """
import json, sys, time
from pathlib import Path
from policies import enforcement
from policies.policy import core_policy
policy = core_policy(vault=Path(sys.argv[1]), read=[], write=[])
started = time.perf_counter()
enforcement.close_network()
enforcement.enforce(policy)
print(json.dumps(time.perf_counter() - started))
"""


# What is signed and sealed needs a library; none of these is loaded by laying the wall, as a test shows.
SIGNING = ("emergency.py", "key_file.py", "report_key.py", "signing.py", "statement.py")
LIBRARIES = {name: {"cryptography"} for name in SIGNING}


def test_closing_the_network_imports_nothing_heavy() -> None:
    loaded = set(run(LOADS).said)
    assert {name.partition(".")[0] for name in loaded} & HEAVY == set()
    assert {name for name in loaded if name.startswith("policies")} == {
        "policies", "policies.descriptors", "policies.errors", "policies.enforcement", "policies.profile",
        "policies.standing", "policies.weaknesses",
        "policies.kernel", "policies.kernel._libc", "policies.kernel.landlock", "policies.kernel.prctl",
        "policies.kernel.seccomp", "policies.kernel.syscalls",
    }  # fmt: skip


def test_nothing_in_the_seal_waits(tmp_path: Path) -> None:
    """About 2 ms on a quiet machine, which `make bench` shows; a trial that waits would take far longer."""
    assert min(run(TIMES, tmp_path).said for _ in range(5)) < 0.05


@pytest.mark.parametrize("path", PRODUCT, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_of_the_wall_imports_the_network_or_the_rest_of_the_diary(path: Path) -> None:
    imported = {
        name.partition(".")[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported & NETWORK == set()
    assert imported <= set(sys.stdlib_module_names) | {"policies"} | LIBRARIES.get(path.name, set())


def test_ctypes_is_used_in_one_module_only() -> None:
    users = [path.name for path in PRODUCT if "import ctypes" in path.read_text(encoding="utf-8")]
    assert users == ["_libc.py"]
