"""A machine that a clinic looks after: the real program, with another folder in the place of /etc/diary.

The folder belongs to the tests' user, who stands for root; where the tests run as root, an ordinary user is
one who may change nothing in it (`as_a_user`). The machine's own /etc is never touched.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.clinic.signed import install, text
from tests.end_to_end.conftest import Home, Ran

NOBODY = 65534
_PATH = os.pathsep.join(sys.path)
_PROGRAM = """
import os, sys
from pathlib import Path
import policies.place as place, policies.policy as policy
place.FOLDER, place.OWNER = Path(sys.argv[1]), int(sys.argv[2])
policy._ETC = (*policy._ETC, sys.argv[1])
exec(sys.argv[3])
del sys.argv[1:4]
from diary.__main__ import main
sys.exit(main())
"""

_LOCKING = _PROGRAM.replace(
    "sys.exit(main())",
    """
main()
if os.read(0, 5) == b"lock\\n":
    from diary.bootstrap import execute_anew
    execute_anew()
""",
)


@dataclass(frozen=True)
class Machine:
    """One of the clinic's.

    :ivar etc: where its policy lies. :ivar owner: who has to own it.
    :ivar first: done before the program starts, to make a machine of another kind.
    """

    home: Home
    etc: Path
    owner: int = os.getuid()
    first: str = ""

    @property
    def command(self) -> list[str]:
        """The program, as a command."""
        return [sys.executable, "-c", _PROGRAM, str(self.etc), str(self.owner), self.first]

    def install(self, rules: str = "", *, version: int = 1) -> None:
        """Put a policy there that the clinic signed."""
        install(self.etc, text(rules, version=version))

    def run(
        self,
        *arguments: str,
        stdin: str = "",
        environment: dict[str, str] | None = None,
        plain: bool = False,
        kernel: str = "",
        passphrase: str | None = None,
    ) -> Ran:
        """Run `diary` with what opens the vault, or this passphrase, on the first line of standard input.

        :param plain: in words, not in JSON.
        :param kernel: code that executes the rest on a kernel that can do less.
        """
        said = () if plain else ("--json",)
        python, _, program, *given = self.command
        lesser = [python, "-c", kernel] if kernel else [python]
        ran = subprocess.run(
            [*lesser, "-c", program, *given, "--passphrase-file", "-", *said, *arguments],
            input=f"{passphrase or self.home.secret}\n{stdin}",
            capture_output=True,
            text=True,
            env=self.home.environment() | (environment or {}) | ({"PYTHONPATH": _PATH} if kernel else {}),
            timeout=110,
            check=False,
        )
        assert "Traceback" not in ran.stderr, ran.stderr
        return Ran(ran.returncode, ran.stdout, ran.stderr)

    def json(self, *arguments: str) -> object:
        """Run, expect success, and decode the one document."""
        ran = self.run(*arguments)
        assert ran.status == 0, ran.out + ran.err
        return json.loads(ran.out)

    @contextmanager
    def locking(self, *arguments: str) -> Iterator[tuple[Callable[..., None], Callable[[], dict[str, Any]]]]:
        """Run a command, and again each time it is told "lock", as locking the screen does; what says lines
        to it, and what reads the document that it answered.
        """
        command = [sys.executable, "-c", _LOCKING, str(self.etc), str(self.owner), self.first]
        with subprocess.Popen(
            [*command, "--passphrase-file", "-", "--json", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=self.home.environment(),
        ) as child:
            assert child.stdin is not None and child.stdout is not None
            said, answers = child.stdin, child.stdout

            def say(*lines: str) -> None:
                for line in lines:
                    said.write(f"{line}\n")
                    said.flush()

            yield say, lambda: json.loads(answers.readline())
            said.close()

    def as_a_user(self, *command: str) -> int:
        """What an ordinary user's command ends with; needs root, who becomes one."""
        return subprocess.run(
            command, user=NOBODY, group=NOBODY, extra_groups=[], capture_output=True, check=False, cwd="/"
        ).returncode
