"""Run a few lines of Python in a process of their own, behind the wall or outside of it, as this user or
another.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534
SECONDS = 60

CORE = """
import json, os, sys
from policies.enforcement import close_network, enforce
close_network()
from pathlib import Path
from policies.policy import core_policy
vault = Path(sys.argv[1])
policy = core_policy(vault=vault, read=[], write=[])
enforced = enforce(policy)
"""

ENGINE = """
import json, os, sys
from policies.enforcement import close_network, enforce
close_network()
from pathlib import Path
from policies.policy import engine_policy
policy = engine_policy(read=[Path(argument) for argument in sys.argv[1:2]])
enforced = enforce(policy)
"""

CONVERTER = """
import json, os, sys
from policies.enforcement import close_network, enforce
close_network()
from pathlib import Path
from policies.policy import converter_policy
source, target = Path(sys.argv[1]), Path(sys.argv[2])
policy = converter_policy(read=[source], write=target)
enforced = enforce(policy)
"""

RECORDER = """
import json, os, sys
from policies.enforcement import close_network, enforce
from policies.profile import Profile
close_network(Profile.RECORDER)
from policies.policy import recorder_policy
policy = recorder_policy(read=[])
enforced = enforce(policy)
"""

LACKING = """
import errno, os, sys
from policies.kernel import prctl, seccomp
machine = os.uname().machine
program = [seccomp._op(seccomp._LOAD, seccomp._NUMBER_OFFSET)]
program += seccomp._any_of({calls!r}, errno.{error}, machine)
program += [seccomp._op(seccomp._RETURN, seccomp._ALLOW)]
prctl.set_no_new_privileges()
seccomp.install(b"".join(program), machine)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
"""Executes another program on a kernel that answers some calls as one without them does."""

NO_FILTERS = LACKING.format(calls=("seccomp",), error="EINVAL")
NO_FILE_LIST = LACKING.format(calls=("landlock_restrict_self",), error="EPERM")
NEITHER = LACKING.format(calls=("seccomp", "landlock_create_ruleset"), error="ENOSYS")

MANY_FILTERS = """
import os, sys
from policies.kernel import prctl, seccomp
prctl.set_no_new_privileges()
nothing = seccomp._op(seccomp._RETURN, seccomp._ALLOW)
while prctl.seccomp_filters() < int(sys.argv[1]):
    seccomp.install(nothing, os.uname().machine)
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""
"""Executes another program behind as many filters as its first word says, which refuse nothing."""


@dataclass(frozen=True)
class Ran:
    """How a child ended; `said` is the JSON document it printed last."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> Any:
        assert self.code == 0, self.err or self.out
        return json.loads(self.out.splitlines()[-1])


# The child is started by an ordinary process of the same user, which then stands outside the wall.
_PARENT = (
    "import subprocess, sys; sys.exit(subprocess.call([sys.executable, *sys.argv[1:]], close_fds=False))"
)


def run(
    code: str,
    *arguments: object,
    user: int | None = None,
    python: str = sys.executable,
    environment: dict[str, str] | None = None,
    **popen: Any,
) -> Ran:
    """Run code in a fresh interpreter.

    :param user: the number of the user to become; needs root.
    :param environment: added to a bare one.
    """
    bare = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
    who: dict[str, Any] = {} if user is None else {"user": user, "group": user, "extra_groups": []}
    done = subprocess.run(
        [python, "-c", _PARENT, "-c", code, *map(str, arguments)],
        env=bare | {"HOME": "/nonexistent"} | (environment or {}),
        stdin=popen.pop("stdin", subprocess.DEVNULL),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        **who,
        **popen,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@cache
def python_for_nobody() -> str | None:
    """An interpreter that an ordinary user can start and that sees the checkout; None when there is none, or
    no
    root.
    """
    if os.geteuid() != 0:
        return None
    for python in (sys.executable, "/usr/bin/python3"):
        try:
            if (
                run(
                    "import sys, policies; assert sys.version_info >= (3, 11)", user=NOBODY, python=python
                ).code
                == 0
            ):
                return python
        except OSError:
            continue
    return None
