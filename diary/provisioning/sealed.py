"""Start the conversion of an embedding model in a sealed process, wait for it, and check what it says.

Standard library and msgspec only: whoever imports a model does not load torch.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import msgspec

from diary.engine.process import environment, told
from diary.errors import EngineFailed, ModelDamaged, Stopped
from diary.model.progress import Cancelled, never
from diary.printable import safe
from diary.provisioning.outcome import Outcome

_BEAT = 0.1  # seconds between two looks whether to stop
_MOST_SECONDS = 1800.0
_LONGEST_ANSWER = 65536  # bytes; it is about 200


def convert_sealed(source: Path, target: Path, *, cancelled: Cancelled = never) -> Outcome:
    """Convert the model in `source` into `target`, two existing folders; what was made.

    :raises diary.errors.ModelDamaged: when it is not a model that the diary can use, saying why.
    :raises diary.errors.EngineFailed: when the process crashed or took longer than half an hour.
    :raises diary.errors.Stopped: when `cancelled` said so; the process is gone then.
    """
    child = subprocess.Popen(
        [sys.executable, "-I", "-m", "diary.provisioning.child", str(source), str(target), *told()],
        stdin=subprocess.PIPE,  # ends when this process does, and the child with it
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**environment(), "TMPDIR": str(target)},
        start_new_session=True,  # Ctrl-C reaches the diary, which stops it
    )
    try:
        deadline = time.monotonic() + _MOST_SECONDS
        while child.poll() is None:
            if cancelled():
                raise Stopped("Stopped. Nothing was installed.")
            if time.monotonic() > deadline:
                raise _failed()
            time.sleep(_BEAT)  # what it says fits into the pipe, so it never waits for us
        assert child.stdout is not None  # noqa: S101 - asked for above
        return _checked(child.stdout.read(_LONGEST_ANSWER))
    finally:
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()


def _checked(untrusted_answer: bytes) -> Outcome:
    try:
        outcome = msgspec.json.decode(untrusted_answer, type=Outcome)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise _failed() from None
    if outcome.failure:
        raise ModelDamaged(safe(outcome.failure), hint=safe(outcome.hint))
    return outcome


def _failed() -> EngineFailed:
    return EngineFailed(
        "The model could not be converted: it is damaged, of a kind that is not known, or too large for the "
        "memory of this machine. Nothing was installed.",
        hint="Compare its files with those of where it comes from, and try again.",
    )
