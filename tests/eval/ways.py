"""Two ways to ask the diary: through the command, as a person would, and in this process, for tuning.

Both make a scratch diary from interchange lines, in a folder that goes when the work is done.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Protocol

PROGRAM = Path(sys.executable).parent / "diary"
PASSPHRASE = "eleven patient otters under the bridge"

Line = dict[str, Any]


class Way(Protocol):
    """A diary with entries in it that can be asked."""

    def find(self, lines: Sequence[Line]) -> list[Line]:
        """One search document for each line of q, as_of and n."""
        ...

    def ask(self, lines: Sequence[Line]) -> list[Line]:
        """One answer document for each line, likewise."""
        ...


class Command:
    """The real command with a vault of its own; `compose` lets the language model write."""

    def __init__(self, folder: Path, entries: Sequence[Line], *, compose: bool) -> None:
        self._folder = folder
        settings = folder / "config" / "diary"
        settings.mkdir(parents=True)
        if not compose:
            (settings / "config.toml").write_text('[answers]\ncompose = "never"\n')
        lines = folder / "entries.jsonl"
        lines.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
        self._run("init")
        report = json.loads(self._run("--json", "import", str(lines)))
        if report["added"] != len(entries):
            raise SystemExit(f"Only {report['added']} of {len(entries)} entries were imported: {report}")

    def find(self, lines: Sequence[Line]) -> list[Line]:
        return self._batch("find", lines)

    def ask(self, lines: Sequence[Line]) -> list[Line]:
        return self._batch("ask", lines)

    def _batch(self, verb: str, lines: Sequence[Line]) -> list[Line]:
        given = "".join(json.dumps(line) + "\n" for line in lines)
        documents = [
            json.loads(line) for line in self._run("--json", verb, "--batch", given=given).splitlines()
        ]
        if len(documents) != len(lines) or any("error" in document for document in documents):
            raise SystemExit(f"{len(documents)} documents for {len(lines)} questions: {documents[:1]}")
        return documents

    def _run(self, *arguments: str, given: str = "") -> str:
        home = self._folder
        ran = subprocess.run(
            [str(PROGRAM), "--vault", str(home / "vault"), "--passphrase-file", "-", *arguments],
            input=f"{PASSPHRASE}\n{given}",
            capture_output=True,
            text=True,
            env={**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home / "config")},
            check=False,
        )
        if ran.returncode != 0:
            raise SystemExit(f"diary {arguments[0]} failed: {ran.stdout[-500:]} {ran.stderr[-2000:]}")
        return ran.stdout


@contextmanager
def through_the_command(entries: Sequence[Line], *, compose: bool = False) -> Iterator[Command]:
    """A scratch diary asked through `diary find --batch` and `diary ask --batch`."""
    with tempfile.TemporaryDirectory(prefix="diary-eval-") as folder:
        yield Command(Path(folder), entries, compose=compose)


def days_of(line: Line) -> date:
    """The day that "today" means in a line."""
    return date.fromisoformat(line["as_of"])
