"""Where the passphrase comes from: a file, standard input, or the terminal without echo. Never an argument or
the environment, which other programs can read."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from pathlib import Path

from diary.errors import DiaryError, UsageError, WeakPassphrase

_ATTEMPTS = 3


class PassphraseUnreadable(DiaryError):
    """The passphrase file cannot be read."""

    code = "passphrase-unreadable"


class _Differ(UsageError):
    """What was typed twice is not the same."""


class PassphraseSource:
    """Reads the passphrase once, before the files are sealed when it is in a file.

    :param file: path, `-` for the first line of standard input, or None for the terminal.
    :param option: that names the file on the command line.
    """

    def __init__(self, file: str | None, *, option: str = "--passphrase-file") -> None:
        self._option = option
        self._given: str | None = None
        self.interactive = file is None
        if file == "-":
            self._given = _first_line(sys.stdin.readline())
        elif file is not None:
            self._given = _read(Path(file))

    def ask(self, prompt: str = "Passphrase: ") -> str:
        """The passphrase.

        :raises diary.errors.UsageError: when there is no terminal to ask on.
        """
        if self._given is not None:
            return self._given
        if not sys.stdin.isatty():
            new = "new " if "new" in self._option else ""
            raise UsageError(
                f"A {new}passphrase is needed and there is no terminal to ask on; nothing was changed.",
                hint=f"Use {self._option} FILE, or {self._option} - to read it from standard input.",
            )
        return getpass.getpass(prompt, stream=sys.stderr)

    def ask_new(
        self, require: Callable[[str], None], *, again: Callable[[DiaryError], None] | None = None
    ) -> str:
        """A new passphrase, typed twice when it comes from the terminal.

        :param require: refuses one that is too weak, before it is typed again.
        :param again: told why one typed is refused, before it is asked for anew; None refuses at once. Who is
            not asked again types the next one at the prompt of the shell, which keeps it.
        :raises diary.errors.WeakPassphrase: or UsageError, when the last one was refused.
        """
        for _ in range(_ATTEMPTS - 1 if again is not None and self.interactive else 0):
            try:
                return self._typed_twice(require)
            except (WeakPassphrase, _Differ) as error:
                again(error)  # type: ignore[misc]  # it is there: the range is empty else
        return self._typed_twice(require)

    def _typed_twice(self, require: Callable[[str], None]) -> str:
        first = self.ask("New passphrase: ")
        require(first)
        if self.interactive and first != self.ask("Once more: "):
            raise _Differ("The two passphrases differ, so nothing was made.", hint="Try once more.")
        return first


def _first_line(text: str) -> str:
    return text.split("\n", 1)[0].rstrip("\r")


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return _first_line(file.readline(4096))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise PassphraseUnreadable(
            f"The passphrase file {path} cannot be read: {reason}. Nothing was opened.",
            hint="Name a text file whose first line is the passphrase.",
        ) from None
