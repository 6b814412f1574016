"""The real command, in a process of its own, in a home of its own.

A vault made here is opened by its recovery code, from which its key is derived in no time; a test that is
about its passphrase says so (`Home.secret`). How a command is run without paying for its imports each time:
`prepared`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from diary.sample import diary_file
from diary.vault.vault import Vault
from tests.end_to_end.prepared import PREPARED, PROGRAM
from tests.unit.vault.fresh import CHEAPEST

__all__ = ["PASSPHRASE", "PROGRAM", "Home", "Ran"]

PASSPHRASE = "seven quiet herons by the weir"
OWN = "what opens the vault of the home"
_SECONDS = 110


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
    :ivar secret: what opens the vault.
    :ivar anew: the program itself is run, and no fork of one that has imported it already.
    """

    path: Path
    more: Mapping[str, str] = field(default_factory=dict)
    secret: str = PASSPHRASE
    anew: bool = False

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
        passphrase: str | None = OWN,
        prepare: Callable[[], None] | None = None,
    ) -> Ran:
        """Run `diary` with its secret on the first line of standard input, unless the passphrase is None.

        :param prepare: done in the new process before the program begins, which is run anew then.
        """
        given = ["--passphrase-file", "-"] if passphrase is not None else []
        secret = self.secret if passphrase == OWN else passphrase
        said = ((f"{secret}\n" if secret is not None else "") + stdin).encode()
        if self.anew or prepare is not None:
            ran = subprocess.run(
                [str(PROGRAM), *given, *arguments],
                input=said,
                capture_output=True,
                env=self.environment(),
                timeout=_SECONDS,
                check=False,
                preexec_fn=prepare,
            )
            status, out, err = ran.returncode, ran.stdout, ran.stderr
        else:
            status, out, err = PREPARED.run([*given, *arguments], self.environment(), said, seconds=_SECONDS)
        assert b"Traceback" not in err, err.decode()
        return Ran(status, out.decode(), err.decode())

    def json(self, *arguments: str, stdin: str = "") -> Any:
        """Run with --json, expect success, and decode the one document."""
        ran = self.run("--json", *arguments, stdin=stdin)
        assert ran.status == 0, ran.out + ran.err
        return ran.json


@pytest.fixture
def empty_home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture(scope="session")
def cheap(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A vault whose key derivation is as cheap as one may be, and its recovery code."""
    folder = tmp_path_factory.mktemp("template") / "vault"
    vault, code = Vault.create(folder, PASSPHRASE, kdf=CHEAPEST)
    vault.close()
    return folder, code


@pytest.fixture(scope="session")
def cheap_vault(cheap: tuple[Path, str]) -> Path:
    """That vault."""
    return cheap[0]


@pytest.fixture
def home(empty_home: Home, cheap: tuple[Path, str]) -> Home:
    """A home with a fresh vault."""
    return furnished(empty_home, cheap)


def furnished(home: Home, cheap: tuple[Path, str]) -> Home:
    """The home with a copy of this vault, opened by its recovery code."""
    shutil.copytree(cheap[0], home.vault)
    return replace(home, secret=cheap[1])


@pytest.fixture(scope="session")
def read_home(tmp_path_factory: pytest.TempPathFactory, cheap: tuple[Path, str]) -> Home:
    """A home with the sample diary, for tests that only read."""
    home = furnished(Home(tmp_path_factory.mktemp("home")), cheap)
    assert home.json("import", str(diary_file()))["added"] >= 60
    return home
