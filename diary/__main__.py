"""The program's door: the network is closed before anything else is imported, then the command line runs.

Nothing but `policies` may be imported above `close_network()`; a test starts this module and looks. A command
that may record has the recorder started first: whatever starts later stands behind the core's wall, where no
sound server can be reached.
"""

from __future__ import annotations

import gc
import os
import sys

from policies.enforcement import ACCEPT, PolicyError, close_network

RECORDING = (None, "dictate", "voice")
"""The commands that may record; without one it is the screen."""

WITH_A_VALUE = (
    "--vault", "--passphrase-file", "--key-file", "--emergency-key", "--reason", "--as-of", "--language",
    "--microphone", "--at", "--title", "--tag", "--seconds",
)  # fmt: skip
"""Options of these commands whose next word is their value, and no file; a test compares them with the
grammar."""

NEVER_RECORDING = ("--waiting", "--again", "--confirm", "--version", "--help", "-h")


def may_record(argv: list[str]) -> bool:
    """Whether this command line may come to record or play; read without a grammar, in microseconds.

    A recorder that is started for nothing costs a moment of another processor, so in doubt it is.
    """
    if any(word.partition("=")[0] in NEVER_RECORDING for word in argv):
        return False
    words = words_of(argv)
    command, files = (words[0], words[1:]) if words else (None, [])
    if command == "dictate" and any(map(os.path.exists, files)):
        return False
    return command in RECORDING


def is_screen(argv: list[str]) -> bool:
    """Whether this command line shows the screen."""
    return not words_of(argv) and not {"--version", "--help", "-h"} & set(argv)


def accepts_unsealed(argv: list[str]) -> bool:
    """Whether the person accepts what the kernel lacks; as an option, and no word after `--`."""
    return ACCEPT in (argv[: argv.index("--")] if "--" in argv else argv)


def words_of(argv: list[str]) -> list[str]:
    """The words that are neither options nor their values: the command, then its own."""
    words, value = [], False
    for word in argv:
        if not value and not word.startswith("-"):
            words.append(word)
        value = word in WITH_A_VALUE
    return words


def main() -> int:
    """Run the command line; the exit status is 0 (done), 1 (refused or failed) or 2 (usage)."""
    accepts = accepts_unsealed(sys.argv[1:])
    try:
        if may_record(sys.argv[1:]):
            from policies.before_the_wall import start_recorder

            start_recorder(accept_unsealed=accepts)
        close_network(accept_unsealed=accepts)
        if is_screen(sys.argv[1:]):
            from diary.typed_ahead import keep_quiet

            keep_quiet()
    except PolicyError as error:
        _say_refusal(error)
        return 1
    gc.set_threshold(50_000, 20, 50)  # a start makes what stays; going through it took an eighth of the time
    try:
        from diary.cli.main import run  # only after the network is closed
    except KeyboardInterrupt:
        sys.stderr.write("diary: Stopped before anything was opened.\n")
        return 1
    return run(sys.argv[1:])


def _say_refusal(error: PolicyError) -> None:
    """As `diary.cli.output` says errors, which is not imported where the network is open."""
    if "--json" not in sys.argv:
        sys.stderr.write(f"diary: {error.message}\n       {error.hint}\n")
        return
    import json

    document = {"error": {"code": error.code, "message": error.message, "hint": error.hint}}
    sys.stdout.write(json.dumps(document) + "\n")


if __name__ == "__main__":
    sys.exit(main())
