"""The contract against the network catches a module that breaks it: one planted in a copy of the packages."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = (
    "import os, sys; sys.path.insert(0, os.getcwd())\n"
    "from importlinter.cli import lint_imports_command\nlint_imports_command()"
)
PLANTED = "import socket\n\nsocket.create_connection(('127.0.0.1', 9))\n"


@pytest.mark.slow
@pytest.mark.parametrize("package", ["diary", "ingest", "retrieval", "policies"])
def test_a_planted_module_that_opens_a_socket_breaks_the_contract(package: str, tmp_path: Path) -> None:
    for name in ("diary", "ingest", "retrieval", "policies"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)

    def kept() -> tuple[int, str]:
        ran = subprocess.run(
            [sys.executable, "-c", LINT, "--no-cache"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        return ran.returncode, ran.stdout

    code, out = kept()
    assert code == 0 and "6 kept, 0 broken" in out
    (tmp_path / package / "planted.py").write_text(PLANTED)
    code, out = kept()
    assert code == 1
    assert "No module of ours imports the network BROKEN" in out and f"{package}.planted -> socket" in out
