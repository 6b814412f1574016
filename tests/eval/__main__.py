"""`make eval`: retrieval and answers on evaluation data, one table.

The data that settings were first tuned on is not part of the project (its licences do not allow that).
Without it only the second diary is measured, which is our own.

    python -m tests.eval [FOLDER] [--inside] [--compose] [--only conversations|diary|second]
"""

from __future__ import annotations

import argparse
import functools
import sys
from pathlib import Path

from tests.eval import conversations, notebook
from tests.eval.ways import through_the_command

DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "eval"
SECOND = Path(__file__).resolve().parent / "second_diary"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.eval", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=DEFAULT)
    parser.add_argument(
        "--inside", action="store_true", help="in this process, without the command: for tuning"
    )
    parser.add_argument("--compose", action="store_true", help="let the language model write summaries; slow")
    parser.add_argument("--only", choices=("conversations", "diary", "second"))
    given = parser.parse_args(arguments)
    if not given.folder.is_dir():
        show("There is no evaluation data beside the project (../shared/eval): only our own is measured.")
    if given.inside:
        from tests.eval.inside import inside as way  # the whole program, only when asked for

        quotes_only = way
    else:
        way = functools.partial(through_the_command, compose=given.compose)
        quotes_only = functools.partial(through_the_command, compose=False)
    files = sorted((given.folder / "locomo-dev").glob("*.jsonl"))
    if files and given.only in (None, "conversations"):
        conversations.measure(files, way, show)
        show("")
    if (given.folder / "diary-dev").is_dir() and given.only in (None, "diary"):
        notebook.measure(given.folder / "diary-dev", way, quotes_only, show)
        show("")
    if given.only in (None, "second"):
        notebook.measure(SECOND, way, quotes_only, show, name="second diary")
    return 0


def show(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
