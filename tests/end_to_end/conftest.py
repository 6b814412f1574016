"""The real command, in a process of its own, in a home of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from diary.sample import diary_file
from diary.vault.vault import Vault
from tests.unit.vault.fresh import CHEAPEST

PROGRAM = Path(sys.executable).parent / "diary"
PASSPHRASE = "seven quiet herons by the weir"


@dataclass(frozen=True)
class Ran:
    """One finished run of the command."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, str]:
        return self.json["error"]


@dataclass(frozen=True)
class Home:
    """A home folder with a vault in the default place and nothing else.

    :ivar more: what the environment holds beside the usual.
    """

    path: Path
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def vault(self) -> Path:
        return self.path / ".local/share/diary/vault"

    def environment(self) -> dict[str, str]:
        temporary = self.path / "tmp"
        temporary.mkdir(exist_ok=True)
        return {
            "HOME": str(self.path),
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "TZ": "Europe/London",
            "TMPDIR": str(temporary),
            **self.more,
        }

    def run(
        self,
        *arguments: str,
        stdin: str = "",
        passphrase: str | None = PASSPHRASE,
        prepare: Callable[[], None] | None = None,
    ) -> Ran:
        """Run `diary` with the passphrase on the first line of standard input, unless it is None."""
        given = ["--passphrase-file", "-"] if passphrase is not None else []
        ran = subprocess.run(
            [str(PROGRAM), *given, *arguments],
            input=(f"{passphrase}\n" if passphrase is not None else "") + stdin,
            capture_output=True,
            text=True,
            env=self.environment(),
            timeout=110,
            check=False,
            preexec_fn=prepare,
        )
        assert "Traceback" not in ran.stderr, ran.stderr
        return Ran(ran.returncode, ran.stdout, ran.stderr)

    def json(self, *arguments: str, stdin: str = "") -> Any:
        """Run with --json, expect success, and decode the one document."""
        ran = self.run("--json", *arguments, stdin=stdin)
        assert ran.status == 0, ran.out + ran.err
        return ran.json


@pytest.fixture
def empty_home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture(scope="session")
def cheap_vault(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vault whose key derivation is as cheap as one may be, so that a hundred commands take little."""
    folder = tmp_path_factory.mktemp("template") / "vault"
    vault, _ = Vault.create(folder, PASSPHRASE, kdf=CHEAPEST)
    vault.close()
    return folder


@pytest.fixture
def home(empty_home: Home, cheap_vault: Path) -> Home:
    """A home with a fresh vault."""
    shutil.copytree(cheap_vault, empty_home.vault)
    return empty_home


@pytest.fixture(scope="session")
def read_home(tmp_path_factory: pytest.TempPathFactory, cheap_vault: Path) -> Home:
    """A home with the sample diary, for tests that only read."""
    home = Home(tmp_path_factory.mktemp("home"))
    shutil.copytree(cheap_vault, home.vault)
    assert home.json("import", str(diary_file()))["added"] >= 60
    return home
